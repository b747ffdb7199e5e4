//! A map as JSON objects, for programs.

use std::io::Write;

use aggregator::{Hazard, Summary};
use serde_json::{Map, Value, json};

use super::show::day;
use crate::render;

/// One hazard with its weeks and with what the evidence did.
pub(super) fn write_hazard(hazard: &Hazard, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut object = Vec::new();
    aggregator::geojson::write_hazard_objects(std::slice::from_ref(hazard), &mut object)?;
    let mut objects: Vec<Map<String, Value>> = serde_json::from_slice(&object)?;
    let mut object = objects.pop().unwrap_or_default();
    let weeks = hazard.weeks.iter().map(|week| {
        json!({
            "monday": week.monday.map(day),
            "hits": week.hits,
            "passes": week.passes,
            "severities": week.severities,
            "severity_sum_mmps2": week.severity_sum_mmps2,
        })
    });
    let moves = hazard.moves.iter().map(|moved| {
        json!({
            "at_utc": (moved.at_us != 0).then(|| render::rfc3339(moved.at_us)),
            "state": moved.state.name(),
            "hits": moved.hits,
            "passes": moved.passes,
        })
    });
    object.insert("weeks".to_owned(), weeks.collect());
    object.insert("moves".to_owned(), moves.collect());
    write(&Value::Object(object), out)
}

/// The map in a few numbers.
pub(super) fn write_summary(summary: &Summary, out: &mut dyn Write) -> anyhow::Result<()> {
    let skipped_s = (summary.skipped_s.iter())
        .map(|(reason, seconds)| (reason.to_string(), json!(seconds)))
        .collect::<Map<_, _>>();
    let by_state = (summary.hazards_by_state.iter())
        .map(|(state, count)| (state.to_string(), json!(count)))
        .collect::<Map<_, _>>();
    let by_kind = (summary.hazards_by_kind.iter())
        .map(|(kind, count)| (kind.to_string(), json!(count)))
        .collect::<Map<_, _>>();
    let generations: Vec<Value> = (summary.generations.iter())
        .map(|(generation, trips)| {
            json!({
                "detector": generation.name,
                "version": generation.version,
                "config": generation.config_hash,
                "trips": trips,
            })
        })
        .collect();
    let object = json!({
        "trips": summary.trips,
        "undated_trips": summary.undated_trips,
        "drivers": summary.drivers,
        "recorded_h": summary.hours,
        "judged_h": summary.hours_judged,
        "stretches": summary.stretches,
        "judged_km": summary.km_judged,
        "able_km": summary.km_able,
        "skipped_s": skipped_s,
        "bumps_mapped": summary.bumps_mapped,
        "bumps_without_place": summary.bumps_without_place,
        "hazards": summary.hazards(),
        "hazards_by_state": by_state,
        "hazards_by_kind": by_kind,
        "coverage_cells": summary.coverage_cells,
        "first_utc": summary.first_us.map(render::rfc3339),
        "last_utc": summary.last_us.map(render::rfc3339),
        "detectors": generations,
    });
    write(&object, out)
}

fn write(object: &Value, out: &mut dyn Write) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, object)?;
    writeln!(out)?;
    Ok(())
}
