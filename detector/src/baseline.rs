//! What is usual for this vehicle, phone and road: running medians that start from an expectation.

use crate::config::BaselineConfig;
use crate::quantile::RunningQuantile;

/// What has a usual value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Usual {
    /// Log energy at 0.4–1.2 Hz.
    Swell,
    /// Log energy at 1.2–2.5 Hz.
    Bounce,
    /// Log of the highest vertical acceleration of half a second.
    Peak,
    /// Log of the highest blow of a hop.
    Blow,
    /// Log of the change of the mean horizontal force.
    Braking,
    /// Log of the highest horizontal acceleration of half a second.
    Across,
}

/// The running medians of a trip.
#[derive(Clone, Debug)]
pub(crate) struct Baselines {
    config: BaselineConfig,
    hop_s: f32,
    medians: [RunningQuantile; 6],
    skipped: [usize; 6],
}

impl Baselines {
    pub(crate) fn new(config: BaselineConfig, hop_s: f64) -> Self {
        let every_s = hop_s * config.every.max(1) as f64;
        let memory = (config.memory_s / every_s) as usize;
        Self {
            medians: std::array::from_fn(|_| RunningQuantile::new(0.5, memory)),
            skipped: [config.every; 6],
            hop_s: every_s as f32,
            config,
        }
    }

    /// Takes a value; one in every few is remembered.
    pub(crate) fn learn(&mut self, usual: Usual, value_ln: f32) {
        let i = usual as usize;
        self.skipped[i] += 1;
        if self.skipped[i] >= self.config.every.max(1) {
            self.skipped[i] = 0;
            self.medians[i].push(value_ln);
        }
    }

    /// Seconds of driving that the median rests on.
    pub(crate) fn seconds(&self, usual: Usual) -> f32 {
        self.medians[usual as usize].len() as f32 * self.hop_s
    }

    /// The usual value: the mean of median and expectation, each by its seconds.
    pub(crate) fn value(&self, usual: Usual) -> f32 {
        let i = usual as usize;
        let (expected, weight) = (self.config.prior_ln[i], self.config.prior_s[i]);
        let Some(median) = self.medians[i].value() else {
            return expected;
        };
        let seconds = self.seconds(usual);
        (median * seconds + expected * weight) / (seconds + weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expectation_fades_as_the_vehicle_becomes_known() {
        let config = BaselineConfig::default();
        let mut baselines = Baselines::new(config.clone(), 0.16);
        assert_eq!(baselines.value(Usual::Swell), config.prior_ln[0]);
        let mut after = |hops: usize| {
            (0..hops).for_each(|_| baselines.learn(Usual::Swell, 0.0));
            baselines.value(Usual::Swell)
        };
        let (early, late) = (after(30), after(4000));
        assert!(early < -0.5 && late > -0.1, "{early} {late}");
    }
}
