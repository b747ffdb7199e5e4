//! Where a hazard is: the robust mean of its most precise bumps.

use super::past;
use super::roll::{Day, Roll, Who};
use super::rows::TileRows;
use super::said::TileSaid;
use super::spot::Spot;
use crate::config::{Config, PlaceRule};
use crate::tile::Point;

/// Where a hazard is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settled {
    /// The best estimate.
    pub(super) at: Point,
    /// Standard deviation per axis, metres.
    pub(super) sigma_m: f64,
    /// Which way its bumps' vehicles went, degrees.
    pub(super) heading_deg: Option<f32>,
}

/// One measured place.
#[derive(Clone, Copy, Debug)]
struct Reading {
    at: Point,
    sigma_m: f64,
}

/// One measurement along one axis.
#[derive(Clone, Copy, Debug)]
struct Coordinate {
    value_m: f64,
    sigma_m: f64,
}

/// Where all spots are.
pub(super) fn settle_all(
    spots: &[Spot],
    rows: &TileRows,
    said: &TileSaid<'_>,
    roll: &Roll,
    config: &Config,
) -> Vec<Settled> {
    let settle = |spot| settle(spot, rows, said, roll, config);
    spots.iter().map(settle).collect()
}

/// Where a spot is, when all of its bumps are known.
///
/// Of each driver's day the most precise bump counts, of all of these the `members` most precise;
/// equal ones in canonical order. The mean weighs them by their inverse variance and those that
/// lie far out less (Huber, 1981); its σ grows when they scatter more than they claim (Birge,
/// 1932).
pub(super) fn settle(
    spot: &Spot,
    rows: &TileRows,
    said: &TileSaid<'_>,
    roll: &Roll,
    config: &Config,
) -> Settled {
    let rule = &config.place;
    let heading_deg = spot.heading_deg();
    let metres = |mm: i32| f64::from(mm) / 1e3;
    let mut readings: Vec<Reading> = most_precise(spot, rows, roll, rule)
        .into_iter()
        .map(|[north_mm, east_mm, sigma_mm]| Reading {
            at: spot.founded.moved(metres(north_mm), metres(east_mm)),
            sigma_m: metres(sigma_mm),
        })
        .collect();
    readings.extend(spot.reports.iter().map(|&report| Reading {
        at: said.report(report).at,
        sigma_m: config.belief.citizen_sigma_m,
    }));
    if readings.len() < 2 {
        let (at, sigma_m) = readings.first().map_or_else(
            || (spot.at(), spot.sigma_m(rule)),
            |reading| (reading.at, reading.sigma_m),
        );
        return Settled {
            at,
            sigma_m,
            heading_deg,
        };
    }
    let axis = |metres: fn((f64, f64)) -> f64| -> Vec<Coordinate> {
        (readings.iter())
            .map(|reading| Coordinate {
                value_m: metres(spot.founded.to(reading.at)),
                sigma_m: reading.sigma_m,
            })
            .collect()
    };
    let (norths, easts) = (axis(|(north_m, _)| north_m), axis(|(_, east_m)| east_m));
    let (north_m, east_m) = (robust_mean_m(&norths, rule), robust_mean_m(&easts, rule));
    let scatter = scatter(&norths, north_m, rule).hypot(scatter(&easts, east_m, rule));
    let weight: f64 = norths.iter().map(Coordinate::weight).sum();
    let sigma_m = scatter.max(1.0) / weight.sqrt();
    Settled {
        at: spot.founded.moved(north_m, east_m),
        sigma_m: sigma_m.max(rule.fused_sigma_min_m).min(rule.sigma_max_m),
        heading_deg,
    }
}

/// The places that count, the most precise first, to the millimetre: as they are kept when their
/// bumps are gone.
pub(super) fn most_precise(
    spot: &Spot,
    rows: &TileRows,
    roll: &Roll,
    rule: &PlaceRule,
) -> Vec<past::Reading> {
    let mut days: Vec<((Day, Who), f64, u32)> = (spot.members.iter())
        .map(|&member| {
            let felt = &rows.felt[member as usize];
            let day = (roll.day(felt.rank), roll.trip(felt.rank).who);
            (day, f64::from(felt.sigma_m), member)
        })
        .collect();
    days.sort_unstable_by(|(day, a, member), (other_day, b, other)| {
        (day.cmp(other_day))
            .then(a.total_cmp(b))
            .then(member.cmp(other))
    });
    days.dedup_by_key(|(day, ..)| *day);
    let mut members: Vec<u32> = days.into_iter().map(|(.., member)| member).collect();
    members.sort_unstable();
    let mm = |metres: f64| (metres * 1e3).round() as i32;
    let here = members.into_iter().map(|member| {
        let felt = &rows.felt[member as usize];
        let (north_m, east_m) = spot.founded.to(felt.at);
        [mm(north_m), mm(east_m), mm(f64::from(felt.sigma_m))]
    });
    let before = spot
        .past
        .iter()
        .flat_map(|past| past.readings.iter().copied());
    let mut best: Vec<past::Reading> = before.chain(here).collect();
    best.sort_by_key(|reading| reading[2]);
    best.truncate(rule.members.max(1));
    best
}

/// The mean that far readings cannot drag away, beginning from the median.
fn robust_mean_m(readings: &[Coordinate], rule: &PlaceRule) -> f64 {
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
fn scatter(readings: &[Coordinate], mean_m: f64, rule: &PlaceRule) -> f64 {
    if readings.len() < 2 {
        return 0.0;
    }
    let chi2: f64 = (readings.iter())
        .map(|r| r.trust(mean_m, rule) * ((r.value_m - mean_m) / r.sigma_m).powi(2))
        .sum();
    (chi2 / (2 * (readings.len() - 1)) as f64).sqrt()
}

/// The value that half of the weight lies below.
fn weighted_median_m(readings: &[Coordinate]) -> f64 {
    let mut sorted = readings.to_vec();
    sorted.sort_by(|a, b| a.value_m.total_cmp(&b.value_m));
    let half = sorted.iter().map(Coordinate::weight).sum::<f64>() / 2.0;
    let mut below = 0.0;
    for reading in &sorted {
        below += reading.weight();
        if below >= half {
            return reading.value_m;
        }
    }
    0.0
}

impl Coordinate {
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

    fn readings(values_m: &[f64]) -> Vec<Coordinate> {
        (values_m.iter())
            .map(|&value_m| Coordinate {
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
