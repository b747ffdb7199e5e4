//! The plane on which the town is built: metres east and north of its origin.

use std::ops::{Add, Mul, Sub};

use trip::{Heading, Position};

/// A place or a step on the plane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    /// Metres east of the origin.
    pub(super) east_m: f64,
    /// Metres north of the origin.
    pub(super) north_m: f64,
}

impl Point {
    /// The point so far east and north of the origin.
    pub(super) const fn new(east_m: f64, north_m: f64) -> Self {
        Self { east_m, north_m }
    }

    /// The step of one metre in a direction, radians counter-clockwise from east.
    pub(super) fn toward(direction_rad: f64) -> Self {
        Self::new(direction_rad.cos(), direction_rad.sin())
    }

    /// The distance from the origin, or the length of a step.
    pub(super) fn length_m(self) -> f64 {
        self.east_m.hypot(self.north_m)
    }

    /// The direction in which the step goes, radians counter-clockwise from east.
    pub(super) fn direction_rad(self) -> f64 {
        self.north_m.atan2(self.east_m)
    }

    /// The same step a quarter turn to the left.
    pub(super) fn left(self) -> Self {
        Self::new(-self.north_m, self.east_m)
    }

    /// Turned about the origin, radians counter-clockwise.
    pub(super) fn turned(self, by_rad: f64) -> Self {
        let axis = Self::toward(by_rad);
        axis * self.east_m + axis.left() * self.north_m
    }

    /// Where it is on the globe.
    pub(super) fn on_globe(self, origin: Position) -> Position {
        origin.moved(self.north_m, self.east_m)
    }
}

/// A direction on the plane, radians counter-clockwise from east, as a compass heading.
pub(super) fn heading(direction_rad: f64) -> Heading {
    let deg = (90.0 - direction_rad.to_degrees()).rem_euclid(360.0);
    Heading::from_deg(deg).expect("the remainder of a finite direction lies within 0 to 360")
}

impl Add for Point {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.east_m + other.east_m, self.north_m + other.north_m)
    }
}

impl Sub for Point {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.east_m - other.east_m, self.north_m - other.north_m)
    }
}

impl Mul<f64> for Point {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self::new(self.east_m * factor, self.north_m * factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn north_is_heading_0_and_east_is_heading_90() {
        assert!(heading(std::f64::consts::FRAC_PI_2).deg().abs() < 1e-9);
        assert!((heading(0.0).deg() - 90.0).abs() < 1e-9);
        assert!((heading(7.0 * std::f64::consts::PI).deg() - 270.0).abs() < 1e-9);
    }

    #[test]
    fn left_of_east_is_north() {
        let step = Point::toward(0.0).left();
        assert!((step - Point::new(0.0, 1.0)).length_m() < 1e-12);
    }
}
