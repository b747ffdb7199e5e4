//! The outbox: a collector's side of the contract (`WIRE.md`, Acks), without clock and without I/O.
//!
//! Whoever writes a collector can take this file as it is, or as the description of what to write:
//!
//! 1. **Keep** every message until an [`Ack`] covers its number. Nothing else lets it go: a PUBACK
//!    says only that the broker has it, and most brokers forget.
//! 2. **Come with a hello.** After each (re)connect and subscription the first packet is `hello`, naming the
//!    trips that still have messages. Wait for their acks (at most [`Rules::hello_us`]), drop
//!    what they cover, then send what remains, oldest first.
//! 3. **Do not flood.** At most [`Rules::window_messages`] messages or [`Rules::window_bytes`] are
//!    under way, whichever comes first; one message always may.
//! 4. **Be patient.** What is not acked after [`Rules::resend_us`] is sent again, unchanged, then
//!    after twice as long and so on up to [`Rules::longest_us`], each time give or take a quarter
//!    by chance, so that a city's phones do not come back in step.
//! 5. **Take no for an answer.** A message that is nacked is dropped: it would be refused again.
//!
//! The edge does the rest: it connects, waits, and calls the verbs. Times are microseconds of any clock
//! that does not run backwards, except the one in a `hello`, which is the edge's to fill in.
//!
//! ```
//! use ingest::ack::Ack;
//! use ingest::outbox::{Outbox, Send};
//!
//! let trip = "00ff00000000000000000000000000a7".parse()?;
//! let mut outbox = Outbox::new(7);
//! outbox.push(trip, 0, b"{}".as_slice().into());
//! assert_eq!(outbox.poll(0), None, "no connection yet");
//!
//! outbox.connected();
//! assert_eq!(outbox.poll(1_000), Some(Send::Hello(vec![trip])));
//! assert_eq!(outbox.poll(1_000), None, "first hear what the server has");
//! outbox.heard(&Ack { trip: Some(trip.to_string()), ..Ack::default() }, 2_000);
//! let Some(Send::Message(first)) = outbox.poll(2_000) else { panic!("the message") };
//!
//! assert_eq!(outbox.next_deadline(), Some(2_000 + 15_000_000), "silence: send it again then");
//! let ack = Ack { trip: Some(trip.to_string()), upto: Some(first.seq), ..Ack::default() };
//! assert_eq!(outbox.heard(&ack, 3_000).len(), 1);
//! assert!(outbox.is_empty());
//! # Ok::<(), trip::IdError>(())
//! ```

mod backoff;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use trip::TripId;

use crate::ack::Ack;
use crate::wire::limits;
pub use backoff::Backoff;

/// The numbers of the contract.
///
/// Source: `WIRE.md`, Acks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// So many messages may be under way without an ack.
    pub window_messages: usize,
    /// So many bytes may be under way without an ack; a single message always may.
    pub window_bytes: usize,
    /// A message without an ack is sent again after this long at first, µs.
    pub resend_us: i64,
    /// And after no longer than this, however often it was sent, µs.
    pub longest_us: i64,
    /// An answer to `hello` is waited for no longer than this, µs.
    pub hello_us: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window_messages: 8,
            window_bytes: 256_000,
            resend_us: 15_000_000,
            longest_us: 300_000_000,
            hello_us: 5_000_000,
        }
    }
}

/// What to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Send {
    /// A `hello` that names these trips.
    Hello(Vec<TripId>),
    /// A message.
    Message(Letter),
}

/// A message to send, as often as need be the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its trip.
    pub trip: TripId,
    /// Its number.
    pub seq: u32,
    /// The message.
    pub payload: Bytes,
    /// Whether it has been sent before.
    pub again: bool,
}

/// A message that the outbox has let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its trip.
    pub trip: TripId,
    /// Its number.
    pub seq: u32,
    /// How long it took from the first time it was sent, µs; `None` if it never was.
    pub took_us: Option<i64>,
    /// Why it was refused; `None` when it is stored.
    pub refused: Option<String>,
}

/// The messages that no ack has covered yet, oldest first.
#[derive(Debug)]
pub struct Outbox {
    rules: Rules,
    backoff: Backoff,
    kept: VecDeque<Kept>,
    /// How many of `kept`, from the front, were sent on this connection.
    under_way: usize,
    link: Link,
}

#[derive(Debug)]
struct Kept {
    trip: TripId,
    seq: u32,
    payload: Bytes,
    first_sent_us: Option<i64>,
    /// How often it was sent on this connection.
    times: u32,
    /// When it is sent again on this connection, µs.
    due_us: i64,
}

#[derive(Debug)]
enum Link {
    Down,
    /// Connected; `hello` goes out next.
    Fresh,
    /// `hello` went out; the acks of these trips are awaited until then.
    Asked {
        open: BTreeSet<TripId>,
        until_us: i64,
    },
    Up,
}

impl Outbox {
    /// An empty outbox. The seed decides about its give or take.
    pub fn new(seed: u64) -> Self {
        Self::with_rules(Rules::default(), seed)
    }

