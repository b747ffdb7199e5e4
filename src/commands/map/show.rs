//! `jounce map show` and `jounce map history`: one hazard in plain words.

use std::collections::BTreeSet;
use std::io::Write;

use aggregator::{
    EvidenceState, FeltWeek, Hazard, Mode, OutsideReference, Remark, Said, SaidId, Store, What,
    Work, WorkState,
};
use anyhow::Context as _;
use jiff::civil::Date;
use serde::Serialize;
use trip::Kind;

use super::{list, objects};
use crate::cli::{HistoryFormat, MapHistory, MapShow, ShowFormat};
use crate::render;

pub(super) fn show(args: &MapShow, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
    let hazard = store.hazard(args.id).context("cannot show the hazard")?;
    match args.format {
        ShowFormat::Table => write_table(&hazard, args, out),
        ShowFormat::Csv => list::write_csv(&[hazard], out),
        ShowFormat::Geojson => Ok(aggregator::geojson::write_hazards(&[hazard], out)?),
        ShowFormat::Json => objects::write_hazard(&hazard, out),
    }
}

fn write_table(hazard: &Hazard, args: &MapShow, out: &mut dyn Write) -> anyhow::Result<()> {
    if hazard.id != args.id {
        writeln!(out, "{} was joined into this one:\n", args.id)?;
    }
    let rows = facts(hazard).into_iter();
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    writeln!(out, "{}", render::table(&[], &[], rows))?;
    if !hazard.weeks.is_empty() {
        let rows = hazard.weeks.iter().map(week);
        let header = ["week of", "felt/passes", "mean m/s²", ""];
        writeln!(out, "\n{}", render::table(&header, &[1, 2], rows))?;
    }
    Ok(())
}

/// What is known of a hazard, line by line.
fn facts(hazard: &Hazard) -> Vec<(&'static str, String)> {
    let place = hazard.position;
    let time = |t_us: Option<i64>| t_us.map_or_else(|| "unknown".to_owned(), render::time);
    let mut facts = vec![
        ("hazard", hazard.id.to_string()),
        (
            "kind",
            format!("{}, {:.0} %", hazard.kind, 100.0 * hazard.kind_probability),
        ),
        (
            "evidence",
            format!(
                "{}: {:.1} % sure that it is there",
                state(hazard.evidence_state),
                100.0 * hazard.confidence
            ),
        ),
        ("work", work(&hazard.work)),
        (
            "place",
            format!(
                "{:.6} {:.6}, within {:.1} m with 95 %",
                place.lat_deg(),
                place.lon_deg(),
                2.45 * hazard.sigma_m
            ),
        ),
        (
            "direction",
            hazard.heading.map_or_else(
                || "unknown".to_owned(),
                |heading| format!("{:.0}° from north", heading.deg()),
            ),
        ),
        (
            "felt",
            format!(
                "in {} of {} passes, by {}; {:.0} % of those who pass feel it",
                hazard.hits,
                hazard.passes,
                render::count(hazard.drivers.into(), "driver", "drivers"),
                100.0 * hazard.detection
            ),
        ),
        ("first felt", time(hazard.first_us)),
        ("last felt", time(hazard.last_us)),
        ("last passed", time(hazard.last_pass_us)),
    ];
    if let Some(remark) = hazard.remark {
        facts.insert(4, ("note", self::remark(remark).to_owned()));
    }
    if let Some(severity_mps2) = hazard.severity_mps2 {
        facts.push(("severity", format!("{severity_mps2:.1} m/s² at 40 km/h")));
    }
    if hazard.reports > 0 {
        let reports = render::count(hazard.reports.into(), "report", "reports");
        facts.push(("citizens", reports));
    }
    if let Some(owner) = hazard.owner() {
        facts.push(("owner", owner.to_owned()));
    }
    for known_as in &hazard.work.references {
        facts.push(("elsewhere", reference(known_as)));
    }
    if let Some(feature) = &hazard.feature {
        facts.push(("known there", format!("{} {}", feature.kind, feature.id)));
    }
    if hazard.site != hazard.id {
        facts.push(("same object as", hazard.site.to_string()));
    }
    facts
}

fn week(week: &FeltWeek) -> Vec<String> {
    let mean = (week.severities > 0)
        .then(|| week.severity_sum_mmps2 as f64 / 1e3 / f64::from(week.severities));
    let felt = 20 * week.hits / week.passes.max(1);
    vec![
        week.monday.map_or_else(|| "undated".to_owned(), day),
        format!("{}/{}", week.hits, week.passes),
        render::decimals(mean, 1),
        "#".repeat(felt as usize),
    ]
}

/// A day since 1970 as a date.
pub(super) fn day(day: i32) -> String {
    let date = Date::constant(1970, 1, 1).checked_add(jiff::Span::new().days(day));
    date.map_or_else(
        |_| "beyond the calendar".to_owned(),
        |date| date.to_string(),
    )
}

/// What the evidence says, in plain words.
fn state(state: EvidenceState) -> &'static str {
    match state {
        EvidenceState::Candidate => "candidate, not enough drivers or passes yet",
        EvidenceState::Confirmed => "confirmed",
        EvidenceState::Fading => "fading, was confirmed and is in doubt",
        EvidenceState::VerifiedGone => "verified gone, able drivers feel nothing any more",
        EvidenceState::Reopened => "reopened, was gone and is felt again",
        EvidenceState::ExpiredUnverified => "expired, not verified: nobody able passed for long",
    }
}

