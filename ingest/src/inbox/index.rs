//! What the inbox has of every trip: in memory, and made anew from the files at every start.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use ring::rand::SystemRandom;
use trip::{DeviceId, TripId};

use super::Limits;
use super::keys::Row;
use super::record::{HEAD_BYTES, Head, Kind};
use super::seal;
use crate::ack::SeqSet;
use crate::clock::day_of;

/// One trip.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) row: Row,
    /// Which numbers are there, or were refused.
    pub(super) seen: SeqSet,
    /// The number of its goodbye.
    pub(super) bye: Option<u32>,
    /// The records of its messages as they came: the first, the newest.
    pub(super) raw: Option<(u64, u64)>,
    /// Bytes of its messages as they came.
    pub(super) raw_bytes: u64,
    /// When the first of these and the newest came, µs.
    pub(super) received_us: (i64, i64),
    /// What is kept of it: where, and up to which raw record that speaks.
    pub(super) kept: Option<u64>,
    pub(super) settled_to: Option<u64>,
}

/// The trips, by row and by name.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) entries: Vec<Option<Entry>>,
    by_trip: HashMap<TripId, u32>,
    free: Vec<u32>,
    /// The trips that have messages that nothing is kept of yet.
    due: BTreeSet<u32>,
    /// How many of these each device has.
    open: HashMap<Arc<DeviceId>, u32>,
    /// The trips of which something is kept, by where that stands.
    kept: BTreeMap<u64, u32>,
    /// How far the clocks of phones were ahead when they last said hello, where it matters.
    ahead_us: HashMap<Arc<DeviceId>, i64>,
}

/// Why the index refuses a message: a code of `WIRE.md`.
pub(super) type Reason = &'static str;

/// Clocks that differ by less are right, µs.
const CLOCK_LEEWAY_US: i64 = 300_000_000;

impl Index {
    /// An index of the trips in a table, of which no record is known yet.
    pub(super) fn of(rows: Vec<Option<Row>>) -> Self {
        let mut index = Self::default();
        for (number, row) in (0..).zip(rows) {
            match &row {
                Some(row) => {
                    index.by_trip.insert(row.trip, number);
                }
                None => index.free.push(number),
            }
            index.entries.push(row.map(Entry::new));
        }
        index
    }

    /// Takes a record in that a file holds.
    pub(super) fn found(&mut self, position: u64, head: &Head, body: &[u8]) {
        let Some(Some(entry)) = self.entries.get_mut(head.row as usize) else {
            return;
        };
        if entry.row.tenancy != head.tenancy {
            return;
        }
        if head.kind == Kind::Kept {
            entry.kept = Some(position);
            entry.settled_to = head.before.max(entry.settled_to);
            if let Some((seen, _)) = SeqSet::from_bytes(body) {
                entry.seen.extend(&seen);
            }
            entry.row.day = entry.row.day.max(day_of(head.received_us));
        } else {
            entry.add(position, head, HEAD_BYTES + body.len());
        }
    }

    /// Puts the trips in their orders, when all files are read.
    pub(super) fn settle_down(&mut self) {
        let rows = (0..).zip(&self.entries);
        let entries: Vec<_> = rows
            .filter_map(|(row, it)| Some((row, it.as_ref()?)))
            .collect();
        let due = entries.iter().filter(|(_, entry)| entry.is_due());
        let due: Vec<u32> = due.map(|(row, _)| *row).collect();
        let kept = entries
            .iter()
            .filter_map(|(row, entry)| Some((entry.kept?, *row)));
        self.kept = kept.collect();
        due.into_iter().for_each(|row| self.opened(row));
    }

    /// The trips that have messages that nothing is kept of yet.
    pub(super) fn due(&self) -> &BTreeSet<u32> {
        &self.due
    }

    /// The trips of which something is kept after a position, in that order.
    pub(super) fn kept_after(&self, position: Option<u64>) -> impl Iterator<Item = (u64, u32)> {
        let from = position.map_or(Bound::Unbounded, Bound::Excluded);
        let kept = self.kept.range((from, Bound::Unbounded));
        kept.map(|(position, row)| (*position, *row))
    }

    /// The row of a trip.
    pub(super) fn row_of(&self, trip: TripId) -> Option<u32> {
        self.by_trip.get(&trip).copied()
    }

    pub(super) fn entry(&self, row: u32) -> Option<&Entry> {
        self.entries.get(row as usize)?.as_ref()
    }

    pub(super) fn entry_mut(&mut self, row: u32) -> Option<&mut Entry> {
        self.entries.get_mut(row as usize)?.as_mut()
    }

    /// What there is of a device's trip; nothing of another's.
    pub(super) fn standing(&self, device: &DeviceId, trip: TripId) -> SeqSet {
        let entry = self.row_of(trip).and_then(|row| self.entry(row));
        let own = entry.filter(|entry| *entry.row.device == *device);
        own.map(|entry| entry.seen.clone()).unwrap_or_default()
    }

