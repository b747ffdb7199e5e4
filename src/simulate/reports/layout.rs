//! Where the hazards lie: each in a slot of its own, some on purpose next to another.

use std::collections::HashSet;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use trip::Kind;

use super::chance::{Chance, Purpose};
use super::grid::{ARTERIAL_EVERY, Grid, Line, Street, street};
use super::hazard::{Hazard, Hazards};
use super::{BEGIN_US, DAY_US, Options, statistics as stats};
use crate::simulate::plane::heading;
use crate::simulate::random::{Span, normal};

/// Shares of the kinds among the objects. Assumed; the ratios of potholes to covers, joints and rails
/// are near those of the signal-level town.
const KINDS: [(Kind, f64); 5] = [
    (Kind::Pothole, 0.55),
    (Kind::SpeedBump, 0.15),
    (Kind::Casting, 0.15),
    (Kind::Joint, 0.10),
    (Kind::Rail, 0.05),
];

/// Of the potholes, so many have a second one 12 m on, one in the opposite lane, one on the road
/// that goes under theirs; so many are swerved around. Assumed.
const PAIRED: f64 = 0.05;
const OPPOSITE: f64 = 0.05;
const BRIDGED: f64 = 0.03;
const SWERVED: f64 = 0.05;

/// From the first pothole of a pair to the second, metres: the distance that is to be kept apart.
const PAIR_M: f64 = 12.0;

/// Nothing lies nearer than this to a corner, metres, and slots of one lane are so far apart at
/// least: pairs that nobody planned are rare.
const CLEAR_M: f64 = 25.0;
const SLOT_M: f64 = 30.0;

/// How far a wheel track lies from the middle of the lane, metres, and how many potholes lie in the
/// right one. Source: the signal-level simulator.
const TRACK_M: f64 = 0.75;
const RIGHT_SHARE: f64 = 0.7;

/// Of the potholes so many appear within the period. Assumed.
const NEW_SHARE: f64 = 0.5;
/// When new ones appear, those that will be repaired, and when those are repaired: shares of the
/// period, so that there is something to see before and after.
const APPEARS: Span = Span::new(0.0, 0.6);
const APPEARS_TO_GO: Span = Span::new(0.0, 0.2);
const REPAIRED: Span = Span::new(0.45, 0.8);
/// Share of the repairs that the department claims, days until it does, and share of the standing
/// potholes that it claims wrongly. Assumed.
const CLAIMED: f64 = 0.5;
const CLAIM_DAYS: Span = Span::new(0.0, 2.0);
const WRONGLY_CLAIMED: f64 = 0.03;

/// Lays the hazards of a city.
pub(super) fn lay(options: &Options, grid: &Grid, chance: &Chance) -> Hazards {
    let mut layout = Layout {
        options,
        grid,
        rng: chance.stream(Purpose::Hazards, 0),
        times: chance.stream(Purpose::Repairs, 0),
        taken: HashSet::new(),
        found: Vec::new(),
        objects: 0,
    };
    while layout.objects < options.hazards {
        let before = layout.objects;
        layout.lay_next();
        if layout.objects == before {
            break; // The city is full.
        }
    }
    Hazards::new(layout.found, grid.lanes().len())
}

struct Layout<'a> {
    options: &'a Options,
    grid: &'a Grid,
    rng: ChaCha8Rng,
    times: ChaCha8Rng,
    /// Slots that hold something: lane, block, slot.
    taken: HashSet<(u32, u32, u32)>,
    found: Vec<Hazard>,
    objects: u32,
}

/// A place on a lane, metres from its beginning.
#[derive(Clone, Copy)]
struct Spot {
    lane: u32,
    at_m: f64,
}

