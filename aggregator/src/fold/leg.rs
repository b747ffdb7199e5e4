//! Straight pieces of a track, as the fold walks them.

use crate::tile::Point;

/// A straight piece of a track.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    pub(super) from: Point,
    pub(super) to: Point,
    pub(super) from_us: i64,
    pub(super) to_us: i64,
    pub(super) heading_deg: f32,
    /// Nothing is known of the track before it.
    pub(super) opens: bool,
    /// Nothing is known of the track after it.
    pub(super) closes: bool,
}

impl Leg {
    /// When the leg is nearest to a place, if it passes it within so many metres; `None` also when
    /// the track begins after it or ends before it, and so never passed it.
    pub(super) fn abeam_us(&self, at: Point, within_m: f64) -> Option<i64> {
        let (along_north_m, along_east_m) = self.from.to(self.to);
        let (north_m, east_m) = self.from.to(at);
        let length_m2 = along_north_m * along_north_m + along_east_m * along_east_m;
        let dot_m2 = along_north_m * north_m + along_east_m * east_m;
        let share = if length_m2 > 0.0 {
            dot_m2 / length_m2
        } else {
            0.0
        };
        if share < 0.0 && self.opens || share > 1.0 && self.closes {
            return None;
        }
        let share = share.clamp(0.0, 1.0);
        let (north_m, east_m) = (
            north_m - share * along_north_m,
            east_m - share * along_east_m,
        );
        if north_m * north_m + east_m * east_m > within_m * within_m {
            return None;
        }
        let lasts_us = self.to_us.saturating_sub(self.from_us);
        Some(
            self.from_us
                .saturating_add((lasts_us as f64 * share).round() as i64),
        )
    }

    /// The middles of equal parts of the leg, none longer than `part_m` (1 m or more), with their
    /// times.
    pub(super) fn middles(&self, part_m: f64) -> impl Iterator<Item = (Point, i64)> + '_ {
        let (north_m, east_m) = self.from.to(self.to);
        let length_m = (north_m * north_m + east_m * east_m).sqrt();
        let parts = (length_m / part_m.max(1.0)).ceil().max(1.0) as u32;
        let lasts_us = self.to_us.saturating_sub(self.from_us);
        (0..parts).map(move |part| {
            let share = (f64::from(part) + 0.5) / f64::from(parts);
            let t_us = (self.from_us).saturating_add((lasts_us as f64 * share).round() as i64);
            (self.from.moved(share * north_m, share * east_m), t_us)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leg of 20 m to the north in two seconds.
    fn leg(from_m: f64, opens: bool, closes: bool) -> Leg {
        let from = Point::default().moved(from_m, 0.0);
        Leg {
            from,
            to: from.moved(20.0, 0.0),
            from_us: 0,
            to_us: 2_000_000,
            heading_deg: 0.0,
            opens,
            closes,
        }
    }

    #[test]
    fn a_hole_beside_the_middle_of_a_leg_is_passed_in_the_middle_of_its_time() {
        let hole = Point::default().moved(10.0, 3.0);
        assert_eq!(leg(0.0, true, true).abeam_us(hole, 8.0), Some(1_000_000));
        assert_eq!(leg(0.0, true, true).abeam_us(hole, 2.0), None);
    }

    #[test]
    fn a_drive_that_ends_before_a_hole_did_not_pass_it() {
        let legs = [leg(0.0, true, false), leg(20.0, false, true)];
        let passed = |north_m: f64| {
            let hole = Point::default().moved(north_m, 2.0);
            legs.iter().any(|leg| leg.abeam_us(hole, 8.0).is_some())
        };
        assert_eq!(
            [-5.0, 5.0, 20.0, 35.0, 45.0].map(passed),
            [false, true, true, true, false]
        );
    }
}
