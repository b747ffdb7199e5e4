//! Facts out of tables. Every function reads the columns of one table in the order of its SELECT.

use std::collections::BTreeMap;

use duckdb::Connection;
use trip::{
    Bump, Channel, Generation, Kind, Measured, PathPoint, Place, Report, RoadClass, Roughness,
    SkipReason, Skipped, Stretch, Vehicle,
};

use super::super::StoreError;
use super::super::rows::{Columns, rows};
use super::save::quoted;
use crate::evidence::{Edition, Fact};
use crate::identity::{TripHash, bytes_from_hex};
use crate::stamp::Stamp;

/// Which reading of these trips stands, for those that the map knows.
pub(in super::super) fn editions(
    db: &Connection,
    trips: &[TripHash],
) -> Result<BTreeMap<TripHash, Edition>, StoreError> {
    if trips.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT trip, detector, detector_version, detector_config, messages, digest \
         FROM trip WHERE trip IN ({})",
        quoted(trips)
    );
    let editions = rows(db, &sql, "trip", |columns| {
        Ok((trip_of(columns)?, edition(columns)?))
    })?;
    Ok(editions.into_iter().collect())
}

/// Every fact in the map, in no order to rely on.
pub(in super::super) fn facts(db: &Connection) -> Result<Vec<Fact>, StoreError> {
    let mut reports = reports(db)?;
    let sql = "SELECT trip, driver, stamp_day, vehicle, detector, detector_version, \
               detector_config, messages, digest, first_us, last_us FROM trip";
    rows(db, sql, "trip", |columns| {
        let trip = trip_of(columns)?;
        Ok(Fact {
            trip,
            driver: columns.word("driver", |text| text.parse().ok())?,
            stamp: columns
                .take::<Option<i32>>()?
                .map_or(Stamp::Undated, Stamp::Day),
            vehicle: columns.word("vehicle", Vehicle::from_name)?,
            edition: edition(columns)?,
            first_us: columns.take()?,
            last_us: columns.take()?,
            report: reports.remove(&trip).unwrap_or_default(),
        })
    })
}

/// Every trip's report.
fn reports(db: &Connection) -> Result<BTreeMap<TripHash, Report>, StoreError> {
    let mut reports: BTreeMap<TripHash, Report> = BTreeMap::new();
    for (trip, bump) in rows(db, BUMPS, "bump", bump)? {
        reports.entry(trip).or_default().bumps.push(bump);
    }
    for (trip, stretch) in rows(db, STRETCHES, "stretch", stretch)? {
        reports.entry(trip).or_default().stretches.push(stretch);
    }
    for (trip, skipped) in rows(db, SKIPPED, "skipped", skipped)? {
        reports.entry(trip).or_default().skipped.push(skipped);
    }
    let sql = "SELECT trip, stretch_no, t_us, lat_deg, lon_deg FROM path_point \
               ORDER BY trip, stretch_no, point_no";
    for (trip, stretch_no, point) in rows(db, sql, "path_point", path_point)? {
        let report = reports.entry(trip).or_default();
        if let Some(stretch) = report.stretches.get_mut(stretch_no as usize) {
            stretch.path.push(point);
        }
    }
    Ok(reports)
}

fn trip_of(columns: &mut Columns<'_, '_>) -> Result<TripHash, StoreError> {
    columns.word("trip", |text| text.parse().ok())
}

fn edition(columns: &mut Columns<'_, '_>) -> Result<Edition, StoreError> {
    Ok(Edition {
        generation: Generation {
            name: columns.take()?,
            version: columns.take()?,
            config_hash: columns.take()?,
        },
        messages: columns.take()?,
        digest: columns.word("digest", bytes_from_hex)?,
    })
}

const BUMPS: &str = "SELECT trip, begin_us, peak_us, end_us, score, probability, channel, kind, \
    p_pothole, p_speed_bump, p_casting, p_rail, p_joint, p_rough, p_other, severity_mps2, \
    saturated, lat_deg, lon_deg, sigma_m, heading_deg, peak_mps2, width_s, speed_mps, rate_hz, \
    band_1_rms_mps2, band_2_rms_mps2, band_3_rms_mps2, band_4_rms_mps2, band_5_rms_mps2, \
    body_score, impact_score, horizontal_ratio FROM bump ORDER BY trip, bump_no";

