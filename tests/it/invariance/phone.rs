//! What a phone can measure, and what it says of itself.

use std::fs;
use std::io::{Read as _, Write as _};

use trip::{Gravity, Header, Stretch};

use super::*;

fn set(batch: &mut Batch, change: impl FnOnce(&mut Header)) {
    change(batch.header.get_or_insert_default());
}

/// Panics unless every bump of `a` is found in `b` as well, at most 0.3 s and `apart` in score from
/// it: what stands at the threshold may fall to the candidates.
fn assert_within(name: &str, a: &Report, b: &Report, apart: f32) {
    let others = found(b);
    for bump in &a.bumps {
        let near = |other: &&Bump| {
            (other.peak_us - bump.peak_us).abs() < 300_000
                && (other.score - bump.score).abs() <= apart
        };
        assert!(others.iter().any(near), "{name}: {bump:?}");
    }
}

fn judged_s(report: &Report) -> f64 {
    report.stretches.iter().map(Stretch::duration_s).sum()
}

/// Panics unless nothing is said of the drive but that it holds no signal.
fn assert_no_signal(name: &str, report: &Report) {
    assert!(found(report).is_empty(), "{name}");
    assert!(!report.stretches.iter().any(|it| it.able), "{name}");
    let other = |it: &&Skipped| !matches!(it.reason, SkipReason::NoSignal | SkipReason::Gap);
    assert_eq!(report.skipped.iter().find(other), None, "{name}");
    assert!(seconds(report, SkipReason::NoSignal) > 10.0, "{name}");
}

#[test]
fn the_end_of_the_sensors_range_marks_bumps_and_changes_nothing_else() {
    let mut marked = 0;
    for readings in all() {
        let unmarked = |mut report: Report| {
            let lists = report.bumps.iter_mut().chain(&mut report.candidates);
            lists.for_each(|bump| bump.saturated = false);
            report
        };
        let report = readings.judged_with(|b| set(b, |it| it.range_mps2 = Some(12.0)));
        marked += found(&report).iter().filter(|bump| bump.saturated).count();
        assert!(
            unmarked(report) == unmarked(readings.judged()),
            "{}",
            readings.name
        );
    }
    assert!(marked > 20, "{marked}");
}

#[test]
fn a_phone_of_two_g_finds_the_same_bumps() {
    const TWO_G_MPS2: f32 = 2.0 * 9.80665;
    for readings in all() {
        let plain = readings.judged();
        let clipped = readings.judged_with(|batch| {
            set(batch, |it| it.range_mps2 = Some(TWO_G_MPS2));
            turned(&mut batch.samples, |a| {
                a.map(|x| x.clamp(-TWO_G_MPS2, TWO_G_MPS2))
            });
        });
        assert_within(&readings.name, &plain, &clipped, 0.1);
        assert_within(&readings.name, &clipped, &plain, 0.1);
    }
}

#[test]
fn without_a_gyroscope_no_bump_is_lost() {
    for readings in all().filter(|it| !it.batch.rotations.is_empty()) {
        let plain = readings.judged();
        let without = readings.judged_with(|batch| batch.rotations.clear());
        assert_within(&readings.name, &plain, &without, 0.5);
        assert!(judged_s(&without) >= judged_s(&plain), "{}", readings.name);
    }
}

#[test]
fn without_speeds_positions_tell_them() {
    let (mut bumps, mut near) = (0, 0);
    for readings in all().filter(|it| it.batch.fixes.iter().any(|fix| fix.speed.is_some())) {
        let plain = readings.judged();
        let without = readings.judged_with(|batch| {
            batch.fixes.iter_mut().for_each(|fix| fix.speed = None);
        });
        // Standing still is told late, so what is usual shifts a little.
        assert_within(&readings.name, &plain, &without, 1.5);
        for bump in plain.bumps.iter().filter(|bump| bump.place.is_some()) {
            let same = |other: &&Bump| (other.peak_us - bump.peak_us).abs() < 300_000;
            let other = found(&without).into_iter().find(same).unwrap();
            let speeds = [bump, other].map(|it| it.measured.speed.map(trip::Speed::mps));
            let [Some(said), Some(told)] = speeds else {
                panic!("{}: {speeds:?}", readings.name);
            };
            bumps += 1;
            near += u32::from((said - told).abs() <= 0.2 * said + 1.0);
        }
    }
    eprintln!("{near} of {bumps} speeds within 20 % and 1 m/s");
    assert!(near * 10 >= bumps * 9, "{near} of {bumps}");
}

