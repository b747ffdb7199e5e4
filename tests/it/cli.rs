//! What people read: help, tables, formats, exit codes.

use std::ffi::OsStr;

use crate::support::{CSV, good, jounce, map_of, sample_files, sample_traces};

#[test]
fn help_shows_examples() {
    insta::assert_snapshot!("help", good(&["--help"]));
    for command in ["replay", "detect", "simulate", "inspect"] {
        let help = good(&[command, "--help"]);
        assert!(help.contains("Examples:"), "{help}");
        insta::assert_snapshot!(format!("help-{command}"), help);
    }
    insta::assert_snapshot!("help-map-list", good(&["map", "list", "--help"]));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for args in [
        &["replay"][..],
        &["replay", "x.csv"],
        &["detect"],
        &["fly"],
        &["map", "list", "m.duckdb", "--bbox", "1,2,3"],
        &["map", "list", "m.duckdb", "--min-confidence", "2"],
        &["map", "list", "m.duckdb", "--as-of", "yesterday"],
        &["simulate", "--out", "x", "--rate-hz", "0"],
    ] {
        let ran = jounce(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(!ran.err.is_empty());
    }
}

#[test]
fn detect_tells_the_same_in_every_format() {
    let trace = &sample_files()[0];
    let detect = |format: &str| {
        good(&[
            "detect".as_ref(),
            trace.as_os_str(),
            "--format".as_ref(),
            OsStr::new(format),
        ])
    };
    let csv = detect("csv");
    let mut rows = csv.lines();
    assert_eq!(rows.next(), Some("t,score,kind,severity,lat,lon,sigma_m"));
    let rows: Vec<Vec<&str>> = rows.map(|line| line.split(',').collect()).collect();
    assert!(rows.len() >= 5, "{csv}");
    let ndjson = detect("ndjson");
    let lines: Vec<serde_json::Value> = ndjson
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let json: serde_json::Value = serde_json::from_str(&detect("json")).unwrap();
    assert_eq!(json.as_array().unwrap(), &lines);
    assert_eq!(lines.len(), rows.len());
    for (row, line) in rows.iter().zip(&lines) {
        assert_eq!(row[2], line["kind"]);
        assert!((row[0].parse::<f64>().unwrap() - line["t_s"].as_f64().unwrap()).abs() < 1e-3);
    }
    insta::assert_snapshot!("detect-table", detect("table"));
}

#[test]
fn inspect_tells_what_an_analyst_asks_first() {
    insta::assert_snapshot!(
        "inspect",
        good(&["inspect".as_ref(), sample_files()[2].as_os_str()])
    );
}

#[test]
fn a_list_can_be_cut_to_a_box_a_confidence_and_a_number() {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    map_of(&[sample_traces()], &map);
    let rows = |options: &[&str]| {
        let mut args: Vec<&OsStr> = vec!["map".as_ref(), "list".as_ref(), map.as_os_str()];
        args.extend(["--format", "csv"].map(OsStr::new));
        args.extend(options.iter().map(OsStr::new));
        good(&args)
            .lines()
            .skip(1)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let all = rows(&[]);
    assert!(all.len() > 5);
    assert_eq!(rows(&["--limit", "2"]), all[..2]);
    let sure = rows(&["--min-confidence", "0.9"]);
    assert!(!sure.is_empty() && sure.len() < all.len() && sure.iter().all(|row| all.contains(row)));
    assert!(rows(&["--bbox", "-9,41,-8,42"]).is_empty());
    assert_eq!(rows(&["--bbox", "-10.1,41,-10,41.1"]), all);
    let early = rows(&["--as-of", "2026-01-20"]);
    assert!(
        !early.is_empty() && early.len() < all.len(),
        "{} {}",
        early.len(),
        all.len()
    );
    assert!(rows(&["--as-of", "2026-01-01T00:00:00Z"]).is_empty());
}

#[test]
fn a_trace_may_come_through_a_pipe() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("a.csv");
    CSV.write(&trace);
    let direct = good(&["detect".as_ref(), trace.as_os_str()]);
    let mut child = crate::support::program();
    child
        .args(["detect", "-"])
        .stdin(std::fs::File::open(&trace).unwrap());
    let piped = child.output().unwrap();
    assert_eq!(String::from_utf8(piped.stdout).unwrap(), direct);
}

#[test]
fn the_list_opens_in_gdal_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = map_of(&[sample_traces()], &folder.path().join("m.duckdb"));
    let file = folder.path().join("hazards.geojson");
    std::fs::write(&file, &text).unwrap();
    let Ok(ogrinfo) = std::process::Command::new("ogrinfo")
        .args(["-so", "-al"])
        .arg(&file)
        .output()
    else {
        eprintln!("SKIPPED: ogrinfo (package gdal-bin) is not installed");
        return;
    };
    let says = String::from_utf8(ogrinfo.stdout).unwrap();
    let features = text.matches("\"type\":\"Feature\"").count();
    assert!(says.contains("using driver `GeoJSON' successful"), "{says}");
    assert!(
        says.contains(&format!("Feature Count: {features}")),
        "{says}"
    );
    for column in [
        "confidence: Real",
        "hits: Integer",
        "last_utc: DateTime",
        "dated: Integer(Boolean)",
    ] {
        assert!(says.contains(column), "{column} is not in {says}");
    }
}
