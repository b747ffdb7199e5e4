//! Which road of a tile was passed at all: unknown road is not good road.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use h3o::{CellIndex, LatLng};

use super::roll::{Roll, Who};
use super::rows::{Strip, TileRows};
use crate::cells::{self, COVERAGE};
use crate::config::Config;
use crate::coverage::Coverage;
use crate::stamp::Week;
use crate::tile::{Plane, Point, Tile};

/// Where coverage is counted. The order is that of the table.
type Key = (CellIndex, u8, Option<Week>);

#[derive(Debug, Default)]
struct Tally {
    passes: u32,
    able_passes: u32,
    drivers: BTreeSet<Who>,
    rough: Sum,
    speed: Sum,
}

/// A count and a sum of integers.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u32,
    sum: i64,
}

/// The time that one stretch spent in a cell.
#[derive(Clone, Copy, Debug)]
struct Stay {
    cell: CellIndex,
    octant: u8,
    begin_us: i64,
    end_us: i64,
    /// The index of the stretch among the tile's.
    strip: usize,
}

/// The cells of a tile by squares of about 11 m, so that each is looked up once.
struct Squares {
    tile: Tile,
    plane: Plane,
    /// The cell of each square; `None` for one whose middle lies on another tile.
    cells: HashMap<(i32, i32), Option<CellIndex>>,
}

/// Side of a square, metres: under half the inner radius (25 m) of a cell.
const SQUARE_M: f32 = 11.0;

/// The coverage of a tile, in the order of cell, direction and week.
pub(super) fn fold(rows: &TileRows, roll: &Roll, config: &Config) -> Vec<Coverage> {
    let soon_us = config.gate.same_pass_us();
    let mut squares = Squares {
        tile: rows.tile,
        plane: rows.plane,
        cells: HashMap::new(),
    };
    let mut tallies: BTreeMap<Key, Tally> = BTreeMap::new();
    let mut from = 0;
    for strips in rows.strips.chunk_by(|a, b| a.rank == b.rank) {
        let trip = roll.trip(strips[0].rank);
        let week = trip.stamp.week();
        let stays = stays(rows, from..from + strips.len(), &mut squares, config);
        from += strips.len();
        for here in stays.chunk_by(|a, b| (a.cell, a.octant) == (b.cell, b.octant)) {
            let key = (here[0].cell, here[0].octant, week);
            let tally = tallies.entry(key).or_default();
            tally.drivers.insert(trip.who);
            for pass in here.chunk_by(|a, b| b.begin_us.saturating_sub(a.end_us) <= soon_us) {
                tally.add(pass, &rows.strips);
            }
        }
    }
    tallies
        .into_iter()
        .map(|(key, tally)| tally.coverage(key))
        .collect()
}

/// The stays of a trip in the cells that it passed, in order of cell, direction and time.
fn stays(
    rows: &TileRows,
    strips: std::ops::Range<usize>,
    squares: &mut Squares,
    config: &Config,
) -> Vec<Stay> {
    let soon_us = config.gate.same_pass_us();
    let mut stays: Vec<Stay> = Vec::new();
    for index in strips {
        for leg in rows.legs_of(&rows.strips[index]) {
            let octant = ((leg.heading_deg / 45.0).round() as u8) % 8;
            for (at, t_us) in leg.middles(config.track.step_m) {
                let Some(cell) = squares.cell(at) else {
                    continue;
                };
                match stays.last_mut() {
                    Some(stay)
                        if (stay.cell, stay.octant, stay.strip) == (cell, octant, index)
                            && t_us.saturating_sub(stay.end_us) <= soon_us =>
                    {
                        stay.end_us = t_us;
                    }
                    _ => stays.push(Stay {
                        cell,
                        octant,
                        begin_us: t_us,
                        end_us: t_us,
                        strip: index,
                    }),
                }
            }
        }
    }
    stays.sort_by_key(|stay| (stay.cell, stay.octant, stay.begin_us, stay.strip));
    stays
}

impl Squares {
    /// The cell that a point counts for; `None` for one that another tile counts.
    fn cell(&mut self, at: Point) -> Option<CellIndex> {
        let square = (
            (at.north_m / SQUARE_M).floor() as i32,
            (at.east_m / SQUARE_M).floor() as i32,
        );
        let (tile, plane) = (self.tile, self.plane);
        *self.cells.entry(square).or_insert_with(|| {
            let middle = Point {
                north_m: (square.0 as f32 + 0.5) * SQUARE_M,
                east_m: (square.1 as f32 + 0.5) * SQUARE_M,
            };
            let cell = cells::cell_of(plane.position(middle), COVERAGE);
            let centre = LatLng::from(cell);
            let centre = trip::Position::new(centre.lat(), centre.lng()).ok()?;
            (Tile::of(centre) == tile).then_some(cell)
        })
    }
}

impl super::rows::Leg {
    /// The middles of equal parts of the leg, none longer than `part_m` (1 m or more), with their
    /// times.
    fn middles(&self, part_m: f64) -> impl Iterator<Item = (Point, i64)> + '_ {
        let (north_m, east_m) = self.from.to(self.to);
        let length_m = north_m.hypot(east_m);
        let parts = (length_m / part_m.max(1.0)).ceil().max(1.0) as u32;
        let lasts_us = self.to_us.saturating_sub(self.from_us);
        (0..parts).map(move |part| {
            let share = (f64::from(part) + 0.5) / f64::from(parts);
            let t_us = (self.from_us).saturating_add((lasts_us as f64 * share).round() as i64);
            (self.from.moved(share * north_m, share * east_m), t_us)
        })
    }
}

impl Tally {
    /// Adds one pass: able when all of it was, as rough and as fast as its stretches on average.
    fn add(&mut self, pass: &[Stay], strips: &[Strip]) {
        let passed = || pass.iter().map(|stay| &strips[stay.strip]);
        self.passes += 1;
        self.able_passes += u32::from(passed().all(|strip| strip.able));
        self.rough
            .add(mean(passed().filter_map(|strip| strip.log_rms_micro)));
        self.speed
            .add(mean(passed().filter_map(|strip| strip.speed_mmps)));
    }

    fn coverage(self, (cell, octant, week): Key) -> Coverage {
        let mut seasons: BTreeMap<i32, u32> = BTreeMap::new();
        for who in &self.drivers {
            *seasons.entry(who.season).or_default() += 1;
        }
        Coverage {
            cell,
            octant,
            week,
            passes: self.passes,
            able_passes: self.able_passes,
            drivers: seasons.into_values().max().unwrap_or(0),
            rough_passes: self.rough.count,
            log_rms_sum_micro: self.rough.sum,
            speed_passes: self.speed.count,
            speed_sum_mmps: self.speed.sum,
        }
    }
}

impl Sum {
    fn add(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            self.count += 1;
            self.sum = self.sum.saturating_add(value);
        }
    }
}

/// The mean of integers, rounded towards zero; `None` of none.
fn mean(values: impl Iterator<Item = i32>) -> Option<i64> {
    let (count, sum) = values.fold((0_i64, 0_i64), |(count, sum), value| {
        (count + 1, sum.saturating_add(i64::from(value)))
    });
    (count > 0).then(|| sum / count)
}
