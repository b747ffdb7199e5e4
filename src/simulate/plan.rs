//! A plan for a route: how fast, where to stop, how far aside, and which hazards lie on the way.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::hazard::Hazard;
use super::random::{Span, normal};
use super::route::{Leg, Route, STEP_M};
use super::street::{Rank, Streets};

/// What a driver means to do on a route.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Speed at each waypoint that can be kept up with the driver's own braking, m/s.
    pub(super) speed_mps: Vec<f64>,
    /// How far left of the middle of the lane at each waypoint, metres.
    pub(super) aside_m: Vec<f64>,
    /// Where to stop and for how long, in order; the last one is the end of the trip.
    pub(super) stops: Vec<Stop>,
    /// The hazards on the way, in order.
    pub(super) passes: Vec<Pass>,
}

/// How hard a driver accelerates and brakes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pedals {
    /// Acceleration, m/s².
    pub(super) accelerate_mps2: f64,
    /// Deceleration, m/s², above 0.
    pub(super) brake_mps2: f64,
}

/// A stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stop {
    /// Where, metres along the route.
    pub(super) at_m: f64,
    /// For how long, seconds.
    pub(super) secs: f64,
}

/// A hazard that lies on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pass {
    /// Its place in the town's list.
    pub(super) hazard: usize,
    /// Its first edge, metres along the route.
    pub(super) begin_m: f64,
    /// Its last edge.
    pub(super) end_m: f64,
    /// Whether the left and the right wheels go over it.
    pub(super) hit: [bool; 2],
}

/// Chance of having to stop before a crossing, coming from a main and from a residential street.
const MAIN_STOP: f64 = 0.2;
const SIDE_STOP: f64 = 0.35;

/// How long a stop before a crossing lasts, seconds.
const STOP_SECS: Span = Span::new(1.5, 20.0);

/// How long the car stands at the end of a trip before the phone stops recording, seconds.
const PARKED_SECS: f64 = 6.0;

impl Plan {
    /// A plan that keeps the wished speeds as far as it can, and stops where it must. It goes round
    /// nothing and slows for nothing yet.
    pub(super) fn new(
        route: &Route,
        streets: &Streets,
        hazards: &[Hazard],
        wished_mps: Vec<f64>,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        Self {
            speed_mps: wished_mps,
            aside_m: wander_m(route.waypoints.len(), rng),
            stops: stops(route, streets, rng),
            passes: met(route, hazards),
        }
    }

    /// The speed planned at a place, m/s.
    pub(super) fn speed_at(&self, at_m: f64) -> f64 {
        self.speed_mps[waypoint(at_m, self.speed_mps.len())]
    }

    /// Keeps below a speed between two places.
    pub(super) fn slow(&mut self, from_m: f64, to_m: f64, most_mps: f64) {
        lower(&mut self.speed_mps, from_m, to_m, most_mps);
    }

    /// Goes `left_m` further to the left between two places, with a smooth way there and back that
    /// takes about two seconds each.
    pub(super) fn swerve(&mut self, from_m: f64, to_m: f64, left_m: f64) {
        const REACH_S: f64 = 1.8;
        let reach_m = REACH_S * self.speed_at(from_m);
        let count = self.aside_m.len();
        let first = waypoint(from_m - reach_m, count);
        let last = waypoint(to_m + reach_m, count);
        for (i, aside_m) in self
            .aside_m
            .iter_mut()
            .enumerate()
            .take(last + 1)
            .skip(first)
        {
            let at_m = i as f64 * STEP_M;
            let outside_m = (from_m - at_m).max(at_m - to_m).max(0.0);
            *aside_m += left_m * smooth(1.0 - outside_m / reach_m);
        }
    }

    /// Decides which wheels go over which hazard, now that the way is known.
    pub(super) fn settle_hits(&mut self, hazards: &[Hazard]) {
        for pass in &mut self.passes {
            let at_m = f64::midpoint(pass.begin_m, pass.end_m);
            let aside_m = self.aside_m[waypoint(at_m, self.aside_m.len())];
            pass.hit = hazards[pass.hazard].obstacle.hit_by(aside_m);
        }
    }

