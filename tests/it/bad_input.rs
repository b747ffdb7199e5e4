//! What is broken is refused with file, line and field; the rest goes on; nothing panics.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::support::{CSV, Csv, Ran, good, held, jounce};

const HEADER: &str = "t,ax,ay,az,gx,gy,gz,lat,lon,speed,accuracy,bearing\n";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replays a trace of these bytes into the map of this bench.
    fn replay(&self, name: &str, bytes: impl AsRef<[u8]>) -> Ran {
        fs::write(self.path(name), bytes).unwrap();
        self.replay_path(&self.path(name))
    }

    fn replay_path(&self, path: &Path) -> Ran {
        let ran = jounce(&[
            "replay".as_ref(),
            path.as_os_str(),
            "--map".as_ref(),
            self.path("m.duckdb").as_os_str(),
        ]);
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
        ran
    }

    fn trips(&self) -> String {
        let map = self.path("m.duckdb");
        let summary = good(&["map".as_ref(), "summary".as_ref(), map.as_os_str()]);
        let line = summary
            .lines()
            .find(|line| line.trim_start().starts_with("trips"))
            .unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .trim_end_matches(',')
            .to_owned()
    }
}

/// A trace that is refused whole: exit code 1, a word that says why, and no trip in the map.
fn refused(name: &str, bytes: impl AsRef<[u8]>, why: &str) {
    let bench = Bench::new();
    let ran = bench.replay(name, bytes);
    assert_eq!(ran.code, 1, "{}\n{}", ran.out, ran.err);
    assert!(
        ran.err.contains(name) && ran.err.contains(why),
        "{}",
        ran.err
    );
    assert_eq!(bench.trips(), "0");
}

/// A sound drive with some lines put in after its tenth second: what is refused is told with its
/// line, the trip is in the map all the same.
fn partly_refused(lines: &str, told: &[&str]) {
    let bench = Bench::new();
    let text = CSV.text();
    let at = text.match_indices('\n').nth(500).unwrap().0 + 1;
    let ran = bench.replay(
        "drive.csv",
        format!("{}{lines}{}", &text[..at], &text[at..]),
    );
    assert_eq!(ran.code, 1, "{}\n{}", ran.out, ran.err);
    for word in told {
        assert!(ran.err.contains(word), "{word} is not in {}", ran.err);
    }
    assert!(ran.err.contains("drive.csv: line 502: "), "{}", ran.err);
    assert_eq!(bench.trips(), "1");
}

/// A drive that is odd and legal: exit code 0.
fn taken(text: &str) -> String {
    let bench = Bench::new();
    let ran = bench.replay("drive.csv", text);
    assert_eq!(ran.code, 0, "{}\n{}", ran.out, ran.err);
    ran.out
}

#[test]
fn an_empty_file_is_refused() {
    refused("empty.csv", "", "empty");
    refused("empty.jsonl", "", "empty");
}

#[test]
fn a_header_alone_is_refused() {
    refused("header.csv", HEADER, "no rows");
}

#[test]
fn a_truncated_gzip_gives_what_is_readable_and_says_where_it_ends() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(CSV.text().as_bytes()).unwrap();
    let whole = gzip.finish().unwrap();
    let bench = Bench::new();
    let ran = bench.replay("cut.csv.gz", &whole[..whole.len() / 2]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("truncated") && ran.err.contains("line "),
        "{}",
        ran.err
    );
    assert_eq!(bench.trips(), "1");
    refused("stub.csv.gz", &whole[..12], "truncated");
}

#[test]
fn a_line_of_ten_megabytes_is_refused_and_the_rest_goes_on() {
    partly_refused(&format!("{}\n", "9".repeat(10_000_000)), &["longer than"]);
    let mut lines = "x".repeat(10_000_000);
    lines.push('\n');
    refused(
        "long.jsonl",
        format!("{{\"v\":1,\"note\":\"{lines}"),
        "longer than",
    );
}

#[test]
fn values_that_no_sensor_gives_drop_their_row() {
    for value in ["NaN", "inf", "-inf", "1e308", "abc", "1e39"] {
        partly_refused(
            &format!("1767600010.005,{value},0,9.8,,,,,,,,\n"),
            &["ax is not"],
        );
    }
}

#[test]
fn a_latitude_of_999_drops_the_fix_alone() {
    partly_refused(
        "1767600010.005,0.1,0.2,9.8,,,,999,18,,,\n",
        &["position left out", "lat is not"],
    );
}

