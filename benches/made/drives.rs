//! Made drives for the benches: a realistic signal, never zeros.

use ingest::wire::{self, Content, Incoming, v1};
use jounce::simulate::{self, Config};
use trip::{Batch, TripKey};

/// The messages of one made drive at 100 Hz.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn messages(minutes: f64) -> Vec<v1::Message> {
    let config = Config {
        drivers: 1,
        minutes,
        rate_hz: Some(100.0),
        ..Config::default()
    };
    simulate::town(&config)
        .trips()
        .flat_map(|drive| drive.messages)
        .collect()
}

/// The same, decoded.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn batches(minutes: f64) -> Vec<Batch> {
    let decoded = messages(minutes)
        .iter()
        .map(v1::Message::to_json)
        .collect::<Vec<_>>();
    let batch = |packet: &Vec<u8>| match wire::decode(packet) {
        Ok(Incoming::Message(message)) => match message.content {
            Content::Samples(batch) => Some(batch),
            _ => None,
        },
        _ => None,
    };
    decoded.iter().filter_map(batch).collect()
}

/// The key that the benches file their trip under.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn key() -> TripKey {
    let device = "bench".parse().expect("a device id");
    TripKey {
        device,
        trip: trip::TripId::from_bytes([7; 16]),
    }
}

/// Accelerometer readings in some batches.
#[allow(dead_code, reason = "not every bench needs it")]
pub(crate) fn samples(batches: &[Batch]) -> usize {
    batches.iter().map(|batch| batch.samples.len()).sum()
}
