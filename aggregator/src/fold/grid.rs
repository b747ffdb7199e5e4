//! What lies near what, within one tile.

use crate::config::Gate;
use crate::tile::{Point, Tile};

/// No look reaches farther, metres.
pub(super) const REACH_M: f64 = 40.0;

/// Numbered places on a tile, in square cells as wide as [`REACH_M`].
#[derive(Debug)]
pub(super) struct Grid {
    south_m: f64,
    west_m: f64,
    rows: usize,
    columns: usize,
    cells: Vec<Vec<Placed>>,
}

/// A place in a cell: it is at hand, so that whoever looks for it finds it without going farther.
#[derive(Clone, Copy, Debug)]
struct Placed {
    number: u32,
    at: Point,
}

/// What a look reaches farther than it was asked to, metres: single precision ends at a millimetre.
const MARGIN_M: f64 = 0.01;

impl Grid {
    /// An empty grid over a tile and its halo.
    pub(super) fn over(tile: Tile) -> Self {
        let (half_height_m, half_width_m) = tile.half_m();
        let count = |half_m: f64| (2.0 * half_m / REACH_M).ceil() as usize + 1;
        let (rows, columns) = (count(half_height_m), count(half_width_m));
        Self {
            south_m: -half_height_m,
            west_m: -half_width_m,
            rows,
            columns,
            cells: vec![Vec::new(); rows * columns],
        }
    }

    /// Enters a place.
    pub(super) fn insert(&mut self, number: u32, at: Point) {
        let cell = self.cell(at);
        self.cells[cell].push(Placed { number, at });
    }

    /// Takes a place out.
    pub(super) fn remove(&mut self, number: u32, at: Point) {
        let cell = self.cell(at);
        self.cells[cell].retain(|placed| placed.number != number);
    }

    /// Notes that a place was estimated anew.
    pub(super) fn moved(&mut self, number: u32, from: Point, to: Point) {
        let cell = self.cell(from);
        if cell == self.cell(to) {
            let here = self.cells[cell].iter_mut();
            (here.filter(|placed| placed.number == number)).for_each(|placed| placed.at = to);
        } else {
            self.remove(number, from);
            self.insert(number, to);
        }
    }

    /// Visits the places near a point: all within `reach_m` (at most [`REACH_M`]), and some farther,
    /// in no order to rely on.
    pub(super) fn near(&self, at: Point, reach_m: f64, visit: impl FnMut(u32)) {
        self.within(at, at, reach_m, visit);
    }

    /// Visits the places near a line: all within `reach_m` (at most [`REACH_M`]) of any of its
    /// points, and some farther.
    pub(super) fn within(&self, from: Point, to: Point, reach_m: f64, mut visit: impl FnMut(u32)) {
        let reach_m = reach_m + MARGIN_M;
        let (south_m, north_m) = ordered(from.north_m, to.north_m);
        let (west_m, east_m) = ordered(from.east_m, to.east_m);
        let (south_m, north_m) = (south_m - reach_m, north_m + reach_m);
        let (west_m, east_m) = (west_m - reach_m, east_m + reach_m);
        let rows = self.row(south_m)..=self.row(north_m);
        let (first, last) = (self.column(west_m), self.column(east_m));
        let (norths_m, easts_m) = (
            south_m as f32..=north_m as f32,
            west_m as f32..=east_m as f32,
        );
        for row in rows {
            for cell in &self.cells[row * self.columns + first..=row * self.columns + last] {
                for &Placed { number, at } in cell {
                    if norths_m.contains(&at.north_m) && easts_m.contains(&at.east_m) {
                        visit(number);
                    }
                }
            }
        }
    }

    fn cell(&self, at: Point) -> usize {
        self.row(f64::from(at.north_m)) * self.columns + self.column(f64::from(at.east_m))
    }

    fn row(&self, north_m: f64) -> usize {
        (((north_m - self.south_m) / REACH_M) as usize).min(self.rows - 1)
    }

    fn column(&self, east_m: f64) -> usize {
        (((east_m - self.west_m) / REACH_M) as usize).min(self.columns - 1)
    }
}

/// How far off whatever is in a gate can lie, metres.
pub(super) fn reach_m(gate: &Gate) -> f64 {
    gate.max_m.min(REACH_M)
}

fn ordered(a: f32, b: f32) -> (f64, f64) {
    let (a, b) = (f64::from(a), f64::from(b));
    (a.min(b), a.max(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use trip::Position;

    #[test]
    fn everything_within_reach_is_found() {
        let tile = Tile::of(Position::new(41.15, -8.61).unwrap());
        for (north_m, east_m) in [(0.0, 0.0), (19.9, -39.9), (-2900.0, 2900.0), (40.0, 80.0)] {
            let here = Point { north_m, east_m };
            for bearing in 0..36 {
                let (sin, cos) = (f64::from(bearing) * 10.0).to_radians().sin_cos();
                let mut grid = Grid::over(tile);
                grid.insert(7, here.moved(REACH_M * cos, REACH_M * sin));
                let mut found = Vec::new();
                grid.near(here, REACH_M, |place| found.push(place));
                assert_eq!(found, [7], "{north_m} {east_m} {bearing}");
            }
        }
    }

    #[test]
    fn a_place_that_moved_is_found_where_it_is() {
        let tile = Tile::of(Position::new(41.15, -8.61).unwrap());
        let (here, far) = (Point::default(), Point::default().moved(500.0, 0.0));
        let mut grid = Grid::over(tile);
        grid.insert(0, here);
        grid.moved(0, here, far);
        let near = far.moved(0.0, 30.0);
        grid.moved(0, far, near);
        let count = |grid: &Grid, at: Point| {
            let mut count = 0;
            grid.near(at, REACH_M, |_| count += 1);
            count
        };
        assert_eq!(
            (
                count(&grid, here),
                count(&grid, far),
                count(&grid, far.moved(0.0, 65.0))
            ),
            (0, 1, 1)
        );
        grid.remove(0, near);
        assert_eq!(count(&grid, far), 0);
    }
}
