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
        course.hear(*day, i64::from(*day), voices);
    }
    course.on(days.last().map(|(day, _)| *day))
}

/// So many quiet passes of ten drivers, one a day, after a day on which six felt it in as many
/// passes.
fn after_quiet(passes: i32, words: &[(i32, Word)]) -> Belief {
    let config = Config::default();
    let mut course = Course::new(&config);
    course.hear(0, 0, &hits(6));
    for day in 1..=passes {
        for &(_, word) in words.iter().filter(|&&(said_on, _)| said_on == day - 1) {
            course.heed(day - 1, i64::from(day - 1) * DAY_US, word);
        }
        course.hear(day, i64::from(day), &[voice(day as u32 % 10, false)]);
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
    assert!(doubtful.confidence > 0.002, "{doubtful:?}");
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
    course.hear(0, 0, &hits(1));
    course.hear(1, 1, &quiet);
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
        course.hear(day, i64::from(day), &[voice(day as u32, false)]);
    }
    assert_ne!(course.on(Some(60)).state, EvidenceState::VerifiedGone);
}
