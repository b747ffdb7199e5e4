//! Why the map could not be opened, read or written.

use std::io;
use std::path::{Path, PathBuf};

use crate::area::AreaId;
use crate::hazard::HazardId;

/// Why the map could not be opened, read or written. A failed write leaves the map as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is nothing to read.
    #[error("there is no map {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The folder that the map should lie in is not there.
    #[error("there is no folder {} to put the map in", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The path is a folder.
    #[error("{} is a folder, not a map", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The system refuses a file.
    #[error("cannot open {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else. It was not touched.
    #[error("{} is not a DuckDB file and was left as it is; name another file for the map", path.display())]
    NotDuckDb {
        /// The file.
        path: PathBuf,
    },
    /// The file is a DuckDB database of somebody else's. It was not touched.
    #[error("{} is a DuckDB file but not a jounce map, and was left as it is; name another file for the map", path.display())]
    NotAMap {
        /// The file.
        path: PathBuf,
    },
    /// The file has tables that this version does not know.
    #[error("the map {} has schema {found}, and this version of jounce knows schemas up to {known}: use a newer version", path.display())]
    Newer {
        /// The map.
        path: PathBuf,
        /// Its schema.
        found: i32,
        /// The newest schema known here.
        known: i32,
    },
    /// The file has the tables of an early version that was never released.
    #[error("the map {} has schema {found}, of an early version: move it away and build it again from its traces", path.display())]
    Older {
        /// The map.
        path: PathBuf,
        /// Its schema.
        found: i32,
    },
    /// The file has the tables of an earlier version, and reading must not change them.
    #[error("the map {} has schema {found}, of an earlier version: `jounce map rebuild` brings it up to date", path.display())]
    Outdated {
        /// The map.
        path: PathBuf,
        /// Its schema.
        found: i32,
    },
    /// What the map said on a day of which the evidence was sealed.
    #[error(
        "the evidence from before {before} was sealed: what the map said before that day cannot be asked any more; ask for that day or a later one"
    )]
    Sealed {
        /// The day up to which it was.
        before: String,
    },
    /// A line of the file with what people said is none.
    #[error("line {line} of {} is not what somebody said; mend or move that line", path.display())]
    Acts {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The map holds facts of another area.
    #[error("the map {} holds facts of the area {has}: two areas never mix, so {given} needs a map of its own", path.display())]
    OtherArea {
        /// The map.
        path: PathBuf,
        /// Its area.
        has: AreaId,
        /// The area that was given.
        given: AreaId,
    },
    /// The days of the map's facts are counted elsewhere.
    #[error("the map {} counts the days of its facts in {has}: for {given}, make a new map and replay the traces into it", path.display())]
    OtherZone {
        /// The map.
        path: PathBuf,
        /// Its time zone.
        has: String,
        /// The time zone that was given.
        given: String,
    },
    /// A line of the file with what people said is of another area.
    #[error("line {line} of {} was said in the area {said}, and the map is of {map}: give the map its area with `jounce map area`, or move the file away", path.display())]
    ActsArea {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Where that was said.
        said: AreaId,
        /// The area of the map.
        map: AreaId,
    },
    /// There is no such hazard.
    #[error("there is no hazard {id} in the map; `jounce map list` shows the names")]
    NoHazard {
        /// The name that was asked for.
        id: HazardId,
    },
    /// A question in SQL cannot be answered.
    #[error("the question cannot be answered: {why}")]
    Question {
        /// What the engine says.
        why: String,
    },
    /// A question in SQL takes too long.
    #[error(
        "the question took longer than {seconds} s and was stopped; ask for less, or give --seconds"
    )]
    TooLong {
        /// How long it may take.
        seconds: u64,
    },
    /// Another process has the map.
    #[error("the map {} is open in {}: one program at a time can have it; close that one or wait for it, then try again. Until then a copy of the map that was made before (`jounce map snapshot`) can be read", path.display(), program(*pid))]
    Locked {
        /// The map.
        path: PathBuf,
        /// The process that has it, where the system says.
        pid: Option<u32>,
    },
    /// The log of the last writes is damaged, and reading must not repair it.
    #[error("the last writes to the map are damaged ({}); `jounce replay` of any trace into the map repairs it", wal.display())]
    DamagedLog {
        /// The log.
        wal: PathBuf,
    },
    /// The map was opened for reading.
    #[error("the map was opened for reading only")]
    ReadOnly,
    /// The disk is full.
    #[error("the disk is full; the map is as it was before this write")]
    DiskFull,
    /// A line of the file with the season keys is none.
    #[error("line {line} of {} is not a season and a key of 64 hexadecimal digits", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The system gives no random bytes for a new key or name.
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
    /// A value in the map is none that this program writes.
    #[error("column {column} of table {table} holds a value that does not belong there")]
    Value {
        /// The table.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// Anything else that the database engine says.
    #[error("the database engine refuses")]
    Engine(#[source] duckdb::Error),
}

impl StoreError {
    /// The system refuses a file.
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::StorageFull {
            return Self::DiskFull;
        }
        Self::File {
            path: path.to_owned(),
            source,
        }
    }
}

impl From<duckdb::Error> for StoreError {
    fn from(error: duckdb::Error) -> Self {
        let text = error.to_string();
        if DISK_FULL.iter().any(|sign| text.contains(sign)) {
            return Self::DiskFull;
        }
        Self::Engine(error)
    }
}

/// What the engine says when a file cannot grow: `strerror(ENOSPC)`, `strerror(EDQUOT)`, and its
/// own words.
const DISK_FULL: [&str; 4] = [
    "No space left on device",
    "Disk quota exceeded",
    "disk is full",
    "Out of disk space",
];

/// Who has the map, in words.
fn program(pid: Option<u32>) -> String {
    pid.map_or_else(
        || "another program".to_owned(),
        |pid| format!("another program (process {pid})"),
    )
}
