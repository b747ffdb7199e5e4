//! The thread that writes: takes what waits, lays it out, appends it, and hands it on to be made last
//! and answered.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use rand::RngExt as _;
use rand_chacha::ChaCha20Rng;
use ring::rand::SystemRandom;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;
use trip::TripId;

use super::error::InboxError;
use super::index::{Index, Reason};
use super::landing::{self, Flight, Order};
use super::log::{Log, Segment, lock};
use super::put::{Letter, Outcome, Put};
use super::record::{self, HEAD_BYTES, Head, Kind};
use super::{Shared, seal};
use crate::ack::SeqSet;

/// What one commit takes at most: 8 MB, or so many messages.
const MAX_COMMIT_BYTES: usize = 8 << 20;
const MAX_COMMIT_PUTS: usize = 16_384;

/// A commit that is smaller waits for the one before it to land, and grows: every sync costs the disk
/// and two threads some tenth of a millisecond, whatever it holds.
const SMALL_COMMIT_BYTES: usize = 256 << 10;

/// How long after a refusal of the disk it is asked again.
const RETRY: Duration = Duration::from_millis(500);

/// A place in a trip's numbers takes memory only when numbers are missing; so many runs apart a phone
/// may be. It keeps 8 messages under way.
const MAX_RUNS: usize = 64;

pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) raw: Log,
    pub(super) queue: Receiver<Put>,
    pub(super) system: SystemRandom,
    /// For the seals: seeded from the system once, because asking it for each record costs more than
    /// the seal.
    pub(super) nonces: ChaCha20Rng,
    pub(super) landing: SyncSender<Order>,
    /// Where the next commit is laid out: new memory for each would cost more than what is written there.
    pub(super) sheet: Vec<u8>,
}

/// One commit on its way.
#[derive(Default)]
struct Commit {
    records: Vec<u8>,
    rows: Vec<u32>,
    answers: Vec<(Put, Outcome)>,
}

/// What the index says of a message.
enum Verdict {
    Stored(TripId, bool),
    Refused(Option<(TripId, u32)>, Reason),
    Standing,
}

impl Writer {
    /// Writes until the slot is closed and empty.
    pub(super) fn run(mut self) {
        let mut puts = Vec::new();
        while let Some(first) = self.queue.blocking_recv() {
            puts.push(first);
            let bytes = self.gather(&mut puts);
            if bytes < SMALL_COMMIT_BYTES && self.shared.flying.load(Ordering::Acquire) > 0 {
                // The disk is at work: what comes meanwhile goes into the same commit.
                self.wait_until_landed();
                self.gather(&mut puts);
            }
            self.commit(&mut puts);
        }
    }

