//! What a clerk, an inspector and a citizen say on the command line.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{geojson, good, jounce, map_of, sample_files, sample_traces};

/// A map of the sample drives, and its hazards as GeoJSON.
fn town() -> (TempDir, PathBuf, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    let hazards = features(&map_of(&[sample_traces()], &map));
    (folder, map, hazards)
}

fn features(text: &str) -> Vec<Value> {
    let collection: Value = serde_json::from_str(text).unwrap();
    collection["features"].as_array().unwrap().clone()
}

/// The arguments of a `jounce map` command on a map.
fn args<'a>(command: &'a str, map: &'a Path, rest: &[&'a str]) -> Vec<&'a str> {
    let mut args = vec!["map", command, map.to_str().unwrap()];
    args.extend(rest);
    args
}

fn named<'a>(hazards: &'a [Value], id: &str) -> &'a Value {
    hazards.iter().find(|hazard| hazard["id"] == id).unwrap()
}

#[test]
fn what_a_clerk_decides_is_in_list_and_history_and_in_the_file_beside_the_map() {
    let (_folder, map, hazards) = town();
    let id = hazards[0]["id"].as_str().unwrap();
    let rest = [id, "schedule", "--as", "Ana", "--order", "W-12"];
    let said = good(&args(
        "act",
        &map,
        &[&rest[..], &["--at", "2026-02-01T09:00:00Z"]].concat(),
    ));
    assert!(said.contains("work scheduled, order W-12"), "{said}");
    let now = features(&geojson(&map));
    assert_eq!(named(&now, id)["properties"]["order_no"], "W-12");
    assert_eq!(
        named(&now, id)["properties"]["hits"],
        hazards[0]["properties"]["hits"]
    );
    let history: Value =
        serde_json::from_str(&good(&args("history", &map, &[id, "--format", "json"]))).unwrap();
    let last = history.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["actor"], &last["what"]),
        (&"Ana".into(), &"schedule".into())
    );
    assert_eq!(last["at_utc"], "2026-02-01T09:00:00Z");
    let acts = fs::read_to_string(map.with_extension("duckdb.acts.jsonl")).unwrap();
    assert!(acts.lines().count() == 1 && acts.contains("W-12"));
    good(&args("rebuild", &map, &[]));
    assert_eq!(features(&geojson(&map)), now);
}

#[test]
fn an_inspection_and_a_report_move_the_evidence() {
    let (_folder, map, hazards) = town();
    let candidate = (hazards.iter())
        .find(|hazard| hazard["properties"]["evidence_state"] == "candidate")
        .unwrap();
    let id = candidate["id"].as_str().unwrap();
    let rest = [
        "--found",
        "yes",
        "--kind",
        "casting",
        "--depth-mm",
        "18",
        "--as",
        "Rui",
    ];
    good(&args(
        "inspect",
        &map,
        &[&[id][..], &rest, &["--at", "2026-02-03"]].concat(),
    ));
    let where_nobody_drove = [
        "--at",
        "41.05,-10.0",
        "--kind",
        "pothole",
        "--on",
        "2026-02-02",
    ];
    good(&args("report", &map, &where_nobody_drove));
    let now = features(&geojson(&map));
    let inspected = &named(&now, id)["properties"];
    assert_eq!(inspected["evidence_state"], "confirmed");
    assert_eq!(
        (&inspected["kind"], &inspected["depth_mm"]),
        (&"casting".into(), &18.0.into())
    );
    assert_eq!(now.len(), hazards.len() + 1);
    let reported = now
        .iter()
        .find(|hazard| hazard["properties"]["reports"] == 1);
    assert_eq!(reported.unwrap()["properties"]["hits"], 0);
}

#[test]
fn what_cannot_be_done_is_refused_with_the_way_out() {
    let (folder, map, hazards) = town();
    let before = geojson(&map);
    let id = hazards[0]["id"].as_str().unwrap();
    let layer = folder.path().join("none.geojson");
    fs::write(
        &layer,
        r#"{"type":"FeatureCollection","features":[{"geometry":null}]}"#,
    )
    .unwrap();
    for (command, rest, expected) in [
        (
            "act",
            &[id, "dismiss", "--as", "Ana"][..],
            "--reason, one of not_ours",
        ),
        (
            "act",
            &[id, "dismiss", "--as", "Ana", "--reason", "ugly"],
            "one of not_ours",
        ),
        ("act", &[id, "triage", "--as", " "], "--as needs a name"),
        (
            "act",
            &["h-aaaaaaaaaaaaaaaa", "triage", "--as", "Ana"],
            "no hazard h-aaaaaaaaaaaaaaaa",
        ),
        (
            "act",
            &["7", "triage", "--as", "Ana"],
            "not the name of a hazard",
        ),
        (
            "inspect",
            &[id, "--found", "yes", "--depth-mm=-3", "--as", "R"],
            "0 or more",
        ),
        ("report", &["--at", "91,0", "--kind", "pothole"], "LAT,LON"),
        (
            "report",
            &["--at", "41,-8", "--kind", "hole"],
            "one of pothole",
        ),
        (
            "import-known",
            &[layer.to_str().unwrap()],
            "feature 1: geometry is not a Point",
        ),
    ] {
        let ran = jounce(&args(command, &map, rest));
        assert_ne!(ran.code, 0, "{command} {rest:?}");
        assert!(
            ran.err.contains(expected),
            "{command} {rest:?}: {}",
            ran.err
        );
    }
    assert_eq!(geojson(&map), before);
}

