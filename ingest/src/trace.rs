//! A trace: a file of one or more trips, read message by message.
//!
//! Three things are traces: messages of the wire, one JSON object per line (`.jsonl`), rows of
//! readings (`.csv`), and what sensor apps export ([`App`]); the first two may be packed with gzip or
//! zstd. Content decides which it is, the name only where content cannot. All yield the same
//! [`Message`]s, so that a recording takes the same way as live traffic; memory stays bounded whatever
//! the file holds.
//!
//! **Identity.** A CSV trace is one trip, named by the first 16 bytes of the SHA-256 of its
//! uncompressed bytes: the same recording is the same trip, whatever its name, folder or
//! compression; an archive is named by the members that are read. A message that names no device belongs to the one that the caller names, else to
//! the one that a `catalog.csv` beside the file names for it (columns `name`, `device`), else to
//! those same 16 bytes as 32 hexadecimal digits. Undated traces keep their clock.
//!
//! **Damage.** What cannot be read is a [`Refusal`] among the messages, with its line, and the rest
//! goes on; after a truncated stream there is no rest.
//!
//! ```
//! use ingest::trace::Trace;
//! use ingest::wire::Content;
//!
//! let file = "t,ax,ay,az,lat,lon\n0.00,0.1,0.2,9.8,,\n0.02,0.1,NaN,9.9,,\n0.04,0,0,9.7,999,18\n";
//! let mut trace = Trace::read("drive.csv".as_ref(), file.as_bytes(), None)?;
//! let (messages, refusals): (Vec<_>, Vec<_>) = trace.partition(Result::is_ok);
//!
//! let refusals: Vec<_> = refusals.into_iter().map(|it| it.unwrap_err().to_string()).collect();
//! assert_eq!(refusals[0], "line 3: line left out: ay is not a number from -2000 to 2000");
//! assert_eq!(refusals[1], "line 4: position left out: lat is not a number from -90 to 90");
//! let Ok(message) = &messages[0] else { panic!("sound") };
//! let Content::Samples(batch) = &message.content else { panic!("samples") };
//! assert_eq!((batch.samples.len(), batch.fixes.len()), (2, 0));
//! # Ok::<(), ingest::trace::Refusal>(())
//! ```

mod app;
mod archive;
mod catalog;
mod cell;
mod csv;
mod cutter;
mod jsonl;
mod lines;
mod recognise;
mod refusal;
mod source;
mod steady;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Read};
use std::path::Path;

use trip::{DeviceId, TripId};

use crate::wire::Message;
pub use app::App;
use app::Export;
use csv::Csv;
use jsonl::Jsonl;
pub use recognise::FileKind;
pub use refusal::{Cause, Lost, Refusal};
use source::Source;

/// A trace, message by message. Every message names its device.
pub struct Trace {
    kind: FileKind,
    digest: [u8; 32],
    messages: Messages,
}

enum Messages {
    Jsonl(Jsonl<Box<dyn BufRead + Send>>),
    Csv(Box<Csv<Box<dyn BufRead + Send>>>),
    Export(Box<Export>),
}

impl Trace {
    /// Opens a trace; `-` is standard input. `device` is whose it is where it does not say.
    ///
    /// # Errors
    /// When the file cannot be opened, or is not a trace.
    pub fn open(path: &Path, device: Option<&DeviceId>) -> Result<Self, Refusal> {
        if path == Path::new("-") {
            return Self::read(path, std::io::stdin().lock(), device);
        }
        let source = Source::open(path)?;
        match device {
            Some(device) => Self::of(path, source, Some(device.clone())),
            None => Self::of(path, source, catalog::device_of(path)?),
        }
    }

    /// Reads a trace from anywhere, to its end, before the first message is given out. The name
    /// tells the format where the content cannot.
    ///
    /// # Errors
    /// When it cannot be read, is larger than a pipe may carry, or is not a trace.
    pub fn read(name: &Path, input: impl Read, device: Option<&DeviceId>) -> Result<Self, Refusal> {
        Self::of(name, Source::read(input)?, device.cloned())
    }

    /// Which format it has.
    pub fn kind(&self) -> FileKind {
        self.kind
    }

    /// SHA-256 of its uncompressed bytes.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    fn of(name: &Path, source: Source, device: Option<DeviceId>) -> Result<Self, Refusal> {
        let kind = recognise::recognise(name, &source)?;
        if let FileKind::Export(app) = kind {
            let opened = app::open(app, &source)?;
            let digest = opened.digest;
            let (device, trip) = identity(digest, device);
            let export = Export::new(opened, device, trip);
            let messages = Messages::Export(Box::new(export));
            return Ok(Self {
                kind,
                digest,
                messages,
            });
        }
        if kind == FileKind::Empty {
            return Err(Refusal::file(Cause::Empty));
        }
        if !kind.is_trace() {
            return Err(Refusal::file(Cause::NotATrace(kind)));
        }
        let digest = source.digest()?;
        let (device, trip) = identity(digest, device);
        let input = source.inflated()?;
        let messages = match kind {
            FileKind::Jsonl => Messages::Jsonl(Jsonl::new(input, device)),
            _ => Messages::Csv(Box::new(Csv::new(input, device, trip)?)),
        };
        Ok(Self {
            kind,
            digest,
            messages,
        })
    }
}

/// The trip that a file without messages is, and whose it is if nobody says.
fn identity(digest: [u8; 32], device: Option<DeviceId>) -> (DeviceId, TripId) {
    let (first_half, _) = digest.split_at(16);
    let trip = TripId::from_bytes(first_half.try_into().expect("16 bytes were split off"));
    let device = device.unwrap_or_else(|| {
        trip.to_string()
            .parse()
            .expect("32 hexadecimal digits can name a device")
    });
    (device, trip)
}

impl Iterator for Trace {
    type Item = Result<Message, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.messages {
            Messages::Jsonl(jsonl) => jsonl.next(),
            Messages::Csv(csv) => csv.next(),
            Messages::Export(export) => export.next(),
        }
    }
}

/// What a file is, without reading more of it than its beginning.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn recognise(path: &Path) -> Result<FileKind, Refusal> {
    recognise::recognise(path, &Source::open(path)?)
}
