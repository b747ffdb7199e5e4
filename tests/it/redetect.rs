//! Trips that are judged anew, and readings that come late.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use crate::support::{CSV, Ran, geojson, good, jounce, map_of, sample_files};

/// Numbers by which less is a bump.
const STRICT: &str = "[trigger]\nthreshold = 1.0\n";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("strict.toml"), STRICT).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `replay` or `redetect` over traces into a map, by the shipped numbers or strict ones.
    fn run(&self, command: &str, traces: &[PathBuf], map: &str, is_strict: bool) -> Ran {
        let mut args = vec![PathBuf::from(command)];
        args.extend(traces.iter().cloned());
        args.extend(["--map".into(), self.path(map)]);
        if is_strict {
            args.extend(["--config".into(), self.path("strict.toml")]);
        }
        jounce(&args)
    }

    fn good(&self, command: &str, traces: &[PathBuf], map: &str, is_strict: bool) -> String {
        let ran = self.run(command, traces, map, is_strict);
        assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
        ran.out
    }

    /// All hazards and all coverage of a map.
    fn export(&self, map: &str) -> String {
        let map = self.path(map);
        let coverage = [
            "map",
            "coverage",
            map.to_str().unwrap(),
            "--format",
            "geojson",
        ];
        geojson(&map) + &good(&coverage)
    }
}

/// The line of an account that tells what became of the trips.
fn trips(account: &str) -> &str {
    let mut lines = account.lines().map(str::trim);
    lines.find(|line| line.starts_with("trips")).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn judging_some_trips_anew_gives_the_map_that_a_build_from_nothing_gives(
        order in Just(sample_files()).prop_shuffle(),
        again in Just(sample_files()).prop_shuffle(),
    ) {
        let bench = Bench::new();
        let (anew, kept) = order.split_at(order.len() / 2);
        bench.good("replay", kept, "nothing.duckdb", false);
        bench.good("replay", anew, "nothing.duckdb", true);
        let built = bench.export("nothing.duckdb");
        bench.good("replay", &again, "m.duckdb", false);
        prop_assert_ne!(&bench.export("m.duckdb"), &built);
        let told = bench.good("redetect", anew, "m.duckdb", true);
        let replaced = format!("{} replaced, 0 the same already, 0 not in the map", anew.len());
        prop_assert!(trips(&told).contains(&replaced), "{}", told);
        prop_assert_eq!(&bench.export("m.duckdb"), &built);
        let mut backwards = anew.to_vec();
        backwards.reverse();
        let told = bench.good("redetect", &backwards, "m.duckdb", true);
        let same = format!("0 replaced, {} the same already", anew.len());
        prop_assert!(trips(&told).contains(&same), "{}", told);
        prop_assert_eq!(bench.export("m.duckdb"), built);
    }
}

#[test]
fn only_trips_of_the_map_are_judged_anew_and_the_others_are_named() {
    let bench = Bench::new();
    let files = sample_files();
    bench.good("replay", &files[..2], "m.duckdb", false);
    let told = bench.good("redetect", &files[1..4], "m.duckdb", true);
    assert!(
        trips(&told).contains("1 replaced, 0 the same already, 2 not in the map"),
        "{told}"
    );
    for unknown in &files[2..4] {
        let line = format!("{}: not in the map and left alone", unknown.display());
        assert!(told.contains(&line), "{told}");
    }
    bench.good("replay", &files[..1], "nothing.duckdb", false);
    bench.good("replay", &files[1..2], "nothing.duckdb", true);
    assert_eq!(bench.export("m.duckdb"), bench.export("nothing.duckdb"));
    let summary = ["map".into(), "summary".into(), bench.path("m.duckdb")];
    assert_eq!(good::<PathBuf>(&summary).matches(": 1 trip").count(), 2);
}

#[test]
fn without_a_map_nothing_is_judged_and_none_is_made() {
    let bench = Bench::new();
    let ran = bench.run("redetect", &sample_files()[..1], "m.duckdb", false);
    assert!(
        ran.code == 1 && ran.err.contains("there is no map"),
        "{}",
        ran.err
    );
    assert!(!bench.path("m.duckdb").exists());
    let wrong = bench.path("wrong.toml");
    fs::write(&wrong, "[trigger]\ntreshold = 1\n").unwrap();
    for command in ["replay", "redetect"] {
        let args = [
            command.into(),
            sample_files()[0].clone(),
            "--map".into(),
            bench.path("m.duckdb"),
        ];
        let ran = jounce(&[&args[..], &["--config".into(), wrong.clone()]].concat());
        assert!(
            ran.code == 1 && ran.err.contains("no number `trigger.treshold`"),
            "{}",
            ran.err
        );
        assert!(!bench.path("m.duckdb").exists());
    }
}

