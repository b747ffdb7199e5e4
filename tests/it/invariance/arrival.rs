//! How readings travel: cut, late, twice, in bursts.

use ingest::trace::Trace;
use ingest::wire::Message;
use jounce::pipeline::Pipeline;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// What is said of messages in the order in which they come.
fn said(messages: impl IntoIterator<Item = Message>) -> Report {
    let mut pipeline = Pipeline::new(Config::default(), None);
    for message in messages {
        let key = message.key().unwrap();
        pipeline.feed(&key, message);
    }
    pipeline.close_all().remove(0).evidence.report
}

/// Each message comes up to 40 others late, one in ten of them comes again, and all in one burst.
fn shuffled(messages: &[Message], chance: &mut ChaCha8Rng) -> Vec<Message> {
    let mut coming = Vec::new();
    for (turn, message) in messages.iter().enumerate() {
        let turn = turn as f64;
        let message = Message {
            received_us: Some(1_767_600_000_000_000),
            ..message.clone()
        };
        if chance.random_bool(0.1) {
            coming.push((turn + chance.random_range(0.0..500.0), message.clone()));
        }
        coming.push((turn + chance.random_range(0.0..40.0), message));
    }
    coming.sort_by(|a, b| a.0.total_cmp(&b.0));
    coming.into_iter().map(|(_, message)| message).collect()
}

#[test]
fn late_repeated_and_bursting_messages_say_the_same() {
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    for path in sample_files().into_iter().chain(recorded()) {
        let messages: Vec<Message> = Trace::open(&path, None).unwrap().flatten().collect();
        let plain = said(messages.clone());
        assert!(
            said(shuffled(&messages, &mut chance)) == plain,
            "{}",
            path.display()
        );
    }
}

/// The readings between random times, one batch after the other.
fn cut(batch: &Batch, chance: &mut ChaCha8Rng) -> Vec<Batch> {
    let (first_us, last_us) = batch.span_us().unwrap();
    let mut ends_us: Vec<i64> = (0..60)
        .map(|_| chance.random_range(first_us..=last_us))
        .collect();
    ends_us.sort_unstable();
    ends_us.push(i64::MAX);
    let mut begin_us = i64::MIN;
    let mut parts = Vec::new();
    for end_us in ends_us {
        let inside = |t_us: i64| (begin_us..end_us).contains(&t_us);
        let mut part = batch.clone();
        part.header = part.header.filter(|_| parts.is_empty());
        part.samples.retain(|sample| inside(sample.t_us));
        part.rotations.retain(|rotation| inside(rotation.t_us));
        part.fixes.retain(|fix| inside(fix.t_us));
        parts.push(part);
        begin_us = end_us;
    }
    parts
}

#[test]
fn any_cut_of_any_drive_says_the_same() {
    let mut chance = ChaCha8Rng::seed_from_u64(11);
    for readings in all() {
        let mut detector = Detector::new(Config::default());
        let mut report = Report::default();
        for part in cut(&readings.batch, &mut chance) {
            report.append(detector.push(&part));
        }
        report.append(detector.finish());
        assert!(report == readings.judged(), "{}", readings.name);
    }
}

#[test]
fn readings_that_come_twice_count_once() {
    for readings in all() {
        let twice = readings.judged_with(|batch| {
            batch.samples = batch.samples.iter().flat_map(|&it| [it, it]).collect();
        });
        assert!(twice == readings.judged(), "{}", readings.name);
    }
}

#[test]
fn a_pause_is_named_and_makes_no_jolt() {
    for readings in all() {
        let samples = &readings.batch.samples;
        let middle_us = samples[samples.len() / 2].t_us;
        let pause_us = middle_us..middle_us + 8_000_000;
        let plain = readings.judged();
        let report = readings.judged_with(|batch| {
            batch
                .samples
                .retain(|sample| !pause_us.contains(&sample.t_us));
        });
        let name = &readings.name;
        let paused_s = seconds(&report, SkipReason::Gap) - seconds(&plain, SkipReason::Gap);
        assert!((paused_s - 8.0).abs() < 0.7, "{name}: {paused_s}");
        // Two seconds before and after are no more than candidates.
        let near_us = pause_us.start - 1_000_000..pause_us.end + 1_000_000;
        assert!(
            !report
                .bumps
                .iter()
                .any(|bump| near_us.contains(&bump.peak_us)),
            "{name}"
        );
        let before = |report: &Report| -> Vec<i64> {
            let times = report.bumps.iter().map(|bump| bump.peak_us);
            times
                .filter(|t_us| *t_us < pause_us.start - 10_000_000)
                .collect()
        };
        assert_eq!(before(&report), before(&plain), "{name}");
    }
}
