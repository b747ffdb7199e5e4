//! Who passed a spot, and whether they felt it.

use std::collections::BTreeMap;

use super::associate::Spot;
use super::place::Settled;
use super::witness::{Day, Who, Witness};
use crate::cells::{Nearby, REACH_M};
use crate::config::Config;
use crate::track::{self, Leg};

/// One pass of one trip through the gate of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pass {
    /// Who passed.
    pub(super) who: Who,
    /// The day it counts for.
    pub(super) day: Day,
    /// When, µs since 1970 UTC; `None` when nobody knows.
    pub(super) dated_us: Option<i64>,
    /// What it says of the spot.
    pub(super) outcome: Outcome,
}

/// What a pass says of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was felt.
    Hit,
    /// It would have been felt, and was not.
    Miss,
    /// It would not have been felt.
    Unable,
}

/// A moment of a trip within the gate of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Visit {
    t_us: i64,
    hit: bool,
    able: bool,
}

/// For every spot its passes, in canonical order.
pub(super) fn fold(
    witnesses: &[Witness<'_>],
    spots: &[Spot],
    settled: &[Settled],
    config: &Config,
) -> Vec<Vec<Pass>> {
    let mut nearby = Nearby::default();
    for (spot, settled) in settled.iter().enumerate() {
        nearby.insert(spot, settled.position);
    }
    let hits = hits_by_witness(witnesses, spots);
    let mut passes = vec![Vec::new(); spots.len()];
    for (witness, hits) in witnesses.iter().zip(hits) {
        let mut visits = drives_by(witness, settled, &nearby, config);
        for (spot, t_us) in hits {
            let visit = Visit {
                t_us,
                hit: true,
                able: true,
            };
            visits.entry(spot).or_default().push(visit);
        }
        for (spot, visits) in visits {
            passes[spot].extend(passes_of(witness, visits, config.gate.same_pass_us()));
        }
    }
    passes
}

/// For every witness the spots it hit, with the times.
fn hits_by_witness(witnesses: &[Witness<'_>], spots: &[Spot]) -> Vec<Vec<(usize, i64)>> {
    let mut hits = vec![Vec::new(); witnesses.len()];
    for (number, spot) in spots.iter().enumerate() {
        for member in &spot.members {
            let bump = &witnesses[member.witness].fact.report.bumps[member.bump];
            hits[member.witness].push((number, bump.peak_us));
        }
    }
    hits
}

/// The moments at which a trip drove by spots, in their direction.
///
/// The track must go on beyond the spot: a drive that ends short of it did not pass it.
fn drives_by(
    witness: &Witness<'_>,
    settled: &[Settled],
    nearby: &Nearby,
    config: &Config,
) -> BTreeMap<usize, Vec<Visit>> {
    let mut visits: BTreeMap<usize, Vec<Visit>> = BTreeMap::new();
    for stretch in &witness.fact.report.stretches {
        let track_sigma_m = config.place.bounded(stretch.sigma_m);
        for leg in track::legs(&stretch.path, &config.track) {
            for spot in near(&leg, nearby, config) {
                let place = &settled[spot];
                let Some(abeam) = leg.abeam(place.position) else {
                    continue;
                };
                let gate_m = config.gate.width_m(track_sigma_m, place.sigma_m);
                if abeam.distance_m <= gate_m
                    && config.gate.same_direction(Some(leg.heading), place.heading)
                {
                    visits.entry(spot).or_default().push(Visit {
                        t_us: abeam.t_us,
                        hit: false,
                        able: stretch.able,
                    });
                }
            }
        }
    }
    visits
}

/// The spots that may lie within the gate of a leg, each once. Parts of the leg are short enough
/// for what is beside their ends to be in reach of their middles.
fn near(leg: &Leg, nearby: &Nearby, config: &Config) -> Vec<usize> {
    let part_m = 2.0 * (REACH_M - config.gate.max_m).max(1.0);
    let mut near: Vec<usize> = (leg.middles(part_m))
        .flat_map(|point| nearby.at(point.position).iter().copied())
        .collect();
    near.sort_unstable();
    near.dedup();
    near
}

/// The passes that the moments of one trip at one spot are: moments soon after each other are one.
///
/// A pass is a hit when anything was felt, and a miss only when all of it was able: in doubt it
/// says nothing.
fn passes_of(witness: &Witness<'_>, mut visits: Vec<Visit>, same_pass_us: i64) -> Vec<Pass> {
    visits.sort_unstable();
    visits
        .chunk_by(|a, b| b.t_us.saturating_sub(a.t_us) <= same_pass_us)
        .map(|visits| {
            let hit = visits.iter().find(|visit| visit.hit);
            let outcome = if hit.is_some() {
                Outcome::Hit
            } else if visits.iter().all(|visit| visit.able) {
                Outcome::Miss
            } else {
                Outcome::Unable
            };
            Pass {
                who: witness.who,
                day: witness.day,
                dated_us: witness.fact.stamp.dated_us(hit.unwrap_or(&visits[0]).t_us),
                outcome,
            }
        })
        .collect()
}
