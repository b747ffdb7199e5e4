//! Raw publishes: the door alone under load, at as little cost of our own as can be.
//!
//! Each connection holds a window of ready packets that differ in packet identifier and in the
//! number of their message. A PUBACK frees a slot; free slots get the next numbers patched in and go out
//! in one write. At the end a `hello` asks what is stored, and the answer must say all.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::BytesMut;
use ingest::ack::Ack;
use ingest::mqtt::packet::Packet;
use ingest::wire::{limits, v1};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};
use trip::TripId;

use super::line::{Line, LineError, publish};
use super::login::Login;
use super::mould::{EPOCH_US, Mould};
use super::phone::hello;
use super::run::Run;
use super::summary::Ledger;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Raw {
    /// Messages altogether.
    pub publishes: u64,
    /// About how large each is, bytes.
    pub payload_bytes: usize,
    /// Messages under way on each connection.
    pub window: u16,
}

/// What came of all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Came {
    /// PUBACKs heard.
    pub pubacked: u64,
    /// From the first publish to the last PUBACK, s.
    pub seconds: f64,
}

/// The answer to the last `hello` is waited for so long.
const LAST_ACK: Duration = Duration::from_secs(20);

/// A number of a trip goes no further.
const MOST_MESSAGES: u64 = limits::MAX_SEQ as u64 + 1;

/// A `samples` message of about that size, sound and not compressed.
pub fn mould(payload_bytes: usize) -> Mould {
    let made = |readings: i64| {
        // Three numbers of three bytes and a time of three bytes: 12 bytes a reading.
        let value = |i: i64| [300 + i % 40, -300 - i % 30, 9_800 + i % 50].map(|v| v as f64);
        let readings = (0..readings).map(|i| (EPOCH_US + 10_000 * i, value(i)));
        Mould::new(v1::Content::Samples(v1::Samples {
            accel: Some(v1::Columns::from_readings(
                v1::AccelUnit::MetrePerSecondSquared,
                0.001,
                readings.map(|(t_us, steps)| (t_us, steps.map(|step| step * 0.001))),
            )),
            ..v1::Samples::default()
        }))
    };
    let size = |mould: &Mould| mould.fill(TripId::from_bytes([0; 16]), 0, 0).len();
    let empty = size(&made(1));
    made((1 + payload_bytes.saturating_sub(empty) / 12) as i64)
}

/// Publishes over all connections, each a trip of its own, from the moment when all are in.
pub(super) async fn all(raw: &Raw, logins: Vec<Login>, run: &Run, seed: u64) -> Ledger {
    let connections = logins.len() as u64;
    let all_in = Arc::new(Barrier::new(logins.len()));
    let mut publishing = JoinSet::new();
    for (number, login) in (0..).zip(logins) {
        let (run, raw, all_in) = (run.clone(), *raw, Arc::clone(&all_in));
        let share = raw.publishes / connections;
        let messages = share + u64::from(u64::from(number) < raw.publishes % connections);
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(number.into());
        let trip = TripId::from_bytes(chance.random());
        publishing.spawn(async move {
            let begin_us = run.clock.now_us();
            let line = Line::open(&run.route, number, &login, Arc::clone(&run.tally)).await;
            run.tally.connect.add(run.clock.now_us() - begin_us);
            all_in.wait().await;
            let begin_us = run.clock.now_us();
            let mut connection = Connection {
                up: &login.up,
                line: line
                    .inspect_err(|error| run.tally.trouble(&error.kind()))
                    .ok()?,
                run: &run,
                trip,
                acked: Ack::default(),
            };
            connection.line.read_at_once(8_192);
            let went = connection.publish(&raw, messages).await;
            let end_us = run.clock.now_us();
            let went = match went {
                Ok(()) => connection.check(messages).await,
                Err(error) => Err(error),
            };
            went.inspect_err(|error| run.tally.trouble(&error.kind()))
                .ok();
            Some((begin_us, end_us))
        });
    }
    let (mut first_us, mut last_us) = (i64::MAX, i64::MIN);
    while let Some(ended) = publishing.join_next().await {
        if let Ok(Some((begin_us, end_us))) = ended {
            first_us = first_us.min(begin_us);
            last_us = last_us.max(end_us);
        }
    }
    let came = Came {
        pubacked: run.tally.puback.count(),
        seconds: last_us.saturating_sub(first_us).max(1) as f64 / 1e6,
    };
    Ledger::of_raw(came)
}

