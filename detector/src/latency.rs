//! How late a receiver tells where it was, told by the accelerometer.
//!
//! The change of speed from one fix to the next is the vehicle's forward acceleration over the same
//! time, some tenths of a second earlier: for every lag of a grid the changes of speed are explained
//! by the changes of velocity that the accelerometer felt that much earlier, along whatever axis
//! explains them best. The lag that explains most is the receiver's; how much better than its
//! neighbours tells how sure that is; and until there is enough to go by, what is known of receivers
//! in general counts.
//!
//! Three axes and a free direction: neither the phone's attitude nor its sign matters, and gravity
//! need not be known. Memory: 26 lags and some seven seconds of velocity, 9 kB. Cost: 2 ns a reading
//! and 0.5 µs a fix.
//!
//! Source: the maximum of the correlation of d v/dt with forward acceleration over lags, as the
//! project's notes on detection have it; here as the profile likelihood of a linear regression (Davison
//! 2003, "Statistical Models", §4.5) times a prior.

mod felt;

use std::collections::VecDeque;

use trip::{Fix, Sample};

use crate::config::LocateConfig;
use felt::Felt;

/// How late a receiver is, and how sure that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latency {
    /// The time of a fix less the time at which the vehicle was there, s: the mean of what it may be.
    pub mean_s: f64,
    /// Standard deviation, s.
    pub sigma_s: f64,
}

/// Learns the latency of the receiver of one trip.
#[derive(Clone, Debug)]
pub(crate) struct LatencyEstimator {
    config: LocateConfig,
    felt: Felt,
    /// Fixes with a speed that wait until what was felt around them is known: time and m/s.
    ahead: VecDeque<(i64, f64)>,
    /// The last fix that was used.
    last: Option<(i64, f64)>,
    lags: Vec<Lag>,
    /// Their lags, µs.
    lags_us: Vec<i64>,
    /// What was felt between the last two fixes, at each lag.
    felt_mps2: Vec<[f64; 3]>,
    /// Slow mean of the change of speed, m/s².
    mean_mps2: f64,
    speed_square: f64,
    changes: f64,
    /// How many pairs of fixes were learnt from, turned or not.
    lessons: u32,
    estimate: Latency,
}

/// Sums for one lag; accelerations in m/s², less their slow mean.
#[derive(Clone, Copy, Debug, Default)]
struct Lag {
    lag_s: f64,
    mean_mps2: [f64; 3],
    /// Σ felt felt′: xx, yy, zz, xy, xz, yz.
    felt_square: [f64; 6],
    /// Σ felt · change of speed.
    shared: [f64; 3],
    /// What was learnt before the phone was turned: ln of the likelihood.
    learnt_ln: f64,
}

/// From one lag of the grid to the next, s; the true lag lies between two, and is found there by the
/// mean over all.
const STEP_S: f64 = 0.1;

/// The estimate is drawn anew after so many pairs of fixes; it moves slowly.
const LESSONS: u32 = 5;

/// How long after a moment all that was felt there is known, s; readings further apart leave a hole.
const HOLE_S: f64 = 1.0;

impl LatencyEstimator {
    pub(crate) fn new(config: &LocateConfig) -> Self {
        let [first_s, last_s] = config.latency_range_s;
        let steps = ((last_s - first_s) / STEP_S).round().clamp(0.0, 100.0) as usize;
        let lag = |step: usize| Lag {
            lag_s: first_s + step as f64 * STEP_S,
            ..Lag::default()
        };
        let lags: Vec<Lag> = (0..=steps).map(lag).collect();
        Self {
            felt: Felt::default(),
            ahead: VecDeque::new(),
            last: None,
            lags_us: lags.iter().map(|lag| us(lag.lag_s)).collect(),
            felt_mps2: Vec::with_capacity(lags.len()),
            lags,
            mean_mps2: 0.0,
            speed_square: 0.0,
            changes: 0.0,
            lessons: 0,
            estimate: Latency {
                mean_s: config.latency_s,
                sigma_s: config.latency_sigma_s,
            },
            config: config.clone(),
        }
    }

    /// What is known by what was told to [`LatencyEstimator::learn_until`].
    pub(crate) fn estimate(&self) -> Latency {
        self.estimate
    }

    /// Takes the next readings as the phone gives them.
    pub(crate) fn feel(&mut self, samples: &[Sample]) {
        self.felt.push(samples);
    }

    /// Takes the next fix.
    pub(crate) fn hear(&mut self, fix: &Fix) {
        let newer = self.ahead.back().is_none_or(|last| fix.t_us > last.0);
        if let (Some(speed), true) = (fix.speed, newer) {
            self.ahead.push_back((fix.t_us, speed.mps()));
        }
    }

    /// Learns from everything that lies more than some 2 s before `now_us`, up to which all readings
    /// and fixes have come: the same whatever came after it.
    pub(crate) fn learn_until(&mut self, now_us: i64) {
        let [first_s, last_s] = self.config.latency_range_s;
        let wait_us = us(HOLE_S - first_s.min(0.0));
        while let Some(&fix) = self.ahead.front().filter(|fix| fix.0 + wait_us <= now_us) {
            self.ahead.pop_front();
            let Some(last) = self.last else {
                self.last = Some(fix);
                continue;
            };
            let apart_s = (fix.0 - last.0) as f64 / 1e6;
            let [near_s, far_s] = self.config.latency_fixes_s;
            if apart_s < near_s {
                continue;
            }
            self.last = Some(fix);
            if apart_s <= far_s && self.learn(last, fix) {
                self.lessons += 1;
                if self.lessons.is_multiple_of(LESSONS) {
                    self.estimate = self.posterior();
                }
            }
        }
        // Of a fix long past, nothing that still comes is the next one.
        let useful_us = now_us - wait_us - us(self.config.latency_fixes_s[1]);
        let oldest_us = self.last.map_or(useful_us, |last| last.0.max(useful_us));
        self.felt.forget_before(oldest_us - us(last_s + HOLE_S));
    }

