//! A linear-phase low-pass, worked out only where its value is wanted.

use std::f64::consts::TAU;

use crate::sum;

/// Takes out what is faster than a corner, so that a few values stand for the signal.
///
/// A windowed sinc with a Hamming taper; its phase is linear, so that every frequency comes out the
/// same time later, which is half its length.
///
/// Source: A. V. Oppenheim, R. W. Schafer, *Discrete-Time Signal Processing*, design by windowing.
#[derive(Clone, Debug)]
pub(crate) struct LowPass {
    taps: Vec<f32>,
}

impl LowPass {
    /// A filter of `taps` values (odd) with its corner at `corner_hz` for values at `rate_hz`.
    pub(crate) fn new(corner_hz: f64, rate_hz: f64, taps: usize) -> Self {
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
            taps: taps.into_iter().map(|tap| (tap / sum) as f32).collect(),
        }
    }

    /// How many values it looks at.
    pub(crate) fn length(&self) -> usize {
        self.taps.len()
    }

    /// How many values later the signal comes out.
    pub(crate) fn delay(&self) -> usize {
        self.taps.len() / 2
    }

    /// What comes out with the last of these values; before the first one the signal was silent.
    pub(crate) fn last(&self, signal: &[f32]) -> f32 {
        let silent = self.taps.len().saturating_sub(signal.len());
        let newest = &signal[signal.len().saturating_sub(self.taps.len())..];
        sum::of_products(&self.taps[silent..], newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RMS gain for a sine of `hz` at 50 Hz.
    fn gain(hz: f64) -> f32 {
        let slower = LowPass::new(5.0, 50.0, 25);
        let tone = (0..4000).map(|i| (TAU * hz * f64::from(i) / 50.0).sin() as f32);
        let tone: Vec<f32> = tone.collect();
        let ends = (400..=4000).step_by(4);
        let out: Vec<f32> = ends.map(|end| slower.last(&tone[..end])).collect();
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
        let slower = LowPass::new(5.0, 50.0, 25);
        let ramp: Vec<f32> = (0..400).map(|i| i as f32).collect();
        let late = 399.0 - slower.last(&ramp);
        assert!((late - slower.delay() as f32).abs() < 1e-2, "{late}");
    }

    #[test]
    fn the_beginning_follows_on_silence() {
        let slower = LowPass::new(5.0, 50.0, 25);
        let all: Vec<f32> = (0..40).map(|i| if i < 30 { 0.0 } else { 1.0 }).collect();
        assert!((slower.last(&all[30..]) - slower.last(&all)).abs() < 1e-6);
    }
}
