//! How soon the map says what changed: appearance to confirmation, repair to verification.

use std::collections::BTreeMap;

use aggregator::{EvidenceState, Hazard, Move};
use serde::Serialize;

use super::Scene;
use super::measure::{Median, Share};
use crate::evaluate_map::truth::TruePlace;

/// From appearance to confirmation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confirmations {
    /// Able driver-days over the place since it lies there until it was confirmed; without passes,
    /// from the first that felt it, as the map counts them.
    pub passes: Median,
    /// Days from appearance to confirmation, of places that appeared while phones drove and were
    /// confirmed.
    pub days: Median,
    /// How many of the places that appeared were confirmed at all.
    pub confirmed: Share,
    /// Days by class of road; what is not confirmed yet counts as never.
    pub days_by_road: Vec<(String, Median)>,
}

/// From repair to verification, of places that were confirmed before.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Repairs {
    /// How many were noticed at all.
    pub noticed: Share,
    /// Of those that so many able driver-days passed since, how many were noticed within them.
    pub within_passes: u32,
    /// … how many.
    pub noticed_within: Share,
    /// Able driver-days until it was noticed, of those noticed.
    pub passes: Median,
    /// Days until it was noticed, of those noticed.
    pub days: Median,
    /// Days by class of road; what is not noticed yet counts as never.
    pub days_by_road: Vec<(String, Median)>,
}

const DAY_US: f64 = 86_400e6;

/// A claimed repair should be noticed within so many able passes, and one that nobody claimed.
const WITHIN: [u32; 2] = [6, 15];

fn first_move(hazard: &Hazard, to: EvidenceState, from_us: i64) -> Option<&Move> {
    let mut moves = hazard.moves.iter();
    moves.find(|at| at.state == to && at.at_us >= from_us)
}

/// Medians by name in which what has not happened counts as never: not a number until half has.
#[derive(Default)]
struct ByName(BTreeMap<String, Vec<f64>>);

impl ByName {
    fn add(&mut self, name: &str, days: Option<f64>) {
        if !name.is_empty() {
            let values = self.0.entry(name.to_owned()).or_default();
            values.push(days.unwrap_or(f64::INFINITY));
        }
    }

    fn medians(self) -> Vec<(String, Median)> {
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        let median = |(name, values): (String, Vec<f64>)| {
            let median = Median::of(values.into_iter());
            let interval = median
                .interval
                .filter(|i| i.low.is_finite() && i.high.is_finite());
            let median = Median {
                median: finite(median.median),
                p95: finite(median.p95),
                interval,
                ..median
            };
            (name, median)
        };
        self.0.into_iter().map(median).collect()
    }
}

