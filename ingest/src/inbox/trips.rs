//! Trips that ended: read, kept without their ends, erased.

use std::collections::BTreeSet;

use bytes::Bytes;
use trip::{DeviceId, TripId, TripKey};

use super::error::InboxError;
use super::index::{Entry, Index};
use super::log::{bound, lock};
use super::record::{self, HEAD_BYTES, Head, Kind, part};
use super::seal::Key;
use super::{Inbox, seal};
use crate::ack::SeqSet;
use ring::rand::SystemRandom;

/// A trip of the inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TripRef {
    row: u32,
    tenancy: u32,
    /// Up to which record of the messages as they came this speaks.
    to: u64,
    /// Whose trip it is, and which.
    pub key: TripKey,
    /// How far the phone's clock is ahead of the server's, µs; 0 when it is right.
    pub ahead_us: i64,
}

/// A stored message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// When it came, µs since 1970 on the server's clock.
    pub received_us: i64,
    /// The message.
    pub payload: Bytes,
}

/// What is kept of a trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it stands in the order of keeping.
    pub position: u64,
    /// Whose trip it is, and which.
    pub key: TripKey,
    /// Its messages in order of their numbers, without the ends of the trip.
    pub messages: Vec<Stored>,
}

impl Inbox {
    /// The trips that are ready to be settled: those whose phone said goodbye, and those of which
    /// nothing came since `quiet_since_us`. Oldest first, at most `most`.
    pub fn due(&self, quiet_since_us: i64, most: usize) -> Vec<TripRef> {
        // What the writer has laid out is known before it lasts.
        let lasts_to = self.raw.end();
        let index = lock(&self.shared.index);
        let entries = index
            .due()
            .iter()
            .filter_map(|&row| Some((row, index.entry(row)?)))
            .filter(|(_, entry)| entry.raw.is_some_and(|(_, newest)| newest < lasts_to));
        let mut due: Vec<(i64, TripRef)> = entries
            .filter(|(_, entry)| entry.is_complete() || entry.received_us.1 <= quiet_since_us)
            .map(|(row, entry)| (entry.received_us.1, reference(row, entry)))
            .collect();
        due.sort_by_key(|(came_us, trip)| (*came_us, trip.row));
        due.truncate(most);
        due.into_iter().map(|(_, trip)| trip).collect()
    }

    /// How many trips have messages that nothing is kept of yet.
    pub fn open_trips(&self) -> usize {
        lock(&self.shared.index).due().len()
    }

    /// The messages of a trip as they came, in order of their numbers; without those that are erased.
    ///
    /// # Errors
    /// When the files refuse or are damaged.
    pub fn messages(&self, trip: &TripRef) -> Result<Vec<Stored>, InboxError> {
        let key = {
            let index = lock(&self.shared.index);
            let entry = own(&index, trip);
            entry.and_then(|entry| entry.row.raw_key)
        };
        let Some(key) = key else {
            return Ok(Vec::new());
        };
        let mut messages = match self.chain(trip, &key) {
            // A record of the chain is damaged: the others are looked for one by one.
            Err(InboxError::Damaged { .. }) => self.picked(trip, &key)?,
            chain => chain?,
        };
        messages.sort_by_key(|(seq, _)| *seq);
        Ok(messages.into_iter().map(|(_, message)| message).collect())
    }

    /// The messages of a trip from the newest back.
    fn chain(&self, trip: &TripRef, key: &Key) -> Result<Vec<(u32, Stored)>, InboxError> {
        let (mut messages, mut at) = (Vec::new(), Some(trip.to));
        while let Some(position) = at {
            let (head, record) = self.raw.read(position)?;
            if head.row != trip.row || head.tenancy != trip.tenancy {
                break;
            }
            if head.kind != Kind::Refused {
                // A message under an older key is erased, and all before it.
                let Some(message) = opened(&head, key, &record) else {
                    break;
                };
                messages.push((head.seq, message));
            }
            at = head.before;
        }
        Ok(messages)
    }

    /// The messages of a trip from all records that are sound.
    fn picked(&self, trip: &TripRef, key: &Key) -> Result<Vec<(u32, Stored)>, InboxError> {
        let mut positions = Vec::new();
        self.raw.scan(|position, head, _| {
            let own = head.row == trip.row && head.tenancy == trip.tenancy;
            if own && head.kind != Kind::Refused && position <= trip.to {
                positions.push(position);
            }
        })?;
        let mut messages = Vec::new();
        for position in positions {
            let (head, record) = self.raw.read(position)?;
            messages.extend(opened(&head, key, &record).map(|message| (head.seq, message)));
        }
        Ok(messages)
    }

