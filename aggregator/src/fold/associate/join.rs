//! Two spots that turn out to be one.

use std::collections::HashMap;

use super::super::grid::Grid;
use super::super::place::Settled;
use super::super::rows::{TileRows, same_direction};
use super::super::spot::Spot;
use crate::config::Config;

/// How often one pass felt two spots.
#[derive(Debug, Default)]
pub(super) struct Together(HashMap<(u32, u32), u32>);

/// Spots farther apart are never one, metres; how often they are felt together is not kept.
const FAR_M: f64 = 30.0;

impl Together {
    /// Notes the spots that one run felt.
    pub(super) fn note(&mut self, passed: &[u32], settled: &[Settled]) {
        for (index, &a) in passed.iter().enumerate() {
            for &b in &passed[index + 1..] {
                let apart_m = settled[a as usize].at.distance_m(settled[b as usize].at);
                if a != b && apart_m <= FAR_M {
                    *self.0.entry((a.min(b), a.max(b))).or_default() += 1;
                }
            }
        }
    }

    fn count(&self, a: u32, b: u32) -> u32 {
        self.0.get(&(a.min(b), a.max(b))).copied().unwrap_or(0)
    }
}

/// Joins spots that are one, the younger into the older; says which went where. A spot whose name
/// the outside has seen is never joined into another. One that has neither bumps nor reports any
/// more goes to the nearest.
pub(super) fn join(
    spots: &mut [Spot],
    settled: &[Settled],
    together: &Together,
    rows: &TileRows,
    config: &Config,
) -> Vec<Option<u32>> {
    let mut grid = Grid::over(rows.tile);
    let mut joined = vec![None; spots.len()];
    for younger in 0..spots.len() {
        let number = u32::try_from(younger).unwrap_or(u32::MAX);
        let into = older(number, spots, settled, together, &grid, config);
        match into {
            Some(older) => {
                absorb(spots, older as usize, younger, rows);
                joined[younger] = Some(older);
            }
            None => grid.insert(number, settled[younger].at),
        }
    }
    joined
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
    let is_empty = spot.members.is_empty() && spot.reports.is_empty();
    let mut best: Option<(f64, u32)> = None;
    grid.near(here.at, |other| {
        let there = &settled[other as usize];
        let distance_m = here.at.distance_m(there.at);
        let both = [spot, &spots[other as usize]].map(|spot| spot.members.len());
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
    let (weak, strong) = if a.1.members.len() < b.1.members.len() {
        (a, b)
    } else {
        (b, a)
    };
    let (&[first, .., last], members) = (&strong.1.members[..], &weak.1.members) else {
        return false;
    };
    let (from, to) = (
        members.partition_point(|&member| member < first),
        members.partition_point(|&member| member <= last),
    );
    let meanwhile = to - from;
    meanwhile >= gate.shadow_bumps
        && strong.1.members.len() as f64 >= gate.shadow_times * members.len() as f64
        && f64::from(together.count(weak.0, strong.0)) <= gate.shadow_share * meanwhile as f64
}

/// Gives what a younger spot gathered to an older one.
fn absorb(spots: &mut [Spot], older: usize, younger: usize, rows: &TileRows) {
    let mut members = std::mem::take(&mut spots[younger].members);
    let mut reports = std::mem::take(&mut spots[younger].reports);
    if !members.is_empty() {
        members.extend_from_slice(&spots[older].members);
        members.sort_unstable();
        spots[older].regroup(members, &rows.felt);
    }
    spots[older].reports.append(&mut reports);
    spots[older].reports.sort_unstable();
}
