//! Where something is.

/// A place on the globe: WGS 84, degrees, both finite, latitude within ±90, longitude within ±180.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    lat_deg: f64,
    lon_deg: f64,
}

/// Why two numbers are not a place.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PositionError {
    /// The latitude is not a number from −90 to 90.
    #[error("latitude {0} is not a number from -90 to 90")]
    Latitude(f64),
    /// The longitude is not a number from −180 to 180.
    #[error("longitude {0} is not a number from -180 to 180")]
    Longitude(f64),
}

/// How far one place lies from another, on the plane that touches the globe there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Offset {
    /// Metres towards north.
    pub north_m: f64,
    /// Metres towards east.
    pub east_m: f64,
}

impl Offset {
    /// The length of the offset in metres.
    pub fn length_m(self) -> f64 {
        // No square of a way on the globe overflows, which is what the slower `hypot` guards against.
        (self.north_m * self.north_m + self.east_m * self.east_m).sqrt()
    }
}

impl Position {
    /// A position from latitude and longitude in degrees.
    ///
    /// # Errors
    /// When either is not finite or out of range.
    pub fn new(lat_deg: f64, lon_deg: f64) -> Result<Self, PositionError> {
        if !(-90.0..=90.0).contains(&lat_deg) {
            return Err(PositionError::Latitude(lat_deg));
        }
        if !(-180.0..=180.0).contains(&lon_deg) {
            return Err(PositionError::Longitude(lon_deg));
        }
        Ok(Self { lat_deg, lon_deg })
    }

    /// Latitude in degrees, north positive.
    pub fn lat_deg(self) -> f64 {
        self.lat_deg
    }

    /// Longitude in degrees, east positive.
    pub fn lon_deg(self) -> f64 {
        self.lon_deg
    }

    /// The great-circle distance in metres, within 0.5 % of the ellipsoid's.
    ///
    /// Source: haversine formula, Sinnott (1984), on a sphere of the mean radius.
    pub fn distance_m(self, other: Self) -> f64 {
        let d_lat = (other.lat_deg - self.lat_deg).to_radians();
        let d_lon = (other.lon_deg - self.lon_deg).to_radians();
        let h = (d_lat / 2.0).sin().powi(2)
            + self.lat_deg.to_radians().cos()
                * other.lat_deg.to_radians().cos()
                * (d_lon / 2.0).sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }

    /// How far `other` lies from here; meant for distances of a few kilometres.
    pub fn offset_to(self, other: Self) -> Offset {
        let d_lon_deg = wrapped_lon_deg(other.lon_deg - self.lon_deg);
        let mid_lat = ((self.lat_deg + other.lat_deg) / 2.0).to_radians();
        Offset {
            north_m: (other.lat_deg - self.lat_deg) * METRES_PER_DEGREE,
            east_m: d_lon_deg * METRES_PER_DEGREE * mid_lat.cos(),
        }
    }

    /// The place `north_m` and `east_m` metres from here. Non-finite steps stay here.
    pub fn moved(self, north_m: f64, east_m: f64) -> Self {
        if !north_m.is_finite() || !east_m.is_finite() {
            return self;
        }
        let lat_deg = (self.lat_deg + north_m / METRES_PER_DEGREE).clamp(-90.0, 90.0);
        let mid_lat = ((self.lat_deg + lat_deg) / 2.0).to_radians();
        let d_lon_deg = east_m / (METRES_PER_DEGREE * mid_lat.cos().max(1e-6));
        Self {
            lat_deg,
            lon_deg: wrapped_lon_deg(self.lon_deg + d_lon_deg),
        }
    }

    /// The place `share` of the way from here to `other`: 0 is here, 1 is there, beyond is beyond.
    pub fn toward(self, other: Self, share: f64) -> Self {
        let offset = self.offset_to(other);
        self.moved(offset.north_m * share, offset.east_m * share)
    }
}

/// The mean radius of the Earth. Source: IUGG, R1 of GRS 80 (Moritz, 2000).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Metres in one degree of a great circle.
const METRES_PER_DEGREE: f64 = EARTH_RADIUS_M * std::f64::consts::PI / 180.0;

/// The same longitude within ±180.
fn wrapped_lon_deg(lon_deg: f64) -> f64 {
    if (-180.0..=180.0).contains(&lon_deg) {
        return lon_deg;
    }
    (lon_deg + 180.0).rem_euclid(360.0) - 180.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).expect("in range")
    }

    #[test]
    fn latitude_999_is_no_place() {
        assert_eq!(
            Position::new(999.0, 18.0),
            Err(PositionError::Latitude(999.0))
        );
        assert!(Position::new(f64::NAN, 0.0).is_err());
        assert!(Position::new(0.0, f64::INFINITY).is_err());
    }

    #[test]
    fn a_degree_of_latitude_is_111_km() {
        assert!((at(0.0, 0.0).distance_m(at(1.0, 0.0)) - 111_195.1).abs() < 0.1);
    }

    #[test]
    fn moving_away_and_measuring_agree() {
        for start in [at(0.0, 0.0), at(41.15, -8.61), at(-64.0, 179.9999)] {
            let end = start.moved(120.0, -250.0);
            let offset = start.offset_to(end);
            assert!((offset.north_m - 120.0).abs() < 1e-6, "{offset:?}");
            assert!((offset.east_m + 250.0).abs() < 1e-3, "{offset:?}");
            assert!((start.distance_m(end) - offset.length_m()).abs() < 0.01);
        }
    }

    #[test]
    fn half_way_over_the_date_line_stays_near() {
        let half = at(10.0, 179.9).toward(at(10.0, -179.9), 0.5);
        assert!(half.lon_deg().abs() > 179.99, "{half:?}");
    }
}
