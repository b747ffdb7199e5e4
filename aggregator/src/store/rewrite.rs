//! Writing the file anew: the engine keeps what was deleted until it needs the space.

use std::fs::{self, File};
use std::path::Path;

use duckdb::Connection;

use super::{Mode, Store, StoreError, create, open};

/// What the name of the new file ends with until it takes the place of the old one.
const SUFFIX: &str = ".rewritten";

impl Store {
    /// Makes up for a crash between a deletion and the writing anew of the file.
    pub(super) fn erase(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT count(*) > 0 FROM to_erase";
        let is_due: bool = self.db.query_row(sql, [], |row| row.get(0))?;
        if is_due {
            self.rewrite()?;
        }
        Ok(())
    }

    /// Writes the map into a new file, which takes the place of the old one: what was deleted is in
    /// neither. A crash leaves the one or the other, which say the same.
    pub(super) fn rewrite(&mut self) -> Result<(), StoreError> {
        let new = open::beside(&self.path, SUFFIX);
        let file_error = |source| StoreError::File {
            path: new.clone(),
            source,
        };
        clear(&self.path);
        self.db.execute_batch("CHECKPOINT")?;
        let name: String =
            (self.db).query_row("SELECT current_database()", [], |row| row.get(0))?;
        let quoted = new.to_string_lossy().replace('\'', "''");
        self.db.execute_batch(&format!(
            "ATTACH '{quoted}' AS rewritten (STORAGE_VERSION 'v1.5.0'); \
             COPY FROM DATABASE \"{}\" TO rewritten; DELETE FROM rewritten.to_erase; \
             CHECKPOINT rewritten; DETACH rewritten;",
            name.replace('"', "\"\"")
        ))?;
        File::open(&new)
            .and_then(|file| file.sync_all())
            .map_err(file_error)?;
        // The old file is closed before the new one takes its name: its log belongs to it alone.
        self.db = Connection::open_in_memory()?;
        let replaced = fs::rename(&new, &self.path)
            .and_then(|()| create::sync_folder(&self.path))
            .map_err(file_error);
        self.db = open::connect(&self.path, Mode::Write)?;
        replaced
    }
}

/// Notes, within a transaction that deletes, that the file is to be written anew.
pub(super) fn is_due(db: &Connection) -> Result<(), StoreError> {
    db.execute("INSERT INTO to_erase SELECT fact_revision FROM meta", [])?;
    Ok(())
}

/// Deletes what a crash may have left of a new file.
pub(super) fn clear(map: &Path) {
    let new = open::beside(map, SUFFIX);
    for left in [open::beside(&new, ".wal"), new] {
        let deleted = fs::remove_file(&left);
        if deleted.is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound) {
            tracing::warn!(file = %left.display(), "cannot delete what is left of a rewriting");
        }
    }
}
