//! From a window to the squared magnitudes of its bins, in two ways.

use std::f64::consts::TAU;
use std::ops::Range;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// All bins at once.
pub(super) struct Fft {
    plan: Arc<dyn RealToComplex<f32>>,
    bins: Range<usize>,
    input: Vec<f32>,
    output: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

impl Fft {
    /// Plans for windows of `length` readings.
    pub(super) fn new(
        planner: &mut RealFftPlanner<f32>,
        length: usize,
        bins: Range<usize>,
    ) -> Self {
        let plan = planner.plan_fft_forward(length);
        Self {
            bins,
            input: plan.make_input_vec(),
            output: plan.make_output_vec(),
            scratch: plan.make_scratch_vec(),
            plan,
        }
    }

    /// Squared magnitude of each bin of the tapered signal, which begins `missing` samples into the
    /// window; `taper` is as long as the window.
    pub(super) fn squares(
        &mut self,
        signal: &[f32],
        taper: &[f32],
        missing: usize,
        out: &mut [f32],
    ) {
        self.input.fill(0.0);
        let tapered = self.input.iter_mut().zip(taper).skip(missing);
        for ((slot, taper), value) in tapered.zip(signal) {
            *slot = taper * value;
        }
        self.plan
            .process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch)
            .expect("the buffers were made by the plan");
        for (square, bin) in out.iter_mut().zip(&self.output[self.bins.clone()]) {
            *square = bin.norm_sqr();
        }
    }
}

/// Up to so many bins are taken by table.
pub(super) const FEW_BINS: usize = 6;

/// A few bins, each by its own sum over the window.
pub(super) struct Table {
    /// For each reading of the window the tapered cosines of all bins, then their sines; bins that
    /// are not needed are 0.
    waves: Vec<[f32; 2 * FEW_BINS]>,
}

impl Table {
    /// The first [`FEW_BINS`] of `bins`.
    pub(super) fn new(taper: &[f32], bins: Range<usize>) -> Self {
        let turn = TAU / taper.len() as f64;
        let waves = taper.iter().enumerate().map(|(i, taper)| {
            let mut waves = [0.0; 2 * FEW_BINS];
            for (slot, bin) in bins.clone().take(FEW_BINS).enumerate() {
                let (sin, cos) = (turn * (bin * i) as f64).sin_cos();
                waves[slot] = (cos * f64::from(*taper)) as f32;
                waves[FEW_BINS + slot] = (sin * f64::from(*taper)) as f32;
            }
            waves
        });
        Self {
            waves: waves.collect(),
        }
    }

    /// As [`Fft::squares`], with the taper that the table was made with.
    pub(super) fn squares(&self, signal: &[f32], missing: usize, out: &mut [f32]) {
        let mut sums = [0.0; 2 * FEW_BINS];
        for (waves, value) in self.waves.iter().skip(missing).zip(signal) {
            for (sum, wave) in sums.iter_mut().zip(waves) {
                *sum += wave * value;
            }
        }
        let (re, im) = sums.split_at(FEW_BINS);
        for (square, (re, im)) in out.iter_mut().zip(re.iter().zip(im)) {
            *square = re * re + im * im;
        }
    }
}
