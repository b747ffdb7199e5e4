//! A CSV trace: `t,ax,ay,az,gx,gy,gz,lat,lon,speed,accuracy,bearing`, one row per reading.
//!
//! | column | unit |
//! | --- | --- |
//! | `t` | seconds, each row later than the one before it; from 10⁹ on since 1970 UTC, below without a date |
//! | `ax`, `ay`, `az` | m/s² with gravity, in the phone's own axes and with the platform's sign |
//! | `gx`, `gy`, `gz` | rad/s |
//! | `lat`, `lon` | degrees WGS 84, filled on the first row at or after a new fix |
//! | `speed`, `accuracy`, `bearing` | m/s, m, degrees; a negative one is not known (as platforms say it) |
//!
//! Everything is SI as it stands: nothing is converted here. Columns are found by name, in any
//! order; others are ignored; the gyroscope's, the location's, or (in a trace of positions alone)
//! the accelerometer's may be absent. A blank cell means *no value on this row*: a row may be a
//! reading, a fix, or both. A bad value costs its row, or only its fix when it is a value of the
//! fix; every loss is named by a [`Refusal`], and the rest goes on. A jump of time forward is a pause
//! when the rows after it go on from there, and a wrong time when they do not.

mod row;

use std::collections::VecDeque;
use std::io::BufRead;

use trip::{DeviceId, Gravity, TripId};

use super::cutter::{Cutter, Reading};
use super::lines::{Line, Lines};
use super::recognise::{FileKind, is_text};
use super::refusal::{Cause, Lost, Refusal};
use super::steady::{self, Settled, Steady};
use crate::wire::Message;
pub(super) use row::Columns;
use row::Row;

/// A row has twelve numbers: more than 64 kB are no row.
const MAX_ROW_BYTES: usize = 64_000;

/// The messages that a CSV trace would have been, had its phone sent it.
pub(super) struct Csv<R> {
    lines: Lines<R>,
    columns: Columns,
    cutter: Cutter,
    device: DeviceId,
    trip: TripId,
    steady: Steady<Row>,
    /// What is ready to be given out.
    out: VecDeque<Result<Message, Refusal>>,
    empty: bool,
}

impl<R: BufRead> Csv<R> {
    /// Reads the header.
    pub(super) fn new(input: R, device: DeviceId, trip: TripId) -> Result<Self, Refusal> {
        let mut lines = Lines::new(input, MAX_ROW_BYTES);
        let columns = loop {
            let number = lines.number() + 1;
            match lines.next() {
                None => return Err(Refusal::file(Cause::Empty)),
                Some(Err(error)) => return Err(Refusal::rest(number, &error)),
                Some(Ok(Line::Whole(line))) if line.trim_ascii().is_empty() => {}
                Some(Ok(Line::Whole(line))) if !is_text(line) => {
                    return Err(Refusal::file(Cause::NotText));
                }
                Some(Ok(Line::Whole(line))) => break Columns::of(line),
                Some(Ok(Line::TooLong)) => break None,
            }
        };
        Ok(Self {
            lines,
            columns: columns.ok_or_else(|| Refusal::file(Cause::NotATrace(FileKind::OtherCsv)))?,
            cutter: Cutter::new(Gravity::With),
            device,
            trip,
            steady: Steady::default(),
            out: VecDeque::new(),
            empty: true,
        })
    }

    fn message(&self, batch: trip::Batch) -> Message {
        Message::of_file(self.device.clone(), self.trip, batch)
    }

    fn take(&mut self, settled: Settled<Row>) {
        let (number, row) = match settled {
            Ok(row) => (row.line, row.says),
            Err((line, cause)) => {
                return self.out.push_back(Err(Refusal::line(line, cause)));
            }
        };
        let fix = row.fix.unwrap_or_else(|cause| {
            let refusal = Refusal::line(number, cause).losing(Lost::Fix);
            self.out.push_back(Err(refusal));
            None
        });
        let reading = Reading {
            t_us: row.t_us,
            accel_mps2: row.accel_mps2,
            gyro_radps: row.gyro_radps,
            fix,
        };
        if let Some(batch) = self.cutter.push(reading) {
            self.out.push_back(Ok(self.message(batch)));
        }
    }

    /// The last batch, or the complaint that there was nothing; false when both were told.
    fn end(&mut self) -> bool {
        if let Some(row) = self.steady.finish() {
            self.take(Ok(row));
        }
        if let Some(batch) = self.cutter.finish() {
            self.out.push_back(Ok(self.message(batch)));
        } else if std::mem::take(&mut self.empty) {
            self.out.push_back(Err(Refusal::file(Cause::HeaderOnly)));
        }
        !self.out.is_empty()
    }
}

impl<R: BufRead> Iterator for Csv<R> {
    type Item = Result<Message, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(next) = self.out.pop_front() {
                return Some(next);
            }
            let number = self.lines.number() + 1;
            let Some(line) = self.lines.next() else {
                if self.end() {
                    continue;
                }
                return None;
            };
            let row = match line {
                Err(error) => Err(Refusal::rest(number, &error)),
                Ok(Line::Whole(line)) if line.trim_ascii().is_empty() => continue,
                Ok(Line::Whole(line)) => self
                    .columns
                    .row(line)
                    .map_err(|cause| Refusal::line(number, cause)),
                Ok(Line::TooLong) => {
                    let limit = MAX_ROW_BYTES;
                    Err(Refusal::line(number, Cause::LineTooLong { limit }))
                }
            };
            self.empty = false;
            match row {
                Ok(says) => {
                    let (line, t_us) = (number, says.t_us);
                    let row = steady::Row { line, t_us, says };
                    self.steady.push(row).for_each(|it| self.take(it));
                }
                Err(refusal) => return Some(Err(refusal)),
            }
        }
    }
}
