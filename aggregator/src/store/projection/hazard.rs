//! Hazards into tables, and out of them.

use std::collections::HashMap;

use duckdb::types::Null;
use duckdb::{Connection, params, params_from_iter};
use trip::Kind;

use super::super::StoreError;
use super::super::rows::{Columns, date, number, rows_with, timestamp};
use crate::hazard::{EvidenceState, FeltWeek, Hazard, HazardId, Move, Remark};
use crate::query::HazardQuery;
use crate::said::{CloseReason, KnownFeature, OutsideReference, Work, WorkState};

/// Writes hazards with their moves and weeks, in the order given.
pub(super) fn save(db: &Connection, hazards: &[Hazard]) -> Result<(), StoreError> {
    let mut out = db.appender("hazard")?;
    for hazard in hazards {
        let (work, feature) = (&hazard.work, hazard.feature.as_ref());
        out.append_row(params![
            hazard.id.to_string(),
            hazard.site.to_string(),
            hazard.kind.name(),
            hazard.kind_probability,
            hazard.position.lat_deg(),
            hazard.position.lon_deg(),
            hazard.sigma_m,
            hazard.heading.map(trip::Heading::deg),
            hazard.confidence,
            hazard.evidence_state.name(),
            hazard.remark.map(Remark::name),
            hazard.hits,
            hazard.passes,
            hazard.drivers,
            hazard.reports,
            hazard.detection,
            hazard.severity_mps2,
            timestamp(hazard.first_us),
            timestamp(hazard.last_us),
            timestamp(hazard.last_pass_us),
            work.state.name(),
            timestamp(work.since_us),
            work.reason.map(CloseReason::name),
            work.owner,
            work.order,
            timestamp(work.inspected.map(|(at_us, _)| at_us)),
            work.inspected.map(|(_, found)| found),
            work.kind.map(Kind::name),
            work.depth_mm,
            work.width_mm,
            feature.map(|feature| feature.id.as_str()),
            feature.map(|feature| feature.kind.name()),
            feature.and_then(|feature| feature.owner.as_deref()),
            feature.map(|feature| feature.at.lat_deg()),
            feature.map(|feature| feature.at.lon_deg()),
            // The labels of a network, which nobody has imported.
            Null,
            Null,
            Null,
            Null,
            Null,
            Null,
        ])?;
    }
    out.flush()?;
    let mut out = db.appender("hazard_move")?;
    for hazard in hazards {
        for (index, moved) in hazard.moves.iter().enumerate() {
            out.append_row(params![
                hazard.id.to_string(),
                number(index),
                timestamp(Some(moved.at_us)),
                moved.state.name(),
                moved.hits,
                moved.passes,
            ])?;
        }
    }
    out.flush()?;
    let mut out = db.appender("hazard_week")?;
    for hazard in hazards {
        for (index, week) in hazard.weeks.iter().enumerate() {
            out.append_row(params![
                hazard.id.to_string(),
                number(index),
                date(week.monday),
                week.hits,
                week.passes,
                week.severities,
                week.severity_sum_mmps2,
            ])?;
        }
    }
    out.flush()?;
    save_references(db, hazards)
}

/// Writes the numbers of hazards in other systems.
fn save_references(db: &Connection, hazards: &[Hazard]) -> Result<(), StoreError> {
    let mut out = db.appender("reference")?;
    for hazard in hazards {
        for reference in &hazard.work.references {
            out.append_row(params![
                hazard.id.to_string(),
                reference.system,
                reference.id,
                reference.url,
                reference.status,
                timestamp(Some(reference.at_us)),
            ])?;
        }
    }
    Ok(out.flush()?)
}

/// The hazards in the table that a query asks for, and maybe some that it does not: the table
/// narrows them down, [`HazardQuery::answer`] decides.
pub(in super::super) fn hazards(
    db: &Connection,
    query: &HazardQuery,
) -> Result<Vec<Hazard>, StoreError> {
    let (filter, params) = filter(query);
    let params = || params_from_iter(&params);
    let mut hazards = hazards_alone(db, query)?;
    let within = format!("hazard IN (SELECT id FROM hazard WHERE {filter})");
    let mut moves: HashMap<HazardId, Vec<Move>> = HashMap::new();
    let sql = format!(
        "SELECT hazard, epoch_us(at_utc), state, hits, passes FROM hazard_move WHERE {within} \
         ORDER BY hazard, move_no"
    );
    for (id, moved) in rows_with(db, &sql, params(), "hazard_move", moved)? {
        moves.entry(id).or_default().push(moved);
    }
    let mut weeks: HashMap<HazardId, Vec<FeltWeek>> = HashMap::new();
    let sql = format!(
        "SELECT hazard, monday, hits, passes, severities, severity_sum_mmps2 FROM hazard_week \
         WHERE {within} ORDER BY hazard, week_no"
    );
    for (id, week) in rows_with(db, &sql, params(), "hazard_week", week)? {
        weeks.entry(id).or_default().push(week);
    }
    let mut references: HashMap<HazardId, Vec<OutsideReference>> = HashMap::new();
    let sql = format!(
        "SELECT hazard, system, id, url, status, epoch_us(at_utc) FROM reference WHERE {within} \
         ORDER BY hazard, system, id"
    );
    for (id, reference) in rows_with(db, &sql, params(), "reference", reference)? {
        references.entry(id).or_default().push(reference);
    }
    for hazard in &mut hazards {
        hazard.work.references = references.remove(&hazard.id).unwrap_or_default();
        hazard.moves = moves.remove(&hazard.id).unwrap_or_default();
        hazard.weeks = weeks.remove(&hazard.id).unwrap_or_default();
    }
    Ok(hazards)
}

