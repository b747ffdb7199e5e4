//! What leaves a map, from outside: the command line, and the readers of others.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{good, jounce, map_of, sample_traces};

/// A map of the sample drives.
fn town() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    map_of(&[sample_traces()], &map);
    (folder, map)
}

/// The arguments of an export.
fn args<'a>(map: &'a Path, what: &'a str, format: &'a str, out: &'a Path) -> Vec<&'a str> {
    let (map, out) = (map.to_str().unwrap(), out.to_str().unwrap());
    vec![
        "map", "export", map, "--what", what, "--format", format, "--out", out,
    ]
}

fn snapshot<'a>(map: &'a Path, out: &'a Path) -> Vec<&'a str> {
    vec![
        "map",
        "snapshot",
        map.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ]
}

/// Runs another program; `None`, said aloud, where it is not there.
fn other(program: &str, package: &str, args: &[&str]) -> Option<Output> {
    let ran = Command::new(program).args(args).output().ok();
    if ran.is_none() {
        eprintln!("SKIPPED: {program} ({package}) is not installed");
    }
    ran
}

#[test]
fn help_shows_examples_and_what_each_audience_gets() {
    for command in ["export", "snapshot"] {
        let help = good(&["map", command, "--help"]);
        for expected in [
            "Examples:",
            "public",
            "staff",
            "research",
            "[default: public]",
        ] {
            assert!(help.contains(expected), "{expected}: {help}");
        }
    }
}

#[test]
fn an_export_says_what_it_wrote_and_what_it_did_not_tell() {
    let (folder, map) = town();
    let out = folder.path().join("hazards.geojson");
    let said = good(&args(&map, "hazards", "geojson", &out));
    let lines: Vec<&str> = said.lines().collect();
    let (what, rest) = lines[0].split_once(" for everybody, as of ").unwrap();
    assert!(
        rest.contains("-W") && rest.ends_with("hazards.geojson"),
        "{said}"
    );
    assert!(lines[1].contains("felt by fewer than 3 drivers"), "{said}");
    let text = std::fs::read_to_string(&out).unwrap();
    let features = text.matches("\"type\":\"Feature\"").count();
    assert_eq!(
        what.split(' ').next(),
        Some(features.to_string().as_str()),
        "{said}"
    );
}

#[test]
fn what_cannot_leave_is_refused_with_the_way_out() {
    let (folder, map) = town();
    let out = folder.path().join("x.csv");
    let with = |what: &'static str, more: &[&'static str]| {
        let mut args = args(&map, what, "csv", &out);
        args.extend(more);
        jounce(&args)
    };
    for (ran, code, expected) in [
        (
            with("bumps", &[]),
            1,
            "bumps are never public; ask for --audience research or staff",
        ),
        (with("acts", &[]), 1, "--audience staff"),
        (
            with("hazards", &["--as-of", "2026-01-07"]),
            1,
            "name a week, such as 2026-W05",
        ),
        (
            with("hazards", &["--as-of", "soon"]),
            2,
            "or a week like 2026-W05",
        ),
        (with("hazards", &["--k", "2"]), 2, "2 is not in 3.."),
        (
            with("potholes", &[]),
            2,
            "hazards, coverage, history, bumps, acts",
        ),
    ] {
        assert_eq!(ran.code, code, "{expected}: {}", ran.err);
        assert!(ran.err.contains(expected), "{expected}: {}", ran.err);
        assert!(!out.exists(), "{expected}");
    }
    good(&args(&map, "hazards", "csv", &out));
    let again = with("hazards", &[]);
    assert!(
        again.code == 1 && again.err.contains("--force"),
        "{}",
        again.err
    );
    assert_eq!(with("hazards", &["--force"]).code, 0);
    let mut over = args(&map, "hazards", "csv", &map);
    over.push("--force");
    let refused = jounce(&over);
    assert!(
        refused.code == 1 && refused.err.contains("left as it is"),
        "{}",
        refused.err
    );
    good(&["map", "summary", map.to_str().unwrap()]);
}

/// A shell in which no file may grow beyond some kilobytes: what a full disk does to a writer.
#[cfg(unix)]
#[test]
fn an_export_that_cannot_be_written_to_its_end_leaves_nothing_behind() {
    let (folder, map) = town();
    let before: Vec<_> = names(folder.path());
    let program = env!("CARGO_BIN_EXE_jounce");
    let out = folder.path().join("out");
    let mut commands: Vec<Vec<&str>> = ["geojson", "csv", "parquet", "geoparquet"]
        .map(|format| args(&map, "coverage", format, &out))
        .into();
    commands.push(snapshot(&map, &out));
    for args in commands {
        let limited = "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\"";
        let ran = Command::new("sh")
            .args(["-c", limited, program])
            .args(&args)
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(1), "{args:?}: {err}");
        assert!(err.contains(out.to_str().unwrap()), "{args:?}: {err}");
        assert_eq!(names(folder.path()), before, "{args:?}");
    }
}

