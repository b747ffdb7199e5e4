//! The facts of a map, and what they say.
//!
//! The ledger holds facts and nothing that is derived from them; [`Ledger::project`] hands them to
//! the fold. It keeps all of them in memory: for maps of a few thousand trips, and as the plain
//! counterpart that the store is tested against.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;

use trip::Generation;

use crate::config::Config;
use crate::evidence::{Fact, Recorded};
use crate::fold::{self, ALL_BANDS, BumpRow, Entry, Evidence, Roll, Rows, StretchRow, Told};
use crate::identity::TripHash;
use crate::said::{KnownFeature, Said};
use crate::stamp::Stamp;
use crate::zone::Zone;

pub use crate::fold::Projection;

/// The facts of a map, each trip once.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    config: Config,
    facts: BTreeMap<(Stamp, TripHash), Fact>,
    stamps: HashMap<TripHash, Stamp>,
    said: Vec<Said>,
    features: Vec<KnownFeature>,
    zone: Zone,
}

impl Ledger {
    /// An empty ledger that judges by `config`.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// The same, where days are counted in `zone`, as they are in its facts.
    pub fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
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
        let told = told.in_zone(&self.zone);
        match fold::project(self, &told, as_of_us, &self.config) {
            Ok(projection) => projection,
            Err(never) => match never {},
        }
    }
}

/// Facts are numbered in canonical order.
impl Evidence for Ledger {
    type Error = Infallible;

    fn entries(&self) -> Result<Vec<Entry>, Infallible> {
        let mut generations: HashMap<&Generation, u16> = HashMap::new();
        let entries = (0..).zip(self.facts()).map(|(number, fact)| Entry {
            stamp: fact.stamp,
            trip: fact.trip,
            driver: fact.driver,
            number,
            last_us: fact.last_us,
            generation: {
                let next = u16::try_from(generations.len()).unwrap_or(u16::MAX);
                *(generations.entry(&fact.edition.generation)).or_insert(next)
            },
        });
        Ok(entries.collect())
    }

    fn groups(&self) -> Result<Vec<(i32, i32)>, Infallible> {
        Ok(vec![ALL_BANDS])
    }

    fn gather(&self, roll: &Roll, rows: &mut Rows<'_>) -> Result<(), Infallible> {
        for (number, fact) in (0..).zip(self.facts()) {
            if let Some(rank) = roll.rank(number) {
                gather(rows, rank, fact);
            }
        }
        Ok(())
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
