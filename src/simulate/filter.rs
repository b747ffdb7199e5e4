//! A second-order low-pass: what a holder, a pocket or a sensor's own filter does to a vibration.

use std::f64::consts::TAU;

/// A spring and a damper between what shakes and what is shaken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Isolation {
    /// Natural frequency, Hz.
    pub(super) natural_hz: f64,
    /// Damping ratio, no unit.
    pub(super) damping: f64,
    /// Whether the damper pulls along with the spring, as in a holder:
    /// `(2ζωs + ω²) / (s² + 2ζωs + ω²)`; otherwise only the spring: `ω² / (s² + 2ζωs + ω²)`.
    pub(super) damper_pulls: bool,
}

/// The state of an [`Isolation`] on three axes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Isolated {
    isolation: Isolation,
    /// The stretch of the spring on each axis and its rate.
    stretch: [[f64; 2]; 3],
}

impl Isolated {
    /// At rest under a constant input.
    pub(super) fn at_rest(isolation: Isolation, input: [f64; 3]) -> Self {
        let omega2 = (TAU * isolation.natural_hz).powi(2);
        Self {
            isolation,
            stretch: input.map(|value| [value / omega2, 0.0]),
        }
    }

    /// The output after another `dt_s` seconds of an input, by semi-implicit Euler.
    pub(super) fn step(&mut self, input: [f64; 3], dt_s: f64) -> [f64; 3] {
        let omega = TAU * self.isolation.natural_hz;
        let damper = 2.0 * self.isolation.damping * omega;
        let mut output = [0.0; 3];
        for axis in 0..3 {
            let [stretch, rate] = &mut self.stretch[axis];
            let spring = omega * omega * *stretch;
            *rate += (input[axis] - damper * *rate - spring) * dt_s;
            *stretch += *rate * dt_s;
            output[axis] = omega * omega * *stretch;
            if self.isolation.damper_pulls {
                output[axis] += damper * *rate;
            }
        }
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Output over input amplitude of a sine wave.
    fn gain(isolation: Isolation, hz: f64) -> f64 {
        let dt_s = 1.0 / 1600.0;
        let mut isolated = Isolated::at_rest(isolation, [0.0; 3]);
        let outputs: Vec<f64> = (0..16_000)
            .map(|i| {
                let value = (TAU * hz * f64::from(i) * dt_s).sin();
                isolated.step([value, 0.0, 0.0], dt_s)[0]
            })
            .collect();
        outputs[8_000..]
            .iter()
            .fold(0.0f64, |most, v| most.max(v.abs()))
    }

    #[test]
    fn a_holder_passes_the_slow_amplifies_its_own_and_swallows_the_fast() {
        let holder = Isolation {
            natural_hz: 20.0,
            damping: 0.1,
            damper_pulls: true,
        };
        assert!((gain(holder, 1.0) - 1.0).abs() < 0.01);
        // Transmissibility at resonance: sqrt(1 + 4ζ²) / 2ζ = 5.1.
        assert!(
            (gain(holder, 20.0) - 5.1).abs() < 0.5,
            "{}",
            gain(holder, 20.0)
        );
        assert!(gain(holder, 100.0) < 0.1);
    }

    #[test]
    fn a_constant_goes_through_unchanged() {
        let pocket = Isolation {
            natural_hz: 4.0,
            damping: 0.5,
            damper_pulls: false,
        };
        let mut isolated = Isolated::at_rest(pocket, [1.0, -2.0, 9.8]);
        for _ in 0..1000 {
            let output = isolated.step([1.0, -2.0, 9.8], 1.0 / 1600.0);
            assert!((output[2] - 9.8).abs() < 1e-9 && (output[1] + 2.0).abs() < 1e-9);
        }
    }
}
