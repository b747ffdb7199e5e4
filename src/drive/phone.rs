//! A phone: what it makes, keeps and hears. Pure: whoever connects it tells the time.

use std::collections::BTreeMap;
use std::sync::Arc;

use ingest::ack::{Ack, SeqSet};
use ingest::outbox::{Outbox, Send};
use ingest::wire::v1;
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use trip::TripId;

use super::journey::Journey;
use super::tally::Tally;

/// How a phone behaves on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Habits {
    /// Share of the time that it is offline, 0 to below 1.
    pub offline: f64,
    /// Share of its messages that it sends twice.
    pub resend: f64,
    /// Breaks its connection about so often, µs.
    pub reconnect_us: Option<i64>,
}

/// Offline gaps last about this long, µs: a tunnel, a valley.
const GAP_US: f64 = 30e6;

/// The purpose of a phone's stream of chance; see [`Course::chance`](super::journey::Course::chance).
pub(super) const FOR_HABITS: u32 = 1;

/// What one trip came to.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Messages made.
    pub made: u32,
    /// Those that acks say are stored.
    pub acked: SeqSet,
    /// Those that were refused.
    pub nacked: SeqSet,
}

/// A phone and all it has to say.
pub struct Phone {
    /// What it holds.
    pub outbox: Outbox,
    trips: BTreeMap<TripId, Account>,
    journey: Journey,
    habits: Habits,
    chance: ChaCha8Rng,
    tally: Arc<Tally>,
}

impl Phone {
    /// A phone that has said nothing yet.
    pub fn new(
        journey: Journey,
        habits: Habits,
        mut chance: ChaCha8Rng,
        tally: Arc<Tally>,
    ) -> Self {
        Self {
            outbox: Outbox::new(chance.random()),
            trips: BTreeMap::new(),
            journey,
            habits,
            chance,
            tally,
        }
    }

    /// Makes every message whose time has come.
    pub fn make(&mut self, now_us: i64) {
        while let Some(made) = self.journey.make(now_us) {
            self.trips.entry(made.trip).or_default().made += 1;
            self.tally.made(&made);
            self.outbox.push(made.trip, made.seq, made.payload);
        }
    }

    /// When the next message is made, µs.
    pub fn next_us(&self) -> Option<i64> {
        self.journey.next_us()
    }

    /// Whether all is said and every message settled.
    pub fn is_done(&self) -> bool {
        self.is_silent() && self.outbox.is_empty()
    }

    /// Whether all is said.
    pub fn is_silent(&self) -> bool {
        self.journey.next_us().is_none()
    }

    /// Ends the trip under way.
    pub fn stop(&mut self, now_us: i64) {
        self.journey.stop(now_us);
    }

    /// What to send now, each with how many times on purpose.
    pub fn poll(&mut self, now_us: i64) -> Option<(Send, u32)> {
        let send = self.outbox.poll(now_us)?;
        let Send::Message(letter) = &send else {
            return Some((send, 1));
        };
        let twice = self.habits.resend > 0.0 && self.chance.random_bool(self.habits.resend);
        let times = 1 + u32::from(twice);
        self.tally.sent(letter, times);
        Some((send, times))
    }

    /// What became of its trips.
    pub fn into_trips(self) -> BTreeMap<TripId, Account> {
        self.trips
    }

    /// An ack came.
    pub fn heard(&mut self, ack: &Ack, now_us: i64) {
        for settled in self.outbox.heard(ack, now_us) {
            let account = self.trips.entry(settled.trip).or_default();
            let set = match settled.refused {
                Some(_) => &mut account.nacked,
                None => &mut account.acked,
            };
            set.insert(settled.seq);
            self.tally.settled(&settled);
        }
        let nameless = |nack: &&ingest::ack::Nack| nack.seq.is_none() || ack.trip.is_none();
        for nack in ack.nack.iter().filter(nameless) {
            self.tally.nameless(&nack.reason);
        }
    }

    /// How long it stays on the air this time, and away after that, µs; `None` for ever.
    pub fn next_break_us(&mut self) -> Option<(i64, i64)> {
        let Habits { offline, .. } = self.habits;
        let gap = (offline > 0.0).then(|| {
            let online_us = GAP_US * (1.0 - offline) / offline;
            (self.about(online_us), self.about(GAP_US))
        });
        let reconnect = self.habits.reconnect_us;
        let reconnect = reconnect.map(|us| (self.about(us as f64), 0));
        gap.into_iter().chain(reconnect).min()
    }

    /// How long it waits before it tries to connect again, µs, after so many tries in vain: evenly
    /// spread from nothing to a bound that doubles from 2 s to a minute, so that phones which were
    /// cut off together do not come back together.
    pub fn comes_back_us(&mut self, tries: u32) -> i64 {
        let most_us = (2_000_000_i64 << tries.min(5)).min(60_000_000);
        self.chance.random_range(0..most_us)
    }

    /// Between half and one and a half times as much.
    fn about(&mut self, us: f64) -> i64 {
        (us * self.chance.random_range(0.5..1.5)) as i64
    }
}

/// The `hello` that names these trips.
pub fn hello(trips: &[TripId], now_us: i64) -> Vec<u8> {
    let hello = v1::Hello {
        now_us,
        trips: trips.iter().map(TripId::to_string).collect(),
    };
    hello.to_cbor()
}
