//! What a closed chapter leaves of a spot: sums and counts, and nobody's name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trip::Kind;

use super::course::Condensed;
use super::log::Log;
use super::rows::Felt;
use super::said::Word;
use super::spot::{Spot, Sums};
use crate::hazard::{FeltWeek, HazardId};
use crate::said::SaidId;
use crate::tile::Point;

/// What closed chapters left of a spot. Integers and words alone, so that it is the same when it
/// was written and read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Past {
    /// The name of the hazard there.
    pub(crate) id: HazardId,
    /// It lies on the tile itself, not in its halo.
    pub(crate) own: bool,
    /// The names that were joined into it.
    pub(super) names: Vec<HazardId>,
    /// Where it was founded: mm north and east of the middle of the tile.
    pub(super) founded_mm: [i32; 2],
    /// The citizens' reports of it.
    pub(super) reports: Vec<SaidId>,
    /// Those of them that came with a spot whose days are told no longer: they do not count again.
    pub(super) mute: Vec<SaidId>,
    /// The first day on which it counts quiet passes, days since 1970.
    pub(super) since: Option<i32>,
    /// What people said before this day is in the course already, days since 1970.
    pub(super) heeded: i32,
    /// How many bumps it had.
    pub(super) bumps: u32,
    /// Where they were.
    pub(super) felt: Sums,
    /// The most precise of them: mm north and east of the founding place, σ in mm.
    pub(super) readings: Vec<Reading>,
    /// The sum of the probabilities of each kind, ten thousandths.
    pub(super) kinds: [i64; Kind::ALL.len()],
    /// How hard they were, and how often that.
    pub(super) severities: Severities,
    /// How many of a week had a severity, and the sum, mm/s².
    pub(super) weeks: Vec<(Option<i32>, u32, i64)>,
    /// How often passes felt another as well.
    pub(super) beside: Vec<(HazardId, u32)>,
    /// First and last felt, last passed: µs since 1970 UTC.
    pub(super) times_us: [Option<i64>; 3],
    /// What would be believed if everybody's word were worth the same.
    pub(super) usual: Condensed,
    /// What was heard, or what came of it.
    pub(crate) log: Log,
    /// What people said of it until then. Kept while the chapter is told, never written.
    #[serde(skip)]
    pub(super) words: Vec<(i64, Word)>,
}

/// One measured place: mm north and east of where its spot was founded, σ in mm.
pub(super) type Reading = [i32; 3];

impl Past {
    /// Where it was founded.
    pub(super) fn founded(&self) -> Point {
        Point::from_mm(self.founded_mm)
    }

    /// A past with nothing in it but a name and a place.
    pub(super) fn new(spot: &Spot, usual: Condensed, log: Log) -> Self {
        Self {
            id: spot.id,
            own: spot.own,
            names: Vec::new(),
            founded_mm: spot.founded.mm(),
            reports: Vec::new(),
            mute: Vec::new(),
            since: None,
            heeded: i32::MIN,
            bumps: 0,
            felt: spot.felt,
            readings: Vec::new(),
            kinds: [0; Kind::ALL.len()],
            severities: Severities::default(),
            weeks: Vec::new(),
            beside: Vec::new(),
            times_us: [None; 3],
            usual,
            log,
            words: Vec::new(),
        }
    }

    /// How often it was felt, vehicle-days.
    fn hits(&self) -> u32 {
        self.usual.hits()
    }

    /// Takes what another spot gathered, which is the same object. Of the days of both those are told
    /// on which it was felt more often: many of them are the same passes.
    fn absorb(&mut self, other: Self, is_pinned: bool, members: usize) {
        let apart_mm = [0, 1].map(|axis| other.founded_mm[axis] - self.founded_mm[axis]);
        self.felt.absorb(&other.felt, apart_mm.map(i64::from));
        let moved = |reading: &Reading| {
            let [north_mm, east_mm, sigma_mm] = *reading;
            [north_mm + apart_mm[0], east_mm + apart_mm[1], sigma_mm]
        };
        self.readings.extend(other.readings.iter().map(moved));
        self.readings.sort_by_key(|reading| reading[2]);
        self.readings.truncate(members.max(1));
        self.bumps += other.bumps;
        for (sum, more) in self.kinds.iter_mut().zip(other.kinds) {
            *sum += more;
        }
        self.severities.absorb(&other.severities);
        for &(monday, count, sum) in &other.weeks {
            add_week(&mut self.weeks, monday, count, sum);
        }
        self.since = [self.since, other.since].into_iter().flatten().min();
        let first = [self.times_us[0], other.times_us[0]];
        self.times_us[0] = first.into_iter().flatten().min();
        for index in [1, 2] {
            self.times_us[index] = self.times_us[index].max(other.times_us[index]);
        }
        if !is_pinned && other.hits() > self.hits() {
            self.mute.extend(&self.reports);
            (self.usual, self.log, self.heeded) = (other.usual, other.log, other.heeded);
        } else {
            self.mute.extend(&other.reports);
        }
        self.names.extend(other.names);
        self.mute.extend(other.mute);
        self.beside.extend(other.beside);
        self.reports.extend(other.reports);
    }
}

