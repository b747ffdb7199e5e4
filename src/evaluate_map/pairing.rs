//! Which hazard of a map is which true place: one to one, the nearest first.

use std::collections::HashMap;

use aggregator::{EvidenceState, Hazard};
use trip::{Heading, Position};

use super::is_believed;
use super::truth::TruePlace;

/// When a hazard is a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// No farther apart than this, metres.
    pub gate_m: f64,
    /// Headings no further apart than this, degrees; an unknown one is any.
    pub heading_deg: f64,
}

impl Default for Rule {
    /// 10 m, under the 12 m that two holes may lie apart; 45° as the map itself.
    fn default() -> Self {
        Self {
            gate_m: 10.0,
            heading_deg: 45.0,
        }
    }
}

/// A hazard that is a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The index of the place.
    pub place: usize,
    /// The index of the hazard.
    pub hazard: usize,
    /// How far apart they are, metres.
    pub apart_m: f64,
}

/// Which hazard is which place.
#[derive(Clone, Debug, Default)]
pub struct Pairing {
    /// The pairs, by place.
    pub of_place: Vec<Option<Pair>>,
    /// The pairs, by hazard.
    pub of_hazard: Vec<Option<Pair>>,
    /// Hazards that lie at a place which another hazard is: which place.
    pub second: Vec<Option<usize>>,
}

/// What lies near a point.
pub(super) struct Near(HashMap<(i32, i32), Vec<usize>>);

/// Side of a cell, degrees: 111 m of latitude, more than any gate up to 80° north or south.
const CELL_DEG: f64 = 0.001;

impl Near {
    pub(super) fn of(positions: impl Iterator<Item = Position>) -> Self {
        let mut cells: HashMap<(i32, i32), Vec<usize>> = HashMap::new();
        for (index, position) in positions.enumerate() {
            cells.entry(cell(position)).or_default().push(index);
        }
        Self(cells)
    }

    pub(super) fn around(&self, position: Position) -> impl Iterator<Item = usize> {
        let (row, column) = cell(position);
        let cells = (-1..=1).flat_map(move |i| (-1..=1).map(move |j| (row + i, column + j)));
        cells
            .filter_map(|cell| self.0.get(&cell))
            .flatten()
            .copied()
    }
}

fn cell(position: Position) -> (i32, i32) {
    let index = |deg: f64| (deg / CELL_DEG).floor() as i32;
    (index(position.lat_deg()), index(position.lon_deg()))
}

impl Rule {
    pub(super) fn same_direction(&self, a: Option<Heading>, b: Option<Heading>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => a.turn_deg(b) <= self.heading_deg,
            _ => true,
        }
    }
}

impl Rule {
    /// For each point the nearest place within the gate, whatever its direction: its site, and how
    /// far away it is.
    pub fn nearest(self, points: &[Position], places: &[TruePlace]) -> Vec<Option<(u64, f64)>> {
        let near = Near::of(places.iter().map(|place| place.position));
        let nearest = |point: &Position| {
            let there = near.around(*point).map(|place| {
                let place = &places[place];
                (place.site, point.distance_m(place.position))
            });
            there
                .filter(|(_, apart_m)| *apart_m <= self.gate_m)
                .min_by(|a, b| a.1.total_cmp(&b.1))
        };
        points.iter().map(nearest).collect()
    }
}

/// Pairs hazards with places. What the map believes in comes first, then what it says is gone, then
/// what it is not sure of.
pub fn pair(hazards: &[Hazard], places: &[TruePlace], rule: Rule) -> Pairing {
    let near = Near::of(places.iter().map(|place| place.position));
    let order = |hazard: &Hazard| match hazard.evidence_state {
        EvidenceState::VerifiedGone => 1,
        _ if is_believed(hazard) => 0,
        _ => 2,
    };
    let mut candidates: Vec<(u8, Pair)> = Vec::new();
    for (index, hazard) in hazards.iter().enumerate() {
        for place in near.around(hazard.position) {
            let apart_m = hazard.position.distance_m(places[place].position);
            let fits = rule.same_direction(hazard.heading, places[place].heading);
            if apart_m <= rule.gate_m && fits {
                let pair = Pair {
                    place,
                    hazard: index,
                    apart_m,
                };
                candidates.push((order(hazard), pair));
            }
        }
    }
    candidates.sort_by(|(a_order, a), (b_order, b)| {
        (a_order.cmp(b_order))
            .then(a.apart_m.total_cmp(&b.apart_m))
            .then((a.hazard, a.place).cmp(&(b.hazard, b.place)))
    });
    let mut pairing = Pairing {
        of_place: vec![None; places.len()],
        of_hazard: vec![None; hazards.len()],
        second: vec![None; hazards.len()],
    };
    for (_, pair) in &candidates {
        if pairing.of_place[pair.place].is_none() && pairing.of_hazard[pair.hazard].is_none() {
            pairing.of_place[pair.place] = Some(*pair);
            pairing.of_hazard[pair.hazard] = Some(*pair);
        }
    }
    for (_, pair) in &candidates {
        let second = &mut pairing.second[pair.hazard];
        if pairing.of_hazard[pair.hazard].is_none() && second.is_none() {
            *second = Some(pair.place);
        }
    }
    pairing
}
