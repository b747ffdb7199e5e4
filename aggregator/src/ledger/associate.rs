//! Which bumps are of the same place.
//!
//! Trips come in canonical order, and what a trip founds depends on the trips before it alone: so
//! later evidence never changes the id of what earlier evidence founded. Within a trip, bumps that
//! follow each other closely are matched to the known spots together and in order, for they share
//! one GPS error: two holes 12 m apart stay two, however far the fixes of that pass were off.

mod align;

use std::collections::BTreeSet;

use trip::{Bump, Heading, Place, Position};

use super::witness::Witness;
use crate::cells::Nearby;
use crate::config::{Config, Gate, PlaceRule};
use crate::hazard::HazardId;

/// A place that bumps were felt at.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The name of the hazard there.
    pub(super) id: HazardId,
    /// Where the founding bump was.
    pub(super) founded: Position,
    /// The bumps, in canonical order.
    pub(super) members: Vec<Member>,
    sums: Sums,
}

/// A bump of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// The number of the witness.
    pub(super) witness: usize,
    /// The number of the bump in its report.
    pub(super) bump: usize,
}

/// Running sums over the members: integers, so that no order of adding matters.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    /// 10⁴ / σ², in m⁻².
    weight: i64,
    /// Weight times the offset from the founding bump, mm.
    north_mm: i64,
    east_mm: i64,
    /// Components of the members' headings, millionths.
    heading_north: i64,
    heading_east: i64,
}

/// Weight of a bump with a σ of 1 m.
const WEIGHT_AT_1_M: f64 = 1e4;

/// A jolt of one pass: the bumps that one object gave, front axle and rear.
#[derive(Clone, Debug)]
struct Jolt<'a> {
    place: Place,
    bumps: Vec<(usize, &'a Bump)>,
}

impl Spot {
    fn new(id: HazardId, founded: Position) -> Self {
        Self {
            id,
            founded,
            members: Vec::new(),
            sums: Sums::default(),
        }
    }

    /// Where it is, as far as the members so far tell.
    fn position(&self) -> Position {
        let mean_m = |sum_mm: i64| sum_mm as f64 / self.sums.weight.max(1) as f64 / 1000.0;
        self.founded
            .moved(mean_m(self.sums.north_mm), mean_m(self.sums.east_mm))
    }

    fn sigma_m(&self, rule: &PlaceRule) -> f64 {
        let fused_m = (WEIGHT_AT_1_M / self.sums.weight.max(1) as f64).sqrt();
        fused_m.max(rule.fused_sigma_min_m)
    }

    /// Which way its members went; `None` when none knew.
    pub(super) fn heading(&self) -> Option<Heading> {
        let (north, east) = (self.sums.heading_north, self.sums.heading_east);
        if (north, east) == (0, 0) {
            return None;
        }
        let deg = (east as f64).atan2(north as f64).to_degrees();
        Heading::from_deg(deg.rem_euclid(360.0)).ok()
    }

    fn add(&mut self, member: Member, place: &Place, rule: &PlaceRule) {
        let offset = self.founded.offset_to(place.position);
        let weight = (WEIGHT_AT_1_M / rule.bounded(place.sigma_m).powi(2))
            .round()
            .max(1.0) as i64;
        self.sums.weight += weight;
        self.sums.north_mm += weight * (offset.north_m * 1000.0).round() as i64;
        self.sums.east_mm += weight * (offset.east_m * 1000.0).round() as i64;
        if let Some(heading) = place.heading {
            let (east, north) = heading.deg().to_radians().sin_cos();
            self.sums.heading_north += (north * 1e6).round() as i64;
            self.sums.heading_east += (east * 1e6).round() as i64;
        }
        self.members.push(member);
    }
}

/// The spots that the witnesses' bumps gather at, in the order in which they were founded. Bumps
/// without a place are at none.
pub(super) fn associate(witnesses: &[Witness<'_>], config: &Config) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut nearby = Nearby::default();
    for (number, witness) in witnesses.iter().enumerate() {
        for run in runs(&witness.fact.report.bumps, &config.gate) {
            let near: BTreeSet<usize> = (run.iter())
                .flat_map(|jolt| nearby.at(jolt.place.position).iter().copied())
                .collect();
            let matches = align::align(&run, near.into_iter(), &spots, config);
            for (jolt, matched) in run.iter().zip(matches) {
                let spot = matched.unwrap_or_else(|| {
                    let peak_us = jolt.bumps[0].1.peak_us;
                    let id = HazardId::founded_by(witness.fact.trip, peak_us);
                    nearby.insert(spots.len(), jolt.place.position);
                    spots.push(Spot::new(id, jolt.place.position));
                    spots.len() - 1
                });
                let before = spots[spot].position();
                for &(bump, felt) in &jolt.bumps {
                    let member = Member {
                        witness: number,
                        bump,
                    };
                    let place = felt
                        .place
                        .as_ref()
                        .expect("a jolt is of bumps with a place");
                    spots[spot].add(member, place, &config.place);
                }
                nearby.moved(spot, before, spots[spot].position());
            }
        }
    }
    spots
}

/// The jolts of a trip in order of time, cut where the next one is too far for one look at the
/// map to concern both.
fn runs<'a>(bumps: &'a [Bump], gate: &Gate) -> Vec<Vec<Jolt<'a>>> {
    let mut placed: Vec<(usize, &Bump, Place)> = (bumps.iter().enumerate())
        .filter_map(|(number, bump)| Some((number, bump, bump.place?)))
        .collect();
    placed.sort_by_key(|(number, bump, _)| (bump.peak_us, *number));
    let mut runs: Vec<Vec<Jolt<'a>>> = Vec::new();
    for (number, bump, place) in placed {
        let last_jolt = runs.last_mut().and_then(|run| run.last_mut());
        let Some(jolt) = last_jolt else {
            runs.push(vec![Jolt::new(number, bump, place)]);
            continue;
        };
        let last = jolt.bumps.last().expect("a jolt has a bump").1;
        let is_soon = bump.peak_us.saturating_sub(last.peak_us) <= gate.same_pass_us();
        let apart_m = jolt.place.position.distance_m(place.position);
        if is_soon && apart_m <= gate.same_object_m {
            jolt.bumps.push((number, bump));
            continue;
        }
        if bump.peak_us == last.peak_us {
            continue; // Nobody is in two places at once; the first one counts.
        }
        let run = runs.last_mut().expect("there is a jolt");
        let is_near = is_soon && apart_m <= 2.0 * gate.max_m;
        if is_near && run.len() < RUN_JOLTS_MAX {
            run.push(Jolt::new(number, bump, place));
        } else {
            runs.push(vec![Jolt::new(number, bump, place)]);
        }
    }
    runs
}

/// A longer run is matched in parts, so that a hostile trip of a million bumps in one place costs
/// no more than an honest one.
const RUN_JOLTS_MAX: usize = 16;

impl<'a> Jolt<'a> {
    fn new(number: usize, bump: &'a Bump, place: Place) -> Self {
        Self {
            place,
            bumps: vec![(number, bump)],
        }
    }
}
