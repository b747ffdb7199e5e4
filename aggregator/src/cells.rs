//! The globe in cells: what lies near what.

use std::collections::HashMap;

use h3o::{CellIndex, LatLng, Resolution};
use trip::Position;

/// Coverage is counted in cells of this size: 2,150 m² on average, inner radius 25 m.
pub(crate) const COVERAGE: Resolution = Resolution::Eleven;

/// Tables of the map are ordered by cells of this size, so that near rows lie near each other.
pub(crate) const ORDER: Resolution = Resolution::Twelve;

/// The cell that a position lies in.
pub(crate) fn cell_of(position: Position, resolution: Resolution) -> CellIndex {
    LatLng::new(position.lat_deg(), position.lon_deg())
        .expect("a position is finite")
        .to_cell(resolution)
}

/// Neighbours are looked up in cells of this size: edges of 76 m on average, nowhere under 50 m.
const NEIGHBOURHOOD: Resolution = Resolution::Ten;

/// Everything within this distance is found, metres.
pub(crate) const REACH_M: f64 = 40.0;

/// Which of many places lie near a position, without looking at the others.
///
/// Every place is entered in its cell and in the six around it, so one look answers. All places
/// within [`REACH_M`] are found, because the ring is an edge wide where it is narrowest. Farther
/// ones may come along, so the caller measures.
#[derive(Debug, Default)]
pub(crate) struct Nearby {
    places: HashMap<CellIndex, Vec<usize>>,
}

impl Nearby {
    /// Enters place number `place`.
    pub(crate) fn insert(&mut self, place: usize, position: Position) {
        self.enter(place, cell_of(position, NEIGHBOURHOOD));
    }

    /// Notes that a place was estimated anew.
    pub(crate) fn moved(&mut self, place: usize, from: Position, to: Position) {
        let (from, to) = (cell_of(from, NEIGHBOURHOOD), cell_of(to, NEIGHBOURHOOD));
        if from == to {
            return;
        }
        for cell in from.grid_disk::<Vec<_>>(1) {
            if let Some(places) = self.places.get_mut(&cell) {
                places.retain(|&other| other != place);
            }
        }
        self.enter(place, to);
    }

    /// The numbers of the places near a position, in no order to rely on.
    pub(crate) fn at(&self, position: Position) -> &[usize] {
        self.places
            .get(&cell_of(position, NEIGHBOURHOOD))
            .map_or(&[], Vec::as_slice)
    }

    fn enter(&mut self, place: usize, cell: CellIndex) {
        for cell in cell.grid_disk::<Vec<_>>(1) {
            self.places.entry(cell).or_default().push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_within_reach_is_found_anywhere_on_the_globe() {
        for (lat_deg, lon_deg) in [
            (0.0, 0.0),
            (41.15, -8.61),
            (-64.0, 180.0),
            (89.9, 10.0),
            (26.57, 127.1),
        ] {
            let here = Position::new(lat_deg, lon_deg).unwrap();
            for bearing in 0..36 {
                let (sin, cos) = (f64::from(bearing) * 10.0).to_radians().sin_cos();
                let there = here.moved(REACH_M * cos, REACH_M * sin);
                let mut nearby = Nearby::default();
                nearby.insert(7, there);
                assert_eq!(nearby.at(here), [7], "{lat_deg} {lon_deg} {bearing}");
            }
        }
    }

    #[test]
    fn a_place_that_moved_is_found_where_it_is() {
        let here = Position::new(41.15, -8.61).unwrap();
        let far = here.moved(500.0, 0.0);
        let mut nearby = Nearby::default();
        nearby.insert(0, here);
        nearby.moved(0, here, far);
        assert_eq!((nearby.at(here), nearby.at(far)), (&[][..], &[0][..]));
    }
}
