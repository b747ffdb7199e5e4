//! A trace with everything that its detectors saw.

use std::path::Path;

use ingest::wire::Message;
use trip::{Sample, TripKey};

use super::scene::{Scene, Span};
use crate::evaluate::Mark;
use crate::evaluate::recording::{TruthError, readings, stem, truth_beside};
use crate::pipeline::{ClosedTrip, Pipeline};
use crate::render::seconds;
use crate::replay::{Outcome, Reading};

/// A trace, judged while somebody watched.
#[derive(Debug)]
pub struct Recorded {
    name: String,
    config: detector::Config,
    trips: Vec<(ClosedTrip, Vec<Sample>)>,
    marks: Option<Vec<Mark>>,
}

/// The moment lies outside the trace.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "{at_s:.2} s lies outside the trace, which runs from {begin_s:.2} to {end_s:.2} s on its own clock"
)]
pub struct OutsideError {
    /// What was asked for, s.
    pub at_s: f64,
    /// Where the trace begins, s.
    pub begin_s: f64,
    /// Where it ends, s.
    pub end_s: f64,
}

impl Recorded {
    /// Reads a trace, `-` for standard input, and the labels beside it, and lets the detector judge
    /// it through the same pipeline as every other command. What was refused stands in the outcome;
    /// there is nothing recorded when nothing could be read.
    ///
    /// # Errors
    /// When the labels beside it cannot be read.
    pub fn read(
        path: &Path,
        config: &detector::Config,
    ) -> Result<(Outcome, Option<Self>), TruthError> {
        let mut messages: Vec<(TripKey, Message)> = Vec::new();
        let outcome = Reading::default().messages(path, |key, message| {
            messages.push((key.clone(), message));
        });
        if messages.is_empty() {
            return Ok((outcome, None));
        }
        let (name, marks) = if path == Path::new("-") {
            ("standard input".to_owned(), None)
        } else {
            (stem(path), truth_beside(path)?.0)
        };
        let recorded = Self {
            name,
            config: config.clone(),
            trips: watched(config, &messages),
            marks,
        };
        Ok((outcome, Some(recorded)))
    }

    /// From when to when it runs, µs.
    pub fn span_us(&self) -> (i64, i64) {
        let spans = self.trips.iter().map(|(trip, _)| span_us(trip));
        let all = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        all.unwrap_or((0, 0))
    }

    /// What lies around a moment. Of several trips at that time the first one, in order of their
    /// keys.
    ///
    /// # Errors
    /// When no trip of the trace runs then.
    pub fn around(&self, span: Span) -> Result<Scene<'_>, OutsideError> {
        let runs = |trip: &ClosedTrip| {
            let (begin_us, end_us) = span_us(trip);
            begin_us <= span.at_us && span.at_us <= end_us
        };
        let trip = self.trips.iter().find(|(trip, _)| runs(trip));
        let (trip, samples) = trip.ok_or_else(|| {
            let (begin_us, end_us) = self.span_us();
            OutsideError {
                at_s: seconds(span.at_us),
                begin_s: seconds(begin_us),
                end_s: seconds(end_us),
            }
        })?;
        let marks = self.marks.as_deref();
        Ok(Scene::cut(
            &self.name,
            &self.config,
            trip,
            samples,
            marks,
            span,
        ))
    }
}

fn span_us(trip: &ClosedTrip) -> (i64, i64) {
    (trip.evidence.first_us, trip.evidence.last_us)
}

/// The trips of some messages, each with its readings.
fn watched(
    config: &detector::Config,
    messages: &[(TripKey, Message)],
) -> Vec<(ClosedTrip, Vec<Sample>)> {
    let mut pipeline = Pipeline::new(config.clone(), None).watching();
    for (key, message) in messages {
        pipeline.feed(key, message.clone());
    }
    let with_readings = |trip: ClosedTrip| {
        let key = trip.evidence.key.clone();
        let of_trip = messages.iter().filter(|(other, _)| *other == key);
        let (samples, _) = readings(of_trip);
        (trip, samples)
    };
    let trips = pipeline.close_all();
    trips.into_iter().map(with_readings).collect()
}
