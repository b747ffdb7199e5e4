//! The table of trips.

use std::collections::{BTreeMap, HashMap};

use duckdb::Connection;
use trip::Generation;

use super::super::StoreError;
use super::super::rows::{Columns, rows};
use crate::evidence::Edition;
use crate::fold::Entry;
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

/// The first number that no trip has.
pub(in super::super) fn next_number(db: &Connection) -> Result<u32, StoreError> {
    let sql = "SELECT coalesce(max(trip_no) + 1, 0)::UINTEGER FROM trip";
    Ok(db.query_row(sql, [], |row| row.get(0))?)
}

/// Every trip, as the fold enrols it.
pub(super) fn entries(db: &Connection) -> Result<Vec<Entry>, StoreError> {
    let mut generations: HashMap<Generation, u16> = HashMap::new();
    let sql = "SELECT trip, driver, trip_no, stamp_day, last_us, detector, detector_version, \
               detector_config FROM trip";
    rows(db, sql, "trip", |columns| {
        Ok(Entry {
            trip: columns.word("trip", |text| text.parse().ok())?,
            driver: columns.word("driver", |text| text.parse().ok())?,
            number: columns.take()?,
            stamp: (columns.take::<Option<i32>>()?).map_or(Stamp::Undated, Stamp::Day),
            last_us: columns.take()?,
            generation: {
                let next = u16::try_from(generations.len()).unwrap_or(u16::MAX);
                *generations.entry(generation(columns)?).or_insert(next)
            },
        })
    })
}

fn edition(columns: &mut Columns<'_, '_>) -> Result<Edition, StoreError> {
    Ok(Edition {
        generation: generation(columns)?,
        messages: columns.take()?,
        digest: columns.word("digest", bytes_from_hex)?,
    })
}

fn generation(columns: &mut Columns<'_, '_>) -> Result<Generation, StoreError> {
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
