//! Which way is down: from the phone's frame to vertical and horizontal motion.
//!
//! Gravity is the slow mean of the specific force. The vertical motion is the projection on it with
//! the mean length taken out, so neither the phone's attitude nor the platform's sign matters: turn
//! or negate a whole recording, and mean and projection turn with it.

use trip::{Gravity, Rotation, Sample};

use crate::axis::{Axis, BLOCK};
use crate::config::GravityConfig;
use crate::resample::Even;
use crate::vector::{add, apart, dot, length, toward, unit};

/// The motion of the phone at one even reading, gravity taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Motion {
    /// µs of the phone's clock.
    pub(crate) t_us: i64,
    /// Along gravity, m/s².
    pub(crate) vertical_mps2: f32,
    /// Across gravity, m/s², in the phone's axes.
    pub(crate) horizontal_mps2: [f32; 3],
    /// Somebody moved the phone about now.
    pub(crate) handled: bool,
    /// The readings hold gravity, or the phone said that it took it out.
    pub(crate) sound: bool,
}

/// Follows gravity through one segment.
#[derive(Clone, Debug)]
pub(crate) struct Levels {
    config: GravityConfig,
    gravity: Gravity,
    rate_hz: f64,
    /// How far the slow mean moves towards one reading, 0 to 1.
    step: f32,
    settle: usize,
    /// Readings that wait until the first mean is known.
    settling: Vec<Even>,
    down: Option<Down>,
}

/// The mean specific force, and whether it kept its direction.
#[derive(Clone, Copy, Debug)]
struct Down {
    /// Running mean, m/s².
    gravity: [f32; 3],
    /// Which way is up where gravity was taken out at the source.
    axis: Option<Axis>,
    attitude: Attitude,
}

/// Whether the phone keeps its place: a quick mean of the specific force against a slow one.
///
/// Both move once a block of readings: a hand is slower than that.
#[derive(Clone, Copy, Debug)]
struct Attitude {
    quick: [f32; 3],
    slow: [f32; 3],
    quick_step: f32,
    slow_step: f32,
    /// Cosine of the angle beyond which the phone was moved.
    moved_cos: f32,
    block: [f32; 3],
    readings: usize,
    moved: bool,
}

impl Levels {
    /// Starts a segment of even readings at `rate_hz`; `gravity` is what the phone says of them.
    pub(crate) fn new(config: GravityConfig, rate_hz: f64, gravity: Gravity) -> Self {
        Self {
            step: step(config.tau_s, rate_hz),
            settle: ((config.settle_s * rate_hz) as usize).max(1),
            config,
            gravity,
            rate_hz,
            settling: Vec::new(),
            down: None,
        }
    }

    /// Takes the next readings and gives the motions that are settled by them.
    pub(crate) fn push(&mut self, evens: &[Even], out: &mut Vec<Motion>) {
        let mut evens = evens;
        if self.down.is_none() {
            let missing = self.settle - self.settling.len();
            let (first, rest) = evens.split_at(missing.min(evens.len()));
            self.settling.extend_from_slice(first);
            if self.settling.len() == self.settle {
                self.settle(out);
            }
            evens = rest;
        }
        if let Some(down) = &mut self.down {
            down.follow_all(evens, self.step, &self.config, out);
        }
    }

    /// Gives what still waits for the first mean: the segment was shorter than the settling time.
    pub(crate) fn finish(&mut self, out: &mut Vec<Motion>) {
        if self.down.is_none() && !self.settling.is_empty() {
            self.settle(out);
        }
    }

    fn settle(&mut self, out: &mut Vec<Motion>) {
        let waiting = std::mem::take(&mut self.settling);
        let share = 1.0 / waiting.len() as f32;
        let readings = waiting.iter().map(|e| e.accel_mps2);
        let mean = readings.clone().fold([0.0; 3], |sum, a| add(sum, a, share));
        let axis = (self.gravity == Gravity::Without).then(|| {
            let steps =
                [self.config.axis_mean_s, self.config.axis_tau_s].map(|s| step(s, self.rate_hz));
            Axis::of(readings, mean, steps)
        });
        let mut down = Down {
            gravity: mean,
            axis,
            attitude: Attitude::new(mean, self.rate_hz, &self.config),
        };
        down.follow_all(&waiting, self.step, &self.config, out);
        self.down = Some(down);
    }
}

