//! The unevenness of a road after ISO 8608, made by spectral synthesis.
//!
//! The displacement power spectral density of a road is `Gd(n) = Gd(n0) (n / n0)^-w`, with the
//! spatial frequency n in cycles per metre, n0 = 0.1 cycle/m and the waviness w. The standard's
//! classes A to H are geometric means of Gd(n0) for w = 2.
//!
//! Source: ISO 8608:2016. Waviness of real roads 1.8 to 2.8: Kropáč & Múčka (2005), "Be careful
//! when using the International Roughness Index…"; that ordinary roads are A to C: Múčka (2018),
//! "Simulated road profiles according to ISO 8608".

use std::f64::consts::TAU;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner};

/// Distance between two points of a profile, metres.
pub(super) const STEP_M: f64 = 0.02;

/// How rough a section of road is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unevenness {
    /// Gd(n0), the displacement density at 0.1 cycle/m, in m³.
    pub(super) density_m3: f64,
    /// The waviness w, no unit.
    pub(super) waviness: f64,
}

/// Gd(n0) of the classes, geometric means, in m³. Source: ISO 8608:2016, table C.1.
pub(super) mod class {
    /// Motorways and first-class roads.
    pub(in super::super) const A_M3: f64 = 16e-6;
    /// Ordinary town streets.
    pub(in super::super) const B_M3: f64 = 64e-6;
    /// Poor pavement.
    pub(in super::super) const C_M3: f64 = 256e-6;
    /// Cobbles.
    pub(in super::super) const D_M3: f64 = 1024e-6;
}

/// Heights of the two wheel tracks in metres, one point every [`STEP_M`].
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Profile {
    /// Under the left wheels.
    pub(super) left_m: Vec<f32>,
    /// Under the right wheels.
    pub(super) right_m: Vec<f32>,
}

/// Makes profiles; keeps the plan of its transform between calls.
pub(super) struct Synthesis {
    planner: RealFftPlanner<f32>,
}

impl Synthesis {
    /// Ready to make profiles.
    pub(super) fn new() -> Self {
        Self {
            planner: RealFftPlanner::new(),
        }
    }

    /// A profile of `points` points.
    ///
    /// Each track is the sum of a part that both share and a part of its own, with the coherence
    /// of [`coherence`] between them.
    pub(super) fn profile(
        &mut self,
        unevenness: Unevenness,
        points: usize,
        rng: &mut ChaCha8Rng,
    ) -> Profile {
        // A power of two, and long enough to hold the longest wave of the standard.
        let length = points.max((1.0 / LONGEST_PER_M / STEP_M) as usize);
        let transform = self.planner.plan_fft_inverse(length.next_power_of_two());
        let (left, right) = spectra(unevenness, transform.as_ref(), rng);
        Profile {
            left_m: heights(transform.as_ref(), left, points),
            right_m: heights(transform.as_ref(), right, points),
        }
    }
}

/// The spatial frequencies for which ISO 8608 defines the density, cycles per metre.
const LONGEST_PER_M: f64 = 0.011;
const SHORTEST_PER_M: f64 = 2.83;

/// The frequency at which the density of a class is stated, cycles per metre.
const REFERENCE_PER_M: f64 = 0.1;

/// How far two wheel tracks move together at a spatial frequency, 0 to 1: long waves lift both
/// sides, short ones one.
///
/// Source: the shape follows the isotropic road of Dodds & Robson (1973), "The description of road
/// surface roughness"; the corner at 0.3 cycle/m suits tracks 1.5 m apart.
fn coherence(frequency_per_m: f64) -> f64 {
    1.0 / (1.0 + (frequency_per_m / 0.3).powi(2))
}

/// The spectra of the left and the right track: amplitude `sqrt(2 Gd(n) dn)`, random phases.
fn spectra(
    unevenness: Unevenness,
    transform: &dyn ComplexToReal<f32>,
    rng: &mut ChaCha8Rng,
) -> (Vec<Complex<f32>>, Vec<Complex<f32>>) {
    let (mut left, mut right) = (transform.make_input_vec(), transform.make_input_vec());
    let spacing_per_m = 1.0 / (transform.len() as f64 * STEP_M);
    for (k, (left, right)) in left.iter_mut().zip(&mut right).enumerate() {
        let frequency_per_m = k as f64 * spacing_per_m;
        if !(LONGEST_PER_M..=SHORTEST_PER_M).contains(&frequency_per_m) {
            continue;
        }
        let density_m3 =
            unevenness.density_m3 * (frequency_per_m / REFERENCE_PER_M).powf(-unevenness.waviness);
        // The transform adds a line and its mirror image, hence the half.
        let amplitude_m = (2.0 * density_m3 * spacing_per_m).sqrt() / 2.0;
        let shared = coherence(frequency_per_m);
        let mut wave = |share: f64| {
            let phase = Complex::from_polar(1.0, TAU * rng.random::<f64>());
            phase * amplitude_m * share.sqrt()
        };
        let both = wave(shared);
        for track in [left, right] {
            let sum = both + wave(1.0 - shared);
            *track = Complex::new(sum.re as f32, sum.im as f32);
        }
    }
    (left, right)
}

/// The first `points` heights of a spectrum.
fn heights(
    transform: &dyn ComplexToReal<f32>,
    mut spectrum: Vec<Complex<f32>>,
    points: usize,
) -> Vec<f32> {
    let mut heights_m = transform.make_output_vec();
    transform
        .process(&mut spectrum, &mut heights_m)
        .expect("both buffers were made by the transform and no line lies at frequency zero");
    heights_m.truncate(points);
    heights_m
}

#[cfg(test)]
mod tests;
