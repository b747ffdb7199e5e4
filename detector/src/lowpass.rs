//! A linear-phase low-pass that gives only every few values.

use std::f64::consts::TAU;

use crate::sum;

/// Slows a signal down: takes out what is faster than a corner, then keeps every `keep`th value.
///
/// A windowed sinc with a Hamming taper; its phase is linear, so that every frequency comes out the
/// same time later, which is half its length.
///
/// Source: A. V. Oppenheim, R. W. Schafer, *Discrete-Time Signal Processing*, design by windowing.
#[derive(Clone, Debug)]
pub(crate) struct Decimator {
    taps: Vec<f32>,
    /// The newest values, the oldest first, once more behind themselves so that any run of them
    /// lies in one piece.
    ring: Vec<f32>,
    at: usize,
    keep: usize,
    seen: usize,
}

impl Decimator {
    /// Keeps every `keep`th of values at `rate_hz`, after a low-pass of `taps` values (odd) at
    /// `corner_hz`. Before the first value the signal counts as silence.
    pub(crate) fn new(corner_hz: f64, rate_hz: f64, taps: usize, keep: usize) -> Self {
        let taps = taps.max(1) | 1;
        let middle = (taps / 2) as f64;
        let turns = TAU * corner_hz / rate_hz;
        let tap = |i: usize| {
            let from_middle = i as f64 - middle;
            let sinc = if from_middle == 0.0 {
                turns
            } else {
                (turns * from_middle).sin() / from_middle
            };
            let taper = 0.54 + 0.46 * (TAU / 2.0 * from_middle / (middle + 1.0)).cos();
            sinc * taper
        };
        let taps: Vec<f64> = (0..taps).map(tap).collect();
        let sum: f64 = taps.iter().sum();
        Self {
            ring: vec![0.0; 2 * taps.len()],
            taps: taps.into_iter().map(|tap| (tap / sum) as f32).collect(),
            at: 0,
            keep: keep.max(1),
            seen: 0,
        }
    }

    /// How many values later the signal comes out.
    pub(crate) fn delay(&self) -> usize {
        self.taps.len() / 2
    }

    /// Takes the next value; gives one in every `keep`, beginning with the `keep`th.
    pub(crate) fn push(&mut self, value: f32) -> Option<f32> {
        let length = self.taps.len();
        self.ring[self.at] = value;
        self.ring[self.at + length] = value;
        self.at += 1;
        if self.at == length {
            self.at = 0;
        }
        self.seen += 1;
        if self.seen < self.keep {
            return None;
        }
        self.seen = 0;
        Some(sum::of_products(&self.taps, &self.ring[self.at..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RMS gain for a sine of `hz` at 50 Hz.
    fn gain(hz: f64) -> f32 {
        let mut slower = Decimator::new(5.0, 50.0, 25, 4);
        let tone = (0..4000).map(|i| (TAU * hz * f64::from(i) / 50.0).sin() as f32);
        let out: Vec<f32> = tone.filter_map(|x| slower.push(x)).skip(100).collect();
        (out.iter().map(|y| y * y).sum::<f32>() / out.len() as f32 * 2.0).sqrt()
    }

    #[test]
    fn it_keeps_the_bounce_and_lets_no_wheel_hop_fold_into_it() {
        assert!((gain(1.0) - 1.0).abs() < 0.02 && gain(2.5) > 0.93);
        for hz in [10.1, 11.5, 12.4, 14.0, 24.0] {
            assert!(gain(hz) < 0.01, "{hz} Hz: {}", gain(hz));
        }
    }

    #[test]
    fn everything_comes_out_the_same_time_later() {
        let mut slower = Decimator::new(5.0, 50.0, 25, 4);
        let out: Vec<f32> = (0..400).filter_map(|i| slower.push(i as f32)).collect();
        let late = 399.0 - out.last().expect("a hundred values");
        assert!((late - slower.delay() as f32).abs() < 1e-2, "{late}");
    }
}
