//! The area of a map, as a clerk tells it.

use std::fs;
use std::path::Path;

use crate::support::{CSV, geojson, good, jounce, map_of, sample_traces};

const AREA: &str = "\
[area]
id = 'ahmedabad'
time_zone = 'Asia/Kolkata'
name = 'Ahmedabad'
bbox = [72.4, 22.9, 72.8, 23.2]
languages = ['gu', 'en']
operator = 'Roads Department'
contact = 'roads@example.org'
licence = 'CC-BY-4.0'
k = 3
retention_days = 90
";

fn area<'a>(map: &'a Path, rest: &[&'a str]) -> Vec<&'a str> {
    [&["map", "area", map.to_str().unwrap()][..], rest].concat()
}

#[test]
fn an_area_is_told_shown_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (map, file) = (
        folder.path().join("m.duckdb"),
        folder.path().join("area.toml"),
    );
    fs::write(&file, AREA).unwrap();
    let told = good(&area(&map, &[file.to_str().unwrap()]));
    insta::assert_snapshot!("area", told);
    assert_eq!(good(&area(&map, &[])), told);
    map_of(&[sample_traces()], &map);
    assert_eq!(good(&area(&map, &[file.to_str().unwrap()])), told);
    let summary = good(&["map", "summary", map.to_str().unwrap()]);
    assert!(
        summary.contains("ahmedabad, days of Asia/Kolkata"),
        "{summary}"
    );
    let before = geojson(&map);
    for (id, zone, expected) in [
        ("surat", "Asia/Kolkata", "facts of the area ahmedabad"),
        ("ahmedabad", "Europe/Lisbon", "make a new map"),
    ] {
        let other = AREA.replace("'ahmedabad'", &format!("'{id}'"));
        fs::write(&file, other.replace("Asia/Kolkata", zone)).unwrap();
        let ran = jounce(&area(&map, &[file.to_str().unwrap()]));
        assert!(ran.code == 1 && ran.err.contains(expected), "{}", ran.err);
    }
    assert_eq!(geojson(&map), before);
    insta::assert_snapshot!("help-map-area", good(&["map", "area", "--help"]));
}

#[test]
fn a_date_counts_to_its_end_in_the_area() {
    // A drive that ends at 20:02 UTC on the 5th of January: in India it is the 6th.
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("a.csv");
    let evening = crate::support::Csv {
        begin_s: 1_767_643_200.0,
        ..CSV
    };
    evening.write(&trace);
    let listed = |map: &Path, as_of: &str| {
        let list = ["map", "list", map.to_str().unwrap(), "--as-of", as_of];
        good(&list)
    };
    let (utc, india) = (
        folder.path().join("utc.duckdb"),
        folder.path().join("in.duckdb"),
    );
    map_of(&[&trace], &utc);
    fs::write(folder.path().join("area.toml"), AREA).unwrap();
    good(&area(
        &india,
        &[folder.path().join("area.toml").to_str().unwrap()],
    ));
    map_of(&[&trace], &india);
    assert!(listed(&utc, "2026-01-05").contains("2026-01-05"));
    assert_eq!(listed(&india, "2026-01-05"), "no hazards\n");
    assert!(listed(&india, "2026-01-06").contains("2026-01-06"));
}

#[test]
fn a_file_that_is_no_area_is_refused_by_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let (map, file) = (
        folder.path().join("m.duckdb"),
        folder.path().join("area.toml"),
    );
    for (from, to, expected) in [
        ("Asia/Kolkata", "Asia/Calcuta", "time_zone = 'Asia/Calcuta'"),
        ("Asia/Kolkata", "Asia/Calcuta", "IANA"),
        ("id = 'ahmedabad'\n", "", "missing field `id`"),
        ("'ahmedabad'", "'Ahmedabad'", "a-z, 0-9 and hyphens"),
        ("k = 3", "k = 2", "k = 2"),
        ("k = 3", "kay = 3", "unknown field `kay`"),
        ("72.8, 23.2", "72.8", "bbox = "),
        ("22.9, 72.8, 23.2", "23.2, 72.8, 22.9", "south edge"),
        ("[area]", "[places]", "unknown field `places`"),
        ("[area]", "[area", "area.toml"),
    ] {
        fs::write(&file, AREA.replace(from, to)).unwrap();
        let ran = jounce(&area(&map, &[file.to_str().unwrap()]));
        assert!(
            ran.code == 1 && ran.err.contains(expected),
            "{to}: {}",
            ran.err
        );
        assert!(!map.exists(), "{to}: a map was made");
    }
    let nothing = jounce(&area(&map, &[]));
    assert!(
        nothing.code == 1 && nothing.err.contains("there is no map"),
        "{}",
        nothing.err
    );
    let nowhere = jounce(&area(&map, &["nowhere.toml"]));
    assert!(
        nowhere.err.contains("cannot read nowhere.toml"),
        "{}",
        nowhere.err
    );
}
