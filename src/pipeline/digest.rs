//! What tells one reading of a trip from another: a digest of its messages, a name for what judged.

mod bytes;

use ingest::wire::{Content, Message};
use sha2::{Digest, Sha256};
use trip::{Batch, Generation};

use crate::trim::TrimRule;
use bytes::Bytes as _;

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
            Content::Report(generation, report) => {
                let mut bytes = Vec::new();
                generation.put(&mut bytes);
                report.put(&mut bytes);
                self.hash.update(&bytes);
            }
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
    use trip::{
        Bump, Channel, Fix, FixSource, Kind, Measured, PathPoint, Place, Position, Report, Sample,
        Speed, Stretch, TripId,
    };

    fn digest(batch: Batch) -> [u8; 16] {
        digest_of(Content::Samples(batch))
    }

    fn digest_of(content: Content) -> [u8; 16] {
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

    fn bump() -> Bump {
        let position = Position::new(41.0, -8.0).expect("valid");
        Bump {
            begin_us: 1,
            peak_us: 2,
            end_us: 3,
            score: 1.5,
            probability: 0.8,
            channel: Channel::Body,
            kind: Kind::Pothole,
            kind_probability: [0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
            severity_mps2: None,
            saturated: false,
            place: Some(Place {
                position,
                sigma_m: 4.0,
                heading: None,
            }),
            measured: Measured {
                peak_mps2: 5.0,
                width_s: 0.2,
                speed: None,
                rate_hz: 50.0,
                band_rms_mps2: [None; 5],
                body_score: Some(2.5),
                impact_score: None,
                horizontal_ratio: 0.5,
            },
        }
    }

    fn stretch() -> Stretch {
        let point = |t_us, lat_deg| PathPoint {
            t_us,
            position: Position::new(lat_deg, -8.0).expect("valid"),
        };
        Stretch {
            begin_us: 0,
            end_us: 9,
            path: vec![point(0, 41.0), point(9, 41.001)],
            sigma_m: 3.0,
            heading: None,
            speed: None,
            able: true,
            roughness: None,
        }
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
    fn every_value_of_a_report_counts() {
        let (bump, stretch) = (bump(), stretch());
        let digest = |report: Report| {
            let generation = detector::Config::default().generation();
            digest_of(Content::Report(generation, report))
        };
        let with = |bumps: &[Bump], candidates: &[Bump], stretches: &[Stretch]| {
            digest(Report {
                bumps: bumps.to_vec(),
                candidates: candidates.to_vec(),
                stretches: stretches.to_vec(),
                skipped: Vec::new(),
            })
        };
        let mut surer = bump.clone();
        surer.kind_probability[6] = 0.25;
        let mut clipped = bump.clone();
        clipped.saturated = true;
        let mut nowhere = bump.clone();
        nowhere.place = None;
        let mut slower = stretch.clone();
        slower.path[1].t_us += 1;
        let all = [
            with(&[], &[], &[]),
            with(std::slice::from_ref(&bump), &[], &[]),
            with(&[], std::slice::from_ref(&bump), &[]),
            with(&[surer], &[], &[]),
            with(&[clipped], &[], &[]),
            with(&[nowhere], &[], &[]),
            with(&[], &[], std::slice::from_ref(&stretch)),
            with(&[], &[], &[slower]),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b), "{i}");
        }
        assert_eq!(all[1], with(std::slice::from_ref(&bump), &[], &[]));
    }

    #[test]
    fn a_trimmed_trip_is_another_reading_of_it() {
        let config = detector::Config::default();
        let trimmed = generation(&config, Some(TrimRule::default()));
        assert_ne!(trimmed, generation(&config, None));
        assert_eq!(generation(&config, None), config.generation());
    }
}
