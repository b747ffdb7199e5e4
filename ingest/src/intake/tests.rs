//! Permutations, repeats and losses.

use proptest::prelude::*;
use trip::{Sample, TripId};

use super::*;

fn key() -> TripKey {
    let device = "d-1".parse().expect("a device");
    TripKey {
        device,
        trip: TripId::from_bytes([7; 16]),
    }
}

/// The message with this number and samples at these times.
fn message(seq: u32, times_us: &[i64]) -> Message {
    let sample = |&t_us| Sample {
        t_us,
        accel_mps2: [seq as f32, 0.0, 9.8],
    };
    let samples = times_us.iter().map(sample).collect();
    Message {
        device: None,
        received_us: None,
        trip: TripId::from_bytes([7; 16]),
        seq,
        content: Content::Samples(Batch {
            seq,
            samples,
            ..Batch::default()
        }),
    }
}

fn plain(seq: u32) -> Message {
    message(seq, &[i64::from(seq) * 10, i64::from(seq) * 10 + 5])
}

/// All that comes out of the messages in this order, to the end of the trip.
fn pass(config: Config, messages: impl IntoIterator<Item = Message>) -> Admitted {
    let mut intake = Intake::new(config);
    let mut all = Admitted::default();
    let mut add = |one: Admitted| {
        all.ready.extend(one.ready);
        all.tally += one.tally;
    };
    for message in messages {
        add(intake.admit(&key(), message));
    }
    add(intake.finish(&key()));
    assert_eq!(intake.open().count(), 0);
    all
}

/// What comes out of these numbers in this order, when two early messages are held at most.
fn check(arrivals: &[u32], ready: &[u32], tally: Tally) {
    let config = Config {
        max_early: 2,
        ..Config::default()
    };
    let all = pass(config, arrivals.iter().map(|&seq| plain(seq)));
    assert_eq!(
        all.ready.iter().map(|it| it.seq).collect::<Vec<_>>(),
        ready,
        "{arrivals:?}"
    );
    assert_eq!(all.tally, tally, "{arrivals:?}");
}

#[test]
fn a_message_that_comes_twice_passes_once() {
    let tally = |duplicates| Tally {
        duplicates,
        ..Tally::default()
    };
    check(&[0, 1, 1, 0, 2], &[0, 1, 2], tally(2));
    check(&[1, 1, 0, 1], &[0, 1], tally(2));
}

#[test]
fn an_early_message_waits_for_those_before_it() {
    check(&[2, 1, 0, 4, 3], &[0, 1, 2, 3, 4], Tally::default());
}

#[test]
fn a_gap_is_declared_when_too_many_wait_and_at_the_end() {
    let tally = |missing| Tally {
        missing,
        ..Tally::default()
    };
    check(&[0, 2, 3, 4, 5], &[0, 2, 3, 4, 5], tally(1));
    check(&[0, 5, 9], &[0, 5, 9], tally(7));
    check(&[3], &[3], tally(3));
    check(&[], &[], tally(0));
}

#[test]
fn what_comes_after_its_gap_is_late_and_what_comes_again_is_a_duplicate() {
    let tally = Tally {
        missing: 1,
        late: 1,
        duplicates: 1,
        ..Tally::default()
    };
    check(&[0, 2, 3, 4, 1, 2], &[0, 2, 3, 4], tally);
}

#[test]
fn the_highest_number_there_can_be_is_one_gap() {
    let tally = Tally {
        missing: 9_999_999,
        ..Tally::default()
    };
    check(&[9_999_999], &[9_999_999], tally);
}

#[test]
fn readings_that_overlap_pass_once() {
    let messages = [
        message(0, &[0, 5, 5, 10]),
        message(1, &[5, 10, 15]),
        message(2, &[3]),
    ];
    let all = pass(Config::default(), messages);
    let times = |message: &Message| match &message.content {
        Content::Samples(batch) => batch.samples.iter().map(|s| s.t_us).collect::<Vec<_>>(),
        _ => vec![],
    };
    assert_eq!(
        all.ready.iter().map(times).collect::<Vec<_>>(),
        [vec![0, 5, 10], vec![15], vec![]]
    );
    assert_eq!(
        all.tally,
        Tally {
            repeated_samples: 4,
            ..Tally::default()
        }
    );
}

#[test]
fn trips_do_not_wait_for_each_other() {
    let mut intake = Intake::default();
    let other = TripKey {
        device: "d-2".parse().expect("a device"),
        ..key()
    };
    assert!(intake.admit(&key(), plain(1)).ready.is_empty());
    assert_eq!(intake.admit(&other, plain(0)).ready.len(), 1);
    assert_eq!(intake.open().cloned().collect::<Vec<_>>(), [key(), other]);
}

proptest! {
    /// Each message is delayed by less than the window, and some come again at any time later.
    #[test]
    fn any_order_within_the_window_and_any_repeats_give_the_same_batches(
        delays in prop::collection::vec((0..64_u32, prop::option::of(0..500_u32)), 1..200),
    ) {
        let count = delays.len() as u32;
        let mut arrivals: Vec<(u32, u32)> = Vec::new();
        for (seq, (delay, again)) in (0..).zip(delays) {
            arrivals.push((seq + delay, seq));
            arrivals.extend(again.map(|later| (seq + delay + later, seq)));
        }
        arrivals.sort_by_key(|&(at, _)| at);
        let repeats = arrivals.len() as u64 - u64::from(count);
        let all = pass(Config::default(), arrivals.into_iter().map(|(_, seq)| plain(seq)));
        let straight = pass(Config::default(), (0..count).map(plain));
        prop_assert_eq!(all.ready, straight.ready);
        prop_assert_eq!(all.tally, Tally { duplicates: repeats, ..Tally::default() });
    }

    /// Whatever comes, numbers only rise, times only rise, and every message is accounted for.
    #[test]
    fn whatever_comes_passes_in_order_and_is_accounted_for(
        arrivals in prop::collection::vec((0..40_u32, -50..50_i64), 0..120),
        max_early in 0..8_usize,
    ) {
        let config = Config { max_early, max_gaps: 1024 };
        let total = arrivals.len() as u64;
        let all = pass(config, arrivals.iter().map(|&(seq, t_us)| message(seq, &[t_us, t_us])));
        let numbers: Vec<_> = all.ready.iter().map(|it| it.seq).collect();
        prop_assert!(numbers.is_sorted_by(|a, b| a < b));
        let times: Vec<_> = all.ready.iter().flat_map(|it| match &it.content {
            Content::Samples(batch) => batch.samples.iter().map(|s| s.t_us).collect(),
            _ => vec![],
        }).collect();
        prop_assert!(times.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(numbers.len() as u64 + all.tally.duplicates + all.tally.late, total);
        let highest = numbers.last().map_or(0, |&last| last + 1);
        prop_assert_eq!(numbers.len() as u32 + all.tally.missing, highest);
    }
}
