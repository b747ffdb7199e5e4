//! Opening the file: never harming what is not a map, and mending a log that a crash tore.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use duckdb::{AccessMode, Connection};

use super::{Mode, StoreError, create};

/// The DuckDB connection to the file at `path`, made when there is none and `mode` allows it.
pub(super) fn connect(path: &Path, mode: Mode) -> Result<Connection, StoreError> {
    if examine(path, mode)? == Found::Nothing {
        create::make(path)?;
    }
    loop {
        let error = match engine(path, mode) {
            Ok(connection) => return Ok(connection),
            Err(error) => error,
        };
        let text = error.to_string();
        if !is_of_the_log(&text) {
            return Err(named(error, path));
        }
        let wal = beside(path, ".wal");
        if mode == Mode::Read {
            return Err(StoreError::DamagedLog { wal });
        }
        if !mend(&wal, damaged_at(&text))? {
            return Err(error.into());
        }
    }
}

/// What lies where a map is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Database,
    Nothing,
}

/// Refuses what is not a DuckDB file before the engine touches it.
fn examine(path: &Path, mode: Mode) -> Result<Found, StoreError> {
    let path_of = |path: &Path| path.to_owned();
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(StoreError::IsFolder {
                path: path_of(path),
            });
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return examine_folder(path, mode),
        Err(source) => {
            return Err(StoreError::File {
                path: path_of(path),
                source,
            });
        }
    }
    let is_duckdb = is_duckdb(path).map_err(|source| StoreError::File {
        path: path_of(path),
        source,
    })?;
    if is_duckdb {
        return Ok(Found::Database);
    }
    Err(StoreError::NotDuckDb {
        path: path_of(path),
    })
}

/// Whether a file is one of DuckDB's, by its first bytes.
pub(super) fn is_duckdb(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(12).read_to_end(&mut head)?;
    Ok(head.get(8..) == Some(DUCKDB_MAGIC))
}

/// Bytes 8 to 11 of a DuckDB file, after its checksum.
const DUCKDB_MAGIC: &[u8] = b"DUCK";

/// Whether a new file may be made at `path`.
fn examine_folder(path: &Path, mode: Mode) -> Result<Found, StoreError> {
    if mode == Mode::Read {
        return Err(StoreError::Missing {
            path: path.to_owned(),
        });
    }
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(Found::Nothing);
    }
    Err(StoreError::NoFolder {
        path: folder.to_owned(),
    })
}

/// The folder that a file lies in.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Opens the file as DuckDB does.
pub(super) fn engine(path: &Path, mode: Mode) -> duckdb::Result<Connection> {
    let access = match mode {
        Mode::Read => AccessMode::ReadOnly,
        Mode::Write => AccessMode::ReadWrite,
    };
    Connection::open_with_flags(path, settings()?.access_mode(access)?)
}

/// How every engine is set, that of the map and those beside it.
pub(super) fn settings() -> duckdb::Result<duckdb::Config> {
    duckdb::Config::default()
        // Tools of the 1.5 line read such a file; a newer format would lock them out.
        .with("storage_compatibility_version", "v1.5.0")?
        // Taking in a city, a sixth of the time went into taking 16 MB of log into the file each.
        .with("checkpoint_threshold", "256MB")?
        // A machine of 4 GB has room for the fold beside it; what is more goes to a folder beside the
        // map for as long as it is needed. The engine's own limit is most of the machine.
        .with("memory_limit", "1500MB")?
        // A mistyped function must not send the engine to the network.
        .with("autoinstall_known_extensions", "false")?
        .with("autoload_known_extensions", "false")
}

/// What the engine's refusal to open a file means.
fn named(error: duckdb::Error, path: &Path) -> StoreError {
    let path = path.to_owned();
    let text = error.to_string();
    if text.contains("Could not set lock") {
        return StoreError::Locked {
            path,
            pid: number_after(&text, "(PID ").and_then(|pid| pid.try_into().ok()),
        };
    }
    if text.contains("Permission denied") {
        let source = io::ErrorKind::PermissionDenied.into();
        return StoreError::File { path, source };
    }
    if text.contains("not a valid DuckDB database file") {
        return StoreError::NotDuckDb { path };
    }
    error.into()
}

/// Whether the engine refuses a file for the log beside it: one that does not read, one of another
/// file, or one that was taken into the file already and has lost the mark that says so.
fn is_of_the_log(text: &str) -> bool {
    let complaints = [
        "Failure while replaying WAL",
        "WAL checkpoint iteration does not match",
        "WAL does not match database file",
    ];
    complaints.iter().any(|complaint| text.contains(complaint))
}

/// The position at which the log is damaged, as far as the engine names one.
fn damaged_at(text: &str) -> Option<u64> {
    number_after(text, "entry at byte position ")
}

/// The digits that follow `before` in a text.
fn number_after(text: &str, before: &str) -> Option<u64> {
    let rest = &text[text.find(before)? + before.len()..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// Puts a copy of a damaged log aside and cuts the log where the damage begins: all that was
/// committed before stays. Without a position none of it can be read.
///
/// Evidence in the part that is cut off is missing from the map until its traces are replayed
/// again. Says whether there was anything to cut: every round leaves a shorter log.
fn mend(wal: &Path, damaged_at: Option<u64>) -> Result<bool, StoreError> {
    let file_error = |source| StoreError::file(wal, source);
    let length = fs::metadata(wal).map_err(file_error)?.len();
    if length == 0 {
        return Ok(false);
    }
    let aside = (1..)
        .map(|number| beside(wal, &format!(".damaged-{number}")))
        .find(|aside| !aside.exists())
        .expect("some number is free");
    let kept = damaged_at
        .filter(|&position| position < length)
        .unwrap_or(0);
    fs::copy(wal, &aside)
        .and_then(|_| File::open(&aside)?.sync_all())
        .and_then(|()| create::sync_folder(&aside))
        .map_err(file_error)?;
    let log = File::options().write(true).open(wal).map_err(file_error)?;
    log.set_len(kept)
        .and_then(|()| log.sync_all())
        .map_err(file_error)?;
    tracing::warn!(
        log = %wal.display(),
        aside = %aside.display(),
        kept_bytes = kept,
        lost_bytes = length - kept,
        "the last writes to the map were damaged: cut off and put aside; replay their traces again"
    );
    Ok(true)
}

/// A file beside another: its name and a suffix.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_names_the_position_of_the_damage_and_the_holder_of_the_lock() {
        let damage = "Failure while replaying WAL file \"m.wal\": Corrupt WAL file: entry at byte \
                      position 53704 computed checksum 1 does not match stored checksum 2";
        assert_eq!(damaged_at(damage), Some(53704));
        assert_eq!(damaged_at("Failed to decode LEB128 integer"), None);
        assert_eq!(
            number_after("held in /usr/bin/x (PID 28628). See", "(PID "),
            Some(28628)
        );
    }

    #[test]
    fn a_log_lies_beside_its_map() {
        assert_eq!(
            beside(Path::new("a/m.duckdb"), ".wal"),
            Path::new("a/m.duckdb.wal")
        );
    }
}
