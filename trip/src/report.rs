//! What the detector says of a trip.

use crate::batch::vocabulary;
use crate::{Bump, Stretch};

/// What the detector found, judged and skipped, each in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Jolts whose score reaches the threshold.
    pub bumps: Vec<Bump>,
    /// Jolts below the threshold, for precision/recall curves; they never reach the map.
    pub candidates: Vec<Bump>,
    /// Road driven and judged.
    pub stretches: Vec<Stretch>,
    /// Time that was not judged, and why.
    pub skipped: Vec<Skipped>,
}

/// Time that was not judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Skipped {
    /// From here, µs of the phone's clock.
    pub begin_us: i64,
    /// To here.
    pub end_us: i64,
    /// Why.
    pub reason: SkipReason,
}

/// Which detector, with which configuration, said it. One generation counts per trip.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation {
    /// The detector's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The first 16 hex digits of the SHA-256 of its configuration.
    pub config_hash: String,
}

vocabulary! {
    /// Why time was not judged.
    SkipReason {
        /// The vehicle stood or crawled: whatever shook the phone was not the road.
        Slow => "slow",
        /// Somebody moved the phone in its place.
        Handling => "handling",
        /// Braking, turning or a manoeuvre outweighed the vertical motion.
        Manoeuvre => "manoeuvre",
        /// No samples for longer than the gap limit.
        Gap => "gap",
        /// The phone sampled too slowly to show a jolt.
        LowRate => "low_rate",
        /// Too little signal before or after to judge by.
        Edge => "edge",
        /// Fixes without any accelerometer.
        NoSamples => "no_samples",
        /// Readings that no phone in a moving vehicle gives: they never change, or hold neither
        /// gravity nor the word that it was taken out (they may be in g).
        NoSignal => "no_signal",
    }
}

impl Skipped {
    /// How long, seconds.
    pub fn duration_s(&self) -> f64 {
        (self.end_us - self.begin_us) as f64 / 1e6
    }
}

impl Report {
    /// Adds what a later part of the same trip said.
    pub fn append(&mut self, mut later: Self) {
        self.bumps.append(&mut later.bumps);
        self.candidates.append(&mut later.candidates);
        self.stretches.append(&mut later.stretches);
        self.skipped.append(&mut later.skipped);
    }

    /// Whether nothing was found, judged or skipped.
    pub fn is_empty(&self) -> bool {
        self.bumps.is_empty()
            && self.candidates.is_empty()
            && self.stretches.is_empty()
            && self.skipped.is_empty()
    }
}
