//! What everybody may know of a hazard.

use std::collections::HashMap;

use super::super::range::FEW;
use super::super::shape::Shape;
use super::super::sheet::{Column, Sheet};
use super::super::week_of;
use super::is_vouched_for;
use crate::config::ReleaseRule;
use crate::geojson::rounded;
use crate::hazard::{EvidenceState, Hazard, HazardId, Remark};
use crate::said::CloseReason;
use crate::zone::Zone;

/// A hazard that everybody may know of, as far as they may.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublicHazard<'a> {
    pub(crate) hazard: &'a Hazard,
    site: HazardId,
    /// Latitude and longitude, degrees, rounded.
    pub(crate) place: (f64, f64),
    hits_range: String,
    passes_range: String,
    drivers_range: String,
    work_since_week: String,
    /// What enough drivers say of it; `None` when fewer than k felt it and staff vouch for it.
    felt: Option<Felt>,
}

/// What enough drivers say.
#[derive(Clone, Debug, PartialEq)]
struct Felt {
    confidence: f64,
    heading_deg: Option<f64>,
    severity_mps2: Option<f64>,
    remark: Option<Remark>,
    first_week: String,
    last_week: String,
    last_pass_week: String,
}

/// The hazards that everybody may know of, in the order given. Each stands for itself: which
/// others are asked for changes nothing.
pub(crate) fn public<'a>(
    hazards: impl Iterator<Item = &'a Hazard>,
    rule: &ReleaseRule,
    zone: &Zone,
) -> Vec<PublicHazard<'a>> {
    let mut public: Vec<PublicHazard<'a>> = hazards
        .filter(|hazard| is_public(hazard, rule))
        .map(|hazard| PublicHazard::of(hazard, rule, zone))
        .collect();
    // A site may be named after a hazard that nobody may know of: the first name that they may.
    let mut sites: HashMap<HazardId, HazardId> = HashMap::new();
    for told in &public {
        let (site, id) = (told.hazard.site, told.hazard.id);
        let name = sites.entry(site).or_insert(id);
        *name = if *name == site || id == site {
            site
        } else {
            id.min(*name)
        };
    }
    for told in &mut public {
        told.site = sites[&told.hazard.site];
    }
    public
}

/// Whether everybody may know of a hazard.
fn is_public(hazard: &Hazard, rule: &ReleaseRule) -> bool {
    let is_felt = hazard.evidence_state != EvidenceState::Candidate && hazard.drivers >= rule.k();
    is_felt || is_vouched_for(hazard)
}

impl<'a> PublicHazard<'a> {
    fn of(hazard: &'a Hazard, rule: &ReleaseRule, zone: &Zone) -> Self {
        let enough = hazard.drivers >= rule.k();
        let range = |count: u32| {
            if enough {
                rule.range(count)
            } else {
                FEW.to_owned()
            }
        };
        Self {
            hazard,
            site: hazard.site,
            place: (
                rounded(hazard.position.lat_deg(), rule.place_decimals),
                rounded(hazard.position.lon_deg(), rule.place_decimals),
            ),
            hits_range: range(hazard.hits),
            passes_range: range(hazard.passes),
            drivers_range: range(hazard.drivers),
            work_since_week: week_of(hazard.work.since_us, zone),
            felt: enough.then(|| Felt {
                confidence: rounded(hazard.confidence, 2),
                heading_deg: hazard.heading.map(|heading| rounded(heading.deg(), 0)),
                severity_mps2: hazard.severity_mps2.map(|severity| rounded(severity, 1)),
                remark: hazard.remark,
                first_week: week_of(hazard.first_us, zone),
                last_week: week_of(hazard.last_us, zone),
                last_pass_week: week_of(hazard.last_pass_us, zone),
            }),
        }
    }

    /// Whether fewer than k drivers felt it: nothing is told of what they say.
    pub(crate) fn is_of_few(&self) -> bool {
        self.felt.is_none()
    }

    fn text_of_felt(&self, text: fn(&Felt) -> &str) -> &str {
        self.felt.as_ref().map_or("", text)
    }
}