#[test]
fn time_that_stands_or_runs_back_drops_its_row() {
    partly_refused("1767600009.98,0,0,9.8,,,,,,,,\n", &["t repeats"]);
    partly_refused("1767600001,0,0,9.8,,,,,,,,\n", &["t is before"]);
}

#[test]
fn a_row_that_leaps_to_another_year_is_dropped_and_the_rest_goes_on() {
    partly_refused("4070908800,0,0,9.8,,,,,,,,\n", &["t is far ahead"]);
}

#[test]
fn two_rows_years_apart_are_two_moments_and_no_more() {
    taken("t,ax,ay,az\n0,0,0,9.8\n900000000,0,0,9.8\n");
    taken("t,ax,ay,az\n0,0,0,9.8\n2592000,0,0,9.8\n5184000,0,0,9.8\n");
}

#[test]
fn a_row_with_a_field_too_many_is_dropped() {
    partly_refused("1767600010.005,0,0,9.8,,,,,,,,,,7\n", &["fields"]);
}

#[test]
fn a_jump_of_a_day_is_a_gap() {
    let second = Csv {
        begin_s: CSV.begin_s + 86_400.0,
        ..CSV
    }
    .text();
    let text = CSV.text() + second.trim_start_matches(HEADER);
    taken(&text);
}

#[test]
fn odd_rates_and_missing_sensors_are_taken() {
    for rate_hz in [3.0, 2000.0] {
        taken(&Csv { rate_hz, ..CSV }.text());
    }
    let fixes_only = taken(
        &Csv {
            accel: false,
            ..CSV
        }
        .text(),
    );
    assert!(
        fixes_only.contains("1 new") && fixes_only.contains("0 on the map"),
        "{fixes_only}"
    );
    let accel_only = taken(&Csv { gps: false, ..CSV }.text());
    assert!(
        accel_only.contains(" 0 on the map") && !accel_only.contains(" 0 without"),
        "{accel_only}"
    );
    taken(
        &Csv {
            seconds: 2.0,
            ..CSV
        }
        .text(),
    );
}

#[test]
fn columns_may_be_absent_altogether() {
    taken("t,ax,ay,az\n0.00,0.1,0.2,9.8\n0.02,0.1,0.3,9.9\n0.04,0.1,0.3,9.9\n");
}

#[test]
fn a_broken_message_is_refused_whole_with_its_line_and_field() {
    let bench = Bench::new();
    let good = r#"{"v":1,"type":"bye","trip":"00ff00000000000000000000000000a7","seq":0}"#;
    let lat = r#"{"v":1,"type":"samples","trip":"00ff00000000000000000000000000a7","seq":1,"fixes":[{"t_us":0,"lat":999,"lon":1}]}"#;
    let ran = bench.replay("drive.jsonl", format!("{good}\n{lat}\nnot json\n"));
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("line 2: ") && ran.err.contains("lat"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("line 3: "), "{}", ran.err);
}

