use proptest::prelude::*;

use super::*;
use crate::config::RateRule;
use crate::stamp::DAY_US;

/// What one driver of one season says on a day.
fn voice(number: u32, felt: bool) -> Voice {
    Voice {
        who: Who { season: 1, number },
        hits: u32::from(felt),
        misses: u32::from(!felt),
        rate: RateRule::default().of_nobody(),
        at_us: 0,
    }
}

fn hits(drivers: u32) -> Vec<Voice> {
    (0..drivers).map(|number| voice(number, true)).collect()
}

/// What is believed after some days, on the last of them.
fn believed(days: &[(i32, Vec<Voice>)]) -> Belief {
    let config = Config::default();
    let mut course = Course::new(&config);
    for (day, voices) in days {
        course.hear(*day, voices);
    }
    course.on(days.last().map(|(day, _)| *day))
}

/// So many quiet passes of ten drivers, one a day, after a day on which six felt it in as many
/// passes.
fn after_quiet(passes: i32, words: &[(i32, Word)]) -> Belief {
    let config = Config::default();
    let mut course = Course::new(&config);
    course.hear(0, &hits(6));
    for day in 1..=passes {
        for &(_, word) in words.iter().filter(|&&(said_on, _)| said_on == day - 1) {
            course.heed(day - 1, i64::from(day - 1) * DAY_US, word);
        }
        course.hear(day, &[voice(day as u32 % 10, false)]);
    }
    course.on(Some(passes))
}

#[test]
fn one_hit_is_worth_its_weight_over_the_prior() {
    let belief = believed(&[(0, hits(1))]);
    let expected = 1.0 / (1.0 + (3.892 - 3.758_f64).exp());
    assert!((belief.confidence - expected).abs() < 0.002, "{belief:?}");
}

#[test]
fn three_drivers_confirm_and_two_do_not() {
    assert_eq!(believed(&[(0, hits(2))]).state, EvidenceState::Candidate);
    let belief = believed(&[(0, hits(3))]);
    assert_eq!(belief.state, EvidenceState::Confirmed);
    assert_eq!(belief.moves.len(), 1);
    assert_eq!((belief.moves[0].hits, belief.moves[0].passes), (3, 3));
}

#[test]
fn drivers_of_two_seasons_may_be_the_same_and_are_not_added() {
    let later = (7..9).map(|number| Voice {
        who: Who { season: 2, number },
        ..voice(0, true)
    });
    let belief = believed(&[(0, hits(2)), (1, later.collect())]);
    assert_eq!(
        (belief.drivers, belief.state),
        (2, EvidenceState::Candidate)
    );
}

#[test]
fn a_day_of_one_driver_says_the_mean_of_its_passes() {
    let mixed = Voice {
        misses: 1,
        ..voice(0, true)
    };
    let belief = believed(&[(0, vec![mixed])]);
    assert_eq!((belief.hits, belief.passes), (1, 1));
    assert!(belief.confidence < believed(&[(0, hits(1))]).confidence);
    assert!(belief.confidence > believed(&[]).confidence);
}

#[test]
fn belief_halves_its_way_back_to_the_prior_in_45_days() {
    let log_odds = |belief: Belief| (belief.confidence / (1.0 - belief.confidence)).ln();
    let prior = log_odds(believed(&[]));
    let fresh = log_odds(believed(&[(0, hits(1))])) - prior;
    let old = log_odds(believed(&[(0, hits(1)), (45, Vec::new())])) - prior;
    assert!((old / fresh - 0.5).abs() < 1e-4, "{old} {fresh}");
}

#[test]
fn belief_is_capped_so_that_it_can_come_down() {
    let sure = believed(&[(0, hits(500))]);
    assert!(sure.confidence < 0.9992, "{sure:?}");
    let quiet = (0..1000).map(|number| voice(number, false)).collect();
    let doubtful = believed(&[(0, hits(500)), (1, quiet)]);
    assert!(doubtful.confidence > 0.0003, "{doubtful:?}");
}

#[test]
fn a_repair_shows_within_fifteen_quiet_passes_and_not_within_three() {
    assert_ne!(after_quiet(3, &[]).state, EvidenceState::VerifiedGone);
    assert_eq!(after_quiet(15, &[]).state, EvidenceState::VerifiedGone);
}

#[test]
fn a_claimed_repair_shows_within_six_quiet_passes() {
    let claimed = [(0, Word::RepairClaimed)];
    assert_ne!(after_quiet(2, &claimed).state, EvidenceState::VerifiedGone);
    assert_eq!(after_quiet(6, &claimed).state, EvidenceState::VerifiedGone);
}

#[test]
fn one_false_alarm_among_quiet_passes_does_not_hide_a_repair() {
    let mut days: Vec<(i32, Vec<Voice>)> = vec![(0, hits(6))];
    days.extend((1..20).map(|day| (day, vec![voice(day as u32 % 10, day == 5)])));
    assert_eq!(believed(&days).state, EvidenceState::VerifiedGone);
}

