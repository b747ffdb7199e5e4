//! The thread that makes last what the writer has written, and only then answers. Meanwhile the writer
//! lays out the next commit: the disk and the processor work at the same time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Instant;

use super::Shared;
use super::error::InboxError;
use super::log::{Files, Segment};
use super::put::{Answer, Outcome, Put};

/// A commit on its way from the writer to the disk.
pub(super) struct Flight {
    /// Where its first record begins.
    pub(super) from: u64,
    /// How many bytes its records have.
    pub(super) bytes: usize,
    /// The segment where they stand; `None` when there are none.
    pub(super) written: Result<Option<Segment>, InboxError>,
    /// What is said when they last.
    pub(super) answers: Vec<(Put, Outcome)>,
}

/// What the writer sends.
pub(super) enum Order {
    /// To be made last, and answered.
    Land(Flight),
    /// To be told when all before it is answered.
    Tell(SyncSender<()>),
}

/// The thread's own.
pub(super) struct Landing {
    pub(super) shared: Arc<Shared>,
    pub(super) raw: Arc<Files>,
    pub(super) orders: Receiver<Order>,
}

impl Landing {
    /// Works until the writer is gone.
    pub(super) fn run(self) {
        while let Ok(first) = self.orders.recv() {
            let (mut flights, mut told) = (Vec::new(), Vec::new());
            for order in std::iter::once(first).chain(self.orders.try_iter()) {
                match order {
                    Order::Land(flight) => flights.push(flight),
                    Order::Tell(waiting) => told.push(waiting),
                }
            }
            let count = flights.len();
            self.land(flights);
            self.shared.flying.fetch_sub(count, Ordering::Release);
            for waiting in told {
                // The writer waits for it, or is gone.
                let _ = waiting.send(());
            }
        }
    }

    /// Lands flights in their order, with one sync of each file; from the first that fails on, none has.
    fn land(&self, flights: Vec<Flight>) {
        let mut last: Option<Segment> = None;
        let mut landed = Vec::new();
        for flight in flights {
            if self.shared.trouble().is_some() {
                refuse(flight.answers);
                continue;
            }
            let written = match &flight.written {
                Ok(written) => written.clone(),
                Err(error) => {
                    // What came before it is well.
                    self.sync(&mut last, &mut landed);
                    self.shared.troubled(error, flight.from);
                    refuse(flight.answers);
                    continue;
                }
            };
            if let (Some(next), Some(before)) = (&written, &last)
                && next.base != before.base
            {
                self.sync(&mut last, &mut landed);
            }
            last = written.or(last);
            landed.push(flight);
        }
        self.sync(&mut last, &mut landed);
    }

    /// Makes the flights last, which all stand in one segment, and answers.
    fn sync(&self, segment: &mut Option<Segment>, flights: &mut Vec<Flight>) {
        let synced = segment.take().map_or(Ok(()), |segment| {
            let began = now();
            segment.sync()?;
            let bytes = flights.iter().map(|flight| flight.bytes).sum();
            self.shared.counters.committed(began.elapsed(), bytes);
            let last = flights.iter().rfind(|flight| flight.bytes > 0);
            if let Some(last) = last {
                self.raw.lasts(segment.base, last.from + last.bytes as u64);
            }
            Ok(())
        });
        let from = flights.first().map_or(u64::MAX, |first| first.from);
        let is_well = synced
            .inspect_err(|error| self.shared.troubled(error, from))
            .is_ok();
        for flight in flights.drain(..) {
            if is_well {
                self.tell(flight.answers);
            } else {
                refuse(flight.answers);
            }
        }
    }

    fn tell(&self, answers: Vec<(Put, Outcome)>) {
        let counters = &self.shared.counters;
        for (put, outcome) in answers {
            match &outcome {
                Outcome::Stored { fresh: true, .. } => {
                    counters.accepted.fetch_add(1, Ordering::Relaxed);
                }
                Outcome::Stored { .. } => {
                    counters.duplicates.fetch_add(1, Ordering::Relaxed);
                }
                Outcome::Refused { reason, .. } => counters.refused(reason),
                Outcome::Standing(_) | Outcome::Trouble => {}
            }
            answer(put, outcome);
        }
    }
}

fn answer(put: Put, outcome: Outcome) {
    let token = put.token;
    // A listener that is gone hears of it when it asks again.
    let _ = put.reply.send(Answer { token, outcome });
}

/// The disk did not take them.
pub(super) fn refuse(answers: impl IntoIterator<Item = (Put, Outcome)>) {
    for (put, _) in answers {
        answer(put, Outcome::Trouble);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long the disk takes is a figure for the operator"
)]
fn now() -> Instant {
    Instant::now()
}
