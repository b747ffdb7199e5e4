//! `sweep` and `diff` as people run them.

use std::fs;

use crate::evaluate::{Bench, json, labels};

#[test]
fn a_sweep_writes_a_row_for_every_setting() {
    let bench = Bench::new(Some(&labels(&[20.0, 40.0], "pothole")));
    bench.drive("yard/drive", None);
    let grid = bench.write(
        "grid.toml",
        "trigger.threshold = [-0.8, 1000]\n[gravity]\ngravity_mps2 = [[7.8, 11.8], [7, 12]]\n",
    );
    let ran = bench.run("sweep", &[grid.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("4 settings"), "{}", ran.err);
    let mut reader = csv::Reader::from_reader(ran.out.as_bytes());
    let header = reader.headers().unwrap().clone();
    let expected = [
        "gravity.gravity_mps2",
        "trigger.threshold",
        "config_hash",
        "city.average_precision",
        "city.f1",
        "city.best_f1",
        "city.best_threshold",
        "city.false_alarms_per_h",
        "controls.alarms_per_h",
    ];
    assert_eq!(header.iter().collect::<Vec<_>>(), expected);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4);
    let shipped = json(&bench.run("evaluate", &["--format=json"]));
    assert_eq!(
        rows[0][2],
        *shipped["detector"]["config_hash"].as_str().unwrap()
    );
    let number = |row: usize, column: usize| rows[row][column].parse::<f64>().unwrap();
    let average = shipped["figures"][0]["average_precision"].as_f64().unwrap();
    assert!((number(0, 3) - average).abs() < 1e-4);
    assert_eq!(
        (&rows[1][1], number(1, 4), number(1, 8)),
        ("1000", 0.0, 0.0)
    );

    let file = bench.path("rows.csv");
    let out = ["--out", file.to_str().unwrap(), grid.to_str().unwrap()];
    assert_eq!(bench.run("sweep", &out).out, "");
    assert_eq!(fs::read_to_string(file).unwrap(), ran.out);
}

#[test]
fn a_grid_too_large_is_refused_before_anything_is_read() {
    let bench = Bench::new(None);
    let values: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let values = values.join(",");
    let text = format!("trigger.threshold = [{values}]\nlocate.sigma_m = [{values}]\n");
    let grid = bench.write("grid.toml", &text);
    let ran = bench.run("sweep", &[grid.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("10\u{202f}201 settings"), "{}", ran.err);
}

#[test]
fn a_diff_tells_what_changes_and_nothing_else() {
    let bench = Bench::new(Some(&labels(&[20.0, 40.0], "pothole")));
    let shut = bench.write("shut.toml", "trigger.threshold = 1000\n");
    let shut = shut.to_str().unwrap();
    let same = bench.run("diff", &["/dev/null", "/dev/null"]);
    assert!(same.out.contains("0 events change"), "{}", same.out);
    let says = json(&bench.run("diff", &["/dev/null", shut, "--format=json"]));
    assert_eq!(
        (&says["only_a"]["hits"], &says["only_b"]["hits"]),
        (&2.into(), &0.into())
    );
    assert_eq!(
        (&says["only_a"]["false_alarms"], &says["both"]),
        (&2.into(), &0.into())
    );
    assert_eq!(says["changes"].as_array().unwrap().len(), 4);
    let table = bench.run("diff", &[shut, "/dev/null"]).out;
    let found: Vec<&str> = table
        .lines()
        .filter(|line| line.contains("drive.csv"))
        .collect();
    assert_eq!(found.len(), 4, "{table}");
    assert_eq!(
        found.iter().filter(|line| line.contains("pothole")).count(),
        2,
        "{table}"
    );
}
