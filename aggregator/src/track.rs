//! A track as legs with a direction.

use trip::{PathPoint, Position};

use crate::config::TrackRule;
use crate::tile::Tile;

/// A straight piece of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Leg {
    /// Where it begins.
    pub(crate) from: PathPoint,
    /// Where it ends.
    pub(crate) to: PathPoint,
    /// Which way it goes, degrees.
    pub(crate) heading_deg: f32,
    /// How long it is, metres.
    pub(crate) length_m: f64,
    /// Nothing is known of the track before it.
    pub(crate) opens: bool,
    /// Nothing is known of the track after it.
    pub(crate) closes: bool,
}

/// The legs of a track, in place of what `legs` held. Points too near to tell a direction are one
/// leg; where points are too far apart to know the road between them there is none.
pub(crate) fn legs(path: &[PathPoint], rule: &TrackRule, legs: &mut Vec<Leg>) {
    legs.clear();
    let Some((&first, rest)) = path.split_first() else {
        return;
    };
    // One plane for the whole track: a map of it costs no trigonometry a point.
    let plane = Tile::of(first.position).plane();
    let mut from = (first, plane.point(first.position));
    for (index, &to) in rest.iter().enumerate() {
        let to = (to, plane.point(to.position));
        let (north_m, east_m) = from.1.to(to.1);
        let length_m = (north_m * north_m + east_m * east_m).sqrt();
        let is_last = index + 1 == rest.len();
        if length_m < rule.leg_min_m && !is_last {
            continue;
        }
        if 0.0 < length_m && length_m <= rule.leg_max_m {
            legs.push(Leg {
                from: from.0,
                to: to.0,
                heading_deg: east_m.atan2(north_m).to_degrees().rem_euclid(360.0) as f32,
                length_m,
                opens: true,
                closes: true,
            });
        }
        from = to;
    }
    join(legs, rule);
}

/// Notes which legs go on from each other. What remains at the end may be too short to have a
/// direction of its own: it goes the way of the leg before.
fn join(legs: &mut [Leg], rule: &TrackRule) {
    for index in 1..legs.len() {
        let (before, after) = legs.split_at_mut(index);
        let (before, after) = (&mut before[index - 1], &mut after[0]);
        if before.to != after.from {
            continue;
        }
        (before.closes, after.opens) = (false, false);
        if after.length_m < rule.leg_min_m {
            after.heading_deg = before.heading_deg;
        }
    }
}

impl Leg {
    /// Halfway along it.
    pub(crate) fn middle(&self) -> Position {
        self.from.position.toward(self.to.position, 0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::turn_deg;

    /// A track through offsets in metres (north, east), one point a second.
    fn track(offsets_m: &[(f64, f64)]) -> Vec<PathPoint> {
        let start = Position::new(41.15, -8.61).unwrap();
        (offsets_m.iter().zip(0..))
            .map(|(&(north_m, east_m), second)| PathPoint {
                t_us: second * 1_000_000,
                position: start.moved(north_m, east_m),
            })
            .collect()
    }

    fn legs_of(path: &[PathPoint]) -> Vec<Leg> {
        let mut found = Vec::new();
        legs(path, &TrackRule::default(), &mut found);
        found
    }

    #[test]
    fn points_nearer_than_a_leg_are_one_leg() {
        let path = track(&[(0.0, 0.0), (2.0, 1.0), (4.0, -1.0), (6.0, 0.0)]);
        let legs = legs_of(&path);
        assert_eq!(legs.len(), 1);
        assert!(turn_deg(legs[0].heading_deg, 0.0) < 1.0);
    }

    #[test]
    fn the_short_rest_of_a_track_goes_the_way_of_what_was_before() {
        let legs = legs_of(&track(&[(0.0, 0.0), (14.0, 0.0), (14.1, 1.0)]));
        assert_eq!(legs.len(), 2);
        assert_eq!(legs[1].heading_deg, legs[0].heading_deg);
    }

    #[test]
    fn nobody_knows_the_road_between_far_points() {
        let legs = legs_of(&track(&[(0.0, 0.0), (500.0, 0.0), (514.0, 0.0)]));
        assert_eq!(legs.len(), 1);
        assert!((legs[0].length_m - 14.0).abs() < 0.01);
    }

    #[test]
    fn no_points_and_one_point_and_one_place_make_no_leg() {
        for offsets_m in [&[][..], &[(0.0, 0.0)], &[(0.0, 0.0), (0.0, 0.0)]] {
            assert!(legs_of(&track(offsets_m)).is_empty());
        }
    }
}