#[test]
fn a_layer_labels_what_lies_by_it_and_throws_nothing_away() {
    let (folder, map, hazards) = town();
    let (id, place) = (hazards[0]["id"].as_str().unwrap(), &hazards[0]["geometry"]);
    let layer = folder.path().join("castings.geojson");
    let feature = serde_json::json!({
        "type": "Feature", "geometry": place,
        "properties": {"kind": "casting", "owner": "water utility", "id": "C-7"},
    });
    let collection = serde_json::json!({"type": "FeatureCollection", "features": [feature]});
    fs::write(&layer, collection.to_string()).unwrap();
    good(&args("import-known", &map, &[layer.to_str().unwrap()]));
    let now = features(&geojson(&map));
    let properties = &named(&now, id)["properties"];
    assert_eq!(
        (&properties["kind"], &properties["feature"]),
        (&"casting".into(), &"C-7".into())
    );
    assert_eq!(properties["owner"], "water utility");
    assert_eq!(now.len(), hazards.len());
}

#[test]
fn coverage_tells_unknown_road_from_good_road() {
    let (_folder, map, hazards) = town();
    let coordinate = |index: usize| hazards[0]["geometry"]["coordinates"][index].to_string();
    let (lon, lat) = (coordinate(0), coordinate(1));
    let at = |place: &str| good(&args("coverage", &map, &["--at", place]));
    assert!(at(&format!("{lat},{lon}")).starts_with("hazard: "));
    assert!(at("41.5,-10.0").starts_with("not surveyed: nobody passed here"));
    let cells = features(&good(&args("coverage", &map, &["--format", "geojson"])));
    let answers = |word: &str| {
        let of = cells
            .iter()
            .filter(|cell| cell["properties"]["answer"] == word);
        of.count()
    };
    assert!(answers("hazard") >= 4 && answers("surveyed_nothing_found") > 20);
    let ring = cells[0]["geometry"]["coordinates"][0].as_array().unwrap();
    assert_eq!((ring.len(), &ring[0]), (7, &ring[6]));
}

#[test]
fn a_driver_who_withdraws_is_out_of_the_map_and_stays_out() {
    let (folder, map, hazards) = town();
    let others: Vec<PathBuf> = sample_files().split_off(1);
    let without = map_of(&others, &folder.path().join("others.duckdb"));
    assert_ne!(features(&without), hazards);
    let device = device_of(&sample_files()[0]);
    let told = good(&args("forget", &map, &[&device]));
    assert!(told.starts_with("1 trip taken out"), "{told}");
    assert_eq!(geojson(&map), without);
    assert_eq!(map_of(&[sample_traces()], &map), without);
    let again = jounce(&args("forget", &map, &[&device]));
    assert!(
        again.code == 1 && !again.err.contains(&device),
        "{}",
        again.err
    );
}

#[test]
fn a_question_in_sql_reads_the_map_and_nothing_else() {
    let (folder, map, hazards) = town();
    let ask =
        |question: &str, rest: &[&str]| jounce(&args("sql", &map, &[&[question], rest].concat()));
    let count = ask("SELECT count(*) AS n FROM hazard;", &["--format", "csv"]);
    assert_eq!(count.out, format!("n\n{}\n", hazards.len()));
    let secret = folder.path().join("secret.csv");
    fs::write(&secret, "a\n1\n").unwrap();
    let (file, copy) = (
        format!("SELECT * FROM '{}'", secret.display()),
        "COPY hazard TO 'x.csv'",
    );
    let slow =
        "SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE a.range + b.range = 7";
    for (question, rest, expected) in [
        ("SELECT nothing FROM hazard", &[][..], "cannot be answered"),
        ("DELETE FROM hazard", &[], "cannot be answered"),
        (copy, &[], "cannot be answered"),
        (&file, &[], "cannot be answered"),
        (slow, &["--seconds", "1"], "longer than 1 s"),
    ] {
        let ran = ask(question, rest);
        assert!(
            ran.code == 1 && ran.err.contains(expected),
            "{question}: {}",
            ran.err
        );
    }
    let cut = ask("SELECT * FROM hazard", &["--rows", "2"]);
    assert!(
        cut.code == 0 && cut.err.contains("more rows"),
        "{}",
        cut.err
    );
}

/// The device that a trace names.
fn device_of(trace: &Path) -> String {
    let packed = fs::File::open(trace).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_string(&mut text)
        .unwrap();
    let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    first["device"].as_str().unwrap().to_owned()
}
