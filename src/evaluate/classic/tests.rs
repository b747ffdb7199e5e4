use trip::{FixSource, Position, Speed};

use super::*;

const RATE_HZ: f64 = 50.0;

/// Two minutes on a smooth road: the body sways, the engine hums, the sensor rounds.
fn quiet() -> Vec<Sample> {
    let sample = |i: i64| {
        let t_s = i as f64 / RATE_HZ;
        let sine = |hz: f64| (std::f64::consts::TAU * hz * t_s).sin();
        let rounded = |x: f64| (x / 0.01).round() as f32 * 0.01;
        Sample {
            t_us: (t_s * 1e6) as i64,
            accel_mps2: [
                rounded(0.05 * sine(2.3)),
                rounded(0.05 * sine(1.7)),
                rounded(9.8 + 0.15 * sine(1.3) + 0.1 * sine(17.0)),
            ],
        }
    };
    (0..6000).map(sample).collect()
}

/// When the wheel hits on the bumpy road, seconds.
const HIT_S: f64 = 70.0;

/// The same with one hole under a right wheel, after which the body rings out.
fn hit() -> Vec<Sample> {
    let mut samples = quiet();
    for sample in &mut samples {
        let since_s = sample.t_us as f64 / 1e6 - HIT_S;
        if (0.0..4.0).contains(&since_s) {
            let ring = (-since_s / 0.6).exp() * (std::f64::consts::TAU * 1.4 * since_s).sin();
            let blow = if since_s < 0.06 { 6.0 } else { 0.0 };
            sample.accel_mps2[2] += (2.5 * ring + blow) as f32;
            sample.accel_mps2[0] += (blow / 2.0) as f32;
        }
    }
    samples
}

/// A fix a second at a steady speed.
fn fixes(mps: f64) -> Vec<Fix> {
    let start = Position::new(41.0, -10.0).expect("a place");
    let fix = |second: i64| Fix {
        t_us: second * 1_000_000,
        position: start.moved(second as f64 * mps, 0.0),
        speed: Speed::from_mps(mps).ok(),
        heading: None,
        accuracy_m: Some(3.0),
        source: FixSource::Gnss,
    };
    (0..120).map(fix).collect()
}

/// Those that reach the detector's own threshold.
fn found(classic: Classic, samples: &[Sample], fixes: &[Fix]) -> Vec<Event> {
    let mut events = classic.events(samples, fixes);
    assert!(events.iter().all(|e| e.score > 0.0 && e.score.is_finite()));
    assert!(events.is_sorted_by(|a, b| b.t_us - a.t_us >= 1_000_000));
    events.retain(|event| event.score >= classic.threshold());
    events
}

#[test]
fn each_finds_the_hole_and_nothing_on_the_smooth_road() {
    for classic in Classic::ALL {
        for fixes in [vec![], fixes(8.0)] {
            let events = found(classic, &hit(), &fixes);
            assert!(!events.is_empty(), "{}", classic.name());
            for event in events {
                let late_s = event.t_us as f64 / 1e6 - HIT_S;
                assert!((-0.5..3.0).contains(&late_s), "{} {late_s}", classic.name());
            }
            assert_eq!(found(classic, &quiet(), &fixes), [], "{}", classic.name());
        }
    }
}

#[test]
fn a_phone_on_a_table_finds_nothing() {
    let mut still = quiet();
    for (i, sample) in still.iter_mut().enumerate() {
        sample.accel_mps2 = [0.0, 0.01, if i % 7 == 0 { 9.81 } else { 9.8 }];
    }
    for classic in Classic::ALL {
        assert_eq!(found(classic, &still, &[]), [], "{}", classic.name());
    }
}

#[test]
fn turning_or_negating_the_phone_changes_nothing() {
    let turn = |by: &dyn Fn([f32; 3]) -> [f32; 3]| {
        let mut samples = hit();
        for sample in &mut samples {
            sample.accel_mps2 = by(sample.accel_mps2);
        }
        samples
    };
    let (sin, cos) = 0.7_f32.sin_cos();
    let turned = [
        turn(&|[x, y, z]| [-z, x, y]),
        turn(&|a| a.map(|v| -v)),
        turn(&|[x, y, z]| [x, cos * y - sin * z, sin * y + cos * z]),
    ];
    for classic in Classic::ALL {
        let plain = found(classic, &hit(), &fixes(8.0));
        for samples in &turned {
            let events = found(classic, samples, &fixes(8.0));
            assert_eq!(events.len(), plain.len(), "{}", classic.name());
            for (a, b) in plain.iter().zip(&events) {
                assert_eq!(a.t_us, b.t_us);
                assert!((a.score / b.score - 1.0).abs() < 1e-3, "{a:?} {b:?}");
            }
        }
    }
}

#[test]
fn the_patrol_rejects_what_lifts_both_wheels_and_what_happens_at_rest() {
    let patrol = Classic::PotholePatrol;
    let mut hump = hit();
    for (sample, quiet) in hump.iter_mut().zip(quiet()) {
        sample.accel_mps2[0] = quiet.accel_mps2[0];
    }
    assert_eq!(found(patrol, &hump, &fixes(8.0)), []);
    assert_eq!(found(patrol, &hit(), &fixes(0.5)), []);
    assert_eq!(found(patrol, &hit(), &fixes(8.0)).len(), 1);
}

#[test]
fn any_times_are_survived() {
    let at = |times_us: &[i64]| -> Vec<Sample> {
        let sample = |&t_us: &i64| Sample {
            t_us,
            accel_mps2: [0.0, f32::MAX, -9.8],
        };
        times_us.iter().map(sample).collect()
    };
    let century: Vec<i64> = (0..20).map(|i| i * 3_000_000_000_000_000).collect();
    let traces = [
        at(&[]),
        at(&[5]),
        at(&[7; 40]),
        at(&[i64::MIN, -1, 0, i64::MAX]),
        at(&[i64::MAX, i64::MIN]),
        at(&century),
        at(&(0..400).map(|i| i / 4 * 10_000).collect::<Vec<_>>()),
    ];
    for classic in Classic::ALL {
        for trace in &traces {
            let events = classic.events(trace, &fixes(8.0));
            assert!(events.iter().all(|e| e.score > 0.0), "{}", classic.name());
        }
    }
}

#[test]
fn a_pause_is_no_jolt_and_repeated_readings_add_nothing() {
    let mut paused = quiet();
    paused.drain(2000..2400);
    let twice: Vec<Sample> = hit().iter().flat_map(|s| [*s, *s]).collect();
    for classic in Classic::ALL {
        assert_eq!(found(classic, &paused, &[]), [], "{}", classic.name());
        assert_eq!(classic.events(&twice, &[]), classic.events(&hit(), &[]));
    }
}
