//! What a detector saw, kept for people who ask why.

use trip::SkipReason;

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
    /// The highest vertical acceleration of the hop, m/s².
    pub peak_mps2: f32,
    /// The highest one above 3 Hz, m/s².
    pub blow_mps2: f32,
    /// Horizontal over vertical motion.
    pub horizontal_ratio: f32,
    /// Speed of the vehicle, m/s.
    pub speed_mps: Option<f64>,
}

impl Moment {
    pub(crate) fn new(scored: &Scored, reasons: Reasons) -> Self {
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
            peak_mps2: frame.peak.height_mps2,
            blow_mps2: frame.blow.height_mps2,
            horizontal_ratio: frame.horizontal_ratio,
            speed_mps: scored.point.map(|p| p.speed.mps()),
        }
    }
}
