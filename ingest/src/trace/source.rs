//! The bytes of a trace, as often as they are asked for: once for their hash, once to be read, and
//! several places of an archive at once.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::refusal::{Cause, Refusal};

/// What a pipe may carry. A file is read in passes and never held; a pipe can be read only once, so
/// what it carries (compressed, if it comes compressed) is held: an hour at 100 Hz is 5 MB of CSV
/// packed.
const MAX_PIPE_BYTES: usize = 512_000_000;

/// Bytes that can be read more than once, by many readers.
#[derive(Clone)]
pub(super) enum Source {
    File(Arc<Mutex<File>>),
    Memory(Bytes),
}

impl Source {
    /// A file; a pipe that has a name is read to its end.
    pub(super) fn open(path: &Path) -> Result<Self, Refusal> {
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Refusal::file(Cause::Directory));
        }
        if metadata.is_file() {
            return Ok(Self::File(Arc::new(Mutex::new(file))));
        }
        Self::read(file)
    }

    /// Whatever can be read, read to its end.
    pub(super) fn read(input: impl Read) -> Result<Self, Refusal> {
        let mut bytes = Vec::new();
        let mut input = input.take(MAX_PIPE_BYTES as u64 + 1);
        input.read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() > MAX_PIPE_BYTES {
            return Err(Refusal::file(Cause::TooLarge {
                limit: MAX_PIPE_BYTES,
            }));
        }
        Ok(Self::Memory(bytes.into()))
    }

    /// The beginning of the inflated bytes, and whether the stream fails within it.
    pub(super) fn head(&self, max_bytes: u64) -> Result<Head, Refusal> {
        let mut bytes = Vec::new();
        let inflated = self.inflated()?.take(max_bytes).read_to_end(&mut bytes);
        Ok(Head {
            bytes,
            broken: inflated.is_err(),
        })
    }

    /// SHA-256 of the inflated bytes: what identifies a trace, whatever its name, folder or
    /// compression. Of a damaged stream, the hash of what can be read.
    pub(super) fn digest(&self) -> Result<[u8; 32], Refusal> {
        Ok(digest(&mut *self.inflated()?))
    }

    /// The inflated bytes.
    pub(super) fn inflated(&self) -> Result<Box<dyn BufRead + Send>, Refusal> {
        inflated(self.from(0))
    }

    /// The bytes as they are, from some place on.
    pub(super) fn from(&self, at: u64) -> BufReader<Reader> {
        let source = self.clone();
        // A read of a file takes a lock and two calls of the system.
        BufReader::with_capacity(64_000, Reader { source, at })
    }

    fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => {
                let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(file.metadata()?.len())
            }
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }
}

/// A reader of bytes that others read as well, each at a place of its own.
pub(super) struct Reader {
    source: Source,
    at: u64,
}

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = match &self.source {
            Source::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.seek(SeekFrom::Start(self.at))?;
                file.read(into)?
            }
            Source::Memory(bytes) => {
                let at = usize::try_from(self.at).unwrap_or(usize::MAX);
                bytes.get(at..).unwrap_or_default().read(into)?
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.source.length()?.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// SHA-256 of a stream, as far as it can be read.
pub(super) fn digest(stream: &mut dyn BufRead) -> [u8; 32] {
    let mut hash = Sha256::new();
    loop {
        let length = match stream.fill_buf() {
            Ok([]) => break,
            Ok(bytes) => {
                hash.update(bytes);
                bytes.len()
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(_) => break,
        };
        stream.consume(length);
    }
    hash.finalize().into()
}

/// The beginning of a file.
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) broken: bool,
}

/// The first bytes tell the compression, not the name.
fn inflated(mut input: impl BufRead + Send + 'static) -> Result<Box<dyn BufRead + Send>, Refusal> {
    let first = input.fill_buf().map_err(unreadable)?;
    Ok(match first {
        [0x1f, 0x8b, ..] => Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(input))),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            let decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(unreadable)?;
            Box::new(BufReader::new(decoder))
        }
        _ => Box::new(input),
    })
}

fn unreadable(error: io::Error) -> Refusal {
    Refusal::file(Cause::Unreadable(error.kind()))
}