/// What the public gets of hazards.
pub(crate) fn public_sheet<'a>() -> Sheet<PublicHazard<'a>> {
    let columns = vec![
        Column::text(
            "hazard",
            "its name; later evidence never changes it",
            |row: &PublicHazard<'_>| row.hazard.id.to_string().into(),
        ),
        Column::text(
            "site",
            "the same object felt from both directions has one",
            |row| row.site.to_string().into(),
        ),
        Column::text(
            "kind",
            "what it is: as an inspector or a known feature says, else the likeliest",
            |row| row.hazard.kind.name().into(),
        ),
        Column::number("kind_probability", "how likely that is, 0 to 1", |row| {
            Some(rounded(row.hazard.kind_probability, 2))
        }),
        Column::number("lat_deg", "latitude, WGS 84, to about a metre", |row| {
            Some(row.place.0)
        }),
        Column::number("lon_deg", "longitude, WGS 84, to about a metre", |row| {
            Some(row.place.1)
        }),
        Column::number(
            "sigma_m",
            "standard deviation of the place per axis",
            |row| Some(rounded(row.hazard.sigma_m, 1)),
        ),
        Column::text(
            "evidence_state",
            "candidate (staff vouch for it), confirmed, fading, verified_gone, reopened, expired_unverified",
            |row| row.hazard.evidence_state.name().into(),
        ),
        Column::truth(
            "few_drivers",
            "fewer than k drivers felt it and staff vouch for it: what they say is left out",
            |row| Some(row.is_of_few()),
        ),
        Column::text(
            "hits_range",
            "driver-days on which it was felt: 3-5, 6-10, 11-25, 26+ or few",
            |row| row.hits_range.as_str().into(),
        ),
        Column::text(
            "passes_range",
            "driver-days on which it was felt or would have been, likewise",
            |row| row.passes_range.as_str().into(),
        ),
        Column::text(
            "drivers_range",
            "distinct drivers that felt it, the most in any season, likewise",
            |row| row.drivers_range.as_str().into(),
        ),
        Column::number(
            "confidence",
            "the probability that it is there, 0 to 1",
            |row| row.felt.as_ref().map(|felt| felt.confidence),
        ),
        Column::truth(
            "heading_known",
            "whether it is told which way they drove",
            |row| {
                Some(
                    row.felt
                        .as_ref()
                        .is_some_and(|felt| felt.heading_deg.is_some()),
                )
            },
        ),
        Column::number(
            "heading_deg",
            "which way they drove, clockwise from north",
            |row| row.felt.as_ref()?.heading_deg,
        ),
        Column::truth(
            "severity_known",
            "whether it is told how hard it is",
            |row| {
                Some(
                    row.felt
                        .as_ref()
                        .is_some_and(|felt| felt.severity_mps2.is_some()),
                )
            },
        ),
        Column::number(
            "severity_mps2",
            "median peak vertical acceleration, brought to 40 km/h",
            |row| row.felt.as_ref()?.severity_mps2,
        ),
        Column::text(
            "first_week",
            "the ISO week in which it was first felt",
            |row| row.text_of_felt(|felt| &felt.first_week).into(),
        ),
        Column::text(
            "last_week",
            "the ISO week in which it was last felt",
            |row| row.text_of_felt(|felt| &felt.last_week).into(),
        ),
        Column::text(
            "last_pass_week",
            "the ISO week in which anybody able to feel it last passed",
            |row| row.text_of_felt(|felt| &felt.last_pass_week).into(),
        ),
        Column::text(
            "remark",
            "where people and evidence disagree or wait for each other",
            |row| {
                row.text_of_felt(|felt| felt.remark.map_or("", Remark::name))
                    .into()
            },
        ),
        Column::text(
            "work_state",
            "none, triaged, scheduled, repair_claimed, closed: moved by people alone",
            |row| row.hazard.work.state.name().into(),
        ),
        Column::text("work_since_week", "the ISO week since when", |row| {
            row.work_since_week.as_str().into()
        }),
        Column::text("close_reason", "why it was closed", |row| {
            row.hazard.work.reason.map_or("", CloseReason::name).into()
        }),
        Column::truth("inspected", "whether an inspector looked", |row| {
            Some(row.hazard.work.inspected.is_some())
        }),
        Column::truth("inspected_found", "whether it was there", |row| {
            row.hazard.work.inspected.map(|(_, found)| found)
        }),
        Column::number("depth_mm", "how deep, or high, as measured", |row| {
            row.hazard.work.depth_mm
        }),
        Column::number("width_mm", "how wide, as measured", |row| {
            row.hazard.work.width_mm
        }),
    ];
    Sheet {
        columns,
        shape: |row| Shape::point(row.place),
        place: |row| row.place,
    }
}

#[cfg(test)]
mod tests;
