//! The fold: facts in, hazards and coverage out.
//!
//! The ledger holds facts and nothing that is derived from them. [`Ledger::project`] walks them in
//! canonical order (stamp day, trip, time), so the map is the same whatever order they came in,
//! however often, and whoever holds them:
//!
//! | module | says |
//! | --- | --- |
//! | `witness` | whose fact comes when |
//! | `associate` | which bumps are of the same place |
//! | `place` | where that is |
//! | `passes` | who passed it, and whether they felt it |
//! | `belief` | what to believe of it now |
//! | `coverage` | which road was passed at all |

mod associate;
mod belief;
mod coverage;
mod passes;
mod place;
mod witness;

use std::collections::{BTreeMap, HashMap};

use trip::{Bump, Kind};

use crate::cells::{self, ORDER};
use crate::config::Config;
use crate::evidence::{Fact, Recorded};
use crate::hazard::{Hazard, WorkState};
use crate::identity::TripHash;
use crate::stamp::{Stamp, day_of};
use associate::Spot;
use belief::Belief;
use passes::{Outcome, Pass};
use place::Settled;
use witness::Witness;

pub use coverage::Coverage;

/// The facts of a map, each trip once.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    config: Config,
    facts: BTreeMap<(Stamp, TripHash), Fact>,
    stamps: HashMap<TripHash, Stamp>,
}

/// What the facts say, seen from one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// The moment: µs since 1970 UTC; `None` when no evidence has a date.
    pub as_of_us: Option<i64>,
    /// Every hazard, in spatial order.
    pub hazards: Vec<Hazard>,
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

    /// What the facts stamped up to the day of `as_of_us` say, seen from that moment; without one,
    /// what all of them say, seen from the newest dated evidence. Undated facts always count.
    pub fn project(&self, as_of_us: Option<i64>) -> Projection {
        let as_of_us = as_of_us.or_else(|| self.newest_us());
        let as_of_day = as_of_us.map(day_of);
        let witnesses = witness::line_up(
            self.facts()
                .filter(|fact| fact.stamp.day().is_none_or(|day| Some(day) <= as_of_day)),
        );
        Projection {
            as_of_us,
            hazards: hazards(&witnesses, as_of_day, &self.config),
            coverage: coverage::fold(&witnesses, &self.config),
        }
    }
}

/// Every hazard that the witnesses know of, in spatial order.
fn hazards(witnesses: &[Witness<'_>], as_of_day: Option<i32>, config: &Config) -> Vec<Hazard> {
    let spots = associate::associate(witnesses, config);
    let settled: Vec<Settled> = (spots.iter())
        .map(|spot| place::settle(spot, witnesses, &config.place))
        .collect();
    let passes = passes::fold(witnesses, &spots, &settled, config);
    let mut hazards: Vec<_> = (spots.iter().zip(&settled).zip(&passes))
        .map(|((spot, settled), passes)| {
            let belief = belief::fold(passes, as_of_day, config);
            let hazard = hazard(spot, *settled, passes, &belief, witnesses);
            (cells::cell_of(hazard.position, ORDER), hazard)
        })
        .collect();
    hazards.sort_by_key(|(cell, hazard)| (*cell, hazard.id));
    hazards.into_iter().map(|(_, hazard)| hazard).collect()
}

/// What is known of one spot, put together.
fn hazard(
    spot: &Spot,
    settled: Settled,
    passes: &[Pass],
    belief: &Belief,
    witnesses: &[Witness<'_>],
) -> Hazard {
    let bumps: Vec<&Bump> = (spot.members.iter())
        .map(|member| &witnesses[member.witness].fact.report.bumps[member.bump])
        .collect();
    let (kind, kind_probability) = likeliest_kind(&bumps);
    let felt = || passes.iter().filter(|pass| pass.outcome == Outcome::Hit);
    let judged = passes.iter().filter(|pass| pass.outcome != Outcome::Unable);
    Hazard {
        id: spot.id,
        kind,
        kind_probability,
        position: settled.position,
        sigma_m: settled.sigma_m,
        heading: spot.heading(),
        confidence: belief.confidence,
        evidence_state: belief.state,
        work_state: WorkState::None,
        hits: belief.hits,
        passes: belief.passes,
        drivers: belief.drivers,
        severity_mps2: median(bumps.iter().filter_map(|bump| bump.severity_mps2).collect()),
        first_us: felt().filter_map(|pass| pass.dated_us).min(),
        last_us: felt().filter_map(|pass| pass.dated_us).max(),
        last_pass_us: judged.filter_map(|pass| pass.dated_us).max(),
    }
}

/// The kind with the highest mean probability, and that probability.
///
/// The sum is of millionths, so that it does not depend on the order of the bumps.
fn likeliest_kind(bumps: &[&Bump]) -> (Kind, f64) {
    let mut sums = [0_i64; Kind::ALL.len()];
    for bump in bumps {
        for (sum, probability) in sums.iter_mut().zip(bump.kind_probability) {
            *sum += (f64::from(probability).clamp(0.0, 1.0) * 1e6).round() as i64;
        }
    }
    let total: i64 = sums.iter().sum();
    if total == 0 {
        return (Kind::Other, 0.0);
    }
    // The first of equals: `max_by_key` alone would take the last.
    let (best, sum) = (sums.iter().enumerate().rev())
        .max_by_key(|(_, sum)| **sum)
        .expect("there are kinds");
    (Kind::ALL[best], *sum as f64 / total as f64)
}

/// The middle of finite values, or the mean of the two in the middle.
fn median(mut values: Vec<f32>) -> Option<f64> {
    values.retain(|value| value.is_finite());
    values.sort_by(f32::total_cmp);
    let middle = values.len() / 2;
    let upper = f64::from(*values.get(middle)?);
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some((f64::from(values[middle - 1]) + upper) / 2.0)
}

#[cfg(test)]
mod tests;
