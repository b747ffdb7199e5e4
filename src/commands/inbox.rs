//! `jounce inbox`: what a server keeps of the trips that came in.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use ingest::inbox::{Inbox, Limits};
use ingest::wire;

use super::Ending;
use crate::cli::{InboxCommand, InboxExport, InboxStats};
use crate::render;
use crate::serve::control;
use crate::serve::folder::Folder;

/// Has the server carry the command out that holds the directory, or does it here.
pub(super) fn start(command: &InboxCommand, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let data = match command {
        InboxCommand::Export(args) => &args.data,
        InboxCommand::Stats(args) => &args.data,
    };
    if let Some(ending) = control::ask(data, out)? {
        return Ok(ending);
    }
    let folder = Folder::existing(data)?;
    let inbox = Inbox::read(&folder.inbox(), Limits::default()).context("cannot read the inbox")?;
    run(command, &inbox, out)
}

/// Carries the command out on an inbox.
pub(crate) fn run(
    command: &InboxCommand,
    inbox: &Inbox,
    out: &mut dyn Write,
) -> anyhow::Result<Ending> {
    match command {
        InboxCommand::Export(args) => export(args, inbox, out),
        InboxCommand::Stats(args) => stats(args, inbox, out),
    }
}

/// Every trip that is kept, as the messages of a trace: what a map is made of, in a form that makes it
/// again.
fn export(args: &InboxExport, inbox: &Inbox, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let mut file = args.out.as_deref().map(own_file).transpose()?;
    let out = file.as_mut().map_or(out, |file| file as &mut dyn Write);
    let mut unreadable = 0;
    for (_, trip) in inbox.kept_after(None, usize::MAX) {
        let asked = args
            .device
            .as_ref()
            .is_none_or(|device| *device == trip.key.device)
            && args.trip.is_none_or(|name| name == trip.key.trip);
        if !asked {
            continue;
        }
        // Forgotten meanwhile, or damaged.
        let Ok(Some(kept)) = inbox.kept(&trip) else {
            unreadable += 1;
            continue;
        };
        for stored in &kept.messages {
            let mut message = wire::typed(&stored.payload).context("a kept message is none")?;
            message.device = Some(kept.key.device.as_str().to_owned());
            message.received_us = Some(stored.received_us);
            out.write_all(&message.to_json())?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    if unreadable > 0 {
        eprintln!(
            "{} cannot be read",
            render::count(unreadable, "trip", "trips")
        );
    }
    Ok(Ending::refused_if(unreadable > 0))
}

/// A new file that only its owner may read.
fn own_file(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true).mode(0o600);
    let file = options
        .open(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(BufWriter::new(file))
}

fn stats(args: &InboxStats, inbox: &Inbox, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let figures = inbox.counters().figures();
    let kept = inbox.kept_after(None, usize::MAX).len() as u64;
    let (raw_bytes, kept_bytes) = inbox.disk_bytes();
    if args.json {
        let json = serde_json::json!({
            "trips_open": inbox.open_trips(),
            "trips_kept": kept,
            "raw_bytes": raw_bytes,
            "kept_bytes": kept_bytes,
            "accepted": figures.accepted,
            "duplicates": figures.duplicates,
            "refused": figures.refused,
            "damaged_bytes": figures.damaged_bytes,
        });
        writeln!(out, "{json}")?;
        return Ok(Ending::Good);
    }
    writeln!(
        out,
        "open        {}",
        render::count(inbox.open_trips() as u64, "trip", "trips")
    )?;
    writeln!(out, "kept        {}", render::count(kept, "trip", "trips"))?;
    writeln!(
        out,
        "on disk     {} as they came, {} kept",
        render::bytes(raw_bytes),
        render::bytes(kept_bytes)
    )?;
    writeln!(
        out,
        "since start {}, {}, {}",
        render::count(figures.accepted, "message", "messages"),
        render::count(figures.duplicates, "duplicate", "duplicates"),
        render::count(figures.refused.values().sum(), "refusal", "refusals"),
    )?;
    for (reason, count) in &figures.refused {
        writeln!(out, "            {} {reason}", render::grouped(*count))?;
    }
    if figures.damaged_bytes > 0 {
        writeln!(out, "damaged     {}", render::bytes(figures.damaged_bytes))?;
    }
    Ok(Ending::Good)
}
