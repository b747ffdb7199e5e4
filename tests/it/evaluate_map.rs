//! Maps against what really lies in the roads.

use std::fs;

use serde_json::Value;

use crate::support::{good, jounce};

#[test]
fn a_map_of_a_made_city_is_scored_and_a_bad_truth_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (city, map) = (path("city"), path("m.duckdb"));
    let small = [
        "--hazards",
        "40",
        "--drivers",
        "60",
        "--days",
        "15",
        "--passes",
    ];
    good(&[&["simulate", "--reports", "--out", &city][..], &small].concat());
    good(&["replay", &city, "--map", &map]);
    let (truth, passes) = (
        format!("{city}/hazards.geojson"),
        format!("{city}/passes.csv"),
    );
    let args = ["evaluate-map", &map, "--truth", &truth];
    let table = good(&[&args[..], &["--passes", &passes, "--dbscan"]].concat());
    assert!(
        table.contains("recall with 8 able driver-days and more"),
        "{table}"
    );
    assert!(
        table.contains("DBSCAN 15 m: clusters per true object"),
        "{table}"
    );
    let json: Value =
        serde_json::from_str(&good(&[&args[..], &["--format", "json"]].concat())).unwrap();
    assert!(
        json["believed"]["precision"]["share"].as_f64().unwrap() > 0.8,
        "{json}"
    );
    assert!(json["recall_8"].is_null(), "without passes nobody knows");

    let text = fs::read_to_string(&truth).unwrap();
    fs::write(&truth, text.replacen("\"kind\":\"", "\"kind\":\"un", 1)).unwrap();
    let ran = jounce(&args);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("feature 1: kind is"), "{}", ran.err);
    assert!(ran.out.contains("precision"), "the others count");
    fs::write(&truth, "no truth").unwrap();
    let ran = jounce(&args);
    assert!(ran.code != 0 && ran.err.contains("no JSON"), "{}", ran.err);
}
