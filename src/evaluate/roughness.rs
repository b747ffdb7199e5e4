//! Roughness that was judged against the true one of made roads.

use serde::Serialize;

use super::Drive;
use super::drive::Road;

/// How well the estimated IRI follows the true one, over single passes.
#[derive(Clone, Debug, Serialize)]
pub struct RoughnessFigures {
    /// The set.
    pub set: String,
    /// Stretches with an estimate of which the truth is known for at least half of their time.
    pub stretches: u64,
    /// Their length in time, hours.
    pub hours: f64,
    /// Share of the variance of ln IRI that the estimate explains as it stands; below 0 it is worse
    /// than the mean of the truth.
    pub r2_ln_iri: f64,
    /// The same after the best straight line: the squared correlation of both logarithms.
    pub r2_ln_iri_by_line: f64,
    /// Root mean square error, m/km.
    pub rmse_m_per_km: f64,
    /// Rank correlation.
    pub spearman: f64,
    /// Stretches that have an interval.
    pub with_interval: u64,
    /// Share of these whose interval holds the truth.
    pub inside_interval: Option<f64>,
}

/// An estimate is compared when the truth is known for this share of its time.
const MIN_OVERLAP: f64 = 0.5;

impl RoughnessFigures {
    /// Of the drives of one set; `None` with fewer than three stretches.
    pub fn of(set: &str, drives: &[&Drive]) -> Option<Self> {
        let pairs: Vec<(Road, f64)> = drives
            .iter()
            .flat_map(|drive| {
                let judged = drive.judged_roads.iter();
                judged.filter_map(|road| Some((*road, true_iri(road, &drive.true_roads)?)))
            })
            .collect();
        if pairs.len() < 3 {
            return None;
        }
        let ln = |of: &dyn Fn(&(Road, f64)) -> f64| -> Vec<f64> {
            pairs.iter().map(|pair| of(pair).max(1e-3).ln()).collect()
        };
        let (said, truth) = (ln(&|pair| pair.0.iri_m_per_km), ln(&|pair| pair.1));
        let errors: f64 = said.iter().zip(&truth).map(|(a, b)| (a - b).powi(2)).sum();
        let squares = pairs
            .iter()
            .map(|(road, t)| (road.iri_m_per_km - t).powi(2));
        let count = pairs.len() as f64;
        let hours = pairs.iter().map(|(road, _)| seconds(road) / 3600.0);
        let with_interval: Vec<bool> = (pairs.iter())
            .filter_map(|(road, t)| road.iri_interval.map(|[low, high]| low <= *t && *t <= high))
            .collect();
        let inside = with_interval.iter().filter(|inside| **inside).count() as f64;
        Some(Self {
            set: set.to_owned(),
            stretches: pairs.len() as u64,
            hours: hours.sum(),
            r2_ln_iri: 1.0 - errors / variation(&truth, &truth),
            r2_ln_iri_by_line: correlation(&said, &truth).powi(2),
            rmse_m_per_km: (squares.sum::<f64>() / count).sqrt(),
            spearman: correlation(&ranks(&said), &ranks(&truth)),
            with_interval: with_interval.len() as u64,
            inside_interval: (!with_interval.is_empty())
                .then(|| inside / with_interval.len() as f64),
        })
    }
}

fn seconds(road: &Road) -> f64 {
    (road.end_us - road.begin_us) as f64 / 1e6
}

/// The mean true roughness while a stretch was driven; `None` where too little of it is known.
fn true_iri(judged: &Road, truth: &[Road]) -> Option<f64> {
    let (mut known_us, mut sum) = (0, 0.0);
    for road in truth {
        let begin_us = road.begin_us.max(judged.begin_us);
        let shared_us = (road.end_us.min(judged.end_us) - begin_us).max(0);
        known_us += shared_us;
        sum += shared_us as f64 * road.iri_m_per_km;
    }
    let length_us = judged.end_us - judged.begin_us;
    (known_us > 0 && known_us as f64 >= MIN_OVERLAP * length_us as f64)
        .then(|| sum / known_us as f64)
}

/// Sum of the products of the deviations from both means.
fn variation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let products = a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b));
    products.sum()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    variation(a, b) / (variation(a, a) * variation(b, b)).sqrt()
}

/// The rank of each value, equal ones share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut begin = 0;
    for end in 1..=order.len() {
        if end == order.len() || values[order[end]] != values[order[begin]] {
            let shared = (begin + end - 1) as f64 / 2.0;
            order[begin..end].iter().for_each(|&at| ranks[at] = shared);
            begin = end;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn road(begin_s: i64, end_s: i64, iri_m_per_km: f64) -> Road {
        Road {
            begin_us: begin_s * 1_000_000,
            end_us: end_s * 1_000_000,
            iri_m_per_km,
            iri_interval: None,
        }
    }

    #[test]
    fn the_truth_of_a_stretch_is_the_mean_of_what_it_covers() {
        let truth = [road(0, 10, 2.0), road(10, 20, 4.0)];
        assert_eq!(true_iri(&road(5, 15, 9.0), &truth), Some(3.0));
        assert_eq!(true_iri(&road(15, 25, 9.0), &truth), Some(4.0));
        assert_eq!(true_iri(&road(16, 26, 9.0), &truth), None);
        assert_eq!(true_iri(&road(30, 40, 9.0), &truth), None);
    }

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [2.5, 0.0, 2.5, 1.0]);
    }

    #[test]
    fn twice_the_truth_is_a_straight_line_and_a_poor_estimate() {
        let figures = RoughnessFigures::of(
            "made",
            &[&Drive {
                judged_roads: vec![road(0, 10, 2.0), road(10, 20, 4.0), road(20, 30, 8.0)],
                true_roads: vec![road(0, 10, 1.0), road(10, 20, 2.0), road(20, 30, 4.0)],
                ..Drive::default()
            }],
        );
        let figures = figures.expect("three stretches");
        assert!((figures.r2_ln_iri_by_line - 1.0).abs() < 1e-12);
        // Errors 3 ln² 2, variation 2 ln² 2.
        assert!((figures.r2_ln_iri + 0.5).abs() < 1e-12);
        assert!((figures.rmse_m_per_km - 7f64.sqrt()).abs() < 1e-12);
        assert!((figures.spearman - 1.0).abs() < 1e-12);
        assert_eq!((figures.stretches, figures.inside_interval), (3, None));
    }
}
