//! Recorded drives, where there are some: nothing panics, counts are sensible, commands agree.

use std::ffi::OsStr;

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
        ran.out.contains("33 read, 0 with something refused"),
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
