//! What all phones together have done so far.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use ingest::outbox::{Letter, Settled};

use super::journey::Made;
use super::spread::Spread;

/// Counts that phones add to as they go.
#[derive(Debug, Default)]
pub struct Tally {
    /// Messages made.
    pub made: AtomicU64,
    /// Bytes of their payloads, each counted once.
    pub payload_bytes: AtomicU64,
    /// How much of drives they cover, µs.
    pub driven_us: AtomicI64,
    /// Messages that acks say are stored.
    pub acked: AtomicU64,
    /// Times that a message was sent again because no ack came.
    pub resent: AtomicU64,
    /// Times that a message was sent twice on purpose.
    pub repeated: AtomicU64,
    /// Bytes written to sockets, heads and requests included.
    pub sent_bytes: AtomicU64,
    /// Bytes read from sockets.
    pub heard_bytes: AtomicU64,
    /// Phones on the air now.
    pub connected: AtomicI64,
    /// How long a connection took until acks could be heard on it, µs.
    pub connect: Spread,
    /// From the first sending of a message to the ack that covers it, µs.
    pub ack: Spread,
    /// From the sending of a message to its PUBACK, µs.
    pub puback: Spread,
    /// Messages refused, by reason.
    nacked: Mutex<BTreeMap<String, u64>>,
    /// Nacks that name no message, by reason.
    nameless: Mutex<BTreeMap<String, u64>>,
    /// What went wrong with connections.
    troubles: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    pub(super) fn made(&self, made: &Made) {
        self.made.fetch_add(1, Relaxed);
        self.payload_bytes
            .fetch_add(made.payload.len() as u64, Relaxed);
        self.driven_us.fetch_add(made.span_us, Relaxed);
    }

    pub(super) fn sent(&self, letter: &Letter, times: u32) {
        self.resent.fetch_add(u64::from(letter.again), Relaxed);
        self.repeated.fetch_add(u64::from(times) - 1, Relaxed);
    }

    pub(super) fn settled(&self, settled: &Settled) {
        match &settled.refused {
            Some(reason) => count(&self.nacked, reason),
            None => {
                self.acked.fetch_add(1, Relaxed);
            }
        }
        if let Some(took_us) = settled.took_us {
            self.ack.add(took_us);
        }
    }

    pub(super) fn nameless(&self, reason: &str) {
        count(&self.nameless, reason);
    }

    /// Counts what went wrong with a connection; the text names no phone.
    pub(super) fn trouble(&self, what: &str) {
        count(&self.troubles, what);
    }

    /// Messages refused, by reason.
    pub fn nacked(&self) -> BTreeMap<String, u64> {
        lock(&self.nacked).clone()
    }

    /// Nacks that name no message, by reason.
    pub fn nameless_nacks(&self) -> BTreeMap<String, u64> {
        lock(&self.nameless).clone()
    }

    /// What went wrong with connections.
    pub fn troubles(&self) -> BTreeMap<String, u64> {
        lock(&self.troubles).clone()
    }

    /// Messages made that neither an ack nor a nack covers.
    pub fn waiting(&self) -> u64 {
        let settled = self.acked.load(Relaxed) + self.nacked().values().sum::<u64>();
        self.made.load(Relaxed).saturating_sub(settled)
    }
}

fn count(counts: &Mutex<BTreeMap<String, u64>>, what: &str) {
    let mut counts = lock(counts);
    match counts.get_mut(what) {
        Some(n) => *n += 1,
        None => {
            counts.insert(what.to_owned(), 1);
        }
    }
}

/// Nothing is left half done when a thread that held it panics.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
