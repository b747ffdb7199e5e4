//! Roughness that was judged against the true one of made roads, for each piece whose truth is
//! known: 100 m, over which stretches of any length are put together.

use serde::Serialize;

use super::Drive;
use super::drive::Road;

/// How well the estimated IRI follows the true one, over single passes.
#[derive(Clone, Debug, Serialize)]
pub struct RoughnessFigures {
    /// The set.
    pub set: String,
    /// Sections of which at least half was judged, by time.
    pub sections: u64,
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
    /// Sections that have an interval.
    pub with_interval: u64,
    /// Share of these whose interval holds the truth.
    pub inside_interval: Option<f64>,
    /// Every section, estimated and true IRI, m/km: for a picture.
    #[serde(skip)]
    pub pairs: Vec<(f64, f64)>,
}

/// A section is compared when this share of its time was judged.
const MIN_OVERLAP: f64 = 0.5;

impl RoughnessFigures {
    /// Of the drives of one set; `None` with fewer than three sections.
    pub fn of(set: &str, drives: &[&Drive]) -> Option<Self> {
        let pairs: Vec<(Road, f64)> = drives
            .iter()
            .flat_map(|drive| {
                let truth = drive.true_roads.iter();
                truth.filter_map(|road| Some((said(road, &drive.judged_roads)?, road.iri_m_per_km)))
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
            sections: pairs.len() as u64,
            hours: hours.sum(),
            r2_ln_iri: 1.0 - errors / variation(&truth, &truth),
            r2_ln_iri_by_line: correlation(&said, &truth).powi(2),
            rmse_m_per_km: (squares.sum::<f64>() / count).sqrt(),
            spearman: correlation(&ranks(&said), &ranks(&truth)),
            with_interval: with_interval.len() as u64,
            inside_interval: (!with_interval.is_empty())
                .then(|| inside / with_interval.len() as f64),
            pairs: (pairs.iter())
                .map(|(road, truth)| (road.iri_m_per_km, *truth))
                .collect(),
        })
    }
}

fn seconds(road: &Road) -> f64 {
    (road.end_us - road.begin_us) as f64 / 1e6
}

/// What was said of a section: the mean of ln IRI over the stretches in it, by time, and the same of
/// both ends of their intervals, as if stretches of one drive erred alike; `None` where too little
/// was judged.
fn said(section: &Road, judged: &[Road]) -> Option<Road> {
    let (mut known_us, mut sum, mut ends) = (0, 0.0, Some([0.0; 2]));
    for road in judged {
        let begin_us = road.begin_us.max(section.begin_us);
        let shared_us = (road.end_us.min(section.end_us) - begin_us).max(0);
        if shared_us == 0 {
            continue;
        }
        let share = shared_us as f64;
        known_us += shared_us;
        sum += share * road.iri_m_per_km.ln();
        ends = (ends.zip(road.iri_interval))
            .map(|(sums, ends)| [0, 1].map(|i: usize| sums[i] + share * ends[i].ln()));
    }
    let length_us = section.end_us - section.begin_us;
    let enough = known_us > 0 && known_us as f64 >= MIN_OVERLAP * length_us as f64;
    let mean = |sum: f64| (sum / known_us as f64).exp();
    enough.then(|| Road {
        iri_m_per_km: mean(sum),
        iri_interval: ends.map(|ends| ends.map(mean)),
        ..*section
    })
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
    fn what_is_said_of_a_section_is_the_mean_of_what_lies_in_it() {
        let judged = [road(0, 10, 2.0), road(10, 20, 8.0)];
        let iri = |section: Road| said(&section, &judged).map(|road| road.iri_m_per_km);
        assert!((iri(road(5, 15, 9.0)).expect("judged") - 4.0).abs() < 1e-12);
        assert!((iri(road(15, 25, 9.0)).expect("judged") - 8.0).abs() < 1e-12);
        assert_eq!(iri(road(16, 26, 9.0)), None);
        assert_eq!(iri(road(30, 40, 9.0)), None);
    }

    #[test]
    fn a_section_has_an_interval_when_all_that_lies_in_it_has() {
        let with = |road: Road, ends| Road {
            iri_interval: Some(ends),
            ..road
        };
        let both = [
            with(road(0, 10, 2.0), [1.0, 4.0]),
            with(road(10, 20, 8.0), [4.0, 16.0]),
        ];
        let [low, high] = said(&road(0, 20, 9.0), &both)
            .and_then(|road| road.iri_interval)
            .expect("both have one");
        assert!((low - 2.0).abs() < 1e-12 && (high - 8.0).abs() < 1e-12);
        let one = [both[0], road(10, 20, 8.0)];
        assert_eq!(
            said(&road(0, 20, 9.0), &one).expect("judged").iri_interval,
            None
        );
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
        let figures = figures.expect("three sections");
        assert!((figures.r2_ln_iri_by_line - 1.0).abs() < 1e-12);
        // Errors 3 ln² 2, variation 2 ln² 2.
        assert!((figures.r2_ln_iri + 0.5).abs() < 1e-12);
        assert!((figures.rmse_m_per_km - 7f64.sqrt()).abs() < 1e-12);
        assert!((figures.spearman - 1.0).abs() < 1e-12);
        assert_eq!((figures.sections, figures.inside_interval), (3, None));
    }
}
