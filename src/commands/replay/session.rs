//! A map that is being extended, and what has become of the traces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aggregator::{Mode, Recorded, Store, StoreError, TripEvidence};
use anyhow::Context as _;
use ingest::intake::Tally;
use trip::TripKey;

use super::Taking;
use crate::pipeline::{self, ClosedTrip};
use crate::replay::{Outcome, Reading};

/// One replay into one map.
pub(super) struct Session {
    pub(super) store: Store,
    pub(super) taking: Taking,
    /// Evidence that is not in the map yet.
    pending: Vec<Pending>,
    /// How many trips go into the next transaction.
    stride: usize,
    /// In which traces of this replay each trip was met.
    met: BTreeMap<TripKey, Vec<PathBuf>>,
    /// Trips of which the map met different messages.
    disputes: BTreeMap<TripKey, Vec<Dispute>>,
    pub(super) recorded: BTreeMap<Recorded, u64>,
    /// Traces whose trips the map knew already.
    pub(super) known: Vec<PathBuf>,
    /// Traces that took the place of what the map held of their trips.
    pub(super) replaced: Vec<PathBuf>,
    /// Traces that hold parts of one trip and were read together.
    pub(super) joined: Vec<Vec<PathBuf>>,
    /// Traces that hold a part of a trip of which the map holds another.
    pub(super) halves: Vec<PathBuf>,
    /// Traces whose trips were to be judged anew and are not in the map.
    pub(super) unknown: Vec<PathBuf>,
    /// … and those whose trips the phone alone judged.
    pub(super) by_phone: Vec<PathBuf>,
    pub(super) counts: Counts,
}

/// What was read, in numbers.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) traces: u64,
    pub(super) refused_traces: u64,
    pub(super) refused: u64,
    pub(super) silent_trips: u64,
    pub(super) messages: u64,
    pub(super) samples: u64,
    pub(super) fixes: u64,
    pub(super) tally: Tally,
}

struct Pending {
    evidence: TripEvidence,
    by_phone: bool,
    source: PathBuf,
    /// Messages that the trace lacks of its trip.
    missing: u32,
}

struct Dispute {
    source: PathBuf,
    recorded: Recorded,
    missing: u32,
}

/// Trips in one transaction of the map, from the first to as many as there ever are: what is read is
/// in the map soon, and a long replay goes in strides that cost the engine half as much a trip (an
/// hour of driving is 100 kB).
const TRIPS_A_TRANSACTION: [usize; 2] = [256, 2048];

impl Session {
    pub(super) fn open(map: &Path, taking: Taking) -> anyhow::Result<Self> {
        if taking == Taking::Held && !map.exists() {
            // Opened for writing it would be made.
            let path = map.to_owned();
            return Err(StoreError::Missing { path }).context("cannot judge its trips anew");
        }
        let store = Store::open(map, Mode::Write).context("cannot build a map")?;
        Ok(Self {
            store,
            taking,
            pending: Vec::new(),
            stride: TRIPS_A_TRANSACTION[0],
            met: BTreeMap::new(),
            disputes: BTreeMap::new(),
            recorded: BTreeMap::new(),
            known: Vec::new(),
            replaced: Vec::new(),
            joined: Vec::new(),
            halves: Vec::new(),
            unknown: Vec::new(),
            by_phone: Vec::new(),
            counts: Counts::default(),
        })
    }

    /// Takes what came of one trace.
    pub(super) fn take(&mut self, path: &Path, outcome: Outcome) -> anyhow::Result<()> {
        self.counts.traces += 1;
        self.counts.refused_traces += u64::from(outcome.refused > 0);
        self.counts.refused += outcome.refused;
        self.counts.messages += outcome.messages;
        for trip in outcome.trips {
            self.take_trip(path, trip);
            if self.pending.len() >= self.stride {
                self.record()?;
                self.stride = (2 * self.stride).min(TRIPS_A_TRANSACTION[1]);
            }
        }
        Ok(())
    }

