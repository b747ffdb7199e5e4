//! Who is slowed down: addresses that show wrong secrets, try wrong codes, or enrol without end.
//!
//! A phone's address is its carrier's, and shared by thousands; so an address loses nothing by what it gets
//! right. A right secret is let in whatever came from beside it: to check one costs a microsecond, and
//! nobody finds 160 bits by trying, with or without a pause. What the pause takes from those who show wrong
//! secrets is their answer. Codes have fewer bits and are typed by hand: there the pause holds all.
//!
//! Nothing here is written down anywhere, and all of it is forgotten within minutes of silence. Time is an
//! argument.
//!
//! ```
//! use ingest::devices::slow::{Pauses, Rules};
//!
//! let mut pauses = Pauses::new(Rules::default());
//! let (address, mut now_us) = ("192.0.2.7".parse()?, 0);
//! for _ in 0..5 {
//!     assert_eq!(pauses.left_s(address, now_us), 0);
//!     pauses.wrong(address, now_us);
//! }
//! assert_eq!(pauses.left_s(address, now_us), 1);
//! now_us += 1_000_000;
//! assert_eq!(pauses.left_s(address, now_us), 0);
//! pauses.wrong(address, now_us);
//! assert_eq!(pauses.left_s(address, now_us), 2);
//! # Ok::<(), std::net::AddrParseError>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// When a pause begins, and how long it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// So many wrong ones within a minute are slips. 5: as many as a person makes with an old poster.
    pub slips: u32,
    /// The longest pause, seconds. 300: within it nobody gets further, and an honest neighbour waits no
    /// longer.
    pub longest_s: u32,
    /// So many addresses are remembered, those that came last; some 100 bytes each.
    pub remembered: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            slips: 5,
            longest_s: 300,
            remembered: 100_000,
        }
    }
}

/// Pauses of addresses that got something wrong: 1, 2, 4 … seconds, each time one more wrong one follows the
/// pause. A minute after its last pause an address is new again.
#[derive(Debug)]
pub struct Pauses {
    rules: Rules,
    memory: Memory<Slips>,
}

#[derive(Clone, Copy, Debug)]
struct Slips {
    /// When the first of them came.
    since_us: i64,
    /// How many there were since.
    wrong: u32,
    /// How many pauses there were.
    pauses: u32,
    /// When the last pause is over.
    until_us: i64,
}

const SECOND_US: i64 = 1_000_000;
const MINUTE_US: i64 = 60 * SECOND_US;

impl Pauses {
    /// Nobody is slowed down yet.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            memory: Memory::new(rules.remembered),
        }
    }

    /// How many seconds of a pause are left to an address, rounded up; 0: none.
    pub fn left_s(&self, address: IpAddr, now_us: i64) -> u32 {
        let until_us = self
            .memory
            .of(address)
            .map_or(now_us, |slips| slips.until_us);
        let left_us = until_us.saturating_sub(now_us).max(0);
        left_us.unsigned_abs().div_ceil(SECOND_US as u64) as u32
    }

    /// Remembers that an address got something wrong. Within a pause that changes nothing: whoever does not
    /// hear of the pause does not make it longer.
    pub fn wrong(&mut self, address: IpAddr, now_us: i64) {
        let new = Slips {
            since_us: now_us,
            wrong: 0,
            pauses: 0,
            until_us: now_us,
        };
        let known = self.memory.of(address).copied();
        let mut slips = known
            .filter(|slips| now_us < slips.until_us.max(slips.since_us) + MINUTE_US)
            .unwrap_or(new);
        if now_us < slips.until_us {
            return;
        }
        slips.wrong = slips.wrong.saturating_add(1);
        if self.rules.slips <= slips.wrong {
            let seconds = 1_i64.checked_shl(slips.pauses).unwrap_or(i64::MAX);
            let seconds = seconds.min(self.rules.longest_s.into());
            slips.pauses = (slips.pauses + 1).min(32);
            slips.until_us = now_us + seconds * SECOND_US;
        }
        self.memory.keep(address, slips, now_us);
    }
}

/// So many times an hour, and no more: a bucket an address that holds an hour's worth and fills evenly.
#[derive(Debug)]
pub struct Hourly {
    most: u32,
    memory: Memory<Bucket>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// How much of it was used, µs of an hour.
    used_us: i64,
    at_us: i64,
}

const HOUR_US: i64 = 60 * MINUTE_US;

impl Hourly {
    /// So many times an hour for each of so many addresses as are remembered.
    pub fn new(most: u32, remembered: usize) -> Self {
        Self {
            most: most.max(1),
            memory: Memory::new(remembered),
        }
    }

    /// Takes one of an address's turns.
    ///
    /// # Errors
    /// How many seconds are left until its next one.
    pub fn take(&mut self, address: IpAddr, now_us: i64) -> Result<(), u32> {
        let one_us = HOUR_US / i64::from(self.most);
        let used_us = self.memory.of(address).map_or(0, |bucket| {
            let filled_us = now_us.saturating_sub(bucket.at_us).max(0);
            bucket.used_us.saturating_sub(filled_us).max(0)
        });
        let over_us = used_us + one_us - HOUR_US;
        if over_us > 0 {
            return Err(over_us.unsigned_abs().div_ceil(SECOND_US as u64) as u32);
        }
        let used_us = used_us + one_us;
        let bucket = Bucket {
            used_us,
            at_us: now_us,
        };
        self.memory.keep(address, bucket, now_us);
        Ok(())
    }
}