    /// The row for a message of a trip; the second value says that it has to be written: it is new,
    /// or has a new key.
    pub(super) fn room(
        &mut self,
        device: &Arc<DeviceId>,
        trip: TripId,
        received_us: i64,
        limits: &Limits,
        system: &SystemRandom,
    ) -> Result<(u32, bool), Reason> {
        if let Some(row) = self.row_of(trip) {
            let entry = self.entries[row as usize].as_mut().expect("it has a name");
            if *entry.row.device != **device {
                return Err("not_yours");
            }
            let erased = entry.row.raw_key.is_none();
            if erased {
                entry.row.raw_key = Some(seal::random(system));
            }
            return Ok((row, erased));
        }
        if self.open.get(device).copied().unwrap_or(0) >= limits.max_open_trips {
            return Err("too_many_trips");
        }
        let row = self.free.pop().unwrap_or(self.entries.len() as u32);
        if row as usize == self.entries.len() {
            self.entries.push(None);
        }
        self.entries[row as usize] = Some(Entry::new(Row {
            tenancy: u32::from_le_bytes(seal::random(system)),
            device: Arc::clone(device),
            trip,
            raw_key: Some(seal::random(system)),
            kept_key: seal::random(system),
            claim: None,
            day: day_of(received_us),
            ahead_us: self.ahead_us.get(device).copied().unwrap_or(0),
        }));
        self.by_trip.insert(trip, row);
        Ok((row, true))
    }

    /// A phone said what time it is; rows whose trips learn from it are named.
    pub(super) fn clock(
        &mut self,
        device: &Arc<DeviceId>,
        ahead_us: i64,
        trips: &[TripId],
    ) -> Vec<u32> {
        if ahead_us.abs() < CLOCK_LEEWAY_US {
            self.ahead_us.remove(device);
            return Vec::new();
        }
        self.ahead_us.insert(Arc::clone(device), ahead_us);
        let mut changed = Vec::new();
        let rows: Vec<u32> = trips.iter().filter_map(|&trip| self.row_of(trip)).collect();
        for row in rows {
            if let Some(entry) = self.entry_mut(row)
                && *entry.row.device == **device
                && entry.row.ahead_us == 0
                && entry.kept.is_none()
            {
                entry.row.ahead_us = ahead_us;
                changed.push(row);
            }
        }
        changed
    }

    /// What is kept of a trip stands there, and speaks of its messages up to a record.
    pub(super) fn settled(&mut self, row: u32, kept: u64, to: u64) {
        let Some(entry) = self.entry_mut(row) else {
            return;
        };
        let before = entry.kept.replace(kept);
        entry.settled_to = Some(to).max(entry.settled_to);
        let is_due = entry.is_due();
        if let Some(before) = before {
            self.kept.remove(&before);
        }
        self.kept.insert(kept, row);
        if !is_due {
            self.closed(row);
        }
    }

    /// A trip has a message that nothing is kept of yet.
    pub(super) fn opened(&mut self, row: u32) {
        if self.due.insert(row)
            && let Some(entry) = self.entry(row)
        {
            let device = Arc::clone(&entry.row.device);
            *self.open.entry(device).or_default() += 1;
        }
    }

    fn closed(&mut self, row: u32) {
        if !self.due.remove(&row) {
            return;
        }
        let device = self.entry(row).map(|entry| Arc::clone(&entry.row.device));
        if let Some(device) = device
            && let Some(open) = self.open.get_mut(&device)
        {
            *open -= 1;
            if *open == 0 {
                self.open.remove(&device);
            }
        }
    }

    /// Forgets a trip, and frees its row.
    pub(super) fn forget(&mut self, row: u32) {
        self.closed(row);
        let Some(entry) = self.entries.get_mut(row as usize).and_then(Option::take) else {
            return;
        };
        self.by_trip.remove(&entry.row.trip);
        if let Some(kept) = entry.kept {
            self.kept.remove(&kept);
        }
        self.free.push(row);
    }
}

impl Entry {
    fn new(row: Row) -> Self {
        Self {
            row,
            seen: SeqSet::default(),
            bye: None,
            raw: None,
            raw_bytes: 0,
            received_us: (i64::MAX, i64::MIN),
            kept: None,
            settled_to: None,
        }
    }

    /// Adds a message's record.
    pub(super) fn add(&mut self, position: u64, head: &Head, length: usize) {
        self.seen.insert(head.seq);
        if head.kind == Kind::Bye {
            self.bye = self.bye.max(Some(head.seq));
        }
        let first = self.raw.map_or(position, |(first, _)| first);
        self.raw = Some((first, position));
        self.raw_bytes += length as u64;
        let (from, to) = self.received_us;
        self.received_us = (from.min(head.received_us), to.max(head.received_us));
        self.row.day = self.row.day.max(day_of(head.received_us));
    }

    /// Whether it has messages that nothing is kept of yet.
    pub(super) fn is_due(&self) -> bool {
        self.raw
            .is_some_and(|(_, newest)| self.settled_to.is_none_or(|to| to < newest))
    }

    /// Whether the phone said goodbye and nothing before that is missing.
    pub(super) fn is_complete(&self) -> bool {
        self.bye
            .is_some_and(|bye| self.seen.upto().is_some_and(|upto| bye <= upto))
    }
}
