//! From scores to probabilities: a logistic curve through what was on a mark and what was not.

use super::logistic::{Example, Logistic};
use crate::evaluate::kinds::Reliability;

/// The curve: `1 / (1 + exp(−slope · (score − mid)))`.
///
/// Source: Platt (1999), Probabilistic outputs for support vector machines; fitted on scores of rides
/// that were left out, as there in section 2.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// Log odds per unit of the score.
    pub slope: f64,
    /// The score of an even chance.
    pub mid: f64,
}

impl Curve {
    /// Through scores of which it is known whether they were so; `None` unless there are both sorts.
    pub fn fit(scored: &[(f64, bool)]) -> Option<Self> {
        let example = |&(score, so): &(f64, bool)| Example {
            features: vec![score],
            so,
        };
        let examples: Vec<Example> = scored.iter().map(example).collect();
        let model = Logistic::fit(&examples, 0.0)?;
        let slope = *model.weights.first()?;
        Some(Self {
            slope,
            mid: -model.bias / slope,
        })
    }

    /// The probability of a score.
    pub fn at(self, score: f64) -> f64 {
        1.0 / (1.0 + (-self.slope * (score - self.mid)).exp())
    }

    /// How far probabilities lie from what was so, on average over tenths.
    pub fn error(self, scored: &[(f64, bool)]) -> Option<f64> {
        let said: Vec<(f64, bool)> = (scored.iter())
            .map(|&(score, so)| (self.at(score), so))
            .collect();
        Reliability::of("", &said).map(|it| it.expected_calibration_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_through_what_was_so() {
        let share = |score: f64, so: usize| (0..100).map(move |i| (score, i < so));
        let scored: Vec<(f64, bool)> = share(-1.0, 20).chain(share(3.0, 80)).collect();
        let curve = Curve::fit(&scored).expect("both sorts");
        assert!((curve.mid - 1.0).abs() < 1e-6, "{curve:?}");
        assert!((curve.at(3.0) - 0.8).abs() < 1e-6, "{curve:?}");
        assert!(curve.error(&scored).expect("some") < 1e-6);
        assert_eq!(Curve::fit(&[(1.0, true)]), None);
    }
}
