//! Facts into tables. Every function appends the columns of one table in the order of the schema.

use duckdb::{Appender, Connection, params};
use trip::{Bump, Skipped, Stretch};

use super::super::StoreError;
use super::super::rows::{date, number};
use crate::evidence::Fact;
use crate::identity::{TripHash, hex};

/// Deletes everything that these trips said.
pub(in super::super) fn forget(db: &Connection, trips: &[TripHash]) -> Result<(), StoreError> {
    if trips.is_empty() {
        return Ok(());
    }
    let trips = quoted(trips);
    for table in ["trip", "bump", "stretch", "path_point", "skipped"] {
        db.execute_batch(&format!("DELETE FROM {table} WHERE trip IN ({trips})"))?;
    }
    Ok(())
}

/// Trips as a list of SQL literals: hexadecimal digits, so nothing in them needs escaping.
pub(super) fn quoted(trips: &[TripHash]) -> String {
    let literals: Vec<String> = trips.iter().map(|trip| format!("'{trip}'")).collect();
    literals.join(",")
}

/// Writes facts of trips that have none in the tables.
pub(in super::super) fn save(db: &Connection, facts: &[&Fact]) -> Result<(), StoreError> {
    let table = |name: &str, append: &dyn Fn(&mut Appender<'_>, &Fact) -> duckdb::Result<()>| {
        let mut appender = db.appender(name)?;
        for fact in facts {
            append(&mut appender, fact)?;
        }
        appender.flush()
    };
    table("trip", &append_trip)?;
    table("bump", &|out, fact| {
        each(&fact.report.bumps, |no, bump| {
            append_bump(out, fact, no, bump)
        })
    })?;
    table("stretch", &|out, fact| {
        each(&fact.report.stretches, |no, stretch| {
            append_stretch(out, fact, no, stretch)
        })
    })?;
    table("path_point", &|out, fact| {
        each(&fact.report.stretches, |no, stretch| {
            append_path(out, fact, no, stretch)
        })
    })?;
    table("skipped", &|out, fact| {
        each(&fact.report.skipped, |no, skipped| {
            append_skipped(out, fact, no, skipped)
        })
    })?;
    Ok(())
}

/// Appends every part of a report with its number.
fn each<T>(
    parts: &[T],
    mut append: impl FnMut(u32, &T) -> duckdb::Result<()>,
) -> duckdb::Result<()> {
    (parts.iter().enumerate()).try_for_each(|(index, part)| append(number(index), part))
}

fn append_trip(out: &mut Appender<'_>, fact: &Fact) -> duckdb::Result<()> {
    let generation = &fact.edition.generation;
    out.append_row(params![
        fact.trip.to_string(),
        fact.driver.to_string(),
        fact.stamp.season().to_string(),
        date(fact.stamp.day()),
        fact.vehicle.name(),
        generation.name,
        generation.version,
        generation.config_hash,
        fact.edition.messages,
        hex(&fact.edition.digest),
        fact.first_us,
        fact.last_us,
    ])
}

fn append_bump(out: &mut Appender<'_>, fact: &Fact, no: u32, bump: &Bump) -> duckdb::Result<()> {
    let position = bump.place.map(|place| place.position);
    let measured = &bump.measured;
    let [p1, p2, p3, p4, p5, p6, p7] = bump.kind_probability;
    let [band1, band2, band3, band4, band5] = measured.band_rms_mps2;
    out.append_row(params![
        fact.trip.to_string(),
        no,
        bump.begin_us,
        bump.peak_us,
        bump.end_us,
        bump.score,
        bump.probability,
        bump.channel.name(),
        bump.kind.name(),
        p1,
        p2,
        p3,
        p4,
        p5,
        p6,
        p7,
        bump.severity_mps2,
        bump.saturated,
        position.map(trip::Position::lat_deg),
        position.map(trip::Position::lon_deg),
        bump.place.map(|place| place.sigma_m),
        bump.place
            .and_then(|place| place.heading)
            .map(trip::Heading::deg),
        measured.peak_mps2,
        measured.width_s,
        measured.speed.map(trip::Speed::mps),
        measured.rate_hz,
        band1,
        band2,
        band3,
        band4,
        band5,
        measured.body_score,
        measured.impact_score,
        measured.horizontal_ratio,
    ])
}

fn append_stretch(
    out: &mut Appender<'_>,
    fact: &Fact,
    no: u32,
    stretch: &Stretch,
) -> duckdb::Result<()> {
    let roughness = stretch.roughness.as_ref();
    let [band1, band2, band3, band4, band5] =
        roughness.map_or([None; 5], |roughness| roughness.band_rms_mps2);
    out.append_row(params![
        fact.trip.to_string(),
        no,
        stretch.begin_us,
        stretch.end_us,
        stretch.length_m(),
        stretch.sigma_m,
        stretch.heading.map(trip::Heading::deg),
        stretch.speed.map(trip::Speed::mps),
        stretch.able,
        roughness.map(|roughness| roughness.rms_mps2),
        band1,
        band2,
        band3,
        band4,
        band5,
        roughness.and_then(|roughness| roughness.iri_m_per_km),
        roughness
            .and_then(|roughness| roughness.class)
            .map(|class| format!("{class:?}")),
    ])
}

fn append_path(
    out: &mut Appender<'_>,
    fact: &Fact,
    stretch_no: u32,
    stretch: &Stretch,
) -> duckdb::Result<()> {
    each(&stretch.path, |no, point| {
        out.append_row(params![
            fact.trip.to_string(),
            stretch_no,
            no,
            point.t_us,
            point.position.lat_deg(),
            point.position.lon_deg(),
        ])
    })
}

fn append_skipped(
    out: &mut Appender<'_>,
    fact: &Fact,
    no: u32,
    skipped: &Skipped,
) -> duckdb::Result<()> {
    out.append_row(params![
        fact.trip.to_string(),
        no,
        skipped.begin_us,
        skipped.end_us,
        skipped.reason.name(),
    ])
}
