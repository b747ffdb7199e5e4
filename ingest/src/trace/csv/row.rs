//! One row: twelve cells to readings.

use trip::Fix;

use super::Cause;
use crate::trace::cell::{Cell, Place, bare, vector};
use crate::wire::limits;

/// The columns that mean something, in the order of [`Quantity`].
const NAMES: [&str; 12] = [
    "t", "ax", "ay", "az", "gx", "gy", "gz", "lat", "lon", "speed", "accuracy", "bearing",
];

/// Which of the [`NAMES`]: an index into a row's cells.
type Quantity = usize;

const T: Quantity = 0;
const ACCEL: [Quantity; 3] = [1, 2, 3];
const GYRO: [Quantity; 3] = [4, 5, 6];
const LAT: Quantity = 7;
const LON: Quantity = 8;
const SPEED: Quantity = 9;
const ACCURACY: Quantity = 10;
const BEARING: Quantity = 11;

/// Where the columns of a trace stand.
#[derive(Debug)]
pub(in crate::trace) struct Columns {
    /// What each column of the file is, from the left.
    quantities: Vec<Option<Quantity>>,
}

/// What one row says.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) t_us: i64,
    pub(super) accel_mps2: Option<[f32; 3]>,
    pub(super) gyro_radps: Option<[f32; 3]>,
    /// The fix on the row; none; or why it was refused.
    pub(super) fix: Result<Option<Fix>, Cause>,
}

impl Columns {
    /// The columns that a header line names; `None` when they are not those of a trace: `t`, and
    /// with it an accelerometer or a place, each sensor whole or absent.
    pub(in crate::trace) fn of(header: &[u8]) -> Option<Self> {
        let quantity = |cell| NAMES.iter().position(|name| name.as_bytes() == bare(cell));
        let quantities: Vec<_> = header.split(|&byte| byte == b',').map(quantity).collect();
        let count = |one: Quantity| quantities.iter().filter(|&&it| it == Some(one)).count();
        let whole = |sensor: &[Quantity]| sensor.iter().all(|&one| count(one) == 1);
        let absent = |sensor: &[Quantity]| sensor.iter().all(|&one| count(one) == 0);
        let place = [LAT, LON];
        let sound = count(T) == 1
            && [&ACCEL[..], &GYRO[..], &place[..]]
                .iter()
                .all(|it| whole(it) || absent(it))
            && [SPEED, ACCURACY, BEARING]
                .iter()
                .all(|&one| count(one) <= 1)
            && (whole(&ACCEL) || whole(&place));
        sound.then_some(Self { quantities })
    }

    /// The row on a line.
    pub(super) fn row(&self, line: &[u8]) -> Result<Row, Cause> {
        let cells = self.cells(line)?;
        let cell = |which: Quantity| Cell::new(cells[which], NAMES[which]);
        let t_us = cell(T).seconds_us()?;
        let axes = |axes: [Quantity; 3], max| -> Result<Option<[f32; 3]>, Cause> {
            let vector = vector(axes.map(cell), max)?;
            Ok(vector.map(|vector| vector.map(|axis| axis as f32)))
        };
        let place = Place {
            lat: cell(LAT),
            lon: cell(LON),
            speed: cell(SPEED),
            accuracy: cell(ACCURACY),
            bearing: cell(BEARING),
        };
        Ok(Row {
            t_us,
            accel_mps2: axes(ACCEL, limits::MAX_ACCEL_MPS2)?,
            gyro_radps: axes(GYRO, limits::MAX_GYRO_RADPS)?,
            fix: place.fix(t_us),
        })
    }

    /// The cells by quantity; the cell of a column that is absent is blank.
    fn cells<'a>(&self, line: &'a [u8]) -> Result<[&'a [u8]; NAMES.len()], Cause> {
        let mut cells: [&[u8]; NAMES.len()] = [&[]; NAMES.len()];
        let mut found = 0;
        for cell in line.split(|&byte| byte == b',') {
            if let Some(&Some(quantity)) = self.quantities.get(found) {
                cells[quantity] = bare(cell);
            }
            found += 1;
        }
        let expected = self.quantities.len();
        if found != expected {
            return Err(Cause::Fields { found, expected });
        }
        Ok(cells)
    }
}
