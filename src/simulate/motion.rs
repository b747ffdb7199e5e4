//! Following a plan: where the car is and how fast, step by step.

use rand_chacha::ChaCha8Rng;

use super::plan::{CRAWL_MPS, Pedals, Plan};
use super::random::Drift;
use super::route::{Route, STEP_M};

/// The car on its way.
pub(super) struct Course<'a> {
    plan: &'a Plan,
    pedals: Pedals,
    /// Curvature of the way really driven at each waypoint, 1/m, positive to the left.
    curvature_per_m: Vec<f64>,
    /// How far the front axle has come, metres along the route.
    at_m: f64,
    speed_mps: f64,
    forward_mps2: f64,
    next_stop: usize,
    standing_s: f64,
    mood: Mood,
}

/// Where the car is and how it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Instant {
    /// The front axle, metres along the route.
    pub(super) at_m: f64,
    /// Speed, m/s.
    pub(super) speed_mps: f64,
    /// Acceleration along the way, m/s².
    pub(super) forward_mps2: f64,
    /// Acceleration to the left, m/s².
    pub(super) left_mps2: f64,
    /// Yaw rate, rad/s counter-clockwise.
    pub(super) yaw_radps: f64,
    /// To the left of the middle of the lane, metres.
    pub(super) aside_m: f64,
}

/// How the foot on the pedal wavers: a share of the speed.
struct Mood {
    drift: Drift,
    share: f64,
    left_s: f64,
}

/// The driver looks this far ahead, seconds, and answers a wrong speed within this time.
const AHEAD_S: f64 = 0.6;

/// How slowly the engine and the brakes answer, seconds.
const LAG_S: f64 = 0.35;

/// The driver's speed wavers by this share, and is corrected about this often, seconds.
const WAVER: f64 = 0.03;
const WAVER_S: f64 = 6.0;

/// How long the car stands before it first moves off, seconds.
const BEFORE_S: f64 = 5.0;

impl<'a> Course<'a> {
    /// The car at the beginning of a route, standing.
    pub(super) fn new(
        route: &'a Route,
        plan: &'a Plan,
        pedals: Pedals,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let curvature_per_m = (route.waypoints.iter().enumerate())
            .map(|(i, waypoint)| waypoint.curvature_per_m + bend_per_m(&plan.aside_m, i))
            .collect();
        Self {
            plan,
            pedals,
            curvature_per_m,
            at_m: 0.0,
            speed_mps: 0.0,
            forward_mps2: 0.0,
            next_stop: 0,
            standing_s: BEFORE_S,
            mood: Mood {
                drift: Drift::new(1.0, WAVER_S, rng),
                share: 0.0,
                left_s: 0.0,
            },
        }
    }

    /// Whether the last stop is over.
    pub(super) fn is_over(&self) -> bool {
        self.next_stop == self.plan.stops.len() && self.standing_s <= 0.0
    }

    /// Moves on by `dt_s` seconds.
    pub(super) fn step(&mut self, dt_s: f64, rng: &mut ChaCha8Rng) -> Instant {
        if self.standing_s > 0.0 {
            self.standing_s -= dt_s;
            self.forward_mps2 -= self.forward_mps2 * dt_s / LAG_S;
            return self.instant();
        }
        let wished_mps2 = (self.wished_mps(dt_s, rng) - self.speed_mps) / AHEAD_S;
        let possible_mps2 =
            wished_mps2.clamp(-1.3 * self.pedals.brake_mps2, self.pedals.accelerate_mps2);
        self.forward_mps2 += (possible_mps2 - self.forward_mps2) * dt_s / LAG_S;
        self.speed_mps = (self.speed_mps + self.forward_mps2 * dt_s).max(0.0);
        self.at_m += self.speed_mps * dt_s;
        if let Some(stop) = self.plan.stops.get(self.next_stop)
            && self.at_m >= stop.at_m
        {
            self.speed_mps = 0.0;
            self.standing_s = stop.secs;
            self.next_stop += 1;
        }
        self.instant()
    }

    /// The planned speed a little ahead, as the driver keeps it today.
    fn wished_mps(&mut self, dt_s: f64, rng: &mut ChaCha8Rng) -> f64 {
        self.mood.left_s -= dt_s;
        if self.mood.left_s <= 0.0 {
            self.mood.left_s += 1.0;
            self.mood.share = WAVER * self.mood.drift.next(rng);
        }
        // Never beyond the next stop, or the car would be off again before it stood.
        let stop = self.plan.stops.get(self.next_stop);
        let most_m = stop.map_or(0.0, |stop| stop.at_m - self.at_m);
        let ahead_m = (AHEAD_S * self.speed_mps).max(2.0 * STEP_M).min(most_m);
        let planned_mps = self.plan.speed_at(self.at_m + ahead_m);
        (planned_mps * (1.0 + self.mood.share)).max(CRAWL_MPS)
    }

    fn instant(&self) -> Instant {
        let curvature_per_m = between(&self.curvature_per_m, self.at_m);
        Instant {
            at_m: self.at_m,
            speed_mps: self.speed_mps,
            forward_mps2: self.forward_mps2,
            left_mps2: self.speed_mps.powi(2) * curvature_per_m,
            yaw_radps: self.speed_mps * curvature_per_m,
            aside_m: between(&self.plan.aside_m, self.at_m),
        }
    }
}

/// The value at a place between two waypoints.
fn between(values: &[f64], at_m: f64) -> f64 {
    let at = (at_m / STEP_M).clamp(0.0, (values.len() - 1) as f64);
    let index = (at as usize).min(values.len() - 2);
    values[index] + (values[index + 1] - values[index]) * (at - index as f64)
}

/// The curvature of a way that runs `aside_m` beside the route, 1/m, over 2 m to either side.
fn bend_per_m(aside_m: &[f64], at: usize) -> f64 {
    const REACH: usize = 4;
    if at < REACH || at + REACH >= aside_m.len() {
        return 0.0;
    }
    let span_m = REACH as f64 * STEP_M;
    (aside_m[at + REACH] - 2.0 * aside_m[at] + aside_m[at - REACH]) / span_m.powi(2)
}
