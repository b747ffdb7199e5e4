//! Single things in the way of a wheel: holes, humps, joints, covers, rails, cracks.
//!
//! An obstacle is a shape along the road, the height it adds to the profile in metres, and the
//! wheel tracks on which it lies.

use std::f64::consts::PI;

use super::random::Span;

/// The shape of an obstacle along the road.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// Flat with sloped ends: a hole (height below 0), patch, joint, cover or crack.
    Step {
        /// From the first edge to the last, metres.
        length_m: f64,
        /// Height of the flat part, metres; negative is a hole.
        height_m: f64,
        /// Length of each sloped end, metres; at most half the length.
        ramp_m: f64,
    },
    /// A round-top hump: half a sine wave.
    Round {
        /// From foot to foot, metres.
        length_m: f64,
        /// Height of the crown, metres.
        height_m: f64,
    },
    /// A short bump with smooth feet: a squared sine.
    Short {
        /// From foot to foot, metres.
        length_m: f64,
        /// Height of the crown, metres.
        height_m: f64,
    },
    /// Two pairs of rails across the road.
    Rails {
        /// How far the rails stand above the road (below: negative), metres.
        height_m: f64,
    },
}

/// The wheel tracks on which an obstacle lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracks {
    /// Only the left one.
    Left,
    /// Only the right one, towards the kerb.
    Right,
    /// Both.
    Both,
}

/// An obstacle and its place across the lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Obstacle {
    /// Its shape along the road.
    pub(super) shape: Shape,
    /// Its wheel tracks.
    pub(super) tracks: Tracks,
    /// How far a wheel may run beside the middle of the track and still hit it, metres.
    pub(super) half_width_m: f64,
}

/// Where the four rails of two tram tracks lie, metres from the first. Standard gauge.
const RAILS_AT_M: [f64; 4] = [0.0, 1.435, 3.0, 4.435];

/// Width of a rail head with its groove, metres. Source: grooved rail 60R1, head and groove 0.11 m.
const RAIL_M: f64 = 0.11;

impl Shape {
    /// From the first edge to the last, metres.
    pub(super) fn length_m(self) -> f64 {
        match self {
            Self::Step { length_m, .. }
            | Self::Round { length_m, .. }
            | Self::Short { length_m, .. } => length_m,
            Self::Rails { .. } => RAILS_AT_M[3] + RAIL_M,
        }
    }

    /// The largest height, or the depth as a negative height, metres.
    pub(super) fn peak_m(self) -> f64 {
        match self {
            Self::Step { height_m, .. }
            | Self::Round { height_m, .. }
            | Self::Short { height_m, .. }
            | Self::Rails { height_m } => height_m,
        }
    }

    /// The height it adds to the road `at_m` metres after its first edge, metres.
    pub(super) fn height_m(self, at_m: f64) -> f64 {
        match self {
            Self::Step {
                length_m,
                height_m,
                ramp_m,
            } => height_m * step(at_m, length_m, ramp_m),
            Self::Round { length_m, height_m } => height_m * half_sine(at_m, length_m),
            Self::Short { length_m, height_m } => height_m * half_sine(at_m, length_m).powi(2),
            Self::Rails { height_m } => {
                let heads = RAILS_AT_M.map(|rail_m| step(at_m - rail_m, RAIL_M, RAIL_M / 4.0));
                height_m * heads.into_iter().sum::<f64>()
            }
        }
    }
}

impl Obstacle {
    /// Whether wheels that run `aside_m` to the left of the middle of the lane hit it, left and
    /// right wheel track.
    pub(super) fn hit_by(&self, aside_m: f64) -> [bool; 2] {
        let near = aside_m.abs() <= self.half_width_m;
        [
            near && self.tracks != Tracks::Right,
            near && self.tracks != Tracks::Left,
        ]
    }
}

/// 0 outside, 1 on the flat, cosine slopes between.
fn step(at_m: f64, length_m: f64, ramp_m: f64) -> f64 {
    let inside_m = at_m.min(length_m - at_m);
    if inside_m <= 0.0 {
        return 0.0;
    }
    if inside_m >= ramp_m {
        return 1.0;
    }
    (1.0 - (PI * inside_m / ramp_m).cos()) / 2.0
}

