//! The readings in a table, row by row, each sensor in order of time.

use std::collections::VecDeque;
use std::sync::Arc;

use trip::Fix;

use super::clock::Clock;
use super::sheet::{Column, Row, Sheet};
use crate::gravity;
use crate::trace::cell::{Place, vector};
use crate::trace::cutter::Reading;
use crate::trace::refusal::{Cause, Lost, Refusal};
use crate::trace::steady::{self, Settled, Steady};
use crate::unit::Unit;
use crate::wire::limits;
use crate::wire::v1::{AccelUnit, GyroUnit};

/// Where the readings stand in a table.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) accel: Option<Axes>,
    pub(super) gyro: Option<Axes>,
    pub(super) fixes: Option<Fixes>,
}

/// Where the axes of a sensor stand.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    clock: Clock,
    columns: [Column; 3],
    /// Gravity, in the same unit, where it stands apart on the same row.
    gravity: Option<[Column; 3]>,
    in_si: f64,
    max_si: f64,
}

impl Axes {
    /// An accelerometer.
    pub(super) fn accel(clock: Clock, columns: [Column; 3], unit: AccelUnit) -> Self {
        Self {
            clock,
            columns,
            gravity: None,
            in_si: unit.in_si(),
            max_si: limits::MAX_ACCEL_MPS2,
        }
    }

    /// A gyroscope in rad/s.
    pub(super) fn gyro(clock: Clock, columns: [Column; 3]) -> Self {
        Self {
            clock,
            columns,
            gravity: None,
            in_si: GyroUnit::RadianPerSecond.in_si(),
            max_si: limits::MAX_GYRO_RADPS,
        }
    }

    /// An accelerometer without gravity, and the gravity that stands beside it.
    pub(super) fn plus(self, gravity: [Column; 3]) -> Self {
        let gravity = Some(gravity);
        Self { gravity, ..self }
    }

    /// The same sensor in another unit.
    pub(super) fn in_unit(self, unit: AccelUnit) -> Self {
        let in_si = unit.in_si();
        Self { in_si, ..self }
    }

    /// What it says on a row, and when.
    fn read(&self, row: &Row<'_>) -> Result<Option<(i64, [f32; 3])>, Cause> {
        let max = self.max_si / self.in_si;
        let read = |columns: [Column; 3]| vector(columns.map(|it| row.cell(it)), max);
        let Some(mut value) = read(self.columns)? else {
            return Ok(None);
        };
        if let Some(columns) = self.gravity {
            let Some(gravity) = read(columns)? else {
                return Ok(None);
            };
            value = [0, 1, 2].map(|i| value[i] + gravity[i]);
        }
        let t_us = self.clock.t_us(row)?;
        Ok(Some((t_us, value.map(|axis| (axis * self.in_si) as f32))))
    }
}

/// Where positions stand: degrees, m/s, m, degrees.
#[derive(Clone, Debug)]
pub(super) struct Fixes {
    pub(super) clock: Clock,
    pub(super) lat: Column,
    pub(super) lon: Column,
    pub(super) speed: Column,
    pub(super) accuracy: Column,
    pub(super) bearing: Column,
    /// The columns one of which changes when a fix is new, where the last fix is repeated on every
    /// row and its time is not told.
    pub(super) changes: Vec<Column>,
}

impl Fixes {
    fn read(&self, row: &Row<'_>) -> Result<Option<Fix>, Cause> {
        let place = Place {
            lat: row.cell(self.lat),
            lon: row.cell(self.lon),
            speed: row.cell(self.speed),
            accuracy: row.cell(self.accuracy),
            bearing: row.cell(self.bearing),
        };
        let Some(fix) = place.fix(0)? else {
            return Ok(None);
        };
        // Where the equator meets Greenwich is sea: apps write it before the first fix.
        if fix.position.lat_deg() == 0.0 && fix.position.lon_deg() == 0.0 {
            return Ok(None);
        }
        let t_us = self.clock.t_us(row)?;
        Ok(Some(Fix { t_us, ..fix }))
    }

    /// What tells one fix from the next.
    fn marks(&self, row: &Row<'_>) -> Vec<u8> {
        let cells = self.changes.iter().map(|&column| row.cell(column).text);
        cells.collect::<Vec<_>>().join(&b';')
    }
}

/// A reading or a refusal, with the line that it stands on.
pub(super) type Found = Result<(u64, Reading), Refusal>;