    /// Keeps of trips what is given, in the place of what was kept of them before; the disk has it
    /// when this returns. Without messages there is nothing to keep, and the trip counts as settled.
    ///
    /// # Errors
    /// When the disk refuses: nothing has changed then.
    pub fn keep(&self, trips: &[(TripRef, Vec<Stored>)]) -> Result<(), InboxError> {
        let system = SystemRandom::new();
        let mut log = lock(&self.kept);
        let at = log.next()?;
        let (mut records, mut settled) = (Vec::new(), Vec::new());
        for (trip, messages) in trips {
            let (kept_key, seen) = {
                let index = lock(&self.shared.index);
                let entry = own(&index, trip);
                // Forgotten in the meantime.
                let Some(entry) = entry else { continue };
                (entry.row.kept_key, entry.seen.to_bytes())
            };
            let start = records.len();
            let head = Head {
                kind: Kind::Kept,
                row: trip.row,
                tenancy: trip.tenancy,
                seq: messages.len() as u32,
                received_us: messages.iter().map(|it| it.received_us).max().unwrap_or(0),
                before: Some(trip.to),
                nonce: seal::random(&system),
            };
            head.begin(&mut records);
            records.extend_from_slice(&seen);
            let (from, to) = (start + 8, records.len());
            pack(messages, &mut records);
            seal::seal(&kept_key, head.nonce, &mut records, from, to);
            record::finish(&mut records, start);
            settled.push((trip, at + start as u64));
        }
        if records.is_empty() {
            return Ok(());
        }
        log.append(&records)?;
        let mut index = lock(&self.shared.index);
        for (trip, position) in settled {
            // Forgotten meanwhile, its row may be another's.
            if own(&index, trip).is_some() {
                index.settled(trip.row, position, trip.to);
            }
        }
        Ok(())
    }

    /// What is kept of a trip; `None` when nothing is.
    ///
    /// # Errors
    /// When the files refuse or are damaged.
    pub fn kept(&self, trip: &TripRef) -> Result<Option<Kept>, InboxError> {
        let kept = {
            let index = lock(&self.shared.index);
            let entry = own(&index, trip);
            entry.and_then(|entry| Some((entry.kept?, entry.row.kept_key)))
        };
        let Some((position, key)) = kept else {
            return Ok(None);
        };
        let (head, record) = self.kept_files.read(position)?;
        let seen = SeqSet::from_bytes(&record[HEAD_BYTES..]).map_or(0, |(_, length)| length);
        let (head_bytes, sealed) = record.split_at(HEAD_BYTES + seen);
        let text = seal::open(&key, head.nonce, &head_bytes[8..], sealed);
        let messages = text.map(Bytes::from).and_then(|text| unpack(&text));
        let messages = messages.ok_or_else(|| InboxError::Damaged {
            path: self.shared.folder.join("kept"),
            offset: position,
        })?;
        let key = trip.key.clone();
        Ok(Some(Kept {
            position,
            key,
            messages,
        }))
    }

    /// The trips of which something was kept after a position, in that order; at most `most`.
    pub fn kept_after(&self, position: Option<u64>, most: usize) -> Vec<(u64, TripRef)> {
        let index = lock(&self.shared.index);
        let kept = index.kept_after(position).take(most);
        kept.filter_map(|(at, row)| Some((at, reference(row, index.entry(row)?))))
            .collect()
    }

    /// Erases the messages as they came of settled trips whose newest came before a moment: their keys
    /// go, and the segments that hold nothing else. Gives how many trips.
    ///
    /// # Errors
    /// When the disk refuses; what is erased by then stays erased.
    pub fn erase_raw(&self, before_us: i64) -> Result<usize, InboxError> {
        let keys = lock(&self.shared.keys);
        let mut erased = Vec::new();
        {
            let mut index = lock(&self.shared.index);
            for (number, entry) in (0..).zip(&mut index.entries) {
                let Some(entry) = entry else { continue };
                let old = entry.raw.is_some() && entry.received_us.1 < before_us;
                if old && !entry.is_due() && entry.row.raw_key.take().is_some() {
                    (entry.raw, entry.raw_bytes) = (None, 0);
                    entry.received_us = (i64::MAX, i64::MIN);
                    erased.push((number, entry.row.clone()));
                }
            }
        }
        keys.write(erased.iter().map(|(number, row)| (*number, Some(row))))?;
        drop(keys);
        let oldest = {
            let index = lock(&self.shared.index);
            let firsts = rows(&index).filter_map(|(_, entry)| Some(entry.raw?.0));
            firsts.min()
        };
        // Without any, all but the last segment go.
        self.raw.drop_before(oldest.unwrap_or(u64::MAX))?;
        Ok(erased.len())
    }

