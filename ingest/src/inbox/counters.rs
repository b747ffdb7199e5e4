//! What an inbox counts: for operators, without names or places.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::log::lock;

/// Counts since the inbox was opened.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) accepted: AtomicU64,
    pub(super) duplicates: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
    commits: AtomicU64,
    commit_us: AtomicU64,
    slowest_commit_us: AtomicU64,
    bytes: AtomicU64,
    damaged_bytes: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Messages stored.
    pub accepted: u64,
    /// Messages that were there already, and acked again.
    pub duplicates: u64,
    /// Messages refused, by code.
    pub refused: BTreeMap<&'static str, u64>,
    /// Commits, each with one sync of the disk.
    pub commits: u64,
    /// Time in these, µs.
    pub commit_us: u64,
    /// The longest of them, µs.
    pub slowest_commit_us: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Bytes of the files that are no records: cut off by a crash, or damaged.
    pub damaged_bytes: u64,
}

impl Counters {
    pub(super) fn refused(&self, reason: &'static str) {
        *lock(&self.refused).entry(reason).or_default() += 1;
    }

    pub(super) fn committed(&self, took: Duration, bytes: usize) {
        let us = took.as_micros() as u64;
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.commit_us.fetch_add(us, Ordering::Relaxed);
        self.slowest_commit_us.fetch_max(us, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn passed_over(&self, bytes: u64) {
        self.damaged_bytes.store(bytes, Ordering::Relaxed);
    }

    /// The counts now.
    pub fn figures(&self) -> Figures {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Figures {
            accepted: of(&self.accepted),
            duplicates: of(&self.duplicates),
            refused: lock(&self.refused).clone(),
            commits: of(&self.commits),
            commit_us: of(&self.commit_us),
            slowest_commit_us: of(&self.slowest_commit_us),
            bytes: of(&self.bytes),
            damaged_bytes: of(&self.damaged_bytes),
        }
    }
}
