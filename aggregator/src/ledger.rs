//! The facts of a map, and what they say.
//!
//! The ledger holds facts and nothing that is derived from them; [`Ledger::project`] hands them to
//! the fold. It keeps all of them in memory: for maps of a few thousand trips, and as the plain
//! counterpart that the store is tested against.

use std::collections::{BTreeMap, HashMap};

use crate::config::Config;
use crate::coverage::Coverage;
use crate::evidence::{Fact, Recorded};
use crate::fold::{self, BumpRow, Entry, Roll, Rows, StretchRow, Told};
use crate::hazard::{Hazard, HazardId};
use crate::identity::TripHash;
use crate::said::{KnownFeature, Said};
use crate::stamp::{Stamp, day_of};

/// The facts of a map, each trip once.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    config: Config,
    facts: BTreeMap<(Stamp, TripHash), Fact>,
    stamps: HashMap<TripHash, Stamp>,
    said: Vec<Said>,
    features: Vec<KnownFeature>,
}

/// What the facts say, seen from one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// The moment: µs since 1970 UTC; `None` when no evidence has a date.
    pub as_of_us: Option<i64>,
    /// Every hazard, tile by tile, in spatial order.
    pub hazards: Vec<Hazard>,
    /// Names that were joined into others: which, into which.
    pub joined: Vec<(HazardId, HazardId)>,
    /// Every cell that anybody passed, in spatial order.
    pub coverage: Vec<Coverage>,
}

impl Ledger {
    /// An empty ledger that judges by `config`.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// Takes a fact in, unless what stands of its trip stands above it.
    pub fn record(&mut self, fact: Fact) -> Recorded {
        let mut recorded = Recorded::Added;
        if let Some(&stamp) = self.stamps.get(&fact.trip) {
            let standing = &self.facts[&(stamp, fact.trip)];
            recorded = standing.edition.verdict_on(&fact.edition);
            if !recorded.changed() {
                return recorded;
            }
            self.facts.remove(&(stamp, fact.trip));
        }
        self.stamps.insert(fact.trip, fact.stamp);
        self.facts.insert((fact.stamp, fact.trip), fact);
        recorded
    }

    /// The facts in canonical order.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// The latest time of any dated evidence, µs since 1970 UTC.
    pub fn newest_us(&self) -> Option<i64> {
        self.facts()
            .filter_map(|fact| fact.stamp.dated_us(fact.last_us))
            .max()
    }

    /// Takes in what somebody said; saying it twice is saying it once.
    pub fn say(&mut self, said: Said) {
        if !self.said.iter().any(|known| known.id == said.id) {
            self.said.push(said);
        }
    }

    /// Takes a layer of known features in place of the one before.
    pub fn know(&mut self, features: Vec<KnownFeature>) {
        self.features = features;
    }

    /// What the facts stamped up to the day of `as_of_us` say, seen from that moment; without one,
    /// what all of them say, seen from the newest dated evidence. Undated facts always count.
    pub fn project(&self, as_of_us: Option<i64>) -> Projection {
        let told = Told::new(self.said.clone(), self.features.clone(), as_of_us);
        let newest_us = || self.newest_us().max(told.newest_seen_us());
        let as_of_us = as_of_us.or_else(newest_us);
        let as_of_day = as_of_us.map(day_of);
        let heard: Vec<&Fact> = (self.facts())
            .filter(|fact| fact.stamp.day().is_none_or(|day| Some(day) <= as_of_day))
            .collect();
        let entries = (0..).zip(&heard).map(|(number, fact)| Entry {
            stamp: fact.stamp,
            trip: fact.trip,
            driver: fact.driver,
            number,
        });
        let roll = Roll::of(entries.collect(), &self.config.rates);
        let mut rows = Rows::of_bands(&self.config, (i32::MIN, i32::MAX));
        told.tiles().for_each(|tile| rows.tile(tile));
        for (number, fact) in (0..).zip(heard) {
            if let Some(rank) = roll.rank(number) {
                gather(&mut rows, rank, fact);
            }
        }
        let mut projection = Projection {
            as_of_us,
            ..Projection::default()
        };
        for rows in rows.tiles() {
            let folded = fold::tile(&rows, &roll, &told, as_of_day, &self.config);
            projection.hazards.extend(folded.hazards);
            projection.joined.extend(folded.joined);
            projection.coverage.extend(folded.coverage);
        }
        (projection.coverage).sort_by_key(|cell| (cell.cell, cell.octant, cell.week));
        projection
    }
}

/// Adds the rows of one fact.
fn gather(rows: &mut Rows<'_>, rank: u32, fact: &Fact) {
    for (number, bump) in (0..).zip(&fact.report.bumps) {
        if let Some(place) = bump.place {
            rows.bump(&BumpRow {
                rank,
                number,
                peak_us: bump.peak_us,
                position: place.position,
                sigma_m: place.sigma_m,
                heading: place.heading,
                severity_mps2: bump.severity_mps2,
                kind_probability: bump.kind_probability,
            });
        }
    }
    for (number, stretch) in (0..).zip(&fact.report.stretches) {
        rows.stretch(&StretchRow {
            rank,
            number,
            able: stretch.able,
            sigma_m: stretch.sigma_m,
            rms_mps2: stretch.roughness.as_ref().map(|rough| rough.rms_mps2),
            speed_mps: stretch.speed.map(trip::Speed::mps),
            path: &stretch.path,
        });
    }
}

#[cfg(test)]
mod tests;