/// What one subscriber has: an IPv4 address, or the first 64 bits of an IPv6 one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    V4(u32),
    V6(u64),
}

impl From<IpAddr> for Line {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.to_bits()),
            IpAddr::V6(address) => Self::V6((address.to_bits() >> 64) as u64),
        }
    }
}

/// Something about each of the addresses that came last.
#[derive(Debug)]
struct Memory<T> {
    most: usize,
    known: BTreeMap<Line, (T, i64)>,
    by_time: BTreeSet<(i64, Line)>,
}

impl<T> Memory<T> {
    fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            known: BTreeMap::new(),
            by_time: BTreeSet::new(),
        }
    }

    fn of(&self, address: IpAddr) -> Option<&T> {
        self.known.get(&address.into()).map(|(value, _)| value)
    }

    fn keep(&mut self, address: IpAddr, value: T, now_us: i64) {
        let line = address.into();
        if let Some((_, before_us)) = self.known.insert(line, (value, now_us)) {
            self.by_time.remove(&(before_us, line));
        }
        self.by_time.insert((now_us, line));
        if self.most < self.known.len()
            && let Some((_, oldest)) = self.by_time.pop_first()
        {
            self.known.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Shows a wrong one as soon as it may; says how long each pause was, seconds.
    fn pauses(times: usize) -> Vec<u32> {
        let (mut pauses, mut now_us) = (Pauses::new(Rules::default()), 0);
        let one = address("192.0.2.7");
        let tries = (0..times).map(|_| {
            pauses.wrong(one, now_us);
            let left_s = pauses.left_s(one, now_us);
            now_us += i64::from(left_s) * SECOND_US;
            left_s
        });
        tries.collect()
    }

    #[test]
    fn a_pause_doubles_up_to_five_minutes() {
        let expected = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300];
        assert_eq!(pauses(16), expected);
        assert_eq!(pauses(60)[59], 300);
    }

    #[test]
    fn a_slip_now_and_then_is_forgotten() {
        let mut pauses = Pauses::new(Rules::default());
        let one = address("192.0.2.7");
        for second in 0..1000 {
            let now_us = second * 20 * SECOND_US;
            pauses.wrong(one, now_us);
            assert_eq!(pauses.left_s(one, now_us), 0, "{second}");
        }
    }

    #[test]
    fn a_minute_after_its_last_pause_an_address_is_new_again() {
        let mut pauses = Pauses::new(Rules::default());
        let one = address("192.0.2.7");
        (0..5).for_each(|_| pauses.wrong(one, 0));
        assert_eq!(pauses.left_s(one, 0), 1);
        let later_us = 61 * SECOND_US;
        (0..4).for_each(|_| pauses.wrong(one, later_us));
        assert_eq!(pauses.left_s(one, later_us), 0);
    }

    #[test]
    fn hammering_within_a_pause_does_not_make_it_longer() {
        let mut pauses = Pauses::new(Rules::default());
        let one = address("192.0.2.7");
        (0..10_000).for_each(|_| pauses.wrong(one, 0));
        assert_eq!(pauses.left_s(one, 0), 1);
    }

    #[test]
    fn the_addresses_of_one_subscriber_are_one_and_of_two_are_two() {
        let mut pauses = Pauses::new(Rules::default());
        (0..5).for_each(|i| pauses.wrong(address(&format!("2001:db8::{i}")), 0));
        (0..5).for_each(|_| pauses.wrong(address("::ffff:192.0.2.7"), 0));
        for (text, left_s) in [
            ("2001:db8::ffff", 1),
            ("2001:db8:0:1::1", 0),
            ("192.0.2.7", 1),
            ("192.0.2.8", 0),
        ] {
            assert_eq!(pauses.left_s(address(text), 0), left_s, "{text}");
        }
    }

    #[test]
    fn as_many_addresses_are_remembered_as_is_said_and_the_last_ones() {
        let rules = Rules {
            remembered: 100,
            ..Rules::default()
        };
        let mut pauses = Pauses::new(rules);
        for i in 0..1000_u32 {
            let one = IpAddr::V4(i.into());
            (0..5).for_each(|_| pauses.wrong(one, i.into()));
        }
        assert_eq!(
            (pauses.memory.known.len(), pauses.memory.by_time.len()),
            (100, 100)
        );
        let left_s = |i: u32| pauses.left_s(IpAddr::V4(i.into()), 1000);
        assert_eq!((left_s(899), left_s(900), left_s(999)), (0, 1, 1));
    }

    #[test]
    fn an_hour_has_so_many_turns() {
        let mut turns = Hourly::new(60, 10);
        let one = address("192.0.2.7");
        for _ in 0..60 {
            assert_eq!(turns.take(one, 0), Ok(()));
        }
        assert_eq!(turns.take(one, 0), Err(60));
        assert_eq!(turns.take(one, 59 * SECOND_US), Err(1));
        assert_eq!(turns.take(one, 60 * SECOND_US), Ok(()));
        assert_eq!(turns.take(one, 60 * SECOND_US), Err(60));
        assert_eq!(turns.take(address("192.0.2.8"), 0), Ok(()));
    }
}
