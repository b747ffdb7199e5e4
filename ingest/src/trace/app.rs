//! What sensor apps export, read as their phones would have sent it.
//!
//! | app | file | what is read |
//! | --- | --- | --- |
//! | [Sensor Logger](sensor_logger) | zip of CSV | acceleration with gravity, gyroscope, location; Unix nanoseconds |
//! | [Sensor Logger, combined](combined) | one CSV | the same, resampled by the app |
//! | [phyphox](phyphox) | zip of CSV | acceleration, gyroscope, location; experiment time, dated by `meta/time.csv` |
//! | [SensorLog](sensorlog) | one CSV | acceleration in g, gyroscope, location; time since boot |
//! | [Physics Toolbox](physics_toolbox) | one CSV | acceleration, gyroscope, location; time since start |
//!
//! Content tells which it is: the names of an archive's members and of a table's columns. Units
//! become SI; signs and axes stay as the platform gives them; whether gravity is in the values is
//! told by the app or measured, and said in the header of the trip.
//!
//! **Identity.** A table is named by its bytes, as any CSV trace. An archive is named by the members
//! that are read, in the order of their names, so that it may be packed again.

mod clock;
mod combined;
mod phyphox;
mod physics_toolbox;
mod sensor_logger;
mod sensorlog;
mod sheet;
mod sum;
mod table;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use trip::{DeviceId, Gravity, TripId};

use super::archive::Archive;
use super::cutter::{Cutter, Reading};
use super::recognise::FileKind;
use super::refusal::{Cause, Lost, Refusal};
use super::source::Source;
use crate::gravity::REMEMBERED_US;
use crate::wire::{Message, limits};
pub(super) use sheet::Header;
use table::Found;

/// A sensor app whose exports are traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum App {
    /// Sensor Logger, a zip of tables.
    SensorLogger,
    /// Sensor Logger, one table.
    SensorLoggerCombined,
    /// phyphox, a zip of tables.
    Phyphox,
    /// SensorLog, one table.
    SensorLog,
    /// Physics Toolbox, one table.
    PhysicsToolbox,
}

impl App {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SensorLogger | Self::SensorLoggerCombined => "Sensor Logger",
            Self::Phyphox => "phyphox",
            Self::SensorLog => "SensorLog",
            Self::PhysicsToolbox => "Physics Toolbox",
        }
    }

    /// The app that writes one table with that header, whole recordings each.
    pub(super) fn of_header(header: &Header) -> Option<Self> {
        if combined::is_one(header) {
            Some(Self::SensorLoggerCombined)
        } else if sensorlog::is_one(header) {
            Some(Self::SensorLog)
        } else if physics_toolbox::is_one(header) {
            Some(Self::PhysicsToolbox)
        } else {
            None
        }
    }

    /// The app that packs an archive like that.
    pub(super) fn of_archive(archive: &Archive) -> Option<Self> {
        if sensor_logger::is_one(archive) {
            Some(Self::SensorLogger)
        } else if phyphox::is_one(archive) {
            Some(Self::Phyphox)
        } else {
            None
        }
    }
}

/// An export that was opened: what it holds, before any of it is given out.
pub(super) struct Opened {
    /// What names it.
    pub(super) digest: [u8; 32],
    streams: Vec<Stream>,
    gravity: Gravity,
    refused: Vec<Refusal>,
}

/// The readings of one table, or of two that belong together, and the member that they lie in.
type Stream = (Option<Arc<str>>, Box<dyn Iterator<Item = Found> + Send>);

/// Opens an export.
pub(super) fn open(app: App, source: &Source) -> Result<Opened, Refusal> {
    if let App::SensorLogger | App::Phyphox = app {
        let archive = Archive::open(source.clone())?;
        return match app {
            App::SensorLogger => sensor_logger::open(&archive),
            _ => phyphox::open(&archive),
        };
    }
    let digest = source.digest()?;
    let (table, gravity) = match app {
        App::SensorLoggerCombined => combined::open(source)?,
        App::SensorLog => sensorlog::open(source)?,
        _ => physics_toolbox::open(source)?,
    };
    Ok(Opened {
        digest,
        streams: vec![(None, Box::new(table))],
        gravity,
        refused: vec![],
    })
}

