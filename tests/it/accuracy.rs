//! Floors under what is found on drives with known truth. Figures stand beside each floor; a change
//! that falls below one has made the detector or the map worse.

use jounce::evaluate::operating::{self, Counts};
use jounce::evaluate::{Judge, Recording, Selection, Tolerance};
use trip::{Kind, Position};

use crate::support::{good, map_of, real_traces, sample_files, sample_traces};

/// Bumps of all sample drives against the hazards of some kinds that they hit.
fn tally(kinds: &[Kind]) -> Counts {
    let selection = Selection {
        wanted: kinds.iter().map(|kind| kind.name().to_owned()).collect(),
        ignored: Vec::new(),
    };
    let judge = Judge::jounce(detector::Config::default());
    let mut all = Counts::default();
    for path in sample_files() {
        let (_, recording) = Recording::read(&path, "simulated");
        let drive = recording.unwrap().unwrap().judged(&judge);
        let scene = drive.scene(0, &selection);
        all.add(operating::at(
            &scene,
            judge.threshold(),
            Tolerance::even(1.0),
        ));
    }
    all
}

#[test]
fn most_bumps_are_hazards_and_most_humps_are_found() {
    let any = tally(Kind::ALL);
    let humps = tally(&[Kind::SpeedBump]);
    eprintln!("bumps against hazards: {any:?}; against humps: {humps:?}");
    assert!(any.precision() >= Some(0.85));
    assert!(humps.recall() >= Some(0.6));
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

/// Floors a little below what the detector reached when they were set; see the table in the README.
#[test]
fn real_drives_keep_their_floors() {
    let Some(traces) = real_traces() else { return };
    let json = good(&[
        "evaluate".as_ref(),
        traces.as_os_str(),
        "--format".as_ref(),
        std::ffi::OsStr::new("json"),
    ]);
    let says: serde_json::Value = serde_json::from_str(&json).unwrap();
    let of = |set: &str, pointer: &str| {
        let sets = says["figures"].as_array().unwrap();
        let figures = sets.iter().find(|figures| figures["set"] == set).unwrap();
        figures.pointer(pointer).unwrap().as_f64().unwrap()
    };
    for (set, pointer, floor) in [
        ("jiit2012", "/average_precision", 0.47),
        ("jiit2012", "/at_threshold/f1", 0.52),
        ("pittsburgh2017", "/average_precision", 0.27),
    ] {
        let reached = of(set, pointer);
        eprintln!("{set} {pointer}: {reached:.3}");
        assert!(reached >= floor, "{set} {pointer}: {reached} < {floor}");
    }
    let alarms_per_h = &says["controls"]["pooled"]["alarms_per_h"];
    assert!(alarms_per_h.as_f64().unwrap() <= 10.0, "{alarms_per_h}");
}
