//! Which way is down: from the phone's frame to vertical and horizontal motion.
//!
//! Gravity is the slow mean of the specific force. The vertical motion is the projection on it with
//! the mean length taken out, so neither the phone's attitude nor the platform's sign matters: turn
//! or negate a whole recording, and mean and projection turn with it.

use trip::{Gravity, Rotation};

use crate::config::GravityConfig;
use crate::resample::Even;

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
    rate_hz: f64,
    gravity: Gravity,
    steps: Steps,
    /// Readings that wait until the first mean is known.
    settling: Vec<Even>,
    means: Option<Means>,
}

/// How far each mean moves towards a reading, 0 to 1.
#[derive(Clone, Copy, Debug)]
struct Steps {
    gravity: f64,
    quick: f64,
    slow: f64,
}

/// Running means of the specific force, m/s².
#[derive(Clone, Copy, Debug)]
struct Means {
    gravity: [f64; 3],
    quick: [f64; 3],
    slow: [f64; 3],
    /// Gravity was taken out at the source.
    absent: bool,
}

impl Levels {
    /// Starts a segment of even readings at `rate_hz`; `gravity` is what the phone says of them.
    pub(crate) fn new(config: GravityConfig, rate_hz: f64, gravity: Gravity) -> Self {
        let step = |tau_s: f64| 1.0 - (-1.0 / (tau_s * rate_hz)).exp();
        Self {
            steps: Steps {
                gravity: step(config.tau_s),
                quick: step(config.quick_tau_s),
                slow: step(config.slow_tau_s),
            },
            config,
            rate_hz,
            gravity,
            settling: Vec::new(),
            means: None,
        }
    }

    /// Takes one reading and gives the motions that are settled by it.
    pub(crate) fn push(&mut self, even: Even, out: &mut Vec<Motion>) {
        if let Some(means) = &mut self.means {
            out.push(means.follow(even, &self.config, self.steps));
            return;
        }
        self.settling.push(even);
        if self.settling.len() as f64 >= self.config.settle_s * self.rate_hz {
            self.settle(out);
        }
    }

    /// Gives what still waits for the first mean: the segment was shorter than the settling time.
    pub(crate) fn finish(&mut self, out: &mut Vec<Motion>) {
        if self.means.is_none() && !self.settling.is_empty() {
            self.settle(out);
        }
    }

    fn settle(&mut self, out: &mut Vec<Motion>) {
        let n = self.settling.len() as f64;
        let mean = self
            .settling
            .iter()
            .fold([0.0; 3], |sum, e| add(sum, e.accel_mps2, 1.0 / n));
        let absent = self.gravity == Gravity::Without;
        let mut means = Means {
            gravity: mean,
            quick: mean,
            slow: mean,
            absent,
        };
        for even in std::mem::take(&mut self.settling) {
            out.push(means.follow(even, &self.config, self.steps));
        }
        self.means = Some(means);
    }
}

impl Means {
    fn follow(&mut self, even: Even, config: &GravityConfig, steps: Steps) -> Motion {
        let a = even.accel_mps2;
        self.gravity = toward(self.gravity, a, steps.gravity);
        self.quick = toward(self.quick, a, steps.quick);
        let handled = !self.absent && angle_deg(self.quick, self.slow) > config.moved_deg;
        // Once the phone was moved the slow mean must learn the new attitude, not wait for it.
        let slow = if handled { steps.quick } else { steps.slow };
        self.slow = toward(self.slow, a, slow);
        let [lightest, heaviest] = config.gravity_mps2;
        let (vertical, horizontal) = if self.absent {
            // No gravity, no axis: the length of the vector stands for the vertical.
            (length(a) - length(self.gravity), [0.0; 3])
        } else {
            let g = length(self.gravity);
            let up = self.gravity.map(|x| x / g);
            let along = dot(a, up);
            let rest = add(a, self.gravity, -1.0);
            (along - g, add(rest, up, -dot(rest, up)))
        };
        Motion {
            t_us: even.t_us,
            vertical_mps2: vertical as f32,
            horizontal_mps2: horizontal.map(|x| x as f32),
            handled,
            sound: self.absent || (lightest..=heaviest).contains(&length(self.gravity)),
        }
    }
}