impl Scene<'_> {
    /// The hazard that a place is, believed in or not.
    fn paired(&self, place: usize) -> Option<&Hazard> {
        Some(&self.hazards[self.pairing.of_place[place]?.hazard])
    }

    pub(super) fn confirmations(&self) -> Confirmations {
        let (mut passes, mut days, mut confirmed) = (Vec::new(), Vec::new(), Vec::new());
        let mut by_road = ByName::default();
        for (index, place) in self.places.iter().enumerate() {
            let hazard = self.paired(index);
            let at = hazard.and_then(|hazard| first_move(hazard, EvidenceState::Confirmed, 0));
            passes.extend(at.map(|at| self.passes_to(at, place)));
            let Some(appears_us) = place.appears_us else {
                continue;
            };
            let waited = at.map(|at| (at.at_us - appears_us) as f64 / DAY_US);
            confirmed.push(waited.is_some());
            days.extend(waited);
            by_road.add(&place.road_class, waited);
        }
        Confirmations {
            passes: Median::of(passes.into_iter()),
            days: Median::of(days.into_iter()),
            confirmed: Share::count(confirmed.into_iter()),
            days_by_road: by_road.medians(),
        }
    }

    /// Able driver-days over a place since it lies there until a moment; without passes, as the map
    /// counts them from the first that felt it.
    fn passes_to(&self, at: &Move, place: &TruePlace) -> f64 {
        let from_us = place.appears_us.unwrap_or(i64::MIN);
        match self.passes {
            Some(passes) => passes.between(place.id, from_us, at.at_us).len() as f64,
            None => f64::from(at.passes),
        }
    }

    /// The repairs that somebody claimed, or that nobody did.
    pub(super) fn repairs(&self, claimed: bool) -> Repairs {
        let within = WITHIN[usize::from(!claimed)];
        let (mut noticed, mut noticed_within) = (Vec::new(), Vec::new());
        let (mut passes, mut days) = (Vec::new(), Vec::new());
        let mut by_road = ByName::default();
        for (index, place) in self.places.iter().enumerate() {
            let Some((hazard, [repaired_us, from_us])) = self.repaired(index, place, claimed)
            else {
                continue;
            };
            // Some repairs are noticed before anybody claims them.
            let gone = first_move(hazard, EvidenceState::VerifiedGone, repaired_us);
            let waited = gone.map(|gone| (gone.at_us - from_us).max(0) as f64 / DAY_US);
            noticed.push(gone.is_some());
            days.extend(waited);
            by_road.add(&place.road_class, waited);
            let Some(all) = self.passes else {
                continue;
            };
            let until = |to_us| all.between(place.id, from_us, to_us).len();
            let taken = gone.map(|gone| until(gone.at_us));
            passes.extend(taken.map(|taken| taken as f64));
            let in_time = taken.is_some_and(|taken| taken <= within as usize);
            if in_time || until(self.as_of_us) >= within as usize {
                noticed_within.push(in_time);
            }
        }
        Repairs {
            noticed: Share::count(noticed.into_iter()),
            within_passes: within,
            noticed_within: Share::count(noticed_within.into_iter()),
            passes: Median::of(passes.into_iter()),
            days: Median::of(days.into_iter()),
            days_by_road: by_road.medians(),
        }
    }

    /// The hazard of a place that was confirmed and then repaired, when that was, and since when it is
    /// counted: from the claim, if there is one.
    fn repaired(
        &self,
        index: usize,
        place: &TruePlace,
        claimed: bool,
    ) -> Option<(&Hazard, [i64; 2])> {
        let repaired_us = place.repaired_us.filter(|&at_us| at_us <= self.as_of_us)?;
        let claimed_us = place.claimed_us.filter(|&at_us| at_us <= self.as_of_us);
        if claimed_us.is_some() != claimed {
            return None;
        }
        let hazard = self.paired(index)?;
        let confirmed = first_move(hazard, EvidenceState::Confirmed, 0)?;
        let from_us = claimed_us.map_or(repaired_us, |claimed_us| claimed_us.max(repaired_us));
        (confirmed.at_us < repaired_us).then_some((hazard, [repaired_us, from_us]))
    }

    /// Places that stand all the time, once confirmed, that were ever said to be gone; with
    /// `within_passes`, of those that were passed so often since, that were within as many.
    pub(super) fn gone_while_standing(&self, claimed: bool, within_passes: Option<u32>) -> Share {
        let places = self.places.iter().enumerate();
        let standing = places.filter(|(_, place)| {
            place.repaired_us.is_none() && place.claimed_us.is_some() == claimed
        });
        let confirmed = standing.filter_map(|(index, _)| {
            let hazard = self.paired(index)?;
            let since = first_move(hazard, EvidenceState::Confirmed, 0)?;
            let gone = first_move(hazard, EvidenceState::VerifiedGone, 0);
            let Some(within) = within_passes else {
                return Some(gone.is_some());
            };
            let is_within = |gone: &Move| gone.passes.saturating_sub(since.passes) <= within;
            let is_gone = gone.is_some_and(is_within);
            (is_gone || hazard.passes.saturating_sub(since.passes) >= within).then_some(is_gone)
        });
        Share::count(confirmed)
    }
}
