//! The tables of the projection: hazards and coverage, always rewritten whole.

mod hazard;

use duckdb::{Connection, params};

use super::StoreError;
use super::rows::{Columns, rows};
use crate::coverage::Coverage;
use crate::fold::Projection;
use crate::hazard::HazardId;
use crate::said::SaidId;

pub(super) use hazard::{hazards, hazards_alone};

/// Puts a projection in the place of the one that stands, in its own (spatial) order.
pub(super) fn save(db: &Connection, projection: &Projection) -> Result<(), StoreError> {
    for table in [
        "hazard",
        "hazard_move",
        "hazard_week",
        "reference",
        "duplicate",
        "reported",
        "coverage",
    ] {
        db.execute_batch(&format!("DELETE FROM {table}"))?;
    }
    hazard::save(db, &projection.hazards)?;
    let mut duplicates = db.appender("duplicate")?;
    for (hazard, duplicate_of) in &projection.joined {
        duplicates.append_row(params![hazard.to_string(), duplicate_of.to_string()])?;
    }
    duplicates.flush()?;
    let mut reported = db.appender("reported")?;
    for (report, hazard) in &projection.reported {
        reported.append_row(params![report.to_string(), hazard.to_string()])?;
    }
    reported.flush()?;
    save_coverage(db, "coverage", &projection.coverage)
}

/// The columns of coverage.
const CELL: [&str; 10] = [
    "cell",
    "octant",
    "iso_week",
    "passes",
    "able_passes",
    "drivers",
    "rough_passes",
    "log_rms_sum_micro",
    "speed_passes",
    "speed_sum_mmps",
];

/// Adds rows of coverage to a table of such.
pub(super) fn save_coverage(
    db: &Connection,
    table: &str,
    cells: &[Coverage],
) -> Result<(), StoreError> {
    // The labels of a network stay empty: nobody has imported any.
    let mut coverage = db.appender_with_columns(table, &CELL)?;
    for cell in cells {
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
    Ok(coverage.flush()?)
}

/// The hazard that a name was joined into.
pub(super) fn duplicate_of(
    db: &Connection,
    hazard: HazardId,
) -> Result<Option<HazardId>, StoreError> {
    let sql = format!("SELECT duplicate_of FROM duplicate WHERE hazard = '{hazard}'");
    let found = rows(db, &sql, "duplicate", |columns| {
        columns.word("duplicate_of", |text| text.parse().ok())
    })?;
    Ok(found.first().copied())
}

/// Which hazard each report is of, in order of the reports.
pub(super) fn reported(db: &Connection) -> Result<Vec<(SaidId, HazardId)>, StoreError> {
    let sql = "SELECT report, hazard FROM reported ORDER BY report";
    rows(db, sql, "reported", |columns| {
        Ok((
            columns.word("report", |text| text.parse().ok())?,
            columns.word("hazard", |text| text.parse().ok())?,
        ))
    })
}

/// The coverage that a table of such holds, in spatial order.
pub(super) fn coverage(db: &Connection, table: &str) -> Result<Vec<Coverage>, StoreError> {
    let sql = format!("SELECT {} FROM {table}", CELL.join(", "));
    let mut coverage = rows(db, &sql, "coverage", cell)?;
    coverage.sort_by_key(|cell| (cell.cell, cell.octant, cell.week));
    Ok(coverage)
}

fn cell(columns: &mut Columns<'_>) -> Result<Coverage, StoreError> {
    let cell: u64 = columns.take()?;
    Ok(Coverage {
        cell: cell.try_into().map_err(|_| columns.strange("cell"))?,
        octant: columns.take()?,
        week: columns.optional_word("iso_week", |week| week.parse().ok())?,
        passes: columns.take()?,
        able_passes: columns.take()?,
        drivers: columns.take()?,
        rough_passes: columns.take()?,
        log_rms_sum_micro: columns.take()?,
        speed_passes: columns.take()?,
        speed_sum_mmps: columns.take()?,
    })
}
