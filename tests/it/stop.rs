//! Ctrl-C in the middle: the map stays whole, and the same command goes on.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use crate::support::{CSV, Csv, geojson, good, map_of, program};

#[test]
fn ctrl_c_keeps_what_is_done_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for (number, name) in ["a.csv", "b.csv", "c.csv"].into_iter().enumerate() {
        Csv {
            begin_s: CSV.begin_s + 3600.0 * number as f64,
            ..CSV
        }
        .write(&path(name));
    }
    let map = path("m.duckdb");
    // The second trace is standard input, so the program waits there until we let it go on.
    let mut replay = program()
        .arg("replay")
        .args([path("a.csv"), "-".into(), path("c.csv")])
        .arg("--map")
        .arg(&map)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It listens for Ctrl-C before it makes the map.
    while !map.exists() {
        assert!(replay.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    let interrupt = Command::new("kill")
        .args(["-INT", &replay.id().to_string()])
        .status()
        .unwrap();
    assert!(interrupt.success());
    let mut said = BufReader::new(replay.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.starts_with("stopping"), "{line}");
    let mut stdin = replay.stdin.take().unwrap();
    // Nobody reads it any more when Ctrl-C came before the trace was opened: that is a stop as well.
    if let Err(error) = stdin.write_all(&std::fs::read(path("b.csv")).unwrap()) {
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }
    drop(stdin);
    assert_eq!(replay.wait().unwrap().code(), Some(130));

    let summary = good(&["map".as_ref(), "summary".as_ref(), map.as_os_str()]);
    let trips = summary.lines().find(|l| l.contains("trips")).unwrap();
    assert!(!trips.contains(" 3"), "{trips}");
    let whole = map_of(
        &[path("a.csv"), path("b.csv"), path("c.csv")],
        &path("whole.duckdb"),
    );
    assert_ne!(geojson(&map), whole);
    assert_eq!(
        map_of(&[path("a.csv"), path("b.csv"), path("c.csv")], &map),
        whole
    );
}
