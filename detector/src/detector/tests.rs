//! One trip from outside: cuts, attitude, gaps, odd rates and missing sensors.

use proptest::prelude::*;
use trip::{
    Batch, Bump, Fix, FixSource, Header, Position, Report, Rotation, Sample, SkipReason, Speed,
};

use crate::{Config, Detector};

/// A drive to the north at 10 m/s over a slightly uneven road with a hump every 15 s and a sharp
/// blow in between, recorded at `rate_hz` with uneven times.
struct Drive {
    rate_hz: f64,
    seconds: f64,
    gps: bool,
}

const DRIVE: Drive = Drive {
    rate_hz: 50.0,
    seconds: 120.0,
    gps: true,
};

impl Drive {
    fn samples(&self) -> Vec<Sample> {
        let count = (self.seconds * self.rate_hz) as u64;
        (0..count)
            .map(|i| {
                let jitter_s = ((i * 7919) % 100) as f64 / 100.0 * 0.3 / self.rate_hz;
                let t = i as f64 / self.rate_hz + jitter_s;
                let noise = ((i * 104_729) % 1000) as f64 / 1000.0 - 0.5;
                let swell = 0.1 * (7.0 * t).sin() + 0.05 * (31.0 * t).sin() + 0.2 * noise;
                let accel_mps2 = [0.1, 0.2, (9.8 + swell + jolt(t)) as f32];
                Sample {
                    t_us: (t * 1e6) as i64,
                    accel_mps2,
                }
            })
            .collect()
    }

    fn fixes(&self) -> Vec<Fix> {
        let origin = Position::new(41.15, -8.6).expect("valid");
        let count = if self.gps { self.seconds as i32 } else { 0 };
        (0..count)
            .map(|second| Fix {
                t_us: i64::from(second) * 1_000_000 + 300_000,
                position: origin.moved(10.0 * f64::from(second), 0.0),
                speed: Speed::from_mps(10.0).ok(),
                heading: None,
                accuracy_m: Some(4.0),
                source: FixSource::Gnss,
            })
            .collect()
    }

    fn batch(&self) -> Batch {
        Batch {
            samples: self.samples(),
            fixes: self.fixes(),
            ..Batch::default()
        }
    }
}

/// A hump at 15, 30, 45 … s and a blow 7 s after each.
fn jolt(t: f64) -> f64 {
    let since = t.rem_euclid(15.0);
    if t >= 15.0 && since < 0.9 {
        3.0 * (std::f64::consts::TAU * since / 0.9).sin()
    } else if t >= 15.0 && (7.0..7.1).contains(&since) {
        9.0
    } else {
        0.0
    }
}

fn run(batches: impl IntoIterator<Item = Batch>) -> Report {
    let mut detector = Detector::new(Config::default());
    let mut report = Report::default();
    for batch in batches {
        report.append(detector.push(&batch));
    }
    report.append(detector.finish());
    report
}

/// The same readings in batches that end at the given times.
fn cut(batch: &Batch, ends_us: &[i64]) -> Vec<Batch> {
    let mut ends: Vec<i64> = ends_us.to_vec();
    ends.sort_unstable();
    ends.push(i64::MAX);
    let mut begin_us = i64::MIN;
    ends.into_iter()
        .map(|end_us| {
            let inside = |t_us: i64| begin_us <= t_us && t_us < end_us;
            let part = Batch {
                samples: batch
                    .samples
                    .iter()
                    .filter(|s| inside(s.t_us))
                    .copied()
                    .collect(),
                rotations: batch
                    .rotations
                    .iter()
                    .filter(|r| inside(r.t_us))
                    .copied()
                    .collect(),
                fixes: batch
                    .fixes
                    .iter()
                    .filter(|f| inside(f.t_us))
                    .copied()
                    .collect(),
                ..Batch::default()
            };
            begin_us = end_us;
            part
        })
        .collect()
}

fn seconds(report: &Report, reason: SkipReason) -> f64 {
    report
        .skipped
        .iter()
        .filter(|s| s.reason == reason)
        .map(trip::Skipped::duration_s)
        .sum()
}

