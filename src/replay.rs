//! Recorded traces through the pipeline: several at once, results in order.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ingest::trace::{Refusal, Trace};
use ingest::wire::Message;
use trip::{DeviceId, TripKey};

use crate::parallel;
use crate::pipeline::{ClosedTrip, Pipeline};
use crate::trim::TrimRule;

/// How traces are read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What judges them.
    pub detector: detector::Config,
    /// What is cut from the ends of every trip.
    pub trim: Option<TrimRule>,
    /// Whose traces they are that do not say.
    pub device: Option<DeviceId>,
}

/// What came of one trace.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Its trips, in order of their keys.
    pub trips: Vec<ClosedTrip>,
    /// Messages that were read.
    pub messages: u64,
    /// The first refusals, in order; see `refused`.
    pub refusals: Vec<Refusal>,
    /// How much was refused in all.
    pub refused: u64,
}

/// Refusals of one trace that are kept word for word.
const MAX_REFUSALS: usize = 10;

impl Reading {
    /// Reads one trace to its end; `-` is standard input.
    pub fn trace(&self, path: &Path) -> Outcome {
        let mut pipeline = Pipeline::new(self.detector.clone(), self.trim);
        let mut outcome = self.messages(path, |key, message| pipeline.feed(key, message));
        outcome.trips = pipeline.close_all();
        outcome
    }

    /// Reads the messages of one trace to its end, and no more: the outcome has no trips.
    pub fn messages(&self, path: &Path, mut each: impl FnMut(&TripKey, Message)) -> Outcome {
        let mut outcome = Outcome::default();
        let trace = match Trace::open(path, self.device.as_ref()) {
            Ok(trace) => trace,
            Err(refusal) => {
                outcome.refuse(refusal);
                return outcome;
            }
        };
        for message in trace {
            match message {
                Ok(message) => {
                    outcome.messages += 1;
                    // A trace names the device of every message, in the message or for it.
                    if let Some(key) = message.key() {
                        each(&key, message);
                    }
                }
                Err(refusal) => outcome.refuse(refusal),
            }
        }
        outcome
    }

    /// Reads one trip out of several traces that hold parts of it.
    pub fn joined(&self, key: &TripKey, paths: &[PathBuf]) -> Option<ClosedTrip> {
        let open = |path: &PathBuf| Trace::open(path, self.device.as_ref()).ok();
        let messages = paths
            .iter()
            .filter_map(open)
            .flat_map(|trace| trace.flatten());
        let mut messages: Vec<Message> = messages
            .filter(|message| message.key().as_ref() == Some(key))
            .collect();
        messages.sort_by_key(|message| message.seq);
        let mut pipeline = Pipeline::new(self.detector.clone(), self.trim);
        messages
            .into_iter()
            .for_each(|message| pipeline.feed(key, message));
        pipeline.close(key)
    }

    /// Reads many traces, one a processor, and hands over what came of each in the order given.
    /// Stops early when `take` breaks.
    pub fn traces(
        &self,
        paths: &[PathBuf],
        mut take: impl FnMut(&Path, Outcome) -> ControlFlow<()>,
    ) {
        parallel::in_order(
            paths,
            parallel::workers(),
            |path| self.trace(path),
            |path, outcome| take(path, outcome),
        );
    }
}

impl Outcome {
    fn refuse(&mut self, refusal: Refusal) {
        self.refused += 1;
        if self.refusals.len() < MAX_REFUSALS {
            self.refusals.push(refusal);
        }
    }
}
