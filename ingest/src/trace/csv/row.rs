//! One row: twelve cells to readings.

use trip::{Fix, FixSource, Heading, Position, Speed};

use super::Cause;
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

    /// The row on a line that must be later than `last_us`.
    pub(super) fn row(&self, line: &[u8], last_us: Option<i64>) -> Result<Row, Cause> {
        let cells = self.cells(line)?;
        let t_us = time_us(&cells)?;
        match last_us {
            Some(last_us) if t_us == last_us => return Err(Cause::TimeRepeated),
            Some(last_us) if t_us < last_us => return Err(Cause::TimeBackwards),
            _ => {}
        }
        Ok(Row {
            t_us,
            accel_mps2: vector(&cells, ACCEL, limits::MAX_ACCEL_MPS2)?,
            gyro_radps: vector(&cells, GYRO, limits::MAX_GYRO_RADPS)?,
            fix: fix(&cells, t_us),
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

type Cells<'a> = [&'a [u8]; NAMES.len()];

/// A cell without spaces and quotation marks.
fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let quoted = cell
        .strip_prefix(b"\"")
        .and_then(|cell| cell.strip_suffix(b"\""));
    quoted.unwrap_or(cell)
}

/// The number in a cell, `None` when it is blank.
fn number(cells: &Cells<'_>, which: Quantity, lo: f64, hi: f64) -> Result<Option<f64>, Cause> {
    let cell = cells[which];
    if cell.is_empty() {
        return Ok(None);
    }
    let number = std::str::from_utf8(cell)
        .ok()
        .and_then(|text| text.parse().ok());
    match number.filter(|number| lo <= *number && *number <= hi) {
        Some(number) => Ok(Some(number)),
        None if lo == f64::MIN => Err(bad(which, format!("a number up to {hi}"))),
        None => Err(bad(which, format!("a number from {lo} to {hi}"))),
    }
}

/// The number in a cell, `None` when it is blank or negative: that is how platforms say that they
/// do not know a speed, a direction, an accuracy.
fn known(cells: &Cells<'_>, which: Quantity, hi: f64) -> Result<Option<f64>, Cause> {
    Ok(number(cells, which, f64::MIN, hi)?.filter(|value| *value >= 0.0))
}

fn bad(which: Quantity, expected: String) -> Cause {
    Cause::Cell {
        column: NAMES[which],
        expected,
    }
}

/// Seconds to µs.
fn time_us(cells: &Cells<'_>) -> Result<i64, Cause> {
    const MICROS: f64 = 1e6;
    let (lo, hi) = (
        limits::MIN_TIME_US as f64 / MICROS,
        limits::MAX_TIME_US as f64 / MICROS,
    );
    let seconds = number(cells, T, lo, hi)?.ok_or(Cause::Blank { column: NAMES[T] })?;
    Ok((seconds * MICROS).round() as i64)
}

/// Three axes, or none of them.
fn vector(cells: &Cells<'_>, axes: [Quantity; 3], max: f64) -> Result<Option<[f32; 3]>, Cause> {
    if axes.iter().all(|&axis| cells[axis].is_empty()) {
        return Ok(None);
    }
    let mut vector = [0.0; 3];
    for (value, &axis) in vector.iter_mut().zip(&axes) {
        let number = number(cells, axis, -max, max)?;
        *value = number.ok_or(Cause::Blank {
            column: NAMES[axis],
        })? as f32;
    }
    Ok(Some(vector))
}

/// The fix on a row. Speed, accuracy or bearing without a place is no fix.
fn fix(cells: &Cells<'_>, t_us: i64) -> Result<Option<Fix>, Cause> {
    let lat = number(cells, LAT, -90.0, 90.0)?;
    let lon = number(cells, LON, -180.0, 180.0)?;
    let speed = known(cells, SPEED, limits::MAX_SPEED_MPS)?;
    let accuracy = known(cells, ACCURACY, limits::MAX_ACCURACY_M)?;
    let bearing = known(cells, BEARING, 360.0)?;
    let position = match (lat, lon) {
        (None, None) => return Ok(None),
        (Some(lat), Some(lon)) => Position::new(lat, lon).expect("both were found in range"),
        (None, Some(_)) => return Err(Cause::Blank { column: NAMES[LAT] }),
        (Some(_), None) => return Err(Cause::Blank { column: NAMES[LON] }),
    };
    Ok(Some(Fix {
        t_us,
        position,
        speed: speed.and_then(|mps| Speed::from_mps(mps).ok()),
        heading: bearing.and_then(|deg| Heading::from_deg(deg).ok()),
        accuracy_m: accuracy
            .map(|metres| metres as f32)
            .filter(|metres| *metres > 0.0),
        source: FixSource::Unknown,
    }))
}
