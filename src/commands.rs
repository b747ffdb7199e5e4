//! The list of commands, and what they have in common.

mod backup;
mod detect;
pub mod device;
mod diff;
mod drive;
mod evaluate;
mod evaluate_map;
mod explain;
pub(crate) mod inbox;
mod inspect;
pub(crate) mod map;
mod reading;
mod recordings;
mod replay;
mod serve;
mod simulate;
mod sweep;
mod train;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::replay::Outcome;
use replay::Taking;

/// How a command ended, when it could be carried out at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All good.
    Good,
    /// Something was refused, the rest is done.
    Refused,
    /// Stopped by Ctrl-C.
    Stopped,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Good => Self::SUCCESS,
            Ending::Refused => Self::FAILURE,
            // What a shell gives a program that SIGINT ended.
            Ending::Stopped => Self::from(130),
        }
    }
}

impl Ending {
    fn refused_if(refused: bool) -> Self {
        if refused { Self::Refused } else { Self::Good }
    }
}

/// Carries out a command.
///
/// # Errors
/// When it cannot be carried out; what could be done before that is done.
pub fn run(cli: Cli) -> anyhow::Result<Ending> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let ran = match cli.command {
        Command::Replay(args) => replay::run(&args, Taking::All, &mut out),
        Command::Redetect(args) => replay::run(&args.replay, Taking::Held, &mut out),
        Command::Detect(args) => detect::run(&args, &mut out),
        Command::Simulate(args) => simulate::run(&args, &mut out),
        Command::Map(args) => map::start(&args, &mut out),
        Command::Serve(args) => serve::run(&args, &mut out),
        Command::Device(args) => device::on_disk(&args, &mut out),
        Command::Inbox(args) => inbox::start(&args, &mut out),
        Command::Backup(args) => backup::back_up(&args, &mut out),
        Command::Restore(args) => backup::restore(&args, &mut out),
        Command::Drive(args) => drive::run(&args, &mut out),
        Command::Inspect(args) => inspect::run(&args, &mut out),
        Command::Evaluate(args) => evaluate::run(&args, &mut out),
        Command::EvaluateMap(args) => evaluate_map::run(&args, &mut out),
        Command::Sweep(args) => sweep::run(&args, &mut out),
        Command::Train(args) => train::run(&args, &mut out),
        Command::Diff(args) => diff::run(&args, &mut out),
        Command::Explain(args) => explain::run(&args, &mut out),
    };
    match ran.and_then(|ending| out.flush().map(|()| ending).map_err(Into::into)) {
        // Whoever read our output has seen enough: `jounce map list … | head`.
        Err(error) if is_broken_pipe(&error) => Ok(Ending::Good),
        ran => ran,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let kind = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>();
        let csv = cause.downcast_ref::<csv::Error>().map(csv::Error::kind);
        let csv = csv.and_then(|k| {
            if let csv::ErrorKind::Io(e) = k {
                Some(e.kind())
            } else {
                None
            }
        });
        io.or_else(|| json.and_then(serde_json::Error::io_error_kind))
            .or(csv)
    };
    error
        .chain()
        .any(|cause| kind(cause) == Some(io::ErrorKind::BrokenPipe))
}

/// Sends warnings to standard error.
pub fn start_log() {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(tracing::Level::WARN)
        .with_target(false)
        .without_time()
        .init();
}

/// Tells on standard error what of a trace was refused.
fn tell_refusals(path: &Path, outcome: &Outcome) {
    for refusal in &outcome.refusals {
        eprintln!("{}: {refusal}", path.display());
    }
    let more = outcome.refused - outcome.refusals.len() as u64;
    if more > 0 {
        eprintln!("{}: {more} more like these", path.display());
    }
}
