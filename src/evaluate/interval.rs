//! How sure a figure is: 95 % intervals by bootstrap, and of a count.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// From where to where the truth lies in 95 of 100 cases.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Both ends times a factor.
    pub fn times(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            high: self.high * factor,
        }
    }
}

/// Draws of a bootstrap.
pub const DRAWS: usize = 1000;

/// With fewer units than this a bootstrap says more about the units than about the figure.
pub const MIN_UNITS: usize = 3;

/// Share of the truth that an interval leaves out on either side.
const TAIL: f64 = 0.025;

/// The percentile interval of a statistic when units are drawn with replacement, as many as there
/// are in each stratum. `strata` names the stratum of each unit; the statistic is told how often each
/// unit was drawn, and may have no value for some draws. The draws are the same on every run.
///
/// `None` with fewer than [`MIN_UNITS`] units, or when the statistic mostly has no value.
///
/// Source: Efron and Tibshirani (1993), chapter 13.
pub fn bootstrap(
    strata: &[usize],
    mut statistic: impl FnMut(&[u32]) -> Option<f64>,
) -> Option<Interval> {
    if strata.len() < MIN_UNITS {
        return None;
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); strata.iter().max().map_or(0, |s| s + 1)];
    for (unit, &stratum) in strata.iter().enumerate() {
        members[stratum].push(unit);
    }
    let mut chance = ChaCha8Rng::seed_from_u64(2012);
    let mut values = Vec::with_capacity(DRAWS);
    let mut drawn = vec![0; strata.len()];
    for _ in 0..DRAWS {
        drawn.fill(0);
        for members in &members {
            for _ in members {
                let at = chance.random_range(0..members.len() as u64) as usize;
                drawn[members[at]] += 1;
            }
        }
        values.extend(statistic(&drawn));
    }
    if values.len() < DRAWS / 2 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&values, TAIL),
        high: quantile(&values, 1.0 - TAIL),
    })
}

/// A quantile of sorted values, between two of them on the line (type 7 of Hyndman and Fan, 1996);
/// NaN of none.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let at = share.clamp(0.0, 1.0) * last as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    if below == above {
        return below;
    }
    below + (above - below) * at.fract()
}

/// The exact interval of an expected count of which `count` was seen.
///
/// Source: Garwood (1936), Biometrika 28: the means at which so many or more, and so many or fewer,
/// have a probability of 2.5 %.
pub fn of_count(count: u64) -> Interval {
    let far = count as f64 + 10.0 * (count as f64 + 1.0).sqrt() + 20.0;
    let root = |is_below: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, far);
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if is_below(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    };
    let low = match count.checked_sub(1) {
        Some(fewer) => root(&|mean| 1.0 - poisson_up_to(fewer, mean) < TAIL),
        None => 0.0,
    };
    Interval {
        low,
        high: root(&|mean| poisson_up_to(count, mean) > TAIL),
    }
}

/// The probability of `count` or fewer when `mean` are expected.
fn poisson_up_to(count: u64, mean: f64) -> f64 {
    let mut ln_term = -mean;
    let mut sum = ln_term.exp();
    for k in 1..=count {
        ln_term += (mean / k as f64).ln();
        sum += ln_term.exp();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_alarms_may_be_two_or_twelve() {
        // Garwood's table: 0 → 3.69, 1 → 0.0253 to 5.57, 5 → 1.62 to 11.67, 100 → 81.4 to 121.6.
        for (count, low, high) in [
            (0, 0.0, 3.689),
            (1, 0.0253, 5.572),
            (5, 1.623, 11.668),
            (100, 81.364, 121.627),
        ] {
            let interval = of_count(count);
            assert!((interval.low - low).abs() < 1e-3, "{count}: {interval:?}");
            assert!((interval.high - high).abs() < 1e-3, "{count}: {interval:?}");
        }
    }

    #[test]
    fn the_mean_of_rides_lies_in_its_interval_and_is_drawn_the_same_each_time() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let mean = |drawn: &[u32]| {
            let sum: f64 = (drawn.iter().zip(values))
                .map(|(&times, value)| f64::from(times) * value)
                .sum();
            assert_eq!(drawn.iter().sum::<u32>(), 8);
            Some(sum / 8.0)
        };
        let interval = bootstrap(&[0; 8], mean).expect("eight rides");
        // Standard error of the mean: 2.29 / √8 = 0.81.
        assert!((interval.low - (4.5 - 1.6)).abs() < 0.2, "{interval:?}");
        assert!((interval.high - (4.5 + 1.6)).abs() < 0.2, "{interval:?}");
        assert_eq!(bootstrap(&[0; 8], mean), Some(interval));
        assert_eq!(bootstrap(&[0; 2], |_| Some(1.0)), None);
        assert_eq!(bootstrap(&[0; 8], |_| None), None);
    }

    #[test]
    fn each_stratum_keeps_its_size() {
        let strata = [0, 1, 1, 0, 2, 1];
        let sizes = |drawn: &[u32]| {
            let of = |stratum: usize| {
                let units = drawn.iter().zip(strata).filter(|(_, s)| *s == stratum);
                units.map(|(times, _)| times).sum::<u32>()
            };
            assert_eq!([of(0), of(1), of(2)], [2, 3, 1]);
            Some(0.0)
        };
        assert!(bootstrap(&strata, sizes).is_some());
    }

    #[test]
    fn a_quantile_lies_between_values() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
        assert_eq!(quantile(&[f64::NEG_INFINITY; 2], 0.5), f64::NEG_INFINITY);
        assert!(quantile(&[], 0.5).is_nan());
    }
}