    /// Takes what waits, up to a commit's size; how large it is then, bytes.
    fn gather(&mut self, puts: &mut Vec<Put>) -> usize {
        let mut bytes = puts.iter().map(|put| put.letter.size()).sum();
        while bytes < MAX_COMMIT_BYTES && puts.len() < MAX_COMMIT_PUTS {
            match self.queue.try_recv() {
                Ok(put) => {
                    bytes += put.letter.size();
                    puts.push(put);
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        bytes
    }

    /// Returns when all that was sent to be made last is answered.
    fn wait_until_landed(&self) {
        let (told, landed) = sync_channel(1);
        self.send(Order::Tell(told));
        // An error says that the thread is gone, and nothing is in the air.
        let _ = landed.recv();
    }

    fn commit(&mut self, puts: &mut Vec<Put>) {
        if self.shared.trouble().is_some() && !self.recovered() {
            landing::refuse(puts.drain(..).map(|put| (put, Outcome::Trouble)));
            return;
        }
        let from = self.raw.next();
        let commit = self.prepare(self.raw.end(), puts);
        let flight = Flight {
            from: self.raw.end(),
            bytes: commit.records.len(),
            written: from.and_then(|_| self.write(&commit)),
            answers: commit.answers,
        };
        self.sheet = commit.records;
        self.shared.flying.fetch_add(1, Ordering::Release);
        self.send(Order::Land(flight));
    }

    /// Lays the records of a commit out, from position `at` on, and what will be said of it.
    fn prepare(&mut self, at: u64, puts: &mut Vec<Put>) -> Commit {
        let mut commit = Commit {
            records: std::mem::take(&mut self.sheet),
            ..Commit::default()
        };
        commit.records.clear();
        let room = puts.iter().map(|put| put.letter.size()).sum();
        commit.records.reserve_exact(room);
        let shared = Arc::clone(&self.shared);
        let mut index = lock(&shared.index);
        let mut verdicts = Vec::with_capacity(puts.len());
        for put in puts.drain(..) {
            let verdict = match &put.letter {
                Letter::Hello { ahead_us, trips } => {
                    let changed = index.clock(&put.device, *ahead_us, trips);
                    commit.rows.extend(changed);
                    Verdict::Standing
                }
                Letter::Message { trip, seq, .. } => {
                    let stored = self.place(&mut index, &mut commit, at, &put, *trip, *seq);
                    match stored {
                        Ok(fresh) => Verdict::Stored(*trip, fresh),
                        Err(reason) => Verdict::Refused(Some((*trip, *seq)), reason),
                    }
                }
                Letter::Refused { of, reason } => {
                    // That its number is used is kept, where it has a place.
                    if let Some((trip, seq)) = of {
                        let _ = self.place(&mut index, &mut commit, at, &put, *trip, *seq);
                    }
                    Verdict::Refused(*of, reason)
                }
            };
            verdicts.push((put, verdict));
        }
        // What there is of a trip is what lasts when this commit does, and nothing later.
        let answers = verdicts.into_iter().map(|(put, verdict)| {
            let outcome = verdict.outcome(&put, &index);
            (put, outcome)
        });
        commit.answers = answers.collect();
        commit
    }

    /// Appends the record of a message; `false` when it was there.
    fn place(
        &mut self,
        index: &mut Index,
        commit: &mut Commit,
        at: u64,
        put: &Put,
        trip: TripId,
        seq: u32,
    ) -> Result<bool, Reason> {
        let limits = self.shared.limits;
        if let Some(entry) = index.row_of(trip).and_then(|row| index.entry(row)) {
            if *entry.row.device != *put.device {
                return Err("not_yours");
            }
            if entry.seen.contains(seq) {
                return Ok(false);
            }
            if entry.seen.runs_with(seq) > MAX_RUNS {
                return Err("too_many_gaps");
            }
            if entry.raw_bytes + put.letter.size() as u64 > limits.max_trip_bytes
                || put.received_us - entry.received_us.0.min(put.received_us) > limits.max_trip_us
            {
                return Err("trip_too_long");
            }
        }
        let (row, is_new) =
            index.room(&put.device, trip, put.received_us, &limits, &self.system)?;
        if is_new {
            commit.rows.push(row);
        }
        let entry = index.entry_mut(row).expect("it was just found");
        let kind = match &put.letter {
            Letter::Message { bye: true, .. } => Kind::Bye,
            Letter::Message { .. } => Kind::Message,
            _ => Kind::Refused,
        };
        let head = Head {
            kind,
            row,
            tenancy: entry.row.tenancy,
            seq,
            received_us: put.received_us,
            before: entry.raw.map(|(_, newest)| newest),
            nonce: self.nonces.random(),
        };
        let start = commit.records.len();
        head.begin(&mut commit.records);
        if let Letter::Message { payload, claim, .. } = &put.letter {
            commit.records.extend_from_slice(payload);
            let key = entry.row.raw_key.expect("room() gives one");
            let (from, to) = (start + 8, start + HEAD_BYTES);
            seal::seal(&key, head.nonce, &mut commit.records, from, to);
            if claim.is_some() && entry.row.claim.is_none() {
                entry.row.claim = *claim;
                commit.rows.push(row);
            }
        }
        record::finish(&mut commit.records, start);
        let length = commit.records.len() - start;
        entry.add(at + start as u64, &head, length);
        index.opened(row);
        Ok(true)
    }

    /// Keys first: a record whose key is not on disk could never be read.
    fn write(&mut self, commit: &Commit) -> Result<Option<Segment>, InboxError> {
        if !commit.rows.is_empty() {
            let keys = lock(&self.shared.keys);
            let index = lock(&self.shared.index);
            let row = |&row: &u32| Some((row, Some(index.entry(row)?.row.clone())));
            let rows: Vec<_> = commit.rows.iter().filter_map(row).collect();
            drop(index);
            let rows = rows.iter().map(|(number, row)| (*number, row.as_ref()));
            keys.write(rows)?;
        }
        if commit.records.is_empty() {
            return Ok(None);
        }
        self.raw.write(&commit.records).map(Some)
    }

    fn send(&self, order: Order) {
        // The thread that lands ends after this one.
        let _ = self.landing.send(order);
    }

    /// Asks the disk again, and reads the files anew when it is well.
    fn recovered(&mut self) -> bool {
        self.wait_until_landed();
        pause();
        let from = self.shared.lost_from(self.raw.end());
        let mut again = || -> Result<(), InboxError> {
            self.raw.cut(from)?;
            self.raw.next()?;
            self.shared.probe()?;
            self.shared.reread(&self.raw.files())
        };
        match again() {
            Ok(()) => {
                tracing::warn!("the inbox can be written again");
                self.shared.recovered();
                true
            }
            Err(_) => false,
        }
    }
}

impl Verdict {
    fn outcome(self, put: &Put, index: &Index) -> Outcome {
        let standing = |trip| index.standing(&put.device, trip);
        match self {
            Self::Stored(trip, fresh) => Outcome::Stored {
                trip,
                fresh,
                standing: standing(trip),
            },
            Self::Refused(of, reason) => Outcome::Refused {
                of,
                reason,
                standing: of.map_or_else(SeqSet::default, |(trip, _)| standing(trip)),
            },
            Self::Standing => {
                let trips = match &put.letter {
                    Letter::Hello { trips, .. } => trips.as_slice(),
                    _ => &[],
                };
                Outcome::Standing(trips.iter().map(|&trip| (trip, standing(trip))).collect())
            }
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a disk that refuses is asked twice a second, not in a spin"
)]
fn pause() {
    std::thread::sleep(RETRY);
}
