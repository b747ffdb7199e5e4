mod drives;

use proptest::prelude::*;

use super::operating::{self, Counts};
use super::*;

fn selection() -> Selection {
    Selection {
        wanted: vec!["pothole".to_owned(), "speed_bump".to_owned()],
        ignored: vec!["joint".to_owned()],
    }
}

fn mark(begin_s: f64, end_s: f64, kind: &str) -> Mark {
    Mark {
        begin_us: (begin_s * 1e6) as i64,
        end_us: (end_s * 1e6) as i64,
        kind: kind.to_owned(),
        place: None,
    }
}

fn event(t_s: f64, score: f64) -> Event {
    Event {
        t_us: (t_s * 1e6) as i64,
        score,
    }
}

/// A drive by itself.
fn scene<'a>(marks: &'a [Mark], events: &[Event], ride: usize) -> Scene<'a> {
    Scene {
        ride,
        events: events.to_vec(),
        truth: selection().truth(marks),
    }
}

/// Hits of the best of all pairings, tried one by one.
fn most_pairs(events: &[Event], truth: &Truth<'_>, taken: &mut [bool], near: Tolerance) -> usize {
    let Some((event, rest)) = events.split_first() else {
        return 0;
    };
    let mut most = most_pairs(rest, truth, taken, near);
    for number in 0..truth.wanted.len() {
        if !taken[number] && near.holds(truth.wanted[number], event.t_us) {
            taken[number] = true;
            most = most.max(1 + most_pairs(rest, truth, taken, near));
            taken[number] = false;
        }
    }
    most
}

