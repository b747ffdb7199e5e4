//! Second-order Butterworth filters over whole segments.

use biquad::{Biquad, Coefficients, DirectForm2Transposed, Hertz, Q_BUTTERWORTH_F64, Type};

/// What a filter keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Keep {
    /// What is slower than the corner.
    Slow,
    /// What is faster than the corner.
    Fast,
}

/// A second-order Butterworth filter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter {
    coefficients: Coefficients<f64>,
    keep: Keep,
    /// So many values at either end stand for what came before and after.
    edge: usize,
}

/// A filter begins as if what came before had been the mean of so much of the signal, seconds.
const EDGE_S: f64 = 2.0;

/// No corner lies above this share of the rate, where a filter would mean nothing.
const HIGHEST_CORNER: f64 = 0.48;

impl Filter {
    /// A filter with its corner at `corner_hz`, more than 0, for values at `rate_hz`.
    pub(super) fn new(keep: Keep, corner_hz: f64, rate_hz: f64) -> Self {
        let kind = match keep {
            Keep::Slow => Type::LowPass,
            Keep::Fast => Type::HighPass,
        };
        let corner_hz = corner_hz.min(HIGHEST_CORNER * rate_hz);
        let hertz = |hz| Hertz::from_hz(hz).expect("rates and corners are above 0");
        let (rate, corner) = (hertz(rate_hz), hertz(corner_hz));
        let coefficients = Coefficients::from_params(kind, rate, corner, Q_BUTTERWORTH_F64);
        Self {
            coefficients: coefficients.expect("the corner lies below half the rate"),
            keep,
            edge: (EDGE_S * rate_hz) as usize,
        }
    }

    /// Filters forward and backward in time: twice as steep as once, and not late.
    pub(super) fn both_ways(&self, values: &mut [f64]) {
        self.forward(values);
        values.reverse();
        self.forward(values);
        values.reverse();
    }

    fn forward(&self, values: &mut [f64]) {
        let edge = &values[..values.len().min(self.edge)];
        let mut section = self.settled(mean(edge));
        for value in values {
            *value = section.run(*value);
        }
    }

    /// The filter after it has seen nothing but `value` for ever.
    fn settled(&self, value: f64) -> DirectForm2Transposed<f64> {
        let Coefficients { a2, b0, b2, .. } = self.coefficients;
        let gain = match self.keep {
            Keep::Slow => 1.0,
            Keep::Fast => 0.0,
        };
        let mut section = DirectForm2Transposed::<f64>::new(self.coefficients);
        section.s1 = (gain - b0) * value;
        section.s2 = (b2 - a2 * gain) * value;
        section
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Amplitude of a sine of `hz` at 50 Hz after it went through, away from the ends.
    fn gain(filter: Filter, hz: f64) -> f64 {
        let sine = |i| (std::f64::consts::TAU * hz * f64::from(i) / 50.0).sin();
        let mut values: Vec<f64> = (0..5000).map(sine).collect();
        filter.both_ways(&mut values);
        let inner = &values[1000..4000];
        (inner.iter().map(|y| y * y).sum::<f64>() / inner.len() as f64 * 2.0).sqrt()
    }

    #[test]
    fn both_ways_a_corner_passes_half() {
        let slow = Filter::new(Keep::Slow, 2.5, 50.0);
        let fast = Filter::new(Keep::Fast, 2.5, 50.0);
        for filter in [slow, fast] {
            assert!((gain(filter, 2.5) - 0.5).abs() < 0.01);
        }
        assert!(gain(slow, 0.5) > 0.99 && gain(slow, 12.0) < 0.01);
        assert!(gain(fast, 12.0) > 0.99 && gain(fast, 0.5) < 0.01);
    }

    #[test]
    fn a_constant_has_no_beginning() {
        let mut values = vec![9.8; 300];
        Filter::new(Keep::Slow, 0.1, 50.0).both_ways(&mut values);
        assert!(values.iter().all(|v| (v - 9.8).abs() < 1e-9));
        Filter::new(Keep::Fast, 0.5, 50.0).both_ways(&mut values);
        assert!(values.iter().all(|v| v.abs() < 1e-9));
    }
}
