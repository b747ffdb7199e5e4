//! What a detector saw, kept for people who ask why.

use trip::SkipReason;

use crate::config::Config;
use crate::feature::{BodyFeatures, ImpactFeatures};
use crate::score::{Reasons, Scored};

/// What a detector saw of one trip; it grows with the trip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watch {
    /// The vertical acceleration on the even time grid, gravity taken out: µs of the phone's clock,
    /// m/s².
    pub vertical: Vec<(i64, f32)>,
    /// One judged moment per hop, in order of time.
    pub moments: Vec<Moment>,
}

/// What was made of one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// The moment, µs of the phone's clock.
    pub t_us: i64,
    /// The features of the body channel; `None` where it could not be judged.
    pub body: Option<BodyFeatures>,
    /// The features of the impact channel; `None` where there was no blow.
    pub impact: Option<ImpactFeatures>,
    /// The body channel's score, log odds.
    pub body_score: Option<f32>,
    /// The impact channel's score, log odds.
    pub impact_score: Option<f32>,
    /// The score that counts; −∞ where nothing is concluded.
    pub score: f32,
    /// Why nothing is concluded.
    pub skip: Option<SkipReason>,
    /// ln(RMS + floor) of swell (0.4–1.2 Hz) and bounce (1.2–2.5 Hz), ln(m/s²).
    pub body_ln: [Option<f32>; 2],
    /// What is usual of swell, bounce, the highest vertical acceleration and the highest blow,
    /// ln(m/s² + floor), the expectation before the vehicle is known.
    pub usual_ln: [f32; 4],
    /// The highest vertical acceleration of the hop, m/s².
    pub peak_mps2: f32,
    /// The highest one above 3 Hz, m/s².
    pub blow_mps2: f32,
    /// Horizontal over vertical motion.
    pub horizontal_ratio: f32,
    /// Speed of the vehicle, m/s.
    pub speed_mps: Option<f64>,
    /// The sensor's own rate, Hz.
    pub source_hz: f32,
}

/// One part of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The feature, by its name in [`BodyFeatures`] or [`ImpactFeatures`]; or `bias`, the log odds
    /// without any, or `ceiling`, what a blow lost because none is surer than that.
    pub name: &'static str,
    /// Its value.
    pub value: f32,
    /// What it adds to the log odds.
    pub odds: f32,
}

impl Part {
    fn new(name: &'static str, value: f32, odds: f32) -> Self {
        Self { name, value, odds }
    }
}

impl Moment {
    pub(crate) fn new(scored: &Scored, reasons: Reasons, usual_ln: [f32; 4]) -> Self {
        let frame = &scored.frame;
        Self {
            t_us: frame.t_us,
            body: reasons.body,
            impact: reasons.impact,
            body_score: scored.body,
            impact_score: scored.impact,
            score: scored.score,
            skip: scored.skip,
            body_ln: frame.body_ln,
            usual_ln,
            peak_mps2: frame.peak.height_mps2,
            blow_mps2: frame.blow_mps2,
            horizontal_ratio: frame.horizontal_ratio,
            speed_mps: scored.point.map(|p| p.speed.mps()),
            source_hz: frame.source_hz,
        }
    }

    /// What the body channel's score is the sum of, the bias first; empty without a score.
    pub fn body_parts(&self, config: &Config) -> Vec<Part> {
        let (Some(features), Some(_)) = (self.body, self.body_score) else {
            return Vec::new();
        };
        let weights = &config.body.weights;
        let weighted = features.values().into_iter().zip(weights.values());
        let named = BodyFeatures::NAMES.into_iter().zip(weighted);
        std::iter::once(Part::new("bias", 1.0, weights.bias))
            .chain(named.map(|(name, (value, weight))| Part::new(name, value, value * weight)))
            .collect()
    }

    /// What the impact channel's score is the sum of, the bias first; empty without a score.
    pub fn impact_parts(&self, config: &Config) -> Vec<Part> {
        let (Some(features), Some(score)) = (self.impact, self.impact_score) else {
            return Vec::new();
        };
        let (bias, weighed) = features.weighed(&config.impact, self.source_hz);
        let coarse = config.impact.is_coarse(self.source_hz);
        let named = ImpactFeatures::NAMES.into_iter().zip(weighed);
        let counted = named.take(if coarse { 1 } else { weighed.len() });
        let mut parts = vec![Part::new("bias", 1.0, bias)];
        parts.extend(counted.map(|(name, (value, weight))| Part::new(name, value, value * weight)));
        let sum: f32 = parts.iter().map(|part| part.odds).sum();
        if (score - sum).abs() > 1e-4 {
            parts.push(Part::new("ceiling", config.impact.ceiling, score - sum));
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_score_add_up_to_it() {
        let config = Config::default();
        let body = BodyFeatures {
            swell: 1.9,
            bounce: 1.1,
            level: -0.4,
            ..BodyFeatures::default()
        };
        let impact = ImpactFeatures {
            excess: 3.0,
            lead: 1.0,
            contrast: 2.0,
            horizontal: 5.0,
        };
        let moment = Moment {
            t_us: 0,
            body: Some(body),
            impact: Some(impact),
            body_score: Some(body.score(&config.body.weights)),
            impact_score: Some(impact.score(&config.impact, 50.0)),
            score: 0.0,
            skip: None,
            body_ln: [None; 2],
            usual_ln: [0.0; 4],
            peak_mps2: 0.0,
            blow_mps2: 0.0,
            horizontal_ratio: 0.0,
            speed_mps: None,
            source_hz: 50.0,
        };
        let sum = |parts: Vec<Part>| -> f32 { parts.iter().map(|part| part.odds).sum() };
        let near = |a: f32, b: Option<f32>| (a - b.expect("a score")).abs() < 1e-3;
        assert!(near(sum(moment.body_parts(&config)), moment.body_score));
        assert!(near(sum(moment.impact_parts(&config)), moment.impact_score));
    }
}
