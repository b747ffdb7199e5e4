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
//! fix; every loss is named by a [`Refusal`], and the rest goes on.

mod cutter;
mod row;

use std::io::BufRead;

use trip::{DeviceId, TripId};

use super::lines::{Line, Lines};
use super::recognise::{FileKind, is_text};
use super::refusal::{Cause, Lost, Refusal};
use crate::wire::{Content, Message};
use cutter::Cutter;
pub(super) use row::Columns;

/// A row has twelve numbers: more than 64 kB are no row.
const MAX_ROW_BYTES: usize = 64_000;

/// The messages that a CSV trace would have been, had its phone sent it.
pub(super) struct Csv<R> {
    lines: Lines<R>,
    columns: Columns,
    cutter: Cutter,
    device: DeviceId,
    trip: TripId,
    /// The time of the last row that was taken.
    last_us: Option<i64>,
    /// A fix that was refused although its row was taken.
    refused_fix: Option<Refusal>,
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
            cutter: Cutter::default(),
            device,
            trip,
            last_us: None,
            refused_fix: None,
            empty: true,
        })
    }

    fn message(&self, batch: trip::Batch) -> Message {
        Message {
            device: Some(self.device.clone()),
            received_us: None,
            trip: self.trip,
            seq: batch.seq,
            content: Content::Samples(batch),
        }
    }

    /// The last batch, then the complaint that there was nothing, then the end.
    fn end(&mut self) -> Option<Result<Message, Refusal>> {
        if let Some(batch) = self.cutter.finish() {
            return Some(Ok(self.message(batch)));
        }
        let header_only = std::mem::take(&mut self.empty);
        header_only.then(|| Err(Refusal::file(Cause::HeaderOnly)))
    }
}

impl<R: BufRead> Iterator for Csv<R> {
    type Item = Result<Message, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(refusal) = self.refused_fix.take() {
                return Some(Err(refusal));
            }
            let number = self.lines.number() + 1;
            let row = match self.lines.next() {
                None => return self.end(),
                Some(Err(error)) => {
                    self.empty = false;
                    return Some(Err(Refusal::rest(number, &error)));
                }
                Some(Ok(Line::Whole(line))) if line.trim_ascii().is_empty() => continue,
                Some(Ok(Line::Whole(line))) => self.columns.row(line, self.last_us),
                Some(Ok(Line::TooLong)) => Err(Cause::LineTooLong {
                    limit: MAX_ROW_BYTES,
                }),
            };
            self.empty = false;
            let row = match row {
                Ok(row) => row,
                Err(cause) => return Some(Err(Refusal::line(number, cause))),
            };
            self.last_us = Some(row.t_us);
            self.refused_fix = (row.fix.as_ref().err()).map(|cause| Refusal {
                line: Some(number),
                lost: Lost::Fix,
                cause: cause.clone(),
            });
            if let Some(batch) = self.cutter.push(row) {
                return Some(Ok(self.message(batch)));
            }
        }
    }
}