struct Connection<'a> {
    up: &'a str,
    line: Line,
    run: &'a Run,
    trip: TripId,
    /// The ack that covers most.
    acked: Ack,
}

impl Connection<'_> {
    async fn publish(&mut self, raw: &Raw, messages: u64) -> Result<(), LineError> {
        let Run { tally, clock, .. } = self.run;
        let mould = mould(raw.payload_bytes);
        let payload = mould.fill(self.trip, 0, clock.now_us() - EPOCH_US);
        let mut window = Window::new(self.up, &payload, mould.seq_at(), raw.window);
        let messages = messages.min(MOST_MESSAGES);
        let (mut published, mut pubacked) = (0, 0);
        while pubacked < messages {
            let free = window.free().min((messages - published) as usize);
            if free > 0 {
                tally.made.fetch_add(free as u64, Relaxed);
                let bytes = (free * payload.len()) as u64;
                tally.payload_bytes.fetch_add(bytes, Relaxed);
                let runs = window.fill(published as u32, free, clock.now_us());
                self.line.write_runs(runs).await?;
                published += free as u64;
            }
            self.line.listen().await?;
            let now_us = clock.now_us();
            let (acked, trip, mut wrong) = (&mut self.acked, self.trip, false);
            self.line.each(|packet| match packet {
                Packet::PubAck(id) => match window.freed(id) {
                    Some(sent_us) => {
                        pubacked += 1;
                        tally.puback.add(now_us - sent_us);
                    }
                    None => wrong = true,
                },
                Packet::Publish(publish) => note(acked, publish.payload, trip),
                _ => {}
            })?;
            if wrong {
                return Err(LineError::Unexpected);
            }
        }
        Ok(())
    }

    /// Asks what is stored, and counts it.
    async fn check(&mut self, messages: u64) -> Result<(), LineError> {
        let ask = hello(&[self.trip], self.run.clock.now_us());
        self.line
            .write(&[publish(self.up, u16::MAX, &ask, false)])
            .await?;
        let last = messages.min(MOST_MESSAGES).saturating_sub(1) as u32;
        let asking = async {
            while self.acked.upto.is_none_or(|upto| upto < last) {
                self.line.listen().await?;
                let (acked, trip) = (&mut self.acked, self.trip);
                self.line.each(|packet| {
                    if let Packet::Publish(publish) = packet {
                        note(acked, publish.payload, trip);
                    }
                })?;
            }
            Ok::<(), LineError>(())
        };
        let asked = timeout(LAST_ACK, asking).await;
        let covered = (0..messages).filter(|&seq| self.acked.covers(seq as u32));
        self.run
            .tally
            .acked
            .fetch_add(covered.count() as u64, Relaxed);
        asked.unwrap_or(Err(LineError::Silent))?;
        self.line.write(&[Packet::Disconnect]).await
    }
}

/// Acks only grow; the last one that is ours counts.
fn note(acked: &mut Ack, payload: &[u8], trip: TripId) {
    if let Ok(ack) = serde_json::from_slice::<Ack>(payload)
        && ack.trip.as_ref().and_then(|trip| trip.parse().ok()) == Some(trip)
        && acked.upto <= ack.upto
    {
        *acked = ack;
    }
}

/// Ready packets in a ring: those from `oldest` on are under way.
struct Window {
    bytes: Vec<u8>,
    /// Length of one packet.
    length: usize,
    /// Where in a packet the number of its message stands.
    seq_at: usize,
    slots: usize,
    oldest: usize,
    under_way: usize,
    /// When each was sent, µs; `None` once it is acked.
    sent_us: Vec<Option<i64>>,
}

