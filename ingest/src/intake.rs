//! Order, duplicates and gaps: the messages of each trip once and in order, however they came.
//!
//! Networks repeat, reorder and lose. [`Intake`] holds a message that came early until those before
//! it are there, up to a bound; then it declares what is missing a gap and goes on. **A message
//! that arrives twice is dropped the second time and counted**, whatever it says, for as long as its
//! trip is open. A reading that is not later than what the same sensor of the same trip already
//! said is dropped and counted as well, so that past the intake times only go forward.
//!
//! Nothing here is an error and nothing is logged: what happened is told in counts, the [`Tally`].

mod tally;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use trip::{Batch, TripKey};

use crate::wire::{Content, Message};
pub use tally::Tally;

/// What the intake judges by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// How many early messages of one trip are held at most. A phone keeps 8 unacknowledged
    /// messages under way, so that 64 are eight windows.
    pub max_early: usize,
    /// How many gaps of one trip are remembered, to tell a late message from a repeated one.
    pub max_gaps: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_early: 64,
            max_gaps: 1024,
        }
    }
}

/// The open trips, each with what it still waits for.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    config: Config,
    trips: BTreeMap<TripKey, Order>,
}

/// What came of a message.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use]
pub struct Admitted {
    /// The messages whose turn it is now, in order of their number.
    pub ready: Vec<Message>,
    /// What else happened.
    pub tally: Tally,
}

impl Intake {
    /// An intake without trips.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            trips: BTreeMap::new(),
        }
    }

    /// Takes a message of a trip; what is ready by it.
    pub fn admit(&mut self, key: &TripKey, message: Message) -> Admitted {
        if let Some(order) = self.trips.get_mut(key) {
            return order.admit(message, &self.config);
        }
        self.trips
            .entry(key.clone())
            .or_default()
            .admit(message, &self.config)
    }

    /// Closes a trip: gives out what was held, declares what is missing, and forgets it. A message
    /// that comes later opens the trip anew.
    pub fn finish(&mut self, key: &TripKey) -> Admitted {
        let order = self.trips.remove(key);
        order.map_or_else(Admitted::default, |order| order.finish(&self.config))
    }

    /// The open trips, in a fixed order.
    pub fn open(&self) -> impl Iterator<Item = &TripKey> {
        self.trips.keys()
    }
}

/// Where one trip stands.
#[derive(Clone, Debug, Default)]
struct Order {
    /// The number whose turn it is.
    next: u32,
    /// Messages that came early.
    early: BTreeMap<u32, Message>,
    /// Gaps: first missing number → the one after the last.
    gaps: BTreeMap<u32, u32>,
    passed: Passed,
}

impl Order {
    fn admit(&mut self, message: Message, config: &Config) -> Admitted {
        let mut admitted = Admitted::default();
        let seq = message.seq;
        if seq < self.next {
            if self.is_missing(seq) {
                admitted.tally.late += 1;
            } else {
                admitted.tally.duplicates += 1;
            }
        } else if let Entry::Vacant(place) = self.early.entry(seq) {
            place.insert(message);
            self.release(&mut admitted);
        } else {
            admitted.tally.duplicates += 1;
        }
        if self.early.len() > config.max_early {
            self.skip(&mut admitted, config);
        }
        admitted
    }

    fn finish(mut self, config: &Config) -> Admitted {
        let mut admitted = Admitted::default();
        while !self.early.is_empty() {
            self.skip(&mut admitted, config);
        }
        admitted
    }

    /// Gives up waiting for what is missing before the first early message.
    fn skip(&mut self, admitted: &mut Admitted, config: &Config) {
        let Some((&first, _)) = self.early.first_key_value() else {
            return;
        };
        admitted.tally.missing += first - self.next;
        self.gaps.insert(self.next, first);
        if self.gaps.len() > config.max_gaps {
            self.gaps.pop_first();
        }
        self.next = first;
        self.release(admitted);
    }

    /// Gives out the messages whose turn it is.
    fn release(&mut self, admitted: &mut Admitted) {
        while let Some(mut message) = self.early.remove(&self.next) {
            self.next += 1;
            if let Content::Samples(batch) = &mut message.content {
                self.passed.keep_later(batch, &mut admitted.tally);
            }
            admitted.ready.push(message);
        }
    }

    fn is_missing(&self, seq: u32) -> bool {
        self.gaps
            .range(..=seq)
            .next_back()
            .is_some_and(|(_, &end)| seq < end)
    }
}

/// How far each sensor of a trip has come, µs of the phone's clock.
#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    samples_us: Option<i64>,
    rotations_us: Option<i64>,
    fixes_us: Option<i64>,
}

impl Passed {
    /// Drops the readings that are not later than what went before, one sensor at a time.
    fn keep_later(&mut self, batch: &mut Batch, tally: &mut Tally) {
        let Batch {
            samples,
            rotations,
            fixes,
            ..
        } = batch;
        tally.repeated_samples += keep_later(samples, &mut self.samples_us, |it| it.t_us);
        tally.repeated_rotations += keep_later(rotations, &mut self.rotations_us, |it| it.t_us);
        tally.repeated_fixes += keep_later(fixes, &mut self.fixes_us, |it| it.t_us);
    }
}

/// How many readings were dropped.
fn keep_later<T>(readings: &mut Vec<T>, last_us: &mut Option<i64>, time: fn(&T) -> i64) -> u64 {
    let before = readings.len();
    readings.retain(|reading| {
        let t_us = time(reading);
        let later = last_us.is_none_or(|last_us| t_us > last_us);
        if later {
            *last_us = Some(t_us);
        }
        later
    });
    (before - readings.len()) as u64
}
