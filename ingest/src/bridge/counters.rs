//! What the bridge has done so far.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Counts since the start, written by the bridge and read by whoever shows them.
#[derive(Debug, Default)]
pub struct Counters {
    connected: AtomicBool,
    pub(super) connections: AtomicU64,
    pub(super) received: AtomicU64,
    pub(super) received_bytes: AtomicU64,
    pub(super) foreign_topics: AtomicU64,
    pub(super) stored: AtomicU64,
    pub(super) repeated: AtomicU64,
    pub(super) hellos: AtomicU64,
    pub(super) troubles: AtomicU64,
    pub(super) acked: AtomicU64,
    pub(super) told: AtomicU64,
    pub(super) untold: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Whether the bridge is connected and subscribed now.
    pub connected: bool,
    /// Connections that came to be, the first one included.
    pub connections: u64,
    /// Messages that the broker brought.
    pub received: u64,
    /// Their payloads, bytes.
    pub received_bytes: u64,
    /// Those on a topic that is no device's, acknowledged and dropped.
    pub foreign_topics: u64,
    /// Letters stored for the first time.
    pub stored: u64,
    /// Letters that were there already.
    pub repeated: u64,
    /// Letters that asked what is there.
    pub hellos: u64,
    /// Letters that the inbox could not take; the broker is asked for them again.
    pub troubles: u64,
    /// Messages acknowledged to the broker.
    pub acked: u64,
    /// Acks published to phones.
    pub told: u64,
    /// Acks that no connection took; the next one to the same trip says the same.
    pub untold: u64,
    /// Letters refused, by the code of `WIRE.md`.
    pub refused: BTreeMap<&'static str, u64>,
}

impl Counters {
    /// The counts now.
    pub fn counts(&self) -> Counts {
        Counts {
            connected: self.connected.load(Relaxed),
            connections: self.connections.load(Relaxed),
            received: self.received.load(Relaxed),
            received_bytes: self.received_bytes.load(Relaxed),
            foreign_topics: self.foreign_topics.load(Relaxed),
            stored: self.stored.load(Relaxed),
            repeated: self.repeated.load(Relaxed),
            hellos: self.hellos.load(Relaxed),
            troubles: self.troubles.load(Relaxed),
            acked: self.acked.load(Relaxed),
            told: self.told.load(Relaxed),
            untold: self.untold.load(Relaxed),
            refused: self.refused().clone(),
        }
    }

    pub(super) fn here(&self) {
        self.connected.store(true, Relaxed);
        one(&self.connections);
    }

    pub(super) fn gone(&self) {
        self.connected.store(false, Relaxed);
    }

    pub(super) fn refuse(&self, reason: &'static str) {
        *self.refused().entry(reason).or_default() += 1;
    }

    /// Counts stay counts, whoever panicked beside them.
    fn refused(&self) -> std::sync::MutexGuard<'_, BTreeMap<&'static str, u64>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One more.
pub(super) fn one(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
