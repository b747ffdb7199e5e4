//! A driver, and what the driver means to do on a route: how fast, where to stop, what to avoid.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use trip::Kind;

use super::hazard::Hazard;
use super::obstacle::Tracks;
use super::random::{Span, normal};
use super::route::{Route, STEP_M};
use super::street::{Rank, Streets};

/// Habits of a driver.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Driver {
    /// Factor on the usual speed of a street.
    haste: f64,
    /// Acceleration, m/s².
    pub(super) accelerate_mps2: f64,
    /// Deceleration, m/s², above 0.
    pub(super) brake_mps2: f64,
    /// Acceleration to the side that is accepted in a turn, m/s².
    turn_mps2: f64,
    /// Speed over a hump that was seen, m/s.
    hump_mps: f64,
    /// Chance of going round a deep hole.
    swerve_share: f64,
    /// Chance of slowing down for a deep hole that is not avoided.
    slow_share: f64,
}

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

/// Usual speed on a main and on a residential street, m/s (about 50 and 30 km/h).
const MAIN_MPS: f64 = 14.0;
const SIDE_MPS: f64 = 9.0;

/// Speeds that are kept on any lane, m/s.
const SPEED_MPS: Span = Span::new(6.0, 19.0);

/// Depth from which a driver goes round a hole or brakes for it, metres.
const DEEP_M: f64 = 0.035;

/// Chance of having to stop before a crossing, coming from a main and from a residential street.
const MAIN_STOP: f64 = 0.2;
const SIDE_STOP: f64 = 0.35;

/// How long a stop before a crossing lasts, seconds.
const STOP_SECS: Span = Span::new(1.5, 20.0);

/// How long the car stands at the end of a trip before the phone stops recording, seconds.
const PARKED_SECS: f64 = 6.0;

/// Room for the car's own length on both sides of a hazard, metres.
const ROOM_M: f64 = 3.0;

impl Driver {
    /// Somebody of the street.
    ///
    /// Source: comfortable accelerations up to 1.4 and decelerations up to 2.2 m/s², and lateral
    /// acceleration around 2 m/s² in town: Bosetti, Da Lio & Saroldi (2014), "On the human control
    /// of vehicles". Humps at 15–30 km/h: TRL Report 186 (1996).
    pub(super) fn draw(rng: &mut ChaCha8Rng) -> Self {
        Self {
            haste: Span::new(0.85, 1.2).draw(rng),
            accelerate_mps2: Span::new(0.8, 1.4).draw(rng),
            brake_mps2: Span::new(1.3, 2.2).draw(rng),
            turn_mps2: Span::new(1.4, 2.4).draw(rng),
            hump_mps: Span::new(4.5, 9.0).draw(rng),
            swerve_share: 0.3,
            slow_share: 0.3,
        }
    }

    /// A plan for the first `secs` seconds or so of a route.
    pub(super) fn plan(
        &self,
        route: &Route,
        streets: &Streets,
        hazards: &[Hazard],
        secs: f64,
        rng: &mut ChaCha8Rng,
    ) -> Plan {
        let mut plan = Plan {
            speed_mps: self.wished_mps(route, streets, rng),
            aside_m: wander_m(route.waypoints.len(), rng),
            stops: stops(route, streets, rng),
            passes: met(route, hazards),
        };
        for index in 0..plan.passes.len() {
            let pass = plan.passes[index];
            self.react(&mut plan, pass, &hazards[pass.hazard], rng);
        }
        for pass in &mut plan.passes {
            let at_m = f64::midpoint(pass.begin_m, pass.end_m);
            let aside_m = plan.aside_m[waypoint(at_m, plan.aside_m.len())];
            pass.hit = hazards[pass.hazard].obstacle.hit_by(aside_m);
        }
        plan.end_after(secs, route, self);
        plan
    }