    /// Forgets the trips whose newest message came before a day (days since 1970 UTC). Gives how many.
    ///
    /// # Errors
    /// As [`Inbox::erase_raw`].
    pub fn retain(&self, from_day: i32) -> Result<usize, InboxError> {
        let old = self.forget(|entry| entry.row.day < from_day && !entry.is_due())?;
        let oldest = {
            let index = lock(&self.shared.index);
            index.kept_after(None).next().map(|(at, _)| at)
        };
        self.kept_files.drop_before(oldest.unwrap_or(u64::MAX))?;
        Ok(old.len())
    }

    /// The trips of a device.
    pub fn trips_of(&self, device: &DeviceId) -> Vec<TripKey> {
        self.find(|entry| *entry.row.device == *device)
    }

    /// The trips whose secret has this hash: one, or none.
    pub fn find_claim(&self, claim: &[u8; 32]) -> Vec<TripKey> {
        self.find(|entry| entry.row.claim.as_ref() == Some(claim))
    }

    fn find(&self, which: impl Fn(&Entry) -> bool) -> Vec<TripKey> {
        let index = lock(&self.shared.index);
        let found = rows(&index).filter(|(_, entry)| which(entry));
        found
            .map(|(row, entry)| reference(row, entry).key)
            .collect()
    }

    /// Forgets trips: nothing of them can be read any more. Gives how many there were.
    ///
    /// # Errors
    /// As [`Inbox::erase_raw`].
    pub fn forget_trips(&self, trips: &[TripKey]) -> Result<usize, InboxError> {
        let names: BTreeSet<TripId> = trips.iter().map(|key| key.trip).collect();
        let gone = self.forget(|entry| names.contains(&entry.row.trip))?;
        Ok(gone.len())
    }

    fn forget(&self, which: impl Fn(&Entry) -> bool) -> Result<Vec<TripKey>, InboxError> {
        let keys = lock(&self.shared.keys);
        let gone: Vec<(u32, TripKey)> = {
            let index = lock(&self.shared.index);
            (rows(&index).filter(|(_, entry)| which(entry)))
                .map(|(row, entry)| (row, reference(row, entry).key))
                .collect()
        };
        keys.write(gone.iter().map(|(row, _)| (*row, None)))?;
        let mut index = lock(&self.shared.index);
        gone.iter().for_each(|(row, _)| index.forget(*row));
        Ok(gone.into_iter().map(|(_, key)| key).collect())
    }

    /// How many bytes lie on disk: messages as they came, and what is kept.
    pub fn disk_bytes(&self) -> (u64, u64) {
        (self.raw.bytes(), self.kept_files.bytes())
    }
}

fn rows(index: &Index) -> impl Iterator<Item = (u32, &Entry)> {
    let rows = (0..).zip(&index.entries);
    rows.filter_map(|(row, entry)| Some((row, entry.as_ref()?)))
}

/// The trip, if its row is still its own.
fn own<'a>(index: &'a Index, trip: &TripRef) -> Option<&'a Entry> {
    let entry = index.entry(trip.row);
    entry.filter(|entry| entry.row.tenancy == trip.tenancy)
}

fn reference(row: u32, entry: &Entry) -> TripRef {
    TripRef {
        row,
        tenancy: entry.row.tenancy,
        to: entry.raw.map_or(0, |(_, newest)| newest),
        key: TripKey {
            device: (*entry.row.device).clone(),
            trip: entry.row.trip,
        },
        ahead_us: entry.row.ahead_us,
    }
}

fn opened(head: &Head, key: &Key, record: &[u8]) -> Option<Stored> {
    let text = seal::open(key, head.nonce, bound(record), &record[HEAD_BYTES..])?;
    Some(Stored {
        received_us: head.received_us,
        payload: Bytes::from(text),
    })
}

/// Messages one after the other: when each came, its length, its bytes.
fn pack(messages: &[Stored], out: &mut Vec<u8>) {
    for message in messages {
        out.extend_from_slice(&message.received_us.to_le_bytes());
        out.extend_from_slice(&(message.payload.len() as u32).to_le_bytes());
        out.extend_from_slice(&message.payload);
    }
}

fn unpack(mut text: &[u8]) -> Option<Vec<Stored>> {
    let mut messages = Vec::new();
    while !text.is_empty() {
        if text.len() < 12 {
            return None;
        }
        let received_us = i64::from_le_bytes(part(text, 0));
        let length = u32::from_le_bytes(part(text, 8)) as usize;
        let payload = Bytes::copy_from_slice(text.get(12..12 + length)?);
        messages.push(Stored {
            received_us,
            payload,
        });
        text = &text[12 + length..];
    }
    Some(messages)
}
