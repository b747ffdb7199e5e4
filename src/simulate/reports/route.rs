//! A way through the grid: out of the houses over a collector to the arterials, and back in.

use super::driver::{Driver, Spot};
use super::grid::{Grid, Line, Street, neighbours};

/// A way: legs along lanes, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    pub(super) legs: Vec<Leg>,
}

/// A straight piece of a way, metres from the beginning of its lane; `from_m` < `to_m`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    pub(super) lane: u32,
    pub(super) from_m: f64,
    pub(super) to_m: f64,
}

/// Legs shorter than this are no legs, metres.
const SHORTEST_M: f64 = 2.0;

impl Route {
    /// The way of a driver to work, or home.
    pub(super) fn to_work(grid: &Grid, driver: &Driver, home: bool) -> Self {
        Self::between(grid, driver.home, driver.work, driver.taste, home)
    }

    /// The way between two places on streets of one direction; the way back is the same one.
    pub(super) fn between(grid: &Grid, from: Spot, to: Spot, taste: u32, back: bool) -> Self {
        let corners = corners(grid, from, to, taste);
        let mut route = Self::default();
        let pieces = corners.windows(2).zip(0..).map(|(ends, piece)| {
            // Pieces take turns between the two directions of streets.
            let along = piece % 2 == 0;
            let axis = if along {
                from.line.axis
            } else {
                1 - from.line.axis
            };
            let (number, [a, b]) = if along {
                (ends[0].1, [ends[0].0, ends[1].0])
            } else {
                (ends[0].0, [ends[0].1, ends[1].1])
            };
            let number = number as u32;
            (Line { axis, number }, a, b)
        });
        let pieces: Vec<(Line, f64, f64)> = pieces.collect();
        if back {
            for &(line, a, b) in pieces.iter().rev() {
                route.go(grid, line, b, a);
            }
        } else {
            for &(line, a, b) in &pieces {
                route.go(grid, line, a, b);
            }
        }
        route
    }

    /// Adds a leg along a street, in blocks from its end.
    fn go(&mut self, grid: &Grid, line: Line, from: f64, to: f64) {
        let back = to < from;
        let [mut from_m, mut to_m] = [from, to].map(|at| at * grid.block_m);
        if back {
            [from_m, to_m] = [from_m, to_m].map(|m| grid.length_m() - m);
        }
        if to_m - from_m >= SHORTEST_M {
            let lane = grid.lane_number(line, back);
            self.legs.push(Leg { lane, from_m, to_m });
        }
    }

    /// How long it is, metres.
    pub(super) fn length_m(&self) -> f64 {
        self.legs.iter().map(Leg::length_m).sum()
    }

    /// The lane and place after a share of the way.
    pub(super) fn place(&self, share: f64) -> Option<(u32, f64)> {
        let mut left_m = share * self.length_m();
        for leg in &self.legs {
            if left_m <= leg.length_m() {
                return Some((leg.lane, leg.from_m + left_m));
            }
            left_m -= leg.length_m();
        }
        self.legs.last().map(|leg| (leg.lane, leg.to_m))
    }
}

impl Leg {
    pub(super) fn length_m(&self) -> f64 {
        self.to_m - self.from_m
    }
}

/// The corners of a way as (along the first street, across it), in blocks; the first piece goes along,
/// the next across, and so on.
fn corners(grid: &Grid, from: Spot, to: Spot, taste: u32) -> Vec<(f64, f64)> {
    let choose = |bit: u32, street: Street, at: f64| {
        f64::from(neighbours(street, at, grid.lines)[(taste >> bit & 1) as usize])
    };
    let (row, to_row) = (f64::from(from.line.number), f64::from(to.line.number));
    let start = (from.at, row);
    let end = (to.at, to_row);
    if row == to_row {
        return vec![start, end];
    }
    let out = choose(0, Street::Collector, from.at);
    let into = choose(1, Street::Collector, to.at);
    if out == into {
        return vec![start, (out, row), (out, to_row), end];
    }
    let first = choose(2, Street::Arterial, row);
    let second = choose(3, Street::Arterial, to_row);
    let mut corners = vec![start, (out, row), (out, first)];
    if first != second {
        let across = choose(4, Street::Arterial, into);
        corners.extend([(across, first), (across, second)]);
    }
    corners.extend([(into, second), (into, to_row), end]);
    corners
}
