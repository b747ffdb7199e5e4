//! The facts of a map, and what they say.
//!
//! The ledger holds facts and nothing that is derived from them; [`Ledger::project`] hands them to
//! the fold. It keeps all of them in memory: for maps of a few thousand trips, and as the plain
//! counterpart that the store is tested against.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;

use trip::Generation;

use crate::config::Config;
use crate::coverage::Coverage;
use crate::evidence::{Fact, Recorded};
use crate::fold::{
    self, BumpRow, Chapter, Entry, Evidence, Lesson, Roll, Rows, Sealed, StretchRow, Told,
};
use crate::identity::TripHash;
use crate::said::{KnownFeature, Said, SaidId};
use crate::stamp::Stamp;
use crate::tile::{Tile, Tiles};
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
    past: Past,
}

/// What is left of the facts that were sealed.
#[derive(Clone, Debug, Default)]
struct Past {
    before: Option<i32>,
    newest_us: Option<i64>,
    lessons: Vec<(Generation, i32, Lesson)>,
    spots: Vec<(Tile, fold::Past)>,
    said: BTreeSet<SaidId>,
    coverage: Vec<Coverage>,
    trips: BTreeSet<TripHash>,
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
        if self.past.trips.contains(&fact.trip) {
            return Recorded::Sealed;
        }
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
        match fold::project(self, &self.told(as_of_us), as_of_us, &self.config) {
            Ok(mut projection) => {
                let sealed = self.past.coverage.iter().copied();
                projection.coverage = fold::add(projection.coverage.into_iter().chain(sealed));
                projection
            }
            Err(never) => match never {},
        }
    }

    /// Seals what is stamped before the chapter that `day` lies in: what it says stays, in sums; the
    /// facts go. Says how many.
    pub fn seal(&mut self, day: i32) -> usize {
        let Some(before) = Chapter::of_day(day).begins() else {
            return 0;
        };
        if self.past.before.is_some_and(|sealed| before <= sealed) {
            return 0;
        }
        let generations = self.generations();
        let settled = match fold::seal(self, &self.told(None), before, &self.config) {
            Ok(settled) => settled,
            Err(never) => match never {},
        };
        let undated = settled.undated;
        let is_sealed = |stamp: Stamp| stamp.day().map_or(undated, |day| day < before);
        let named = |(number, week, lesson)| {
            let generation: &Generation = generations[usize::from(number)];
            (generation.clone(), week, lesson)
        };
        let lessons = settled.lessons.into_iter().map(named).collect();
        let sealed = self.facts.values().filter(|fact| is_sealed(fact.stamp));
        let newest_us = sealed.filter_map(|fact| fact.stamp.dated_us(fact.last_us, &self.zone));
        let newest_us = newest_us.max();
        let past = &mut self.past;
        past.before = Some(before);
        past.newest_us = past.newest_us.max(newest_us);
        past.lessons = lessons;
        past.spots = settled.pasts;
        past.said = settled.said;
        let coverage = past.coverage.drain(..).chain(settled.coverage);
        past.coverage = fold::add(coverage);
        let standing = self.facts.len();
        (self.facts).retain(|&(stamp, trip), _| {
            if is_sealed(stamp) {
                self.stamps.remove(&trip);
                past.trips.insert(trip);
            }
            !is_sealed(stamp)
        });
        standing - self.facts.len()
    }

    fn told(&self, as_of_us: Option<i64>) -> Told {
        let told = Told::new(self.said.clone(), self.features.clone(), as_of_us);
        let told = told.in_zone(&self.zone);
        told.sealed(self.past.before, self.past.said.clone())
    }

    /// Every detector, numbered.
    fn generations(&self) -> Vec<&Generation> {
        let of_facts = self.facts().map(|fact| &fact.edition.generation);
        let sealed = self.past.lessons.iter().map(|(generation, ..)| generation);
        let all: BTreeSet<&Generation> = of_facts.chain(sealed).collect();
        all.into_iter().collect()
    }
}

/// The number of a detector.
fn index_of(generations: &[&Generation], generation: &Generation) -> u16 {
    let index = generations.binary_search(&generation);
    u16::try_from(index.unwrap_or_else(|index| index)).unwrap_or(u16::MAX)
}

/// Facts are numbered in canonical order.
impl Evidence for Ledger {
    type Error = Infallible;

    fn entries(&self) -> Result<Vec<Entry>, Infallible> {
        let generations = self.generations();
        let entries = (0..).zip(self.facts()).map(|(number, fact)| Entry {
            stamp: fact.stamp,
            trip: fact.trip,
            driver: fact.driver,
            number,
            last_us: fact.last_us,
            generation: index_of(&generations, &fact.edition.generation),
        });
        Ok(entries.collect())
    }

    fn sealed(&self) -> Result<Sealed, Infallible> {
        let generations = self.generations();
        let lesson = |(generation, week, lesson): &(Generation, i32, Lesson)| {
            (index_of(&generations, generation), *week, *lesson)
        };
        Ok(Sealed {
            before: self.past.before,
            newest_us: self.past.newest_us,
            lessons: self.past.lessons.iter().map(lesson).collect(),
        })
    }

    fn groups(&self) -> Result<Vec<Tiles>, Infallible> {
        Ok(vec![Tiles::ALL])
    }

    fn gather(&self, roll: &Roll, rows: &mut Rows<'_>) -> Result<(), Infallible> {
        for (number, fact) in (0..).zip(self.facts()) {
            if let Some(rank) = roll.rank(number) {
                gather(rows, rank, fact);
            }
        }
        for (tile, past) in &self.past.spots {
            rows.past(*tile, past.clone());
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
