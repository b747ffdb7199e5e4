//! The thread between inbox and map: settles trips that ended, has them judged, brings the evidence
//! to the map, erases what has had its time.
//!
//! ```text
//! inbox raw ─► settle ─► inbox kept ─► pipeline ─► map
//! ```
//!
//! What is kept is what is judged, so that an export of the inbox replays to the same map. The map
//! knows how far it has come in what is kept: after a crash the clerk goes on there.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aggregator::{Taken, TripEvidence};
use ingest::causes::in_one_line;
use ingest::clock::{day_of, now_us};
use ingest::inbox::{Inbox, InboxError, Kept, Stored, TripRef};
use ingest::wire::{self, Incoming};
use trip::DeviceId;

use super::cartographer::Cartographer;
use super::settle::{Cut, settled};
use crate::parallel;
use crate::pipeline::{ClosedTrip, Pipeline};

/// What the clerk works by.
pub struct Clerk {
    /// From here …
    pub inbox: Arc<Inbox>,
    /// … to there.
    pub map: Cartographer,
    /// How the ends of trips are cut.
    pub cut: Cut,
    /// How trips are judged.
    pub detector: detector::Config,
    /// The device whose witness a device's is, where many from one source count as few.
    pub witness: Arc<Witness>,
    /// How long a phone may say nothing until its trip has ended, µs.
    pub idle_us: i64,
    /// How long messages as they came are readable after a trip's end, µs.
    pub raw_us: i64,
    /// How many days what is kept of a trip is kept.
    pub retention_days: i32,
    /// What the clerk has done.
    pub progress: Arc<Progress>,
}

/// The device whose witness a device's is; `None`: its own.
pub type Witness = dyn Fn(&DeviceId) -> Option<DeviceId> + Send + Sync;

/// What the clerk has done and has yet to do, for operators.
#[derive(Debug, Default)]
pub struct Progress {
    /// Trips that ended and are not settled yet.
    pub due: AtomicU64,
    /// How far the map has come in what is kept: one more than the position; 0 is nothing.
    pub taken: AtomicU64,
    /// How long the oldest of either has waited, µs.
    pub behind_us: AtomicI64,
    /// Trips judged.
    pub judged: AtomicU64,
    /// Trips of which nothing was left without their ends.
    pub too_short: AtomicU64,
    /// Seconds driven that were judged.
    pub driven_s: AtomicU64,
    /// Bytes that are kept of them.
    pub kept_bytes: AtomicU64,
    /// Files that refuse, or are damaged.
    pub failures: AtomicU64,
}

/// How many trips are settled, or judged, in one go.
const STRIDE: usize = 256;

/// How often the clerk looks whether a trip has ended.
const REST: Duration = Duration::from_millis(200);

/// How often what has had its time is erased.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

impl Clerk {
    /// Works until it is told to stop; trips that ended by then are settled and in the map.
    pub fn run(self, stop: &AtomicBool) {
        let mut cleaned = None::<Instant>;
        let mut place = None;
        loop {
            let stopping = stop.load(Ordering::Relaxed);
            let busy = self.work(&mut place);
            if cleaned.is_none_or(|at| at.elapsed() >= HOUSEKEEPING) {
                self.told(self.erase());
                cleaned = Some(Instant::now());
            }
            if stopping {
                return;
            }
            if !busy {
                std::thread::sleep(REST);
            }
        }
    }

    /// One round; whether there may be more to do at once.
    fn work(&self, place: &mut Option<Option<u64>>) -> bool {
        let settled = self.told(self.settle());
        if place.is_none() {
            *place = self.map.taken(self.inbox.id()).ok();
        }
        let Some(position) = place else {
            return false;
        };
        let taken = position.map_or(0, |position| position + 1);
        self.progress.taken.store(taken, Ordering::Relaxed);
        let taken = match self.take_in(*position) {
            Ok(Some(to)) => {
                *position = Some(to);
                self.progress.taken.store(to + 1, Ordering::Relaxed);
                true
            }
            Ok(None) => false,
            Err(()) => {
                *place = None;
                false
            }
        };
        settled.unwrap_or(false) || taken
    }

    fn told<T>(&self, result: Result<T, InboxError>) -> Option<T> {
        result
            .inspect_err(|error| {
                self.progress.failures.fetch_add(1, Ordering::Relaxed);
                tracing::error!("the inbox: {}", in_one_line(error));
            })
            .ok()
    }

