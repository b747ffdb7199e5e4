//! Chance: one seed, and a stream of its own for everything that is drawn.
//!
//! A lane's surface must not change because a driver was drawn before it, so nothing shares a
//! stream: every object has its own, found by what it is and its number.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::Config;

/// What is drawn from a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// The street grid and where it lies.
    Streets = 1,
    /// Hazards of a lane and its opposite.
    Hazards,
    /// How rough a street is.
    Pavement,
    /// Surface and small defects of a lane.
    Lane,
    /// Surface of the crossing before a lane.
    Crossing,
    /// A driver and the car.
    Driver,
    /// A phone and where it sits.
    Phone,
    /// Where a trip goes and what its driver does.
    Route,
    /// When a trip begins.
    Calendar,
    /// What shakes a phone during a trip, and the noise of its sensors.
    Cabin,
    /// Errors of the positions of a trip.
    Receiver,
    /// Names that must not repeat between runs.
    Identity,
}

/// The source of all streams of one town.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    key: [u8; 32],
}

impl Dice {
    /// The dice of the town itself. They leave out the phones' rate, so that the same roads are
    /// driven in the same way at every rate.
    pub(super) fn of_town(config: &Config) -> Self {
        let mut key = [0; 32];
        key[0..8].copy_from_slice(&config.seed.to_le_bytes());
        key[8..12].copy_from_slice(&config.drivers.to_le_bytes());
        key[12..20].copy_from_slice(&config.minutes.to_bits().to_le_bytes());
        key[20] = config.preset as u8;
        Self { key }
    }

    /// The dice of the names: every setting counts, so two runs share a trip id only when they
    /// share every byte.
    pub(super) fn of_names(config: &Config) -> Self {
        let mut dice = Self::of_town(config);
        let rate_bits = config.rate_hz.map_or(0, f64::to_bits);
        dice.key[24..32].copy_from_slice(&rate_bits.to_le_bytes());
        dice
    }

    /// The stream for one object.
    pub(super) fn stream(&self, purpose: Purpose, number: u32) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::from_seed(self.key);
        rng.set_stream((purpose as u64) << 32 | u64::from(number));
        rng
    }
}

/// A range from which a quantity is drawn evenly.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    /// The smallest value.
    pub(super) from: f64,
    /// The largest value.
    pub(super) to: f64,
}

impl Span {
    /// From one value to another, which must not be less.
    pub(super) const fn new(from: f64, to: f64) -> Self {
        Self { from, to }
    }

    /// A value of the range.
    pub(super) fn draw(self, rng: &mut ChaCha8Rng) -> f64 {
        self.from + (self.to - self.from) * rng.random::<f64>()
    }
}

/// A normal number: mean 0, standard deviation 1.
pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    StandardNormal.sample(rng)
}

/// How many of something there are on `amount` of road or time when there are `per_unit` of them
/// per unit in the long run: the whole part for certain, one more with the rest as chance.
pub(super) fn count(rng: &mut ChaCha8Rng, per_unit: f64, amount: f64) -> u32 {
    let expected = (per_unit * amount).max(0.0);
    expected as u32 + u32::from(rng.random_bool(expected.fract()))
}

/// A first-order Gauss–Markov process: mean 0, standard deviation 1, forgetting with a time
/// constant.
#[derive(Clone, Debug)]
pub(super) struct Drift {
    value: f64,
    keep: f64,
}

impl Drift {
    /// A process that is asked every `step_s` and forgets in `forget_s`, both in seconds.
    pub(super) fn new(step_s: f64, forget_s: f64, rng: &mut ChaCha8Rng) -> Self {
        Self {
            value: normal(rng),
            keep: (-step_s / forget_s).exp(),
        }
    }

    /// The value one step later.
    pub(super) fn next(&mut self, rng: &mut ChaCha8Rng) -> f64 {
        let fresh = (1.0 - self.keep * self.keep).sqrt();
        self.value = self.keep * self.value + fresh * normal(rng);
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_keeps_its_spread_and_forgets_in_its_time() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut drift = Drift::new(1.0, 20.0, &mut rng);
        let values: Vec<f64> = (0..40_000).map(|_| drift.next(&mut rng)).collect();
        let n = values.len() as f64;
        let variance = values.iter().map(|v| v * v).sum::<f64>() / n;
        let later = values.windows(21).map(|w| w[0] * w[20]).sum::<f64>() / n;
        assert!((variance - 1.0).abs() < 0.1, "{variance}");
        assert!((later - (-1.0f64).exp()).abs() < 0.1, "{later}");
    }

    #[test]
    fn counts_agree_with_the_density_in_the_long_run() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let total: u32 = (0..10_000).map(|_| count(&mut rng, 3.0, 0.25)).sum();
        assert!((7_000..8_000).contains(&total), "{total}");
    }
}
