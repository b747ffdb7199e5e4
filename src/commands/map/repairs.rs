//! `jounce map import-repairs`: a crew's list of repairs, each put down to its hazard.

use std::fs;
use std::io::Write;

use aggregator::{
    Act, ActKind, EvidenceState, Hazard, HazardQuery, Mode, Pin, Said, Store, What, WorkState,
};
use anyhow::{Context as _, bail};
use trip::{Heading, Position};

use super::super::Ending;
use super::say;
use crate::cli::MapImportRepairs;
use crate::render;

/// Lines without a hazard that are named one by one.
const NAMED: usize = 10;

/// A repair of this heading is of hazards no further turned than this, degrees: as the map's gate.
const TURN_DEG: f64 = 45.0;

/// A line of the list.
struct Repair {
    line: u64,
    at: Position,
    heading: Option<Heading>,
    at_us: i64,
    order: Option<String>,
}

pub(super) fn import(args: &MapImportRepairs, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let name = args.repairs.display();
    let text = fs::read(&args.repairs).with_context(|| format!("cannot read {name}"))?;
    let (repairs, mut left) = read(&text).with_context(|| format!("cannot use {name}"))?;
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let hazards = (store.hazards_alone(&HazardQuery::default())).context("cannot read the map")?;
    let known = store.said().context("cannot read the map")?;
    let mut names = store.said_ids().context("cannot read the map")?;
    let by = say::signature(&args.name)?;
    let (mut said, mut again) = (Vec::<Said>::new(), 0);
    let mut earlier: Vec<&Said> = known.iter().collect();
    for repair in repairs {
        // The map may have changed since the line was first read, and now show another hazard.
        if let Some(index) = earlier_of(&repair, by, &earlier, args.within) {
            earlier.swap_remove(index);
            again += 1;
            continue;
        }
        let Some(hazard) = hazard_of(&repair, &hazards, args.within) else {
            left.push((repair.line, format!("no hazard within {} m", args.within)));
            continue;
        };
        // An act under an order is of all that the order is for.
        let is_one = |act: &Act| act.order.is_some() || act.hazard.id == hazard.id;
        let is_said = |said: &Said| told_by(said, &repair, by).is_some_and(is_one);
        if known.iter().chain(&said).any(is_said) {
            again += 1;
            continue;
        }
        said.push(Said {
            id: names.draw().context("cannot write it down")?,
            at_us: repair.at_us,
            by: by.to_owned(),
            what: What::Act(act_of(&repair, hazard)),
        });
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
        let is_open = hazard.work.state != WorkState::Closed;
        is_of_order(hazard) || is_open && repair.is_at(&Pin::of(hazard), within_m)
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

/// Which of the acts is what this line of the list said before: the nearest.
fn earlier_of(repair: &Repair, by: &str, earlier: &[&Said], within_m: f64) -> Option<usize> {
    let near = (earlier.iter().enumerate())
        .filter_map(|(index, said)| Some((index, &told_by(said, repair, by)?.hazard)))
        .filter(|(_, pin)| repair.is_at(pin, within_m))
        .map(|(index, pin)| (repair.at.distance_m(pin.at), index));
    (near.min_by(|a, b| a.0.total_cmp(&b.0))).map(|(_, index)| index)
}

/// The act, if it tells of a repair by the same at the same time, under the same order.
fn told_by<'a>(said: &'a Said, repair: &Repair, by: &str) -> Option<&'a Act> {
    let What::Act(act) = &said.what else {
        return None;
    };
    let is_repair = act.act == ActKind::Repaired
        && (said.at_us, said.by.as_str(), &act.order) == (repair.at_us, by, &repair.order);
    is_repair.then_some(act)
}

impl Repair {
    /// Whether it may be of what is pinned: near enough, and not of another direction.
    fn is_at(&self, pin: &Pin, within_m: f64) -> bool {
        let turned_deg = match (self.heading, pin.heading) {
            (Some(a), Some(b)) => a.turn_deg(b),
            _ => 0.0,
        };
        turned_deg <= TURN_DEG && self.at.distance_m(pin.at) <= within_m
    }
}

fn act_of(repair: &Repair, hazard: &Hazard) -> Act {
    Act {
        hazard: Pin::of(hazard),
        act: ActKind::Repaired,
        order: repair.order.clone(),
        owner: None,
        reason: None,
        note: None,
    }
}

/// The repairs of a list, and the lines that are none, with why.
#[expect(clippy::type_complexity, reason = "read once, right here")]
fn read(bytes: &[u8]) -> anyhow::Result<(Vec<Repair>, Vec<(u64, String)>)> {
    let mut csv = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let columns = csv.headers().ok().and_then(Columns::of);
    let Some(columns) = columns else {
        bail!("line 1: expected the columns lat,lon,utc, and perhaps heading_deg,order");
    };
    let (mut repairs, mut refused) = (Vec::new(), Vec::new());
    let mut lines = Lines::of(bytes);
    for record in csv.records() {
        let read = match record {
            Ok(record) => {
                lines.go_to(record.position());
                columns.repair(lines.line, &record)
            }
            Err(error) => {
                lines.go_to(error.position());
                Err("not text in UTF-8")
            }
        };
        match read {
            Ok(repair) => repairs.push(repair),
            Err(why) => refused.push((lines.line, why.to_owned())),
        }
    }
    Ok((repairs, refused))
}

/// Which line a record begins in. The reader's own count is behind after blank lines and after
/// lines that end as on Windows.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let (at, line) = (0, 1);
        Self { bytes, at, line }
    }

    fn go_to(&mut self, position: Option<&csv::Position>) {
        let Some(byte) = position.and_then(|position| position.byte().try_into().ok()) else {
            return;
        };
        let is_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let rest = self.bytes.iter().skip(byte);
        let begin = byte + rest.take_while(|byte| is_break(byte)).count();
        let passed = self.bytes.get(self.at..begin).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.at = begin;
    }
}

/// Where the values of a repair stand in a line.
struct Columns {
    lat: usize,
    lon: usize,
    utc: usize,
    heading_deg: Option<usize>,
    order: Option<usize>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Option<Self> {
        let column = |name: &str| header.iter().position(|other| other == name);
        Some(Self {
            lat: column("lat")?,
            lon: column("lon")?,
            utc: column("utc")?,
            heading_deg: column("heading_deg"),
            order: column("order"),
        })
    }

    fn repair(&self, line: u64, record: &csv::StringRecord) -> Result<Repair, &'static str> {
        let filled = |column: usize| record.get(column).filter(|cell| !cell.is_empty());
        let number = |column: usize| filled(column)?.parse::<f64>().ok();
        let at = number(self.lat).zip(number(self.lon));
        let at = at.and_then(|(lat_deg, lon_deg)| Position::new(lat_deg, lon_deg).ok());
        let at = at.ok_or("lat and lon are no position in degrees")?;
        let time = filled(self.utc).and_then(|cell| cell.parse::<jiff::Timestamp>().ok());
        let time = time.ok_or("utc is no time as 2026-02-01T09:00:00Z")?;
        let heading = self.heading_deg.and_then(filled).map(|cell| {
            let deg = cell.parse().ok();
            deg.and_then(|deg| Heading::from_deg(deg).ok())
                .ok_or("heading_deg is not from 0 to 360")
        });
        Ok(Repair {
            line,
            at,
            heading: heading.transpose()?,
            at_us: time.as_microsecond(),
            order: self.order.and_then(filled).map(str::to_owned),
        })
    }
}
