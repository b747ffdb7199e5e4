//! A zip archive: which members it has, and the inflated bytes of each, as often as they are asked
//! for.
//!
//! Nothing is held but the directory: members are streamed, several at once, each up to
//! [`MAX_MEMBER_BYTES`]. What lies in folders of their own making (`__MACOSX`), and archives within
//! the archive, are no members.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use zip::{CompressionMethod, ZipArchive};

use super::refusal::{Cause, Refusal};
use super::source::{self, Source};

/// The most that one member is inflated to: 40 hours of one sensor at 100 Hz. What is more is
/// made to fill a disk.
pub(super) const MAX_MEMBER_BYTES: u64 = 1_000_000_000;

/// The first bytes of an archive with members. Source: APPNOTE.TXT 6.3.10, 4.3.7.
const MAGIC: &[u8] = b"PK\x03\x04";

/// Whether a file begins as a zip archive does.
pub(super) fn is_archive(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Whether the first member of an archive is a table: what is left of an archive whose directory
/// is cut off.
pub(super) fn begins_with_table(head: &[u8]) -> bool {
    /// Where the length of the name stands in a member's header, and where the name begins.
    const NAME: (usize, usize) = (26, 30);
    let Some(&[low, high]) = head.get(NAME.0..NAME.0 + 2) else {
        return false;
    };
    let length = usize::from(u16::from_le_bytes([low, high]));
    let name = head.get(NAME.1..NAME.1 + length);
    name.is_some_and(|name| name.ends_with(b".csv"))
}

/// An archive whose directory was read.
pub(super) struct Archive {
    bytes: Source,
    members: Vec<Member>,
}

/// A table in an archive.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Its name, without the folder.
    pub(super) name: Arc<str>,
    /// The folder that it lies in.
    pub(super) folder: String,
    packing: Option<CompressionMethod>,
    start: u64,
    packed_bytes: u64,
    crc32: u32,
}

impl Archive {
    /// Reads the directory.
    pub(super) fn open(bytes: Source) -> Result<Self, Refusal> {
        let broken = |_| Refusal::file(Cause::NoDirectory);
        let mut archive = ZipArchive::new(bytes.from(0)).map_err(broken)?;
        let mut members = vec![];
        for index in 0..archive.len() {
            let file = archive.by_index_raw(index).map_err(broken)?;
            let path = file.name().replace('\\', "/");
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let foreign = path.starts_with("__MACOSX/") || name.starts_with("._");
            if foreign || !name.to_ascii_lowercase().ends_with(".csv") {
                continue;
            }
            members.push(Member {
                name: printable(name).into(),
                folder: folder.to_owned(),
                packing: (!file.encrypted()).then(|| file.compression()),
                start: file.data_start().unwrap_or_default(),
                packed_bytes: file.compressed_size(),
                crc32: file.crc32(),
            });
        }
        members.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
        Ok(Self { bytes, members })
    }

    /// Its tables, by folder and name.
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// SHA-256 of some members, in the order of their names: what identifies a recording, however
    /// it was packed. Of a damaged member, what can be read of it.
    pub(super) fn digest(&self, mut members: Vec<Member>) -> Result<[u8; 32], Refusal> {
        members.sort_by(|a, b| a.name.cmp(&b.name));
        let mut hash = Sha256::new();
        for member in &members {
            hash.update(member.name.as_bytes());
            hash.update([0]);
            hash.update(source::digest(&mut *self.inflated(member)?));
        }
        Ok(hash.finalize().into())
    }

    /// The inflated bytes of a member.
    pub(super) fn inflated(&self, member: &Member) -> Result<Box<dyn BufRead + Send>, Refusal> {
        self.inflated_to(MAX_MEMBER_BYTES, member)
    }

    fn inflated_to(
        &self,
        max_bytes: u64,
        member: &Member,
    ) -> Result<Box<dyn BufRead + Send>, Refusal> {
        let packed = self.bytes.from(member.start).take(member.packed_bytes);
        let inflated: Box<dyn Read + Send> = match member.packing {
            Some(CompressionMethod::Stored) => Box::new(packed),
            Some(CompressionMethod::Deflated) => {
                Box::new(flate2::bufread::DeflateDecoder::new(packed))
            }
            _ => {
                let refusal = Refusal::file(Cause::Packing);
                return Err(refusal.within(Some(member.name.clone())));
            }
        };
        Ok(Box::new(BufReader::new(Checked {
            inflated,
            hash: crc32fast::Hasher::new(),
            crc32: member.crc32,
            room: max_bytes,
        })))
    }
}

/// A name as a terminal may show it.
fn printable(name: &str) -> String {
    let legal = |letter: char| !letter.is_control();
    let shown = name.chars().filter(|&letter| legal(letter)).take(80);
    shown.collect()
}

/// A stream that must give what the directory promises.
struct Checked<R> {
    inflated: R,
    hash: crc32fast::Hasher,
    crc32: u32,
    room: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inflated.read(into)?;
        self.hash.update(&into[..read]);
        let left = self.room.checked_sub(read as u64);
        self.room = left.ok_or(io::ErrorKind::FileTooLarge)?;
        if read == 0 && !into.is_empty() && self.hash.clone().finalize() != self.crc32 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    #[test]
    fn a_member_that_is_made_to_fill_a_disk_is_read_up_to_a_limit() {
        let mut zip = ZipWriter::new(Cursor::new(vec![]));
        zip.start_file("A.csv", SimpleFileOptions::default())
            .expect("memory does not fail");
        zip.write_all(&[b'x'; 100_000])
            .expect("memory does not fail");
        let bytes = zip.finish().expect("memory does not fail").into_inner();
        assert!(bytes.len() < 1_000, "it is packed");
        let archive = Archive::open(Source::Memory(bytes.into())).expect("an archive");
        let read = |max_bytes| {
            let mut into = vec![];
            let mut member = archive
                .inflated_to(max_bytes, &archive.members()[0])
                .expect("deflated");
            let read = member.read_to_end(&mut into);
            read.map_err(|error| Refusal::rest(1, &error).cause)
        };
        assert_eq!(read(100_000), Ok(100_000));
        let limit = MAX_MEMBER_BYTES;
        assert_eq!(read(99_999), Err(Cause::Inflates { limit }));
    }
}
