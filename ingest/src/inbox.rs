//! The inbox: what phones sent, on disk before anybody is told so.
//!
//! ```text
//! Slot ─► writer ─► raw/*.seg ─► due() ─► messages() ─► keep() ─► kept/*.seg ─► kept_after()
//!            │      (as it came)                        (without the ends of the trip)
//!            └► Answer, after the disk has it
//! ```
//!
//! - **One writer.** Messages wait in a [`Slot`] of bounded memory. One thread takes all that wait and
//!   appends them; a second makes them last with one `fdatasync`, and only then answers.
//! - **Each once.** A message is (device, trip, number). A second one is answered like the first and
//!   not written. A trip belongs to the device that first wrote it.
//! - **Sealed.** What is written is sealed with a random key of its trip, and the head of a record
//!   names no one. The keys lie in one table (`keys`); deleting a row there erases the trip.
//! - **Two lives.** A trip that ended is *settled*: what is kept of it, without its ends, is written
//!   to `kept`, whole. The key of the messages as they came is deleted within a day of that.
//! - **What memory says, the files say.** The index is made anew from them at every start, and after
//!   every refusal of the disk.
//!
//! | file | holds |
//! | --- | --- |
//! | `inbox/keys` | a row a trip: device, trip, its two keys |
//! | `inbox/raw/` | messages as they came |
//! | `inbox/kept/` | trips without their ends |

mod acks;
mod counters;
mod error;
mod index;
mod keys;
mod landing;
mod log;
mod put;
mod record;
mod seal;
#[cfg(test)]
mod tests;
mod trips;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use ring::rand::SystemRandom;

pub use acks::Acks;
pub use counters::{Counters, Figures};
pub use error::InboxError;
use index::Index;
use keys::KeyFile;
use landing::Landing;
use log::{Files, Log, lock};
pub use put::{Answer, Closed, Letter, Outcome, Put, Slot};
pub use trips::{Kept, Stored, TripRef};
use writer::Writer;

use crate::causes::in_one_line;
use crate::disk::sync_folder;

/// How much an inbox takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Memory for messages that wait for the disk, bytes.
    pub queue_bytes: usize,
    /// How long a segment file gets, bytes.
    pub segment_bytes: u64,
    /// Trips that one device may have open at once. A phone has one, or a few that could not be sent.
    pub max_open_trips: u32,
    /// How much one trip may bring, bytes: 12 hours at 100 Hz are 30 MB.
    pub max_trip_bytes: u64,
    /// How long one trip may last, µs.
    pub max_trip_us: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue_bytes: 64 << 20,
            segment_bytes: 64 << 20,
            max_open_trips: 64,
            max_trip_bytes: 64 << 20,
            max_trip_us: 24 * 3600 * 1_000_000,
        }
    }
}

/// An inbox in a folder.
#[derive(Debug)]
pub struct Inbox {
    shared: Arc<Shared>,
    raw: Arc<Files>,
    kept: Mutex<Log>,
    kept_files: Arc<Files>,
    id: String,
    threads: Vec<JoinHandle<()>>,
    /// Held as long as the inbox is open: nobody else may have it.
    _lock: File,
}

/// What the writer and the readers share.
#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    limits: Limits,
    index: Mutex<Index>,
    /// Taken before `index` where both are.
    keys: Mutex<KeyFile>,
    kept: Arc<Files>,
    trouble: Mutex<Option<Trouble>>,
    /// Commits that are written and not yet answered.
    flying: AtomicUsize,
    counters: Counters,
}

/// The disk refuses.
#[derive(Clone, Copy, Debug)]
struct Trouble {
    what: &'static str,
    /// From which position on nothing of the messages as they came counts.
    from: u64,
}

/// Commits that are written and wait to be made last.
const FLIGHTS: usize = 2;

impl Inbox {
    /// Opens or makes the inbox in a folder, reads what is there, and starts its writer. Gives the slot
    /// for new messages as well; the writer ends when every copy of that is gone.
    ///
    /// # Errors
    /// When another process has it, the folder holds something else, or the disk refuses.
    pub fn open(folder: &Path, limits: Limits) -> Result<(Self, Slot), InboxError> {
        let mut inbox = Self::read(folder, limits)?;
        let raw = Log::open(&folder.join("raw"), limits.segment_bytes)?;
        inbox.raw = raw.files();
        let (slot, queue) = Slot::new(limits.queue_bytes);
        let (landing, orders) = sync_channel(FLIGHTS);
        let landing_thread = Landing {
            shared: Arc::clone(&inbox.shared),
            raw: raw.files(),
            orders,
        };
        let system = SystemRandom::new();
        let writer = Writer {
            shared: Arc::clone(&inbox.shared),
            raw,
            queue,
            nonces: ChaCha20Rng::from_seed(seal::random(&system)),
            system,
            landing,
            sheet: Vec::new(),
        };
        inbox.threads = vec![
            start("inbox write", move || writer.run()),
            start("inbox sync", move || landing_thread.run()),
        ];
        Ok((inbox, slot))
    }

