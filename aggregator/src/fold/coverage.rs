//! Which road of a tile was passed at all: unknown road is not good road.

use std::collections::HashMap;

use h3o::{CellIndex, LatLng};

use super::roll::{Roll, Who};
use super::rows::{Strip, TileRows};
use crate::cells::{self, COVERAGE};
use crate::config::Config;
use crate::coverage::Coverage;
use crate::stamp::Week;
use crate::tile::{Plane, Point, Tile};

/// What one week says of one cell and direction.
#[derive(Clone, Debug, Default)]
struct Tally {
    passes: u32,
    able_passes: u32,
    /// Who passed, often more than once.
    drivers: Vec<Who>,
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
    /// Cell and direction: see [`Cells::key`].
    key: u32,
    begin_us: i64,
    end_us: i64,
    /// The index of the stretch among the tile's.
    strip: usize,
}

/// The cells of a tile, numbered, and found by squares of about 11 m: each square is looked up once.
struct Cells {
    tile: Tile,
    plane: Plane,
    /// Squares from the middle of the tile to its edge.
    half: (i32, i32),
    /// The number of each square's cell: `UNSEEN` before anybody asked, `ELSEWHERE` when its middle
    /// lies on another tile.
    squares: Vec<u32>,
    numbers: HashMap<CellIndex, u32>,
    cells: Vec<CellIndex>,
}

/// Side of a square, metres: under half the inner radius (25 m) of a cell.
const SQUARE_M: f32 = 11.0;

const UNSEEN: u32 = u32::MAX;
const ELSEWHERE: u32 = u32::MAX - 1;

/// The coverage of a tile, week by week.
pub(super) fn fold(rows: &TileRows, roll: &Roll, config: &Config) -> Vec<Coverage> {
    let soon_us = config.gate.same_pass_us();
    let week_of = |strip: &Strip| roll.trip(strip.rank).stamp.week();
    let mut cells = Cells::of(rows);
    let (mut tallies, mut touched) = (Vec::<Tally>::new(), Vec::<u32>::new());
    let (mut stays, mut coverage) = (Vec::new(), Vec::new());
    let mut from = 0;
    // Ranks are in order of stamps: the trips of one week follow each other.
    for week in rows.strips.chunk_by(|a, b| week_of(a) == week_of(b)) {
        for strips in week.chunk_by(|a, b| a.rank == b.rank) {
            cells.stays(rows, from..from + strips.len(), config, &mut stays);
            from += strips.len();
            let who = roll.trip(strips[0].rank).who;
            tallies.resize(tallies.len().max(8 * cells.cells.len()), Tally::default());
            for here in stays.chunk_by(|a, b| a.key == b.key) {
                let tally = &mut tallies[here[0].key as usize];
                if tally.passes == 0 {
                    touched.push(here[0].key);
                }
                tally.drivers.push(who);
                for pass in here.chunk_by(|a, b| b.begin_us.saturating_sub(a.end_us) <= soon_us) {
                    tally.add(pass, &rows.strips);
                }
            }
        }
        for key in touched.drain(..) {
            let tally = std::mem::take(&mut tallies[key as usize]);
            coverage.push(tally.coverage(cells.cells[key as usize / 8], key, week_of(&week[0])));
        }
    }
    coverage
}

impl Cells {
    fn of(rows: &TileRows) -> Self {
        let half = |half_m: f64| (half_m / f64::from(SQUARE_M)).ceil() as i32 + 1;
        let (half_height_m, half_width_m) = rows.tile.half_m();
        let half = (half(half_height_m), half(half_width_m));
        Self {
            tile: rows.tile,
            plane: rows.plane,
            half,
            squares: vec![UNSEEN; (4 * half.0 * half.1) as usize],
            numbers: HashMap::new(),
            cells: Vec::new(),
        }
    }

    /// The stays of a trip in the cells that it passed, in order of cell, direction and time.
    fn stays(
        &mut self,
        rows: &TileRows,
        strips: std::ops::Range<usize>,
        config: &Config,
        stays: &mut Vec<Stay>,
    ) {
        let soon_us = config.gate.same_pass_us();
        stays.clear();
        for index in strips {
            for leg in rows.legs_of(&rows.strips[index]) {
                let octant = ((leg.heading_deg / 45.0).round() as u32) % 8;
                for (at, t_us) in leg.middles(config.track.step_m) {
                    let Some(key) = self.key(at, octant) else {
                        continue;
                    };
                    match stays.last_mut() {
                        Some(stay)
                            if (stay.key, stay.strip) == (key, index)
                                && t_us.saturating_sub(stay.end_us) <= soon_us =>
                        {
                            stay.end_us = t_us;
                        }
                        _ => stays.push(Stay {
                            key,
                            begin_us: t_us,
                            end_us: t_us,
                            strip: index,
                        }),
                    }
                }
            }
        }
        stays.sort_unstable_by_key(|stay| (stay.key, stay.begin_us, stay.strip));
    }

    /// Eight times the number of the cell that a point counts for, and the direction; `None` for a
    /// point that another tile counts.
    fn key(&mut self, at: Point, octant: u32) -> Option<u32> {
        let square =
            |metres: f32, half: i32| ((metres / SQUARE_M).floor() as i32).clamp(-half, half - 1);
        let row = square(at.north_m, self.half.0);
        let column = square(at.east_m, self.half.1);
        let index = (row + self.half.0) * 2 * self.half.1 + column + self.half.1;
        let mut number = self.squares[index as usize];
        if number == UNSEEN {
            number = self.number(row, column).unwrap_or(ELSEWHERE);
            self.squares[index as usize] = number;
        }
        (number != ELSEWHERE).then_some(8 * number + octant)
    }

    /// The number of the cell that the middle of a square lies in; `None` when the middle of that
    /// lies on another tile.
    fn number(&mut self, row: i32, column: i32) -> Option<u32> {
        let middle = Point {
            north_m: (row as f32 + 0.5) * SQUARE_M,
            east_m: (column as f32 + 0.5) * SQUARE_M,
        };
        let cell = cells::cell_of(self.plane.position(middle), COVERAGE);
        let centre = LatLng::from(cell);
        let centre = trip::Position::new(centre.lat(), centre.lng()).ok()?;
        if Tile::of(centre) != self.tile {
            return None;
        }
        let next = self.cells.len() as u32;
        Some(*self.numbers.entry(cell).or_insert_with(|| {
            self.cells.push(cell);
            next
        }))
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

    fn coverage(mut self, cell: CellIndex, key: u32, week: Option<Week>) -> Coverage {
        self.drivers.sort_unstable();
        self.drivers.dedup();
        let seasons = self.drivers.chunk_by(|a, b| a.season == b.season);
        let drivers = seasons.map(<[Who]>::len).max().unwrap_or(0);
        Coverage {
            cell,
            octant: (key % 8) as u8,
            week,
            passes: self.passes,
            able_passes: self.able_passes,
            drivers: u32::try_from(drivers).unwrap_or(u32::MAX),
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
