//! A driver: habits, and how they answer to what lies ahead.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use trip::Kind;

use super::hazard::Hazard;
use super::obstacle::{Shape, Tracks};
use super::plan::{Pass, Pedals, Plan, lower};
use super::random::{Span, normal};
use super::route::Route;
use super::street::{Rank, Streets};

/// Habits of a driver.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Driver {
    /// Factor on the usual speed of a street.
    haste: f64,
    /// How hard the pedals are pressed.
    pub(super) pedals: Pedals,
    /// Acceleration to the side that is accepted in a turn, m/s².
    turn_mps2: f64,
    /// Speed over a hump that was seen, m/s.
    hump_mps: f64,
    /// Chance of going round a deep hole.
    swerve_share: f64,
    /// Chance of slowing down for a deep hole that is not avoided.
    slow_share: f64,
}

/// Usual speed on a main and on a residential street, m/s (54 and 36 km/h).
const MAIN_MPS: f64 = 15.0;
const SIDE_MPS: f64 = 10.0;

/// Speeds that are kept on any lane, m/s.
const SPEED_MPS: Span = Span::new(6.0, 19.0);

/// Depth from which a driver goes round a hole or brakes for it, metres.
const DEEP_M: f64 = 0.035;

/// A short bump is taken at this share of the speed over a round hump.
const SHORT_BUMP: f64 = 0.55;

/// Share of the speed that is kept over a deep hole for which a driver brakes.
const SLOWED: f64 = 0.6;

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
            pedals: Pedals {
                accelerate_mps2: Span::new(0.8, 1.4).draw(rng),
                brake_mps2: Span::new(1.3, 2.2).draw(rng),
            },
            turn_mps2: Span::new(1.4, 2.4).draw(rng),
            hump_mps: Span::new(4.5, 9.0).draw(rng),
            swerve_share: 0.3,
            slow_share: 0.5,
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
        let wished_mps = self.wished_mps(route, streets, rng);
        let mut plan = Plan::new(route, streets, hazards, wished_mps, rng);
        for index in 0..plan.passes.len() {
            let pass = plan.passes[index];
            self.react(&mut plan, pass, &hazards[pass.hazard], rng);
        }
        plan.settle_hits(hazards);
        plan.end_after(secs, route, self.pedals);
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
            let end_m = leg.begin_m + leg.length_m;
            lower(&mut wished_mps, leg.begin_m, end_m, lane_mps);
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
        let short = matches!(hazard.obstacle.shape, Shape::Short { .. });
        let harder = if short { SHORT_BUMP } else { 1.0 };
        let hump_mps = harder * self.hump_mps * Span::new(0.85, 1.15).draw(rng);
        let by_m = Span::new(0.5, 1.0).draw(rng);
        match hazard.kind {
            Kind::SpeedBump if seen => plan.slow(from_m, to_m, hump_mps),
            // Away from the hole: one in the right track is passed on its left.
            Kind::Pothole if deep && swerve => match hazard.obstacle.tracks {
                Tracks::Left => plan.swerve(from_m, to_m, -by_m),
                Tracks::Right | Tracks::Both => plan.swerve(from_m, to_m, by_m),
            },
            Kind::Pothole if deep && slow => {
                plan.slow(from_m, to_m, SLOWED * plan.speed_at(pass.begin_m));
            }
            _ => {}
        }
    }
}
