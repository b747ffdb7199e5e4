//! History as it is given away: how each hazard was felt, week by week, and where it stood then.

use std::collections::BTreeMap;

use super::hazard::{PublicHazard, place_of};
use super::shape::Shape;
use super::sheet::{Column, Sheet};
use super::{monday_of, week_name};
use crate::config::ReleaseRule;
use crate::geojson::rounded;
use crate::hazard::{EvidenceState, FeltWeek, Hazard};
use crate::zone::Zone;

/// One week of a hazard, as staff and research see it.
#[derive(Clone, Debug)]
pub(crate) struct HazardWeek<'a> {
    hazard: &'a Hazard,
    /// The Monday it begins with; `None` for all evidence without a date.
    monday: Option<i32>,
    /// What the evidence said at its end; `None` for evidence without a date.
    state: Option<EvidenceState>,
    has_moved: bool,
    felt: Option<FeltWeek>,
}

/// One week of a hazard, as everybody may see it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublicWeek<'a> {
    hazard: &'a Hazard,
    place: (f64, f64),
    iso_week: String,
    state: &'static str,
    hits_range: String,
    passes_range: String,
}

/// Every week of a zone in which a hazard was passed, or in which the evidence moved it, in order of
/// time.
pub(crate) fn weeks<'a>(hazard: &'a Hazard, zone: &Zone) -> Vec<HazardWeek<'a>> {
    let mut moved: BTreeMap<i32, EvidenceState> = BTreeMap::new();
    let mut undated = None;
    for change in &hazard.moves {
        if change.at_us == 0 {
            undated = Some(change.state);
        } else {
            moved.insert(monday_of(zone.day_of(change.at_us)), change.state);
        }
    }
    let felt: BTreeMap<i32, FeltWeek> = (hazard.weeks.iter())
        .filter_map(|week| Some((week.monday?, *week)))
        .collect();
    let mut mondays: Vec<i32> = felt.keys().chain(moved.keys()).copied().collect();
    mondays.sort_unstable();
    mondays.dedup();
    let mut state = EvidenceState::Candidate;
    let mut weeks: Vec<HazardWeek<'_>> = Vec::with_capacity(mondays.len());
    for monday in mondays {
        let change = moved.get(&monday).copied();
        state = change.unwrap_or(state);
        weeks.push(HazardWeek {
            hazard,
            monday: Some(monday),
            state: Some(state),
            has_moved: change.is_some(),
            felt: felt.get(&monday).copied(),
        });
    }
    let without_date = hazard.weeks.iter().find(|week| week.monday.is_none());
    if without_date.is_some() || undated.is_some() {
        weeks.push(HazardWeek {
            hazard,
            monday: None,
            state: undated,
            has_moved: undated.is_some(),
            felt: without_date.copied(),
        });
    }
    weeks
}

/// The weeks of a hazard that everybody may know of: those in which certainly k distinct drivers
/// passed, and those in which what many drivers say came to another end.
pub(crate) fn public_weeks<'a>(
    told: &PublicHazard<'a>,
    rule: &ReleaseRule,
    zone: &Zone,
) -> Vec<PublicWeek<'a>> {
    if told.is_of_few() {
        return Vec::new();
    }
    let public = weeks(told.hazard, zone).into_iter().filter_map(|week| {
        let (hits, passes) = week.counts();
        if !week.has_moved && !rule.is_k_in_week(passes) {
            return None;
        }
        Some(PublicWeek {
            hazard: told.hazard,
            place: told.place,
            iso_week: week_name(week.monday?),
            state: week.state.map_or("", EvidenceState::name),
            hits_range: rule.range_of_week(hits),
            passes_range: rule.range_of_week(passes),
        })
    });
    public.collect()
}

impl HazardWeek<'_> {
    /// Driver-days on which it was felt; on which it was felt or would have been.
    fn counts(&self) -> (u32, u32) {
        self.felt.map_or((0, 0), |felt| (felt.hits, felt.passes))
    }

    fn mean_severity_mps2(&self) -> Option<f64> {
        let felt = self.felt.filter(|felt| felt.severities > 0)?;
        let sum_mps2 = felt.severity_sum_mmps2 as f64 / 1e3;
        Some(rounded(sum_mps2 / f64::from(felt.severities), 2))
    }
}

/// What staff and research get of history.
pub(crate) fn sheet<'a>() -> Sheet<HazardWeek<'a>> {
    let columns = vec![
        Column::text("hazard", "which", |row: &HazardWeek<'_>| {
            row.hazard.id.to_string().into()
        }),
        Column::number("lat_deg", "latitude, WGS 84", |row| {
            Some(place_of(row.hazard).0)
        }),
        Column::number("lon_deg", "longitude, WGS 84", |row| {
            Some(place_of(row.hazard).1)
        }),
        Column::truth("dated", "whether the week has a date", |row| {
            Some(row.monday.is_some())
        }),
        Column::day("monday", "the day it begins with", |row| row.monday),
        Column::text("iso_week", "its name, such as 2026-W02", |row| {
            row.monday.map_or_else(String::new, week_name).into()
        }),
        Column::text(
            "evidence_state",
            "what the evidence said at its end",
            |row| row.state.map_or("", EvidenceState::name).into(),
        ),
        Column::whole("hits", "driver-days on which it was felt", |row| {
            Some(row.counts().0.into())
        }),
        Column::whole(
            "passes",
            "driver-days on which it was felt or would have been",
            |row| Some(row.counts().1.into()),
        ),
        Column::whole("severities", "bumps with a severity", |row| {
            Some(row.felt.map_or(0, |felt| felt.severities.into()))
        }),
        Column::number(
            "severity_mean_mps2",
            "mean of their peak vertical acceleration, brought to 40 km/h",
            |row| row.mean_severity_mps2(),
        ),
    ];
    Sheet {
        columns,
        shape: |row| Shape::point(place_of(row.hazard)),
        place: |row| place_of(row.hazard),
    }
}

/// What the public gets of history.
pub(crate) fn public_sheet<'a>() -> Sheet<PublicWeek<'a>> {
    let columns = vec![
        Column::text("hazard", "which", |row: &PublicWeek<'_>| {
            row.hazard.id.to_string().into()
        }),
        Column::number("lat_deg", "latitude, WGS 84, to about a metre", |row| {
            Some(row.place.0)
        }),
        Column::number("lon_deg", "longitude, WGS 84, to about a metre", |row| {
            Some(row.place.1)
        }),
        Column::text("iso_week", "such as 2026-W02", |row| {
            row.iso_week.as_str().into()
        }),
        Column::text(
            "evidence_state",
            "what the evidence said at its end",
            |row| row.state.into(),
        ),
        Column::text(
            "hits_range",
            "driver-days on which it was felt: 11-25, 26+ or few",
            |row| row.hits_range.as_str().into(),
        ),
        Column::text(
            "passes_range",
            "driver-days on which it was felt or would have been, likewise",
            |row| row.passes_range.as_str().into(),
        ),
    ];
    Sheet {
        columns,
        shape: |row| Shape::point(row.place),
        place: |row| row.place,
    }
}