/// Hits and false alarms of the `count` highest events of all scenes, paired from scratch: each in
/// turn looks at every mark.
fn dumb_counts(scenes: &[Scene<'_>], count: usize, near: Tolerance) -> (usize, usize) {
    let mut ranked = Vec::new();
    for (number, scene) in scenes.iter().enumerate() {
        ranked.extend(scene.events.iter().map(|event| (number, *event)));
    }
    ranked.sort_by(|a, b| {
        let by_score = b.1.score.total_cmp(&a.1.score);
        by_score.then(a.0.cmp(&b.0)).then(a.1.t_us.cmp(&b.1.t_us))
    });
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let mut false_alarms = 0;
    for (number, event) in ranked.into_iter().take(count) {
        let truth = &scenes[number].truth;
        let mut nearest: Option<(i64, i64, usize)> = None;
        for (at, mark) in truth.wanted.iter().enumerate() {
            let way = (mark.distance_us(event.t_us), mark.begin_us, at);
            let free = !taken.contains(&(number, at));
            if free && near.holds(mark, event.t_us) && nearest.is_none_or(|it| way < it) {
                nearest = Some(way);
            }
        }
        match nearest {
            Some((.., at)) => taken.push((number, at)),
            None if truth.ignored.iter().any(|m| near.holds(m, event.t_us)) => {}
            None => false_alarms += 1,
        }
    }
    (taken.len(), false_alarms)
}

/// The mean over marks of the best precision at which at least so many are found.
fn dumb_average_precision(scenes: &[Scene<'_>], near: Tolerance) -> Option<f64> {
    let marks: usize = scenes.iter().map(|scene| scene.truth.wanted.len()).sum();
    let events: usize = scenes.iter().map(|scene| scene.events.len()).sum();
    let points: Vec<(usize, usize)> = (1..=events)
        .map(|count| dumb_counts(scenes, count, near))
        .collect();
    let mut sum = 0.0;
    for found in 1..=marks {
        let precise = points.iter().filter(|(hits, _)| *hits >= found);
        let precise = precise.map(|(hits, alarms)| *hits as f64 / (hits + alarms) as f64);
        sum += precise.fold(0.0, f64::max);
    }
    (marks > 0).then(|| sum / marks as f64)
}

/// Marks of a drive on a coarse grid, so that times coincide.
fn marks() -> impl Strategy<Value = Vec<Mark>> {
    let kinds = prop::sample::select(vec!["pothole", "speed_bump", "joint", "harsh_brake"]);
    let one = (0..24i32, 0..6i32, kinds).prop_map(|(begin, length, kind)| {
        let begin_s = f64::from(begin) / 2.0;
        mark(begin_s, begin_s + f64::from(length) / 2.0, kind)
    });
    prop::collection::vec(one, 0..6)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0..60i32, 0..8i32);
    prop::collection::vec(one, 0..7).prop_map(|all| {
        let one = |(t, score): (i32, i32)| event(f64::from(t) / 4.0, f64::from(score) / 4.0);
        let mut events: Vec<Event> = all.into_iter().map(one).collect();
        events.sort_by_key(|event| event.t_us);
        events
    })
}

fn tolerance() -> impl Strategy<Value = Tolerance> {
    (0..5i32, 0..5i32)
        .prop_map(|(before, after)| Tolerance::new(f64::from(before) / 2.0, f64::from(after) / 2.0))
}

proptest! {
    #[test]
    fn no_pairing_finds_more_marks(marks in marks(), events in events(), near in tolerance()) {
        let truth = selection().truth(&marks);
        let verdicts = matching::maximum(&events, &truth, near);
        let mut taken = vec![false; truth.wanted.len()];
        let most = most_pairs(&events, &truth, &mut taken, near);
        let mut hit = Vec::new();
        for (event, verdict) in events.iter().zip(&verdicts) {
            let on = |marks: &[&Mark]| marks.iter().any(|m| near.holds(m, event.t_us));
            match *verdict {
                Verdict::Hit(number) => {
                    prop_assert!(near.holds(truth.wanted[number], event.t_us));
                    hit.push(number);
                }
                Verdict::Ignored => prop_assert!(on(&truth.ignored)),
                Verdict::FalseAlarm => prop_assert!(!on(&truth.ignored)),
            }
        }
        prop_assert_eq!(hit.len(), most);
        hit.sort_unstable();
        hit.dedup();
        prop_assert_eq!(hit.len(), most);
    }

    #[test]
    fn average_precision_is_what_a_dumb_scorer_says(
        first in (marks(), events()), second in (marks(), events()), near in tolerance(),
    ) {
        let scenes = [scene(&first.0, &first.1, 0), scene(&second.0, &second.1, 1)];
        let curve = Curve::of(&scenes, near);
        let dumb = dumb_average_precision(&scenes, near);
        match (curve.average_precision(), dumb) {
            (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-12, "{} {}", a, b),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn a_ride_taken_twice_is_two_rides(
        first in (marks(), events()), second in (marks(), events()), near in tolerance(),
    ) {
        // Scores that differ, for copies of a ride stand together among equal scores.
        let apart = |events: &[Event], by: f64| -> Vec<Event> {
            let one = |(at, e): (usize, &Event)| Event { score: e.score + at as f64 * 1e-3 + by, ..*e };
            events.iter().enumerate().map(one).collect()
        };
        let (one, other) = (apart(&first.1, 0.0), apart(&second.1, 5e-4));
        let scenes = [scene(&first.0, &one, 0), scene(&second.0, &other, 1)];
        let copied = [scene(&first.0, &one, 0), scene(&first.0, &one, 1), scene(&first.0, &one, 2)];
        let drawn = Curve::of(&scenes, near).average_precision_of(&[3, 0]);
        let copied = Curve::of(&copied, near).average_precision();
        match (drawn, copied) {
            (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-12, "{} {}", a, b),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn no_threshold_is_better_than_the_best(
        first in (marks(), events()), second in (marks(), events()), near in tolerance(),
    ) {
        let scenes = [scene(&first.0, &first.1, 0), scene(&second.0, &second.1, 1)];
        let at = |threshold: f64| {
            let mut all = Counts::default();
            for scene in &scenes {
                all.add(operating::at(scene, threshold, near));
            }
            all
        };
        let best = operating::best(&scenes, near);
        prop_assert_eq!(best.is_none(), first.1.is_empty() && second.1.is_empty());
        if let Some((threshold, counts)) = best {
            prop_assert_eq!(at(threshold), counts);
            for other in first.1.iter().chain(&second.1) {
                prop_assert!(at(other.score).f1() <= counts.f1().or(Some(0.0)));
            }
        }
    }
}

#[test]
fn an_event_between_two_marks_is_not_wasted() {
    // The first event could take either mark, the second only the first one.
    let marks = [mark(10.0, 10.0, "pothole"), mark(11.0, 11.0, "pothole")];
    let events = [event(10.8, 2.0), event(9.2, 1.0)];
    let truth = selection().truth(&marks);
    let hits = |verdicts: Vec<Verdict>| operating::counts(&verdicts, &truth).hits;
    assert_eq!(
        hits(matching::maximum(&events, &truth, Tolerance::even(1.0))),
        2
    );
    // By falling score the nearest: here the same.
    let by_score = matching::by_falling_score(&events, &truth, Tolerance::even(1.0));
    assert_eq!(by_score, [Verdict::Hit(1), Verdict::Hit(0)]);
    // From 10.4 the first mark is nearer, and nothing is left for the weaker event.
    let events = [event(10.4, 2.0), event(9.2, 1.0)];
    let by_score = matching::by_falling_score(&events, &truth, Tolerance::even(1.0));
    assert_eq!(by_score, [Verdict::Hit(0), Verdict::FalseAlarm]);
    assert_eq!(
        hits(matching::maximum(&events, &truth, Tolerance::even(1.0))),
        2
    );
}

#[test]
fn both_ends_of_a_mark_count_and_no_microsecond_more() {
    let marks = [mark(10.0, 12.0, "pothole")];
    let truth = selection().truth(&marks);
    let on = |t_us| {
        let event = Event { t_us, score: 1.0 };
        let verdicts = matching::maximum(&[event], &truth, Tolerance::new(1.5, 2.5));
        verdicts == [Verdict::Hit(0)]
    };
    assert!(on(8_500_000) && on(14_500_000));
    assert!(!on(8_499_999) && !on(14_500_001));
}

#[test]
fn three_hits_among_five_events() {
    // hit, false alarm, hit, false alarm, hit: precision 1, 2/3, 3/5 at recall 1/4, 2/4, 3/4.
    let marks: Vec<Mark> = (1..=4)
        .map(|n| mark(10.0 * f64::from(n), 10.0 * f64::from(n), "pothole"))
        .collect();
    let events = [
        event(10.0, 5.0),
        event(14.0, 4.0),
        event(20.0, 3.0),
        event(24.0, 2.0),
        event(30.0, 1.0),
    ];
    let scenes = [scene(&marks, &events, 0)];
    let curve = Curve::of(&scenes, Tolerance::even(1.0));
    let expected = (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 4.0;
    assert!((curve.average_precision().expect("marks") - expected).abs() < 1e-12);
    assert_eq!(curve.recall_at(0.0), Some(0.25));
    assert_eq!(curve.recall_at(1.0), Some(0.5));
    assert_eq!(curve.recall_at(1.9), Some(0.5));
    assert_eq!(curve.recall_at(60.0), Some(0.75));
    let precisions: Vec<f64> = curve.points().iter().map(|point| point.precision).collect();
    assert_eq!(precisions, [1.0, 2.0 / 3.0, 0.6]);
    // F1: 2·1/(1+4), 2·1/(2+4), 2·2/(3+4), 2·2/(4+4), 2·3/(5+4) = 0.67, the highest.
    let (threshold, counts) = operating::best(&scenes, Tolerance::even(1.0)).expect("events");
    assert_eq!((threshold, counts.f1()), (1.0, Some(6.0 / 9.0)));
}

#[test]
fn the_envelope_lifts_a_bad_beginning() {
    // A false alarm first: precision 0, 1/2, 2/3 at recall 0, 1/2, 1. Envelope 2/3 throughout.
    let marks = [mark(10.0, 10.0, "pothole"), mark(20.0, 20.0, "speed_bump")];
    let events = [event(5.0, 3.0), event(10.0, 2.0), event(20.0, 1.0)];
    let curve = Curve::of(&[scene(&marks, &events, 0)], Tolerance::even(1.0));
    assert_eq!(curve.average_precision(), Some(2.0 / 3.0));
}

#[test]
fn what_lies_on_ignored_marks_counts_neither_way() {
    let marks = [mark(10.0, 10.0, "joint"), mark(20.0, 20.0, "harsh_brake")];
    let truth = selection().truth(&marks);
    let events = [event(9.5, 1.0), event(10.5, 1.0), event(20.0, 1.0)];
    let verdicts = matching::maximum(&events, &truth, Tolerance::even(1.0));
    let expected = [Verdict::Ignored, Verdict::Ignored, Verdict::FalseAlarm];
    assert_eq!(verdicts, expected);
    // Of one kind alone, the other wanted kinds are ignored.
    let only = selection().only("pothole");
    assert_eq!(only.wanted, ["pothole"]);
    assert_eq!(only.ignored, ["joint", "speed_bump"]);
}
