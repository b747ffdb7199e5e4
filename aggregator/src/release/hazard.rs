//! Hazards as they are given away.

mod public;

use std::borrow::Cow;
use std::collections::HashMap;

use super::Audience;
use super::shape::Shape;
use super::sheet::{Column, Sheet};
use crate::geojson::rounded;
use crate::hazard::{Hazard, HazardId, Remark};
use crate::said::{CloseReason, Said, What, WorkState};

pub(crate) use public::{PublicHazard, public, public_sheet};

/// A hazard beside those who decided about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StaffHazard<'a> {
    pub(crate) hazard: &'a Hazard,
    by: Names<'a>,
}

/// Who said last what counts of a hazard.
#[derive(Clone, Copy, Debug, Default)]
struct Names<'a> {
    decided: &'a str,
    inspected: &'a str,
}

/// Hazards beside those who decided about them, of what was said until the map's moment.
pub(crate) fn with_names<'a>(
    hazards: &[&'a Hazard],
    said: &'a [Said],
    as_of_us: Option<i64>,
) -> Vec<StaffHazard<'a>> {
    let mut names: HashMap<HazardId, Names<'a>> = HashMap::new();
    let until = |said: &&Said| as_of_us.is_none_or(|as_of_us| said.at_us <= as_of_us);
    for said in said.iter().filter(until) {
        let Some(pin) = said.hazard() else { continue };
        let names = names.entry(pin.id).or_default();
        match said.what {
            What::Act(_) => names.decided = &said.by,
            What::Inspection(_) => names.inspected = &said.by,
            What::Report(_) | What::Reference(_) => {}
        }
    }
    let of = |hazard: &&'a Hazard| StaffHazard {
        hazard,
        by: names.get(&hazard.id).copied().unwrap_or_default(),
    };
    hazards.iter().map(of).collect()
}

/// The place of a hazard: latitude and longitude, degrees, to a centimetre.
pub(crate) fn place_of(hazard: &Hazard) -> (f64, f64) {
    let position = hazard.position;
    (
        rounded(position.lat_deg(), 7),
        rounded(position.lon_deg(), 7),
    )
}

/// What staff, or research, get of hazards.
pub(crate) fn sheet<'a>(audience: Audience) -> Sheet<StaffHazard<'a>> {
    let mut columns = evidence();
    if audience == Audience::Staff {
        columns.extend(people());
    }
    Sheet {
        columns,
        shape: |row| Shape::point(place_of(row.hazard)),
        place: |row| place_of(row.hazard),
    }
}

