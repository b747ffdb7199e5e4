//! Where a hazard is: the robust mean of its most precise bumps.

use std::collections::BTreeMap;

use trip::{Heading, Place, Position};

use super::associate::Spot;
use super::witness::Witness;
use crate::config::PlaceRule;

/// Where a hazard is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settled {
    /// The best estimate.
    pub(super) position: Position,
    /// Standard deviation per axis, metres.
    pub(super) sigma_m: f64,
    /// Which way its bumps' vehicles went.
    pub(super) heading: Option<Heading>,
}

/// One measurement along one axis.
#[derive(Clone, Copy, Debug)]
struct Reading {
    value_m: f64,
    sigma_m: f64,
}

/// Where a spot is, when all of its bumps are known.
///
/// Of each driver's day the most precise bump counts, of all of these the `members` most precise;
/// equal ones in canonical order. The mean weighs them by their inverse variance and those that
/// lie far out less (Huber, 1981); its σ grows when they scatter more than they claim (Birge,
/// 1932).
pub(super) fn settle(spot: &Spot, witnesses: &[Witness<'_>], rule: &PlaceRule) -> Settled {
    let places = most_precise(spot, witnesses, rule);
    let axis = |metres: fn(trip::Offset) -> f64| -> Vec<Reading> {
        (places.iter())
            .map(|place| Reading {
                value_m: metres(spot.founded.offset_to(place.position)),
                sigma_m: rule.bounded(place.sigma_m),
            })
            .collect()
    };
    let (norths, easts) = (axis(|offset| offset.north_m), axis(|offset| offset.east_m));
    let (north_m, east_m) = (robust_mean_m(&norths, rule), robust_mean_m(&easts, rule));
    let scatter = scatter(&norths, north_m, rule).hypot(scatter(&easts, east_m, rule));
    let weight: f64 = norths.iter().map(Reading::weight).sum();
    let sigma_m = scatter.max(1.0) / weight.sqrt();
    Settled {
        position: spot.founded.moved(north_m, east_m),
        sigma_m: sigma_m.max(rule.fused_sigma_min_m).min(rule.sigma_max_m),
        heading: spot.heading(),
    }
}

/// The places that count, the most precise first.
fn most_precise(spot: &Spot, witnesses: &[Witness<'_>], rule: &PlaceRule) -> Vec<Place> {
    let mut best = BTreeMap::new();
    for (order, member) in spot.members.iter().enumerate() {
        let witness = &witnesses[member.witness];
        let place = (witness.fact.report.bumps[member.bump].place).expect("members have a place");
        let entry = best
            .entry((witness.day, witness.who))
            .or_insert((order, place));
        if rule.bounded(place.sigma_m) < rule.bounded(entry.1.sigma_m) {
            *entry = (order, place);
        }
    }
    let mut best: Vec<(usize, Place)> = best.into_values().collect();
    best.sort_by(|(order, a), (other, b)| {
        let by_sigma = rule.bounded(a.sigma_m).total_cmp(&rule.bounded(b.sigma_m));
        by_sigma.then(order.cmp(other))
    });
    best.truncate(rule.members.max(1));
    best.into_iter().map(|(_, place)| place).collect()
}

/// The mean that far readings cannot drag away, beginning from the median.
fn robust_mean_m(readings: &[Reading], rule: &PlaceRule) -> f64 {
    let mut mean_m = weighted_median_m(readings);
    for _ in 0..rule.huber_rounds {
        let (mut sum, mut weights) = (0.0, 0.0);
        for reading in readings {
            let weight = reading.weight() * reading.trust(mean_m, rule);
            sum += weight * reading.value_m;
            weights += weight;
        }
        mean_m = sum / weights;
    }
    mean_m
}

/// How far the readings scatter, in the σ that they claim and per degree of freedom of both axes;
/// 0 for a single one. Far readings count as little as they do for the mean.
fn scatter(readings: &[Reading], mean_m: f64, rule: &PlaceRule) -> f64 {
    if readings.len() < 2 {
        return 0.0;
    }
    let chi2: f64 = (readings.iter())
        .map(|r| r.trust(mean_m, rule) * ((r.value_m - mean_m) / r.sigma_m).powi(2))
        .sum();
    (chi2 / (2 * (readings.len() - 1)) as f64).sqrt()
}

/// The value that half of the weight lies below.
fn weighted_median_m(readings: &[Reading]) -> f64 {
    let mut sorted = readings.to_vec();
    sorted.sort_by(|a, b| a.value_m.total_cmp(&b.value_m));
    let half = sorted.iter().map(Reading::weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for reading in &sorted {
        below += reading.weight();
        if below >= half {
            return reading.value_m;
        }
    }
    0.0
}

impl Reading {
    /// Inverse variance, m⁻².
    fn weight(&self) -> f64 {
        self.sigma_m.powi(-2)
    }

    /// 1 near the mean, falling with the distance from it beyond `huber_sigmas`.
    fn trust(&self, mean_m: f64, rule: &PlaceRule) -> f64 {
        let away = (self.value_m - mean_m).abs() / self.sigma_m;
        if away <= rule.huber_sigmas {
            1.0
        } else {
            rule.huber_sigmas / away
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(values_m: &[f64]) -> Vec<Reading> {
        (values_m.iter())
            .map(|&value_m| Reading {
                value_m,
                sigma_m: 4.0,
            })
            .collect()
    }

    #[test]
    fn agreeing_readings_give_their_mean() {
        let mean_m = robust_mean_m(&readings(&[1.0, 2.0, 3.0, 6.0]), &PlaceRule::default());
        assert!((mean_m - 3.0).abs() < 1e-9, "{mean_m}");
    }

    #[test]
    fn one_wild_fix_does_not_drag_a_place_away() {
        let values_m = [0.0, 1.0, -1.0, 2.0, 400.0];
        let mean_m = robust_mean_m(&readings(&values_m), &PlaceRule::default());
        assert!(mean_m < 3.0, "{mean_m}");
    }

    #[test]
    fn the_precise_reading_counts_more() {
        let mut both = readings(&[0.0, 4.0]);
        both[0].sigma_m = 2.0;
        let mean_m = robust_mean_m(&both, &PlaceRule::default());
        assert!((mean_m - 0.8).abs() < 0.2, "{mean_m}");
    }

    #[test]
    fn readings_that_scatter_more_than_they_claim_say_so() {
        let rule = PlaceRule::default();
        assert!(scatter(&readings(&[-1.0, 0.0, 1.0]), 0.0, &rule) < 1.0);
        assert!(scatter(&readings(&[-30.0, 0.0, 30.0]), 0.0, &rule) > 1.0);
        assert_eq!(scatter(&readings(&[9.0]), 9.0, &rule), 0.0);
    }
}
