//! A map in a few numbers.

use std::collections::{BTreeMap, BTreeSet};

use duckdb::Connection;
use trip::{Generation, Kind, SkipReason};

use super::StoreError;
use super::rows::{Columns, rows};
use crate::fold::Projection;
use crate::hazard::EvidenceState;
use crate::stamp::Stamp;
use crate::zone::Zone;

/// A map in a few numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Trips with evidence.
    pub trips: u64,
    /// Those of them without a date.
    pub undated_trips: u64,
    /// Trips that were sealed: their evidence is in sums, and in none of the numbers below.
    pub sealed_trips: u64,
    /// Distinct drivers: the most in any one season.
    pub drivers: u64,
    /// Hours from the first to the last reading of every trip.
    pub hours: f64,
    /// Hours of road that were judged.
    pub hours_judged: f64,
    /// Stretches judged.
    pub stretches: u64,
    /// Kilometres of track judged.
    pub km_judged: f64,
    /// Kilometres of it on which a defect would have shown.
    pub km_able: f64,
    /// Bumps with a place.
    pub bumps_mapped: u64,
    /// Bumps without one, which are on no map.
    pub bumps_without_place: u64,
    /// Seconds that were not judged, by reason.
    pub skipped_s: BTreeMap<SkipReason, f64>,
    /// Hazards by what the evidence says of them.
    pub hazards_by_state: BTreeMap<EvidenceState, u64>,
    /// Hazards by kind.
    pub hazards_by_kind: BTreeMap<Kind, u64>,
    /// Distinct cells (H3, resolution 11) that anybody passed.
    pub coverage_cells: u64,
    /// The earliest dated evidence, µs since 1970 UTC.
    pub first_us: Option<i64>,
    /// The latest dated evidence, µs since 1970 UTC: the moment the map is seen from.
    pub last_us: Option<i64>,
    /// Trips by the detector that judged them.
    pub generations: BTreeMap<Generation, u64>,
}

impl Summary {
    /// All hazards together.
    pub fn hazards(&self) -> u64 {
        self.hazards_by_state.values().sum()
    }

    /// All bumps together.
    pub fn bumps(&self) -> u64 {
        self.bumps_mapped + self.bumps_without_place
    }
}

/// What a map amounts to. Hazards and coverage are counted in `projection` where one is given,
/// else in the stored one. Sums are of integers, so that no order of adding matters.
pub(super) fn summary(
    db: &Connection,
    zone: &Zone,
    projection: Option<&Projection>,
) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    count_trips(db, zone, &mut summary)?;
    count_road(db, &mut summary)?;
    match projection {
        Some(projection) => count_projected(projection, &mut summary),
        None => count_stored(db, &mut summary)?,
    }
    Ok(summary)
}

fn count_trips(db: &Connection, zone: &Zone, summary: &mut Summary) -> Result<(), StoreError> {
    let sql = "SELECT stamp_day, first_us, last_us FROM trip";
    let mut driven_us = 0;
    rows(db, sql, "trip", |columns| {
        let stamp = columns
            .take::<Option<i32>>()?
            .map_or(Stamp::Undated, Stamp::Day);
        let (first_us, last_us): (i64, i64) = (columns.take()?, columns.take()?);
        summary.trips += 1;
        summary.undated_trips += u64::from(stamp == Stamp::Undated);
        driven_us += i128::from(last_us) - i128::from(first_us);
        let [first_us, last_us] = [first_us, last_us].map(|t_us| stamp.dated_us(t_us, zone));
        summary.first_us = [summary.first_us, first_us].into_iter().flatten().min();
        summary.last_us = summary.last_us.max(last_us);
        Ok(())
    })?;
    summary.hours = hours(driven_us);
    let sql = "SELECT coalesce(sum(trips), 0)::UBIGINT, max(newest_us) FROM sealing";
    one(db, sql, "sealing", |columns| {
        summary.sealed_trips = columns.take()?;
        summary.last_us = summary.last_us.max(columns.take()?);
        Ok(())
    })?;
    let sql = "SELECT coalesce(max(drivers), 0) FROM \
        (SELECT count(DISTINCT driver) AS drivers FROM trip GROUP BY season)";
    one(db, sql, "trip", |columns| {
        summary.drivers = columns.take()?;
        Ok(())
    })?;
    let sql = "SELECT detector, detector_version, detector_config, count(*) FROM trip GROUP BY ALL";
    rows(db, sql, "trip", |columns| {
        let generation = Generation {
            name: columns.take()?,
            version: columns.take()?,
            config_hash: columns.take()?,
        };
        summary.generations.insert(generation, columns.take()?);
        Ok(())
    })?;
    Ok(())
}

fn count_road(db: &Connection, summary: &mut Summary) -> Result<(), StoreError> {
    let sql = "SELECT count(*), coalesce(sum(end_us::HUGEINT - begin_us::HUGEINT), 0), \
        coalesce(sum(round(length_m * 1000)::HUGEINT), 0), \
        coalesce(sum(round(length_m * 1000)::HUGEINT) FILTER (able), 0) FROM stretch";
    one(db, sql, "stretch", |columns| {
        summary.stretches = columns.take()?;
        summary.hours_judged = hours(columns.take()?);
        summary.km_judged = columns.take::<i128>()? as f64 / 1e6;
        summary.km_able = columns.take::<i128>()? as f64 / 1e6;
        Ok(())
    })?;
    let sql = "SELECT count(lat_deg), count(*) FILTER (lat_deg IS NULL) FROM bump";
    one(db, sql, "bump", |columns| {
        summary.bumps_mapped = columns.take()?;
        summary.bumps_without_place = columns.take()?;
        Ok(())
    })?;
    let sql =
        "SELECT reason, sum(end_us::HUGEINT - begin_us::HUGEINT) FROM skipped GROUP BY reason";
    rows(db, sql, "skipped", |columns| {
        let reason = columns.word("reason", SkipReason::from_name)?;
        let seconds = columns.take::<i128>()? as f64 / 1e6;
        summary.skipped_s.insert(reason, seconds);
        Ok(())
    })?;
    Ok(())
}

fn count_stored(db: &Connection, summary: &mut Summary) -> Result<(), StoreError> {
    let sql = "SELECT evidence_state, kind, count(*) FROM hazard GROUP BY ALL";
    rows(db, sql, "hazard", |columns| {
        let state = columns.word("evidence_state", EvidenceState::from_name)?;
        let kind = columns.word("kind", Kind::from_name)?;
        let count: u64 = columns.take()?;
        *summary.hazards_by_state.entry(state).or_default() += count;
        *summary.hazards_by_kind.entry(kind).or_default() += count;
        Ok(())
    })?;
    one(
        db,
        "SELECT count(DISTINCT cell) FROM coverage",
        "coverage",
        |columns| {
            summary.coverage_cells = columns.take()?;
            Ok(())
        },
    )
}

fn count_projected(projection: &Projection, summary: &mut Summary) {
    for hazard in &projection.hazards {
        *summary
            .hazards_by_state
            .entry(hazard.evidence_state)
            .or_default() += 1;
        *summary.hazards_by_kind.entry(hazard.kind).or_default() += 1;
    }
    let cells: BTreeSet<_> = projection.coverage.iter().map(|cell| cell.cell).collect();
    summary.coverage_cells = cells.len() as u64;
}

fn hours(us: i128) -> f64 {
    us as f64 / 3.6e9
}

/// Reads the only row of a query.
fn one(
    db: &Connection,
    sql: &str,
    table: &'static str,
    read: impl FnMut(&mut Columns<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    rows(db, sql, table, read).map(|_| ())
}
