//! Recorded drives, where there are some: nothing panics, counts are sensible, commands agree.

use std::ffi::OsStr;
use std::path::Path;

use detector::{Config, Detector, Latency};
use ingest::trace::Trace;
use ingest::wire::Content;
use trip::Batch;

use crate::support::{good, jounce, real_traces};

#[test]
fn every_recorded_drive_is_read_and_map_and_detect_agree() {
    let Some(traces) = real_traces() else { return };
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    let ran = jounce(&[
        "replay".as_ref(),
        traces.as_os_str(),
        "--map".as_ref(),
        map.as_os_str(),
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("40 read, 0 with something refused"),
        "{}",
        ran.out
    );

    let (mut all, mut placed) = (0, 0);
    for path in ingest::folder::survey([&traces]).traces {
        let args = [
            "detect".as_ref(),
            path.as_os_str(),
            "--format".as_ref(),
            OsStr::new("csv"),
        ];
        let text = good(&args);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("t,score,kind,severity,lat,lon,sigma_m"));
        for line in lines {
            all += 1;
            placed += u32::from(!line.split(',').nth(4).unwrap().is_empty());
        }
    }
    let summary = good(&["map".as_ref(), "summary".as_ref(), map.as_os_str()]);
    let bumps = format!(
        "{all}: {placed} on the map, {} without a place",
        all - placed
    );
    assert!(summary.contains(&bumps), "{bumps} is not in\n{summary}");
    assert!((100..1500).contains(&all) && placed > 20, "{all} {placed}");
}

#[test]
fn what_apps_export_is_inspected_and_mapped_as_it_is() {
    let Some(traces) = real_traces() else { return };
    let native = traces.join("native");
    let inspect = |name: &str, said: &[&str]| {
        let text = good(&["inspect".as_ref(), native.join(name).as_os_str()]);
        for words in said {
            assert!(text.contains(words), "{words} is not in\n{text}");
        }
    };
    inspect(
        "sensor-logger/android_v1.28_car_203s.zip",
        &[
            "12\u{202f}048 readings at 59.4 Hz",
            "2024-02-11 15:02:01 UTC",
            "(contained)",
        ],
    );
    inspect(
        "sensorlog-ios/dataset1_phone.csv",
        &["3\u{202f}419 readings at 10.0 Hz"],
    );
    let folder = tempfile::tempdir().unwrap();
    let map = folder.path().join("m.duckdb");
    let replay = [
        "replay".as_ref(),
        native.as_os_str(),
        "--map".as_ref(),
        map.as_os_str(),
    ];
    let first = good(&replay);
    assert!(
        first.contains("7 read, 0 with something refused, 1 passed over"),
        "{first}"
    );
    assert!(first.contains("7 new"), "{first}");
    let again = good(&replay);
    assert!(
        again.contains("0 new") && again.contains("7 already in the map"),
        "{again}"
    );
}

#[test]
fn candidates_reach_down_far_enough_for_a_whole_curve() {
    let Some(traces) = real_traces() else { return };
    let trace = traces.join("jiit2012/trace10_marker.csv.gz");
    let csv = |more: &[&OsStr]| {
        let args = [
            "detect".as_ref(),
            trace.as_os_str(),
            "--format".as_ref(),
            OsStr::new("csv"),
        ];
        good(&[&args[..], more].concat())
    };
    let (found, candidates) = (csv(&[]), csv(&["--candidates".as_ref()]));
    assert!(candidates.lines().count() > 10 * found.lines().count());
    assert!(
        found
            .lines()
            .all(|line| candidates.lines().any(|other| other == line))
    );
}

/// What is learnt of a receiver's latency from the messages that are chosen.
fn latency(path: &Path, chosen: impl Fn(usize, usize) -> bool) -> Latency {
    let messages = Trace::open(path, None).unwrap().map(Result::unwrap);
    let batches: Vec<Batch> = messages
        .filter_map(|message| match message.content {
            Content::Samples(batch) => Some(batch),
            _ => None,
        })
        .collect();
    let mut detector = Detector::new(Config::default());
    for (number, batch) in batches.iter().enumerate() {
        if chosen(number, batches.len()) {
            detector.push(batch);
        }
    }
    detector.latency()
}

#[test]
fn a_receiver_is_as_late_in_one_half_of_a_recorded_drive_as_in_the_other() {
    let Some(traces) = real_traces() else { return };
    let survey = ingest::folder::survey(
        ["pittsburgh2017", "comma2k19", "austin2018", "qatar2018"].map(|set| traces.join(set)),
    );
    for path in survey.traces {
        let all = latency(&path, |_, _| true);
        let first = latency(&path, |number, count| 2 * number < count);
        let second = latency(&path, |number, count| 2 * number >= count);
        let show = |l: Latency| format!("{:.2} ± {:.2} s", l.mean_s, l.sigma_s);
        let name = path.strip_prefix(&traces).unwrap().display();
        eprintln!(
            "{name}: {}, halves {} and {}",
            show(all),
            show(first),
            show(second)
        );
        let apart_s = (first.mean_s - second.mean_s).abs();
        assert!(
            apart_s < 2.5 * first.sigma_s.hypot(second.sigma_s),
            "{name}"
        );
        let known = path.starts_with(traces.join("pittsburgh2017"));
        assert!(
            !known || all.sigma_s < 0.12 && (0.2..0.7).contains(&all.mean_s),
            "{all:?}"
        );
    }
}
