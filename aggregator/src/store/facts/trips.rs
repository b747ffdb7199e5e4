//! The table of trips.

use std::collections::BTreeMap;

use duckdb::{Connection, params};
use trip::Generation;

use super::super::StoreError;
use super::super::rows::{Columns, date, rows};
use crate::evidence::Edition;
use crate::fold::{Entry, Lesson, Sealed, monday_of_week, week_of};
use crate::identity::{TripHash, bytes_from_hex};
use crate::stamp::Stamp;

/// What stands of a trip.
#[derive(Clone, Debug)]
pub(in super::super) struct Known {
    /// Its `trip_no`.
    pub(in super::super) number: u32,
    /// Which reading of it.
    pub(in super::super) edition: Edition,
}

/// What stands of these trips, for those that the map knows.
pub(in super::super) fn known(
    db: &Connection,
    trips: &[TripHash],
) -> Result<BTreeMap<TripHash, Known>, StoreError> {
    if trips.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = format!(
        "SELECT trip, trip_no, detector, detector_version, detector_config, messages, digest \
         FROM trip WHERE trip IN ({})",
        quoted(trips)
    );
    let known = rows(db, &sql, "trip", |columns| {
        let trip = columns.word("trip", |text| text.parse().ok())?;
        let number = columns.take()?;
        let edition = edition(columns)?;
        Ok((trip, Known { number, edition }))
    })?;
    Ok(known.into_iter().collect())
}

/// The name of every trip.
pub(in super::super) fn names(db: &Connection) -> Result<Vec<TripHash>, StoreError> {
    rows(db, "SELECT trip FROM trip", "trip", |columns| {
        columns.word("trip", |text| text.parse().ok())
    })
}

/// The first number that no trip has.
pub(in super::super) fn next_number(db: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT coalesce(max(trip_no) + 1, 0)::UINTEGER FROM trip";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// Every trip, as the fold enrols it.
pub(super) fn entries(db: &Connection) -> Result<Vec<Entry>, StoreError> {
    let generations = generations(db)?;
    let sql = "SELECT trip, driver, trip_no, stamp_day, last_us, detector, detector_version, \
               detector_config FROM trip";
    rows(db, sql, "trip", |columns| {
        Ok(Entry {
            trip: columns.word("trip", |text| text.parse().ok())?,
            driver: columns.word("driver", |text| text.parse().ok())?,
            number: columns.take()?,
            stamp: (columns.take::<Option<i32>>()?).map_or(Stamp::Undated, Stamp::Day),
            last_us: columns.take()?,
            generation: index_of(&generations, &generation(columns)?),
        })
    })
}

/// Every detector that any trip or lesson is of, in order.
fn generations(db: &Connection) -> Result<Vec<Generation>, StoreError> {
    let sql = "SELECT detector, detector_version, detector_config FROM trip UNION \
               SELECT detector, detector_version, detector_config FROM rates";
    let mut generations = rows(db, sql, "trip", generation)?;
    generations.sort_unstable();
    Ok(generations)
}

fn index_of(generations: &[Generation], generation: &Generation) -> u16 {
    let index = generations.binary_search(generation);
    u16::try_from(index.unwrap_or_else(|index| index)).unwrap_or(u16::MAX)
}

/// What is known of the evidence that was sealed.
pub(super) fn sealed(db: &Connection) -> Result<Sealed, StoreError> {
    let generations = generations(db)?;
    let sql = "SELECT detector, detector_version, detector_config, monday, felt, missed, alone, \
               able_m FROM rates";
    let lessons = rows(db, sql, "rates", |columns| {
        let number = index_of(&generations, &generation(columns)?);
        let week = week_of(columns.take()?);
        let lesson = Lesson {
            felt: columns.take()?,
            missed: columns.take()?,
            alone: columns.take()?,
            able_m: columns.take()?,
        };
        Ok((number, week, lesson))
    })?;
    let sql = "SELECT max(sealed_before), max(newest_us) FROM sealing";
    let (before, newest_us) = db.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Sealed {
        before,
        newest_us,
        lessons,
    })
}

/// Writes what sealed passes taught in the place of what stands.
pub(in super::super) fn save_lessons(
    db: &Connection,
    lessons: &[(u16, i32, Lesson)],
) -> Result<(), StoreError> {
    let generations = generations(db)?;
    db.execute_batch("DELETE FROM rates")?;
    let mut out = db.appender("rates")?;
    for &(number, week, lesson) in lessons {
        let generation = &generations[usize::from(number)];
        out.append_row(params![
            generation.name,
            generation.version,
            generation.config_hash,
            date(Some(monday_of_week(week))),
            lesson.felt,
            lesson.missed,
            lesson.alone,
            lesson.able_m,
        ])?;
    }
    Ok(out.flush()?)
}

fn edition(columns: &mut Columns<'_>) -> Result<Edition, StoreError> {
    Ok(Edition {
        generation: generation(columns)?,
        messages: columns.take()?,
        digest: columns.word("digest", bytes_from_hex)?,
    })
}

fn generation(columns: &mut Columns<'_>) -> Result<Generation, StoreError> {
    Ok(Generation {
        name: columns.take()?,
        version: columns.take()?,
        config_hash: columns.take()?,
    })
}

/// Trips as a list of SQL literals: hexadecimal digits, so nothing in them needs escaping.
fn quoted(trips: &[TripHash]) -> String {
    let literals: Vec<String> = trips.iter().map(|trip| format!("'{trip}'")).collect();
    literals.join(",")
}