    fn take_trip(&mut self, path: &Path, trip: ClosedTrip) {
        self.counts.samples += trip.samples;
        self.counts.fixes += trip.fixes;
        self.counts.tally += trip.tally;
        if trip.evidence.report.is_empty() {
            self.counts.silent_trips += 1;
            return;
        }
        self.met
            .entry(trip.evidence.key.clone())
            .or_default()
            .push(path.to_owned());
        let (source, missing) = (path.to_owned(), trip.tally.missing);
        self.pending.push(Pending {
            evidence: trip.evidence,
            by_phone: trip.by_phone,
            source,
            missing,
        });
    }

    /// Puts what is pending into the map.
    fn record(&mut self) -> anyhow::Result<()> {
        let (mut evidence, mut origins) = (Vec::new(), Vec::new());
        for pending in self.pending.drain(..) {
            evidence.push(pending.evidence);
            origins.push((pending.by_phone, pending.source, pending.missing));
        }
        let recorded = self.write(&evidence)?;
        for ((recorded, of_trip), (by_phone, source, missing)) in
            recorded.into_iter().zip(evidence).zip(origins)
        {
            let Some(recorded) = recorded else {
                self.unknown.push(source);
                continue;
            };
            match recorded {
                Recorded::Superseded | Recorded::Outranked => {
                    let dispute = Dispute {
                        source,
                        recorded,
                        missing,
                    };
                    self.disputes.entry(of_trip.key).or_default().push(dispute);
                    continue;
                }
                Recorded::Unchanged if by_phone && self.taking == Taking::Held => {
                    self.by_phone.push(source);
                    continue;
                }
                Recorded::Unchanged => self.known.push(source),
                Recorded::Replaced => self.replaced.push(source),
                Recorded::Added | Recorded::Withdrawn | Recorded::Sealed => {}
            }
            *self.recorded.entry(recorded).or_default() += 1;
        }
        Ok(())
    }

    /// What became of each trip; `None` of those that were not to be taken in.
    fn write(&mut self, evidence: &[TripEvidence]) -> anyhow::Result<Vec<Option<Recorded>>> {
        let written = match self.taking {
            Taking::All => pipeline::record(&mut self.store, evidence)
                .map(|recorded| recorded.into_iter().map(Some).collect()),
            Taking::Held => pipeline::redetect(&mut self.store, evidence),
        };
        written.context("cannot extend the map")
    }

    /// Records what is left, reads trips that lie in several traces as one, and folds the map.
    pub(super) fn finish(&mut self, reading: &Reading) -> anyhow::Result<()> {
        self.record()?;
        for (key, disputes) in std::mem::take(&mut self.disputes) {
            let mut parts = self.met.get(&key).cloned().unwrap_or_default();
            parts.sort();
            parts.dedup();
            let readable = parts.len() > 1 && !parts.iter().any(|part| part == Path::new("-"));
            match readable.then(|| reading.joined(&key, &parts)).flatten() {
                Some(whole) => {
                    let recorded = self.write(&[whole.evidence])?;
                    // A trip of which one part was new is counted by that part.
                    if disputes.len() == parts.len() {
                        for recorded in recorded.into_iter().flatten() {
                            *self.recorded.entry(recorded).or_default() += 1;
                        }
                    }
                    self.joined.push(parts);
                }
                None => self.settle(disputes),
            }
        }
        self.store.project().context("cannot fold the map")
    }

    /// Tells the traces that hold another part of a trip from those that hold more of it, whole.
    fn settle(&mut self, disputes: Vec<Dispute>) {
        for dispute in disputes {
            *self.recorded.entry(dispute.recorded).or_default() += 1;
            let whole = dispute.recorded == Recorded::Superseded && dispute.missing == 0;
            let list = if whole {
                &mut self.replaced
            } else {
                &mut self.halves
            };
            list.push(dispute.source);
        }
    }
}
