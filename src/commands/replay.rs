//! `jounce replay` and `jounce redetect`: recorded drives into a map.

mod account;
mod session;

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use super::evaluate::config;
use super::reading::{bytes, go_on, look, progress, stop_on_ctrl_c, tell_unseen};
use super::{Ending, tell_refusals};
use crate::cli;
use crate::replay::Reading;
use crate::trim::TrimRule;
use session::Session;

/// Which trips are taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taking {
    /// All of them: `replay`.
    All,
    /// Those that the map holds, to be judged anew: `redetect`.
    Held,
}

pub(super) fn run(
    args: &cli::Replay,
    taking: Taking,
    out: &mut dyn Write,
) -> anyhow::Result<Ending> {
    let reading = Reading {
        detector: config(args.config.as_deref())?,
        trim: args.trim.then(TrimRule::default),
        device: args.device.clone(),
    };
    let survey = look(&args.paths);
    if survey.traces.is_empty() {
        tell_unseen(&survey);
        account::write_passed_over(&survey, out)?;
        anyhow::bail!("no traces found; nothing was mapped");
    }
    let stopped = stop_on_ctrl_c()?;
    let mut session = Session::open(&args.map, taking)?;
    let bar = progress(&survey.traces);
    let mut failed = None;
    reading.traces(&survey.traces, |path, outcome| {
        bar.suspend(|| tell_refusals(path, &outcome));
        if let Err(error) = session.take(path, outcome) {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        bar.inc(bytes(path));
        go_on(&stopped)
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
