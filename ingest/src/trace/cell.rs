//! Cells of a table: text to numbers, vectors, times and fixes, each within its limits.

use trip::{Fix, FixSource, Heading, Position, Speed};

use super::refusal::Cause;
use crate::wire::limits;

/// One cell, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'a> {
    /// Without spaces and quotation marks.
    pub(super) text: &'a [u8],
    /// The column's name, for a refusal.
    pub(super) column: &'static str,
    /// What stands before the decimals: a point, or a comma.
    pub(super) point: u8,
}

/// A cell without spaces and quotation marks.
pub(super) fn bare(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    let quoted = cell
        .strip_prefix(b"\"")
        .and_then(|cell| cell.strip_suffix(b"\""));
    quoted.unwrap_or(cell)
}

impl<'a> Cell<'a> {
    /// A cell with a decimal point.
    pub(super) fn new(text: &'a [u8], column: &'static str) -> Self {
        let point = b'.';
        Self {
            text,
            column,
            point,
        }
    }

    /// Whether there is nothing in it.
    pub(super) fn is_blank(self) -> bool {
        self.text.is_empty()
    }

    /// Its text, where it is text.
    pub(super) fn text(self) -> Option<&'a str> {
        std::str::from_utf8(self.text).ok()
    }

    /// The number in it, `None` when it is blank.
    pub(super) fn number(self, lo: f64, hi: f64) -> Result<Option<f64>, Cause> {
        if self.is_blank() {
            return Ok(None);
        }
        let number = self.text().and_then(|text| match self.point {
            b'.' => text.parse().ok(),
            point => text.replace(char::from(point), ".").parse().ok(),
        });
        match number.filter(|number| lo <= *number && *number <= hi) {
            Some(number) => Ok(Some(number)),
            None if lo == f64::MIN => Err(self.bad(format!("a number up to {hi}"))),
            None => Err(self.bad(format!("a number from {lo} to {hi}"))),
        }
    }

    /// The number in it, `None` when it is blank or negative: that is how platforms say that they
    /// do not know a speed, a direction, an accuracy.
    pub(super) fn known(self, hi: f64) -> Result<Option<f64>, Cause> {
        Ok(self.number(f64::MIN, hi)?.filter(|value| *value >= 0.0))
    }

    /// The time in it: seconds to µs.
    pub(super) fn seconds_us(self) -> Result<i64, Cause> {
        const MICROS: f64 = 1e6;
        let (lo, hi) = (
            limits::MIN_TIME_US as f64 / MICROS,
            limits::MAX_TIME_US as f64 / MICROS,
        );
        let seconds = self.number(lo, hi)?.ok_or_else(|| self.blank())?;
        Ok((seconds * MICROS).round() as i64)
    }

    /// The time in it: whole nanoseconds to µs. A float would lose the last two digits.
    pub(super) fn nanoseconds_us(self) -> Result<i64, Cause> {
        if self.is_blank() {
            return Err(self.blank());
        }
        let nanoseconds: Option<i64> = self.text().and_then(|text| text.parse().ok());
        nanoseconds
            .map(|nanoseconds| nanoseconds.div_euclid(1_000))
            .filter(|t_us| (limits::MIN_TIME_US..=limits::MAX_TIME_US).contains(t_us))
            .ok_or_else(|| self.bad("whole nanoseconds before the year 2100".to_owned()))
    }

    /// The complaint that it is not what it should be.
    pub(super) fn bad(self, expected: String) -> Cause {
        Cause::Cell {
            column: self.column,
            expected,
        }
    }

    /// The complaint that it is blank.
    pub(super) fn blank(self) -> Cause {
        Cause::Blank {
            column: self.column,
        }
    }
}

/// Three axes within ± `max`, or none of them; in the unit that they stand in.
pub(super) fn vector(axes: [Cell<'_>; 3], max: f64) -> Result<Option<[f64; 3]>, Cause> {
    if axes.iter().all(|axis| axis.is_blank()) {
        return Ok(None);
    }
    let mut vector = [0.0; 3];
    for (value, axis) in vector.iter_mut().zip(axes) {
        *value = axis.number(-max, max)?.ok_or_else(|| axis.blank())?;
    }
    Ok(Some(vector))
}

/// The cells that make a fix: degrees, m/s, m, degrees.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) lat: Cell<'a>,
    pub(super) lon: Cell<'a>,
    pub(super) speed: Cell<'a>,
    pub(super) accuracy: Cell<'a>,
    pub(super) bearing: Cell<'a>,
}

impl Place<'_> {
    /// The fix, if there is one. Speed, accuracy or bearing without a place is no fix.
    pub(super) fn fix(self, t_us: i64) -> Result<Option<Fix>, Cause> {
        let lat = self.lat.number(-90.0, 90.0)?;
        let lon = self.lon.number(-180.0, 180.0)?;
        let speed = self.speed.known(limits::MAX_SPEED_MPS)?;
        let accuracy = self.accuracy.known(limits::MAX_ACCURACY_M)?;
        let bearing = self.bearing.known(360.0)?;
        let position = match (lat, lon) {
            (None, None) => return Ok(None),
            (Some(lat), Some(lon)) => Position::new(lat, lon).expect("both were found in range"),
            (None, Some(_)) => return Err(self.lat.blank()),
            (Some(_), None) => return Err(self.lon.blank()),
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
}
