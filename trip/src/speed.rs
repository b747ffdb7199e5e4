//! How fast a vehicle goes.

/// A speed over ground: finite, not negative. m/s inside; km/h exists only at the rim.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Speed {
    mps: f64,
}

/// The number is not a speed.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("speed {0} m/s is not a number of 0 or more")]
pub struct SpeedError(f64);

impl Speed {
    /// A speed from metres per second.
    ///
    /// # Errors
    /// When the number is negative or not finite.
    pub fn from_mps(mps: f64) -> Result<Self, SpeedError> {
        if !mps.is_finite() || mps < 0.0 {
            return Err(SpeedError(mps));
        }
        Ok(Self { mps })
    }

    /// A speed from kilometres per hour.
    ///
    /// # Errors
    /// When the number is negative or not finite.
    pub fn from_kmh(kmh: f64) -> Result<Self, SpeedError> {
        Self::from_mps(kmh / KMH_PER_MPS)
    }

    /// Metres per second.
    pub fn mps(self) -> f64 {
        self.mps
    }

    /// Kilometres per hour, for what people read.
    pub fn kmh(self) -> f64 {
        self.mps * KMH_PER_MPS
    }
}

/// Kilometres per hour in one metre per second.
const KMH_PER_MPS: f64 = 3.6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_six_kmh_are_ten_mps() {
        let speed = Speed::from_kmh(36.0).expect("valid");
        assert_eq!((speed.mps(), speed.kmh()), (10.0, 36.0));
    }

    #[test]
    fn nobody_drives_at_minus_one() {
        assert!(Speed::from_mps(-1.0).is_err());
        assert!(Speed::from_mps(f64::INFINITY).is_err());
    }
}