/// The messages that an export would have been, had its phone sent it.
pub(super) struct Export {
    streams: Vec<Stream>,
    /// The next reading of each stream.
    heads: Vec<Option<(u64, Reading)>>,
    /// Fixes before any reading of another sensor, and what is said of those that are too old.
    early: Vec<(Refusal, Reading)>,
    begun: bool,
    cutter: Cutter,
    device: DeviceId,
    trip: TripId,
    out: VecDeque<Result<Message, Refusal>>,
    empty: bool,
}

impl Export {
    pub(super) fn new(opened: Opened, device: DeviceId, trip: TripId) -> Self {
        let mut export = Self {
            heads: opened.streams.iter().map(|_| None).collect(),
            streams: opened.streams,
            early: vec![],
            begun: false,
            cutter: Cutter::new(opened.gravity),
            device,
            trip,
            out: opened.refused.into_iter().map(Err).collect(),
            empty: true,
        };
        for stream in 0..export.streams.len() {
            export.advance(stream);
        }
        export
    }

    /// Reads on in one stream until it has a reading.
    fn advance(&mut self, stream: usize) {
        self.heads[stream] = loop {
            match self.streams[stream].1.next() {
                Some(Ok(found)) => break Some(found),
                Some(Err(refusal)) => self.out.push_back(Err(refusal)),
                None => break None,
            }
        };
    }

    /// The stream with the earliest reading that is left.
    fn earliest(&self) -> Option<usize> {
        let heads = self.heads.iter().enumerate();
        let times = heads.filter_map(|(stream, head)| Some((head.as_ref()?.1.t_us, stream)));
        times.min().map(|(_, stream)| stream)
    }

    /// Takes the next reading of a stream.
    fn take(&mut self, stream: usize) {
        let Some((line, reading)) = self.heads[stream].take() else {
            return;
        };
        self.advance(stream);
        if !self.begun && reading.fix.is_some() && self.early.len() < limits::MAX_FIXES {
            let refusal = Refusal::line(line, Cause::Remembered).losing(Lost::Fix);
            let member = self.streams[stream].0.clone();
            self.early.push((refusal.within(member), reading));
            return;
        }
        self.begin(reading.fix.is_none().then_some(reading.t_us));
        self.cut(reading);
    }

    /// Gives out the fixes that came before all else, but for those that are too old.
    fn begin(&mut self, begin_us: Option<i64>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        for (refusal, reading) in std::mem::take(&mut self.early) {
            if begin_us.is_some_and(|begin_us| begin_us - reading.t_us > REMEMBERED_US) {
                self.out.push_back(Err(refusal));
            } else {
                self.cut(reading);
            }
        }
    }

    fn cut(&mut self, reading: Reading) {
        let batch = self.cutter.push(reading);
        self.give(batch);
    }

    fn give(&mut self, batch: Option<trip::Batch>) {
        let Some(batch) = batch else { return };
        self.empty = false;
        let message = Message::of_file(self.device.clone(), self.trip, batch);
        self.out.push_back(Ok(message));
    }
}

impl Iterator for Export {
    type Item = Result<Message, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.out.is_empty() {
            if let Some(stream) = self.earliest() {
                self.take(stream);
                continue;
            }
            self.begin(None);
            let last = self.cutter.finish();
            self.give(last);
            if std::mem::take(&mut self.empty) {
                self.out.push_back(Err(Refusal::file(Cause::HeaderOnly)));
            }
            break;
        }
        self.out.pop_front()
    }
}

/// The complaint that a file is not what it was taken for.
fn not_one() -> Refusal {
    Refusal::file(Cause::NotATrace(FileKind::OtherCsv))
}