/// Tells a hand on the phone from the vehicle by the gyroscope.
///
/// A vehicle turns about the vertical; rotation about a horizontal axis that is fast and lasts is
/// somebody's hand.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    config: GravityConfig,
    down: [f64; 3],
    fast_since_us: Option<i64>,
}

impl Hand {
    pub(crate) fn new(config: GravityConfig) -> Self {
        Self {
            config,
            down: [0.0; 3],
            fast_since_us: None,
        }
    }

    /// Follows gravity with a raw accelerometer reading.
    pub(crate) fn level(&mut self, accel_mps2: [f32; 3], step_s: f64) {
        let a = accel_mps2.map(f64::from);
        let unset = self.down == [0.0; 3];
        let share = if unset {
            1.0
        } else {
            1.0 - (-step_s / self.config.tau_s).exp()
        };
        self.down = toward(self.down, a, share.clamp(0.0, 1.0));
    }

    /// Takes one gyroscope reading; true while a hand turns the phone.
    pub(crate) fn turns(&mut self, rotation: Rotation) -> bool {
        let omega = rotation.gyro_radps.map(f64::from);
        let g = length(self.down);
        if g < self.config.gravity_mps2[0] {
            return false;
        }
        let up = self.down.map(|x| x / g);
        let across = length(add(omega, up, -dot(omega, up)));
        if across < self.config.hand_radps {
            self.fast_since_us = None;
            return false;
        }
        let since_us = *self.fast_since_us.get_or_insert(rotation.t_us);
        (rotation.t_us - since_us) as f64 >= self.config.hand_s * 1e6
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn length(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}

/// a + b·k
fn add(a: [f64; 3], b: [f64; 3], k: f64) -> [f64; 3] {
    std::array::from_fn(|i| a[i] + b[i] * k)
}

/// `share` of the way from a to b.
fn toward(a: [f64; 3], b: [f64; 3], share: f64) -> [f64; 3] {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share)
}

fn angle_deg(a: [f64; 3], b: [f64; 3]) -> f64 {
    let lengths = length(a) * length(b);
    if lengths <= 0.0 {
        return 0.0;
    }
    (dot(a, b) / lengths).clamp(-1.0, 1.0).acos().to_degrees()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten seconds at 50 Hz of a phone that is turned by `turn` and shaken along the vertical.
    fn motions(turn: impl Fn([f64; 3]) -> [f64; 3]) -> Vec<Motion> {
        let mut levels = Levels::new(GravityConfig::default(), 50.0, Gravity::Unknown);
        let mut out = Vec::new();
        for i in 0..500_i64 {
            let z = 9.8 + (i as f64 / 8.0).sin();
            levels.push(
                Even {
                    t_us: i * 20_000,
                    accel_mps2: turn([0.1, 0.0, z]),
                },
                &mut out,
            );
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
            levels.push(
                Even {
                    t_us: i * 20_000,
                    accel_mps2,
                },
                &mut out,
            );
        }
        assert!(!out[400].handled && out[600].handled && !out[1900].handled);
    }

    #[test]
    fn a_bend_is_not_a_hand() {
        let mut hand = Hand::new(GravityConfig::default());
        hand.level([0.0, 0.0, 9.8], 0.02);
        let at = |i: i64, gyro_radps| Rotation {
            t_us: i * 20_000,
            gyro_radps,
        };
        assert!(!(0..100).any(|i| hand.turns(at(i, [0.0, 0.0, 1.5]))));
        assert!((100..200).any(|i| hand.turns(at(i, [1.5, 0.0, 0.0]))));
    }
}
