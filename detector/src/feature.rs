//! What tells a jolt from the road: the features of both channels, and their weighted sums.

use crate::config::{BodyWeights, ImpactConfig, ImpactWeights};

/// What the body channel compares of one moment; all differences of natural logarithms but `level`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BodyFeatures {
    /// Swell (0.4–1.2 Hz) above its usual value.
    pub swell: f32,
    /// Bounce (1.2–2.5 Hz) above its usual value.
    pub bounce: f32,
    /// Swell above the median of the seconds around.
    pub contrast: f32,
    /// Highest vertical acceleration of half a second above its usual value.
    pub peak: f32,
    /// Swell and bounce together, ln(m/s²).
    pub level: f32,
    /// Swell and sway beyond what a road can do, 0 or more.
    pub overshoot: f32,
    /// Change of the mean horizontal force from before to after, above its usual value.
    pub braking: f32,
    /// Highest horizontal acceleration of half a second above its usual value.
    pub sway: f32,
}

/// What the impact channel compares of one blow; differences of natural logarithms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ImpactFeatures {
    /// Blow above its usual value; of a young trip above the seconds around.
    pub excess: f32,
    /// Peak above the highest of the seconds around.
    pub lead: f32,
    /// Peak above their median.
    pub contrast: f32,
    /// Horizontal over vertical peak.
    pub horizontal: f32,
}

impl BodyFeatures {
    /// Names, in the order of [`BodyFeatures::values`].
    pub const NAMES: [&'static str; 8] = [
        "swell",
        "bounce",
        "contrast",
        "peak",
        "level",
        "overshoot",
        "braking",
        "sway",
    ];

    /// The features in a fixed order.
    pub fn values(&self) -> [f32; 8] {
        [
            self.swell,
            self.bounce,
            self.contrast,
            self.peak,
            self.level,
            self.overshoot,
            self.braking,
            self.sway,
        ]
    }

    /// Log odds that a person would have marked the moment.
    pub(crate) fn score(&self, weights: &BodyWeights) -> f32 {
        weights.bias + dot(self.values(), weights.values())
    }
}

impl BodyWeights {
    /// The weights in the order of [`BodyFeatures::values`], the bias left out.
    pub fn values(&self) -> [f32; 8] {
        [
            self.swell,
            self.bounce,
            self.contrast,
            self.peak,
            self.level,
            self.overshoot,
            self.braking,
            self.sway,
        ]
    }
}

impl ImpactFeatures {
    /// Bounds of `horizontal`: beyond them it tells of the mount, or of no horizontal axis at all.
    pub(crate) const HORIZONTAL: [f32; 2] = [-2.5, 0.7];

    /// Log odds that a person would have marked the moment; never above the ceiling.
    pub(crate) fn score(&self, config: &ImpactConfig) -> f32 {
        let ImpactWeights {
            bias,
            excess,
            lead,
            contrast,
            horizontal,
        } = config.weights;
        let [lowest, highest] = Self::HORIZONTAL;
        let features = [
            self.excess,
            self.lead,
            self.contrast,
            self.horizontal.clamp(lowest, highest),
        ];
        let odds = bias + dot(features, [excess, lead, contrast, horizontal]);
        below(odds, config.ceiling, config.bend)
    }
}

/// `value` where it is far below the ceiling, and ever nearer to the ceiling beyond it.
pub(crate) fn below(value: f32, ceiling: f32, bend: f32) -> f32 {
    ceiling - (bend * (ceiling - value)).exp().ln_1p() / bend
}

fn dot<const N: usize>(features: [f32; N], weights: [f32; N]) -> f32 {
    features.iter().zip(weights).map(|(f, w)| f * w).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_keeps_the_order() {
        let values = [-6.0, -2.0, 0.0, 1.0, 3.0];
        let bent = values.map(|v| below(v, 0.3, 1.5));
        assert!((bent[0] + 6.0).abs() < 1e-3 && bent[4] < 0.3);
        assert!(bent.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_bounce_that_its_peak_explains_counts_less() {
        let bounce = BodyFeatures {
            bounce: 2.0,
            ..BodyFeatures::default()
        };
        let rattle = BodyFeatures {
            peak: 2.0,
            ..bounce
        };
        let weights = BodyWeights::default();
        assert!(bounce.score(&weights) > rattle.score(&weights) + 0.5);
    }
}
