//! Whose fact comes when: the facts in canonical order, with their drivers told apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::evidence::Fact;
use crate::identity::Driver;
use crate::stamp::{Season, Stamp};

/// A fact at its place in the canonical order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Witness<'a> {
    /// What was said.
    pub(super) fact: &'a Fact,
    /// Who said it.
    pub(super) who: Who,
    /// The day it counts for.
    pub(super) day: Day,
}

/// A driver in one season, numbered by first appearance: nothing of the pseudonym itself, which
/// depends on a secret key, reaches an order or an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Who {
    /// The season of the pseudonym.
    pub(super) season: Season,
    /// The driver's number.
    pub(super) number: usize,
}

/// A day on which a driver counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Day {
    /// Days since 1970-01-01 UTC.
    Dated(i32),
    /// The day of an undated trip, its own: the number of its witness.
    Undated(usize),
}

/// Drivers who agree on something. Pseudonyms of two seasons may hide one device, so drivers are
/// counted within a season only.
#[derive(Clone, Debug, Default)]
pub(super) struct Drivers(BTreeMap<Season, BTreeSet<usize>>);

impl Drivers {
    /// Adds a driver.
    pub(super) fn insert(&mut self, who: Who) {
        self.0.entry(who.season).or_default().insert(who.number);
    }

    /// Distinct drivers: the most in any one season.
    pub(super) fn count(&self) -> u32 {
        let most = self.0.values().map(BTreeSet::len).max().unwrap_or(0);
        u32::try_from(most).unwrap_or(u32::MAX)
    }

    /// Forgets everybody.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The witnesses of facts that come in canonical order.
pub(super) fn line_up<'a>(facts: impl Iterator<Item = &'a Fact>) -> Vec<Witness<'a>> {
    let mut numbers: HashMap<(Season, Driver), usize> = HashMap::new();
    let mut witnesses = Vec::new();
    for fact in facts {
        let season = fact.stamp.season();
        let next = numbers.len();
        let number = *numbers.entry((season, fact.driver)).or_insert(next);
        let day = match fact.stamp {
            Stamp::Day(day) => Day::Dated(day),
            Stamp::Undated => Day::Undated(witnesses.len()),
        };
        witnesses.push(Witness {
            fact,
            who: Who { season, number },
            day,
        });
    }
    witnesses
}
