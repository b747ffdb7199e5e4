use super::*;

const MONDAY: i32 = 20_458;

fn taught(lesson: &Lesson) -> Rate {
    RateRule::default().rate(&Lesson::default(), lesson)
}

#[test]
fn three_trips_do_not_make_a_reputation() {
    let nobody = RateRule::default().of_nobody();
    assert!((nobody.detection() - 0.6).abs() < 1e-3);
    assert!((nobody.false_alarm(20.0) - 0.014).abs() < 1e-4);
    let three = Lesson {
        missed: 3,
        able_m: 3_000,
        ..Lesson::default()
    };
    assert!(taught(&three).detection() > 0.45);
}

#[test]
fn who_invents_is_believed_less_and_who_feels_nothing_is_not_missed() {
    let liar = taught(&Lesson {
        alone: 60,
        able_m: 30_000,
        ..Lesson::default()
    });
    assert!(liar.false_alarm(20.0) > 0.02);
    let deaf = taught(&Lesson {
        missed: 90,
        ..Lesson::default()
    });
    assert!(deaf.detection() < 0.07);
}

#[test]
fn of_whom_little_is_known_is_taken_for_the_usual_one() {
    let usual = Lesson {
        felt: 900,
        missed: 100,
        ..Lesson::default()
    };
    let rate = RateRule::default().rate(&usual, &Lesson::default());
    assert!(rate.detection() > 0.89, "{rate:?}");
}

/// A log of days, each with who felt it and who did not, and what it all leans to.
fn log(leaning: Leaning, days: &[(i32, &[u32], &[u32])]) -> Log {
    let mut log = Log::default();
    for (day, felt, missed) in days {
        let said = |driver: &u32, hits: u8| Said {
            driver: *driver,
            generation: 0,
            hits,
            misses: 1 - hits,
            at_us: 0,
        };
        let mut voices: Vec<Said> = felt.iter().map(|driver| said(driver, 1)).collect();
        voices.extend(missed.iter().map(|driver| said(driver, 0)));
        voices.sort_by_key(|said| said.driver);
        log.add(Some(*day), 0, &voices, leaning);
    }
    log
}

fn learnt(log: &Log) -> Lessons {
    let mut lessons = Lessons::default();
    lessons.learn(log, &RateRule::default());
    lessons
}

#[test]
fn a_place_that_three_others_felt_teaches_and_only_from_the_next_week_on() {
    let days: [(i32, &[u32], &[u32]); 2] = [(MONDAY, &[1, 2, 3], &[9]), (MONDAY + 1, &[1], &[9])];
    let lessons = learnt(&log(Leaning::Stands, &days));
    let rule = RateRule::default();
    let rates = lessons.rates(&rule);
    let detection = |day| rates.of(9, 0, Some(day)).detection();
    assert_eq!(detection(MONDAY + 6), 0.6);
    assert!(detection(MONDAY + 7) < 0.55);
    assert_eq!(rates.of(9, 0, None), rule.of_nobody());
    assert!(learnt(&log(Leaning::Open, &days)).drivers.is_empty());
}

#[test]
fn nobody_teaches_himself_and_a_place_that_is_quiet_since_teaches_nothing() {
    let two_and_oneself = learnt(&log(Leaning::Stands, &[(MONDAY, &[1, 2, 9], &[])]));
    assert!(two_and_oneself.drivers.is_empty());
    let repaired: [(i32, &[u32], &[u32]); 2] = [(MONDAY, &[1, 2, 3], &[]), (MONDAY + 1, &[], &[9])];
    let repaired = learnt(&log(Leaning::Stands, &repaired));
    assert!(!repaired.drivers.contains_key(&(9, week_of(MONDAY))));
}

#[test]
fn a_bump_where_nothing_is_was_a_false_alarm_once() {
    let few: (i32, &[u32], &[u32]) = (MONDAY, &[9], &[1, 2, 3, 4, 5]);
    assert!(learnt(&log(Leaning::Empty, &[few])).drivers.is_empty());
    let enough: [(i32, &[u32], &[u32]); 3] =
        [few, (MONDAY + 7, &[], &[6]), (MONDAY + 14, &[], &[7])];
    let alone = |leaning| -> u32 {
        let lessons = learnt(&log(leaning, &enough));
        lessons.drivers.values().map(|lesson| lesson.alone).sum()
    };
    assert_eq!([Leaning::Empty, Leaning::Open].map(alone), [1, 0]);
}
