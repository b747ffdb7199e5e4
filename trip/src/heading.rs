//! Which way a vehicle goes.

use crate::Position;

/// A direction over ground: degrees clockwise from north, 0 ≤ value < 360.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heading(f64);

/// The number is not a direction.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("heading {0} is not a number from 0 to 360")]
pub struct HeadingError(f64);

impl Heading {
    /// A heading from degrees clockwise from north; 360 is 0.
    ///
    /// # Errors
    /// When the number is not finite or outside 0 to 360.
    pub fn from_deg(deg: f64) -> Result<Self, HeadingError> {
        if !(0.0..=360.0).contains(&deg) {
            return Err(HeadingError(deg));
        }
        Ok(Self(deg % 360.0))
    }

    /// The direction from one place to another; `None` when they are the same place.
    pub fn between(from: Position, to: Position) -> Option<Self> {
        let offset = from.offset_to(to);
        if offset.length_m() < 1e-6 {
            return None;
        }
        Some(Self(
            offset
                .east_m
                .atan2(offset.north_m)
                .to_degrees()
                .rem_euclid(360.0)
                % 360.0,
        ))
    }

    /// Degrees clockwise from north, 0 ≤ value < 360.
    pub fn deg(self) -> f64 {
        self.0
    }

    /// The angle between two headings, 0 to 180 degrees.
    pub fn turn_deg(self, other: Self) -> f64 {
        let d = (self.0 - other.0).abs();
        d.min(360.0 - d)
    }

    /// Which of the eight compass points it is nearest to: 0 north, 1 north-east, … 7 north-west.
    pub fn octant(self) -> u8 {
        ((self.0 + 22.5) / 45.0) as u8 % 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_lies_between_350_and_10() {
        let a = Heading::from_deg(350.0).expect("valid");
        let b = Heading::from_deg(10.0).expect("valid");
        assert_eq!(a.turn_deg(b), 20.0);
        assert_eq!((a.octant(), b.octant()), (0, 0));
    }

    #[test]
    fn east_is_90_degrees() {
        let here = Position::new(41.0, -8.0).expect("valid");
        let heading = Heading::between(here, here.moved(0.0, 10.0)).expect("apart");
        assert!((heading.deg() - 90.0).abs() < 1e-6);
        assert_eq!(heading.octant(), 2);
        assert!(Heading::between(here, here).is_none());
    }

    #[test]
    fn minus_one_is_no_heading() {
        assert!(Heading::from_deg(-1.0).is_err());
        assert!(Heading::from_deg(f64::NAN).is_err());
        assert_eq!(Heading::from_deg(360.0).map(Heading::deg), Ok(0.0));
    }
}