#[cfg(unix)]
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn gdal_opens_every_layer_and_makes_the_geopackage_of_the_readme() {
    let (folder, map) = town();
    for layer in ["hazards", "coverage", "history"] {
        let file = folder.path().join(format!("{layer}.geojson"));
        let mut args = args(&map, layer, "geojson", &file);
        args.extend(["--audience", "staff"]);
        good(&args);
        let path = file.to_str().unwrap();
        let Some(ogrinfo) = other("ogrinfo", "gdal-bin", &["-so", "-al", path]) else {
            return;
        };
        let says = String::from_utf8(ogrinfo.stdout).unwrap();
        let features = std::fs::read_to_string(&file)
            .unwrap()
            .matches("\"type\":\"Feature\"")
            .count();
        assert!(
            says.contains(&format!("Feature Count: {features}")),
            "{says}"
        );
        assert!(says.contains("lat_deg: Real"), "{says}");
        if layer == "hazards" {
            for column in [
                "first_utc: DateTime",
                "hits: Integer",
                "inspected: Integer(Boolean)",
            ] {
                assert!(says.contains(column), "{column}: {says}");
            }
        }
    }
    let (package, layer) = (
        folder.path().join("h.gpkg"),
        folder.path().join("hazards.geojson"),
    );
    let (package, layer) = (package.to_str().unwrap(), layer.to_str().unwrap());
    let Some(made) = other("ogr2ogr", "gdal-bin", &[package, layer]) else {
        return;
    };
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let says = other("ogrinfo", "gdal-bin", &["-so", "-al", package]).unwrap();
    let says = String::from_utf8(says.stdout).unwrap();
    assert!(says.contains("using driver `GPKG' successful"), "{says}");
}

#[test]
fn geopandas_gdal_and_another_duckdb_read_what_was_exported() {
    let python = std::env::var("JOUNCE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let imports = ["-c", "import duckdb, geopandas, pyarrow, pyogrio"];
    let Some(ran) = other(&python, "python3", &imports) else {
        return;
    };
    if !ran.status.success() {
        eprintln!(
            "SKIPPED: {python} has no geopandas, pyarrow, pyogrio, duckdb; JOUNCE_PYTHON names another (.ci/run makes one)"
        );
        return;
    }
    let (folder, map) = town();
    let at = |name: &str| folder.path().join(name);
    let rows = |said: String| said.split(' ').next().unwrap().parse::<u64>().unwrap();
    let hazards = rows(good(&args(
        &map,
        "hazards",
        "geojson",
        &at("hazards.geojson"),
    )));
    good(&args(&map, "hazards", "geoparquet", &at("hazards.parquet")));
    let cells = rows(good(&args(
        &map,
        "coverage",
        "geoparquet",
        &at("coverage.parquet"),
    )));
    good(&args(&map, "hazards", "parquet", &at("plain.parquet")));
    good(&snapshot(&map, &at("snapshot.duckdb")));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/export/second_reader.py");
    let read = Command::new(&python)
        .arg(script)
        .arg(folder.path())
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{err}");
    let found: Value = serde_json::from_slice(&read.stdout).unwrap();
    eprintln!(
        "read by geopandas {} and DuckDB {}",
        found["geopandas"], found["duckdb"]
    );
    assert_eq!(
        found["hazards"],
        serde_json::json!({"rows": hazards, "types": ["Point"]})
    );
    assert_eq!(
        found["coverage"],
        serde_json::json!({"rows": cells, "types": ["Polygon"]})
    );
    assert_eq!(found["plain"], hazards);
    assert_eq!(found["gdal_rows"], hazards);
    for (column, kind) in [
        ("confidence", "float64"),
        ("few_drivers", "bool"),
        ("hits_range", "object"),
    ] {
        let read = found["gdal"][column].as_str().unwrap();
        assert!(
            read == kind || (kind == "object" && read == "str"),
            "{column}: {read}"
        );
    }
    assert_eq!(found["tables"]["hazard"], hazards);
    assert_eq!(found["tables"]["coverage"], cells);
    assert_eq!(
        found["meta"],
        serde_json::json!(["jounce snapshot", "public"])
    );
    assert!(
        found["comment"]
            .as_str()
            .unwrap()
            .starts_with("driver-days")
    );
}

#[test]
fn no_device_and_no_trip_is_in_what_the_program_says() {
    let (folder, map) = town();
    let trace = &crate::support::sample_files()[0];
    let packed = std::fs::File::open(trace).unwrap();
    let mut first = String::new();
    let mut unpacked = std::io::BufReader::new(flate2::read::GzDecoder::new(packed));
    std::io::BufRead::read_line(&mut unpacked, &mut first).unwrap();
    let first: Value = serde_json::from_str(&first).unwrap();
    let names = ["device", "trip"].map(|name| first[name].as_str().unwrap().to_owned());
    let mut said = String::new();
    for audience in ["public", "staff", "research"] {
        for what in ["hazards", "coverage", "history", "bumps", "acts"] {
            for format in ["geojson", "csv"] {
                let out = folder.path().join("out");
                let mut args = args(&map, what, format, &out);
                args.extend(["--audience", audience, "--force"]);
                let ran = jounce(&args);
                said += &format!("{}{}", ran.out, ran.err);
                said += &std::fs::read_to_string(&out).unwrap_or_default();
            }
        }
    }
    for name in names {
        assert!(!said.contains(&name));
    }
    assert!(said.contains("never public") && said.contains("driver_no"));
}

#[test]
fn programs_get_the_map_as_json() {
    let (_folder, map) = town();
    let map = map.to_str().unwrap();
    let ask = |args: &[&str]| {
        let format = ["--format", "json"];
        let text = good(&[&["map"], args, &format].concat());
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let list = ask(&["list", map]);
    let first = &list[0];
    assert!(
        first["lat_deg"].is_f64() && first["hits"].is_u64(),
        "{first}"
    );
    let id = first["hazard"].as_str().unwrap();
    let shown = ask(&["show", map, id]);
    assert_eq!(shown["hits"], first["hits"]);
    assert!(!shown["weeks"].as_array().unwrap().is_empty());
    let summary = ask(&["summary", map]);
    assert_eq!(summary["hazards"], list.as_array().unwrap().len());
    let cells = ask(&["coverage", map]);
    assert_eq!(
        summary["coverage_cells"].as_u64().unwrap() as usize,
        cells.as_array().unwrap().len()
    );
    let csv = good(&["map", "show", map, id, "--format", "csv"]);
    assert_eq!(csv.lines().count(), 2);
}