#[test]
fn what_only_the_phone_judged_cannot_be_judged_again() {
    let bench = Bench::new();
    let city = bench.path("city");
    let out = city.to_str().unwrap();
    let small = ["simulate", "--reports", "--out", out, "--hazards", "10"];
    good(&[&small[..], &["--drivers", "5", "--days", "3"]].concat());
    bench.good("replay", std::slice::from_ref(&city), "m.duckdb", false);
    let before = bench.export("m.duckdb");
    let told = bench.good("redetect", &[city], "m.duckdb", true);
    assert!(
        trips(&told).contains("0 replaced, 0 the same already, 0 not in the map"),
        "{told}"
    );
    assert!(
        !trips(&told).contains(" 0 judged by the phone itself"),
        "{told}"
    );
    assert!(
        told.contains("without readings it cannot be judged again"),
        "{told}"
    );
    assert_eq!(bench.export("m.duckdb"), before);
}

/// The first messages of a sample drive, as a trace of their own.
fn begin_of(trace: &Path, messages: usize, to: &Path) {
    let mut text = String::new();
    let mut unpacked = flate2::read::GzDecoder::new(fs::File::open(trace).unwrap());
    std::io::Read::read_to_string(&mut unpacked, &mut text).unwrap();
    let lines = text.lines().take(messages);
    fs::write(
        to,
        lines.map(|line| format!("{line}\n")).collect::<String>(),
    )
    .unwrap();
}

#[test]
fn a_longer_reading_takes_the_place_of_a_shorter_one_and_stays() {
    let bench = Bench::new();
    let (whole, short) = (sample_files().swap_remove(5), bench.path("short.jsonl"));
    let longer = bench.path("longer.jsonl");
    begin_of(&whole, 12, &short);
    begin_of(&whole, 20, &longer);
    let (short, longer, whole) = ([short], [longer], [whole]);
    let expected = map_of(&whole, &bench.path("whole.duckdb"));
    bench.good("replay", &short, "m.duckdb", false);
    for (command, later) in [("replay", &longer), ("redetect", &whole)] {
        let told = bench.good(command, later, "m.duckdb", false);
        assert!(trips(&told).contains("1 replaced"), "{told}");
        assert!(
            told.contains("took the place of what the map held"),
            "{told}"
        );
    }
    assert_eq!(geojson(&bench.path("m.duckdb")), expected);
    for command in ["replay", "redetect"] {
        // By whatever numbers: less of a trip does not take the place of more.
        let ran = bench.run(command, &short, "m.duckdb", true);
        assert!(
            ran.code == 1 && ran.err.contains("other messages of its trip"),
            "{}",
            ran.err
        );
    }
    assert_eq!(geojson(&bench.path("m.duckdb")), expected);
}

#[test]
fn a_trip_in_two_files_is_judged_anew_as_one() {
    let bench = Bench::new();
    let whole = sample_files().swap_remove(5);
    let (first, second) = (bench.path("a.jsonl"), bench.path("b.jsonl"));
    begin_of(&whole, 15, &first);
    begin_of(&whole, usize::MAX, &second);
    let text = fs::read_to_string(&second).unwrap();
    let rest: String = text
        .lines()
        .skip(15)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&second, rest).unwrap();
    let parts = [first, second];
    bench.good("replay", &parts, "m.duckdb", false);
    let told = bench.good("redetect", &parts, "m.duckdb", true);
    assert!(trips(&told).contains("1 replaced"), "{told}");
    bench.good("replay", &[whole], "whole.duckdb", true);
    assert_eq!(bench.export("m.duckdb"), bench.export("whole.duckdb"));
}

#[test]
fn a_driver_who_withdrew_is_not_judged_anew() {
    let bench = Bench::new();
    let trace = [bench.path("drive.csv")];
    CSV.write(&trace[0]);
    let map = bench.path("m.duckdb");
    let replay = [
        "replay".into(),
        trace[0].clone(),
        "--map".into(),
        map.clone(),
    ];
    good(&[&replay[..], &["--device".into(), "phone-7".into()]].concat());
    good(&["map".into(), "forget".into(), map, "phone-7".into()]);
    let mut redetect = replay.to_vec();
    redetect[0] = "redetect".into();
    redetect.extend(["--device".into(), "phone-7".into()]);
    let told = good(&redetect);
    assert!(
        trips(&told).contains("1 not taken, their driver withdrew them"),
        "{told}"
    );
}

#[test]
fn help_tells_where_the_readings_come_from() {
    insta::assert_snapshot!("help-redetect", good(&["redetect", "--help"]));
}
