//! Files that others will read: written under another name, and named when they are whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use duckdb::{AccessMode, Connection};

use super::claim::Claim;
use super::export::{ReleaseError, SNAPSHOT};
use super::open::{beside, is_duckdb, settings};
use super::{Mode, StoreError, create, open};

/// A file that is being written. Dropped before it is named, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Draft {
    path: PathBuf,
    partial: PathBuf,
}

impl Draft {
    /// A file to be called `path`, which no database is called yet.
    pub(super) fn of_file(path: &Path, replace: bool, map: &Path) -> Result<Self, ReleaseError> {
        Self::at(path, replace, map, |_| false)
    }

    /// A snapshot to be called `path`, which no other database is called yet.
    pub(super) fn of_snapshot(
        path: &Path,
        replace: bool,
        map: &Path,
    ) -> Result<Self, ReleaseError> {
        Self::at(path, replace, map, is_snapshot)
    }

    fn at(
        path: &Path,
        replace: bool,
        map: &Path,
        may_go: fn(&Path) -> bool,
    ) -> Result<Self, ReleaseError> {
        let path = path.to_owned();
        let folder = open::folder_of(&path);
        if path.is_dir() {
            return Err(ReleaseError::IsFolder { path });
        }
        if !folder.is_dir() {
            return Err(ReleaseError::NoFolder {
                path: folder.to_owned(),
            });
        }
        if belongs_to(&path, map) {
            return Err(ReleaseError::IsMap { path });
        }
        if path.exists() {
            if !replace {
                return Err(ReleaseError::Exists { path });
            }
            if is_duckdb(&path).unwrap_or(true) && !may_go(&path) {
                return Err(ReleaseError::IsMap { path });
            }
        }
        let draft = Self {
            partial: beside(&path, ".partial"),
            path,
        };
        // What a crash left behind must not become part of it.
        draft.clear();
        Ok(draft)
    }

    /// Where it is written.
    pub(super) fn partial(&self) -> &Path {
        &self.partial
    }

    /// Names the file, which is whole.
    pub(super) fn publish(self) -> Result<(), ReleaseError> {
        let named = File::open(&self.partial)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&self.partial, &self.path))
            .and_then(|()| create::sync_folder(&self.path));
        named.map_err(|source| self.refused(source))
    }

    /// What an error while it was written means.
    pub(super) fn failed(&self, error: StoreError) -> ReleaseError {
        let path = self.path.clone();
        match error {
            StoreError::DiskFull => ReleaseError::DiskFull { path },
            StoreError::File { source, .. } => self.refused(source),
            source => ReleaseError::Write { path, source },
        }
    }

    fn refused(&self, source: io::Error) -> ReleaseError {
        let path = self.path.clone();
        if source.kind() == io::ErrorKind::StorageFull {
            return ReleaseError::DiskFull { path };
        }
        ReleaseError::File { path, source }
    }

    fn clear(&self) {
        for suffix in ["", ".wal"] {
            // There is mostly nothing to remove.
            let _ = fs::remove_file(beside(&self.partial, suffix));
        }
        let _ = fs::remove_dir_all(beside(&self.partial, ".spill"));
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Whether a path is the map's own, or that of a file beside it that belongs to it.
fn belongs_to(path: &Path, map: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder =
        |path: &Path| whole(open::folder_of(path)).join(path.file_name().unwrap_or_default());
    let (named, real) = (folder(path), whole(path));
    ["", ".wal", ".keys", ".acts.jsonl"].iter().any(|suffix| {
        let owned = beside(map, suffix);
        named == folder(&owned) || real == whole(&owned)
    })
}

/// Whether a database is a snapshot that an earlier export wrote.
fn is_snapshot(path: &Path) -> bool {
    let format = || -> Result<String, StoreError> {
        // A map that this process has open must not be touched.
        let _claim = Claim::on(path, Mode::Read)?;
        let config = settings()?.access_mode(AccessMode::ReadOnly)?;
        let db = Connection::open_with_flags(path, config)?;
        Ok(db.query_row("SELECT format FROM meta", [], |row| row.get(0))?)
    };
    format().is_ok_and(|format| format == SNAPSHOT)
}
