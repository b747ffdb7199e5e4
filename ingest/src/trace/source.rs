//! The bytes of a trace, inflated, twice: once for their hash, once to be read.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::refusal::{Cause, Refusal};

/// What a pipe may carry. A file is read twice and never held; a pipe can be read only once, so what
/// it carries (compressed, if it comes compressed) is held: an hour at 100 Hz is 5 MB of CSV packed.
const MAX_PIPE_BYTES: usize = 512_000_000;

/// Bytes that can be read more than once.
pub(super) enum Source {
    File(File),
    Memory(Vec<u8>),
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
            return Ok(Self::File(file));
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
        Ok(Self::Memory(bytes))
    }

    /// The beginning of the inflated bytes, and whether the stream fails within it.
    pub(super) fn head(&mut self, max_bytes: u64) -> Result<Head, Refusal> {
        let mut bytes = Vec::new();
        let inflated = self.inflated()?.take(max_bytes).read_to_end(&mut bytes);
        self.rewind()?;
        Ok(Head {
            bytes,
            broken: inflated.is_err(),
        })
    }

    /// SHA-256 of the inflated bytes: what identifies a trace, whatever its name, folder or
    /// compression. Of a damaged stream, the hash of what can be read.
    pub(super) fn digest(&mut self) -> Result<[u8; 32], Refusal> {
        let mut hash = Sha256::new();
        let mut inflated = self.inflated()?;
        loop {
            let length = match inflated.fill_buf() {
                Ok([]) => break,
                Ok(bytes) => {
                    hash.update(bytes);
                    bytes.len()
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
                Err(_) => break,
            };
            inflated.consume(length);
        }
        drop(inflated);
        self.rewind()?;
        Ok(hash.finalize().into())
    }

    /// The inflated bytes.
    pub(super) fn into_inflated(self) -> Result<Box<dyn BufRead + Send>, Refusal> {
        match self {
            Self::File(file) => inflated(BufReader::new(file)),
            Self::Memory(bytes) => inflated(Cursor::new(bytes)),
        }
    }

    fn inflated(&mut self) -> Result<Box<dyn BufRead + Send + '_>, Refusal> {
        match self {
            Self::File(file) => inflated(BufReader::new(file)),
            Self::Memory(bytes) => inflated(bytes.as_slice()),
        }
    }

    fn rewind(&mut self) -> Result<(), Refusal> {
        match self {
            Self::File(file) => file.rewind().map_err(unreadable),
            Self::Memory(_) => Ok(()),
        }
    }
}

/// The beginning of a file.
pub(super) struct Head {
    pub(super) bytes: Vec<u8>,
    pub(super) broken: bool,
}

/// The first bytes tell the compression, not the name.
fn inflated<'a>(
    mut input: impl BufRead + Send + 'a,
) -> Result<Box<dyn BufRead + Send + 'a>, Refusal> {
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
