//! `jounce detect`: the bumps of one recorded drive.

use std::io::Write;

use serde::Serialize;
use trip::{BANDS_HZ, Bump, Kind, Report};

use super::evaluate::config;
use super::{Ending, tell_refusals};
use crate::cli::{Detect, DetectFormat};
use crate::render::{self, seconds};
use crate::replay::{Outcome, Reading};

pub(super) fn run(args: &Detect, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let reading = Reading {
        detector: config(args.config.as_deref())?,
        ..Reading::default()
    };
    let outcome = reading.trace(&args.trace);
    let mut bumps: Vec<&Bump> = Vec::new();
    for trip in &outcome.trips {
        let report = &trip.evidence.report;
        let candidates = report.candidates.iter().filter(|_| args.candidates);
        let mut of_trip: Vec<&Bump> = report.bumps.iter().chain(candidates).collect();
        of_trip.sort_by_key(|bump| bump.peak_us);
        bumps.extend(of_trip);
    }
    match args.format {
        format if args.skipped => write_skipped(&outcome, format, out)?,
        DetectFormat::Table => {
            write_table(&bumps, out)?;
            for trip in &outcome.trips {
                write_account(&trip.evidence.report, out)?;
                let late = trip.tally.repeated_readings();
                if late > 0 {
                    let readings = render::count(late, "reading", "readings");
                    writeln!(out, "  dropped: {readings} not later than the one before")?;
                }
            }
        }
        DetectFormat::Csv => write_csv(&bumps, out)?,
        DetectFormat::Json => {
            let lines: Vec<BumpLine> = bumps.iter().map(|bump| BumpLine::of(bump)).collect();
            serde_json::to_writer_pretty(&mut *out, &lines)?;
            writeln!(out)?;
        }
        DetectFormat::Ndjson => {
            for bump in bumps {
                serde_json::to_writer(&mut *out, &BumpLine::of(bump))?;
                writeln!(out)?;
            }
        }
    }
    out.flush()?;
    tell_refusals(&args.trace, &outcome);
    Ok(Ending::refused_if(outcome.refused > 0))
}

fn write_csv(bumps: &[&Bump], out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "t,score,kind,severity,lat,lon,sigma_m")?;
    for bump in bumps {
        let place = bump.place;
        writeln!(
            out,
            "{:.3},{:.4},{},{},{},{},{}",
            seconds(bump.peak_us),
            bump.score,
            bump.kind,
            render::decimals(bump.severity_mps2.map(f64::from), 2),
            render::decimals(place.map(|p| p.position.lat_deg()), 7),
            render::decimals(place.map(|p| p.position.lon_deg()), 7),
            render::decimals(place.map(|p| f64::from(p.sigma_m)), 1),
        )?;
    }
    Ok(())
}

fn write_table(bumps: &[&Bump], out: &mut dyn Write) -> anyhow::Result<()> {
    let rows = bumps.iter().map(|bump| {
        vec![
            format!("{:.2}", seconds(bump.peak_us)),
            format!("{:.2}", bump.score),
            format!("{:.0} %", bump.probability * 100.0),
            bump.kind.to_string(),
            render::decimals(bump.severity_mps2.map(f64::from), 1),
            render::decimals(bump.measured.speed.map(|v| v.kmh()), 0),
            bump.place.map_or_else(String::new, |p| {
                let (lat, lon) = (p.position.lat_deg(), p.position.lon_deg());
                format!("{lat:.5} {lon:.5} ± {:.0}", 2.45 * p.sigma_m)
            }),
        ]
    });
    let header = [
        "t (s)",
        "score",
        "chance",
        "kind",
        "m/s² at 40 km/h",
        "km/h",
        "lat lon ± m (95 %)",
    ];
    if !bumps.is_empty() {
        writeln!(out, "{}", render::table(&header, &[0, 1, 2, 4, 5], rows))?;
    }
    Ok(())
}

/// What was judged, and what was not and why.
fn write_account(report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
    let (bumps, below) = (report.bumps.len() as u64, report.candidates.len() as u64);
    let judged = report.stretches.iter().filter(|s| s.roughness.is_some());
    let judged_s: f64 = judged.map(trip::Stretch::duration_s).sum();
    let metres: f64 = report.stretches.iter().map(trip::Stretch::length_m).sum();
    write!(
        out,
        "{}, {} below the threshold · judged {}",
        render::count(bumps, "bump", "bumps"),
        render::grouped(below),
        render::duration(judged_s),
    )?;
    if metres > 0.0 {
        write!(out, " · track {:.2} km", metres / 1000.0)?;
    }
    writeln!(out)?;
    for (reason, seconds) in skipped_s(report) {
        writeln!(out, "  not judged: {} {reason}", render::duration(seconds))?;
    }
    Ok(())
}