    /// Learns from two fixes; nothing where the accelerometer paused or a hand moved the phone.
    fn learn(&mut self, from: (i64, f64), to: (i64, f64)) -> bool {
        let seconds = (to.0 - from.0) as f64 / 1e6;
        if !self
            .felt
            .changes(from.0, to.0, &self.lags_us, &mut self.felt_mps2)
        {
            return false;
        }
        let per_s = 1.0 / seconds;
        for change in &mut self.felt_mps2 {
            *change = change.map(|mps| mps * per_s);
        }
        let first = self.changes == 0.0;
        let far = |(lag, felt): (&Lag, &[f64; 3])| {
            let off = std::array::from_fn(|i| felt[i] - lag.mean_mps2[i]);
            dot(off, off) > self.config.latency_hand_mps2.powi(2)
        };
        if !first && self.lags.iter().zip(&self.felt_mps2).any(far) {
            self.turned();
            return false;
        }
        let share = 1.0 - (-seconds / self.config.latency_mean_s).exp();
        let share = if first { 1.0 } else { share };
        let changed = (to.1 - from.1) / seconds;
        self.mean_mps2 += (changed - self.mean_mps2) * share;
        let changed = changed - self.mean_mps2;
        self.speed_square += changed * changed;
        self.changes += 1.0;
        for (lag, felt) in self.lags.iter_mut().zip(&self.felt_mps2) {
            lag.learn(*felt, changed, share);
        }
        true
    }

    /// The phone was turned: its axes are to be learnt again, the lag is not.
    fn turned(&mut self) {
        for i in 0..self.lags.len() {
            let lag = self.lags[i];
            self.lags[i] = Lag {
                lag_s: lag.lag_s,
                learnt_ln: lag.learnt_ln + self.likelihood_ln(&lag),
                ..Lag::default()
            };
        }
        (self.mean_mps2, self.speed_square, self.changes) = (0.0, 0.0, 0.0);
    }

    /// ln of the likelihood of a lag since the phone was last turned, up to a constant.
    fn likelihood_ln(&self, lag: &Lag) -> f64 {
        if self.speed_square <= 0.0 {
            return 0.0;
        }
        let ridge = self.config.latency_ridge_mps2.powi(2) * self.changes;
        let explained = lag.explained(ridge) / self.speed_square;
        let changes = self.changes * self.config.latency_weight;
        -0.5 * changes * (1.0 - explained.clamp(0.0, 0.999)).ln()
    }

    fn posterior(&self) -> Latency {
        let LocateConfig {
            latency_s,
            latency_sigma_s,
            ..
        } = self.config;
        let weigh = |lag: &Lag| {
            let off = (lag.lag_s - latency_s) / latency_sigma_s;
            lag.learnt_ln + self.likelihood_ln(lag) - off * off / 2.0
        };
        let ln: Vec<f64> = self.lags.iter().map(weigh).collect();
        let highest = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut mean_s, mut square) = (0.0, 0.0, 0.0);
        for (lag, ln) in self.lags.iter().zip(ln) {
            let weight = (ln - highest).exp();
            sum += weight;
            mean_s += weight * lag.lag_s;
            square += weight * lag.lag_s * lag.lag_s;
        }
        mean_s /= sum;
        let between = STEP_S * STEP_S / 12.0;
        Latency {
            mean_s,
            sigma_s: ((square / sum - mean_s * mean_s).max(0.0) + between).sqrt(),
        }
    }
}

impl Lag {
    fn learn(&mut self, felt: [f64; 3], changed: f64, share: f64) {
        for (mean, felt) in self.mean_mps2.iter_mut().zip(felt) {
            *mean += (felt - *mean) * share;
        }
        let [x, y, z] = std::array::from_fn(|i| felt[i] - self.mean_mps2[i]);
        let square = [x * x, y * y, z * z, x * y, x * z, y * z];
        for (sum, square) in self.felt_square.iter_mut().zip(square) {
            *sum += square;
        }
        for (sum, felt) in self.shared.iter_mut().zip([x, y, z]) {
            *sum += felt * changed;
        }
    }

    /// How much of the sum of squares the best direction explains: b′ (A + ridge)⁻¹ b.
    fn explained(&self, ridge: f64) -> f64 {
        let [xx, yy, zz, xy, xz, yz] = self.felt_square;
        let a = [
            [xx + ridge, xy, xz],
            [xy, yy + ridge, yz],
            [xz, yz, zz + ridge],
        ];
        let cross = [cross(a[1], a[2]), cross(a[2], a[0]), cross(a[0], a[1])];
        let determinant = dot(a[0], cross[0]);
        // A is symmetric, and so is its inverse: the rows of cross products over the determinant.
        let solved = cross.map(|row| dot(row, self.shared));
        let explained = dot(solved, self.shared) / determinant;
        if explained.is_finite() {
            explained
        } else {
            0.0
        }
    }
}

fn us(seconds: f64) -> i64 {
    (seconds * 1e6) as i64
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| {
        let (j, k) = ((i + 1) % 3, (i + 2) % 3);
        a[j] * b[k] - a[k] * b[j]
    })
}

#[cfg(test)]
mod tests;
