//! `jounce explain`: words and pictures of one moment.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{CSV, Csv, good, jounce, program, sample_traces};

/// A drive of 90 s with a jolt every 20 s from 20 s on, labels beside it.
fn made(folder: &Path) -> PathBuf {
    let path = folder.join("drive.csv");
    Csv {
        begin_s: 100.0,
        ..CSV
    }
    .write(&path);
    let labels = "t_start,t_end,kind\n120.0,120.9,speed_bump\n133,136,harsh_brake\n";
    std::fs::write(folder.join("drive.labels.csv"), labels).unwrap();
    path
}

fn explain(trace: &Path, at: &str, more: &[&OsStr]) -> String {
    let head = [
        OsStr::new("explain"),
        trace.as_os_str(),
        "--at".as_ref(),
        at.as_ref(),
    ];
    good(&[&head, more].concat())
}

#[test]
fn a_bump_is_explained_by_what_each_feature_added() {
    let folder = tempfile::tempdir().unwrap();
    let trace = made(folder.path());
    let words = explain(&trace, "140.5", &[]);
    let begin = "drive at 140.50 s\nA bump at 140.";
    assert!(words.starts_with(begin), "{words}");
    let mark = "Nearest mark: harsh_brake from 133.00 to 136.00 s";
    assert!(words.contains(mark), "{words}");
    assert!(words.contains("bounce (1.2–2.5 Hz)"), "{words}");
    // What the parts of the leading channel add up to is the score.
    let parts = words
        .lines()
        .skip_while(|line| !line.contains("in log odds"));
    let parts = parts.skip(1).take_while(|line| line.starts_with("  "));
    let odds = |line: &str| -> f64 {
        let word = line.split_whitespace().next().unwrap();
        word.replace('−', "-").parse().unwrap()
    };
    let sum: f64 = parts.map(odds).sum();
    let score = words.split("score ").nth(1).unwrap();
    let score = score.split(',').next().unwrap();
    let score: f64 = score.replace('−', "-").parse().unwrap();
    assert!((sum - score).abs() < 0.06, "{sum} {score}");
}

#[test]
fn a_quiet_moment_is_no_bump_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let trace = made(folder.path());
    let words = explain(&trace, "153", &[]);
    assert!(words.contains("\nNo bump"), "{words}");
    assert!(words.contains("in log odds"), "{words}");
}

#[test]
fn a_picture_shows_marks_and_findings_and_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let trace = made(folder.path());
    let out = folder.path().join("why.svg");
    let draw = || {
        explain(&trace, "140.5", &["--out".as_ref(), out.as_os_str()]);
        std::fs::read_to_string(&out).unwrap()
    };
    let svg = draw();
    assert_eq!(svg, draw());
    for word in ["harsh_brake", ">bump ", "threshold −", "km/h", ">judged<"] {
        assert!(svg.contains(word), "{word}");
    }
    assert!(!svg.contains(&*folder.path().to_string_lossy()));
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    assert!(svg.len() < 400_000, "{}", svg.len());
}

#[test]
fn standard_input_has_no_labels_and_is_explained_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let trace = made(folder.path());
    let mut command = program();
    let command = command.args(["explain", "-", "--at", "140.5"]);
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let text = std::fs::read(&trace).unwrap();
    child.stdin.take().unwrap().write_all(&text).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let words = String::from_utf8(output.stdout).unwrap();
    let begin = "standard input at 140.50 s\nA bump";
    assert!(words.starts_with(begin), "{words}");
    assert!(words.contains("No labels lie beside the trace."), "{words}");
}

#[test]
fn what_cannot_be_explained_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let trace = made(folder.path());
    let refused = |args: &[&str]| {
        let args = [&["explain", trace.to_str().unwrap()][..], args].concat();
        let ran = jounce(&args);
        assert_ne!(ran.code, 0, "{}", ran.out);
        ran.err
    };
    let outside = refused(&["--at", "500"]);
    let runs = "which runs from 100.00 to 189.98 s";
    assert!(outside.contains(runs), "{outside}");
    let png = refused(&["--at", "140", "--out", "why.png"]);
    assert!(png.contains("rsvg-convert"), "{png}");
    assert!(!Path::new("why.png").exists());
    let short = refused(&["--at", "140", "--seconds", "0"]);
    assert!(short.contains("seconds from 2 to 120"), "{short}");
}

#[test]
fn a_drive_without_positions_and_one_with_nothing_else_are_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drive.csv");
    let out = folder.path().join("why.svg");
    let cases = [
        (false, true, "unknown: no positions near"),
        (true, false, "no readings"),
    ];
    for (gps, accel, word) in cases {
        let drive = Csv {
            gps,
            accel,
            begin_s: 0.0,
            ..CSV
        };
        drive.write(&path);
        explain(&path, "40", &["--out".as_ref(), out.as_os_str()]);
        let svg = std::fs::read_to_string(&out).unwrap();
        assert!(svg.contains(word), "{word}");
        assert!(!svg.contains("NaN"));
    }
}

/// The event that `detector/README.md` walks through.
const WORKED: (&str, &str) = ("drive-01.jsonl.gz", "1769413536.06");

/// `JOUNCE_REWRITE=1 cargo test --release --test it worked` writes words and picture anew.
#[test]
fn the_worked_event_is_what_explain_says_and_draws() {
    let detector = Path::new(env!("CARGO_MANIFEST_DIR")).join("detector");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("worked.svg");
    let trace = sample_traces().join(WORKED.0);
    let words = explain(&trace, WORKED.1, &["--out".as_ref(), out.as_os_str()]);
    let picture = std::fs::read_to_string(&out).unwrap();
    let page = std::fs::read_to_string(detector.join("README.md")).unwrap();
    let (before, rest) = page.split_once("\n```\n").expect("a block");
    let (_, after) = rest.split_once("```\n<!-- end of worked").expect("its end");
    let page = format!("{before}\n```\n{words}```\n<!-- end of worked{after}");
    for (name, text) in [("README.md", page), ("worked.svg", picture)] {
        let path = detector.join(name);
        if std::env::var_os("JOUNCE_REWRITE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "detector/{name} is stale: JOUNCE_REWRITE=1 cargo test --release --test it worked"
        );
    }
}
