//! `jounce map …`: ask a map, and tell it what people decided.

pub(crate) mod area;
mod coverage;
mod export;
mod features;
mod forget;
mod list;
mod objects;
mod repairs;
mod retain;
mod say;
mod show;
mod sql;

use std::io::Write;

use aggregator::{Mode, Store};
use anyhow::Context as _;

use super::Ending;
use crate::cli::{MapCommand, SummaryFormat};
use crate::serve::control;

/// Has the server carry the command out that holds the map, or does it here.
pub(super) fn start(args: &MapCommand, out: &mut dyn Write) -> anyhow::Result<Ending> {
    match control::ask(args.folder(), out)? {
        Some(ending) => Ok(ending),
        None => run(args, out),
    }
}

pub(crate) fn run(args: &MapCommand, out: &mut dyn Write) -> anyhow::Result<Ending> {
    match args {
        MapCommand::List(args) => list::list(args, out)?,
        MapCommand::Summary(args) => {
            let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
            match args.format {
                SummaryFormat::Table => list::write_summary(&store, out)?,
                SummaryFormat::Json => {
                    let summary = store.summary().context("cannot read the map")?;
                    objects::write_summary(&summary, out)?;
                }
            }
        }
        MapCommand::Area(args) => area::run(args, out)?,
        MapCommand::Coverage(args) => coverage::run(args, out)?,
        MapCommand::Show(args) => show::show(args, out)?,
        MapCommand::History(args) => show::history(args, out)?,
        MapCommand::Act(args) => say::act(args, out)?,
        MapCommand::Inspect(args) => say::inspect(args, out)?,
        MapCommand::Report(args) => say::report(args, out)?,
        MapCommand::Refer(args) => say::refer(args, out)?,
        MapCommand::ImportKnown(args) => return features::import(args, out),
        MapCommand::ImportRepairs(args) => return repairs::import(args, out),
        MapCommand::Export(args) => export::export(args, out)?,
        MapCommand::Snapshot(args) => export::snapshot(args, out)?,
        MapCommand::Retain(args) => retain::run(args, out)?,
        MapCommand::Forget(args) => forget::run(args, out)?,
        MapCommand::Sql(args) => sql::run(args, out)?,
        MapCommand::Rebuild(args) => {
            let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
            store.rebuild().context("cannot rebuild the map")?;
            list::write_summary(&store, out)?;
        }
    }
    Ok(Ending::Good)
}
