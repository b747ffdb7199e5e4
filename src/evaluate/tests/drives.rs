//! Whole drives: rides, sets, controls, kilometres, and two configurations side by side.

use super::super::*;
use super::{event, mark, selection};

fn drive(name: &str, marks: &[Mark], events: &[Event]) -> Drive {
    let found = events.iter().map(|&event| Found { event, said: None });
    Drive {
        trace: format!("set/{name}.csv"),
        name: name.to_owned(),
        set: "set".to_owned(),
        extent: drive::Extent {
            recorded_s: 1800.0,
            ..drive::Extent::default()
        },
        marks: Some(marks.to_vec()),
        found: found.collect(),
        ..Drive::default()
    }
}

fn scoring() -> Scoring {
    Scoring {
        selection: selection(),
        tolerance: Tolerance::even(1.0),
        threshold: 2.0,
        by: By::Set,
    }
}

#[test]
fn phones_of_one_ride_are_one_ride() {
    let marks = [mark(10.0, 10.0, "pothole"), mark(20.0, 20.0, "pothole")];
    let drives = [
        drive("a_front", &marks, &[event(10.0, 3.0), event(15.0, 2.5)]),
        drive("a_back", &marks, &[event(20.5, 2.0)]),
        drive("b", &marks, &[event(10.0, 1.9)]),
    ];
    let drives: Vec<&Drive> = drives.iter().collect();
    let rows = scoring().figures("set", &drives);
    let figures = &rows[0];
    assert_eq!((figures.basis.traces, figures.basis.rides), (3, 2));
    assert_eq!(figures.basis.recorded_h, 1.5);
    let counts = figures.at_threshold.counts;
    assert_eq!((counts.hits, counts.false_alarms, counts.marks), (2, 1, 6));
    assert_eq!(figures.false_alarms.per_h, Some(1.0 / 1.5));
    // Two rides say nothing about others.
    assert_eq!(figures.f1_interval, None);
}

#[test]
fn a_set_without_wanted_marks_is_a_control_and_a_trace_without_labels_is_left_out() {
    let marked = drive("a", &[mark(10.0, 10.0, "pothole")], &[event(10.0, 3.0)]);
    let mut unlabelled = drive("b", &[], &[event(5.0, 9.0)]);
    unlabelled.marks = None;
    let mut control = drive(
        "c",
        &[mark(4.0, 6.0, "harsh_turn")],
        &[event(5.0, 2.0), event(8.0, 3.0)],
    );
    control.set = "other".to_owned();
    let who = evaluation::Detector {
        name: "any".to_owned(),
        version: "1".to_owned(),
        config_hash: None,
    };
    let evaluation = Evaluation::of(who, &[control, unlabelled, marked], vec![], &scoring());
    assert_eq!(evaluation.figures.len(), 1);
    assert_eq!(evaluation.figures[0].false_alarms.count, 0);
    assert_eq!(evaluation.unlabelled, ["set/b.csv"]);
    let controls = evaluation.controls.expect("one set");
    assert_eq!(
        (controls.pooled.alarms, controls.pooled.in_manoeuvre),
        (2, 1)
    );
    assert_eq!(controls.pooled.alarms_per_h, Some(4.0));
    assert_eq!(controls.alarms[0].inside.as_deref(), Some("harsh_turn"));
    assert_eq!(controls.alarms[1].inside, None);
}

#[test]
fn kilometres_count_where_fixes_are_near_and_alarms_only_there() {
    let fix = |t_s: i64, north_m: f64| trip::Fix {
        t_us: t_s * 1_000_000,
        position: trip::Position::new(41.0, -8.0)
            .expect("valid")
            .moved(north_m, 0.0),
        speed: None,
        heading: None,
        accuracy_m: None,
        source: trip::FixSource::Gnss,
    };
    // 100 m, a pause of 30 s, 200 m, and a glitch of 9 km.
    let fixes = [
        fix(0, 0.0),
        fix(10, 100.0),
        fix(40, 500.0),
        fix(55, 700.0),
        fix(56, 9700.0),
    ];
    let extent = drive::Extent::of(&[], &fixes);
    assert!((extent.km() - 0.3).abs() < 1e-6, "{}", extent.km());
    for (t_s, known) in [
        (-1, false),
        (0, true),
        (10, true),
        (11, false),
        (40, true),
        (56, false),
    ] {
        assert_eq!(extent.has_way_at(t_s * 1_000_000), known, "{t_s}");
    }
}

#[test]
fn a_moved_threshold_changes_what_it_lets_in() {
    let marks = [mark(10.0, 10.0, "pothole"), mark(20.0, 20.0, "speed_bump")];
    let a = drive(
        "a",
        &marks,
        &[event(10.0, 3.0), event(15.0, 2.5), event(20.0, 1.0)],
    );
    let b = drive(
        "a",
        &marks,
        &[
            event(10.1, 3.0),
            event(15.0, 1.0),
            event(20.2, 2.2),
            event(30.0, 2.0),
        ],
    );
    let mut comparison = compare::Comparison::default();
    comparison.add([&a, &b], [2.0, 2.0], &selection(), Tolerance::even(1.0));
    assert_eq!((comparison.both, comparison.marks), (1, 2));
    assert_eq!(
        (comparison.only_a.hits, comparison.only_a.false_alarms),
        (0, 1)
    );
    assert_eq!(
        (comparison.only_b.hits, comparison.only_b.false_alarms),
        (1, 1)
    );
    assert_eq!((comparison.all_a.hits, comparison.all_b.hits), (1, 2));
    let changed: Vec<(Option<f64>, Option<f64>)> = (comparison.changes.iter())
        .map(|change| {
            (
                change.a.as_ref().map(|s| s.score),
                change.b.as_ref().map(|s| s.score),
            )
        })
        .collect();
    let expected = [
        (Some(2.5), Some(1.0)),
        (Some(1.0), Some(2.2)),
        (None, Some(2.0)),
    ];
    assert_eq!(changed, expected);
}