/// How far a mean with a time constant of `tau_s` moves towards one of `rate_hz` values a second.
fn step(tau_s: f64, rate_hz: f64) -> f32 {
    (1.0 - (-1.0 / (tau_s * rate_hz)).exp()) as f32
}

impl Down {
    fn follow_all(
        &mut self,
        evens: &[Even],
        step: f32,
        config: &GravityConfig,
        out: &mut Vec<Motion>,
    ) {
        // A copy lives in registers; what is written to memory each time has to be waited for.
        let mut down = *self;
        out.extend(evens.iter().map(|&even| down.follow(even, step, config)));
        *self = down;
    }

    #[inline]
    fn follow(&mut self, even: Even, step: f32, config: &GravityConfig) -> Motion {
        let a = even.accel_mps2;
        self.gravity = toward(self.gravity, a, step);
        self.attitude.follow(a);
        let g = length(self.gravity);
        let up = match &mut self.axis {
            Some(axis) => axis.follow(a),
            None => unit(self.gravity).unwrap_or_default(),
        };
        let rest = add(a, self.gravity, -1.0);
        let along = dot(rest, up);
        let present = self.axis.is_none();
        let [lightest, heaviest] = config.gravity_mps2;
        Motion {
            t_us: even.t_us,
            vertical_mps2: along,
            horizontal_mps2: add(rest, up, -along),
            handled: present && self.attitude.moved,
            sound: !present || (lightest..=heaviest).contains(&f64::from(g)),
        }
    }
}

impl Attitude {
    fn new(mean: [f32; 3], rate_hz: f64, config: &GravityConfig) -> Self {
        let blocks_hz = rate_hz / BLOCK as f64;
        Self {
            quick: mean,
            slow: mean,
            quick_step: step(config.quick_tau_s, blocks_hz),
            slow_step: step(config.slow_tau_s, blocks_hz),
            moved_cos: config.moved_deg.to_radians().cos() as f32,
            block: [0.0; 3],
            readings: 0,
            moved: false,
        }
    }

    fn follow(&mut self, a: [f32; 3]) {
        self.block = add(self.block, a, 1.0 / BLOCK as f32);
        self.readings += 1;
        if self.readings < BLOCK {
            return;
        }
        self.quick = toward(self.quick, self.block, self.quick_step);
        self.moved = apart(self.quick, self.slow, self.moved_cos);
        // Once the phone was moved the slow mean must learn the new attitude, not wait for it.
        let step = if self.moved {
            self.quick_step
        } else {
            self.slow_step
        };
        self.slow = toward(self.slow, self.block, step);
        self.block = [0.0; 3];
        self.readings = 0;
    }
}

/// How often gravity is followed for the gyroscope, µs.
const LEVEL_EVERY_US: i64 = 100_000;

/// Tells a hand on the phone from the vehicle by the gyroscope.
///
/// A vehicle turns about the vertical; rotation about a horizontal axis that is fast and lasts is
/// somebody's hand.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    config: GravityConfig,
    down: [f32; 3],
    /// The direction of `down`; `None` while that is too short to be gravity.
    axis: Option<[f32; 3]>,
    levelled_us: Option<i64>,
    /// Gravity is followed again from here on, µs.
    due_us: i64,
    fast_since_us: Option<i64>,
}

impl Hand {
    pub(crate) fn new(config: GravityConfig) -> Self {
        Self {
            config,
            down: [0.0; 3],
            axis: None,
            levelled_us: None,
            due_us: i64::MIN,
            fast_since_us: None,
        }
    }

    /// Follows gravity with a raw accelerometer reading, ten times a second.
    #[inline]
    pub(crate) fn level(&mut self, sample: &Sample) {
        if sample.t_us >= self.due_us {
            self.follow(sample);
        }
    }

