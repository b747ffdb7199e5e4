//! Append-only segment files. A position is the byte in the whole log, over all segments; a segment
//! is named by the position of its first byte.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::InboxError;
use super::record::{self, Found, HEAD_BYTES, Head};
use crate::disk::{owners, sync_folder};

/// What a segment begins with: 16 bytes.
const MAGIC: &[u8; 16] = b"jounce inbox 1\n\0";

/// A log of records in a folder of segments.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    segment_bytes: u64,
    /// The segment that is written: none before the first record of this process, because what a
    /// crash left of the last one is never written on.
    open: Option<(u64, Arc<File>)>,
    /// Where the next record goes.
    end: u64,
    files: Arc<Files>,
}

/// The segments, for those who read.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// First position and length of each.
    lengths: Mutex<BTreeMap<u64, u64>>,
    handles: Mutex<BTreeMap<u64, Arc<File>>>,
    /// Up to which position records last.
    lasting: AtomicU64,
}

/// How many segments are kept open for reading.
const MAX_HANDLES: usize = 64;

impl Log {
    /// Opens a log.
    pub(super) fn open(folder: &Path, segment_bytes: u64) -> Result<Self, InboxError> {
        let refused = |source| InboxError::file(folder, source);
        std::fs::create_dir_all(folder).map_err(refused)?;
        let mut lengths = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let Some(base) = base_of(&entry.path()) else {
                continue;
            };
            let length = entry.metadata().map_err(refused)?.len();
            if length <= MAGIC.len() as u64 {
                // Made, and never written: a crash between the two.
                std::fs::remove_file(entry.path()).map_err(refused)?;
            } else {
                lengths.insert(base, length);
            }
        }
        let ends = lengths.iter().map(|(base, length)| base + length);
        let end = ends.max().unwrap_or(0);
        Ok(Self {
            folder: folder.to_owned(),
            segment_bytes,
            open: None,
            end,
            files: Arc::new(Files {
                folder: folder.to_owned(),
                lengths: Mutex::new(lengths),
                handles: Mutex::default(),
                lasting: AtomicU64::new(end),
            }),
        })
    }

    pub(super) fn files(&self) -> Arc<Files> {
        Arc::clone(&self.files)
    }

    /// Where the next record will stand.
    pub(super) fn next(&mut self) -> Result<u64, InboxError> {
        let full = |(base, _): &(u64, _)| self.end - base >= self.segment_bytes;
        if self.open.as_ref().is_none_or(full) {
            self.begin()?;
        }
        Ok(self.end)
    }

    /// Begins a segment, and makes its name last.
    fn begin(&mut self) -> Result<(), InboxError> {
        let path = path_of(&self.folder, self.end);
        let make = || -> io::Result<File> {
            let file = owners()
                .read(true)
                .write(true)
                .create_new(true)
                .open(&path)?;
            file.write_all_at(MAGIC, 0)?;
            file.sync_all()?;
            sync_folder(&path)?;
            Ok(file)
        };
        let file = make().map_err(|source| {
            // Left half made, it would stand in the way of the next try.
            let _ = std::fs::remove_file(&path);
            InboxError::file(&path, source)
        })?;
        let base = self.end;
        self.open = Some((base, Arc::new(file)));
        self.end += MAGIC.len() as u64;
        lock(&self.files.lengths).insert(base, MAGIC.len() as u64);
        Ok(())
    }

    /// Appends records at [`Log::next`] and makes them last. On an error nothing of them counts.
    pub(super) fn append(&mut self, records: &[u8]) -> Result<(), InboxError> {
        let from = self.end;
        let last = |log: &mut Self| {
            let segment = log.write(records)?;
            segment.sync()?;
            log.files.lasts(segment.base, log.end);
            Ok(())
        };
        last(self).inspect_err(|_| {
            // Where even that is refused, the next try is a segment beyond what may have got there.
            if self.cut(from).is_err() {
                self.end = from + records.len() as u64;
            }
        })
    }

    /// Appends records at [`Log::next`]: they count once their segment is synced and that is noted
    /// ([`Files::lasts`]).
    pub(super) fn write(&mut self, records: &[u8]) -> Result<Segment, InboxError> {
        let (base, file) = self.open.as_ref().expect("next() came before");
        let segment = Segment {
            base: *base,
            path: path_of(&self.folder, *base),
            file: Arc::clone(file),
        };
        file.write_all_at(records, self.end - base)
            .map_err(|source| InboxError::file(&segment.path, source))?;
        self.end += records.len() as u64;
        Ok(segment)
    }

    /// Cuts off what stands from a position on, of which nobody was told; the next record stands there,
    /// in a segment of its own.
    pub(super) fn cut(&mut self, from: u64) -> Result<(), InboxError> {
        self.open = None;
        for (base, length) in self.files.segments().into_iter().rev() {
            let path = path_of(&self.folder, base);
            let refused = |source| InboxError::file(&path, source);
            if base >= from {
                std::fs::remove_file(&path).map_err(refused)?;
                lock(&self.files.lengths).remove(&base);
                lock(&self.files.handles).remove(&base);
                continue;
            }
            let file = File::options().write(true).open(&path).map_err(refused)?;
            file.set_len(length.min(from - base))
                .and_then(|()| file.sync_all())
                .map_err(refused)?;
            break;
        }
        self.end = from;
        Ok(())
    }

    /// Where the last record ends.
    pub(super) fn end(&self) -> u64 {
        self.end
    }
}

