//! What the detector says besides when: the kind of a bump, how sure it is, and where.

use std::collections::BTreeMap;

use serde::Serialize;
use trip::Kind;

use super::interval::quantile;
use super::{Drive, Found, Mark, Selection, Tolerance, Truth, Verdict, matching};

/// Kinds of marks against kinds that were said, over the bumps at the threshold that lie on a mark
/// of a road kind, wanted or not.
#[derive(Clone, Debug, Serialize)]
pub struct Confusion {
    /// The set.
    pub set: String,
    /// For each kind that was marked, how often each kind was said.
    pub said_of_marked: BTreeMap<String, BTreeMap<&'static str, u64>>,
}

/// How often what was said with some probability was so.
#[derive(Clone, Debug, Serialize)]
pub struct Reliability {
    /// The set.
    pub set: String,
    /// Ten classes of probability, from 0–0.1 to 0.9–1; those without events are left out.
    pub bins: Vec<Bin>,
    /// Events in all.
    pub count: u64,
    /// Mean distance between what was said and what was so, over events.
    pub expected_calibration_error: f64,
}

/// One class of probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Mean probability that was said.
    pub said: f64,
    /// Share of the events of which it was so.
    pub observed: f64,
    /// Events.
    pub count: u64,
}

/// How far found bumps lie from where they truly are.
#[derive(Clone, Debug, Serialize)]
pub struct PlaceError {
    /// The set.
    pub set: String,
    /// Bumps at the threshold on a mark whose place is known.
    pub bumps: u64,
    /// Those of them with a place.
    pub placed: u64,
    /// Half of these lie within, m.
    pub median_m: f64,
    /// 95 % of these lie within, m.
    pub p95_m: f64,
    /// Share of these within 2.45 `sigma_m`; 0.95 when `sigma_m` is honest.
    pub within_2_45_sigma: f64,
    /// Every distance, from the smallest, m: for a picture.
    #[serde(skip)]
    pub errors_m: Vec<f64>,
}

/// The events at a threshold and the marks of road kinds they lie on: by falling score, the nearest.
fn on_marks(drive: &Drive, threshold: f64, tolerance: Tolerance) -> Vec<(&Found, &Mark)> {
    let is_road = |mark: &&Mark| Kind::from_name(&mark.kind).is_some();
    let truth = Truth {
        wanted: drive.marks().iter().filter(is_road).collect(),
        ignored: Vec::new(),
    };
    let above = drive.found.iter().filter(|f| f.event.score >= threshold);
    let above: Vec<&Found> = above.collect();
    let events: Vec<_> = above.iter().map(|found| found.event).collect();
    let verdicts = matching::by_falling_score(&events, &truth, tolerance);
    let paired = above
        .into_iter()
        .zip(verdicts)
        .filter_map(|(found, verdict)| match verdict {
            Verdict::Hit(number) => Some((found, truth.wanted[number])),
            _ => None,
        });
    paired.collect()
}

impl Confusion {
    /// Of the drives of one set; `None` when no bump that says its kind lies on a mark.
    pub fn of(set: &str, drives: &[&Drive], threshold: f64, tolerance: Tolerance) -> Option<Self> {
        let mut said_of_marked: BTreeMap<String, BTreeMap<_, _>> = BTreeMap::new();
        for drive in drives {
            for (found, mark) in on_marks(drive, threshold, tolerance) {
                let Some(said) = found.said else { continue };
                let row = said_of_marked.entry(mark.kind.clone()).or_default();
                *row.entry(said.kind.name()).or_default() += 1;
            }
        }
        (!said_of_marked.is_empty()).then(|| Self {
            set: set.to_owned(),
            said_of_marked,
        })
    }
}

impl Reliability {
    /// Of the probability that a person would have marked an event, over all events, candidates
    /// included; `None` when there is none that says it.
    pub fn of_events(
        set: &str,
        drives: &[&Drive],
        selection: &Selection,
        tolerance: Tolerance,
    ) -> Option<Self> {
        let mut said = Vec::new();
        for drive in drives {
            let truth = selection.truth(drive.marks());
            let verdicts = matching::by_falling_score(&drive.events(), &truth, tolerance);
            for (found, verdict) in drive.found.iter().zip(verdicts) {
                if let (Some(it), false) = (found.said, verdict == Verdict::Ignored) {
                    said.push((it.probability, matches!(verdict, Verdict::Hit(_))));
                }
            }
        }
        Self::of(set, &said)
    }

    /// Of the probability of the kind that a bump was given, over the same bumps as the confusion.
    pub fn of_kinds(
        set: &str,
        drives: &[&Drive],
        threshold: f64,
        tolerance: Tolerance,
    ) -> Option<Self> {
        let pairs = drives
            .iter()
            .flat_map(|drive| on_marks(drive, threshold, tolerance));
        let said = pairs.filter_map(|(found, mark)| {
            let said = found.said?;
            Some((said.kind_probability, said.kind.name() == mark.kind))
        });
        Self::of(set, &said.collect::<Vec<_>>())
    }

    /// Of what was said and whether it was so.
    pub fn of(set: &str, said: &[(f64, bool)]) -> Option<Self> {
        let mut sums = [(0.0, 0u64, 0u64); 10];
        for &(probability, so) in said {
            let sum = &mut sums[((probability * 10.0) as usize).min(9)];
            *sum = (sum.0 + probability, sum.1 + u64::from(so), sum.2 + 1);
        }
        let full = sums.iter().filter(|(.., count)| *count > 0);
        let bins: Vec<Bin> = full
            .map(|&(said, so, count)| Bin {
                said: said / count as f64,
                observed: so as f64 / count as f64,
                count,
            })
            .collect();
        let errors = bins
            .iter()
            .map(|bin| bin.count as f64 * (bin.said - bin.observed).abs());
        let error: f64 = errors.sum();
        (!said.is_empty()).then(|| Self {
            set: set.to_owned(),
            bins,
            count: said.len() as u64,
            expected_calibration_error: error / said.len() as f64,
        })
    }
}

impl PlaceError {
    /// Of the drives of one set; `None` when no bump with a place lies on a mark with one.
    pub fn of(set: &str, drives: &[&Drive], threshold: f64, tolerance: Tolerance) -> Option<Self> {
        let (mut bumps, mut within) = (0, 0u64);
        let mut errors_m = Vec::new();
        for drive in drives {
            for (found, mark) in on_marks(drive, threshold, tolerance) {
                let Some(truth) = mark.place else { continue };
                bumps += 1;
                let Some(place) = found.said.and_then(|said| said.place) else {
                    continue;
                };
                let error_m = place.position.distance_m(truth);
                within += u64::from(error_m <= 2.45 * f64::from(place.sigma_m));
                errors_m.push(error_m);
            }
        }
        errors_m.sort_by(f64::total_cmp);
        (!errors_m.is_empty()).then(|| Self {
            set: set.to_owned(),
            bumps,
            placed: errors_m.len() as u64,
            median_m: quantile(&errors_m, 0.5),
            p95_m: quantile(&errors_m, 0.95),
            within_2_45_sigma: within as f64 / errors_m.len() as f64,
            errors_m,
        })
    }
}
