//! `jounce inspect`: rate, gaps, duration, axes, gravity, GPS share, distance.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use ingest::intake::{Admitted, Intake};
use ingest::wire::Content;
use trip::TripKey;

use super::{Ending, tell_refusals};
use crate::cli;
use crate::inspect::{Axes, Gps, Inspection, Pace};
use crate::render;
use crate::replay::{Outcome, Reading};

pub(super) fn run(args: &cli::Inspect, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let mut trips: BTreeMap<TripKey, Inspection> = BTreeMap::new();
    let outcome = look(&args.trace, &mut trips);
    for (number, inspection) in trips.values().enumerate() {
        if trips.len() > 1 {
            writeln!(out, "trip {} of {}", number + 1, trips.len())?;
        }
        write_inspection(inspection, out)?;
    }
    out.flush()?;
    tell_refusals(&args.trace, &outcome);
    Ok(Ending::refused_if(outcome.refused > 0))
}

fn look(path: &Path, trips: &mut BTreeMap<TripKey, Inspection>) -> Outcome {
    let mut intake = Intake::default();
    let mut add = |key: &TripKey, admitted: Admitted| {
        for message in admitted.ready {
            if let Content::Samples(batch) = &message.content {
                trips.entry(key.clone()).or_default().push(batch);
            }
        }
    };
    let outcome = Reading::default().messages(path, |key, message| {
        add(key, intake.admit(key, message));
    });
    let open: Vec<TripKey> = intake.open().cloned().collect();
    for key in open {
        add(&key, intake.finish(&key));
    }
    outcome
}

fn write_inspection(trip: &Inspection, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    if let Some((first_us, last_us)) = trip.span_us() {
        rows.push((
            "duration",
            render::duration((last_us - first_us) as f64 / 1e6),
        ));
        let clock = if trip.dated() {
            format!("{} to {}", render::time(first_us), render::time(last_us))
        } else {
            let (first_s, last_s) = (first_us as f64 / 1e6, last_us as f64 / 1e6);
            format!("undated, {first_s:.3} to {last_s:.3} s")
        };
        rows.push(("clock", clock));
    }
    let header = trip.header();
    rows.push((
        "vehicle, mount",
        format!("{}, {}", header.vehicle, header.mount),
    ));
    rows.push(("messages", render::grouped(trip.messages())));
    let pace_or_none = |pace: Option<Pace>| pace.map_or_else(|| "none".to_owned(), pace_text);
    rows.push(("accelerometer", pace_or_none(trip.accel())));
    if let Some(axes) = trip.axes() {
        rows.extend(axes_rows(&axes));
    }
    rows.push(("gyroscope", pace_or_none(trip.gyro())));
    match trip.gps() {
        Some(gps) => rows.extend(gps_rows(&gps)),
        None => rows.push(("GPS", "none: bumps of this trip have no place".to_owned())),
    }
    let rows = rows
        .into_iter()
        .map(|(name, value)| vec![name.to_owned(), value]);
    writeln!(out, "{}", render::table(&[], &[], rows))?;
    Ok(())
}

fn pace_text(pace: Pace) -> String {
    let gaps = match pace.gaps {
        0 => "no gaps".to_owned(),
        n => format!(
            "{}, longest {:.1} s",
            render::count(n, "gap", "gaps"),
            pace.longest_gap_s
        ),
    };
    format!(
        "{} at {:.1} Hz (99 % of steps up to {:.0} ms), {gaps}",
        render::count(pace.readings, "reading", "readings"),
        pace.rate_hz,
        1000.0 * pace.step_p99_s,
    )
}

fn axes_rows(axes: &Axes) -> Vec<(&'static str, String)> {
    let three = |v: [f64; 3]| format!("{:.2} {:.2} {:.2}", v[0], v[1], v[2]);
    let with = match axes.gravity_mps2 {
        g if (0.7..=1.4).contains(&g) => "this looks like g; a trace is in m/s²",
        g if g < 5.0 => "taken out at the source, or the axes turn",
        g if !(9.0..=10.6).contains(&g) => "contained; the sensor is off by more than 5 %",
        _ => "contained",
    };
    let step = axes
        .step_mps2
        .map_or_else(String::new, |s| format!(", steps of {s:.4} m/s²"));
    vec![
        ("mean x y z", format!("{} m/s²", three(axes.mean_mps2))),
        (
            "deviation x y z",
            format!("{} m/s²", three(axes.deviation_mps2)),
        ),
        (
            "gravity",
            format!("{:.2} m/s², {} ({with})", axes.gravity_mps2, upward(axes)),
        ),
        (
            "values",
            format!(
                "up to {:.1} m/s²{step}, {:.0} % repeat the one before",
                axes.highest_mps2,
                100.0 * axes.repeated
            ),
        ),
    ]
}

/// Which axis gravity lies along, and how far from it.
fn upward(axes: &Axes) -> String {
    let magnitude = |i: &usize| axes.mean_mps2[*i].abs();
    let axis = (0..3)
        .max_by(|a, b| magnitude(a).total_cmp(&magnitude(b)))
        .unwrap_or(0);
    let along = magnitude(&axis) / axes.gravity_mps2.max(1e-9);
    let sign = if axes.mean_mps2[axis] < 0.0 { '-' } else { '+' };
    format!(
        "along {sign}{}, {:.0}° off",
        ['x', 'y', 'z'][axis],
        along.min(1.0).acos().to_degrees()
    )
}

fn gps_rows(gps: &Gps) -> Vec<(&'static str, String)> {
    vec![
        ("GPS", pace_text(gps.pace)),
        (
            "GPS share",
            format!("{:.0} % of the time within 2 s of a fix", 100.0 * gps.share),
        ),
        (
            "distance",
            format!("{:.2} km from fix to fix", gps.distance_m / 1000.0),
        ),
        (
            "speed",
            format!("{:.0} % of the fixes say it", 100.0 * gps.with_speed),
        ),
    ]
}