    /// Ends the plan about `secs` seconds after it begins, and lowers its speeds to what the
    /// brakes allow.
    pub(super) fn end_after(&mut self, secs: f64, route: &Route, pedals: Pedals) {
        self.brake_ahead(pedals.brake_mps2);
        let mut clock_s = 0.0;
        let mut speed_mps = 0.0f64;
        let mut stops = self.stops.iter().peekable();
        let mut end_m = route.length_m();
        for (i, &allowed_mps) in self.speed_mps.iter().enumerate() {
            let at_m = i as f64 * STEP_M;
            let reached_mps = (speed_mps.powi(2) + 2.0 * pedals.accelerate_mps2 * STEP_M).sqrt();
            speed_mps = reached_mps.min(allowed_mps);
            clock_s += STEP_M / speed_mps.max(CRAWL_MPS);
            if let Some(stop) = stops.next_if(|stop| stop.at_m <= at_m) {
                clock_s += stop.secs;
                speed_mps = 0.0;
            }
            if clock_s >= secs - PARKED_SECS {
                end_m = at_m;
                break;
            }
        }
        let end_m = off_crossing(end_m.max(10.0), route);
        self.stops.retain(|stop| stop.at_m < end_m - 1.0);
        self.stops.push(Stop {
            at_m: end_m,
            secs: PARKED_SECS,
        });
        self.brake_ahead(pedals.brake_mps2);
    }

    /// Lowers the speed before every stop and every slow place to what braking allows.
    fn brake_ahead(&mut self, brake_mps2: f64) {
        let last = self.speed_mps.len() - 1;
        for stop in &self.stops {
            self.speed_mps[waypoint(stop.at_m, last + 1)] = CRAWL_MPS;
        }
        for i in (0..last).rev() {
            let most_mps = (self.speed_mps[i + 1].powi(2) + 2.0 * brake_mps2 * STEP_M).sqrt();
            self.speed_mps[i] = self.speed_mps[i].min(most_mps);
        }
    }
}

/// The speed at which a stop is reached, m/s; below it the car is held by the brake.
pub(super) const CRAWL_MPS: f64 = 0.5;

/// The waypoint nearest to a place on the route.
pub(super) fn waypoint(at_m: f64, count: usize) -> usize {
    ((at_m / STEP_M).round().max(0.0) as usize).min(count - 1)
}

/// Moves an end that lies in a crossing back to the lane before it.
fn off_crossing(end_m: f64, route: &Route) -> f64 {
    let inside =
        |leg: &&Leg| leg.crossing && leg.begin_m <= end_m && end_m <= leg.begin_m + leg.length_m;
    route
        .legs
        .iter()
        .find(inside)
        .map_or(end_m, |leg| leg.begin_m - 2.0)
}

/// Where the driver has to stop: at the end of some lanes.
fn stops(route: &Route, streets: &Streets, rng: &mut ChaCha8Rng) -> Vec<Stop> {
    let mut stops = Vec::new();
    for leg in route.legs.iter().filter(|leg| !leg.crossing) {
        let chance = match streets.lanes[leg.lane].rank {
            Rank::Main => MAIN_STOP,
            Rank::Side => SIDE_STOP,
        };
        let secs = STOP_SECS.draw(rng);
        if rng.random_bool(chance) {
            stops.push(Stop {
                at_m: leg.begin_m + leg.length_m - 1.0,
                secs,
            });
        }
    }
    stops
}

/// The hazards on a route, in order, not yet decided whether they are hit.
fn met(route: &Route, hazards: &[Hazard]) -> Vec<Pass> {
    let mut passes = Vec::new();
    for leg in route.legs.iter().filter(|leg| !leg.crossing) {
        let first = hazards.partition_point(|hazard| hazard.lane < leg.lane);
        let here = hazards[first..]
            .iter()
            .take_while(|hazard| hazard.lane == leg.lane);
        passes.extend(here.zip(first..).map(|(hazard, index)| Pass {
            hazard: index,
            begin_m: leg.begin_m + hazard.at_m,
            end_m: leg.begin_m + hazard.at_m + hazard.obstacle.shape.length_m(),
            hit: [false; 2],
        }));
    }
    passes
}

/// How a driver wanders within the lane: smooth ways between points 30 m apart, 0.12 m standard
/// deviation.
///
/// Source: lateral wander of wheel paths 0.1–0.3 m, Buiter et al. (1989), "Effects of transverse
/// distribution of heavy vehicles on thickness design".
fn wander_m(count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    const APART: usize = 60;
    const SPREAD_M: f64 = 0.12;
    let knots_m: Vec<f64> = (0..count / APART + 2)
        .map(|_| SPREAD_M * normal(rng))
        .collect();
    (0..count)
        .map(|i| {
            let (knot, share) = (i / APART, (i % APART) as f64 / APART as f64);
            knots_m[knot] + (knots_m[knot + 1] - knots_m[knot]) * smooth(share)
        })
        .collect()
}

/// Lowers the values between two places to at most `most`.
pub(super) fn lower(values: &mut [f64], from_m: f64, to_m: f64, most: f64) {
    let (from, to) = (waypoint(from_m, values.len()), waypoint(to_m, values.len()));
    for value in &mut values[from..=to] {
        *value = value.min(most);
    }
}

/// A smooth way from 0 to 1.
fn smooth(share: f64) -> f64 {
    (1.0 - (std::f64::consts::PI * share.clamp(0.0, 1.0)).cos()) / 2.0
}

#[cfg(test)]
mod tests;