/// What drivers and inspectors know of it.
fn evidence<'a>() -> Vec<Column<StaffHazard<'a>>> {
    vec![
        Column::text(
            "hazard",
            "its name; later evidence never changes it",
            |row| row.hazard.id.to_string().into(),
        ),
        Column::text(
            "site",
            "the same object felt from both directions has one",
            |row| row.hazard.site.to_string().into(),
        ),
        Column::text(
            "kind",
            "what it is: as an inspector or a known feature says, else the likeliest",
            |row| row.hazard.kind.name().into(),
        ),
        Column::number("kind_probability", "how likely that is, 0 to 1", |row| {
            Some(rounded(row.hazard.kind_probability, 3))
        }),
        Column::number("lat_deg", "latitude, WGS 84", |row| {
            Some(place_of(row.hazard).0)
        }),
        Column::number("lon_deg", "longitude, WGS 84", |row| {
            Some(place_of(row.hazard).1)
        }),
        Column::number(
            "sigma_m",
            "standard deviation of the place per axis",
            |row| Some(rounded(row.hazard.sigma_m, 2)),
        ),
        Column::truth(
            "heading_known",
            "whether anybody knew which way they drove",
            |row| Some(row.hazard.heading.is_some()),
        ),
        Column::number(
            "heading_deg",
            "which way they drove, clockwise from north",
            |row| row.hazard.heading.map(|heading| rounded(heading.deg(), 1)),
        ),
        Column::number(
            "confidence",
            "the probability that it is there, 0 to 1",
            |row| Some(rounded(row.hazard.confidence, 4)),
        ),
        Column::text(
            "evidence_state",
            "candidate, confirmed, fading, verified_gone, reopened, expired_unverified",
            |row| row.hazard.evidence_state.name().into(),
        ),
        Column::text(
            "remark",
            "where people and evidence disagree or wait for each other",
            |row| row.hazard.remark.map_or("", Remark::name).into(),
        ),
        Column::whole("hits", "driver-days on which it was felt", |row| {
            Some(row.hazard.hits.into())
        }),
        Column::whole(
            "passes",
            "driver-days on which it was felt or would have been",
            |row| Some(row.hazard.passes.into()),
        ),
        Column::whole(
            "drivers",
            "distinct drivers that felt it, the most in any season",
            |row| Some(row.hazard.drivers.into()),
        ),
        Column::whole("reports", "citizens' reports of it", |row| {
            Some(row.hazard.reports.into())
        }),
        Column::number(
            "detection",
            "the share of able passes that feel it while it is there",
            |row| Some(rounded(row.hazard.detection, 3)),
        ),
        Column::truth("severity_known", "whether any bump had a speed", |row| {
            Some(row.hazard.severity_mps2.is_some())
        }),
        Column::number(
            "severity_mps2",
            "median peak vertical acceleration, brought to 40 km/h",
            |row| {
                row.hazard
                    .severity_mps2
                    .map(|severity| rounded(severity, 2))
            },
        ),
        Column::truth("dated", "whether any evidence has a date", |row| {
            Some(row.hazard.first_us.is_some())
        }),
        Column::time("first_utc", "first felt", |row| row.hazard.first_us),
        Column::time("last_utc", "last felt", |row| row.hazard.last_us),
        Column::time(
            "last_pass_utc",
            "last passed by anybody able to feel it",
            |row| row.hazard.last_pass_us,
        ),
        Column::text(
            "work_state",
            "none, triaged, scheduled, repair_claimed, closed: moved by people alone",
            |row| row.hazard.work.state.name().into(),
        ),
        Column::time("work_since_utc", "since when", |row| {
            row.hazard.work.since_us
        }),
        Column::text("close_reason", "why it was closed", |row| {
            row.hazard.work.reason.map_or("", CloseReason::name).into()
        }),
        Column::truth("inspected", "whether an inspector looked", |row| {
            Some(row.hazard.work.inspected.is_some())
        }),
        Column::time("inspected_utc", "when", |row| {
            row.hazard.work.inspected.map(|(at_us, _)| at_us)
        }),
        Column::truth("inspected_found", "whether it was there", |row| {
            row.hazard.work.inspected.map(|(_, found)| found)
        }),
        Column::text(
            "inspected_kind",
            "what the inspector says that it is",
            |row| row.hazard.work.kind.map_or("", trip::Kind::name).into(),
        ),
        Column::number("depth_mm", "how deep, or high, as measured", |row| {
            row.hazard.work.depth_mm
        }),
        Column::number("width_mm", "how wide, as measured", |row| {
            row.hazard.work.width_mm
        }),
        Column::text(
            "feature",
            "the known feature that explains it, by the city's own name",
            |row| feature(row, |known| &known.id),
        ),
        Column::text("feature_kind", "what that is", |row| {
            row.hazard
                .feature
                .as_ref()
                .map_or("", |known| known.kind.name())
                .into()
        }),
    ]
}

/// Who decided, and for whom.
fn people<'a>() -> Vec<Column<StaffHazard<'a>>> {
    vec![
        Column::text("owner", "whose it is", |row| {
            row.hazard.owner().unwrap_or_default().into()
        }),
        Column::text(
            "order_no",
            "the number of the order in another system",
            |row| row.hazard.work.order.as_deref().unwrap_or_default().into(),
        ),
        Column::text("decided_by", "who decided last", |row| {
            row.by.decided.into()
        }),
        Column::text("inspected_by", "who inspected last", |row| {
            row.by.inspected.into()
        }),
    ]
}

fn feature<'a>(
    row: &'a StaffHazard<'_>,
    text: fn(&crate::said::KnownFeature) -> &str,
) -> Cow<'a, str> {
    row.hazard.feature.as_ref().map_or("", text).into()
}

/// Whether staff vouch for a hazard: an inspector found it, or work on it was accepted, ordered or
/// claimed to be done.
pub(crate) fn is_vouched_for(hazard: &Hazard) -> bool {
    let work = &hazard.work;
    let is_accepted = matches!(
        work.state,
        WorkState::Triaged | WorkState::Scheduled | WorkState::RepairClaimed
    );
    is_accepted || work.inspected.is_some_and(|(_, found)| found)
}
