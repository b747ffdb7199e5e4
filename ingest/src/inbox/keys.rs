//! The key table: one row a trip, in a file of its own. Deleting a key here erases what it sealed,
//! wherever that lies.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trip::{DeviceId, TripId};

use super::error::InboxError;
use super::record::part;
use super::seal::Key;
use crate::disk::owners;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Drawn at random for whoever has the row.
    pub(super) tenancy: u32,
    pub(super) device: Arc<DeviceId>,
    pub(super) trip: TripId,
    /// Of the messages as they came; `None` when they are erased.
    pub(super) raw_key: Option<Key>,
    /// Of what is kept.
    pub(super) kept_key: Key,
    /// The hash of the trip's secret.
    pub(super) claim: Option<[u8; 32]>,
    /// The day of its newest message, days since 1970 UTC.
    pub(super) day: i32,
    /// How far the phone's clock is ahead of ours, µs; 0 when it is right.
    pub(super) ahead_us: i64,
}

/// Bytes of a row: 16 to a page, so that none lies across two sectors and each is written whole.
const ROW_BYTES: usize = 256;

/// The file's own row, before the first.
const MAGIC: &[u8; 16] = b"jounce keys 1\n\0\0";

/// The file of the table.
#[derive(Debug)]
pub(super) struct KeyFile {
    file: File,
    path: PathBuf,
}

impl KeyFile {
    /// Opens or makes the table, and reads its rows; `None` of those that are free.
    pub(super) fn open(path: &Path) -> Result<(Self, Vec<Option<Row>>), InboxError> {
        let refused = |source| InboxError::file(path, source);
        let mut options = owners();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path).map_err(refused)?;
        let bytes = std::fs::read(path).map_err(refused)?;
        if bytes.is_empty() {
            let mut head = [0; ROW_BYTES];
            head[..16].copy_from_slice(MAGIC);
            file.write_all_at(&head, 0).map_err(refused)?;
            file.sync_all().map_err(refused)?;
        } else if !bytes.starts_with(MAGIC) {
            return Err(InboxError::Foreign {
                path: path.to_owned(),
                expected: "a table of trip keys",
            });
        }
        // A last row that is cut off was never synced, and no record refers to it.
        let rows = bytes.chunks_exact(ROW_BYTES).skip(1).map(decode).collect();
        let path = path.to_owned();
        Ok((Self { file, path }, rows))
    }

    /// Writes rows and makes them last; `None` frees one.
    pub(super) fn write<'a>(
        &self,
        rows: impl IntoIterator<Item = (u32, Option<&'a Row>)>,
    ) -> Result<(), InboxError> {
        let write = || -> io::Result<()> {
            let mut any = false;
            for (number, row) in rows {
                let bytes = row.map_or([0; ROW_BYTES], encode);
                let at = (u64::from(number) + 1) * ROW_BYTES as u64;
                self.file.write_all_at(&bytes, at)?;
                any = true;
            }
            if any {
                self.file.sync_data()?;
            }
            Ok(())
        };
        write().map_err(|source| InboxError::file(&self.path, source))
    }
}

fn encode(row: &Row) -> [u8; ROW_BYTES] {
    let mut out = [0; ROW_BYTES];
    let device = row.device.as_str().as_bytes();
    out[4] = 1;
    out[5] = device.len() as u8;
    out[6] = u8::from(row.raw_key.is_some()) | u8::from(row.claim.is_some()) << 1;
    out[8..12].copy_from_slice(&row.tenancy.to_le_bytes());
    out[12..16].copy_from_slice(&row.day.to_le_bytes());
    out[16..32].copy_from_slice(&row.trip.bytes());
    out[32..32 + device.len()].copy_from_slice(device);
    out[96..128].copy_from_slice(&row.raw_key.unwrap_or_default());
    out[128..160].copy_from_slice(&row.kept_key);
    out[160..192].copy_from_slice(&row.claim.unwrap_or_default());
    out[192..200].copy_from_slice(&row.ahead_us.to_le_bytes());
    let sum = crc32fast::hash(&out[4..]);
    out[..4].copy_from_slice(&sum.to_le_bytes());
    out
}

/// The row, if it is taken and sound.
fn decode(bytes: &[u8]) -> Option<Row> {
    let sum = u32::from_le_bytes(part(bytes, 0));
    if bytes[4] != 1 || crc32fast::hash(&bytes[4..]) != sum {
        return None;
    }
    let device = std::str::from_utf8(bytes.get(32..32 + usize::from(bytes[5]))?).ok()?;
    Some(Row {
        tenancy: u32::from_le_bytes(part(bytes, 8)),
        device: Arc::new(device.parse().ok()?),
        trip: TripId::from_bytes(part(bytes, 16)),
        raw_key: (bytes[6] & 1 != 0).then(|| part(bytes, 96)),
        kept_key: part(bytes, 128),
        claim: (bytes[6] & 2 != 0).then(|| part(bytes, 160)),
        day: i32::from_le_bytes(part(bytes, 12)),
        ahead_us: i64::from_le_bytes(part(bytes, 192)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_again_and_gone_when_freed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        let row = Row {
            tenancy: 5,
            device: Arc::new("d-3f9a".parse().unwrap()),
            trip: TripId::from_bytes([7; 16]),
            raw_key: Some([1; 32]),
            kept_key: [2; 32],
            claim: None,
            day: 20_000,
            ahead_us: -3,
        };
        let (table, rows) = KeyFile::open(&path).unwrap();
        assert!(rows.is_empty());
        table.write([(1, Some(&row))]).unwrap();
        let (table, rows) = KeyFile::open(&path).unwrap();
        assert_eq!(rows, [None, Some(row)]);
        table.write([(1, None)]).unwrap();
        assert_eq!(KeyFile::open(&path).unwrap().1, [None, None]);
        let left = std::fs::read(&path).unwrap();
        assert!(!left.windows(6).any(|it| it == b"d-3f9a"));
    }
}