/// One sensor of a table.
struct Sensor<T> {
    steady: Steady<T>,
    lost: Lost,
    reading: fn(i64, T) -> Reading,
}

impl<T> Sensor<T> {
    fn new(lost: Lost, reading: fn(i64, T) -> Reading) -> Self {
        let steady = Steady::default();
        Self {
            steady,
            lost,
            reading,
        }
    }

    /// Takes what it says on a line.
    fn take(
        &mut self,
        line: u64,
        said: Result<Option<(i64, T)>, Cause>,
        out: &mut VecDeque<Found>,
    ) {
        match said {
            Ok(None) => {}
            Ok(Some((t_us, says))) => {
                let row = steady::Row { line, t_us, says };
                for settled in self.steady.push(row) {
                    out.extend(self.found(settled));
                }
            }
            Err(cause) => out.push_back(Err(Refusal::line(line, cause).losing(self.lost))),
        }
    }

    fn finish(&mut self, out: &mut VecDeque<Found>) {
        let last = self.steady.finish().map(Ok);
        out.extend(last.and_then(|it| self.found(it)));
    }

    /// Tables repeat the last reading of a slow sensor: that is none.
    fn found(&self, settled: Settled<T>) -> Option<Found> {
        match settled {
            Ok(row) => Some(Ok((row.line, (self.reading)(row.t_us, row.says)))),
            Err((_, Cause::TimeRepeated)) => None,
            Err((line, cause)) => Some(Err(Refusal::line(line, cause).losing(self.lost))),
        }
    }
}

/// A table, reading by reading. Of a sensor's readings with one time the first counts.
pub(super) struct Table {
    sheet: Sheet,
    layout: Layout,
    accel: Sensor<[f32; 3]>,
    gyro: Sensor<[f32; 3]>,
    fixes: Sensor<Fix>,
    /// What told the last fix from others.
    marks: Vec<u8>,
    out: VecDeque<Found>,
}

impl Table {
    /// The readings in a sheet.
    pub(super) fn new(sheet: Sheet, layout: Layout) -> Self {
        Self {
            sheet,
            layout,
            accel: Sensor::new(Lost::Reading, |t_us, value| Reading {
                t_us,
                accel_mps2: Some(value),
                ..Reading::default()
            }),
            gyro: Sensor::new(Lost::Reading, |t_us, value| Reading {
                t_us,
                gyro_radps: Some(value),
                ..Reading::default()
            }),
            fixes: Sensor::new(Lost::Fix, |t_us, fix| Reading {
                t_us,
                fix: Some(fix),
                ..Reading::default()
            }),
            marks: vec![],
            out: VecDeque::new(),
        }
    }

    /// The member of an archive that it is.
    pub(super) fn member(&self) -> Option<Arc<str>> {
        self.sheet.member.clone()
    }

    /// The length that half of the first vectors stay below, in the unit of the layout.
    pub(super) fn median_length(self) -> Option<f32> {
        gravity::median_length(self.flatten().filter_map(|(_, it)| it.accel_mps2))
    }

    /// Takes the next row; `None` when there is none.
    fn row(&mut self) -> Option<()> {
        let row = match self.sheet.next()? {
            Ok(Some(row)) => row,
            Ok(None) => return Some(()),
            Err(refusal) => {
                self.out.push_back(Err(refusal));
                return Some(());
            }
        };
        let Layout { accel, gyro, fixes } = &self.layout;
        if let Some(accel) = accel {
            self.accel.take(row.line, accel.read(&row), &mut self.out);
        }
        if let Some(gyro) = gyro {
            self.gyro.take(row.line, gyro.read(&row), &mut self.out);
        }
        if let Some(fixes) = fixes {
            let marks = fixes.marks(&row);
            if marks.is_empty() || marks != self.marks {
                let fix = fixes.read(&row);
                let said = fix.map(|fix| fix.map(|fix| (fix.t_us, fix)));
                self.fixes.take(row.line, said, &mut self.out);
            }
            self.marks = marks;
        }
        Some(())
    }
}

impl Iterator for Table {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        while self.out.is_empty() {
            if self.row().is_none() {
                self.accel.finish(&mut self.out);
                self.gyro.finish(&mut self.out);
                self.fixes.finish(&mut self.out);
                break;
            }
        }
        let found = self.out.pop_front()?;
        Some(found.map_err(|refusal| refusal.within(self.member())))
    }
}