/// As [`hazards`], without their moves and weeks.
pub(in super::super) fn hazards_alone(
    db: &Connection,
    query: &HazardQuery,
) -> Result<Vec<Hazard>, StoreError> {
    let (filter, params) = filter(query);
    let sql = format!("{HAZARDS} WHERE {filter}");
    rows_with(db, &sql, params_from_iter(params), "hazard", hazard)
}

/// What a query asks of the table: a condition, and its parameters in their order.
fn filter(query: &HazardQuery) -> (String, Vec<f64>) {
    let (mut filter, mut params) = ("true".to_owned(), Vec::new());
    if let Some(least) = query.min_confidence {
        filter += " AND confidence >= ?";
        params.push(least);
    }
    if let Some(id) = query.id {
        // Letters and digits, so nothing in it needs escaping.
        filter += &format!(" AND id = '{id}'");
    }
    if let Some(bbox) = query.bbox {
        let [west, south, east, north] = bbox.degrees();
        filter += " AND lat_deg BETWEEN ? AND ?";
        params.extend([south, north]);
        // A box over the 180th meridian is narrowed down by whoever asked.
        if west <= east {
            filter += " AND lon_deg BETWEEN ? AND ?";
            params.extend([west, east]);
        }
    }
    (filter, params)
}

const HAZARDS: &str = "SELECT id, site, kind, kind_probability, lat_deg, lon_deg, sigma_m, \
    heading_deg, confidence, evidence_state, remark, hits, passes, drivers, reports, detection, \
    severity_mps2, epoch_us(first_utc), epoch_us(last_utc), epoch_us(last_pass_utc), work_state, \
    epoch_us(work_since_utc), close_reason, owner, order_no, epoch_us(inspected_utc), \
    inspected_found, inspected_kind, depth_mm, width_mm, feature, feature_kind, feature_owner, \
    feature_lat_deg, feature_lon_deg FROM hazard";

fn hazard(columns: &mut Columns<'_>) -> Result<Hazard, StoreError> {
    Ok(Hazard {
        id: columns.word("id", |text| text.parse().ok())?,
        site: columns.word("site", |text| text.parse().ok())?,
        kind: columns.word("kind", Kind::from_name)?,
        kind_probability: columns.take()?,
        position: columns
            .position()?
            .ok_or_else(|| columns.strange("lat_deg"))?,
        sigma_m: columns.take()?,
        heading: columns.heading()?,
        confidence: columns.take()?,
        evidence_state: columns.word("evidence_state", EvidenceState::from_name)?,
        remark: columns.optional_word("remark", Remark::from_name)?,
        hits: columns.take()?,
        passes: columns.take()?,
        drivers: columns.take()?,
        reports: columns.take()?,
        detection: columns.take()?,
        severity_mps2: columns.take()?,
        first_us: columns.take()?,
        last_us: columns.take()?,
        last_pass_us: columns.take()?,
        work: work(columns)?,
        feature: feature(columns)?,
        moves: Vec::new(),
        weeks: Vec::new(),
    })
}

fn work(columns: &mut Columns<'_>) -> Result<Work, StoreError> {
    Ok(Work {
        state: columns.word("work_state", WorkState::from_name)?,
        since_us: columns.take()?,
        reason: columns.optional_word("close_reason", CloseReason::from_name)?,
        owner: columns.take()?,
        order: columns.take()?,
        references: Vec::new(),
        inspected: {
            let at_us: Option<i64> = columns.take()?;
            at_us.zip(columns.take::<Option<bool>>()?)
        },
        kind: columns.optional_word("inspected_kind", Kind::from_name)?,
        depth_mm: columns.take()?,
        width_mm: columns.take()?,
    })
}

fn feature(columns: &mut Columns<'_>) -> Result<Option<KnownFeature>, StoreError> {
    let id: Option<String> = columns.take()?;
    let kind = columns.optional_word("feature_kind", Kind::from_name)?;
    let owner = columns.take()?;
    let at = columns.position()?;
    let whole = id.zip(kind).zip(at);
    Ok(whole.map(|((id, kind), at)| KnownFeature {
        id,
        kind,
        owner,
        at,
    }))
}

fn moved(columns: &mut Columns<'_>) -> Result<(HazardId, Move), StoreError> {
    Ok((
        columns.word("hazard", |text| text.parse().ok())?,
        Move {
            at_us: columns.take()?,
            state: columns.word("state", EvidenceState::from_name)?,
            hits: columns.take()?,
            passes: columns.take()?,
        },
    ))
}

fn week(columns: &mut Columns<'_>) -> Result<(HazardId, FeltWeek), StoreError> {
    Ok((
        columns.word("hazard", |text| text.parse().ok())?,
        FeltWeek {
            monday: columns.take()?,
            hits: columns.take()?,
            passes: columns.take()?,
            severities: columns.take()?,
            severity_sum_mmps2: columns.take()?,
        },
    ))
}

fn reference(columns: &mut Columns<'_>) -> Result<(HazardId, OutsideReference), StoreError> {
    Ok((
        columns.word("hazard", |text| text.parse().ok())?,
        OutsideReference {
            system: columns.take()?,
            id: columns.take()?,
            url: columns.take()?,
            status: columns.take()?,
            at_us: columns.take()?,
        },
    ))
}
