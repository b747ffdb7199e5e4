//! A made city at report level, as files.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{geojson, good, jounce};

/// Makes a small city in a folder.
fn city(folder: &Path, more: &[&str]) -> String {
    let out = folder.to_str().unwrap();
    let small = ["simulate", "--reports", "--out", out, "--hazards", "40"];
    good(&[&small[..], &["--drivers", "40", "--days", "6"], more].concat())
}

#[test]
fn a_city_is_replayed_as_it_was_made() {
    let folder = tempfile::tempdir().unwrap();
    city(folder.path(), &[]);
    let made: Value =
        serde_json::from_slice(&fs::read(folder.path().join("city.json")).unwrap()).unwrap();
    let map = folder.path().join("m.duckdb");
    let traces = folder.path().to_str().unwrap();
    good(&["replay", traces, "--map", map.to_str().unwrap()]);
    let sql = "SELECT (SELECT count(*) FROM trip), (SELECT count(*) FROM bump), (SELECT count(*) FROM stretch)";
    let counted = good(&["map", "sql", map.to_str().unwrap(), sql, "--format", "csv"]);
    let counts = &made["counts"];
    let expected = ["trips", "bumps", "stretches"].map(|name| counts[name].to_string());
    assert_eq!(counted.lines().last().unwrap(), expected.join(","));
    assert!(geojson(&map).contains("\"confirmed\""));
}

#[test]
fn one_seed_writes_the_same_bytes_and_takes_away_what_lay_there() {
    let [first, second] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    city(first.path(), &["--seed", "7", "--passes"]);
    city(second.path(), &["--seed", "8", "--passes"]);
    let bytes = |folder: &Path| {
        let mut files: Vec<_> = (fs::read_dir(folder).unwrap())
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                (
                    path.file_name().unwrap().to_owned(),
                    fs::read(&path).unwrap(),
                )
            })
            .collect();
        files.sort();
        files
    };
    assert_ne!(bytes(first.path()), bytes(second.path()));
    city(second.path(), &["--seed", "7", "--passes"]);
    assert_eq!(bytes(first.path()), bytes(second.path()));
}

#[test]
fn options_of_the_two_simulators_are_not_mixed() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    for wrong in [
        &["--hazards", "9"][..],
        &["--reports", "--minutes", "3"],
        &["--reports", "--drivers", "9", "--participation", "0.1"],
        &["--reports", "--detection", "1"],
        &["--drivers", "200000"],
    ] {
        let ran = jounce(&[&["simulate", "--out", out], wrong].concat());
        assert_ne!(ran.code, 0, "{wrong:?}");
        assert!(ran.err.contains("--"), "{wrong:?}: {}", ran.err);
    }
}
