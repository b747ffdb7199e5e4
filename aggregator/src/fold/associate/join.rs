//! Two spots that turn out to be one.

use std::collections::{BTreeSet, HashMap};

use super::super::grid::{Grid, REACH_M};
use super::super::place::Settled;
use super::super::rows::{TileRows, same_direction};
use super::super::spot::Spot;
use crate::config::Config;
use crate::hazard::HazardId;

/// How often one pass felt two spots.
#[derive(Debug, Default)]
pub(in super::super) struct Together(HashMap<(u32, u32), u32>);

/// Spots farther apart are never one, metres; how often they are felt together is not kept.
const FAR_M: f64 = 30.0;

impl Together {
    /// As often as closed chapters tell.
    pub(super) fn of(spots: &[Spot]) -> Self {
        let mut together = Self::default();
        let numbers: HashMap<HazardId, u32> = (spots.iter().map(|spot| spot.id).zip(0..)).collect();
        for (number, spot) in (0..).zip(spots) {
            for (beside, count) in spot.past.iter().flat_map(|past| &past.beside) {
                if let Some(&other) = numbers.get(beside) {
                    *pair(&mut together.0, number, other) += count;
                }
            }
        }
        together
    }

    /// The pairs of spots that passes felt, and how often, in order.
    pub(in super::super) fn pairs(&self) -> Vec<(u32, u32, u32)> {
        let mut pairs: Vec<(u32, u32, u32)> = self
            .0
            .iter()
            .map(|(&(a, b), &count)| (a, b, count))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    /// Notes the spots that one run felt.
    pub(super) fn note(&mut self, passed: &[u32], settled: &[Settled]) {
        for (index, &a) in passed.iter().enumerate() {
            for &b in &passed[index + 1..] {
                let apart_m = settled[a as usize].at.distance_m(settled[b as usize].at);
                if a != b && apart_m <= FAR_M {
                    *pair(&mut self.0, a, b) += 1;
                }
            }
        }
    }

    /// Counts what was joined with what absorbed it.
    fn follow(&mut self, joined: &[Option<u32>]) {
        let stands = |number: u32| joined[number as usize].unwrap_or(number);
        let mut followed = HashMap::with_capacity(self.0.len());
        for (&(a, b), &count) in &self.0 {
            let (a, b) = (stands(a), stands(b));
            if a != b {
                *pair(&mut followed, a, b) += count;
            }
        }
        self.0 = followed;
    }

    fn count(&self, a: u32, b: u32) -> u32 {
        self.0.get(&(a.min(b), a.max(b))).copied().unwrap_or(0)
    }
}

fn pair(counts: &mut HashMap<(u32, u32), u32>, a: u32, b: u32) -> &mut u32 {
    counts.entry((a.min(b), a.max(b))).or_default()
}

/// Joins spots that are one, the younger into the older, among those that stand; says which absorbed
/// others. A spot whose name the outside has seen is never joined into another. One that has
/// neither bumps nor reports any more goes to the nearest.
///
/// Whoever has absorbed another lies elsewhere: settle it, and look again.
pub(super) fn join(
    spots: &mut [Spot],
    settled: &[Settled],
    joined: &mut [Option<u32>],
    together: &mut Together,
    rows: &TileRows,
    config: &Config,
) -> BTreeSet<u32> {
    let mut grid = Grid::over(rows.tile);
    let mut grown = BTreeSet::new();
    for younger in 0..spots.len() {
        if joined[younger].is_some() {
            continue;
        }
        let number = u32::try_from(younger).unwrap_or(u32::MAX);
        let into = older(number, spots, settled, together, &grid, config);
        match into {
            Some(older) => {
                absorb(spots, older as usize, younger, rows, config);
                joined[younger] = Some(older);
                grown.insert(older);
            }
            None => grid.insert(number, settled[younger].at),
        }
    }
    if !grown.is_empty() {
        // What was joined earlier goes on with whatever absorbed it.
        for younger in 0..joined.len() {
            let next = joined[younger].and_then(|older| joined[older as usize]);
            joined[younger] = next.or(joined[younger]);
        }
        together.follow(joined);
    }
    grown
}

/// The nearest older spot that this one is the same as.
fn older(
    number: u32,
    spots: &[Spot],
    settled: &[Settled],
    together: &Together,
    grid: &Grid,
    config: &Config,
) -> Option<u32> {
    let (spot, here) = (&spots[number as usize], &settled[number as usize]);
    if spot.pinned {
        return None;
    }
    let is_empty = spot.is_empty();
    let mut best: Option<(f64, u32)> = None;
    grid.near(here.at, REACH_M, |other| {
        let there = &settled[other as usize];
        let distance_m = here.at.distance_m(there.at);
        let both = [spot, &spots[other as usize]].map(Spot::bumps);
        let fewer = both[0].min(both[1]) as f64;
        let apart = f64::from(together.count(number, other)) > config.gate.together_share * fewer;
        let is_one = is_empty && distance_m <= config.gate.max_m
            || distance_m <= config.gate.merge_m && !(apart && fewer > 0.0)
            || distance_m <= config.gate.shadow_m
                && is_shadow(
                    (number, spot),
                    (other, &spots[other as usize]),
                    together,
                    config,
                );
        let direction =
            same_direction(here.heading_deg, there.heading_deg, config.gate.heading_deg);
        if is_one && direction && best.is_none_or(|best| (distance_m, other) < best) {
            best = Some((distance_m, other));
        }
    });
    best.map(|(_, other)| other)
}

/// Whether one of two spots holds but stray fixes of what the other is: it is felt far less often,
/// and hardly ever in a pass that felt the other, though passes did all that time.
fn is_shadow(a: (u32, &Spot), b: (u32, &Spot), together: &Together, config: &Config) -> bool {
    let gate = &config.gate;
    let (weak, strong) = if a.1.bumps() < b.1.bumps() {
        (a, b)
    } else {
        (b, a)
    };
    if strong.1.bumps() < 2 {
        return false;
    }
    // What was felt in closed chapters came before everything else.
    let members = &weak.1.members;
    let begun = strong.1.past.as_ref().is_some_and(|past| past.bumps > 0);
    let before = if begun {
        weak.1.bumps() - members.len()
    } else {
        0
    };
    let until = |last: &u32| members.partition_point(|member| member <= last);
    let since = |first: &u32| members.partition_point(|member| member < first);
    let to = strong.1.members.last().map_or(0, until);
    let from = strong.1.members.first().filter(|_| !begun).map_or(0, since);
    let meanwhile = before + to - from;
    meanwhile >= gate.shadow_bumps
        && strong.1.bumps() as f64 >= gate.shadow_times * weak.1.bumps() as f64
        && f64::from(together.count(weak.0, strong.0) + 1) <= gate.shadow_share * meanwhile as f64
}

/// Gives what a younger spot gathered to an older one.
fn absorb(spots: &mut [Spot], older: usize, younger: usize, rows: &TileRows, config: &Config) {
    let mut members = std::mem::take(&mut spots[younger].members);
    let mut reports = std::mem::take(&mut spots[younger].reports);
    let past = spots[younger].past.take();
    let older = &mut spots[older];
    if !members.is_empty() || past.is_some() {
        if let Some(past) = past {
            older.take_past(*past, config.place.members);
        }
        members.extend_from_slice(&older.members);
        members.sort_unstable();
        older.regroup(members, &rows.felt);
    }
    older.reports.append(&mut reports);
    older.reports.sort_unstable();
}
