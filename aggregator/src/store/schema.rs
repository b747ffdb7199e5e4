//! Making the tables of a map, and those that a later version added.

use std::path::Path;

use duckdb::{Connection, params};

use super::{Mode, StoreError};

/// The version of `schema.sql`.
pub(super) const SCHEMA_VERSION: i32 = 4;

/// The oldest version that can be read.
const OLDEST_SCHEMA: i32 = 3;

/// What the format column of a map says.
const FORMAT: &str = "jounce map";

const SCHEMA: &str = include_str!("schema.sql");

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
        Ok((format, found)) if format == FORMAT && found > SCHEMA_VERSION => {
            Err(StoreError::Newer {
                path: path.to_owned(),
                found,
                known: SCHEMA_VERSION,
            })
        }
        Ok((format, found)) if format == FORMAT && found < OLDEST_SCHEMA => {
            Err(StoreError::Older {
                path: path.to_owned(),
                found,
            })
        }
        Ok((format, found)) if format == FORMAT && found < SCHEMA_VERSION => match mode {
            Mode::Read => Err(StoreError::Unmigrated {
                path: path.to_owned(),
                found,
            }),
            Mode::Write => migrate(db),
        },
        Ok((format, _)) if format == FORMAT => Ok(()),
        _ => Err(not_a_map()),
    }
}

/// The tables of a new map, on disk at once: a log that ends within them would leave half a map.
fn make_tables(db: &mut Connection) -> Result<(), StoreError> {
    let transaction = db.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.execute(
        "INSERT INTO meta VALUES (?, ?, 0, NULL, NULL, NULL)",
        params![FORMAT, SCHEMA_VERSION],
    )?;
    transaction.commit()?;
    db.execute_batch("CHECKPOINT")?;
    Ok(())
}

/// Adds the tables that the map does not have yet, in one transaction, on disk at once.
fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let transaction = db.transaction()?;
    transaction.execute_batch(&SCHEMA.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"))?;
    transaction.execute(
        "UPDATE meta SET schema_version = ?",
        params![SCHEMA_VERSION],
    )?;
    transaction.commit()?;
    db.execute_batch("CHECKPOINT")?;
    Ok(())
}
