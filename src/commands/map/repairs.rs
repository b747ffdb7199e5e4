//! `jounce map import-repairs`: a crew's list of repairs, each put down to its hazard.

use std::fs;
use std::io::Write;

use aggregator::{
    Act, ActKind, EvidenceState, Hazard, HazardQuery, Mode, Pin, Said, Store, What, WorkState,
};
use anyhow::{Context as _, bail};
use trip::{Heading, Position};

use super::super::Ending;
use crate::cli::MapImportRepairs;
use crate::render;

/// Lines without a hazard that are named one by one.
const NAMED: usize = 10;

/// A repair of this heading is of hazards no further turned than this, degrees: as the map's gate.
const TURN_DEG: f64 = 45.0;

/// A line of the list.
struct Repair {
    line: usize,
    at: Position,
    heading: Option<Heading>,
    at_us: i64,
    order: Option<String>,
}

pub(super) fn import(args: &MapImportRepairs, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let name = args.repairs.display();
    let text = fs::read_to_string(&args.repairs).with_context(|| format!("cannot read {name}"))?;
    let (repairs, mut left) = read(&text).with_context(|| format!("cannot use {name}"))?;
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let hazards = (store.hazards(&HazardQuery::default())).context("cannot read the map")?;
    let known = store.said().context("cannot read the map")?;
    let (mut said, mut again) = (Vec::new(), 0);
    for repair in repairs {
        let Some(hazard) = hazard_of(&repair, &hazards, args.within) else {
            left.push((repair.line, format!("no hazard within {} m", args.within)));
            continue;
        };
        let act = said_of(&repair, hazard, args.name.trim())?;
        let is_known = |known: &&Said| is_same(known, &act);
        match known.iter().find(is_known) {
            Some(_) => again += 1,
            None => said.push(act),
        }
    }
    store.say_all(&said).context("cannot write it down")?;
    (store.project()).context("it is written down, but the map cannot be folded")?;
    left.sort();
    for (line, why) in left.iter().take(NAMED) {
        eprintln!("{name}: line {line}: {why}");
    }
    if left.len() > NAMED {
        eprintln!("{name}: and {} more lines", left.len() - NAMED);
    }
    writeln!(
        out,
        "{} written down, {again} known already, {} without a hazard",
        render::count(said.len() as u64, "repair", "repairs"),
        left.len()
    )?;
    Ok(Ending::refused_if(!left.is_empty()))
}

/// The open hazard that a repair is of: the nearest in its direction; one that was scheduled under
/// the same order before any other.
fn hazard_of<'a>(repair: &Repair, hazards: &'a [Hazard], within_m: f64) -> Option<&'a Hazard> {
    let is_of_order = |hazard: &Hazard| repair.order.is_some() && hazard.work.order == repair.order;
    let fits = |hazard: &&Hazard| {
        let turned = match (repair.heading, hazard.heading) {
            (Some(a), Some(b)) => a.turn_deg(b),
            _ => 0.0,
        };
        let is_open = hazard.work.state != WorkState::Closed;
        is_of_order(hazard)
            || is_open && turned <= TURN_DEG && repair.at.distance_m(hazard.position) <= within_m
    };
    // A hazard that several felt is likelier meant than somebody's lone bump beside it.
    let order = |hazard: &Hazard| {
        let is_lone = hazard.evidence_state == EvidenceState::Candidate;
        (!is_of_order(hazard), is_lone && hazard.reports == 0)
    };
    hazards.iter().filter(fits).min_by(|a, b| {
        let apart = |hazard: &Hazard| repair.at.distance_m(hazard.position);
        (order(a).cmp(&order(b)))
            .then(apart(a).total_cmp(&apart(b)))
            .then(a.id.cmp(&b.id))
    })
}

/// Whether two repairs are one: said by the same at the same time of the same order, or hazard.
fn is_same(a: &Said, b: &Said) -> bool {
    let (What::Act(of_a), What::Act(of_b)) = (&a.what, &b.what) else {
        return false;
    };
    let is_one = of_a.order.is_some() || of_a.hazard.id == of_b.hazard.id;
    (a.at_us, &a.by, of_a.act, &of_a.order) == (b.at_us, &b.by, of_b.act, &of_b.order) && is_one
}

fn said_of(repair: &Repair, hazard: &Hazard, by: &str) -> anyhow::Result<Said> {
    if by.is_empty() {
        bail!("--as needs a name: whoever decides stands in the history");
    }
    Ok(Said {
        id: Store::new_said_id().context("cannot write it down")?,
        at_us: repair.at_us,
        by: by.to_owned(),
        what: What::Act(Act {
            hazard: Pin {
                id: hazard.id,
                at: hazard.position,
                heading: hazard.heading,
            },
            act: ActKind::Repaired,
            order: repair.order.clone(),
            owner: None,
            reason: None,
            note: None,
        }),
    })
}

/// The repairs of a list, and the lines that are none, with why.
#[expect(clippy::type_complexity, reason = "read once, right here")]
fn read(text: &str) -> anyhow::Result<(Vec<Repair>, Vec<(usize, String)>)> {
    let mut lines = (1..).zip(text.lines());
    let header = lines.next().map_or("", |(_, header)| header);
    let names: Vec<&str> = header.split(',').map(str::trim).collect();
    let column = |name: &str| names.iter().position(|other| *other == name);
    let (Some(lat), Some(lon), Some(utc)) = (column("lat"), column("lon"), column("utc")) else {
        bail!("line 1: expected the columns lat,lon,utc, and perhaps heading_deg,order");
    };
    let (mut repairs, mut refused) = (Vec::new(), Vec::new());
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let cells: Vec<&str> = text.split(',').map(str::trim).collect();
        let cell = |index: usize| cells.get(index).copied().unwrap_or("");
        let number = |index: usize| cell(index).parse::<f64>().ok();
        let position = number(lat).zip(number(lon));
        let position = position.and_then(|(lat, lon)| Position::new(lat, lon).ok());
        let Some(at) = position else {
            refused.push((line, "lat and lon are no position in degrees".to_owned()));
            continue;
        };
        let Ok(time) = cell(utc).parse::<jiff::Timestamp>() else {
            refused.push((line, "utc is no time as 2026-02-01T09:00:00Z".to_owned()));
            continue;
        };
        let filled = |name: &str| column(name).map(cell).filter(|cell| !cell.is_empty());
        let heading = filled("heading_deg").map(|cell| {
            let deg: Option<f64> = cell.parse().ok();
            deg.and_then(|deg| Heading::from_deg(deg).ok())
        });
        if heading == Some(None) {
            refused.push((line, "heading_deg is not from 0 to 360".to_owned()));
            continue;
        }
        repairs.push(Repair {
            line,
            at,
            heading: heading.flatten(),
            at_us: time.as_microsecond(),
            order: filled("order").map(str::to_owned),
        });
    }
    Ok((repairs, refused))
}
