//! A made city, maps of it, and all that a map says.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;

use crate::support::{Ran, good, jounce};

/// The deliveries of a made city, a file a day, in order.
pub(super) fn deliveries() -> &'static [PathBuf] {
    static MADE: OnceLock<Vec<PathBuf>> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = scratch("city");
        let out = folder.to_str().unwrap();
        let city = ["simulate", "--reports", "--seed", "5", "--out", out];
        good(
            &[
                &city[..],
                &["--hazards", "30", "--drivers", "120", "--days", "8"],
            ]
            .concat(),
        );
        let files = fs::read_dir(&folder).unwrap();
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.retain(|path| path.to_string_lossy().ends_with(".jsonl.zst"));
        files.sort();
        assert!(files.len() >= 6, "{files:?}");
        files
    })
}

/// A device that drove on the first day.
pub(super) fn device() -> String {
    let file = fs::File::open(&deliveries()[0]).unwrap();
    let mut first = String::new();
    BufReader::new(zstd::Decoder::new(file).unwrap())
        .read_line(&mut first)
        .unwrap();
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    first["device"].as_str().unwrap().to_owned()
}

/// A folder for what all these tests share.
pub(super) fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("faults")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A map in a folder of its own.
pub(super) struct Place {
    folder: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    /// A map of some deliveries, closed.
    pub(super) fn mapped(deliveries: &[PathBuf]) -> Self {
        let place = Self::new();
        good(&replay(deliveries, &place.map()));
        place
    }

    /// A copy of a folder as it lies.
    pub(super) fn copy_of(folder: &Path) -> Self {
        let place = Self::new();
        copy(folder, place.folder());
        place
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn map(&self) -> PathBuf {
        self.folder().join("m.duckdb")
    }

    /// Loses the database and its log; what else lies there stays.
    pub(super) fn lose_database(&self) {
        for file in fs::read_dir(self.folder()).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name == "m.duckdb" || name.starts_with("m.duckdb.wal") {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

/// Copies every file of a folder into another.
pub(super) fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
}

pub(super) type Args = Vec<String>;

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// The arguments that replay deliveries into a map.
pub(super) fn replay(deliveries: &[PathBuf], map: &Path) -> Args {
    let mut args = vec!["replay".to_owned()];
    args.extend(deliveries.iter().map(|path| text(path)));
    args.extend(["--map".to_owned(), text(map)]);
    args
}

/// The arguments of a `jounce map` command on a map.
pub(super) fn of_map(command: &str, map: &Path, rest: &[&str]) -> Args {
    let mut args = vec!["map".to_owned(), command.to_owned(), text(map)];
    args.extend(rest.iter().map(|&word| word.to_owned()));
    args
}

/// All that a map says: hazards, coverage, and how many facts there are.
pub(super) fn export(map: &Path) -> String {
    let facts = "SELECT (SELECT count(*) FROM trip), (SELECT count(*) FROM bump), \
                 (SELECT count(*) FROM stretch), (SELECT count(*) FROM withdrawn), \
                 (SELECT string_agg(system || id || status, ';' ORDER BY system, id) FROM reference)";
    [
        of_map("list", map, &["--format", "geojson"]),
        of_map("coverage", map, &["--format", "geojson"]),
        of_map("sql", map, &[facts, "--format", "csv"]),
    ]
    .map(|args| good(&args))
    .concat()
}

/// How many trips a map holds.
pub(super) fn trips(map: &Path) -> u64 {
    let counted = good(&of_map(
        "sql",
        map,
        &["SELECT count(*) FROM trip", "--format", "csv"],
    ));
    counted.lines().last().unwrap().parse().unwrap()
}

/// Names of hazards of a map, the most certain first.
pub(super) fn hazards(map: &Path) -> Vec<String> {
    let list = good(&of_map("list", map, &["--format", "csv"]));
    let rows = list.lines().skip(1);
    rows.map(|row| row.split(',').next().unwrap().to_owned())
        .collect()
}

/// What a map says of one hazard's work.
pub(super) fn work(map: &Path, hazard: &str) -> String {
    let shown = good(&of_map("show", map, &[hazard]));
    let work = shown
        .lines()
        .find(|line| line.trim_start().starts_with("work"));
    work.unwrap().trim().to_owned()
}

/// Runs a command that must not panic, whatever it says.
pub(super) fn run(args: &Args) -> Ran {
    let ran = jounce(args);
    assert!(!ran.err.contains("panicked"), "{args:?}\n{}", ran.err);
    ran
}
