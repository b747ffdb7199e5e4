//! The thread that writes: takes what waits, appends it, makes it last with one call, and only then
//! answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ring::rand::SystemRandom;
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;
use trip::TripId;

use super::error::InboxError;
use super::index::{Index, Reason};
use super::log::{Log, lock};
use super::put::{Answer, Letter, Outcome, Put};
use super::record::{self, HEAD_BYTES, Head, Kind};
use super::{Shared, seal};
use crate::ack::SeqSet;

/// What one commit takes at most: 8 MB, or so many messages.
const MAX_COMMIT_BYTES: usize = 8 << 20;
const MAX_COMMIT_PUTS: usize = 16_384;

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
}

/// One commit on its way.
#[derive(Default)]
struct Commit {
    records: Vec<u8>,
    rows: Vec<u32>,
    answers: Vec<(Put, Verdict)>,
}

/// What the index says of a message; what there is of its trip is looked up when all is on disk.
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
            let mut bytes = first.letter.size();
            puts.push(first);
            while bytes < MAX_COMMIT_BYTES && puts.len() < MAX_COMMIT_PUTS {
                match self.queue.try_recv() {
                    Ok(put) => {
                        bytes += put.letter.size();
                        puts.push(put);
                    }
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
                }
            }
            self.commit(&mut puts);
        }
    }

    fn commit(&mut self, puts: &mut Vec<Put>) {
        if self.shared.trouble().is_some() && !self.recovered() {
            puts.drain(..).for_each(|put| answer(put, Outcome::Trouble));
            return;
        }
        let commit = match self.raw.next() {
            Ok(at) => self.prepare(at, puts),
            Err(error) => {
                self.troubled(&error);
                puts.drain(..).for_each(|put| answer(put, Outcome::Trouble));
                return;
            }
        };
        match self.write(&commit) {
            Ok(()) => self.tell(commit.answers),
            Err(error) => {
                self.troubled(&error);
                for (put, _) in commit.answers {
                    answer(put, Outcome::Trouble);
                }
            }
        }
    }

    /// Lays the records of a commit out, from position `at` on.
    fn prepare(&self, at: u64, puts: &mut Vec<Put>) -> Commit {
        let mut commit = Commit::default();
        let mut index = lock(&self.shared.index);
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
            commit.answers.push((put, verdict));
        }
        commit
    }

    /// Appends the record of a message; `false` when it was there.
    fn place(
        &self,
        index: &mut Index,
        commit: &mut Commit,
        at: u64,
        put: &Put,
        trip: TripId,
        seq: u32,
    ) -> Result<bool, Reason> {
        let limits = &self.shared.limits;
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
        let (row, is_new) = index.room(&put.device, trip, put.received_us, limits, &self.system)?;
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
            nonce: seal::random(&self.system),
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
    fn write(&mut self, commit: &Commit) -> Result<(), InboxError> {
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
            return Ok(());
        }
        let began = now();
        self.raw.append(&commit.records)?;
        self.shared
            .counters
            .committed(began.elapsed(), commit.records.len());
        Ok(())
    }

    fn tell(&self, answers: Vec<(Put, Verdict)>) {
        let counters = &self.shared.counters;
        let index = lock(&self.shared.index);
        for (put, verdict) in answers {
            let standing = |trip| index.standing(&put.device, trip);
            let outcome = match verdict {
                Verdict::Stored(trip, fresh) => {
                    let counter = if fresh {
                        &counters.accepted
                    } else {
                        &counters.duplicates
                    };
                    counter.fetch_add(1, Ordering::Relaxed);
                    let standing = standing(trip);
                    Outcome::Stored {
                        trip,
                        fresh,
                        standing,
                    }
                }
                Verdict::Refused(of, reason) => {
                    counters.refused(reason);
                    let standing = of.map_or_else(SeqSet::default, |(trip, _)| standing(trip));
                    Outcome::Refused {
                        of,
                        reason,
                        standing,
                    }
                }
                Verdict::Standing => {
                    let Letter::Hello { trips, .. } = &put.letter else {
                        continue;
                    };
                    let trips = trips.iter().map(|&trip| (trip, standing(trip)));
                    Outcome::Standing(trips.collect())
                }
            };
            answer(put, outcome);
        }
    }

    /// The disk refused: what memory says is no longer what the files say.
    fn troubled(&self, error: &InboxError) {
        tracing::error!("the inbox cannot be written: {error}: {}", cause(error));
        let text = if error.is_full() {
            "the disk is full"
        } else {
            "the disk refuses to be written"
        };
        self.shared.set_trouble(Some(text));
    }

    /// Asks the disk again, and reads the files anew when it is well.
    fn recovered(&mut self) -> bool {
        pause();
        let mut again = || -> Result<(), InboxError> {
            self.raw.next()?;
            self.shared.probe()?;
            self.shared.reread(&self.raw.files())
        };
        match again() {
            Ok(()) => {
                tracing::warn!("the inbox can be written again");
                self.shared.set_trouble(None);
                true
            }
            Err(_) => false,
        }
    }
}

fn answer(put: Put, outcome: Outcome) {
    let token = put.token;
    // A listener that is gone hears of it when it asks again.
    let _ = put.reply.send(Answer { token, outcome });
}

fn cause(error: &InboxError) -> String {
    std::error::Error::source(error).map_or_else(String::new, ToString::to_string)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the disk takes is a figure for the operator"
)]
fn now() -> Instant {
    Instant::now()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a disk that refuses is asked twice a second, not in a spin"
)]
fn pause() {
    std::thread::sleep(RETRY);
}