#[test]
fn what_is_not_there_or_cannot_be_read_is_refused() {
    let bench = Bench::new();
    let ran = bench.replay_path(&bench.path("nowhere.csv"));
    assert!(
        ran.code == 1 && ran.err.contains("nowhere.csv: "),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("no such file") && ran.err.contains("no traces found"),
        "{}",
        ran.err
    );
    assert!(!bench.path("m.duckdb").exists());
    fs::create_dir(bench.path("drives")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(bench.path("gone.csv"), bench.path("drives/link.csv")).unwrap();
    CSV.write(&bench.path("drives/sound.csv"));
    let ran = bench.replay_path(&bench.path("drives"));
    assert!(ran.code == 1 && ran.err.contains("link.csv"), "{}", ran.err);
    assert_eq!(bench.trips(), "1");
    let ran = jounce(&["detect".as_ref(), bench.path("drives").as_os_str()]);
    assert!(
        ran.code == 1 && ran.err.contains("directory"),
        "{}",
        ran.err
    );
}

#[test]
fn labels_and_notes_in_a_folder_are_passed_over_and_refused_by_name() {
    let bench = Bench::new();
    fs::create_dir(bench.path("drives")).unwrap();
    CSV.write(&bench.path("drives/a.csv"));
    fs::write(
        bench.path("drives/a.labels.csv"),
        "t_start,t_end,kind\n1,2,pothole\n",
    )
    .unwrap();
    fs::write(
        bench.path("drives/clips.csv"),
        "clip,kind,t,az\na,regular,0,9.8\n",
    )
    .unwrap();
    fs::write(bench.path("drives/README.md"), "notes").unwrap();
    let ran = bench.replay_path(&bench.path("drives"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.out.matches("passed over ").count(), 3, "{}", ran.out);
    let ran = bench.replay_path(&bench.path("drives/a.labels.csv"));
    assert!(ran.code == 1 && ran.err.contains("labels"), "{}", ran.err);
}

#[test]
fn an_archive_that_is_cut_off_is_refused_by_name_and_the_folder_goes_on() {
    // The head of a member, as an app's zip begins; the directory at the end is missing.
    let mut zip = b"PK\x03\x04".to_vec();
    zip.resize(30, 0);
    zip[26] = 12;
    zip.extend(b"Location.csvtime,seconds_elapsed\n");
    refused("drive.zip", &zip, "truncated or damaged");
    let bench = Bench::new();
    fs::create_dir(bench.path("drives")).unwrap();
    CSV.write(&bench.path("drives/a.csv"));
    fs::write(bench.path("drives/b.zip"), &zip).unwrap();
    let ran = bench.replay_path(&bench.path("drives"));
    assert!(ran.code == 1 && ran.err.contains("b.zip: "), "{}", ran.err);
    assert_eq!(bench.trips(), "1");
}

#[test]
fn a_map_that_is_no_duckdb_file_is_left_as_it_is() {
    let bench = Bench::new();
    CSV.write(&bench.path("a.csv"));
    fs::write(bench.path("m.duckdb"), "my diary\n".repeat(1000)).unwrap();
    let ran = bench.replay_path(&bench.path("a.csv"));
    assert!(
        ran.code == 1 && ran.err.contains("m.duckdb is not a DuckDB file"),
        "{}",
        ran.err
    );
    assert_eq!(
        fs::read_to_string(bench.path("m.duckdb")).unwrap(),
        "my diary\n".repeat(1000)
    );
    let ran = jounce(&[
        "map".as_ref(),
        "list".as_ref(),
        bench.path("none.duckdb").as_os_str(),
    ]);
    assert!(
        ran.code == 1 && ran.err.contains("there is no map"),
        "{}",
        ran.err
    );
    assert!(!bench.path("none.duckdb").exists());
}

#[test]
fn a_map_that_another_program_has_is_refused_with_the_way_out() {
    let bench = Bench::new();
    let map = bench.path("m.duckdb");
    let list = ["map".as_ref(), "list".as_ref(), map.as_os_str()];
    let (mut holder, ran) = held(&map, &list);
    assert!(
        ran.code == 1 && ran.err.contains("close that one or wait"),
        "{}",
        ran.err
    );
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(jounce(&list).code, 0);
}

#[test]
fn a_full_disk_leaves_the_map_as_it_was() {
    let bench = Bench::new();
    let disk = bench.path("disk");
    fs::create_dir(&disk).unwrap();
    let mount = |args: &[&str]| {
        std::process::Command::new("mount")
            .args(args)
            .arg(&disk)
            .output()
    };
    let mounted =
        mount(&["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).is_ok_and(|o| o.status.success());
    if !mounted {
        eprintln!("SKIPPED: a small disk can only be mounted by root");
        return;
    }
    let map = disk.join("m.duckdb");
    let replay = |trace: &Path| {
        jounce(&[
            "replay".as_ref(),
            trace.as_os_str(),
            "--map".as_ref(),
            map.as_os_str(),
        ])
    };
    CSV.write(&bench.path("a.csv"));
    Csv {
        seconds: 600.0,
        east_m: 50.0,
        ..CSV
    }
    .write(&bench.path("b.csv"));
    let first = replay(&bench.path("a.csv"));
    let room = fs::write(disk.join("ballast"), vec![0; 16 << 20]);
    let full = replay(&bench.path("b.csv"));
    fs::remove_file(disk.join("ballast")).unwrap();
    let list = jounce(&["map".as_ref(), "summary".as_ref(), map.as_os_str()]);
    let again = replay(&bench.path("b.csv"));
    std::process::Command::new("umount")
        .arg(&disk)
        .output()
        .unwrap();
    assert!(first.code == 0 && room.is_err(), "{}", first.err);
    assert!(
        full.code == 1 && full.err.contains("disk is full"),
        "{}",
        full.err
    );
    assert!(list.code == 0 && list.out.contains("trips"), "{}", list.err);
    assert!(
        again.code == 0 && again.out.contains("1 new"),
        "{}{}",
        again.err,
        again.out
    );
}
