//! A server that keeps the contract, and is in a mood.

use std::collections::BTreeMap;

use ingest::ack::{Ack, Nack, SeqSet};
use ingest::wire::{Content, Incoming, decode};
use trip::TripId;

/// How hard it makes it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moods {
    /// Share of the messages that never reach it, and of its acks that never reach a phone.
    pub(super) drops: f64,
    /// Refuses the message of that number of every trip.
    pub(super) refuses: Option<u32>,
}

/// What it has of a trip.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub(super) stored: SeqSet,
    pub(super) header: bool,
    /// The number of its bye.
    pub(super) bye: Option<u32>,
    /// The latest reading, and when the last message came, µs.
    pub(super) last_us: i64,
    pub(super) heard_us: i64,
}

#[derive(Debug)]
pub(super) struct Server {
    moods: Moods,
    dice: u64,
    pub(super) trips: BTreeMap<(String, TripId), Stored>,
    pub(super) duplicates: u64,
    pub(super) hellos: u64,
    /// Why messages that no phone should send were refused.
    pub(super) unsound: Vec<String>,
}

impl Server {
    pub(super) fn new(moods: Moods) -> Self {
        Self {
            moods,
            dice: 1,
            trips: BTreeMap::new(),
            duplicates: 0,
            hellos: 0,
            unsound: vec![],
        }
    }

    /// How many messages are stored or refused.
    pub(super) fn settled(&self) -> u64 {
        self.trips.values().map(|trip| trip.stored.len()).sum()
    }

    /// Takes a message of a device, and gives the acks that it sends.
    pub(super) fn take(&mut self, device: &str, payload: &[u8]) -> Vec<Ack> {
        match decode(payload) {
            Ok(Incoming::Hello(hello)) => {
                self.hellos += 1;
                let standing = |trip: &TripId| self.standing(device, *trip);
                hello.trips.iter().map(standing).collect()
            }
            Ok(Incoming::Message(message)) => self.store(device, &message),
            Err(error) => {
                self.unsound.push(error.to_string());
                vec![]
            }
        }
    }

    fn store(&mut self, device: &str, message: &ingest::wire::Message) -> Vec<Ack> {
        if self.is_unlucky() {
            return vec![];
        }
        let key = (device.to_owned(), message.trip);
        let trip = self.trips.entry(key).or_default();
        trip.heard_us = now_us();
        self.duplicates += u64::from(!trip.stored.insert(message.seq));
        match &message.content {
            Content::Samples(batch) => {
                trip.header |= batch.header.is_some();
                let last_us = batch.span_us().map_or(0, |(_, last_us)| last_us);
                trip.last_us = trip.last_us.max(last_us);
            }
            Content::Bye(_) => trip.bye = Some(message.seq),
            _ => {}
        }
        let mut ack = self.standing(device, message.trip);
        if self.moods.refuses == Some(message.seq) {
            ack.nack.push(Nack {
                seq: Some(message.seq),
                reason: "out_of_range".to_owned(),
            });
        } else if self.is_unlucky() {
            return vec![];
        }
        vec![ack]
    }

    fn standing(&self, device: &str, trip: TripId) -> Ack {
        let none = SeqSet::default();
        let stored = self.trips.get(&(device.to_owned(), trip));
        Ack::of(trip, stored.map_or(&none, |trip| &trip.stored))
    }

    /// Whether something is lost now: SplitMix64.
    fn is_unlucky(&mut self) -> bool {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64) < self.moods.drops * (1_u64 << 53) as f64
    }
}

pub(super) fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_micros() as i64
}