    fn follow(&mut self, sample: &Sample) {
        let Some(levelled_us) = self.levelled_us else {
            self.settle(sample.accel_mps2, sample.t_us);
            return;
        };
        let step_s = (sample.t_us - levelled_us) as f32 / 1e6;
        let share = step_s / (self.config.tau_s as f32 + step_s);
        self.settle(toward(self.down, sample.accel_mps2, share), sample.t_us);
    }

    fn settle(&mut self, down: [f32; 3], t_us: i64) {
        let long = f64::from(length(down)) >= self.config.gravity_mps2[0];
        self.down = down;
        self.axis = unit(down).filter(|_| long);
        self.levelled_us = Some(t_us);
        self.due_us = t_us + LEVEL_EVERY_US;
    }

    /// Takes one gyroscope reading; true while a hand turns the phone.
    pub(crate) fn turns(&mut self, rotation: Rotation) -> bool {
        let Some(axis) = self.axis else {
            return false;
        };
        let omega = rotation.gyro_radps;
        let fast = |omega: [f32; 3]| f64::from(dot(omega, omega)) >= self.config.hand_radps.powi(2);
        // What is slow about every axis is slow about the horizontal ones.
        if !fast(omega) || !fast(add(omega, axis, -dot(omega, axis))) {
            self.fast_since_us = None;
            return false;
        }
        let since_us = *self.fast_since_us.get_or_insert(rotation.t_us);
        (rotation.t_us - since_us) as f64 >= self.config.hand_s * 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten seconds at 50 Hz of a phone that is turned by `turn` and shaken along the vertical.
    fn motions(turn: impl Fn([f32; 3]) -> [f32; 3]) -> Vec<Motion> {
        let mut levels = Levels::new(GravityConfig::default(), 50.0, Gravity::Unknown);
        let mut out = Vec::new();
        for i in 0..500_i64 {
            let z = 9.8 + (i as f32 / 8.0).sin();
            let even = Even {
                t_us: i * 20_000,
                accel_mps2: turn([0.1, 0.0, z]),
            };
            levels.push(&[even], &mut out);
        }
        levels.finish(&mut out);
        out
    }

    #[test]
    fn turning_or_negating_the_phone_changes_nothing() {
        let flat = motions(|a| a);
        let turned = motions(|[x, y, z]| [z, -x, -y]);
        let negated = motions(|a| a.map(|x| -x));
        assert_eq!(flat.len(), 500);
        for ((a, b), c) in flat.iter().zip(&turned).zip(&negated) {
            assert!(
                (a.vertical_mps2 - b.vertical_mps2).abs() < 1e-5,
                "{a:?} {b:?}"
            );
            assert!(
                (a.vertical_mps2 - c.vertical_mps2).abs() < 1e-5,
                "{a:?} {c:?}"
            );
            assert!(!a.handled);
        }
    }

    #[test]
    fn a_phone_laid_on_its_side_was_handled() {
        let mut levels = Levels::new(GravityConfig::default(), 50.0, Gravity::Unknown);
        let mut out = Vec::new();
        for i in 0..2000_i64 {
            let accel_mps2 = if i < 500 {
                [0.0, 0.0, 9.8]
            } else {
                [0.0, 9.8, 0.0]
            };
            let even = Even {
                t_us: i * 20_000,
                accel_mps2,
            };
            levels.push(&[even], &mut out);
        }
        assert!(!out[400].handled && out[600].handled && !out[1900].handled);
    }

    #[test]
    fn a_bend_is_not_a_hand() {
        let mut hand = Hand::new(GravityConfig::default());
        hand.level(&Sample {
            t_us: 0,
            accel_mps2: [0.0, 0.0, 9.8],
        });
        let at = |i: i64, gyro_radps| Rotation {
            t_us: i * 20_000,
            gyro_radps,
        };
        assert!(!(0..100).any(|i| hand.turns(at(i, [0.0, 0.0, 1.5]))));
        assert!((100..200).any(|i| hand.turns(at(i, [1.5, 0.0, 0.0]))));
    }
}
