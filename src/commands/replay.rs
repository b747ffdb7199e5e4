//! `jounce replay`: recorded drives into a map.

mod account;

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aggregator::{Mode, Recorded, Store, TripEvidence};
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use ingest::folder;
use ingest::intake::Tally;

use super::{Ending, tell_refusals};
use crate::cli;
use crate::pipeline::{self, ClosedTrip};
use crate::replay::{Outcome, Reading};
use crate::trim::TrimRule;

pub(super) fn run(args: &cli::Replay, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let survey = folder::survey(&args.paths);
    let stopped = stop_on_ctrl_c()?;
    let mut session = Session::open(&args.map)?;
    let reading = Reading {
        trim: args.trim.then(TrimRule::default),
        device: args.device.clone(),
        ..Reading::default()
    };
    let bar = progress(&survey.traces);
    let mut failed = None;
    reading.traces(&survey.traces, |path, outcome| {
        bar.suspend(|| tell_refusals(path, &outcome));
        if let Err(error) = session.take(path, outcome) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        bar.inc(bytes(path));
        if stopped.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    bar.finish_and_clear();
    if let Some(error) = failed {
        return Err(error);
    }
    session.finish()?;
    for unseen in &survey.refused {
        eprintln!("{}: {}", unseen.path.display(), unseen.refusal);
    }
    for path in &session.outranked {
        let text = "the map holds more messages of its trip and keeps those; \
                    a trip in several files must be replayed as one: cat them together";
        eprintln!("{}: {text}", path.display());
    }
    account::write(&session, &survey, out)?;
    if stopped.load(Ordering::Relaxed) {
        out.flush()?;
        eprintln!("stopped; the map holds all trips above and is whole. The same command goes on");
        return Ok(Ending::Stopped);
    }
    Ok(Ending::refused_if(
        session.refused_traces > 0 || !survey.refused.is_empty() || !session.outranked.is_empty(),
    ))
}

/// A map that is being extended, and what has become of the traces.
struct Session {
    store: Store,
    /// Evidence that is not in the map yet, and the trace it came from.
    pending: Vec<TripEvidence>,
    sources: Vec<PathBuf>,
    recorded: BTreeMap<Recorded, u64>,
    /// Traces whose trips the map knew already.
    known: Vec<PathBuf>,
    /// Traces that took the place of what the map held of their trips.
    replaced: Vec<PathBuf>,
    /// Traces that had less of a trip than the map.
    outranked: Vec<PathBuf>,
    traces: u64,
    refused_traces: u64,
    refused: u64,
    silent_trips: u64,
    messages: u64,
    samples: u64,
    fixes: u64,
    tally: Tally,
}

/// Trips in one transaction of the map.
const TRIPS_A_TRANSACTION: usize = 64;

impl Session {
    fn open(map: &Path) -> anyhow::Result<Self> {
        let store = Store::open(map, Mode::Write).context("cannot build a map")?;
        Ok(Self {
            store,
            pending: Vec::new(),
            sources: Vec::new(),
            recorded: BTreeMap::new(),
            known: Vec::new(),
            replaced: Vec::new(),
            outranked: Vec::new(),
            traces: 0,
            refused_traces: 0,
            refused: 0,
            silent_trips: 0,
            messages: 0,
            samples: 0,
            fixes: 0,
            tally: Tally::default(),
        })
    }

    fn take(&mut self, path: &Path, outcome: Outcome) -> anyhow::Result<()> {
        self.traces += 1;
        self.refused_traces += u64::from(outcome.refused > 0);
        self.refused += outcome.refused;
        self.messages += outcome.messages;
        for trip in outcome.trips {
            self.take_trip(path, trip);
            if self.pending.len() >= TRIPS_A_TRANSACTION {
                self.record()?;
            }
        }
        Ok(())
    }

    fn take_trip(&mut self, path: &Path, trip: ClosedTrip) {
        self.samples += trip.samples;
        self.fixes += trip.fixes;
        self.tally += trip.tally;
        if trip.evidence.report.is_empty() {
            self.silent_trips += 1;
            return;
        }
        self.pending.push(trip.evidence);
        self.sources.push(path.to_owned());
    }

    /// Puts what is pending into the map.
    fn record(&mut self) -> anyhow::Result<()> {
        let evidence = std::mem::take(&mut self.pending);
        let sources = std::mem::take(&mut self.sources);
        let recorded =
            pipeline::record(&mut self.store, &evidence).context("cannot extend the map")?;
        for (recorded, source) in recorded.into_iter().zip(sources) {
            *self.recorded.entry(recorded).or_default() += 1;
            match recorded {
                Recorded::Unchanged => self.known.push(source),
                Recorded::Replaced => self.replaced.push(source),
                Recorded::Outranked => self.outranked.push(source),
                Recorded::Added => {}
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        self.record()?;
        self.store.project().context("cannot fold the map")
    }
}

/// A flag that the first Ctrl-C sets; the second one ends the program at once.
fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopped);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping after the traces under way; press Ctrl-C again to stop at once");
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")?;
    Ok(stopped)
}

/// A bar over the bytes of the traces, on a terminal only.
fn progress(traces: &[PathBuf]) -> ProgressBar {
    let bar = ProgressBar::new(traces.iter().map(|path| bytes(path)).sum());
    let style = "{bar:40} {bytes} of {total_bytes}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