/// What a platform that takes gravity out would have read: the slow mean of 5 s is gone.
fn without_gravity(batch: &mut Batch) {
    let mut mean = batch.samples[0].accel_mps2;
    let mut before_us = batch.samples[0].t_us;
    for sample in &mut batch.samples {
        let step_s = (sample.t_us - before_us) as f32 / 1e6;
        before_us = sample.t_us;
        let share = step_s / (5.0 + step_s);
        for (mean, a) in mean.iter_mut().zip(&mut sample.accel_mps2) {
            *mean += (*a - *mean) * share;
            *a -= *mean;
        }
    }
}

fn declared(readings: &Readings) -> Report {
    readings.judged_with(|batch| {
        set(batch, |it| it.gravity = Gravity::Without);
        without_gravity(batch);
    })
}

#[test]
fn gravity_that_was_taken_out_is_judged_when_it_is_said_and_named_when_not() {
    for readings in all() {
        let name = &readings.name;
        let said = declared(&readings);
        // Until the axis of the greatest shaking is found a phone may seem frozen.
        assert!(seconds(&said, SkipReason::NoSignal) < 2.0, "{name}");
        assert!(
            judged_s(&said) > 0.8 * judged_s(&readings.judged()),
            "{name}"
        );
        assert_no_signal(
            name,
            &readings.judged_with(|batch| {
                set(batch, |it| it.gravity = Gravity::Unknown);
                without_gravity(batch);
            }),
        );
    }
}

#[test]
fn most_bumps_are_found_without_gravity() {
    let (mut plain, mut kept, mut made_up) = (0, 0, 0);
    for readings in all() {
        let (with, without) = (readings.judged(), declared(&readings));
        let in_both = |a: &Report, b: &Report| {
            let near = |x: &&Bump| {
                b.bumps
                    .iter()
                    .any(|y| (x.peak_us - y.peak_us).abs() < 500_000)
            };
            a.bumps.iter().filter(near).count()
        };
        plain += with.bumps.len();
        kept += in_both(&with, &without);
        made_up += without.bumps.len() - in_both(&without, &with);
    }
    eprintln!("of {plain} bumps {kept} without gravity, {made_up} others");
    assert!(
        5 * kept >= 3 * plain && 3 * made_up <= kept,
        "{kept} of {plain}, {made_up} others"
    );
}

#[test]
fn readings_in_g_are_converted_when_they_say_so() {
    for path in sample_files() {
        let mut text = String::new();
        let file = fs::File::open(&path).unwrap();
        flate2::read::GzDecoder::new(file)
            .read_to_string(&mut text)
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let in_g = folder.path().join("in-g.jsonl");
        let mut out = fs::File::create(&in_g).unwrap();
        for line in text.lines() {
            let mut message: serde_json::Value = serde_json::from_str(line).unwrap();
            if let Some(accel) = message.get_mut("accel") {
                let scale = accel["scale"].as_f64().unwrap();
                assert_eq!(accel["unit"], "m/s2");
                accel["unit"] = "g".into();
                accel["scale"] = (scale / 9.80665).into();
            }
            writeln!(out, "{message}").unwrap();
        }
        let (plain, in_g) = (Readings::of(&path).judged(), Readings::of(&in_g).judged());
        assert_same("in g", &found(&plain), &found(&in_g), 1_000, 0.01);
        assert_eq!(plain.skipped, in_g.skipped);
    }
}

#[test]
fn readings_in_g_that_do_not_say_so_are_named() {
    for readings in all() {
        let report = readings.judged_with(|batch| {
            turned(&mut batch.samples, |a| a.map(|x| x / 9.80665));
        });
        assert_no_signal(&readings.name, &report);
    }
}
