//! Moulds: a message's bytes with the places where trip, number and times go.
//!
//! Thousands of phones play one trace. What they say differs in the trip, the number and by how much
//! all times are shifted; the rest is encoded once, and a message is a copy with these places
//! filled in.

use ingest::wire::{limits, v1};
use trip::TripId;

/// The CBOR of a message without its trip, number and date.
#[derive(Clone, Debug)]
pub struct Mould {
    bytes: Vec<u8>,
    trip_at: usize,
    seq_at: usize,
    times: Vec<(usize, i64)>,
}

/// Times in a mould count from here, µs since 1970, so that each takes the same nine bytes whatever it is
/// shifted to. 2017: any time in it with any shift a drive can have is still dated and in limits.
pub(super) const EPOCH_US: i64 = 1_500_000_000_000_000;

/// What stands before each place, and how long the place is: keys and the head of their value.
const TRIP_KEY: &[u8] = b"\x64trip\x78\x20";
const SEQ_KEY: &[u8] = b"\x63seq\x1a";
const TIME_KEYS: [&[u8]; 2] = [b"\x65t0_us\x1b", b"\x64t_us\x1b"];

impl Mould {
    /// The mould of a message that says this, all its times from `EPOCH_US` on.
    pub fn new(content: v1::Content) -> Self {
        let message = v1::Message {
            trip: TripId::from_bytes([0; 16]).to_string(),
            // A number of four bytes: so is the place for it.
            seq: limits::MAX_SEQ,
            device: None,
            received_us: None,
            content,
        };
        let bytes = message.to_cbor();
        let place = |key: &[u8]| after(&bytes, key, 0).expect("every message has trip and seq");
        let (trip_at, seq_at) = (place(TRIP_KEY), place(SEQ_KEY));
        let mut times = vec![];
        for key in TIME_KEYS {
            let mut from = 0;
            while let Some(at) = after(&bytes, key, from) {
                let place = bytes[at..at + 8].try_into().expect("eight bytes");
                times.push((at, i64::from_be_bytes(place)));
                from = at;
            }
        }
        Self {
            bytes,
            trip_at,
            seq_at,
            times,
        }
    }

    /// The message with that trip and number, its times shifted by so many µs from `EPOCH_US`.
    pub fn fill(&self, trip: TripId, seq: u32, shift_us: i64) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        bytes[self.trip_at..self.trip_at + 32].copy_from_slice(trip.to_string().as_bytes());
        bytes[self.seq_at..self.seq_at + 4].copy_from_slice(&seq.to_be_bytes());
        for &(at, time_us) in &self.times {
            bytes[at..at + 8].copy_from_slice(&(time_us + shift_us).to_be_bytes());
        }
        bytes
    }

    /// Where in the message its number stands: four bytes, big-endian.
    pub fn seq_at(&self) -> usize {
        self.seq_at
    }
}

/// Where the key ends that is found next from there.
fn after(bytes: &[u8], key: &[u8], from: usize) -> Option<usize> {
    let found = bytes[from..].windows(key.len()).position(|w| w == key)?;
    Some(from + found + key.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ingest::wire::{Content, Incoming, decode};

    #[test]
    fn a_filled_mould_reads_as_the_message_it_was_made_of_at_another_time() {
        let readings = (0..300).map(|i| (EPOCH_US + 16_667 * i, [0.1, 0.2, 9.8 + (i % 7) as f64]));
        let accel = v1::Columns::from_readings(v1::AccelUnit::MetrePerSecondSquared, 0.1, readings);
        let fix = |t_us: i64| v1::Fix {
            t_us: EPOCH_US + t_us,
            lat: 41.15,
            lon: -8.6,
            ..v1::Fix::default()
        };
        let mould = Mould::new(v1::Content::Samples(v1::Samples {
            accel: Some(accel),
            fixes: vec![fix(0), fix(1_000_000)],
            ..v1::Samples::default()
        }));
        let trip = TripId::from_bytes([0xab; 16]);
        for seq in [0, 23, 24, 70_000] {
            let bytes = mould.fill(trip, seq, 1_000_007);
            assert_eq!(
                &bytes[mould.seq_at()..mould.seq_at() + 4],
                seq.to_be_bytes()
            );
            let Ok(Incoming::Message(message)) = decode(&bytes) else {
                panic!("sound")
            };
            assert_eq!((message.trip, message.seq), (trip, seq));
            let Content::Samples(batch) = message.content else {
                panic!("samples")
            };
            assert_eq!(batch.samples.len(), 300);
            assert_eq!(batch.samples[1].t_us, EPOCH_US + 1_000_007 + 16_667);
            assert_eq!(batch.fixes[1].t_us, EPOCH_US + 2_000_007);
        }
    }
}
