use super::*;
use crate::stamp::Season;

/// A pass of a driver of one season.
fn pass(driver: usize, day: i32, outcome: Outcome) -> Pass {
    Pass {
        who: Who {
            season: Season::Quarter {
                year: 2026,
                quarter: 1,
            },
            number: driver,
        },
        day: Day::Dated(day),
        dated_us: None,
        outcome,
    }
}

fn believed(passes: &[Pass], as_of_day: i32) -> Belief {
    fold(passes, Some(as_of_day), &Config::default())
}

fn hits(drivers: usize) -> Vec<Pass> {
    (0..drivers)
        .map(|driver| pass(driver, 0, Outcome::Hit))
        .collect()
}

#[test]
fn one_hit_is_worth_its_weight_over_the_prior() {
    let belief = believed(&hits(1), 0);
    let expected = 1.0 / (1.0 + (3.892 - 3.758_f64).exp());
    assert!((belief.confidence - expected).abs() < 0.001, "{belief:?}");
}

#[test]
fn three_drivers_confirm_and_two_do_not() {
    assert_eq!(believed(&hits(2), 0).state, EvidenceState::Candidate);
    assert_eq!(believed(&hits(3), 0).state, EvidenceState::Confirmed);
}

#[test]
fn three_hits_in_five_passes_confirm() {
    let misses = (3..5).map(|driver| pass(driver, 0, Outcome::Miss));
    let belief = believed(&hits(3).into_iter().chain(misses).collect::<Vec<_>>(), 0);
    assert_eq!((belief.hits, belief.passes), (3, 5));
    assert_eq!(belief.state, EvidenceState::Confirmed);
}

#[test]
fn drivers_of_two_seasons_may_be_the_same_and_are_not_added() {
    let mut passes = hits(2);
    for number in 7..9 {
        let mut later = pass(number, 1, Outcome::Hit);
        later.who.season = Season::Quarter {
            year: 2026,
            quarter: 2,
        };
        passes.push(later);
    }
    let belief = believed(&passes, 1);
    assert_eq!(
        (belief.drivers, belief.state),
        (2, EvidenceState::Candidate)
    );
}

#[test]
fn a_day_of_one_driver_says_the_mean_of_its_passes() {
    let mixed = [pass(0, 0, Outcome::Hit), pass(0, 0, Outcome::Miss)];
    let belief = believed(&mixed, 0);
    assert_eq!((belief.hits, belief.passes), (1, 1));
    assert!(belief.confidence < believed(&hits(1), 0).confidence);
    assert!(belief.confidence > fold(&[], None, &Config::default()).confidence);
}

#[test]
fn belief_halves_its_way_back_to_the_prior_in_45_days() {
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    let prior = log_odds(fold(&[], None, &Config::default()).confidence);
    let fresh = log_odds(believed(&hits(1), 0).confidence) - prior;
    let old = log_odds(believed(&hits(1), 45).confidence) - prior;
    assert!((old / fresh - 0.5).abs() < 1e-4, "{old} {fresh}");
}

#[test]
fn belief_is_capped_so_that_it_can_come_down() {
    let sure = believed(&hits(500), 0);
    assert!(sure.confidence < 0.9992, "{sure:?}");
    let quiet: Vec<Pass> = (0..1000)
        .map(|driver| pass(driver, 1, Outcome::Miss))
        .collect();
    let doubtful = believed(&[hits(500), quiet].concat(), 1);
    assert!(doubtful.confidence > 0.002, "{doubtful:?}");
}

#[test]
fn eight_quiet_passes_in_a_row_are_chance_and_nine_are_a_repair() {
    let quiet = |passes: usize| {
        let quiet = (0..passes).map(|n| pass(n % 3, 1 + (n / 3) as i32, Outcome::Miss));
        believed(&hits(6).into_iter().chain(quiet).collect::<Vec<_>>(), 4).state
    };
    assert_eq!(quiet(8), EvidenceState::Fading);
    assert_eq!(quiet(9), EvidenceState::VerifiedGone);
}

#[test]
fn one_driver_alone_cannot_declare_a_repair() {
    let quiet = (1..=30).map(|day| pass(0, day, Outcome::Miss));
    let belief = believed(&hits(6).into_iter().chain(quiet).collect::<Vec<_>>(), 30);
    assert_eq!(belief.state, EvidenceState::Fading);
}

#[test]
fn a_candidate_is_dismissed_but_was_never_repaired() {
    let quiet = (0..20).map(|n| pass(n, 1, Outcome::Miss));
    let belief = believed(&hits(1).into_iter().chain(quiet).collect::<Vec<_>>(), 1);
    assert_eq!(belief.state, EvidenceState::Candidate);
    assert!(belief.confidence < 0.003);
}
