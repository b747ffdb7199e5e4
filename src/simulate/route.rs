//! A way through the town: lanes and the crossings between them, as one line.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::plane::Point;
use super::street::{Lane, Rank, Streets};

/// Distance between two waypoints, metres.
pub(super) const STEP_M: f64 = 0.5;

/// A way, long enough for a drive.
#[derive(Clone, Debug)]
pub(super) struct Route {
    /// Lanes and crossings in order.
    pub(super) legs: Vec<Leg>,
    /// A point every [`STEP_M`].
    pub(super) waypoints: Vec<Waypoint>,
}

/// A lane or a crossing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leg {
    /// The lane, or the lane to which a crossing leads.
    pub(super) lane: usize,
    /// Whether it is the crossing before that lane, not the lane itself.
    pub(super) crossing: bool,
    /// Where it begins along the route, metres.
    pub(super) begin_m: f64,
    /// Its length, metres.
    pub(super) length_m: f64,
}

/// A point of a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Waypoint {
    /// Where.
    pub(super) point: Point,
    /// Direction, radians counter-clockwise from east.
    pub(super) direction_rad: f64,
    /// Curvature, 1/m, positive to the left.
    pub(super) curvature_per_m: f64,
}

/// How much more readily drivers take a main street than a residential one.
const MAIN_WEIGHT: f64 = 1.5;

/// How much more readily they go straight on than turn.
const STRAIGHT_WEIGHT: f64 = 1.5;

impl Route {
    /// A random way of at least `length_m` metres that ends with a whole lane.
    pub(super) fn draw(streets: &Streets, length_m: f64, rng: &mut ChaCha8Rng) -> Self {
        let mut lane = rng.random_range(0..streets.lanes.len() as u32) as usize;
        let mut line = Line::default();
        let mut legs = vec![line.along_lane(lane, &streets.lanes[lane])];
        while line.length_m < length_m {
            let next = choose(streets, lane, rng);
            legs.push(line.across_crossing(next, &streets.lanes[next]));
            legs.push(line.along_lane(next, &streets.lanes[next]));
            lane = next;
        }
        let waypoints = line.waypoints();
        Self { legs, waypoints }
    }

    /// Its length, metres.
    pub(super) fn length_m(&self) -> f64 {
        (self.waypoints.len() - 1) as f64 * STEP_M
    }

    /// The point `at_m` metres along and `left_m` metres to the left, and the direction there.
    pub(super) fn place(&self, at_m: f64, left_m: f64) -> (Point, f64) {
        let at = (at_m / STEP_M).clamp(0.0, (self.waypoints.len() - 1) as f64);
        let index = (at as usize).min(self.waypoints.len() - 2);
        let (a, b) = (&self.waypoints[index], &self.waypoints[index + 1]);
        let point = a.point + (b.point - a.point) * (at - index as f64);
        let aside = Point::toward(a.direction_rad).left() * left_m;
        (point + aside, a.direction_rad)
    }
}

/// The next lane, by chance and by weight.
fn choose(streets: &Streets, lane: usize, rng: &mut ChaCha8Rng) -> usize {
    let along = streets.lanes[lane].along;
    let weighed: Vec<(usize, f64)> = (streets.after(lane))
        .map(|next| {
            let lane = &streets.lanes[next];
            let ahead = along.east_m * lane.along.east_m + along.north_m * lane.along.north_m;
            let straight = if ahead > 0.7 { STRAIGHT_WEIGHT } else { 1.0 };
            let main = if lane.rank == Rank::Main {
                MAIN_WEIGHT
            } else {
                1.0
            };
            (next, straight * main)
        })
        .collect();
    let mut left = rng.random::<f64>() * weighed.iter().map(|(_, weight)| weight).sum::<f64>();
    for &(next, weight) in &weighed {
        left -= weight;
        if left <= 0.0 {
            return next;
        }
    }
    weighed.last().expect("every lane of a grid leads on").0
}

/// A polyline while it grows.
#[derive(Default)]
struct Line {
    points: Vec<Point>,
    at_m: Vec<f64>,
    length_m: f64,
}

impl Line {
    fn push(&mut self, point: Point) {
        if let Some(&last) = self.points.last() {
            let step_m = (point - last).length_m();
            if step_m < 1e-9 {
                return;
            }
            self.length_m += step_m;
        }
        self.points.push(point);
        self.at_m.push(self.length_m);
    }

    fn along_lane(&mut self, number: usize, lane: &Lane) -> Leg {
        let begin_m = self.length_m;
        self.push(lane.begin);
        self.push(lane.point(lane.length_m, 0.0));
        Leg {
            lane: number,
            crossing: false,
            begin_m,
            length_m: lane.length_m,
        }
    }

