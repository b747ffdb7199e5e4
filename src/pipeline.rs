//! One message of one trip in, the map's changes out: the order of the stages, written once.
//!
//! ```text
//! wire → intake → trim → detector → ledger → store
//! ```
//!
//! Replay, `detect`, tests and benches all come through here, and live traffic will.

use std::collections::BTreeMap;

use aggregator::{Recorded, Store, StoreError, TripEvidence};
use detector::Detector;
use ingest::intake::{Admitted, Intake, Tally};
use ingest::wire::{Content, Message};
use sha2::{Digest, Sha256};
use trip::{Batch, Generation, Header, Report, TripKey};

use crate::trim::{Trim, TrimRule};

/// The stages up to the evidence of a trip, with the state of every trip that is open.
pub struct Pipeline {
    config: detector::Config,
    generation: Generation,
    trim: Option<TrimRule>,
    intake: Intake,
    trips: BTreeMap<TripKey, OpenTrip>,
}

/// What a trip said, and what became of its messages.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedTrip {
    /// The evidence, candidates included. The map takes it without them.
    pub evidence: TripEvidence,
    /// What happened to the trip's messages on the way in.
    pub tally: Tally,
    /// Accelerometer readings that reached the detector.
    pub samples: u64,
    /// Fixes that reached the detector.
    pub fixes: u64,
}

struct OpenTrip {
    trim: Option<Trim>,
    detector: Detector,
    header: Header,
    /// Of the messages, in order.
    digest: Sha256,
    messages: u32,
    tally: Tally,
    samples: u64,
    fixes: u64,
    span_us: Option<(i64, i64)>,
    report: Report,
    /// What a detector on the phone found; it counts when the phone sent no samples.
    from_phone: Option<(Generation, Report)>,
}

impl Pipeline {
    /// A pipeline without open trips. `trim` cuts the ends of every trip.
    pub fn new(config: detector::Config, trim: Option<TrimRule>) -> Self {
        let generation = config.generation();
        Self {
            config,
            generation,
            trim,
            intake: Intake::default(),
            trips: BTreeMap::new(),
        }
    }

    /// One checked message of one trip: wire → intake → trim → detector. What the detector says of
    /// the trip waits until [`Pipeline::close`].
    pub fn feed(&mut self, key: &TripKey, message: Message) {
        let admitted = self.intake.admit(key, message);
        if !self.trips.contains_key(key) {
            let trip = OpenTrip::new(&self.config, self.trim);
            self.trips.insert(key.clone(), trip);
        }
        if let Some(trip) = self.trips.get_mut(key) {
            trip.take(admitted);
        }
    }

    /// The trip is over: gives its evidence, for the ledger and the store.
    pub fn close(&mut self, key: &TripKey) -> Option<ClosedTrip> {
        let mut trip = self.trips.remove(key)?;
        trip.take(self.intake.finish(key));
        Some(trip.close(key.clone(), &self.generation))
    }

    /// Closes every open trip, in order of their keys.
    pub fn close_all(&mut self) -> Vec<ClosedTrip> {
        let keys: Vec<TripKey> = self.trips.keys().cloned().collect();
        keys.iter().filter_map(|key| self.close(key)).collect()
    }
}

/// Evidence of whole trips: → ledger → store, in one transaction. Hazards follow with
/// [`Store::project`].
///
/// # Errors
/// When the store cannot be written; nothing of these trips is in the map then.
pub fn record(store: &mut Store, evidence: &[TripEvidence]) -> Result<Vec<Recorded>, StoreError> {
    store.record(evidence)
}

impl OpenTrip {
    fn new(config: &detector::Config, trim: Option<TrimRule>) -> Self {
        Self {
            trim: trim.map(Trim::new),
            detector: Detector::new(config.clone()),
            header: Header::default(),
            digest: Sha256::new(),
            messages: 0,
            tally: Tally::default(),
            samples: 0,
            fixes: 0,
            span_us: None,
            report: Report::default(),
            from_phone: None,
        }
    }

    /// What the intake lets through: messages in order, each for the first time.
    fn take(&mut self, admitted: Admitted) {
        self.tally += admitted.tally;
        admitted
            .ready
            .into_iter()
            .for_each(|message| self.read(message));
    }

    fn read(&mut self, message: Message) {
        self.messages += 1;
        self.digest.update(message.seq.to_be_bytes());
        match message.content {
            Content::Samples(batch) => self.judge(batch),
            Content::Report(generation, report) => {
                let (_, all) = self
                    .from_phone
                    .get_or_insert_with(|| (generation, Report::default()));
                all.append(report);
            }
            // Marks are labels for people who tune the detector, not evidence; and a trip ends by
            // its file or its gap, whether or not it said goodbye.
            Content::Mark(_) | Content::Bye(_) => {}
        }
    }

    fn judge(&mut self, batch: Batch) {
        digest(&mut self.digest, &batch);
        if let Some(header) = batch.header {
            self.header = header;
        }
        let batch = match &mut self.trim {
            Some(trim) => trim.pass(batch),
            None => batch,
        };
        self.samples += batch.samples.len() as u64;
        self.fixes += batch.fixes.len() as u64;
        if let Some((first_us, last_us)) = batch.span_us() {
            let (first, last) = self.span_us.unwrap_or((first_us, last_us));
            self.span_us = Some((first.min(first_us), last.max(last_us)));
        }
        self.report.append(self.detector.push(&batch));
    }

    fn close(self, key: TripKey, generation: &Generation) -> ClosedTrip {
        let tally = self.tally;
        let mut report = self.report;
        report.append(self.detector.finish());
        let mut generation = generation.clone();
        if let (Some(phone), 0) = (self.from_phone, self.samples) {
            (generation, report) = phone;
        }
        let (first_us, last_us) = self.span_us.or_else(|| span_us(&report)).unwrap_or((0, 0));
        let hash = self.digest.finalize();
        let evidence = TripEvidence {
            key,
            generation,
            vehicle: self.header.vehicle,
            messages: self.messages,
            digest: hash[..16].try_into().expect("SHA-256 has 32 bytes"),
            first_us,
            last_us,
            report,
        };
        ClosedTrip {
            evidence,
            tally,
            samples: self.samples,
            fixes: self.fixes,
        }
    }
}

/// Adds what a batch says to the digest of its trip.
fn digest(hash: &mut Sha256, batch: &Batch) {
    let mut bytes = Vec::with_capacity(20 * batch.samples.len() + 32 * batch.fixes.len());
    let mut readings = |t_us: i64, values: [f32; 3]| {
        bytes.extend_from_slice(&t_us.to_be_bytes());
        values
            .iter()
            .for_each(|v| bytes.extend_from_slice(&v.to_be_bytes()));
    };
    batch
        .samples
        .iter()
        .for_each(|s| readings(s.t_us, s.accel_mps2));
    batch
        .rotations
        .iter()
        .for_each(|r| readings(r.t_us, r.gyro_radps));
    for fix in &batch.fixes {
        bytes.extend_from_slice(&fix.t_us.to_be_bytes());
        bytes.extend_from_slice(&fix.position.lat_deg().to_be_bytes());
        bytes.extend_from_slice(&fix.position.lon_deg().to_be_bytes());
    }
    hash.update(&bytes);
}

/// From the first to the last moment that a report speaks of.
fn span_us(report: &Report) -> Option<(i64, i64)> {
    let bumps = report.bumps.iter().map(|b| (b.begin_us, b.end_us));
    let stretches = report.stretches.iter().map(|s| (s.begin_us, s.end_us));
    bumps
        .chain(stretches)
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}