/// One span of time that was not judged.
#[derive(Serialize)]
struct SkippedLine {
    begin_s: f64,
    end_s: f64,
    reason: &'static str,
}

fn write_skipped(
    outcome: &Outcome,
    format: DetectFormat,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let of_trips = outcome
        .trips
        .iter()
        .flat_map(|trip| &trip.evidence.report.skipped);
    let lines: Vec<SkippedLine> = of_trips
        .map(|s| SkippedLine {
            begin_s: seconds(s.begin_us),
            end_s: seconds(s.end_us),
            reason: s.reason.name(),
        })
        .collect();
    match format {
        DetectFormat::Table => {
            let row = |s: &SkippedLine| {
                vec![
                    format!("{:.1}", s.begin_s),
                    format!("{:.1}", s.end_s),
                    s.reason.to_owned(),
                ]
            };
            writeln!(
                out,
                "{}",
                render::table(
                    &["from (s)", "to (s)", "not judged"],
                    &[0, 1],
                    lines.iter().map(row)
                )
            )?;
        }
        DetectFormat::Csv => {
            writeln!(out, "begin,end,reason")?;
            for s in lines {
                writeln!(out, "{:.3},{:.3},{}", s.begin_s, s.end_s, s.reason)?;
            }
        }
        DetectFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &lines)?;
            writeln!(out)?;
        }
        DetectFormat::Ndjson => {
            for line in lines {
                serde_json::to_writer(&mut *out, &line)?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

/// Seconds that were not judged, by reason.
fn skipped_s(report: &Report) -> Vec<(trip::SkipReason, f64)> {
    let sum = |reason| {
        let of_reason = report.skipped.iter().filter(|s| s.reason == reason);
        (
            reason,
            of_reason.map(trip::Skipped::duration_s).sum::<f64>(),
        )
    };
    trip::SkipReason::ALL
        .iter()
        .map(|&reason| sum(reason))
        .filter(|(_, s)| *s > 0.0)
        .collect()
}

/// Everything that was measured and concluded of a bump, in a fixed order.
#[derive(Serialize)]
struct BumpLine {
    begin_s: f64,
    t_s: f64,
    end_s: f64,
    score: f32,
    probability: f32,
    channel: &'static str,
    kind: &'static str,
    kind_probability: std::collections::BTreeMap<&'static str, f32>,
    severity_mps2: Option<f32>,
    saturated: bool,
    lat: Option<f64>,
    lon: Option<f64>,
    sigma_m: Option<f32>,
    heading_deg: Option<f64>,
    speed_mps: Option<f64>,
    peak_mps2: f32,
    width_s: f32,
    rate_hz: f32,
    band_rms_mps2: [Option<f32>; BANDS_HZ.len()],
    body_score: Option<f32>,
    impact_score: Option<f32>,
    horizontal_ratio: f32,
}

impl BumpLine {
    fn of(bump: &Bump) -> Self {
        let kinds = Kind::ALL
            .iter()
            .map(|kind| kind.name())
            .zip(bump.kind_probability);
        Self {
            begin_s: seconds(bump.begin_us),
            t_s: seconds(bump.peak_us),
            end_s: seconds(bump.end_us),
            score: bump.score,
            probability: bump.probability,
            channel: bump.channel.name(),
            kind: bump.kind.name(),
            kind_probability: kinds.collect(),
            severity_mps2: bump.severity_mps2,
            saturated: bump.saturated,
            lat: bump.place.map(|p| p.position.lat_deg()),
            lon: bump.place.map(|p| p.position.lon_deg()),
            sigma_m: bump.place.map(|p| p.sigma_m),
            heading_deg: bump.place.and_then(|p| p.heading).map(trip::Heading::deg),
            speed_mps: bump.measured.speed.map(trip::Speed::mps),
            peak_mps2: bump.measured.peak_mps2,
            width_s: bump.measured.width_s,
            rate_hz: bump.measured.rate_hz,
            band_rms_mps2: bump.measured.band_rms_mps2,
            body_score: bump.measured.body_score,
            impact_score: bump.measured.impact_score,
            horizontal_ratio: bump.measured.horizontal_ratio,
        }
    }
}