    /// From where the line ends to the beginning of a lane: a quadratic Bézier curve whose legs
    /// are the two lanes' own directions.
    fn across_crossing(&mut self, to: usize, lane: &Lane) -> Leg {
        const PIECES: i32 = 24;
        let begin_m = self.length_m;
        let [before, begin] = *self.points.last_chunk().expect("a lane was driven before");
        let (gap, arriving) = (lane.begin - begin, begin - before);
        let arriving = arriving * (1.0 / arriving.length_m());
        // Straight on the control point lies half way; in a turn where the two lanes would meet.
        let sideways_m = arriving.east_m * gap.north_m - arriving.north_m * gap.east_m;
        let ahead_m = arriving.east_m * gap.east_m + arriving.north_m * gap.north_m;
        let corner_m = if sideways_m.abs() < 1.0 {
            ahead_m / 2.0
        } else {
            ahead_m
        };
        let corner = begin + arriving * corner_m;
        for piece in 1..=PIECES {
            let t = f64::from(piece) / f64::from(PIECES);
            let weights = [(1.0 - t).powi(2), 2.0 * t * (1.0 - t), t * t];
            self.push(begin * weights[0] + corner * weights[1] + lane.begin * weights[2]);
        }
        Leg {
            lane: to,
            crossing: true,
            begin_m,
            length_m: self.length_m - begin_m,
        }
    }

    /// The line as evenly spaced points with direction and curvature.
    fn waypoints(&self) -> Vec<Waypoint> {
        let count = (self.length_m / STEP_M) as usize + 1;
        let mut piece = 0;
        let points: Vec<Point> = (0..count)
            .map(|i| {
                let at_m = i as f64 * STEP_M;
                while piece + 2 < self.at_m.len() && self.at_m[piece + 1] <= at_m {
                    piece += 1;
                }
                let share = (at_m - self.at_m[piece]) / (self.at_m[piece + 1] - self.at_m[piece]);
                self.points[piece] + (self.points[piece + 1] - self.points[piece]) * share
            })
            .collect();
        let directions_rad = directions_rad(&points);
        (points.iter().enumerate())
            .map(|(i, &point)| Waypoint {
                point,
                direction_rad: directions_rad[i],
                curvature_per_m: curvature_per_m(&directions_rad, i),
            })
            .collect()
    }
}

/// The direction at each point, without jumps of a whole turn.
fn directions_rad(points: &[Point]) -> Vec<f64> {
    let last = points.len() - 1;
    let mut directions_rad = Vec::with_capacity(points.len());
    let mut before_rad = (points[1] - points[0]).direction_rad();
    for i in 0..points.len() {
        let step = points[(i + 1).min(last)] - points[i.saturating_sub(1)];
        let turn_rad = wrapped_rad(step.direction_rad() - before_rad);
        before_rad += turn_rad;
        directions_rad.push(before_rad);
    }
    directions_rad
}

/// The curvature at a point, over 3 m to either side: as fast as a driver turns the wheel.
fn curvature_per_m(directions_rad: &[f64], at: usize) -> f64 {
    const REACH: usize = 6;
    let (from, to) = (
        at.saturating_sub(REACH),
        (at + REACH).min(directions_rad.len() - 1),
    );
    (directions_rad[to] - directions_rad[from]) / ((to - from) as f64 * STEP_M)
}

/// The same angle within ±π.
fn wrapped_rad(angle_rad: f64) -> f64 {
    use std::f64::consts::{PI, TAU};
    (angle_rad + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn route(seed: u64) -> Route {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let streets = Streets::draw(5_000.0, &mut rng);
        Route::draw(&streets, 4_000.0, &mut rng)
    }

    #[test]
    fn waypoints_are_evenly_spaced_and_follow_the_legs() {
        for seed in 0..20 {
            let route = route(seed);
            for pair in route.waypoints.windows(2) {
                let step_m = (pair[1].point - pair[0].point).length_m();
                assert!((0.8 * STEP_M..=STEP_M + 1e-9).contains(&step_m), "{step_m}");
            }
            for pair in route.legs.windows(2) {
                assert!((pair[0].begin_m + pair[0].length_m - pair[1].begin_m).abs() < 1e-6);
            }
            assert!(route.length_m() >= 4_000.0);
        }
    }

    #[test]
    fn no_turn_is_tighter_than_a_car_can_take() {
        for seed in 0..20 {
            let tightest = (route(seed).waypoints.iter())
                .fold(0.0f64, |most, w| most.max(w.curvature_per_m.abs()));
            assert!(tightest < 1.0 / 5.5, "radius {} m", 1.0 / tightest);
        }
    }

    #[test]
    fn directions_do_not_jump() {
        for pair in route(3).waypoints.windows(2) {
            assert!((pair[1].direction_rad - pair[0].direction_rad).abs() < 0.15);
        }
    }
}
