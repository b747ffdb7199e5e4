//! Gravity out: from the phone's axes to vertical motion and motion across.

use super::even::Segment;
use super::filter::{Filter, Keep};

/// A segment with gravity taken out.
#[derive(Clone, Debug)]
pub(super) struct Signal {
    begin_us: i64,
    /// The sensor's own rate, Hz.
    pub(super) source_hz: f64,
    /// The even rate, Hz.
    pub(super) rate_hz: f64,
    /// Along gravity, m/s²; blind to the phone's attitude and sign.
    pub(super) vertical_mps2: Vec<f64>,
    /// Across gravity, m/s², in the phone's axes.
    pub(super) across_mps2: Vec<[f64; 3]>,
}

/// Gravity is what is slower than this, Hz: below it a vehicle's own motion and a phone's turning
/// cannot be told apart.
const GRAVITY_BELOW_HZ: f64 = 0.1;

/// Under half of a g the phone has taken gravity out, m/s².
const LIGHTEST_MPS2: f64 = 5.0;

impl Signal {
    pub(super) fn new(segment: &Segment) -> Self {
        let accel = &segment.accel_mps2;
        let slow = Filter::new(Keep::Slow, GRAVITY_BELOW_HZ, segment.rate_hz);
        let axes: [Vec<f64>; 3] = std::array::from_fn(|axis| {
            let mut values: Vec<f64> = accel.iter().map(|a| a[axis]).collect();
            slow.both_ways(&mut values);
            values
        });
        let mut signal = Self {
            begin_us: segment.begin_us,
            source_hz: segment.source_hz,
            rate_hz: segment.rate_hz,
            vertical_mps2: Vec::with_capacity(accel.len()),
            across_mps2: Vec::with_capacity(accel.len()),
        };
        for (i, a) in accel.iter().enumerate() {
            let (vertical, across) = split(*a, std::array::from_fn(|axis| axes[axis][i]));
            signal.vertical_mps2.push(vertical);
            signal.across_mps2.push(across);
        }
        signal
    }

    /// The time of the reading with this index, µs.
    pub(super) fn t_us(&self, index: usize) -> i64 {
        self.begin_us + (index as f64 * 1e6 / self.rate_hz).round() as i64
    }

    /// How many readings cover this time; at least 1.
    pub(super) fn readings(&self, seconds: f64) -> usize {
        ((seconds * self.rate_hz).round() as usize).max(1)
    }
}

/// The parts of `a` along and across gravity, gravity taken out.
fn split(a: [f64; 3], gravity: [f64; 3]) -> (f64, [f64; 3]) {
    let g = length(gravity);
    if g < LIGHTEST_MPS2 {
        // No gravity, no axis: the length of the vector stands for the vertical.
        return (length(a), [0.0; 3]);
    }
    let up = gravity.map(|x| x / g);
    let along: f64 = (0..3).map(|i| a[i] * up[i]).sum();
    (along - g, std::array::from_fn(|i| a[i] - along * up[i]))
}

/// The length of a vector.
pub(super) fn length(a: [f64; 3]) -> f64 {
    a.iter().map(|x| x * x).sum::<f64>().sqrt()
}
