//! One car's journey: where it was when, what it ran over. Every phone in it tells of this one.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::City;
use super::driver::Driver;
use super::ease::speed_mps;
use super::hazard::Hazard;
use super::route::{Leg, Route};
use super::statistics as stats;
use crate::simulate::random::normal;

/// A journey.
#[derive(Clone, Debug, Default)]
pub(super) struct Journey<'a> {
    /// Points of the true track, in order.
    pub(super) nodes: Vec<Node>,
    /// Pieces of the track that were judged, in order.
    pub(super) pieces: Vec<Piece>,
    /// Corners, which were not: from and to, µs.
    pub(super) corners: Vec<(i64, i64)>,
    /// What was passed, in order, standing or not.
    pub(super) passed: Vec<Passed<'a>>,
}

/// A point of the track.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) t_us: i64,
    /// Along the lane, metres.
    pub(super) at_m: f64,
}

/// A piece of the track along one lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) lane: u32,
    /// Its first and last node.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) speed_mps: f64,
    /// Whether a defect would have shown.
    pub(super) able: bool,
}

/// A hazard that was passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed<'a> {
    pub(super) hazard: &'a Hazard,
    /// The number of the piece.
    pub(super) piece: usize,
    /// Whether the wheels ran over its place.
    pub(super) ran_over: bool,
}

/// Points of a track are at most so far apart, metres, and a piece has two such steps: the detector
/// ends a stretch after 100 m or 10 s. Its points lie 1 s apart; of a straight street nothing is
/// lost by fewer.
const STEP_M: f64 = 60.0;

/// How long a car takes around a corner, µs.
const CORNER_US: i64 = 4_000_000;

impl City {
    /// A driver's journey along a way, beginning at a time.
    pub(super) fn journey(
        &self,
        driver: &Driver,
        route: &Route,
        begin_us: i64,
        rng: &mut ChaCha8Rng,
    ) -> Journey<'_> {
        let mut journey = Journey::default();
        let haste = 0.8 * driver.haste + 0.6 * normal(rng);
        let mut t_us = begin_us;
        let last = route.legs.len().saturating_sub(1);
        for (number, leg) in route.legs.iter().enumerate() {
            let corner_m = |is: bool| if is { stats::CORNER_M } else { 0.0 };
            let from_m = leg.from_m + corner_m(number > 0);
            let to_m = leg.to_m - corner_m(number < last);
            if to_m - from_m > 1.0 {
                let leg = Leg {
                    from_m,
                    to_m,
                    ..*leg
                };
                t_us = self.drive(&mut journey, leg, haste, t_us, rng);
            }
            if number < last {
                journey.corners.push((t_us, t_us + CORNER_US));
                t_us += CORNER_US;
            }
        }
        journey
    }

    /// Drives a leg and gives the time at its end.
    fn drive<'a>(
        &'a self,
        journey: &mut Journey<'a>,
        leg: Leg,
        haste: f64,
        begin_us: i64,
        rng: &mut ChaCha8Rng,
    ) -> i64 {
        let speed_mps = speed_mps(self.grid.lane(leg.lane).street, haste);
        let steps = (leg.length_m() / STEP_M).ceil().max(1.0) as usize;
        let step_m = leg.length_m() / steps as f64;
        let node = |step: usize| {
            let driven_m = step_m * step as f64;
            Node {
                t_us: begin_us + (driven_m / speed_mps * 1e6) as i64,
                at_m: leg.from_m + driven_m,
            }
        };
        journey.nodes.push(node(0));
        for step in (0..steps).step_by(2) {
            let first = journey.nodes.len() - 1;
            let end = (step + 2).min(steps);
            journey.nodes.extend((step + 1..=end).map(node));
            let piece = journey.pieces.len();
            journey.pieces.push(Piece {
                lane: leg.lane,
                first,
                last: journey.nodes.len() - 1,
                speed_mps,
                able: rng.random::<f64>() >= stats::UNABLE_SHARE,
            });
            let (from_m, to_m) = (node(step).at_m, node(end).at_m);
            for hazard in self.hazards.between(leg.lane, from_m, to_m) {
                let ran_over = !hazard.swerved || rng.random::<f64>() < stats::SWERVED_SHARE;
                journey.passed.push(Passed {
                    hazard,
                    piece,
                    ran_over,
                });
            }
        }
        node(steps).t_us
    }
}

impl Journey<'_> {
    /// When a place of a piece was reached, µs, and between which nodes: the earlier one and the
    /// share of the way to the next.
    pub(super) fn reached(&self, piece: &Piece, at_m: f64) -> (i64, usize, f64) {
        let mut node = piece.first;
        while node + 1 < piece.last && self.nodes[node + 1].at_m <= at_m {
            node += 1;
        }
        let (a, b) = (self.nodes[node], self.nodes[node + 1]);
        let share = ((at_m - a.at_m) / (b.at_m - a.at_m)).clamp(0.0, 1.0);
        let t_us = a.t_us + ((b.t_us - a.t_us) as f64 * share) as i64;
        (t_us, node, share)
    }

    /// When the last piece ends, µs; 0 of no journey.
    pub(super) fn end_us(&self) -> i64 {
        self.nodes.last().map_or(0, |node| node.t_us)
    }
}
