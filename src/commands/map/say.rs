//! `jounce map act`, `inspect`, `report` and `refer`: what people said, on disk before it is acknowledged.

use std::io::Write;

use aggregator::{
    Act, ActKind, CitizenReport, CloseReason, HazardId, Inspection, Mode, Pin, Reference, Said,
    SaidId, Store, What,
};
use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;

use crate::cli::{MapAct, MapInspect, MapRefer, MapReport, When};

pub(super) fn act(args: &MapAct, out: &mut dyn Write) -> anyhow::Result<()> {
    let (reason, note) = reason(args)?;
    let mut store = open(args)?;
    let what = What::Act(Act {
        hazard: pin(&store, args.id)?,
        act: args.act.into(),
        order: args.order.clone(),
        owner: args.owner.clone(),
        reason,
        note,
    });
    say(&mut store, args.at, &args.name, what)?;
    tell(&store, args.id, out)
}

fn open(args: &MapAct) -> anyhow::Result<Store> {
    Store::open(&args.file, Mode::Write).context("cannot open the map")
}

/// The reason of a dismissal, which is one of a few words; of anything else it is a note.
fn reason(args: &MapAct) -> anyhow::Result<(Option<CloseReason>, Option<String>)> {
    let act = ActKind::from(args.act);
    let words: Vec<&str> = (CloseReason::ALL.iter())
        .filter(|reason| **reason != CloseReason::KnownFeature)
        .map(|reason| reason.name())
        .collect();
    let words = words.join(", ");
    match (&args.reason, act) {
        (None, ActKind::Dismiss) => {
            bail!("dismiss needs --reason, one of {words} (what belongs there: use `known`)")
        }
        (Some(text), ActKind::Dismiss) => match CloseReason::from_name(text) {
            Some(reason) => Ok((Some(reason), None)),
            None => bail!("--reason of a dismissal is one of {words}"),
        },
        (note, _) => Ok((None, note.clone())),
    }
}

pub(super) fn inspect(args: &MapInspect, out: &mut dyn Write) -> anyhow::Result<()> {
    for (option, value) in [("--depth-mm", args.depth_mm), ("--width-mm", args.width_mm)] {
        let is_measured = value.is_none_or(|mm| mm.is_finite() && mm >= 0.0);
        ensure!(
            is_measured,
            "{option} is a number of millimetres, 0 or more"
        );
    }
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let what = What::Inspection(Inspection {
        hazard: pin(&store, args.id)?,
        found: args.found.is_yes(),
        kind: args.kind,
        depth_mm: args.depth_mm,
        width_mm: args.width_mm,
        owner: args.owner.clone(),
        note: args.note.clone(),
    });
    say(&mut store, args.date, &args.name, what)?;
    tell(&store, args.id, out)
}

pub(super) fn report(args: &MapReport, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let what = What::Report(CitizenReport {
        at: args.at,
        kind: args.kind,
        note: args.note.clone(),
    });
    let report = say(&mut store, args.date, "citizen", what)?;
    let reported = store.reported().context("cannot read the map")?;
    match reported.iter().find(|(of, _)| *of == report) {
        Some((_, hazard)) => tell(&store, *hazard, out),
        None => Ok(writeln!(out, "noted")?),
    }
}

pub(super) fn refer(args: &MapRefer, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let what = What::Reference(Reference {
        hazard: pin(&store, args.id)?,
        system: args.system.clone(),
        id: args.reference.clone(),
        url: args.url.clone(),
        status: args.status.clone(),
    });
    say(&mut store, args.at, &args.name, what)?;
    let hazard = store.hazard(args.id)?;
    let references = hazard.work.references.iter().map(super::show::reference);
    let references: Vec<String> = references.collect();
    Ok(writeln!(out, "{}: {}", hazard.id, references.join("; "))?)
}

/// What holds the name of a hazard fast.
fn pin(store: &Store, id: HazardId) -> anyhow::Result<Pin> {
    Ok(Pin::of(&store.hazard(id)?))
}

/// The name that stands beside what is said.
pub(super) fn signature(name: &str) -> anyhow::Result<&str> {
    let name = name.trim();
    ensure!(
        !name.is_empty(),
        "--as needs a name: whoever decides stands in the history"
    );
    Ok(name)
}

/// Writes down what somebody said, folds the map with it, and gives its name.
fn say(store: &mut Store, at: Option<When>, by: &str, what: What) -> anyhow::Result<SaidId> {
    let by = signature(by)?;
    let at_us = at.map(|at| at.us(&store.area().time_zone));
    let mut names = store.said_ids().context("cannot read the map")?;
    let said = Said {
        id: names.draw().context("cannot write it down")?,
        at_us: at_us.unwrap_or_else(|| Timestamp::now().as_microsecond()),
        by: by.to_owned(),
        what,
    };
    store.say(&said).context("cannot write it down")?;
    store
        .project()
        .context("it is written down, but the map cannot be folded")?;
    Ok(said.id)
}

/// Says where a hazard stands now.
fn tell(store: &Store, id: HazardId, out: &mut dyn Write) -> anyhow::Result<()> {
    let hazard = store.hazard(id)?;
    let mut line = format!(
        "{}: {}, work {}",
        hazard.id,
        hazard.evidence_state,
        super::show::work(&hazard.work)
    );
    if let Some(remark) = hazard.remark {
        line += &format!("; {}", super::show::remark(remark));
    }
    Ok(writeln!(out, "{line}")?)
}
