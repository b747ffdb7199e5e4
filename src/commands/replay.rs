//! `jounce replay`: recorded drives into a map.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aggregator::{Mode, Recorded, Store, TripEvidence};
use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use ingest::folder::{self, Survey};
use ingest::intake::Tally;

use super::{Ending, tell_refusals};
use crate::cli;
use crate::pipeline::{self, ClosedTrip};
use crate::render;
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
    session.write_account(&survey, out)?;
    if stopped.load(Ordering::Relaxed) {
        out.flush()?;
        eprintln!("stopped; the map holds all trips above and is whole. The same command goes on");
        return Ok(Ending::Stopped);
    }
    Ok(Ending::refused_if(
        session.refused_traces > 0 || !survey.refused.is_empty(),
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
        }
        if self.pending.len() >= TRIPS_A_TRANSACTION {
            self.record()?;
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
                Recorded::Outranked => self.outranked.push(source),
                _ => {}
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> anyhow::Result<()> {
        self.record()?;
        self.store.project().context("cannot fold the map")
    }

    fn write_account(&self, survey: &Survey, out: &mut dyn Write) -> anyhow::Result<()> {
        for passed in &survey.passed_over {
            writeln!(
                out,
                "passed over {}: {}",
                passed.path.display(),
                passed.kind
            )?;
        }
        for path in &self.known {
            writeln!(
                out,
                "{}: already in the map, nothing changed",
                path.display()
            )?;
        }
        for path in &self.outranked {
            let text =
                "the map holds more of its trip and keeps that; replay its parts as one trace";
            writeln!(out, "{}: {text}", path.display())?;
        }
        let summary = self.store.summary()?;
        let times = |recorded| self.recorded.get(&recorded).copied().unwrap_or(0);
        let mut rows = vec![
            (
                "traces",
                format!(
                    "{} read, {} with something refused, {} passed over",
                    render::grouped(self.traces),
                    render::grouped(self.refused_traces + survey.refused.len() as u64),
                    render::grouped(survey.passed_over.len() as u64),
                ),
            ),
            (
                "trips",
                format!(
                    "{} new, {} replaced, {} already in the map{}",
                    render::grouped(times(Recorded::Added)),
                    render::grouped(times(Recorded::Replaced)),
                    render::grouped(times(Recorded::Unchanged) + times(Recorded::Outranked)),
                    if self.silent_trips > 0 {
                        format!(", {} empty", self.silent_trips)
                    } else {
                        String::new()
                    },
                ),
            ),
            (
                "readings",
                format!(
                    "{}, {}, {}",
                    render::count(self.messages, "message", "messages"),
                    render::count(self.samples, "sample", "samples"),
                    render::count(self.fixes, "fix", "fixes"),
                ),
            ),
        ];
        rows.extend(self.dropped().map(|text| ("dropped", text)));
        rows.push((
            "the map now",
            format!(
                "{}, {:.1} h, {:.1} km of road judged",
                render::count(summary.trips, "trip", "trips"),
                summary.hours,
                summary.km_judged,
            ),
        ));
        rows.push((
            "bumps",
            format!(
                "{} on the map, {} without a place",
                render::grouped(summary.bumps_mapped),
                render::grouped(summary.bumps_without_place),
            ),
        ));
        let states = summary
            .hazards_by_state
            .iter()
            .map(|(state, n)| format!("{n} {state}"));
        let states = states.collect::<Vec<_>>().join(", ");
        rows.push((
            "hazards",
            match summary.hazards() {
                0 => "0".to_owned(),
                n => format!("{} ({states})", render::grouped(n)),
            },
        ));
        let rows = rows
            .into_iter()
            .map(|(name, value)| vec![name.to_owned(), value]);
        writeln!(out, "{}", render::table(&[], &[], rows))?;
        Ok(())
    }

    /// What the intake dropped, in words; `None` when it dropped nothing.
    fn dropped(&self) -> Option<String> {
        let tally = self.tally;
        let readings = tally.repeated_samples + tally.repeated_rotations + tally.repeated_fixes;
        let parts = [
            (tally.duplicates, "repeated messages"),
            (tally.late, "late messages"),
            (u64::from(tally.missing), "messages missing"),
            (readings, "readings not later than the one before"),
            (self.refused, "refused"),
        ];
        let texts = parts.into_iter().filter(|(n, _)| *n > 0);
        let texts: Vec<String> = texts.map(|(n, what)| format!("{n} {what}")).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
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
