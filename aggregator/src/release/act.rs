//! What people said, as staff get it.

use std::borrow::Cow;

use trip::{Kind, Position};

use super::shape::Shape;
use super::sheet::{Column, Sheet};
use crate::geojson::rounded;
use crate::said::{CloseReason, Said, What};

/// What staff get of what people said.
pub(crate) fn sheet() -> Sheet<Said> {
    let columns = vec![
        Column::text("said", "its name", |said: &Said| said.id.to_string().into()),
        Column::time("at_utc", "when", |said| Some(said.at_us)),
        Column::text("said_by", "the member of staff, or citizen", |said| {
            said.by.as_str().into()
        }),
        Column::text(
            "what",
            "triage, schedule, repaired, dismiss, known, reopen, inspection or report",
            |said| what(said).into(),
        ),
        Column::text(
            "hazard",
            "which hazard it is about; empty for a report, which is about a place",
            |said| {
                said.hazard()
                    .map_or_else(String::new, |pin| pin.id.to_string())
                    .into()
            },
        ),
        Column::number(
            "lat_deg",
            "latitude of the hazard then, or of what was reported, WGS 84",
            |said| Some(place_of(said).0),
        ),
        Column::number("lon_deg", "longitude, likewise", |said| {
            Some(place_of(said).1)
        }),
        Column::text(
            "kind",
            "what an inspector or a citizen says that it is",
            |said| kind(said).map_or("", Kind::name).into(),
        ),
        Column::truth("found", "whether an inspector found it", |said| {
            inspection(said).map(|seen| seen.found)
        }),
        Column::number("depth_mm", "how deep, or high, as measured", |said| {
            inspection(said)?.depth_mm
        }),
        Column::number("width_mm", "how wide, as measured", |said| {
            inspection(said)?.width_mm
        }),
        Column::text(
            "order_no",
            "the number of the order in another system",
            |said| match &said.what {
                What::Act(act) => text(&act.order),
                _ => "".into(),
            },
        ),
        Column::text("owner", "whose it is", |said| match &said.what {
            What::Act(act) => text(&act.owner),
            What::Inspection(seen) => text(&seen.owner),
            What::Report(_) | What::Reference(_) => "".into(),
        }),
        Column::text("close_reason", "why it was closed", |said| {
            match &said.what {
                What::Act(act) => act.reason.map_or("", CloseReason::name).into(),
                _ => "".into(),
            }
        }),
        Column::text("note", "in their own words", |said| match &said.what {
            What::Act(act) => text(&act.note),
            What::Inspection(seen) => text(&seen.note),
            What::Report(report) => text(&report.note),
            What::Reference(_) => "".into(),
        }),
    ];
    Sheet {
        columns,
        shape: |said| Shape::point(place_of(said)),
        place: place_of,
    }
}

fn what(said: &Said) -> &'static str {
    match &said.what {
        What::Act(act) => act.act.name(),
        What::Inspection(_) => "inspection",
        What::Report(_) => "report",
        What::Reference(_) => "reference",
    }
}

fn position(said: &Said) -> Position {
    match &said.what {
        What::Act(act) => act.hazard.at,
        What::Inspection(seen) => seen.hazard.at,
        What::Report(report) => report.at,
        What::Reference(reference) => reference.hazard.at,
    }
}

fn place_of(said: &Said) -> (f64, f64) {
    let position = position(said);
    (
        rounded(position.lat_deg(), 7),
        rounded(position.lon_deg(), 7),
    )
}

fn kind(said: &Said) -> Option<Kind> {
    match &said.what {
        What::Act(_) | What::Reference(_) => None,
        What::Inspection(seen) => seen.kind,
        What::Report(report) => Some(report.kind),
    }
}

fn inspection(said: &Said) -> Option<&crate::said::Inspection> {
    match &said.what {
        What::Inspection(seen) => Some(seen),
        _ => None,
    }
}

fn text(text: &Option<String>) -> Cow<'_, str> {
    text.as_deref().unwrap_or_default().into()
}