/// A segment that is written.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// The position of its first byte.
    pub(super) base: u64,
    path: PathBuf,
    file: Arc<File>,
}

impl Segment {
    /// Makes last what stands in it.
    pub(super) fn sync(&self) -> Result<(), InboxError> {
        self.file
            .sync_data()
            .map_err(|source| InboxError::file(&self.path, source))
    }
}

impl Files {
    /// Where each segment begins, and how long it is.
    pub(super) fn segments(&self) -> Vec<(u64, u64)> {
        let lengths = lock(&self.lengths);
        lengths
            .iter()
            .map(|(base, length)| (*base, *length))
            .collect()
    }

    /// A segment's records up to a position last.
    pub(super) fn lasts(&self, base: u64, end: u64) {
        lock(&self.lengths).insert(base, end - base);
        self.lasting.store(end, Ordering::Release);
    }

    /// Up to which position records last.
    pub(super) fn end(&self) -> u64 {
        self.lasting.load(Ordering::Acquire)
    }

    /// How long all segments are together, bytes.
    pub(super) fn bytes(&self) -> u64 {
        lock(&self.lengths).values().sum()
    }

    /// Deletes the segments that end at or before a position, but never the last; gives how many.
    pub(super) fn drop_before(&self, position: u64) -> Result<usize, InboxError> {
        let mut segments = self.segments();
        segments.pop();
        segments.retain(|(base, length)| base + length <= position);
        for (base, _) in &segments {
            let path = path_of(&self.folder, *base);
            std::fs::remove_file(&path).map_err(|source| InboxError::file(&path, source))?;
            lock(&self.lengths).remove(base);
            lock(&self.handles).remove(base);
        }
        Ok(segments.len())
    }

    /// The record at a position: its head, and all of its bytes.
    pub(super) fn read(&self, position: u64) -> Result<(Head, Vec<u8>), InboxError> {
        let (base, file) = self.handle(position)?;
        let at = position - base;
        let damaged = || InboxError::Damaged {
            path: path_of(&self.folder, base),
            offset: at,
        };
        let refused = |source| InboxError::file(&path_of(&self.folder, base), source);
        let mut bytes = vec![0; 4096];
        loop {
            let read = read_at(&file, &mut bytes, at).map_err(refused)?;
            match record::look(&bytes[..read]) {
                Found::Record(head, _, length) => {
                    bytes.truncate(length);
                    return Ok((head, bytes));
                }
                Found::Part(length) if read == bytes.len() => bytes.resize(length, 0),
                _ => return Err(damaged()),
            }
        }
    }

    fn handle(&self, position: u64) -> Result<(u64, Arc<File>), InboxError> {
        let base = lock(&self.lengths)
            .range(..=position)
            .next_back()
            .map(|(base, _)| *base);
        let Some(base) = base else {
            return Err(InboxError::Damaged {
                path: self.folder.clone(),
                offset: position,
            });
        };
        let mut handles = lock(&self.handles);
        if let Some(file) = handles.get(&base) {
            return Ok((base, Arc::clone(file)));
        }
        let path = path_of(&self.folder, base);
        let file = File::open(&path).map_err(|source| InboxError::file(&path, source))?;
        let file = Arc::new(file);
        if handles.len() >= MAX_HANDLES {
            handles.pop_first();
        }
        handles.insert(base, Arc::clone(&file));
        Ok((base, file))
    }

