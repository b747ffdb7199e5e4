//! The tables of the projection: hazards and coverage, always rewritten whole.

use duckdb::{Connection, Row, params};
use trip::Kind;

use super::StoreError;
use super::rows::{Columns, timestamp};
use crate::hazard::{EvidenceState, Hazard, WorkState};
use crate::ledger::{Coverage, Projection};
use crate::query::HazardQuery;

/// Puts a projection in the place of the one that stands, in its own (spatial) order.
pub(super) fn save(db: &Connection, projection: &Projection) -> Result<(), StoreError> {
    db.execute_batch("DELETE FROM hazard; DELETE FROM coverage;")?;
    let mut hazards = db.appender("hazard")?;
    for hazard in &projection.hazards {
        hazards.append_row(params![
            hazard.id.to_string(),
            hazard.kind.name(),
            hazard.kind_probability,
            hazard.position.lat_deg(),
            hazard.position.lon_deg(),
            hazard.sigma_m,
            hazard.heading.map(trip::Heading::deg),
            hazard.confidence,
            hazard.evidence_state.name(),
            hazard.work_state.name(),
            hazard.hits,
            hazard.passes,
            hazard.drivers,
            hazard.severity_mps2,
            timestamp(hazard.first_us),
            timestamp(hazard.last_us),
            timestamp(hazard.last_pass_us),
        ])?;
    }
    hazards.flush()?;
    let mut coverage = db.appender("coverage")?;
    for cell in &projection.coverage {
        coverage.append_row(params![
            u64::from(cell.cell),
            cell.octant,
            cell.week.map(|week| week.to_string()),
            cell.passes,
            cell.able_passes,
            cell.drivers,
            cell.rough_passes,
            cell.log_rms_sum_micro,
            cell.speed_passes,
            cell.speed_sum_mmps,
        ])?;
    }
    coverage.flush()?;
    Ok(())
}

/// The hazards in the table that a query asks for, and maybe some that it does not: the table
/// narrows them down, [`HazardQuery::answer`] decides.
pub(super) fn hazards(db: &Connection, query: &HazardQuery) -> Result<Vec<Hazard>, StoreError> {
    let mut statement = db.prepare(
        "SELECT id, kind, kind_probability, lat_deg, lon_deg, sigma_m, heading_deg, confidence, \
         evidence_state, work_state, hits, passes, drivers, severity_mps2, first_utc, last_utc, \
         last_pass_utc FROM hazard \
         WHERE confidence >= ? AND lat_deg BETWEEN ? AND ? AND lon_deg BETWEEN ? AND ?",
    )?;
    let (south, north, west, east) = query.bbox.map_or((-90.0, 90.0, -180.0, 180.0), |bbox| {
        let (from, to) = (bbox.south_west, bbox.north_east);
        let spans_date_line = from.lon_deg() > to.lon_deg();
        let (west, east) = if spans_date_line {
            (-180.0, 180.0)
        } else {
            (from.lon_deg(), to.lon_deg())
        };
        (from.lat_deg(), to.lat_deg(), west, east)
    });
    let least = query.min_confidence.unwrap_or(0.0);
    statement
        .query_and_then(params![least, south, north, west, east], hazard)?
        .collect()
}

fn hazard(row: &Row<'_>) -> Result<Hazard, StoreError> {
    let columns = &mut Columns::of(row, "hazard");
    Ok(Hazard {
        id: columns.word("id", |text| text.parse().ok())?,
        kind: columns.word("kind", Kind::from_name)?,
        kind_probability: columns.take()?,
        position: columns
            .position()?
            .ok_or_else(|| columns.strange("lat_deg"))?,
        sigma_m: columns.take()?,
        heading: columns.heading()?,
        confidence: columns.take()?,
        evidence_state: columns.word("evidence_state", EvidenceState::from_name)?,
        work_state: columns.word("work_state", WorkState::from_name)?,
        hits: columns.take()?,
        passes: columns.take()?,
        drivers: columns.take()?,
        severity_mps2: columns.take()?,
        first_us: columns.take()?,
        last_us: columns.take()?,
        last_pass_us: columns.take()?,
    })
}

/// The coverage that the table holds, in spatial order.
pub(super) fn coverage(db: &Connection) -> Result<Vec<Coverage>, StoreError> {
    let mut statement = db.prepare(
        "SELECT cell, octant, iso_week, passes, able_passes, drivers, rough_passes, \
         log_rms_sum_micro, speed_passes, speed_sum_mmps FROM coverage",
    )?;
    let mut coverage: Vec<Coverage> = statement
        .query_and_then([], cell)?
        .collect::<Result<_, StoreError>>()?;
    coverage.sort_by_key(|cell| (cell.cell, cell.octant, cell.week));
    Ok(coverage)
}

fn cell(row: &Row<'_>) -> Result<Coverage, StoreError> {
    let columns = &mut Columns::of(row, "coverage");
    let cell: u64 = columns.take()?;
    Ok(Coverage {
        cell: cell.try_into().map_err(|_| columns.strange("cell"))?,
        octant: columns.take()?,
        week: match columns.take::<Option<String>>()? {
            Some(week) => Some(week.parse().map_err(|_| columns.strange("iso_week"))?),
            None => None,
        },
        passes: columns.take()?,
        able_passes: columns.take()?,
        drivers: columns.take()?,
        rough_passes: columns.take()?,
        log_rms_sum_micro: columns.take()?,
        speed_passes: columns.take()?,
        speed_sum_mmps: columns.take()?,
    })
}
