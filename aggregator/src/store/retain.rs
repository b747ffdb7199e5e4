//! Sealing what is old: sums stay, the evidence goes.

use std::collections::BTreeSet;

use duckdb::{Connection, params};

use super::rows::{date, rows};
use super::{Store, StoreError, facts, projection, rewrite, said};
use crate::area::Area;
use crate::fold::{self, Chapter, Evidence as _, Told};
use crate::identity::{TripHash, seal_of};
use crate::said::SaidId;
use crate::stamp::Stamp;

/// What was sealed, or would be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retained {
    /// Everything stamped before this day is sealed, days since 1970-01-01: a Monday. `None`: the
    /// map has no dated evidence, so nothing in it has an age.
    pub before: Option<i32>,
    /// Trips whose evidence went.
    pub trips: u64,
    /// Those of them without a date.
    pub undated_trips: u64,
    /// Trips whose evidence stays.
    pub kept_trips: u64,
    /// Bumps that went.
    pub bumps: u64,
    /// Stretches that went.
    pub stretches: u64,
    /// Kilometres of track that went with them.
    pub km: f64,
    /// Distinct ISO weeks that were sealed.
    pub weeks: u64,
    /// Places of which sums are kept, those of earlier times with them.
    pub places: u64,
    /// Rows of coverage that are kept of what was sealed, those of earlier times with them.
    pub coverage_rows: u64,
    /// Season keys that were deleted.
    pub keys: u64,
}

impl Store {
    /// Seals the seasons whose last day is `pass_days` days or more older than `as_of_us`, by default
    /// than the newest evidence: what their trips said stays in sums (per place, per detector and
    /// week, per cell, direction and week), the trips themselves are deleted from the tables, and
    /// what is left of them in the file is overwritten by writing it anew. Their keys are deleted.
    ///
    /// What the map says does not change by it. With `dry_run` nothing is written.
    ///
    /// # Errors
    /// When the map was opened for reading, or the disk or the engine refuses. Then the map is as it
    /// was, or sealed as a whole.
    pub fn retain(
        &mut self,
        as_of_us: Option<i64>,
        pass_days: i32,
        dry_run: bool,
    ) -> Result<Retained, StoreError> {
        self.must_write()?;
        let sealed = self.facts().sealed()?.before;
        let Some(before) = self.cut(as_of_us, pass_days)?.max(sealed) else {
            return Ok(Retained::default());
        };
        let settlement = fold::seal(&self.facts(), &self.told(None)?, before, &self.config)?;
        let goes = goes(before, settlement.undated);
        let mut retained = count(&self.db, before, &goes)?;
        retained.places = settlement.pasts.iter().filter(|(_, past)| past.own).count() as u64;
        let standing = projection::coverage(&self.db, "sealed_coverage")?;
        let coverage = fold::add(settlement.coverage.iter().copied().chain(standing));
        retained.coverage_rows = coverage.len() as u64;
        let keys = self.keys.as_mut().ok_or(StoreError::ReadOnly)?;
        retained.keys = keys.count_before(before) as u64;
        if dry_run {
            return Ok(retained);
        }
        if retained.trips > 0 || sealed != Some(before) {
            let said = self.sealed_said()?;
            let transaction = self.db.transaction()?;
            write(
                &transaction,
                &settlement,
                &said,
                &retained,
                &goes,
                &self.area,
            )?;
            transaction.execute_batch("DELETE FROM sealed_coverage")?;
            projection::save_coverage(&transaction, "sealed_coverage", &coverage)?;
            transaction.execute("UPDATE meta SET fact_revision = fact_revision + 1", [])?;
            rewrite::is_due(&transaction)?;
            crash::point("before the sums are committed");
            transaction.commit()?;
            crash::point("before the file is written anew");
            self.erase()?;
            crash::point("before the keys are deleted");
        }
        let keys = self.keys.as_mut().ok_or(StoreError::ReadOnly)?;
        keys.delete_before(before)?;
        Ok(retained)
    }

    /// The day before which everything is to be sealed.
    fn cut(&self, as_of_us: Option<i64>, pass_days: i32) -> Result<Option<i32>, StoreError> {
        let as_of_day = as_of_us.map(|as_of_us| self.area.time_zone.day_of(as_of_us));
        let newest_day = "SELECT max(stamp_day) FROM trip";
        let newest_day: Option<i32> = self.db.query_row(newest_day, [], |row| row.get(0))?;
        let Some(day) = as_of_day.or(newest_day) else {
            return Ok(None);
        };
        // The last day of a chapter before the cut is `pass_days` old.
        Ok(Chapter::of_day(day.saturating_sub(pass_days - 1)).begins())
    }

    /// What was said, and which of it was known when evidence was sealed.
    pub(super) fn told(&self, as_of_us: Option<i64>) -> Result<Told, StoreError> {
        let told = Told::new(said::said(&self.db)?, said::features(&self.db)?, as_of_us);
        let told = told.in_zone(&self.area.time_zone);
        Ok(told.sealed(self.sealed_before()?, self.sealed_said()?))
    }

    /// Refuses a moment of which the evidence was sealed.
    pub(super) fn must_be_open(&self, as_of_us: Option<i64>) -> Result<(), StoreError> {
        let zone = &self.area.time_zone;
        match (self.sealed_before()?, as_of_us) {
            (Some(before), Some(as_of_us)) if zone.day_of(as_of_us) < before => {
                let before = text_of(&self.db, before)?;
                Err(StoreError::Sealed { before })
            }
            _ => Ok(()),
        }
    }

