//! Floors under what is found on drives with known truth. Figures stand beside each floor; a change
//! that falls below one has made the detector or the map worse.

use std::fs::File;

use ingest::labels;
use jounce::replay::Reading;
use trip::{Kind, Position};

use crate::support::{map_of, sample_files, sample_traces};

/// One-to-one matches of sorted times to marks, within `tolerance_s` of the mark's interval.
fn matches(times_s: &[f64], marks: &[labels::Label], tolerance_s: f64) -> usize {
    let mut next = 0;
    let mut found = 0;
    for mark in marks {
        while next < times_s.len() && times_s[next] < mark.t_start - tolerance_s {
            next += 1;
        }
        if next < times_s.len() && times_s[next] <= mark.t_end + tolerance_s {
            found += 1;
            next += 1;
        }
    }
    found
}

struct Tally {
    marks: usize,
    bumps: usize,
    found: usize,
}

/// Bumps of all sample drives against the hazards of some kinds that they hit.
fn tally(kinds: &[Kind]) -> Tally {
    let mut tally = Tally {
        marks: 0,
        bumps: 0,
        found: 0,
    };
    for path in sample_files() {
        let mut marks = labels::read(File::open(labels::beside(&path)).unwrap()).unwrap();
        marks.retain(|mark| kinds.iter().any(|kind| kind.name() == mark.kind));
        marks.sort_by(|a, b| a.t_start.total_cmp(&b.t_start));
        let outcome = Reading::default().trace(&path);
        let bumps = outcome
            .trips
            .iter()
            .flat_map(|trip| &trip.evidence.report.bumps);
        let mut times_s: Vec<f64> = bumps.map(|bump| bump.peak_us as f64 / 1e6).collect();
        times_s.sort_by(f64::total_cmp);
        tally.marks += marks.len();
        tally.bumps += times_s.len();
        tally.found += matches(&times_s, &marks, 1.0);
    }
    tally
}

#[test]
fn most_bumps_are_hazards_and_most_humps_are_found() {
    let any = tally(Kind::ALL);
    let humps = tally(&[Kind::SpeedBump]);
    eprintln!(
        "{} of {} bumps are hazards, {} marks",
        any.found, any.bumps, any.marks
    );
    eprintln!("{} of {} humps are found", humps.found, humps.marks);
    assert!(any.found as f64 >= 0.85 * any.bumps as f64);
    assert!(humps.found as f64 >= 0.6 * humps.marks as f64);
}

#[test]
fn what_the_map_confirms_is_there_and_within_metres() {
    let folder = tempfile::tempdir().unwrap();
    let map: serde_json::Value =
        serde_json::from_str(&map_of(&[sample_traces()], &folder.path().join("m.duckdb"))).unwrap();
    let truth = std::fs::read_to_string(sample_traces().join("hazards.geojson")).unwrap();
    let truth: serde_json::Value = serde_json::from_str(&truth).unwrap();
    let place = |feature: &serde_json::Value| {
        let at = |i: usize| feature["geometry"]["coordinates"][i].as_f64().unwrap();
        Position::new(at(1), at(0)).unwrap()
    };
    let truths: Vec<Position> = truth["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(place)
        .collect();
    let confirmed = map["features"].as_array().unwrap().iter();
    let confirmed = confirmed.filter(|f| f["properties"]["evidence_state"] == "confirmed");
    let mut errors_m: Vec<f64> = confirmed
        .map(|feature| {
            let here = place(feature);
            truths
                .iter()
                .map(|there| here.distance_m(*there))
                .fold(f64::INFINITY, f64::min)
        })
        .collect();
    errors_m.sort_by(f64::total_cmp);
    eprintln!("metres from the truth: {errors_m:.1?}");
    assert!(errors_m.len() >= 4, "{}", errors_m.len());
    assert!(errors_m[errors_m.len() / 2] < 5.0 && errors_m[errors_m.len() - 1] < 15.0);
}
