//! Old seasons become sums, and the map says the same.

use std::path::{Path, PathBuf};

use crate::support::{good, jounce};

/// A small city from January to May, replayed into a map; its traces with it.
fn city(folder: &Path) -> (PathBuf, Vec<PathBuf>) {
    let (out, map) = (folder.join("city"), folder.join("m.duckdb"));
    let size = ["--hazards", "20", "--drivers", "25", "--days", "140"];
    let mut args = vec!["simulate", "--reports", "--out", out.to_str().unwrap()];
    args.extend(size);
    good(&args);
    let files = std::fs::read_dir(&out).unwrap().map(|file| file.unwrap());
    let mut traces: Vec<PathBuf> = files.map(|file| file.path()).collect();
    traces.retain(|path| path.extension().is_some_and(|e| e == "zst"));
    traces.sort();
    replay(&map, &traces);
    (map, traces)
}

fn replay(map: &Path, traces: &[PathBuf]) -> String {
    let mut args = vec![PathBuf::from("replay")];
    args.extend(traces.iter().cloned());
    args.extend(["--map".into(), map.into()]);
    good(&args)
}

/// Everything that a map says of roads and hazards.
fn told(map: &Path) -> String {
    let map = map.to_str().unwrap();
    let list = good(&["map", "list", map, "--format", "geojson"]);
    let hazards = good(&["map", "list", map, "--format", "csv"]);
    let names = hazards.lines().skip(1).take(10);
    let histories: String = names
        .map(|line| good(&["map", "history", map, line.split(',').next().unwrap()]))
        .collect();
    list + &good(&["map", "coverage", map, "--format", "geojson"]) + &histories
}

#[test]
fn a_season_is_sealed_and_the_map_says_the_same_and_takes_none_of_it_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let (map, traces) = city(folder.path());
    let text = map.to_str().unwrap();
    let before = told(&map);
    let hazards = good(&["map", "list", text, "--format", "csv"]);
    let name = |line: &str| line.split(',').next().unwrap().to_owned();
    let names: Vec<String> = hazards.lines().skip(1).take(2).map(name).collect();
    let act = |hazard: &str, at: &str| {
        let repaired = ["map", "act", text, hazard, "repaired"];
        good(&[&repaired[..], &["--as", "crew", "--at", at]].concat())
    };
    act(&names[0], "2026-04-05T23:59:59Z");
    act(&names[1], "2026-03-01T12:00:00Z");
    let claimed = told(&map);
    assert_ne!(claimed, before);

    let dry = good(&["map", "retain", text, "--dry-run"]);
    assert!(
        dry.starts_with("sealed: everything from before 2026-04-06 (dry run: nothing was written)"),
        "{dry}"
    );
    let sealed = good(&["map", "retain", text]);
    assert_eq!(
        sealed,
        dry.replace(" (dry run: nothing was written)", ""),
        "a dry run says what is done"
    );
    assert_eq!(told(&map), claimed);
    good(&["map", "rebuild", text]);
    assert_eq!(told(&map), claimed);

    let account = replay(&map, &traces);
    let again = "in the map already, in sums of a season that was sealed";
    assert!(
        account.contains(" 0 new, 0 replaced,") && account.contains(again),
        "{account}"
    );
    assert_eq!(told(&map), claimed);
    let summary = good(&["map", "summary", text]);
    assert!(summary.contains(" sealed into sums"), "{summary}");
    let then = jounce(&["map", "list", text, "--as-of", "2026-02-01"]);
    assert_eq!(then.code, 1, "{}", then.err);
    assert!(
        then.err
            .contains("the evidence from before 2026-04-06 was sealed"),
        "{}",
        then.err
    );
}

#[test]
fn help_shows_how_to_retain() {
    insta::assert_snapshot!("help-map-retain", good(&["map", "retain", "--help"]));
}
