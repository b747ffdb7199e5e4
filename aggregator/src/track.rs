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

/// A point beside a leg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Abeam {
    /// How far the leg passes from it, metres.
    pub(crate) distance_m: f64,
    /// When, µs.
    pub(crate) t_us: i64,
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
    /// Where and when the leg is nearest to a position; `None` when the track begins after it or
    /// ends before it, and so never passed it.
    pub(crate) fn abeam(&self, position: Position) -> Option<Abeam> {
        let along = self.from.position.offset_to(self.to.position);
        let aside = self.from.position.offset_to(position);
        let length_m2 = along.north_m * along.north_m + along.east_m * along.east_m;
        let dot_m2 = along.north_m * aside.north_m + along.east_m * aside.east_m;
        let share = if length_m2 > 0.0 {
            dot_m2 / length_m2
        } else {
            0.0
        };
        if share < 0.0 && self.opens || share > 1.0 && self.closes {
            return None;
        }
        let share = share.clamp(0.0, 1.0);
        let north_m = aside.north_m - share * along.north_m;
        let east_m = aside.east_m - share * along.east_m;
        Some(Abeam {
            distance_m: north_m.hypot(east_m),
            t_us: self.time_at(share),
        })
    }

    /// The middles of equal parts of the leg, none longer than `part_m` (1 m or more), with their times.
    pub(crate) fn middles(&self, part_m: f64) -> impl Iterator<Item = PathPoint> + '_ {
        let parts = (self.length_m / part_m.max(1.0)).ceil().max(1.0) as u32;
        (0..parts).map(move |part| {
            let share = (f64::from(part) + 0.5) / f64::from(parts);
            PathPoint {
                t_us: self.time_at(share),
                position: self.from.position.toward(self.to.position, share),
            }
        })
    }

    fn time_at(&self, share: f64) -> i64 {
        let lasts_us = self.to.t_us.saturating_sub(self.from.t_us);
        (self.from.t_us).saturating_add((lasts_us as f64 * share).round() as i64)
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

    #[test]
    fn a_hole_beside_the_middle_of_a_leg_is_passed_in_the_middle_of_its_time() {
        let path = track(&[(0.0, 0.0), (20.0, 0.0)]);
        let leg = legs(&path, &TrackRule::default())[0];
        let abeam = leg.abeam(path[0].position.moved(10.0, 3.0)).unwrap();
        assert!((abeam.distance_m - 3.0).abs() < 0.01);
        assert!((abeam.t_us - 500_000).abs() < 1_000);
    }

    #[test]
    fn a_drive_that_ends_before_a_hole_did_not_pass_it() {
        let path = track(&[(0.0, 0.0), (20.0, 0.0), (40.0, 0.0)]);
        let legs = legs(&path, &TrackRule::default());
        let passed = |north_m: f64| {
            let hole = path[0].position.moved(north_m, 2.0);
            legs.iter()
                .filter_map(|leg| leg.abeam(hole))
                .any(|abeam| abeam.distance_m < 8.0)
        };
        assert_eq!(
            [-5.0, 5.0, 20.0, 35.0, 45.0].map(passed),
            [false, true, true, true, false]
        );
    }

    #[test]
    fn a_leg_is_looked_at_in_parts_of_the_same_length() {
        let path = track(&[(0.0, 0.0), (30.0, 0.0)]);
        let leg = legs(&path, &TrackRule::default())[0];
        let seconds = |part_m: f64| -> Vec<i64> {
            let middles = leg.middles(part_m);
            middles.map(|point| point.t_us / 1000).collect()
        };
        assert_eq!(seconds(100.0), [500]);
        assert_eq!(seconds(14.0), [166, 500, 833]);
    }
}