#[test]
fn one_driver_alone_cannot_declare_a_repair() {
    let mut days = vec![(0, hits(6))];
    days.extend((1..=30).map(|day| (day, vec![voice(0, false)])));
    assert_eq!(believed(&days).state, EvidenceState::Fading);
}

#[test]
fn a_candidate_is_dismissed_but_was_never_repaired() {
    let quiet: Vec<Voice> = (0..20).map(|number| voice(number, false)).collect();
    let config = Config::default();
    let mut course = Course::new(&config);
    course.hear(0, &hits(1));
    course.hear(1, &quiet);
    assert!(course.is_dismissed());
    let belief = course.on(Some(1));
    assert_eq!(belief.state, EvidenceState::Candidate);
    assert!(belief.confidence < 0.003);
}

#[test]
fn an_inspector_settles_it_either_way() {
    let config = Config::default();
    let mut found = Course::new(&config);
    found.heed(3, 3 * DAY_US, Word::Reported);
    assert_eq!(found.clone().on(Some(3)).state, EvidenceState::Candidate);
    found.heed(4, 4 * DAY_US, Word::Inspected(true));
    assert_eq!(found.clone().on(Some(4)).state, EvidenceState::Confirmed);
    found.heed(9, 9 * DAY_US, Word::Inspected(false));
    assert_eq!(found.on(Some(9)).state, EvidenceState::VerifiedGone);
}

#[test]
fn a_hole_that_drivers_go_around_is_not_gone_because_they_feel_nothing() {
    let config = Config::default();
    let mut course = Course::new(&config);
    course.heed(0, 0, Word::Inspected(true));
    for day in 1..=60 {
        course.hear(day, &[voice(day as u32, false)]);
    }
    assert_ne!(course.on(Some(60)).state, EvidenceState::VerifiedGone);
}

/// What may be heard of one hazard: a day's voice, or a word.
#[derive(Clone, Copy, Debug)]
enum Heard {
    Voice(u32, bool),
    Undated(u32, bool),
    Word(Word),
}

fn heard() -> impl Strategy<Value = Heard> {
    let word = prop_oneof![
        Just(Word::Reported),
        Just(Word::RepairClaimed),
        any::<bool>().prop_map(Word::Inspected),
    ];
    prop_oneof![
        20 => (0..8_u32, any::<bool>()).prop_map(|(who, felt)| Heard::Voice(who, felt)),
        8 => (0..8_u32).prop_map(|who| Heard::Voice(who, true)),
        1 => (0..8_u32, any::<bool>()).prop_map(|(who, felt)| Heard::Undated(who, felt)),
        1 => word.prop_map(Heard::Word),
    ]
}

/// What a course is after all of that, by days; the drivers of each season are others.
fn hear_all(course: &mut Course<'_>, from: usize, season: i32, heard: &[Heard]) {
    for (day, heard) in (from as i32..).zip(heard) {
        let at_us = i64::from(day) * DAY_US;
        let voice = |who, felt| Voice {
            who: Who {
                season,
                number: who + 8 * season as u32,
            },
            at_us,
            ..voice(0, felt)
        };
        match *heard {
            Heard::Voice(who, felt) => course.hear(day, &[voice(who, felt)]),
            Heard::Undated(who, felt) => course.hear_undated(&[voice(who, felt)]),
            Heard::Word(word) => course.heed(day, at_us, word),
        }
    }
}

proptest! {
    #[test]
    fn a_course_that_was_written_down_between_two_seasons_goes_on_as_it_would_have(
        heard in prop::collection::vec(heard(), 1..160),
        cut in 0..160_usize,
    ) {
        let config = Config::default();
        let (first, second) = heard.split_at(cut.min(heard.len()));
        let mut whole = Course::new(&config);
        hear_all(&mut whole, 0, 1, first);
        let line = serde_json::to_string(&whole.clone().condensed()).unwrap();
        let mut resumed = Course::resumed(&config, &serde_json::from_str(&line).unwrap());
        for course in [&mut whole, &mut resumed] {
            hear_all(course, first.len(), 2, second);
        }
        prop_assert_eq!(whole.is_dismissed(), resumed.is_dismissed());
        prop_assert_eq!(whole.clone().condensed(), resumed.clone().condensed());
        let last = Some(heard.len() as i32);
        prop_assert_eq!(whole.on(last), resumed.on(last));
    }
}

#[test]
fn hits_of_a_place_that_was_dismissed_between_them_do_not_add_up() {
    let config = Config::default();
    let after = |is_dismissed: bool| {
        let mut course = Course::new(&config);
        for day in 0..40 {
            let who = day as u32 % 8;
            course.hear(day, &[voice(who, true)]);
            (0..4).for_each(|other| course.hear(day, &[voice(8 + other, false)]));
            if is_dismissed {
                course.dismiss(0);
            }
        }
        course.on(Some(40)).state
    };
    // With more of the same nobody knows, and a hole that is felt by one in five is one.
    assert_eq!(after(false), EvidenceState::Confirmed);
    assert_eq!(after(true), EvidenceState::Candidate);
}
