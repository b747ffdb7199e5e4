//! A crew's list of repairs, and what hazards are called elsewhere.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, geojson, good, jounce, map_of, sample_traces};

struct Town {
    folder: TempDir,
    /// The hazards of the map, as GeoJSON.
    hazards: Vec<Value>,
}

impl Town {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = map_of(&[sample_traces()], &folder.path().join("m.duckdb"));
        let hazards = features(&text);
        Self { folder, hazards }
    }

    fn map(&self) -> PathBuf {
        self.folder.path().join("m.duckdb")
    }

    fn id(&self, number: usize) -> &str {
        self.hazards[number]["id"].as_str().unwrap()
    }

    /// `lat,lon` of a hazard.
    fn place(&self, number: usize) -> String {
        let place = &self.hazards[number]["geometry"]["coordinates"];
        format!("{},{}", place[1], place[0])
    }

    fn run(&self, command: &str, rest: &[&str]) -> Ran {
        let map = self.map();
        jounce(&[&["map", command, map.to_str().unwrap()][..], rest].concat())
    }

    fn good(&self, command: &str, rest: &[&str]) -> String {
        let ran = self.run(command, rest);
        assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
        ran.out
    }

    fn import(&self, list: impl AsRef<[u8]>) -> Ran {
        let path = self.folder.path().join("repairs.csv");
        fs::write(&path, list).unwrap();
        self.run(
            "import-repairs",
            &[path.to_str().unwrap(), "--as", "crew 7"],
        )
    }

    /// A property of a hazard in the map now.
    fn now(&self, number: usize, property: &str) -> Value {
        let now = features(&geojson(&self.map()));
        let hazard = now
            .into_iter()
            .find(|hazard| hazard["id"] == self.id(number));
        hazard.unwrap()["properties"][property].clone()
    }

    fn history(&self, number: usize) -> Value {
        let text = self.good("history", &[self.id(number), "--format", "json"]);
        serde_json::from_str(&text).unwrap()
    }
}

fn features(text: &str) -> Vec<Value> {
    let collection: Value = serde_json::from_str(text).unwrap();
    collection["features"].as_array().unwrap().clone()
}

const TIME: &str = "2026-03-01T09:00:00Z";

#[test]
fn a_list_of_repairs_is_written_down_once() {
    let town = Town::new();
    let list = format!("\u{feff}lat,lon,utc\r\n{},{TIME}\r\n", town.place(0));
    let ran = town.import(&list);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(
        ran.out,
        "1 repair written down, 0 known already, 0 without a hazard\n"
    );
    assert_eq!(town.now(0, "work_state"), "repair_claimed");
    assert_eq!(town.now(0, "work_since_utc"), TIME);
    let (before, acts) = (
        geojson(&town.map()),
        town.map().with_extension("duckdb.acts.jsonl"),
    );
    let lines = || fs::read_to_string(&acts).unwrap().lines().count();
    assert_eq!(lines(), 1);
    let again = town.import(&list);
    assert_eq!(
        again.out,
        "0 repairs written down, 1 known already, 0 without a hazard\n"
    );
    let twice = town.import(format!("{list}{},{TIME}\n", town.place(0)));
    assert_eq!(
        twice.out,
        "0 repairs written down, 2 known already, 0 without a hazard\n"
    );
    assert_eq!((lines(), geojson(&town.map())), (1, before));
}

#[test]
fn one_list_that_names_a_repair_twice_writes_it_down_once() {
    let town = Town::new();
    let line = format!("{},{TIME}\n", town.place(0));
    let ran = town.import(format!("lat,lon,utc\n{line}{line}"));
    assert_eq!(
        ran.out,
        "1 repair written down, 1 known already, 0 without a hazard\n"
    );
}

#[test]
fn what_is_no_repair_is_named_by_its_line_and_the_rest_is_written_down() {
    let town = Town::new();
    let place = town.place(0);
    let list = format!(
        "order,lat,lon,utc,heading_deg\r\n\
         \"W-1, the\r\nsecond\",{place},{TIME},\r\n\
         \r\n\
         W-2,41.05,-10.5,{TIME},\r\n\
         W-3,91,0,{TIME},\r\n\
         W-4,{place},yesterday,\r\n\
         W-5,{place},{TIME},400\r\n\
         W-6,{place}\r\n"
    );
    let mut list = list.into_bytes();
    list.extend(b"W-\xff,1,1,1,\r\n");
    let ran = town.import(list);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert_eq!(
        ran.out,
        "1 repair written down, 0 known already, 6 without a hazard\n"
    );
    for told in [
        "line 5: no hazard within 15 m",
        "line 6: lat and lon are no position in degrees",
        "line 7: utc is no time as 2026-02-01T09:00:00Z",
        "line 8: heading_deg is not from 0 to 360",
        "line 9: utc is no time",
        "line 10: not text in UTF-8",
    ] {
        assert!(
            ran.err.contains(&format!("repairs.csv: {told}")),
            "{told}: {}",
            ran.err
        );
    }
    assert_eq!(town.now(0, "order_no"), "W-1, the\r\nsecond");
}