fn bump(columns: &mut Columns<'_, '_>) -> Result<(TripHash, Bump), StoreError> {
    let trip = trip_of(columns)?;
    let bump = Bump {
        begin_us: columns.take()?,
        peak_us: columns.take()?,
        end_us: columns.take()?,
        score: columns.take()?,
        probability: columns.take()?,
        channel: columns.word("channel", Channel::from_name)?,
        kind: columns.word("kind", Kind::from_name)?,
        kind_probability: columns.array()?,
        severity_mps2: columns.take()?,
        saturated: columns.take()?,
        place: place(columns)?,
        measured: Measured {
            peak_mps2: columns.take()?,
            width_s: columns.take()?,
            speed: columns.speed()?,
            rate_hz: columns.take()?,
            band_rms_mps2: columns.array()?,
            body_score: columns.take()?,
            impact_score: columns.take()?,
            horizontal_ratio: columns.take()?,
        },
    };
    Ok((trip, bump))
}

fn place(columns: &mut Columns<'_, '_>) -> Result<Option<Place>, StoreError> {
    let position = columns.position()?;
    let sigma_m: Option<f32> = columns.take()?;
    let heading = columns.heading()?;
    Ok(position.zip(sigma_m).map(|(position, sigma_m)| Place {
        position,
        sigma_m,
        heading,
    }))
}

const STRETCHES: &str = "SELECT trip, begin_us, end_us, sigma_m, heading_deg, speed_mps, able, \
    rms_mps2, band_1_rms_mps2, band_2_rms_mps2, band_3_rms_mps2, band_4_rms_mps2, \
    band_5_rms_mps2, iri_m_per_km, road_class FROM stretch ORDER BY trip, stretch_no";

/// A stretch without its path.
fn stretch(columns: &mut Columns<'_, '_>) -> Result<(TripHash, Stretch), StoreError> {
    let trip = trip_of(columns)?;
    let stretch = Stretch {
        begin_us: columns.take()?,
        end_us: columns.take()?,
        path: Vec::new(),
        sigma_m: columns.take()?,
        heading: columns.heading()?,
        speed: columns.speed()?,
        able: columns.take()?,
        roughness: roughness(columns)?,
    };
    Ok((trip, stretch))
}

fn roughness(columns: &mut Columns<'_, '_>) -> Result<Option<Roughness>, StoreError> {
    let rms_mps2: Option<f32> = columns.take()?;
    let band_rms_mps2 = columns.array()?;
    let iri_m_per_km = columns.take()?;
    let letter: Option<String> = columns.take()?;
    let class = match letter {
        Some(letter) => Some(road_class(&letter).ok_or_else(|| columns.strange("road_class"))?),
        None => None,
    };
    Ok(rms_mps2.map(|rms_mps2| Roughness {
        rms_mps2,
        band_rms_mps2,
        iri_m_per_km,
        // The map keeps the estimate; its uncertainty follows from the length.
        iri_sigma_ln: None,
        class,
    }))
}

/// The class with the standard's letter.
fn road_class(letter: &str) -> Option<RoadClass> {
    use RoadClass::{A, B, C, D, E, F, G, H};
    let classes = [A, B, C, D, E, F, G, H];
    classes
        .into_iter()
        .find(|class| format!("{class:?}") == letter)
}

const SKIPPED: &str =
    "SELECT trip, begin_us, end_us, reason FROM skipped ORDER BY trip, skipped_no";

fn skipped(columns: &mut Columns<'_, '_>) -> Result<(TripHash, Skipped), StoreError> {
    let trip = trip_of(columns)?;
    let skipped = Skipped {
        begin_us: columns.take()?,
        end_us: columns.take()?,
        reason: columns.word("reason", SkipReason::from_name)?,
    };
    Ok((trip, skipped))
}

fn path_point(columns: &mut Columns<'_, '_>) -> Result<(TripHash, u32, PathPoint), StoreError> {
    let trip = trip_of(columns)?;
    let stretch_no = columns.take()?;
    let t_us = columns.take()?;
    let position = columns
        .position()?
        .ok_or_else(|| columns.strange("lat_deg"))?;
    Ok((trip, stretch_no, PathPoint { t_us, position }))
}
