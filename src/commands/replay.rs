//! `jounce replay`: recorded drives into a map.

mod account;
mod session;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use ingest::folder::{self, Survey, Unseen};

use super::{Ending, tell_refusals};
use crate::cli;
use crate::replay::Reading;
use crate::trim::TrimRule;
use session::Session;

pub(super) fn run(args: &cli::Replay, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let survey = look(&args.paths);
    if survey.traces.is_empty() {
        tell_unseen(&survey);
        account::write_passed_over(&survey, out)?;
        anyhow::bail!("no traces found; nothing was mapped");
    }
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
    session.finish(&reading)?;
    tell_unseen(&survey);
    for path in &session.halves {
        let text = "other messages of its trip than the map holds; the reading with more of them \
                    stands. Replay all parts of the trip together";
        eprintln!("{}: {text}", path.display());
    }
    account::write(&session, &survey, out)?;
    if stopped.load(Ordering::Relaxed) {
        out.flush()?;
        eprintln!("stopped; the map holds all trips above and is whole. The same command goes on");
        return Ok(Ending::Stopped);
    }
    Ok(Ending::refused_if(
        session.counts.refused_traces > 0
            || !survey.refused.is_empty()
            || !session.halves.is_empty(),
    ))
}

/// What lies under the paths; a path that does not exist is refused before anything is made.
fn look(paths: &[PathBuf]) -> Survey {
    let mut survey = folder::survey(paths);
    let (traces, missing) = std::mem::take(&mut survey.traces)
        .into_iter()
        .partition(|path| path == Path::new("-") || path.exists());
    survey.traces = traces;
    let missing: Vec<PathBuf> = missing;
    survey
        .refused
        .extend(missing.into_iter().map(Unseen::missing));
    survey
}

fn tell_unseen(survey: &Survey) {
    for unseen in &survey.refused {
        eprintln!("{}: {}", unseen.path.display(), unseen.refusal);
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
