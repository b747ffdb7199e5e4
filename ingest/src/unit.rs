//! Where foreign units end: g, °/s and km/h become m/s², rad/s and m/s here and nowhere else.
//!
//! The wire names the unit of every column ([`AccelUnit`], [`GyroUnit`]) and of every speed
//! (`speed_mps`, `speed_kmh`). Past [`wire::decode`](crate::wire::decode) everything is SI.

use trip::{Speed, SpeedError};

use crate::wire::v1::{AccelUnit, GyroUnit};

/// A unit that a column of readings may stand in.
pub(crate) trait Unit: Copy {
    /// What one of this unit is in the SI unit of its quantity.
    fn in_si(self) -> f64;
}

impl Unit for AccelUnit {
    /// In m/s².
    fn in_si(self) -> f64 {
        /// Standard gravity in m/s², exact by definition. Source: 3rd CGPM (1901).
        const STANDARD_GRAVITY_MPS2: f64 = 9.80665;
        match self {
            Self::MetrePerSecondSquared => 1.0,
            Self::StandardGravity => STANDARD_GRAVITY_MPS2,
        }
    }
}

impl Unit for GyroUnit {
    /// In rad/s.
    fn in_si(self) -> f64 {
        match self {
            Self::RadianPerSecond => 1.0,
            Self::DegreePerSecond => std::f64::consts::PI / 180.0,
        }
    }
}

/// A speed as a fix may give it: in m/s or in km/h.
#[derive(Clone, Copy, Debug)]
pub(crate) enum GivenSpeed {
    /// Metres per second.
    Mps(f64),
    /// Kilometres per hour.
    Kmh(f64),
}

impl GivenSpeed {
    /// The speed itself, m/s inside.
    pub(crate) fn speed(self) -> Result<Speed, SpeedError> {
        match self {
            Self::Mps(mps) => Speed::from_mps(mps),
            Self::Kmh(kmh) => Speed::from_kmh(kmh),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_g_is_9_8_and_ninety_degrees_are_half_pi() {
        assert_eq!(AccelUnit::StandardGravity.in_si(), 9.80665);
        assert_eq!(
            90.0 * GyroUnit::DegreePerSecond.in_si(),
            std::f64::consts::FRAC_PI_2
        );
    }

    #[test]
    fn seventy_two_kmh_are_twenty_mps() {
        let speeds = [GivenSpeed::Kmh(72.0), GivenSpeed::Mps(20.0)].map(GivenSpeed::speed);
        assert_eq!(speeds[0], speeds[1]);
    }
}
