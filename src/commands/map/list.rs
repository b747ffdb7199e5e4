//! `jounce map list` and `jounce map summary`.

use std::io::Write;

use aggregator::{Hazard, HazardQuery, Mode, Remark, Store, Zone};
use anyhow::Context as _;

use crate::cli::{ListFormat, MapList};
use crate::render;

pub(super) fn list(args: &MapList, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
    let zone = &store.area().time_zone;
    let query = HazardQuery {
        id: None,
        bbox: args.bbox,
        min_confidence: args.min_confidence,
        limit: args.limit,
        as_of_us: args.as_of.map(|as_of| as_of.us(zone)),
    };
    let hazards = store.hazards_alone(&query).context("cannot read the map")?;
    match args.format {
        ListFormat::Table => write_table(&hazards, zone, out),
        ListFormat::Csv => write_csv(&hazards, out),
        ListFormat::Geojson => Ok(aggregator::geojson::write_hazards(&hazards, out)?),
        ListFormat::Json => Ok(aggregator::geojson::write_hazard_objects(&hazards, out)?),
    }
}

fn write_table(hazards: &[Hazard], zone: &Zone, out: &mut dyn Write) -> anyhow::Result<()> {
    let rows = hazards.iter().map(|hazard| {
        let place = hazard.position;
        vec![
            hazard.id.to_string(),
            hazard.kind.to_string(),
            hazard.evidence_state.to_string(),
            hazard.work.state.to_string(),
            format!("{:.0} %", 100.0 * hazard.confidence),
            format!("{}/{}", hazard.hits, hazard.passes),
            hazard.drivers.to_string(),
            render::decimals(hazard.severity_mps2, 1),
            format!("{:.6} {:.6}", place.lat_deg(), place.lon_deg()),
            format!("{:.1}", 2.45 * hazard.sigma_m),
            render::decimals(hazard.heading.map(trip::Heading::deg), 0),
            hazard.last_us.map_or_else(
                || (if hazard.hits == 0 { "never" } else { "undated" }).to_owned(),
                |t_us| {
                    zone.date_of(t_us)
                        .map_or_else(String::new, |date| date.to_string())
                },
            ),
        ]
    });
    let header = [
        "hazard",
        "kind",
        "state",
        "work",
        "sure",
        "hits/passes",
        "drivers",
        "m/s²",
        "lat lon",
        "± m (95 %)",
        "heading",
        "last felt",
    ];
    if hazards.is_empty() {
        writeln!(out, "no hazards")?;
        return Ok(());
    }
    writeln!(
        out,
        "{}",
        render::table(&header, &[4, 5, 6, 7, 9, 10], rows)
    )?;
    writeln!(
        out,
        "{}",
        render::count(hazards.len() as u64, "hazard", "hazards")
    )?;
    Ok(())
}

pub(super) fn write_csv(hazards: &[Hazard], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "hazard",
        "kind",
        "kind_probability",
        "evidence_state",
        "work_state",
        "confidence",
        "hits",
        "passes",
        "drivers",
        "severity_mps2",
        "lat",
        "lon",
        "sigma_m",
        "heading_deg",
        "first_utc",
        "last_utc",
        "last_pass_utc",
        "site",
        "remark",
        "reports",
        "close_reason",
        "owner",
        "order_no",
        "feature",
    ])?;
    let time = |t_us: Option<i64>| t_us.map_or_else(String::new, render::rfc3339);
    for hazard in hazards {
        csv.write_record([
            hazard.id.to_string(),
            hazard.kind.to_string(),
            format!("{:.3}", hazard.kind_probability),
            hazard.evidence_state.to_string(),
            hazard.work.state.to_string(),
            format!("{:.4}", hazard.confidence),
            hazard.hits.to_string(),
            hazard.passes.to_string(),
            hazard.drivers.to_string(),
            render::decimals(hazard.severity_mps2, 2),
            format!("{:.7}", hazard.position.lat_deg()),
            format!("{:.7}", hazard.position.lon_deg()),
            format!("{:.2}", hazard.sigma_m),
            render::decimals(hazard.heading.map(trip::Heading::deg), 1),
            time(hazard.first_us),
            time(hazard.last_us),
            time(hazard.last_pass_us),
            hazard.site.to_string(),
            hazard.remark.map_or("", Remark::name).to_owned(),
            hazard.reports.to_string(),
            (hazard.work.reason).map_or_else(String::new, |reason| reason.to_string()),
            hazard.owner().unwrap_or_default().to_owned(),
            hazard.work.order.clone().unwrap_or_default(),
            (hazard.feature.as_ref()).map_or_else(String::new, |known| known.id.clone()),
        ])?;
    }
    csv.flush()?;
    Ok(())
}

pub(super) fn write_summary(store: &Store, out: &mut dyn Write) -> anyhow::Result<()> {
    let summary = &store.summary().context("cannot read the map")?;
    let sealed = match summary.sealed_trips {
        0 => String::new(),
        trips => format!(", and {} sealed into sums", render::grouped(trips)),
    };
    let undated = match summary.undated_trips {
        0 => String::new(),
        n => format!(", {} of them undated", render::grouped(n)),
    };
    let listed = |counts: Vec<String>| {
        if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        }
    };
    let mut rows = vec![
        (
            "trips",
            format!("{}{undated}{sealed}", render::grouped(summary.trips)),
        ),
        (
            "drivers",
            format!("{} (most in one season)", render::grouped(summary.drivers)),
        ),
        ("recorded", format!("{:.2} h", summary.hours)),
        (
            "judged",
            format!(
                "{:.2} h in {}, {:.2} km, {:.2} km of it able to show a defect",
                summary.hours_judged,
                render::count(summary.stretches, "stretch", "stretches"),
                summary.km_judged,
                summary.km_able,
            ),
        ),
        (
            "not judged",
            listed(
                summary
                    .skipped_s
                    .iter()
                    .map(|(reason, s)| format!("{} {reason}", render::duration(*s)))
                    .collect(),
            ),
        ),
        (
            "bumps",
            format!(
                "{}: {} on the map, {} without a place",
                render::grouped(summary.bumps()),
                render::grouped(summary.bumps_mapped),
                render::grouped(summary.bumps_without_place),
            ),
        ),
        ("hazards", render::grouped(summary.hazards())),
        (
            "by state",
            listed(
                summary
                    .hazards_by_state
                    .iter()
                    .map(|(s, n)| format!("{n} {s}"))
                    .collect(),
            ),
        ),
        (
            "by kind",
            listed(
                summary
                    .hazards_by_kind
                    .iter()
                    .map(|(k, n)| format!("{n} {k}"))
                    .collect(),
            ),
        ),
        (
            "seen",
            render::count(
                summary.coverage_cells,
                "cell of 0.002 km²",
                "cells of 0.002 km²",
            ),
        ),
    ];
    if let (Some(first_us), Some(last_us)) = (summary.first_us, summary.last_us) {
        rows.push((
            "evidence",
            format!("{} to {}", render::time(first_us), render::time(last_us)),
        ));
    }
    let area = store.area();
    if !area.id.is_default() {
        rows.push(("area", format!("{}, days of {}", area.id, area.time_zone)));
    }
    for (generation, trips) in &summary.generations {
        let trips = render::count(*trips, "trip", "trips");
        let (name, version) = (&generation.name, &generation.version);
        rows.push((
            "detector",
            format!("{name} {version} ({}): {trips}", generation.config_hash),
        ));
    }
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value]);
    writeln!(out, "{}", render::table(&[], &[], rows))?;
    Ok(())
}
