//! One message of one trip in, the map's changes out: the order of the stages, written once.
//!
//! ```text
//! wire → intake → trim → detector → ledger → store
//! ```
//!
//! Replay, `detect`, tests and benches all come through here, and live traffic will.

mod digest;
mod open_trip;

use std::collections::BTreeMap;

use aggregator::{Recorded, Store, StoreError, Taken, TripEvidence};
use detector::Watch;
use ingest::intake::{Admitted, Intake, Tally};
use ingest::wire::Message;
use trip::{Generation, TripKey};

use crate::trim::TrimRule;
use open_trip::OpenTrip;

/// The stages up to the evidence of a trip, with the state of every trip that is open.
pub struct Pipeline {
    config: detector::Config,
    generation: Generation,
    trim: Option<TrimRule>,
    intake: Intake,
    trips: BTreeMap<TripKey, OpenTrip>,
    watching: bool,
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
    /// The phone sent no samples: a detector of its own judged the trip.
    pub by_phone: bool,
    /// What the detector saw, from a [`Pipeline::watching`] one.
    pub watch: Option<Watch>,
}

impl Pipeline {
    /// A pipeline without open trips. `trim` cuts the ends of every trip.
    pub fn new(config: detector::Config, trim: Option<TrimRule>) -> Self {
        let generation = digest::generation(&config, trim);
        Self {
            config,
            generation,
            trim,
            intake: Intake::default(),
            trips: BTreeMap::new(),
            watching: false,
        }
    }

    /// The same pipeline, keeping what its detectors see: for people who ask why.
    pub fn watching(self) -> Self {
        Self {
            watching: true,
            ..self
        }
    }

    /// One checked message of one trip: wire → intake → trim → detector. What the detector says of
    /// the trip waits until [`Pipeline::close`].
    pub fn feed(&mut self, key: &TripKey, message: Message) {
        let admitted = self.intake.admit(key, message);
        self.walk(key, admitted);
    }

    /// What the intake lets through, message by message, to the detector.
    fn walk(&mut self, key: &TripKey, admitted: Admitted) {
        if !self.trips.contains_key(key) {
            self.trips
                .insert(key.clone(), OpenTrip::new(self.trim, self.watching));
        }
        let Some(trip) = self.trips.get_mut(key) else {
            return;
        };
        trip.note(admitted.tally);
        for message in admitted.ready {
            if let Some(batch) = trip.read(message) {
                let batch = trip.trim(batch);
                trip.judge(&batch, &self.config);
            }
        }
    }

    /// The trip is over: gives its evidence, for the ledger and the store.
    pub fn close(&mut self, key: &TripKey) -> Option<ClosedTrip> {
        if self.trips.contains_key(key) {
            let held = self.intake.finish(key);
            self.walk(key, held);
        }
        Some(self.trips.remove(key)?.close(key.clone(), &self.generation))
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

/// Evidence of whole trips that came through an inbox: → ledger → store, in one transaction with how far
/// that has been taken in.
///
/// # Errors
/// As [`record`].
pub fn take_in(
    store: &mut Store,
    evidence: &[TripEvidence],
    taken: &Taken,
) -> Result<Vec<Recorded>, StoreError> {
    store.record_up_to(evidence, taken)
}

/// Evidence of whole trips in the place of what the map held of them, as [`record`]; `None` of each
/// that the map does not hold.
///
/// # Errors
/// As [`record`].
pub fn redetect(
    store: &mut Store,
    evidence: &[TripEvidence],
) -> Result<Vec<Option<Recorded>>, StoreError> {
    store.redetect(evidence)
}