    /// Every sound record of the log in order, with its position. What is damaged is passed over;
    /// gives the number of bytes that were.
    pub(super) fn scan(&self, mut take: impl FnMut(u64, &Head, &[u8])) -> Result<u64, InboxError> {
        let mut lost = 0;
        for (base, length) in self.segments() {
            let path = path_of(&self.folder, base);
            let file = File::open(&path).map_err(|source| InboxError::file(&path, source))?;
            lost += scan_segment(&file, &path, base, length, &mut take)?;
        }
        Ok(lost)
    }
}

/// How much of a segment is in memory at a time.
const STRIDE: usize = 4 << 20;

fn scan_segment(
    file: &File,
    path: &Path,
    base: u64,
    length: u64,
    take: &mut impl FnMut(u64, &Head, &[u8]),
) -> Result<u64, InboxError> {
    let mut magic = [0; 16];
    let refused = |source| InboxError::file(path, source);
    read_at(file, &mut magic, 0).map_err(refused)?;
    if magic != *MAGIC {
        return Err(InboxError::Foreign {
            path: path.to_owned(),
            expected: "a segment of an inbox",
        });
    }
    let (mut at, mut lost) = (MAGIC.len() as u64, 0);
    let mut bytes = vec![0; STRIDE];
    while at < length {
        let read = read_at(file, &mut bytes, at).map_err(refused)?;
        if read == 0 {
            break;
        }
        let mut used = 0;
        let mut wanted = STRIDE;
        while used < read {
            match record::look(&bytes[used..read]) {
                Found::Record(head, sealed, whole) => {
                    take(base + at + used as u64, &head, sealed);
                    used += whole;
                }
                Found::Part(whole) if at + ((used + whole) as u64) <= length => {
                    wanted = whole;
                    break;
                }
                // Damage, or what a crash left of the last write: on to the next sound record.
                Found::Part(_) | Found::Nothing => {
                    used += 1;
                    lost += 1;
                }
            }
        }
        if used == 0 && wanted <= bytes.len() && read < wanted {
            // The file is shorter than it was.
            lost += read as u64;
            used = read;
        }
        at += used as u64;
        if wanted > bytes.len() {
            bytes.resize(wanted, 0);
        }
    }
    Ok(lost)
}

fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], at + read as u64) {
            Ok(0) => break,
            Ok(n) => read += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

fn path_of(folder: &Path, base: u64) -> PathBuf {
    folder.join(format!("{base:016x}.seg"))
}

fn base_of(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?.strip_suffix(".seg")?;
    u64::from_str_radix(name, 16).ok()
}

pub(super) fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // A panic under the lock leaves plain values: there is nothing half done to fear.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The head's bytes that a record binds into its seal.
pub(super) fn bound(record: &[u8]) -> &[u8] {
    &record[8..HEAD_BYTES]
}

#[cfg(test)]
mod tests {
    use super::super::record::Kind;
    use super::*;

    fn record(seq: u32) -> Vec<u8> {
        let head = Head {
            kind: Kind::Message,
            row: 0,
            tenancy: 0,
            seq,
            received_us: 0,
            before: None,
            nonce: [0; 12],
        };
        let mut out = Vec::new();
        head.begin(&mut out);
        out.extend_from_slice(b"sealed");
        record::finish(&mut out, 0);
        out
    }

    /// The numbers of the records that a log opened anew has.
    fn numbers(folder: &Path) -> Vec<u32> {
        let log = Log::open(folder, 100).expect("it opens");
        let mut numbers = Vec::new();
        let lost = log.files().scan(|_, head, _| numbers.push(head.seq));
        assert_eq!(lost.expect("it reads"), 0, "nothing else is there");
        numbers
    }

    #[test]
    fn what_is_cut_off_is_gone_over_several_segments_and_the_log_goes_on_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut log = Log::open(folder.path(), 100).expect("it opens");
        let files = log.files();
        let mut positions = Vec::new();
        for seq in 0..6 {
            positions.push(log.next().expect("a segment"));
            let segment = log.write(&record(seq)).expect("it writes");
            if seq < 3 {
                segment.sync().expect("it syncs");
                files.lasts(segment.base, log.end());
            }
        }
        assert!(files.segments().len() > 2, "several segments");
        assert_eq!(files.end(), positions[2] + record(2).len() as u64);
        log.cut(positions[3]).expect("it cuts");
        assert_eq!(numbers(folder.path()), [0, 1, 2]);
        log.next().expect("a segment");
        log.append(&record(7)).expect("it appends");
        assert_eq!(numbers(folder.path()), [0, 1, 2, 7]);
    }
}
