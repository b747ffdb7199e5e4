//! Which detector judges.

use std::collections::{BTreeMap, BTreeSet};

use ingest::wire::Message;
use trip::{Batch, Bump, Report, Sample, Stretch, TripId, TripKey};

use super::Event;
use super::classic::Classic;
use super::drive::{Found, Road, Said};
use super::recording::{in_one_message, readings};
use crate::pipeline::Pipeline;

/// A detector with its configuration.
#[derive(Clone, Debug)]
pub enum Judge {
    /// The product's own.
    Jounce(Box<detector::Config>),
    /// A published one.
    Classic(Classic),
}

impl Judge {
    /// The product's own detector.
    pub fn jounce(config: detector::Config) -> Self {
        Self::Jounce(Box::new(config))
    }

    /// The detector's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Jounce(_) => "jounce",
            Self::Classic(classic) => classic.name(),
        }
    }

    /// The hash of its configuration, for detectors that have one.
    pub fn config_hash(&self) -> Option<String> {
        match self {
            Self::Jounce(config) => Some(config.generation().config_hash),
            Self::Classic(_) => None,
        }
    }

    /// The score from which on an event is one, unless somebody asks for another.
    pub fn threshold(&self) -> f64 {
        match self {
            Self::Jounce(config) => config.trigger.threshold,
            Self::Classic(classic) => classic.threshold(),
        }
    }

    /// The same detector, saying everything down to this score; the published ones always do.
    pub fn down_to(mut self, score: f64) -> Self {
        if let Self::Jounce(config) = &mut self {
            let floor = &mut config.trigger.candidate_floor;
            *floor = floor.min(score);
        }
        self
    }

    /// What it finds in the messages of a trace, in order of time, and how rough it holds the road.
    pub(super) fn judge(&self, messages: &[(TripKey, Message)]) -> (Vec<Found>, Vec<Road>) {
        let (mut found, roads) = match self {
            Self::Jounce(config) => found_by_jounce(config, messages),
            Self::Classic(classic) => (found_by(*classic, messages), Vec::new()),
        };
        found.retain(|found| !found.event.score.is_nan());
        found.sort_by(|a, b| {
            let (a, b) = (a.event, b.event);
            a.t_us.cmp(&b.t_us).then(b.score.total_cmp(&a.score))
        });
        (found, roads)
    }

    /// The highest score in a few seconds of readings, each clip a trip of its own; −∞ when nothing
    /// in it has a score.
    pub fn highest(&self, samples: &[Sample]) -> f64 {
        let key = TripKey {
            device: "clip".parse().expect("a name of four letters"),
            trip: TripId::from_bytes([0; 16]),
        };
        let batch = Batch {
            samples: samples.to_vec(),
            ..Batch::default()
        };
        let everything = self.clone().down_to(f64::MIN);
        let (found, _) = everything.judge(&[in_one_message(key, batch)]);
        let scores = found.iter().map(|found| found.event.score);
        scores.fold(f64::NEG_INFINITY, f64::max)
    }
}

fn found_by_jounce(
    config: &detector::Config,
    messages: &[(TripKey, Message)],
) -> (Vec<Found>, Vec<Road>) {
    let mut pipeline = Pipeline::new(config.clone(), None);
    for (key, message) in messages {
        pipeline.feed(key, message.clone());
    }
    let (mut found, mut roads) = (Vec::new(), Vec::new());
    for trip in pipeline.close_all() {
        let report = trip.evidence.report;
        found.extend(bumps(&report).map(Found::of));
        roads.extend(report.stretches.iter().filter_map(Road::judged));
    }
    (found, roads)
}

/// What a published detector finds in each trip by itself.
fn found_by(classic: Classic, messages: &[(TripKey, Message)]) -> Vec<Found> {
    let trips: BTreeSet<&TripKey> = messages.iter().map(|(key, _)| key).collect();
    let of_trip = |trip: &TripKey| {
        let of_trip = messages.iter().filter(|(key, _)| key == trip);
        let (samples, fixes) = readings(of_trip);
        classic.events(&samples, &fixes)
    };
    let events = trips.into_iter().flat_map(of_trip);
    events.map(|event| Found { event, said: None }).collect()
}

fn bumps(report: &Report) -> impl Iterator<Item = &Bump> {
    report.bumps.iter().chain(&report.candidates)
}

impl Found {
    fn of(bump: &Bump) -> Self {
        let kinds: BTreeMap<_, _> = (trip::Kind::ALL.iter().zip(bump.kind_probability)).collect();
        Self {
            event: Event {
                t_us: bump.peak_us,
                score: f64::from(bump.score),
            },
            said: Some(Said {
                probability: f64::from(bump.probability),
                kind: bump.kind,
                kind_probability: f64::from(kinds.get(&bump.kind).copied().unwrap_or(0.0)),
                place: bump.place,
            }),
        }
    }
}

impl Road {
    fn judged(stretch: &Stretch) -> Option<Self> {
        let roughness = stretch.roughness?;
        Some(Self {
            begin_us: stretch.begin_us,
            end_us: stretch.end_us,
            iri_m_per_km: f64::from(roughness.iri_m_per_km?),
            iri_interval: (roughness.iri_range_m_per_km()).map(|range| range.map(f64::from)),
        })
    }
}
