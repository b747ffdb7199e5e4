//! A track as legs with a direction.

use trip::{Heading, PathPoint, Position};

use crate::config::TrackRule;

/// A straight piece of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Leg {
    /// Where it begins.
    pub(crate) from: PathPoint,
    /// Where it ends.
    pub(crate) to: PathPoint,
    /// Which way it goes.
    pub(crate) heading: Heading,
    /// How long it is, metres.
    pub(crate) length_m: f64,
    /// Nothing is known of the track before it.
    pub(crate) opens: bool,
    /// Nothing is known of the track after it.
    pub(crate) closes: bool,
}

/// The legs of a track. Points too near to tell a direction are one leg; where points are too far
/// apart to know the road between them there is none.
pub(crate) fn legs(path: &[PathPoint], rule: &TrackRule) -> Vec<Leg> {
    let mut legs = Vec::new();
    let Some((&first, rest)) = path.split_first() else {
        return legs;
    };
    let mut from = first;
    for (index, &to) in rest.iter().enumerate() {
        let length_m = from.position.distance_m(to.position);
        let is_last = index + 1 == rest.len();
        if length_m < rule.leg_min_m && !is_last {
            continue;
        }
        if length_m <= rule.leg_max_m
            && let Some(heading) = Heading::between(from.position, to.position)
        {
            legs.push(Leg {
                from,
                to,
                heading,
                length_m,
                opens: true,
                closes: true,
            });
        }
        from = to;
    }
    join(&mut legs, rule);
    legs
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
            after.heading = before.heading;
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

    #[test]
    fn points_nearer_than_a_leg_are_one_leg() {
        let path = track(&[(0.0, 0.0), (2.0, 1.0), (4.0, -1.0), (6.0, 0.0)]);
        let legs = legs(&path, &TrackRule::default());
        assert_eq!(legs.len(), 1);
        assert!(legs[0].heading.turn_deg(Heading::from_deg(0.0).unwrap()) < 1.0);
    }

    #[test]
    fn the_short_rest_of_a_track_goes_the_way_of_what_was_before() {
        let legs = legs(
            &track(&[(0.0, 0.0), (14.0, 0.0), (14.1, 1.0)]),
            &TrackRule::default(),
        );
        assert_eq!(legs.len(), 2);
        assert_eq!(legs[1].heading, legs[0].heading);
    }

    #[test]
    fn nobody_knows_the_road_between_far_points() {
        let legs = legs(
            &track(&[(0.0, 0.0), (500.0, 0.0), (514.0, 0.0)]),
            &TrackRule::default(),
        );
        assert_eq!(legs.len(), 1);
        assert!((legs[0].length_m - 14.0).abs() < 0.01);
    }

    #[test]
    fn no_points_and_one_point_and_one_place_make_no_leg() {
        for offsets_m in [&[][..], &[(0.0, 0.0)], &[(0.0, 0.0), (0.0, 0.0)]] {
            assert!(legs(&track(offsets_m), &TrackRule::default()).is_empty());
        }
    }
}
