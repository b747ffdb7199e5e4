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
        let weighed = self.values().into_iter().zip(weights.values());
        weights.bias + weighed.map(|(f, w)| f * w).sum::<f32>()
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
    /// Names, in the order of their fields.
    pub const NAMES: [&'static str; 4] = ["excess", "lead", "contrast", "horizontal"];

    /// Bounds of `horizontal`: beyond them it tells of the mount, or of no horizontal axis at all.
    const HORIZONTAL: [f32; 2] = [-2.5, 0.7];

    /// The bias, and each feature as it counts with its weight, in the order of
    /// [`ImpactFeatures::NAMES`]. Of a coarse sensor only the excess weighs.
    pub(crate) fn weighed(&self, config: &ImpactConfig, source_hz: f32) -> (f32, [(f32, f32); 4]) {
        let weights = if config.is_coarse(source_hz) {
            ImpactWeights {
                bias: config.coarse_bias,
                excess: config.coarse_excess,
                lead: 0.0,
                contrast: 0.0,
                horizontal: 0.0,
            }
        } else {
            config.weights.clone()
        };
        let [lowest, highest] = Self::HORIZONTAL;
        let weighed = [
            (self.excess, weights.excess),
            (self.lead, weights.lead),
            (self.contrast, weights.contrast),
            (self.horizontal.clamp(lowest, highest), weights.horizontal),
        ];
        (weights.bias, weighed)
    }

    /// Log odds that a person would have marked the moment; never above the ceiling, unless the
    /// sensor is coarse.
    pub(crate) fn score(&self, config: &ImpactConfig, source_hz: f32) -> f32 {
        let (bias, weighed) = self.weighed(config, source_hz);
        let odds = bias + weighed.iter().map(|(f, w)| f * w).sum::<f32>();
        if config.is_coarse(source_hz) {
            odds
        } else {
            below(odds, config.ceiling, config.bend)
        }
    }
}

impl ImpactConfig {
    /// Whether whole blows fall between the readings of a sensor.
    pub(crate) fn is_coarse(&self, source_hz: f32) -> bool {
        source_hz < self.coarse_below_hz
    }
}

/// `value` where it is far below the ceiling, and ever nearer to the ceiling beyond it.
pub(crate) fn below(value: f32, ceiling: f32, bend: f32) -> f32 {
    ceiling - (bend * (ceiling - value)).exp().ln_1p() / bend
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