    /// Opens the inbox in a folder without taking new messages.
    ///
    /// # Errors
    /// As [`Inbox::open`].
    pub fn read(folder: &Path, limits: Limits) -> Result<Self, InboxError> {
        std::fs::create_dir_all(folder).map_err(|source| InboxError::file(folder, source))?;
        let path = folder.join("lock");
        let lock = File::create(&path).map_err(|source| InboxError::file(&path, source))?;
        lock.try_lock()
            .map_err(|error| InboxError::file(&path, error.into()))?;
        let raw = Log::open(&folder.join("raw"), limits.segment_bytes)?.files();
        let kept = Log::open(&folder.join("kept"), limits.segment_bytes)?;
        let (keys, rows) = KeyFile::open(&folder.join("keys"))?;
        let kept_files = kept.files();
        let shared = Shared {
            folder: folder.to_owned(),
            limits,
            index: Mutex::new(Index::of(rows)),
            keys: Mutex::new(keys),
            kept: Arc::clone(&kept_files),
            trouble: Mutex::default(),
            flying: AtomicUsize::new(0),
            counters: Counters::default(),
        };
        shared.fill(&raw)?;
        Ok(Self {
            shared: Arc::new(shared),
            raw,
            kept: Mutex::new(kept),
            kept_files,
            id: id(&folder.join("id"))?,
            threads: Vec::new(),
            _lock: lock,
        })
    }

    /// What tells this inbox from every other: 32 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Waits until the writer is done: all copies of the slot have to be gone.
    pub fn close(mut self) {
        for thread in self.threads.drain(..) {
            // It ends by itself; a panic in it has been told by the thread.
            let _ = thread.join();
        }
    }

    /// Why the inbox takes nothing at present, if it does not.
    pub fn trouble(&self) -> Option<&'static str> {
        self.shared.trouble()
    }

    /// What the inbox has counted since it was opened.
    pub fn counters(&self) -> &Counters {
        &self.shared.counters
    }
}

impl Shared {
    fn trouble(&self) -> Option<&'static str> {
        lock(&self.trouble).map(|trouble| trouble.what)
    }

    /// The disk refused records from a position on: what memory says is no longer what the files say.
    fn troubled(&self, error: &InboxError, from: u64) {
        tracing::error!("the inbox cannot be written: {}", in_one_line(error));
        let what = if error.is_full() {
            "the disk is full"
        } else {
            "the disk refuses to be written"
        };
        let mut trouble = lock(&self.trouble);
        let from = trouble.map_or(from, |before| before.from.min(from));
        *trouble = Some(Trouble { what, from });
    }

    /// From where on records do not count, of those that end there.
    fn lost_from(&self, end: u64) -> u64 {
        lock(&self.trouble).map_or(end, |trouble| trouble.from.min(end))
    }

    fn recovered(&self) {
        *lock(&self.trouble) = None;
    }

    /// Writes and makes last a few bytes beside the segments.
    fn probe(&self) -> Result<(), InboxError> {
        let path = self.folder.join("probe");
        let write = || -> std::io::Result<()> {
            std::fs::write(&path, [0; 4096])?;
            File::open(&path)?.sync_all()
        };
        let written = write().map_err(|source| InboxError::file(&path, source));
        let _ = std::fs::remove_file(&path);
        written
    }

    /// Makes the index anew from the files.
    fn reread(&self, raw: &Files) -> Result<(), InboxError> {
        let keys = lock(&self.keys);
        let (_, rows) = KeyFile::open(&self.folder.join("keys"))?;
        *lock(&self.index) = Index::of(rows);
        drop(keys);
        self.fill(raw)
    }

    fn fill(&self, raw: &Files) -> Result<(), InboxError> {
        let mut index = lock(&self.index);
        let mut lost = 0;
        for files in [&self.kept, raw] {
            lost += files.scan(|position, head, body| index.found(position, head, body))?;
        }
        index.settle_down();
        self.counters.passed_over(lost);
        if lost > 0 {
            // A write that a crash cut off was never acked; more than one write is damage.
            tracing::warn!("{lost} bytes of the inbox are no records and were passed over");
        }
        Ok(())
    }
}

/// What the file says, which is made when there is none.
fn id(path: &Path) -> Result<String, InboxError> {
    let refused = |source| InboxError::file(path, source);
    match std::fs::read_to_string(path) {
        Ok(id) if id.trim().len() == 32 => return Ok(id.trim().to_owned()),
        Ok(_) => {
            return Err(InboxError::Foreign {
                path: path.to_owned(),
                expected: "the name of an inbox",
            });
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused(error)),
    }
    let id = format!(
        "{:032x}",
        u128::from_be_bytes(seal::random(&SystemRandom::new()))
    );
    let new = path.with_extension("new");
    std::fs::write(&new, &id).map_err(refused)?;
    File::open(&new)
        .and_then(|file| file.sync_all())
        .map_err(refused)?;
    std::fs::rename(&new, path)
        .and_then(|()| sync_folder(path))
        .map_err(refused)?;
    Ok(id)
}

/// The disk blocks, so threads of their own have it.
fn start(name: &str, work: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).expect("the system has threads left")
}