    /// An empty outbox by other numbers, for tests and trials.
    pub fn with_rules(rules: Rules, seed: u64) -> Self {
        Self {
            rules,
            backoff: Backoff::new(rules.resend_us, rules.longest_us, seed),
            kept: VecDeque::new(),
            under_way: 0,
            link: Link::Down,
        }
    }

    /// Takes a message into care. The numbers of a trip go up.
    pub fn push(&mut self, trip: TripId, seq: u32, payload: Bytes) {
        self.kept.push_back(Kept {
            trip,
            seq,
            payload,
            first_sent_us: None,
            times: 0,
            due_us: 0,
        });
    }

    /// A connection stands, and acks will be heard on it: `hello` is due.
    pub fn connected(&mut self) {
        self.reachable();
        self.link = Link::Fresh;
    }

    /// A server can be asked where every request has its answer, as with `POST`: there is no need for
    /// a hello.
    pub fn reachable(&mut self) {
        self.lost();
        self.link = Link::Up;
    }

    /// The connection is gone. Nothing is under way any more, everything is kept.
    pub fn lost(&mut self) {
        self.link = Link::Down;
        self.under_way = 0;
        for kept in &mut self.kept {
            kept.times = 0;
        }
    }

    /// What to send now; call it until there is nothing.
    pub fn poll(&mut self, now_us: i64) -> Option<Send> {
        match &self.link {
            Link::Down => return None,
            Link::Fresh => return Some(self.hello(now_us)),
            Link::Asked { until_us, .. } if now_us < *until_us => return None,
            // The answer was lost; a server that has a message acks it again.
            Link::Asked { .. } => self.link = Link::Up,
            Link::Up => {}
        }
        let overdue = self.sent().position(|kept| kept.due_us <= now_us);
        let at = overdue.or_else(|| self.next_in_window())?;
        self.under_way = self.under_way.max(at + 1);
        let kept = &mut self.kept[at];
        let again = kept.first_sent_us.is_some();
        kept.first_sent_us.get_or_insert(now_us);
        kept.due_us = now_us.saturating_add(self.backoff.wait_us(kept.times));
        kept.times += 1;
        Some(Send::Message(Letter {
            trip: kept.trip,
            seq: kept.seq,
            payload: kept.payload.clone(),
            again,
        }))
    }

    /// An ack came: what it covers goes, and is told.
    pub fn heard(&mut self, ack: &Ack, now_us: i64) -> Vec<Settled> {
        let Some(trip) = ack.trip.as_ref().and_then(|trip| trip.parse().ok()) else {
            // The answer to a hello that named no trip, or a nack that names no message.
            return vec![];
        };
        if let Link::Asked { open, .. } = &mut self.link {
            open.remove(&trip);
            if open.is_empty() {
                self.link = Link::Up;
            }
        }
        let reasons: BTreeMap<u32, &str> = (ack.nack.iter())
            .filter_map(|nack| Some((nack.seq?, nack.reason.as_str())))
            .collect();
        let (mut settled, mut at, mut gone_under_way) = (vec![], 0, 0);
        let under_way = self.under_way;
        self.kept.retain(|kept| {
            let goes = kept.trip == trip && ack.covers(kept.seq);
            if goes {
                gone_under_way += usize::from(at < under_way);
                settled.push(Settled {
                    trip,
                    seq: kept.seq,
                    took_us: kept.first_sent_us.map(|sent_us| now_us - sent_us),
                    refused: reasons.get(&kept.seq).map(|&reason| reason.to_owned()),
                });
            }
            at += 1;
            !goes
        });
        self.under_way -= gone_under_way;
        settled
    }

    /// When to poll again if nothing happens before, µs; `None` when nothing is awaited.
    pub fn next_deadline(&self) -> Option<i64> {
        match &self.link {
            Link::Down => None,
            Link::Fresh => Some(i64::MIN),
            Link::Asked { until_us, .. } => Some(*until_us),
            Link::Up if self.next_in_window().is_some() => Some(i64::MIN),
            Link::Up => self.sent().map(|kept| kept.due_us).min(),
        }
    }

    /// Whether an ack has covered everything.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many messages wait for an ack.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// What waits for an ack, oldest first: trip and number.
    pub fn waiting(&self) -> impl Iterator<Item = (TripId, u32)> {
        self.kept.iter().map(|kept| (kept.trip, kept.seq))
    }

    fn hello(&mut self, now_us: i64) -> Send {
        let mut open = BTreeSet::new();
        for kept in &self.kept {
            if open.len() < limits::MAX_HELLO_TRIPS {
                open.insert(kept.trip);
            }
        }
        let trips = open.iter().copied().collect();
        self.link = match open.is_empty() {
            true => Link::Up,
            false => Link::Asked {
                open,
                until_us: now_us.saturating_add(self.rules.hello_us),
            },
        };
        Send::Hello(trips)
    }

    fn sent(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter().take(self.under_way)
    }

    /// The oldest message that was not sent on this connection, if the window has room for it.
    fn next_in_window(&self) -> Option<usize> {
        let next = self.kept.get(self.under_way)?;
        let bytes: usize = self.sent().map(|kept| kept.payload.len()).sum();
        let fits = self.under_way < self.rules.window_messages
            && bytes + next.payload.len() <= self.rules.window_bytes;
        (self.under_way == 0 || fits).then_some(self.under_way)
    }
}