impl Spot {
    /// Takes what closed chapters left of another spot, which is the same object.
    pub(super) fn take_past(&mut self, other: Past, members: usize) {
        match &mut self.past {
            Some(past) => past.absorb(other, self.pinned, members),
            None => {
                let mut past = Past::new(self, other.usual.clone(), other.log.clone());
                past.felt = Sums::default();
                past.heeded = other.heeded;
                past.absorb(other, false, members);
                past.mute.clear();
                self.past = Some(Box::new(past));
            }
        }
    }
}

/// Adds to what is known of a week.
pub(super) fn add_week(
    weeks: &mut Vec<(Option<i32>, u32, i64)>,
    monday: Option<i32>,
    count: u32,
    sum_mmps2: i64,
) {
    let index = weeks.partition_point(|(other, ..)| *other < monday);
    match weeks.get_mut(index) {
        Some(week) if week.0 == monday => {
            week.1 += count;
            week.2 += sum_mmps2;
        }
        _ => weeks.insert(index, (monday, count, sum_mmps2)),
    }
}

/// Weeks with how hard they were felt alone.
pub(super) fn felt_weeks(weeks: Vec<(Option<i32>, u32, i64)>) -> Vec<FeltWeek> {
    let week = |(monday, severities, severity_sum_mmps2)| FeltWeek {
        monday,
        hits: 0,
        passes: 0,
        severities,
        severity_sum_mmps2,
    };
    weeks.into_iter().map(week).collect()
}

/// How hard bumps were, in hundredths of 1 m/s², and how many were that hard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Severities(BTreeMap<u16, u32>);

impl Severities {
    /// Adds a bump, if it has a severity.
    pub(super) fn add(&mut self, felt: &Felt) {
        if let Some(severity_mps2) = felt.severity_mps2 {
            let hundredths = (f64::from(severity_mps2) * 100.0).round() as u16;
            *self.0.entry(hundredths).or_default() += 1;
        }
    }

    fn absorb(&mut self, other: &Self) {
        for (&hundredths, &count) in &other.0 {
            *self.0.entry(hundredths).or_default() += count;
        }
    }

    /// The middle one in m/s², or the mean of the two in the middle.
    pub(super) fn median_mps2(&self) -> Option<f64> {
        let count: u64 = self.0.values().map(|&count| u64::from(count)).sum();
        let at = |index: u64| {
            let mut until = 0;
            let mut found = self.0.iter().filter(|(_, count)| {
                until += u64::from(**count);
                until > index
            });
            found
                .next()
                .map(|(&hundredths, _)| f64::from(hundredths) / 100.0)
        };
        let (lower, upper) = (at(count.checked_sub(1)? / 2)?, at(count / 2)?);
        Some((lower + upper) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn severities(counts: &[(u16, u32)]) -> Severities {
        Severities(counts.iter().copied().collect())
    }

    #[test]
    fn the_median_is_the_middle_one_or_lies_between_the_two_in_the_middle() {
        assert_eq!(severities(&[]).median_mps2(), None);
        assert_eq!(severities(&[(550, 1)]).median_mps2(), Some(5.5));
        assert_eq!(severities(&[(100, 1), (300, 1)]).median_mps2(), Some(2.0));
        assert_eq!(severities(&[(100, 2), (300, 1)]).median_mps2(), Some(1.0));
        assert_eq!(severities(&[(100, 2), (300, 3)]).median_mps2(), Some(3.0));
    }

    #[test]
    fn weeks_stay_in_order_whenever_they_are_told() {
        let mut weeks = Vec::new();
        for monday in [Some(14), Some(0), None, Some(14)] {
            add_week(&mut weeks, monday, 1, 10);
        }
        assert_eq!(weeks, [(None, 1, 10), (Some(0), 1, 10), (Some(14), 2, 20)]);
    }
}
