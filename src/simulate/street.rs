//! A street grid: crossings, and between them lanes, one for each direction.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::plane::Point;
use super::random::Span;

/// The lanes of a town. Traffic keeps to the right.
#[derive(Clone, Debug)]
pub(super) struct Streets {
    /// Every lane; its number is its place here. Lanes 2k and 2k + 1 are one street, both ways.
    pub(super) lanes: Vec<Lane>,
}

/// The way from one crossing to the next, without the crossings themselves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lane {
    /// Where its middle begins.
    pub(super) begin: Point,
    /// One metre along it.
    pub(super) along: Point,
    /// Its length, metres.
    pub(super) length_m: f64,
    /// What kind of street it belongs to.
    pub(super) rank: Rank,
    /// The crossing where it begins.
    pub(super) from: usize,
    /// The crossing where it ends.
    pub(super) to: usize,
}

/// Kinds of street.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    /// Through traffic, no humps.
    Main,
    /// Residential.
    Side,
}

/// From the middle of a crossing to where its lanes begin, metres: room for a turn at about 4 m/s.
const CROSSING_M: f64 = 14.0;

/// From the middle of the street to the middle of a lane, metres. Source: lanes of 3.5 m, RASt 06.
const ASIDE_M: f64 = 1.75;

/// Distance between two crossings, metres.
const BLOCK_M: Span = Span::new(190.0, 320.0);

impl Streets {
    /// A grid with at least `street_m` metres of street, and no fewer than four crossings.
    pub(super) fn draw(street_m: f64, rng: &mut ChaCha8Rng) -> Self {
        let (mut columns, mut rows) = (2usize, 2usize);
        let block_m = f64::midpoint(BLOCK_M.from, BLOCK_M.to);
        let blocks = |columns: usize, rows: usize| columns * (rows - 1) + rows * (columns - 1);
        while (blocks(columns, rows) as f64) * block_m < street_m {
            if columns > rows {
                rows += 1;
            } else {
                columns += 1;
            }
        }
        let turned_rad = Span::new(-0.7, 0.7).draw(rng);
        let east_m = places_m(columns, rng);
        let north_m = places_m(rows, rng);
        let main_column = rng.random_range(0..columns as u32) as usize;
        let main_row = rng.random_range(0..rows as u32) as usize;
        let crossing = |column: usize, row: usize| {
            let at = Point::new(east_m[column], north_m[row]).turned(turned_rad);
            (row * columns + column, at)
        };
        let mut lanes = Vec::with_capacity(2 * blocks(columns, rows));
        for row in 0..rows {
            for column in 0..columns {
                let here = crossing(column, row);
                if column + 1 < columns {
                    let rank = if row == main_row {
                        Rank::Main
                    } else {
                        Rank::Side
                    };
                    lanes.extend(street(here, crossing(column + 1, row), rank));
                }
                if row + 1 < rows {
                    let rank = if column == main_column {
                        Rank::Main
                    } else {
                        Rank::Side
                    };
                    lanes.extend(street(here, crossing(column, row + 1), rank));
                }
            }
        }
        Self { lanes }
    }

    /// The lanes on which a drive may go on after one: all that begin at its end, without turning
    /// back.
    pub(super) fn after(&self, lane: usize) -> impl Iterator<Item = usize> {
        let end = self.lanes[lane].to;
        (self.lanes.iter().enumerate())
            .filter(move |(next, l)| l.from == end && *next != lane ^ 1)
            .map(|(next, _)| next)
    }

    /// The length of all streets in metres, each counted once.
    pub(super) fn length_m(&self) -> f64 {
        self.lanes.iter().map(|lane| lane.length_m / 2.0).sum()
    }
}

impl Lane {
    /// The point `at_m` metres along the lane and `left_m` to the left of its middle.
    pub(super) fn point(&self, at_m: f64, left_m: f64) -> Point {
        self.begin + self.along * at_m + self.along.left() * left_m
    }
}

/// Coordinates of the crossings along one side of the grid, centred on the origin.
fn places_m(count: usize, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let mut places_m = vec![0.0];
    for i in 1..count {
        places_m.push(places_m[i - 1] + BLOCK_M.draw(rng));
    }
    let middle_m = places_m[count - 1] / 2.0;
    places_m.iter().map(|place_m| place_m - middle_m).collect()
}

/// Both lanes of the street between two crossings.
fn street(a: (usize, Point), b: (usize, Point), rank: Rank) -> [Lane; 2] {
    [(a, b), (b, a)].map(|((from, begin), (to, end))| {
        let way = end - begin;
        let along = way * (1.0 / way.length_m());
        Lane {
            begin: begin + along * CROSSING_M - along.left() * ASIDE_M,
            along,
            length_m: way.length_m() - 2.0 * CROSSING_M,
            rank,
            from,
            to,
        }
    })
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn grid(street_m: f64) -> Streets {
        Streets::draw(street_m, &mut ChaCha8Rng::seed_from_u64(5))
    }

    #[test]
    fn every_lane_leads_on() {
        for street_m in [0.0, 2_000.0, 30_000.0] {
            let streets = grid(street_m);
            assert!(streets.length_m() > 0.7 * street_m);
            for lane in 0..streets.lanes.len() {
                assert!(streets.after(lane).count() >= 1);
            }
        }
    }

    #[test]
    fn the_two_lanes_of_a_street_lie_side_by_side() {
        let streets = grid(3_000.0);
        for pair in streets.lanes.chunks(2) {
            let (there, back) = (&pair[0], &pair[1]);
            let across = back.point(back.length_m, 0.0) - there.begin;
            assert!((across.length_m() - 2.0 * ASIDE_M).abs() < 1e-6);
            let left = there.along.left();
            assert!(across.east_m * left.east_m + across.north_m * left.north_m > 0.0);
        }
    }
}