    /// Those of some trips that were sealed.
    pub(super) fn sealed_of(&self, trips: &[TripHash]) -> Result<BTreeSet<TripHash>, StoreError> {
        if trips.is_empty() || self.sealed_before()?.is_none() {
            return Ok(BTreeSet::new());
        }
        let seals: Vec<String> = trips.iter().map(|&trip| seal_of(trip)).collect();
        let sql = format!(
            "SELECT seal FROM sealed_trip WHERE seal IN ('{}')",
            seals.join("','")
        );
        let known = rows(&self.db, &sql, "sealed_trip", |columns| {
            columns.take::<String>()
        })?;
        let known: BTreeSet<String> = known.into_iter().collect();
        let is_known = |(_, seal): &(&TripHash, &String)| known.contains(*seal);
        let sealed = trips.iter().zip(&seals).filter(is_known);
        Ok(sealed.map(|(trip, _)| *trip).collect())
    }

    fn sealed_before(&self) -> Result<Option<i32>, StoreError> {
        let sql = "SELECT max(sealed_before) FROM sealing";
        Ok(self.db.query_row(sql, [], |row| row.get(0))?)
    }

    fn sealed_said(&self) -> Result<BTreeSet<SaidId>, StoreError> {
        let said = rows(
            &self.db,
            "SELECT id FROM sealed_said",
            "sealed_said",
            |columns| columns.word("id", |text| text.parse().ok()),
        )?;
        Ok(said.into_iter().collect())
    }
}

/// Where tests let a process die: nowhere else.
mod crash {
    #[cfg(not(test))]
    pub(super) fn point(_at: &str) {}

    #[cfg(test)]
    pub(super) fn point(at: &str) {
        if std::env::var_os("JOUNCE_TEST_CRASH").is_some_and(|point| point == at) {
            std::process::abort();
        }
    }
}

/// Which trips go, in SQL.
fn goes(before: i32, undated: bool) -> String {
    let dated = format!("stamp_day < DATE '1970-01-01' + {before}");
    match undated {
        true => format!("({dated} OR stamp_day IS NULL)"),
        false => format!("coalesce({dated}, false)"),
    }
}

fn text_of(db: &Connection, day: i32) -> Result<String, StoreError> {
    Ok(
        db.query_row("SELECT ?::DATE::VARCHAR", params![date(Some(day))], |row| {
            row.get(0)
        })?,
    )
}

/// Counts what goes.
fn count(db: &Connection, before: i32, goes: &str) -> Result<Retained, StoreError> {
    let mut retained = Retained {
        before: Some(before),
        ..Retained::default()
    };
    let sql = format!(
        "SELECT count(*) FILTER ({goes}), count(*) FILTER ({goes} AND stamp_day IS NULL), \
         count(*) FILTER (NOT {goes}), \
         count(DISTINCT date_trunc('week', stamp_day)) FILTER ({goes}) FROM trip"
    );
    (
        retained.trips,
        retained.undated_trips,
        retained.kept_trips,
        retained.weeks,
    ) = db.query_row(&sql, [], |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    let of_trips = format!("trip_no IN (SELECT trip_no FROM trip WHERE {goes})");
    let sql = format!("SELECT count(*) FROM bump WHERE {of_trips}");
    retained.bumps = db.query_row(&sql, [], |row| row.get(0))?;
    let sql = format!(
        "SELECT count(*), coalesce(sum(round(length_m * 1000)::HUGEINT), 0)::DOUBLE / 1e6 \
         FROM stretch WHERE {of_trips}"
    );
    (retained.stretches, retained.km) =
        db.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(retained)
}

/// Puts sums in the place of what goes.
fn write(
    db: &Connection,
    settlement: &fold::Settlement,
    known: &BTreeSet<SaidId>,
    retained: &Retained,
    goes: &str,
    area: &Area,
) -> Result<(), StoreError> {
    facts::save_lessons(db, &settlement.lessons)?;
    db.execute_batch("DELETE FROM settled")?;
    let mut out = db.appender("settled")?;
    for (number, (tile, past)) in (0_u32..).zip(&settlement.pasts) {
        let line = serde_json::to_string(past).expect("numbers and words");
        out.append_row(params![
            tile.band,
            tile.column,
            number,
            past.id.to_string(),
            past.own,
            line,
        ])?;
    }
    out.flush()?;
    let mut out = db.appender("sealed_said")?;
    for id in settlement.said.difference(known) {
        out.append_row(params![id.to_string()])?;
    }
    out.flush()?;
    let sql = format!("SELECT trip, stamp_day, last_us FROM trip WHERE {goes} ORDER BY trip");
    let mut newest_us = None;
    let trips = rows(db, &sql, "trip", |columns| {
        let trip: TripHash = columns.word("trip", |text| text.parse().ok())?;
        let stamp = (columns.take::<Option<i32>>()?).map_or(Stamp::Undated, Stamp::Day);
        newest_us = newest_us.max(stamp.dated_us(columns.take()?, &area.time_zone));
        Ok(seal_of(trip))
    });
    // In their own order, not in that of the trips.
    let seals: BTreeSet<String> = trips?.into_iter().collect();
    let mut out = db.appender("sealed_trip")?;
    for seal in seals {
        out.append_row(params![seal])?;
    }
    out.flush()?;
    for table in ["bump", "stretch", "skipped"] {
        db.execute_batch(&format!(
            "DELETE FROM {table} WHERE trip_no IN (SELECT trip_no FROM trip WHERE {goes})"
        ))?;
    }
    db.execute_batch(&format!("DELETE FROM trip WHERE {goes}"))?;
    db.execute(
        "INSERT INTO sealing VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            date(retained.before),
            newest_us,
            retained.trips,
            retained.bumps,
            retained.stretches,
            retained.km * 1e3,
            area.id.as_str(),
        ],
    )?;
    Ok(())
}