impl Layout<'_> {
    fn lay_next(&mut self) {
        let kind = self.kind();
        let left = self.options.hazards - self.objects;
        if kind == Kind::Pothole && left >= 2 {
            let fate = self.rng.random::<f64>();
            if fate < BRIDGED {
                return self.lay_bridge();
            }
            if fate < BRIDGED + PAIRED + OPPOSITE {
                return self.lay_pair(fate < BRIDGED + PAIRED);
            }
        }
        let across = matches!(kind, Kind::SpeedBump | Kind::Joint | Kind::Rail);
        let wanted = |street: Street| match kind {
            Kind::SpeedBump => street == Street::Residential,
            Kind::Joint | Kind::Rail => street != Street::Residential,
            _ => true,
        };
        if let Some(spot) = self.free(wanted, across) {
            self.object(kind, spot, across);
        }
    }

    fn kind(&mut self) -> Kind {
        let mut left = self.rng.random::<f64>();
        for (kind, share) in KINDS {
            left -= share;
            if left < 0.0 {
                return kind;
            }
        }
        Kind::Pothole
    }

    /// A slot that is free, in the opposite lane as well when both are asked for.
    fn free(&mut self, wanted: impl Fn(Street) -> bool, both: bool) -> Option<Spot> {
        let (lines, block_m) = (self.grid.lines, self.grid.block_m);
        let slots = ((block_m - 2.0 * CLEAR_M) / SLOT_M) as u32 + 1;
        for _ in 0..200 {
            let lane = self.rng.random_range(0..self.grid.lanes().len() as u32);
            let (block, slot) = (
                self.rng.random_range(0..lines - 1),
                self.rng.random_range(0..slots),
            );
            let of_lane = self.grid.lane(lane);
            if !wanted(of_lane.street) {
                continue;
            }
            let here = (lane, block, slot);
            let there = (lane ^ 1, lines - 2 - block, slots - 1 - slot);
            let both = both || of_lane.narrow;
            if self.taken.contains(&here) || both && self.taken.contains(&there) {
                continue;
            }
            self.taken.insert(here);
            if both {
                self.taken.insert(there);
            }
            let apart_m = (block_m - 2.0 * CLEAR_M) / f64::from((slots - 1).max(1));
            let at_m = f64::from(block) * block_m + CLEAR_M + f64::from(slot) * apart_m;
            let at_m = at_m + Span::new(-2.0, 2.0).draw(&mut self.rng);
            return Some(Spot { lane, at_m });
        }
        None
    }

    /// Two potholes, one after the other or one beside the other.
    fn lay_pair(&mut self, in_a_row: bool) {
        let grid = self.grid;
        let Some(spot) = self.free(|street| street != Street::Residential, !in_a_row) else {
            return;
        };
        let second = if in_a_row {
            let on_m = if (spot.at_m / grid.block_m).fract() < 0.5 {
                PAIR_M
            } else {
                -PAIR_M
            };
            Spot {
                at_m: spot.at_m + on_m,
                ..spot
            }
        } else {
            self.mirrored(spot)
        };
        self.object(Kind::Pothole, spot, false);
        self.object(Kind::Pothole, second, false);
    }

    /// A pothole on an arterial that crosses over a residential street, and one on that street.
    fn lay_bridge(&mut self) {
        let lines = self.grid.lines;
        let axis = self.rng.random_range(0..2);
        let over = self.rng.random_range(0..=lines / ARTERIAL_EVERY) * ARTERIAL_EVERY;
        let under = self.rng.random_range(1..lines - 1);
        if street(under) != Street::Residential || over == 0 || over == lines - 1 {
            return self.lay_pair(true);
        }
        let back = [self.rng.random_bool(0.5), self.rng.random_bool(0.5)];
        let line = |axis: u32, number: u32| Line { axis, number };
        let mut lay = |line: Line, back: bool, crossing: u32| {
            let lane = self.grid.lane_number(line, back);
            let at_m = f64::from(crossing) * self.grid.block_m;
            let length_m = self.grid.length_m();
            let at_m = if back { length_m - at_m } else { at_m };
            // Block numbers beyond the grid stand for its crossings.
            let slot = (lane, lines + crossing, 0);
            self.taken.insert(slot).then_some(Spot { lane, at_m })
        };
        let first = lay(line(axis, over), back[0], under);
        let second = lay(line(1 - axis, under), back[1], over);
        if let (Some(first), Some(second)) = (first, second) {
            self.object(Kind::Pothole, first, false);
            self.object(Kind::Pothole, second, false);
        } else {
            self.lay_pair(true);
        }
    }

    /// The same place in the opposite lane.
    fn mirrored(&self, spot: Spot) -> Spot {
        Spot {
            lane: spot.lane ^ 1,
            at_m: self.grid.length_m() - spot.at_m,
        }
    }

    /// One object: a hazard for each direction in which it is felt.
    fn object(&mut self, kind: Kind, spot: Spot, across: bool) {
        self.objects += 1;
        let right = match kind {
            Kind::Pothole => self.rng.random_bool(RIGHT_SHARE),
            _ => self.rng.random_bool(0.5),
        };
        let narrow = self.grid.lane(spot.lane).narrow;
        let spread = match kind {
            Kind::SpeedBump => stats::HUMP_SPREAD,
            _ => stats::HAZARD_SPREAD,
        };
        let limit = stats::SPREAD_LIMIT;
        let ease = spread * normal(&mut self.rng).clamp(-limit, limit);
        let severity_ln =
            stats::severity_mps2(kind).ln() + stats::SEVERITY_BETWEEN * normal(&mut self.rng);
        let swerved = kind == Kind::Pothole && self.rng.random_bool(SWERVED);
        let times = self.times(kind);
        let first = Hazard {
            id: 0,
            site: self.objects,
            kind,
            position: self.grid.origin,
            heading: heading(0.0),
            street: self.grid.lane(spot.lane).street,
            appears_us: times.appears_us,
            repaired_us: times.repaired_us,
            claimed_us: times.claimed_us,
            detectability: 0.0,
            swerved,
            lane: spot.lane,
            at_m: spot.at_m,
            left_m: match (across || narrow, right) {
                (true, _) => 0.0,
                (false, true) => -TRACK_M,
                (false, false) => TRACK_M,
            },
            ease: ease + stats::kind_ease(kind),
            severity_ln,
        };
        if across || narrow {
            let Spot { lane, at_m } = self.mirrored(spot);
            let second = Hazard {
                lane,
                at_m,
                ..first
            };
            self.add(first);
            self.add(second);
        } else {
            self.add(first);
        }
    }

    fn add(&mut self, hazard: Hazard) {
        let lane = self.grid.lane(hazard.lane);
        let place = lane.point(hazard.at_m, hazard.left_m);
        self.found.push(Hazard {
            id: self.found.len() as u32 + 1,
            position: place.on_globe(self.grid.origin),
            heading: heading(lane.direction_rad),
            ..hazard
        });
    }

    fn times(&mut self, kind: Kind) -> Times {
        let rng = &mut self.times;
        let is_new = rng.random_bool(NEW_SHARE);
        let is_repaired = rng.random_bool(self.options.repaired);
        let is_claimed = rng.random_bool(if is_repaired {
            CLAIMED
        } else {
            WRONGLY_CLAIMED
        });
        let period_us = f64::from(self.options.days) * DAY_US as f64;
        let mut at = |span: Span| BEGIN_US + (span.draw(rng) * period_us) as i64;
        let appears_us = at(if is_repaired { APPEARS_TO_GO } else { APPEARS });
        let repaired_us = at(REPAIRED);
        let claim_us = repaired_us + (CLAIM_DAYS.draw(rng) * DAY_US as f64) as i64;
        if kind != Kind::Pothole {
            return Times::default();
        }
        // A claim is of something that was there.
        let claimable = self.options.repaired > 0.0 && (!is_new || appears_us < repaired_us);
        Times {
            appears_us: is_new.then_some(appears_us),
            repaired_us: is_repaired.then_some(repaired_us),
            claimed_us: (is_claimed && claimable).then_some(claim_us),
        }
    }
}

#[derive(Default)]
struct Times {
    appears_us: Option<i64>,
    repaired_us: Option<i64>,
    claimed_us: Option<i64>,
}
