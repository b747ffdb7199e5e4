//! The International Roughness Index of a profile: what the standard's own quarter car makes of it.
//!
//! Source: Sayers (1995), "On the calculation of International Roughness Index from longitudinal
//! road profile", Transportation Research Record 1501: constants, speed and the quantity that is
//! summed. Its first step, a moving average over 0.25 m, is the caller's.

use super::surface::STEP_M;

/// The quarter car of the index while it drives, from rest at height 0: displacements in metres,
/// speeds in m/s.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GoldenCar {
    body_m: f64,
    body_mps: f64,
    wheel_m: f64,
    wheel_mps: f64,
}

/// Tyre and suspension stiffness over the body's mass, s⁻².
const TYRE_PER_S2: f64 = 653.0;
const SPRING_PER_S2: f64 = 63.3;

/// Damping over the body's mass, s⁻¹.
const DAMPER_PER_S: f64 = 6.0;

/// Mass of the wheel over that of the body.
const WHEEL_SHARE: f64 = 0.15;

/// The speed of the index, 80 km/h, as time for one step of a profile, s: 0.9 ms, so that
/// semi-implicit Euler is exact enough for the wheel's 10 Hz.
const STEP_S: f64 = STEP_M / (80.0 / 3.6);

impl GoldenCar {
    /// The car on level ground of a height.
    pub(super) fn resting_at(height_m: f64) -> Self {
        Self {
            body_m: height_m,
            wheel_m: height_m,
            ..Self::default()
        }
    }

    /// Drives over a profile and gives its index, m/km: the way of the suspension over that of the
    /// car.
    pub(super) fn iri_m_per_km(&mut self, heights_m: &[f32]) -> f64 {
        let mut travel_m = 0.0;
        for &height_m in heights_m {
            let spring = SPRING_PER_S2 * (self.wheel_m - self.body_m)
                + DAMPER_PER_S * (self.wheel_mps - self.body_mps);
            let tyre = TYRE_PER_S2 * (f64::from(height_m) - self.wheel_m);
            self.body_mps += spring * STEP_S;
            self.wheel_mps += (tyre - spring) / WHEEL_SHARE * STEP_S;
            self.body_m += self.body_mps * STEP_S;
            self.wheel_m += self.wheel_mps * STEP_S;
            travel_m += (self.body_mps - self.wheel_mps).abs() * STEP_S;
        }
        1000.0 * travel_m / (heights_m.len().max(1) as f64 * STEP_M)
    }
}