#[test]
fn humps_and_blows_are_found_where_and_when_they_were() {
    let report = run([DRIVE.batch()]);
    assert!(
        (10..=15).contains(&report.bumps.len()),
        "{}",
        report.bumps.len()
    );
    for bump in &report.bumps {
        let t = bump.peak_us as f64 / 1e6;
        let since = t.rem_euclid(15.0);
        assert!(
            (-0.1..1.0).contains(&since) || (6.9..7.2).contains(&since),
            "{t}"
        );
        let place = bump.place.expect("there were fixes");
        let north_m = Position::new(41.15, -8.6)
            .expect("valid")
            .offset_to(place.position)
            .north_m;
        // Half a wheelbase before the jolt, seen through 0.5 s of assumed latency.
        assert!(
            (north_m - 10.0 * (t - 0.13 + 0.2)).abs() < 2.0,
            "{north_m} at {t}"
        );
        assert!(bump.severity_mps2.is_some_and(|s| s > 1.0));
        assert!((bump.kind_probability.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert!(bump.begin_us <= bump.peak_us + 200_000 && bump.peak_us <= bump.end_us + 200_000);
    }
}

#[test]
fn every_metre_is_driven_once() {
    let report = run([DRIVE.batch()]);
    let judged_m: f64 = report.stretches.iter().map(trip::Stretch::length_m).sum();
    assert!((judged_m - 1180.0).abs() < 30.0, "{judged_m}");
    assert!(
        report
            .stretches
            .iter()
            .all(|s| s.able && s.length_m() < 130.0)
    );
    assert!(
        report
            .stretches
            .windows(2)
            .all(|s| s[0].end_us <= s[1].begin_us + 200_000)
    );
}

#[test]
fn turning_and_negating_the_phone_changes_no_bump() {
    let upright = run([DRIVE.batch()]);
    let turns: [fn([f32; 3]) -> [f32; 3]; 3] = [
        |[x, y, z]| [z, x, -y],
        |a| a.map(|v| -v),
        |[x, y, z]| {
            let (sin, cos) = 0.7_f32.sin_cos();
            [x, y * cos - z * sin, y * sin + z * cos]
        },
    ];
    for turn in turns {
        let mut batch = DRIVE.batch();
        for sample in &mut batch.samples {
            sample.accel_mps2 = turn(sample.accel_mps2);
        }
        let turned = run([batch]);
        assert_eq!(turned.bumps.len(), upright.bumps.len());
        for (a, b) in turned.bumps.iter().zip(&upright.bumps) {
            assert!((a.peak_us - b.peak_us).abs() < 1000 && (a.score - b.score).abs() < 1e-2);
        }
    }
}

#[test]
fn clipping_marks_a_bump_and_makes_none() {
    let plain = run([DRIVE.batch()]);
    let header = Header {
        range_mps2: Some(15.0),
        ..Header::default()
    };
    let clipped = run([Batch {
        header: Some(header),
        ..DRIVE.batch()
    }]);
    assert_eq!(plain.bumps.len(), clipped.bumps.len());
    assert!(plain.bumps.iter().all(|b| !b.saturated));
    assert!(
        clipped.bumps.iter().any(|b| b.saturated) && clipped.bumps.iter().any(|b| !b.saturated)
    );
}

#[test]
fn a_drive_without_fixes_has_bumps_without_places() {
    let report = run([Drive {
        gps: false,
        ..DRIVE
    }
    .batch()]);
    assert!(report.bumps.len() >= 10);
    assert!(
        report
            .bumps
            .iter()
            .all(|b| b.place.is_none() && b.severity_mps2.is_none())
    );
    assert!(
        report
            .stretches
            .iter()
            .all(|s| s.path.is_empty() && !s.able)
    );
}

#[test]
fn fixes_alone_are_road_seen_and_not_judged() {
    let report = run([Batch {
        fixes: DRIVE.fixes(),
        ..Batch::default()
    }]);
    assert!(report.bumps.is_empty() && report.candidates.is_empty());
    let length_m: f64 = report.stretches.iter().map(trip::Stretch::length_m).sum();
    assert!((length_m - 1190.0).abs() < 15.0, "{length_m}");
    assert!(
        report
            .stretches
            .iter()
            .all(|s| !s.able && s.roughness.is_none())
    );
    assert!(seconds(&report, SkipReason::NoSamples) > 115.0);
}

#[test]
fn three_hertz_are_not_judged_but_their_road_counts_as_seen() {
    let report = run([Drive {
        rate_hz: 3.0,
        ..DRIVE
    }
    .batch()]);
    assert!(report.bumps.is_empty() && report.candidates.is_empty());
    assert!(seconds(&report, SkipReason::LowRate) > 110.0);
    let length_m: f64 = report.stretches.iter().map(trip::Stretch::length_m).sum();
    assert!(
        length_m > 1100.0 && report.stretches.iter().all(|s| !s.able),
        "{length_m}"
    );
}

#[test]
fn two_thousand_hertz_find_what_fifty_find() {
    let slow = run([DRIVE.batch()]);
    let fast = run([Drive {
        rate_hz: 2000.0,
        ..DRIVE
    }
    .batch()]);
    let humps = |r: &Report| {
        let at_hump = |b: &&Bump| (b.peak_us % 15_000_000) < 1_500_000 && b.score > -3.0;
        r.bumps.iter().chain(&r.candidates).filter(at_hump).count()
    };
    assert_eq!((humps(&slow), humps(&fast)), (7, 7));
}

#[test]
fn a_pause_is_a_gap_and_no_jolt() {
    let mut batch = DRIVE.batch();
    batch
        .samples
        .retain(|s| !(50_000_000..58_000_000).contains(&s.t_us));
    let report = run([batch]);
    assert!((seconds(&report, SkipReason::Gap) - 8.0).abs() < 0.1);
    assert!(
        !report
            .bumps
            .iter()
            .any(|b| (49_000_000..59_000_000).contains(&b.peak_us))
    );
    let gap = report
        .stretches
        .iter()
        .filter(|s| !s.able)
        .map(trip::Stretch::length_m)
        .sum::<f64>();
    assert!((60.0..90.0).contains(&gap), "{gap}");
}

#[test]
fn two_seconds_are_too_short_to_judge() {
    let report = run([Drive {
        seconds: 2.0,
        ..DRIVE
    }
    .batch()]);
    assert!(report.bumps.is_empty() && report.stretches.is_empty());
    assert!(seconds(&report, SkipReason::Edge) > 1.5);
}

#[test]
fn what_shakes_a_standing_car_is_not_the_road() {
    let mut batch = DRIVE.batch();
    for fix in &mut batch.fixes {
        fix.position = Position::new(41.15, -8.6).expect("valid");
        fix.speed = Speed::from_mps(0.0).ok();
    }
    let report = run([batch]);
    assert!(report.bumps.is_empty(), "{:?}", report.bumps.len());
    assert!(seconds(&report, SkipReason::Slow) > 110.0);
}

#[test]
fn a_hand_on_the_phone_is_not_the_road() {
    let mut batch = DRIVE.batch();
    let turning = |t: f64| {
        if (29.0..32.0).contains(&t) {
            [2.0, 0.0, 0.0]
        } else {
            [0.0; 3]
        }
    };
    batch.rotations = (0..6000)
        .map(|i| Rotation {
            t_us: i * 20_000,
            gyro_radps: turning(i as f64 / 50.0),
        })
        .collect();
    let report = run([batch]);
    assert!(seconds(&report, SkipReason::Handling) > 4.0);
    assert!(
        !report
            .bumps
            .iter()
            .any(|b| (28_000_000..34_000_000).contains(&b.peak_us))
    );
}

#[test]
fn a_dead_sensor_vouches_for_no_road() {
    let dead: [fn([f32; 3]) -> [f32; 3]; 3] = [
        |_| [0.0; 3],
        |_| [0.0, 0.0, 9.81],
        |a| a.map(|v| v / 9.80665),
    ];
    for reading in dead {
        let mut batch = DRIVE.batch();
        for sample in &mut batch.samples {
            sample.accel_mps2 = reading(sample.accel_mps2);
        }
        let report = run([batch]);
        assert!(report.bumps.is_empty() && report.stretches.iter().all(|s| !s.able));
        assert!(seconds(&report, SkipReason::NoSignal) > 110.0);
    }
}

#[test]
fn a_phone_that_took_gravity_out_and_says_so_is_judged() {
    let header = Header {
        gravity: trip::Gravity::Without,
        ..Header::default()
    };
    let mut batch = Batch {
        header: Some(header),
        ..DRIVE.batch()
    };
    for sample in &mut batch.samples {
        sample.accel_mps2[2] -= 9.8;
    }
    let report = run([batch]);
    assert!(!report.bumps.is_empty() && report.stretches.iter().any(|s| s.able));
}

#[test]
fn nothing_at_all_gives_nothing() {
    assert!(run([]).is_empty());
    assert!(run([Batch::default()]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_cut_gives_the_same_report(
        ends_us in prop::collection::vec(0_i64..120_000_000, 0..40),
        gap_s in 20_i64..100,
        gps in any::<bool>(),
    ) {
        let mut batch = Drive { gps, ..DRIVE }.batch();
        let gap_us = gap_s * 1_000_000..(gap_s + 3) * 1_000_000;
        batch.samples.retain(|s| !gap_us.contains(&s.t_us));
        batch.rotations = (0..12_000)
            .map(|i| Rotation { t_us: i * 10_000, gyro_radps: [(i % 900 / 800) as f32, 0.0, 0.0] })
            .collect();
        batch.fixes.retain(|f| (f.t_us / 1_000_000) % 50 < 30);
        let whole = run([batch.clone()]);
        prop_assert_eq!(run(cut(&batch, &ends_us)), whole);
    }
}
