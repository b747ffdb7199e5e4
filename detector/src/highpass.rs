//! A second-order Butterworth high-pass, one value at a time.

/// Takes out what is slower than its corner.
///
/// Source: bilinear transform of the analogue Butterworth section (Q = 1/√2), as in R.
/// Bristow-Johnson, *Cookbook formulae for audio equalizer biquad filter coefficients*.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HighPass {
    b: [f32; 3],
    a: [f32; 2],
    state: [f32; 2],
}

impl HighPass {
    /// A filter with its corner at `corner_hz` for values at `rate_hz`.
    pub(crate) fn new(corner_hz: f64, rate_hz: f64) -> Self {
        let w = std::f64::consts::TAU * (corner_hz / rate_hz).clamp(1e-6, 0.49);
        let (sin, cos) = w.sin_cos();
        let alpha = sin * std::f64::consts::FRAC_1_SQRT_2;
        let a0 = 1.0 + alpha;
        let edge = (1.0 + cos) / 2.0 / a0;
        Self {
            b: [edge, -2.0 * edge, edge].map(|b| b as f32),
            a: [-2.0 * cos / a0, (1.0 - alpha) / a0].map(|a| a as f32),
            state: [0.0; 2],
        }
    }

    /// Takes the next value and gives the filtered one.
    pub(crate) fn pass(&mut self, x: f32) -> f32 {
        let y = self.b[0] * x + self.state[0];
        self.state[0] = self.b[1] * x - self.a[0] * y + self.state[1];
        self.state[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RMS gain for a sine of `hz` at 50 Hz, after it has settled.
    fn gain(hz: f64) -> f64 {
        let mut filter = HighPass::new(3.0, 50.0);
        let tone =
            (0..5000).map(|i| (std::f64::consts::TAU * hz * f64::from(i) / 50.0).sin() as f32);
        let out: Vec<f64> = tone.map(|x| f64::from(filter.pass(x))).skip(1000).collect();
        (out.iter().map(|y| y * y).sum::<f64>() / out.len() as f64 * 2.0).sqrt()
    }

    #[test]
    fn it_keeps_the_blow_and_takes_the_swell() {
        assert!((gain(3.0) - 0.707).abs() < 0.01, "{}", gain(3.0));
        assert!(
            gain(12.0) > 0.98 && gain(0.5) < 0.04,
            "{} {}",
            gain(12.0),
            gain(0.5)
        );
    }
}
