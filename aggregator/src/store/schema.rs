//! The tables of a map: made, recognised, and brought up to date.

use std::path::Path;

use duckdb::{Connection, params};

use super::{Mode, StoreError, area};
use crate::area::Area;

/// The version of `schema.sql`.
pub(super) const VERSION: i32 = 6;

/// The oldest version that can be brought up to date.
const OLDEST: i32 = 3;

/// What the format column of a map says.
const FORMAT: &str = "jounce map";

const TABLES: &str = include_str!("schema.sql");

/// What makes tables of version 3 tables of version 4, and so on.
const STEPS: [(i32, &str); 3] = [
    (3, include_str!("schema_3_to_4.sql")),
    (4, include_str!("schema_4_to_5.sql")),
    (5, include_str!("schema_5_to_6.sql")),
];

/// Makes the tables of a new map; refuses a database that is no map, or is one of a newer version.
pub(super) fn settle(db: &mut Connection, path: &Path, mode: Mode) -> Result<(), StoreError> {
    let not_a_map = || StoreError::NotAMap {
        path: path.to_owned(),
    };
    let count = "SELECT count(*), count(*) FILTER (table_name = 'meta') FROM duckdb_tables()";
    let (tables, metas): (u64, u64) =
        db.query_row(count, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if tables == 0 && mode == Mode::Write {
        return make_tables(db);
    }
    if metas == 0 {
        return Err(not_a_map());
    }
    let meta = db.query_row("SELECT format, schema_version FROM meta", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, i32>(1)?))
    });
    match meta {
        Ok((format, found)) if format == FORMAT && found > VERSION => Err(StoreError::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        }),
        Ok((format, found)) if format == FORMAT && found < OLDEST => Err(StoreError::Older {
            path: path.to_owned(),
            found,
        }),
        Ok((format, VERSION)) if format == FORMAT => Ok(()),
        Ok((format, found)) if format == FORMAT && mode == Mode::Write => {
            bring_up_to_date(db, found)
        }
        Ok((format, found)) if format == FORMAT => Err(StoreError::Outdated {
            path: path.to_owned(),
            found,
        }),
        _ => Err(not_a_map()),
    }
}

/// Brings the tables of an earlier version up to date, on disk at once: all of them or none.
fn bring_up_to_date(db: &mut Connection, found: i32) -> Result<(), StoreError> {
    let transaction = db.transaction()?;
    for (_, step) in STEPS.iter().filter(|(from, _)| *from >= found) {
        transaction.execute_batch(step)?;
    }
    transaction.commit()?;
    Ok(db.execute_batch("CHECKPOINT")?)
}

/// The tables of a new map, on disk at once: a log that ends within them would leave half a map.
pub(super) fn make_tables(db: &mut Connection) -> Result<(), StoreError> {
    let transaction = db.transaction()?;
    transaction.execute_batch(TABLES)?;
    transaction.execute(
        "INSERT INTO meta VALUES (?, ?, 0, NULL, NULL, NULL)",
        params![FORMAT, VERSION],
    )?;
    area::save(&transaction, &Area::default())?;
    transaction.commit()?;
    db.execute_batch("CHECKPOINT")?;
    Ok(())
}
