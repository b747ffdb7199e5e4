//! Acks: what a server says it has of a trip, and the set of numbers behind it.
//!
//! An ack is cumulative and idempotent: it may be lost, repeated or overtaken without harm. Both
//! sides of the contract use this module: the server to say what it has, a collector to learn what
//! it may delete.
//!
//! ```
//! use ingest::ack::{Ack, SeqSet};
//!
//! let mut stored = SeqSet::default();
//! for seq in [0, 1, 2, 4] {
//!     assert!(stored.insert(seq));
//! }
//! assert!(!stored.insert(1), "a second one");
//! let ack = Ack::of("00ff00000000000000000000000000a7".parse()?, &stored);
//! let json = r#"{"trip":"00ff00000000000000000000000000a7","upto":2,"also":[[4,4]]}"#;
//! assert_eq!(ack.to_json(), json.as_bytes());
//! assert!(ack.covers(4) && !ack.covers(3));
//! # Ok::<(), trip::IdError>(())
//! ```

use serde::{Deserialize, Serialize};
use trip::TripId;

/// What a server has of one trip, as it stands on the wire (`WIRE.md`, Acks).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The trip, 32 lower-case hexadecimal digits; left out where the message did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trip: Option<String>,
    /// Everything up to this number is stored or refused; left out when number 0 is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upto: Option<u32>,
    /// Later ones that are stored or refused as well: first and last of each run, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<[u32; 2]>,
    /// What was refused just now, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nack: Vec<Nack>,
    /// The server's clock, µs since 1970 UTC; in answers to `hello`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_us: Option<i64>,
}

/// A message that was refused: it is not sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nack {
    /// Its number; left out where the message did not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u32>,
    /// A code of `WIRE.md`, Refusals.
    pub reason: String,
}

impl Ack {
    /// The ack that says what of a trip is there.
    pub fn of(trip: TripId, stored: &SeqSet) -> Self {
        Self {
            trip: Some(trip.to_string()),
            upto: stored.upto(),
            also: stored.also().to_vec(),
            ..Self::default()
        }
    }

    /// Whether a collector may delete that message.
    pub fn covers(&self, seq: u32) -> bool {
        let within = |[first, last]: &[u32; 2]| (*first..=*last).contains(&seq);
        self.upto.is_some_and(|upto| seq <= upto)
            || self.also.iter().any(within)
            || self.nack.iter().any(|nack| nack.seq == Some(seq))
    }

    /// The ack as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an ack is plain numbers and text")
    }
}

/// A set of message numbers: all up to one, and a few runs beyond it.
///
/// Phones send in order, so that there is hardly ever a run; how many there may be is bounded by
/// whoever inserts ([`SeqSet::runs_with`]).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeqSet {
    /// How many numbers from 0 on are in without a gap.
    next: u32,
    /// Runs beyond, in order, neither touching nor overlapping.
    also: Vec<[u32; 2]>,
}

impl SeqSet {
    /// Whether the number is in.
    pub fn contains(&self, seq: u32) -> bool {
        seq < self.next || self.also.iter().any(|[a, b]| (*a..=*b).contains(&seq))
    }

    /// Puts a number in; `false` if it was there.
    pub fn insert(&mut self, seq: u32) -> bool {
        if self.contains(seq) {
            return false;
        }
        let at = self.also.partition_point(|[_, last]| *last < seq);
        self.also.insert(at, [seq, seq]);
        if at + 1 < self.also.len() && self.also[at + 1][0] == seq + 1 {
            self.also[at][1] = self.also.remove(at + 1)[1];
        }
        if 0 < at && self.also[at - 1][1] + 1 == seq {
            self.also[at - 1][1] = self.also.remove(at)[1];
        }
        if self.also[0][0] == self.next {
            self.next = self.also.remove(0)[1] + 1;
        }
        true
    }

    /// How many runs there would be with that number in.
    pub fn runs_with(&self, seq: u32) -> usize {
        let touches =
            seq <= self.next || self.also.iter().any(|[a, b]| *a <= seq + 1 && seq <= b + 1);
        self.also.len() + usize::from(!touches)
    }

    /// Everything up to this number is in; `None` when number 0 is not.
    pub fn upto(&self) -> Option<u32> {
        self.next.checked_sub(1)
    }

    /// The runs beyond, first and last number of each.
    pub fn also(&self) -> &[[u32; 2]] {
        &self.also
    }

    /// How many numbers are in.
    pub fn len(&self) -> u64 {
        let runs = self.also.iter().map(|[a, b]| u64::from(b - a) + 1);
        u64::from(self.next) + runs.sum::<u64>()
    }

    /// The set as bytes: how many without a gap, how many runs, the runs; 32 bits each, little-endian.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let runs = self.also.iter().flatten().copied();
        [self.next, self.also.len() as u32]
            .into_iter()
            .chain(runs)
            .flat_map(u32::to_le_bytes)
            .collect()
    }

    /// The set at the start of some bytes, and how many those are.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<(Self, usize)> {
        let number = |i: usize| {
            let word = bytes.get(4 * i..4 * i + 4)?;
            Some(u32::from_le_bytes(word.try_into().ok()?))
        };
        let (next, runs) = (number(0)?, number(1)? as usize);
        let run = |i: usize| Some([number(2 + 2 * i)?, number(3 + 2 * i)?]);
        let also = (0..runs).map(run).collect::<Option<_>>()?;
        Some((Self { next, also }, 8 + 8 * runs))
    }

    /// Puts all numbers of another set in.
    pub(crate) fn extend(&mut self, other: &Self) {
        self.next = self.next.max(other.next);
        let mut runs: Vec<[u32; 2]> = self.also.iter().chain(&other.also).copied().collect();
        runs.sort_unstable();
        self.also.clear();
        for [first, last] in runs {
            if first <= self.next {
                self.next = self.next.max(last + 1);
            } else if let Some(before) = self.also.last_mut()
                && first <= before[1] + 1
            {
                before[1] = before[1].max(last);
            } else {
                self.also.push([first, last]);
            }
        }
    }

    /// Whether no number is in.
    pub fn is_empty(&self) -> bool {
        self.next == 0 && self.also.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn a_set_of_numbers_is_a_set(numbers in prop::collection::vec(0_u32..40, 0..80)) {
            let (mut set, mut plain) = (SeqSet::default(), BTreeSet::new());
            for seq in numbers {
                let runs = set.runs_with(seq);
                prop_assert_eq!(set.insert(seq), plain.insert(seq));
                prop_assert!(set.also().len() <= runs);
            }
            for seq in 0..42 {
                prop_assert_eq!(set.contains(seq), plain.contains(&seq));
            }
            prop_assert_eq!(set.len(), plain.len() as u64);
            let apart = set.also().windows(2).all(|pair| pair[0][1] + 1 < pair[1][0]);
            prop_assert!(apart);
            let bytes = set.to_bytes();
            prop_assert_eq!(SeqSet::from_bytes(&bytes), Some((set, bytes.len())));
        }

        #[test]
        fn two_sets_are_one(
            a in prop::collection::vec(0_u32..40, 0..30),
            b in prop::collection::vec(0_u32..40, 0..30),
        ) {
            let set = |numbers: &[u32]| {
                let mut set = SeqSet::default();
                numbers.iter().for_each(|&seq| {
                    set.insert(seq);
                });
                set
            };
            let mut both = set(&a);
            both.extend(&set(&b));
            prop_assert_eq!(both, set(&[a, b].concat()));
        }
    }
}
