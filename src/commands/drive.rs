//! `jounce drive`: recorded trips played as phones would send them, and the contract checked.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::sync::atomic::Ordering::Relaxed;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::watch;

use super::reading::{look, tell_unseen};
use super::{Ending, tell_refusals};
use crate::cli;
use crate::drive::phone::Habits;
use crate::drive::quality::Quality;
use crate::drive::raw::Raw;
use crate::drive::tally::Tally;
use crate::drive::track::{self, Track};
use crate::drive::{Drive, Logins, Task};

pub(super) fn run(args: &cli::Drive, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let task = task(args)?;
    let phones = match &task {
        Task::Play(tracks) => args.phones.unwrap_or(tracks.len() as u32),
        Task::Raw(_) => args.load.connections,
        Task::Storm => args.load.storm.unwrap_or(1),
    };
    let drive = drive(args, phones)?;
    let stop = stop_on_ctrl_c()?;
    let bar = progress();
    let (summary, ledger) = drive.run(task, stop.clone(), |tally| tell(&bar, tally))?;
    bar.finish_and_clear();
    match args.json {
        true => {
            serde_json::to_writer_pretty(&mut *out, &summary)?;
            writeln!(out)?;
        }
        false => summary.write(out)?,
    }
    if let Some(path) = &args.ledger {
        let cannot = || format!("cannot write {}", path.display());
        let mut file = BufWriter::new(File::create(path).with_context(cannot)?);
        ledger
            .write(&mut file)
            .and_then(|()| file.flush())
            .with_context(cannot)?;
    }
    let stopped = *stop.borrow();
    Ok(match (summary.is_whole(), stopped) {
        (false, _) => Ending::Refused,
        (true, true) => Ending::Stopped,
        (true, false) => Ending::Good,
    })
}

fn task(args: &cli::Drive) -> anyhow::Result<Task> {
    if args.load.storm.is_some() {
        return Ok(Task::Storm);
    }
    if let Some(publishes) = args.load.raw_publishes {
        return Ok(Task::Raw(Raw {
            publishes,
            payload_bytes: args.load.payload_bytes as usize,
            window: args.load.window,
        }));
    }
    let survey = look(&args.paths);
    tell_unseen(&survey);
    let quality = Quality {
        batch_us: (args.batch_seconds * 1e6) as i64,
        browser: args.browser,
    };
    let tracks: Vec<Track> = track::load(&survey.traces, &quality, tell_refusals);
    anyhow::ensure!(!tracks.is_empty(), "no trips found; nothing was driven");
    Ok(Task::Play(tracks))
}

fn drive(args: &cli::Drive, phones: u32) -> anyhow::Result<Drive> {
    let target = args.broker.as_ref().or(args.post.as_ref());
    let target = target.context("say where to with --broker or --post")?;
    let logins = match (&args.logins.credentials, &args.logins.invite) {
        (Some(path), _) => Logins::File(path.clone()),
        (None, Some(code)) => {
            let server = args.logins.http.as_ref().or(args.post.as_ref());
            let server = server.context("say with --http where the invitation is traded in")?;
            Logins::Invitation(code.clone(), server.clone())
        }
        (None, None) => Logins::Open(args.logins.device_prefix.clone()),
    };
    let seed = match args.seed {
        Some(seed) => seed,
        None => getrandom::u64().context("the system gives no random numbers")?,
    };
    let us = |seconds: f64| (seconds * 1e6) as i64;
    Ok(Drive {
        target: target.clone(),
        logins,
        phones,
        sources: args.load.sources,
        speedup: args.speedup,
        length_us: args.minutes.map(|minutes| us(minutes * 60.0)),
        habits: Habits {
            offline: args.habits.offline,
            resend: args.habits.resend,
            reconnect_us: args.habits.reconnect_every.map(us),
        },
        seed,
        flush_us: us(args.habits.flush_seconds),
        threads: usize::from(args.load.threads),
    })
}

/// Set by the first Ctrl-C; the second one ends the program at once.
fn stop_on_ctrl_c() -> anyhow::Result<watch::Receiver<bool>> {
    let (sender, stop) = watch::channel(false);
    let handler = move || {
        if sender.send_replace(true) {
            std::process::exit(130);
        }
        eprintln!("ending the trips and waiting for acks; press Ctrl-C again to stop at once");
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")?;
    Ok(stop)
}

/// A line that says how far phones are, on a terminal only.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{elapsed} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn tell(bar: &ProgressBar, tally: &Tally) {
    bar.set_message(format!(
        "{} on the air · {} made · {} acked · {} waiting",
        tally.connected.load(Relaxed),
        tally.made.load(Relaxed),
        tally.acked.load(Relaxed),
        tally.waiting(),
    ));
    bar.tick();
}