#[test]
fn a_list_that_cannot_be_used_changes_nothing() {
    let town = Town::new();
    let before = geojson(&town.map());
    for (list, told) in [
        ("", "line 1: expected the columns lat,lon,utc"),
        (
            "lat;lon;utc\n1;2;3\n",
            "line 1: expected the columns lat,lon,utc",
        ),
        (
            "41.1,-8.6,2026-03-01T09:00:00Z\n",
            "line 1: expected the columns",
        ),
    ] {
        let ran = town.import(list);
        assert!(
            ran.code == 1 && ran.err.contains(told),
            "{list}: {}",
            ran.err
        );
    }
    let ran = town.run("import-repairs", &["nowhere.csv", "--as", "crew 7"]);
    assert!(
        ran.code == 1 && ran.err.contains("cannot read nowhere.csv"),
        "{}",
        ran.err
    );
    let list = format!("lat,lon,utc\n{},{TIME}\n", town.place(0));
    let path = town.folder.path().join("repairs.csv");
    fs::write(&path, list).unwrap();
    let ran = town.run("import-repairs", &[path.to_str().unwrap(), "--as", " "]);
    assert!(
        ran.code == 1 && ran.err.contains("--as needs a name"),
        "{}",
        ran.err
    );
    assert_eq!(geojson(&town.map()), before);
}

#[test]
fn an_order_finds_the_hazard_that_was_scheduled_under_it() {
    let town = Town::new();
    let order = [
        "--as",
        "Ana",
        "--order",
        "W-12",
        "--at",
        "2026-02-20T09:00:00Z",
    ];
    town.good("act", &[&[town.id(1), "schedule"][..], &order].concat());
    // The crew stood by another hazard, or wrote down the depot.
    let list = format!("lat,lon,utc,order\n{},{TIME},W-12\n", town.place(0));
    assert_eq!(town.import(list).code, 0);
    assert_eq!(town.now(0, "work_state"), "none");
    assert_eq!(town.now(1, "work_state"), "repair_claimed");
    assert_eq!(town.now(1, "order_no"), "W-12");
}

#[test]
fn a_hazard_has_many_numbers_elsewhere_and_the_last_status_of_each_counts() {
    let town = Town::new();
    let refer =
        |more: &[&str]| town.good("refer", &[&[town.id(0), "--as", "Ana"][..], more].concat());
    let at = |hour: &'static str| ["--at", hour];
    let of_311 = ["--system", "311", "--ref", "0047", "--status"];
    refer(&[&of_311[..], &["closed"], &at("2026-03-03T09:00:00Z")].concat());
    let link = ["--url", "https://311.example/0047"];
    refer(&[&of_311[..], &["open"], &link, &at("2026-03-01T09:00:00Z")].concat());
    let register = ["--system", "asset register", "--ref", "R 12/7"];
    let told = refer(&[&register[..], &at("2026-03-02T09:00:00Z")].concat());
    let expected = "311 0047, closed, https://311.example/0047; asset register R 12/7";
    assert_eq!(told, format!("{}: {expected}\n", town.id(0)));
    let shown = town.good("show", &[town.id(0)]);
    assert_eq!(shown.matches("elsewhere").count(), 2, "{shown}");
    assert_eq!(town.now(0, "work_state"), "none");
    assert_eq!(town.now(0, "order_no"), "");
    let history = town.history(0);
    let events = history.as_array().unwrap().iter();
    let what: Vec<&str> = events
        .map(|event| event["what"].as_str().unwrap())
        .collect();
    let expected = [
        "refer: 311 0047",
        "refer: asset register R 12/7",
        "refer: 311 0047",
    ];
    assert!(what.ends_with(&expected), "{what:?}");
    let table = "SELECT system, id, url, status, at_utc FROM reference ORDER BY ALL";
    insta::assert_snapshot!(town.good("sql", &[table, "--format", "csv"]), @r"
    system,id,url,status,at_utc
    311,0047,https://311.example/0047,closed,2026-03-03 09:00:00
    asset register,R 12/7,,,2026-03-02 09:00:00
    ");
    // The fold of what was said is what the table holds.
    town.good("rebuild", &[]);
    assert_eq!(town.good("show", &[town.id(0)]), shown);
}

#[test]
fn a_number_elsewhere_needs_a_system_a_number_and_a_name() {
    let town = Town::new();
    let id = town.id(0);
    for (rest, told) in [
        (&["--system", "311", "--as", "Ana"][..], "--ref"),
        (&["--ref", "1", "--as", "Ana"], "--system"),
        (
            &["--system", " ", "--ref", "1", "--as", "Ana"],
            "nothing but blanks",
        ),
        (&["--system", "311", "--ref", "1"], "--as"),
        (
            &["--system", "311", "--ref", "1", "--as", " "],
            "--as needs a name",
        ),
        (
            &[
                "--system",
                "311",
                "--ref",
                "1",
                "--as",
                "Ana",
                "--url",
                "javascript:alert(1)",
            ],
            "https://",
        ),
    ] {
        let ran = town.run("refer", &[&[id], rest].concat());
        assert!(
            ran.code != 0 && ran.err.contains(told),
            "{rest:?}: {}",
            ran.err
        );
    }
    assert_eq!(
        town.history(0)
            .as_array()
            .unwrap()
            .iter()
            .filter(|event| event["actor"] != "evidence")
            .count(),
        0
    );
}

#[test]
fn help_shows_what_a_list_holds() {
    for command in ["import-repairs", "refer"] {
        insta::assert_snapshot!(
            format!("help-map-{command}"),
            good(&["map", command, "--help"])
        );
    }
}
