//! What tells one reading of a trip from another: a digest of its messages, a name for what judged.

use ingest::wire::{Content, Message};
use sha2::{Digest, Sha256};
use trip::{Batch, Generation};

use crate::trim::TrimRule;

/// A digest of all that the messages of a trip say, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct TripDigest {
    hash: Sha256,
    messages: u32,
}

impl TripDigest {
    pub(super) fn add(&mut self, message: &Message) {
        self.messages += 1;
        self.hash.update(message.seq.to_be_bytes());
        match &message.content {
            Content::Samples(batch) => self.readings(batch),
            other => self.text(other),
        }
    }

    /// How many messages there were, and the digest.
    pub(super) fn finish(self) -> (u32, [u8; 16]) {
        let hash = self.hash.finalize();
        (
            self.messages,
            hash[..16].try_into().expect("SHA-256 has 32 bytes"),
        )
    }

    /// Every reading byte for byte; lengths first, so that no two batches run into one.
    fn readings(&mut self, batch: &Batch) {
        self.text(&(
            batch.header,
            batch.samples.len(),
            batch.rotations.len(),
            batch.fixes.len(),
        ));
        let samples = batch.samples.iter().map(|s| (s.t_us, s.accel_mps2));
        let rotations = batch.rotations.iter().map(|r| (r.t_us, r.gyro_radps));
        let mut bytes = Vec::with_capacity(20 * (batch.samples.len() + batch.rotations.len()));
        for (t_us, values) in samples.chain(rotations) {
            bytes.extend_from_slice(&t_us.to_be_bytes());
            values
                .iter()
                .for_each(|value| bytes.extend_from_slice(&value.to_be_bytes()));
        }
        self.hash.update(&bytes);
        batch.fixes.iter().for_each(|fix| self.text(fix));
    }

    /// What there is little of, as its debug text: complete, and the same for the same value.
    fn text(&mut self, value: &impl std::fmt::Debug) {
        let text = format!("{value:?}");
        self.hash.update((text.len() as u64).to_be_bytes());
        self.hash.update(text);
    }
}

/// The detector's generation; what is trimmed before it judges is part of it.
pub(super) fn generation(config: &detector::Config, trim: Option<TrimRule>) -> Generation {
    let mut generation = config.generation();
    if let Some(trim) = trim {
        let hash = Sha256::digest(format!("{} {trim:?}", generation.config_hash));
        generation.config_hash = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    }
    generation
}

#[cfg(test)]
mod tests {
    use super::*;
    use trip::{Fix, FixSource, Position, Sample, Speed, TripId};

    fn digest(batch: Batch) -> [u8; 16] {
        let content = Content::Samples(batch);
        let trip = TripId::from_bytes([1; 16]);
        let mut digest = TripDigest::default();
        digest.add(&Message {
            device: None,
            received_us: None,
            trip,
            seq: 0,
            content,
        });
        digest.finish().1
    }

    #[test]
    fn every_value_of_a_reading_counts() {
        let sample = Sample {
            t_us: 5,
            accel_mps2: [0.0, 0.0, 9.8],
        };
        let fix = Fix {
            t_us: 7,
            position: Position::new(41.0, -8.0).expect("valid"),
            speed: None,
            heading: None,
            accuracy_m: None,
            source: FixSource::Gnss,
        };
        let faster = Fix {
            speed: Speed::from_mps(3.0).ok(),
            ..fix
        };
        let vaguer = Fix {
            accuracy_m: Some(8.0),
            ..fix
        };
        let with = |fixes: Vec<Fix>| {
            digest(Batch {
                samples: vec![sample],
                fixes,
                ..Batch::default()
            })
        };
        let all = [
            with(vec![]),
            with(vec![fix]),
            with(vec![faster]),
            with(vec![vaguer]),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b), "{i}");
        }
        assert_eq!(with(vec![fix]), with(vec![fix]));
    }

    #[test]
    fn a_trimmed_trip_is_another_reading_of_it() {
        let config = detector::Config::default();
        let trimmed = generation(&config, Some(TrimRule::default()));
        assert_ne!(trimmed, generation(&config, None));
        assert_eq!(generation(&config, None), config.generation());
    }
}