    /// The speed each waypoint would be taken with if the car could change its speed at once.
    fn wished_mps(&self, route: &Route, streets: &Streets, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let mut wished_mps: Vec<f64> = (route.waypoints.iter())
            .map(|w| (self.turn_mps2 / w.curvature_per_m.abs().max(1e-6)).sqrt())
            .collect();
        for leg in &route.legs {
            let usual_mps = match streets.lanes[leg.lane].rank {
                Rank::Main => MAIN_MPS,
                Rank::Side => SIDE_MPS,
            };
            let today = 1.0 + 0.08 * normal(rng);
            let lane_mps = (usual_mps * self.haste * today).clamp(SPEED_MPS.from, SPEED_MPS.to);
            lower(
                &mut wished_mps,
                leg.begin_m,
                leg.begin_m + leg.length_m,
                lane_mps,
            );
        }
        wished_mps
    }

    /// Slows for a hump or a hole, or goes round the hole.
    fn react(&self, plan: &mut Plan, pass: Pass, hazard: &Hazard, rng: &mut ChaCha8Rng) {
        const SEEN: f64 = 0.9;
        let (from_m, to_m) = (pass.begin_m - ROOM_M, pass.end_m + ROOM_M);
        let deep = hazard.obstacle.shape.peak_m() <= -DEEP_M;
        // Drawn in any case, so that one decision does not change the next.
        let [seen, swerve, slow] =
            [SEEN, self.swerve_share, self.slow_share].map(|chance| rng.random_bool(chance));
        let hump_mps = self.hump_mps * Span::new(0.85, 1.15).draw(rng);
        let by_m = Span::new(0.5, 1.0).draw(rng);
        match hazard.kind {
            Kind::SpeedBump if seen => lower(&mut plan.speed_mps, from_m, to_m, hump_mps),
            Kind::Pothole if deep && swerve => {
                let side = if hazard.obstacle.tracks == Tracks::Left {
                    -1.0
                } else {
                    1.0
                };
                let speed_mps = plan.speed_mps[waypoint(from_m, plan.speed_mps.len())];
                shift(
                    &mut plan.aside_m,
                    from_m,
                    to_m,
                    side * by_m,
                    1.8 * speed_mps,
                );
            }
            Kind::Pothole if deep && slow => {
                let slow_mps = 0.6 * plan.speed_mps[waypoint(pass.begin_m, plan.speed_mps.len())];
                lower(&mut plan.speed_mps, from_m, to_m, slow_mps);
            }
            _ => {}
        }
    }
}

impl Plan {
    /// Ends the plan about `secs` seconds after it begins, and makes it feasible.
    fn end_after(&mut self, secs: f64, route: &Route, driver: &Driver) {
        self.brake_ahead(driver.brake_mps2);
        let mut clock_s = 0.0;
        let mut speed_mps = 0.0f64;
        let mut stops = self.stops.iter().peekable();
        let mut end_m = route.length_m();
        for (i, &allowed_mps) in self.speed_mps.iter().enumerate() {
            let at_m = i as f64 * STEP_M;
            let reached_mps = (speed_mps.powi(2) + 2.0 * driver.accelerate_mps2 * STEP_M).sqrt();
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
        self.brake_ahead(driver.brake_mps2);
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
    let inside = |leg: &&super::route::Leg| {
        leg.crossing && leg.begin_m <= end_m && end_m <= leg.begin_m + leg.length_m
    };
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

/// Lowers values between two places to at most `most`.
fn lower(values: &mut [f64], from_m: f64, to_m: f64, most: f64) {
    let (from, to) = (waypoint(from_m, values.len()), waypoint(to_m, values.len()));
    for value in &mut values[from..=to] {
        *value = value.min(most);
    }
}

/// Adds `by_m` between two places, with smooth ways of `reach_m` before and after.
fn shift(values: &mut [f64], from_m: f64, to_m: f64, by_m: f64, reach_m: f64) {
    let first = waypoint(from_m - reach_m, values.len());
    let last = waypoint(to_m + reach_m, values.len());
    for (i, value) in values.iter_mut().enumerate().take(last + 1).skip(first) {
        let at_m = i as f64 * STEP_M;
        let outside_m = (from_m - at_m).max(at_m - to_m).max(0.0);
        *value += by_m * smooth(1.0 - outside_m / reach_m);
    }
}

/// A smooth way from 0 to 1.
fn smooth(share: f64) -> f64 {
    (1.0 - (std::f64::consts::PI * share.clamp(0.0, 1.0)).cos()) / 2.0
}

#[cfg(test)]
mod tests;
