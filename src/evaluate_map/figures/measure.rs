//! Shares and medians with their intervals.

use serde::Serialize;

use crate::evaluate::interval::{Interval, bootstrap, quantile};

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The share; `None` of none.
    pub share: Option<f64>,
    /// Where the true share lies, 95 %. Source: Wilson (1927).
    pub interval: Option<Interval>,
}

/// The middle of some values, and how far they go.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Median {
    /// How many values.
    pub n: u64,
    /// The middle; `None` of none.
    pub median: Option<f64>,
    /// Where the true middle lies, 95 %, by bootstrap.
    pub interval: Option<Interval>,
    /// What 95 of 100 values do not exceed.
    pub p95: Option<f64>,
}

/// Two-sided 95 % of a normal distribution.
const Z: f64 = 1.959_964;

/// A bootstrap of more values than this says no more, and takes long.
const BOOTSTRAP_MAX: usize = 2000;

impl Share {
    /// So many of so many.
    pub fn of(count: u64, of: u64) -> Self {
        if of == 0 {
            return Self {
                count,
                of,
                share: None,
                interval: None,
            };
        }
        let n = of as f64;
        let share = count as f64 / n;
        let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let (middle, scale) = (share + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
        Self {
            count,
            of,
            share: Some(share),
            interval: Some(Interval {
                low: ((middle - spread) / scale).max(0.0),
                high: ((middle + spread) / scale).min(1.0),
            }),
        }
    }

    /// How many are true.
    pub fn count(truths: impl Iterator<Item = bool>) -> Self {
        let (mut count, mut of) = (0, 0);
        for truth in truths {
            of += 1;
            count += u64::from(truth);
        }
        Self::of(count, of)
    }
}

impl Median {
    /// The middle of some values.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let known = !values.is_empty();
        Self {
            n: values.len() as u64,
            median: known.then(|| quantile(&values, 0.5)),
            interval: interval(&values),
            p95: known.then(|| quantile(&values, 0.95)),
        }
    }
}

/// Where the middle lies. Of very many values the ranks around the middle say it as well.
fn interval(sorted: &[f64]) -> Option<Interval> {
    if sorted.len() > BOOTSTRAP_MAX {
        let spread = Z / 2.0 / (sorted.len() as f64).sqrt();
        return Some(Interval {
            low: quantile(sorted, 0.5 - spread),
            high: quantile(sorted, 0.5 + spread),
        });
    }
    bootstrap(&vec![0; sorted.len()], |drawn| {
        let total: u32 = drawn.iter().sum();
        let mut seen = 0;
        let at = drawn.iter().position(|&times| {
            seen += times;
            2 * seen >= total
        });
        at.map(|index| sorted[index])
    })
}