impl Window {
    fn new(topic: &str, payload: &[u8], seq_at: usize, slots: u16) -> Self {
        let mut all = BytesMut::new();
        let mut length = 0;
        for id in 1..=slots.max(1) {
            publish(topic, id, payload, false).write(&mut all);
            length = all.len() / usize::from(id);
        }
        Self {
            seq_at: length - payload.len() + seq_at,
            length,
            bytes: all.to_vec(),
            slots: usize::from(slots.max(1)),
            oldest: 0,
            under_way: 0,
            sent_us: vec![None; usize::from(slots.max(1))],
        }
    }

    fn free(&self) -> usize {
        self.slots - self.under_way
    }

    /// Numbers so many free slots from `seq` on; they are one or two runs of bytes.
    fn fill(&mut self, seq: u32, count: usize, now_us: i64) -> [&[u8]; 2] {
        let first = (self.oldest + self.under_way) % self.slots;
        for i in 0..count {
            let slot = (first + i) % self.slots;
            let at = slot * self.length + self.seq_at;
            self.bytes[at..at + 4].copy_from_slice(&(seq + i as u32).to_be_bytes());
            self.sent_us[slot] = Some(now_us);
        }
        self.under_way += count;
        let straight = count.min(self.slots - first);
        let begin = first * self.length;
        [
            &self.bytes[begin..begin + straight * self.length],
            &self.bytes[..(count - straight) * self.length],
        ]
    }

    /// A PUBACK came: when its packet was sent, if it was under way.
    fn freed(&mut self, id: u16) -> Option<i64> {
        let slot = usize::from(id).checked_sub(1)?;
        let sent_us = self.sent_us.get_mut(slot)?.take()?;
        while self.under_way > 0 && self.sent_us[self.oldest].is_none() {
            self.oldest = (self.oldest + 1) % self.slots;
            self.under_way -= 1;
        }
        Some(sent_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingest::wire::{Incoming, decode};

    #[test]
    fn a_raw_message_is_sound_and_of_the_size_asked_for() {
        for bytes in [300, 2_048, 8_192] {
            let mould = mould(bytes);
            let message = mould.fill(TripId::from_bytes([1; 16]), 70_000, 5);
            let off = message.len().abs_diff(bytes);
            assert!(off < 60, "{} for {bytes}", message.len());
            let Ok(Incoming::Message(message)) = decode(&message) else {
                panic!("sound")
            };
            assert_eq!(message.seq, 70_000);
        }
    }

    #[test]
    fn a_window_numbers_what_is_free_and_nothing_else() {
        let mut window = Window::new("t", b"seq:0000", 4, 3);
        let seqs = |slices: [&[u8]; 2]| {
            let bytes = slices.concat();
            let mut rest = &bytes[..];
            let mut seqs = vec![];
            while let Ok(Some((Packet::Publish(publish), length))) = Packet::read(rest, 99) {
                let number = publish.payload[4..8].try_into().expect("four bytes");
                seqs.push(u32::from_be_bytes(number));
                rest = &rest[length..];
            }
            seqs
        };
        assert_eq!(seqs(window.fill(0, 3, 10)), [0, 1, 2]);
        assert_eq!(window.free(), 0);
        assert_eq!(window.freed(2), Some(10));
        assert_eq!(window.free(), 0, "the oldest is still under way");
        assert_eq!(window.freed(1), Some(10));
        assert_eq!(window.free(), 2);
        assert_eq!(window.freed(1), None, "a second PUBACK");
        assert_eq!(seqs(window.fill(3, 2, 11)), [3, 4]);
        assert_eq!(window.freed(3), Some(10));
        assert_eq!(seqs(window.fill(5, 1, 12)), [5]);
        assert_eq!((window.freed(0), window.freed(9)), (None, None));
    }
}