/// Where people and evidence disagree, in plain words.
pub(super) fn remark(remark: Remark) -> &'static str {
    match remark {
        Remark::ScheduledNoLongerFelt => "work is ordered, and it is no longer felt",
        Remark::ClosedStillFelt => "closed, but still hit",
        Remark::RepairStillFelt => "repair claimed, but still hit",
        Remark::RepairUnverified => "repair claimed, not verified yet",
        Remark::RepairVerified => "repair verified by those who passed since",
        Remark::InspectedStillFelt => "an inspector found nothing, but it is still hit",
    }
}

/// Where a hazard stands with people, in plain words.
pub(super) fn work(work: &Work) -> String {
    let mut text = match work.state {
        WorkState::None => "none".to_owned(),
        state => state.to_string(),
    };
    if let Some(reason) = work.reason {
        text += &format!(" ({reason})");
    }
    if let Some(order) = &work.order {
        text += &format!(", order {order}");
    }
    if let Some(since_us) = work.since_us {
        text += &format!(", since {}", render::time(since_us));
    }
    if let Some((at_us, found)) = work.inspected {
        let found = if found { "found" } else { "not found" };
        text += &format!(", inspected {} and {found}", render::time(at_us));
        if let Some(depth_mm) = work.depth_mm {
            text += &format!(", {depth_mm} mm deep");
        }
    }
    text
}

/// What a hazard is called in another system.
pub(super) fn reference(reference: &OutsideReference) -> String {
    let mut text = format!("{} {}", reference.system, reference.id);
    if let Some(status) = &reference.status {
        text += &format!(", {status}");
    }
    if let Some(url) = &reference.url {
        text += &format!(", {url}");
    }
    text
}

/// Something that happened to a hazard.
#[derive(Serialize)]
struct Event {
    #[serde(skip)]
    at_us: i64,
    at_utc: Option<String>,
    actor: String,
    what: String,
    reason: String,
    evidence: String,
}

pub(super) fn history(args: &MapHistory, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
    let hazard = store.hazard(args.id).context("cannot show the hazard")?;
    let said = store.said().context("cannot read the map")?;
    let reported = store.reported().context("cannot read the map")?;
    let reports: BTreeSet<SaidId> = (reported.into_iter())
        .filter(|(_, of)| *of == hazard.id)
        .map(|(report, _)| report)
        .collect();
    let said = said.iter().filter(|said| match said.hazard() {
        Some(pin) => pin.id == hazard.id,
        None => reports.contains(&said.id),
    });
    let events = events(&hazard, said);
    match args.format {
        HistoryFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &events)?;
            writeln!(out)?;
        }
        HistoryFormat::Csv => {
            let mut csv = csv::Writer::from_writer(out);
            events.iter().try_for_each(|event| csv.serialize(event))?;
            csv.flush()?;
        }
        HistoryFormat::Table => {
            let rows = events.into_iter().map(|event| {
                let at = event.at_utc.unwrap_or_else(|| "undated".to_owned());
                vec![at, event.actor, event.what, event.reason, event.evidence]
            });
            let header = ["when (UTC)", "who", "what", "why", "evidence"];
            writeln!(out, "{}", render::table(&header, &[], rows))?;
        }
    }
    Ok(())
}

/// What happened to a hazard, in order of time.
fn events<'a>(hazard: &Hazard, said: impl Iterator<Item = &'a Said>) -> Vec<Event> {
    let mut events: Vec<Event> = said.map(said_event).collect();
    events.extend(hazard.moves.iter().map(|moved| Event {
        at_us: moved.at_us,
        at_utc: (moved.at_us != 0).then(|| render::rfc3339(moved.at_us)),
        actor: "evidence".to_owned(),
        what: moved.state.to_string(),
        reason: String::new(),
        evidence: format!("{} of {} passes felt it", moved.hits, moved.passes),
    }));
    if let Some(first_us) = hazard.first_us {
        events.push(Event {
            at_us: first_us,
            at_utc: Some(render::rfc3339(first_us)),
            actor: "evidence".to_owned(),
            what: "first felt".to_owned(),
            reason: String::new(),
            evidence: String::new(),
        });
    }
    events.sort_by_key(|event| event.at_us);
    events
}

fn said_event(said: &Said) -> Event {
    let joined = |parts: [Option<String>; 4]| {
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        parts.join(", ")
    };
    let (what, reason, evidence) = match &said.what {
        What::Act(act) => (
            act.act.to_string(),
            joined([
                act.reason.map(|reason| reason.to_string()),
                act.note.clone(),
                act.order.as_ref().map(|order| format!("order {order}")),
                act.owner.as_ref().map(|owner| format!("owner {owner}")),
            ]),
            String::new(),
        ),
        What::Inspection(seen) => (
            if seen.found {
                "inspected: found"
            } else {
                "inspected: not found"
            }
            .to_owned(),
            seen.note.clone().unwrap_or_default(),
            joined([
                seen.kind.map(|kind: Kind| kind.to_string()),
                seen.depth_mm.map(|mm| format!("{mm} mm deep")),
                seen.width_mm.map(|mm| format!("{mm} mm wide")),
                seen.owner.as_ref().map(|owner| format!("owner {owner}")),
            ]),
        ),
        What::Reference(reference) => (
            format!("refer: {} {}", reference.system, reference.id),
            joined([reference.status.clone(), reference.url.clone(), None, None]),
            String::new(),
        ),
        What::Report(report) => (
            format!("reported: {}", report.kind),
            report.note.clone().unwrap_or_default(),
            String::new(),
        ),
    };
    Event {
        at_us: said.at_us,
        at_utc: Some(render::rfc3339(said.at_us)),
        actor: said.by.clone(),
        what,
        reason,
        evidence,
    }
}