/// Half a sine wave from 0 to `length_m`, 0 outside.
fn half_sine(at_m: f64, length_m: f64) -> f64 {
    if !(0.0..=length_m).contains(&at_m) {
        return 0.0;
    }
    (PI * at_m / length_m).sin()
}

/// The sizes of obstacles.
///
/// Source: humps after the round-top Watts hump, TRRL report LR 597 (1973), 3.7 m × 75–100 mm; covers DIN EN 124,
/// 0.65 m; potholes within the "moderate" and "high" severities (25 mm and more) of the FHWA
/// Distress Identification Manual (2014).
pub(super) mod size {
    use super::Span;

    /// Length of a pothole along the road, metres.
    pub(in super::super) const POTHOLE_LENGTH_M: Span = Span::new(0.35, 1.1);
    /// Length of each sloped end of a pothole, metres.
    pub(in super::super) const POTHOLE_RAMP_M: Span = Span::new(0.05, 0.15);
    /// Half the width of a pothole and of a tyre that still drops into it, metres.
    pub(in super::super) const POTHOLE_HALF_WIDTH_M: Span = Span::new(0.25, 0.45);
    /// Length of a round-top hump, metres.
    pub(in super::super) const HUMP_LENGTH_M: f64 = 3.7;
    /// Height of a round-top hump, metres.
    pub(in super::super) const HUMP_HEIGHT_M: Span = Span::new(0.075, 0.1);
    /// Length of a short bump, metres.
    pub(in super::super) const BUMP_LENGTH_M: Span = Span::new(0.4, 0.9);
    /// Height of a short bump, metres.
    pub(in super::super) const BUMP_HEIGHT_M: Span = Span::new(0.04, 0.07);
    /// Length of a joint, metres.
    pub(in super::super) const JOINT_LENGTH_M: Span = Span::new(0.05, 0.15);
    /// Depth of a joint, metres.
    pub(in super::super) const JOINT_DEPTH_M: Span = Span::new(0.004, 0.012);
    /// Diameter of a cover, metres.
    pub(in super::super) const COVER_LENGTH_M: f64 = 0.65;
    /// How far a cover is sunk or raised, metres.
    pub(in super::super) const COVER_DEPTH_M: Span = Span::new(0.006, 0.022);
    /// How far rails stand above or below the road, metres.
    pub(in super::super) const RAIL_HEIGHT_M: Span = Span::new(0.01, 0.02);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLE: Shape = Shape::Step {
        length_m: 0.6,
        height_m: -0.05,
        ramp_m: 0.1,
    };

    #[test]
    fn a_hole_is_as_deep_as_it_says_and_level_at_its_edges() {
        assert_eq!(HOLE.height_m(0.0), 0.0);
        assert_eq!(HOLE.height_m(0.3), -0.05);
        assert_eq!(HOLE.height_m(0.6), 0.0);
        assert!((HOLE.height_m(0.05) + 0.025).abs() < 1e-12);
        assert_eq!(HOLE.height_m(-1.0), 0.0);
    }

    #[test]
    fn every_shape_reaches_its_peak_and_ends_with_its_length() {
        let round = Shape::Round {
            length_m: 3.7,
            height_m: 0.1,
        };
        let short = Shape::Short {
            length_m: 0.5,
            height_m: 0.05,
        };
        for shape in [HOLE, round, short, Shape::Rails { height_m: 0.015 }] {
            let heights = (0..=5000).map(|i| shape.height_m(f64::from(i) * 0.001));
            let reached = heights.fold(
                0.0,
                |most: f64, h| if h.abs() > most.abs() { h } else { most },
            );
            assert!((reached - shape.peak_m()).abs() < 1e-3, "{shape:?}");
            assert!(
                shape.height_m(shape.length_m() + 1e-9).abs() < 1e-6,
                "{shape:?}"
            );
        }
    }

    #[test]
    fn a_wheel_that_runs_aside_misses_a_hole_in_one_track() {
        let hole = Obstacle {
            shape: HOLE,
            tracks: Tracks::Right,
            half_width_m: 0.3,
        };
        assert_eq!(hole.hit_by(0.1), [false, true]);
        assert_eq!(hole.hit_by(-0.2), [false, true]);
        assert_eq!(hole.hit_by(0.7), [false, false]);
    }
}