    /// Settles trips that have ended; whether there may be more.
    fn settle(&self) -> Result<bool, InboxError> {
        let now_us = now_us();
        let due = self.inbox.due(now_us - self.idle_us, STRIDE);
        self.progress.due.store(due.len() as u64, Ordering::Relaxed);
        if due.is_empty() {
            return Ok(false);
        }
        let mut kept = Vec::with_capacity(due.len());
        let mut failed = None;
        let settle = |trip: &TripRef| self.settled(trip);
        parallel::in_order(
            &due,
            parallel::workers(),
            settle,
            |trip, messages| match messages {
                Ok(messages) => {
                    kept.push((trip.clone(), messages));
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            },
        );
        self.inbox.keep(&kept)?;
        failed.map_or(Ok(due.len() == STRIDE), Err)
    }

    /// What is to be kept of a trip: what came of it, without its ends, and of what was kept before
    /// that which can be read nowhere else any more.
    fn settled(&self, trip: &TripRef) -> Result<Vec<Stored>, InboxError> {
        let messages = self.inbox.messages(trip)?;
        let fresh = settled(&messages, &trip.key.device, trip.ahead_us, &self.cut);
        let before = self.inbox.kept(trip)?.map(|kept| kept.messages);
        let before = before.into_iter().flatten().filter_map(|message| {
            let (_, seq) = wire::name_of(&message.payload)?;
            Some((seq, message))
        });
        let by_number: BTreeMap<u32, Stored> = before.chain(fresh).collect();
        Ok(by_number.into_values().collect())
    }

    /// Brings the next trips to the map; how far it is then, or `None` when there was nothing.
    fn take_in(&self, position: Option<u64>) -> Result<Option<u64>, ()> {
        let next = self.inbox.kept_after(position, STRIDE);
        let Some((to, _)) = next.last() else {
            self.progress.behind_us.store(0, Ordering::Relaxed);
            return Ok(None);
        };
        let mut evidence = Vec::new();
        let judge = |(_, trip): &(u64, TripRef)| {
            self.inbox.kept(trip).map(|kept| {
                self.note_lag(kept.as_ref());
                kept.and_then(|kept| self.judged(&kept))
            })
        };
        parallel::in_order(&next, parallel::workers(), judge, |_, closed| {
            // A trip that cannot be read has been told of, and stays out.
            let closed = self.told(closed).flatten();
            evidence.extend(closed.and_then(|closed| self.evidence(closed)));
            ControlFlow::Continue(())
        });
        let taken = Taken {
            inbox: self.inbox.id().to_owned(),
            position: *to,
        };
        self.map.record(evidence, taken).map_err(|_| ())?;
        Ok(Some(*to))
    }

    fn note_lag(&self, kept: Option<&Kept>) {
        let came_us = kept.and_then(|kept| kept.messages.iter().map(|it| it.received_us).max());
        if let Some(came_us) = came_us {
            let behind_us = now_us() - came_us;
            self.progress.behind_us.store(behind_us, Ordering::Relaxed);
        }
    }

    /// What a trip says.
    fn judged(&self, kept: &Kept) -> Option<ClosedTrip> {
        let mut pipeline = Pipeline::new(self.detector.clone(), None);
        for message in &kept.messages {
            if let Ok(Incoming::Message(message)) = wire::decode(&message.payload) {
                pipeline.feed(&kept.key, message);
            }
        }
        let bytes: usize = kept.messages.iter().map(|it| it.payload.len()).sum();
        let bytes = bytes as u64;
        self.progress.kept_bytes.fetch_add(bytes, Ordering::Relaxed);
        pipeline.close(&kept.key)
    }

    /// What the map takes of it.
    fn evidence(&self, closed: ClosedTrip) -> Option<TripEvidence> {
        let evidence = closed.evidence;
        let driven_s = (evidence.last_us - evidence.first_us).max(0) / 1_000_000;
        self.progress.judged.fetch_add(1, Ordering::Relaxed);
        self.progress
            .driven_s
            .fetch_add(driven_s as u64, Ordering::Relaxed);
        if evidence.report.is_empty() {
            self.progress.too_short.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(TripEvidence {
            counts_as: (self.witness)(&evidence.key.device),
            ..evidence
        })
    }

    /// Erases what has had its time.
    fn erase(&self) -> Result<(), InboxError> {
        let now_us = now_us();
        self.inbox.erase_raw(now_us - self.raw_us)?;
        self.inbox.retain(day_of(now_us) - self.retention_days)?;
        Ok(())
    }
}
