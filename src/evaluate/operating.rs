//! Precision and recall at one threshold.

use serde::Serialize;

use super::{Event, Scene, Tolerance, Truth, Verdict, matching};

/// What a threshold gave, in counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Marks that were found.
    pub hits: u64,
    /// Events that are on no mark.
    pub false_alarms: u64,
    /// Marks in all.
    pub marks: u64,
}

impl Counts {
    /// Share of the events that are hits; `None` without events.
    pub fn precision(self) -> Option<f64> {
        ratio(self.hits, self.hits + self.false_alarms)
    }

    /// Share of the marks that were found; `None` without marks.
    pub fn recall(self) -> Option<f64> {
        ratio(self.hits, self.marks)
    }

    /// The harmonic mean of both; `None` without marks and events.
    pub fn f1(self) -> Option<f64> {
        ratio(2 * self.hits, self.hits + self.false_alarms + self.marks)
    }

    /// Adds the counts of another drive.
    pub fn add(&mut self, other: Self) {
        self.add_times(other, 1);
    }

    /// Adds the counts of another drive, taken so many times.
    pub fn add_times(&mut self, other: Self, times: u64) {
        self.hits += times * other.hits;
        self.false_alarms += times * other.false_alarms;
        self.marks += times * other.marks;
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Counts verdicts.
pub fn counts(verdicts: &[Verdict], truth: &Truth<'_>) -> Counts {
    let alarms = verdicts.iter().filter(|v| **v == Verdict::FalseAlarm);
    let hits = verdicts.iter().filter(|v| matches!(v, Verdict::Hit(_)));
    Counts {
        hits: hits.count() as u64,
        false_alarms: alarms.count() as u64,
        marks: truth.wanted.len() as u64,
    }
}

/// The counts of one drive at a threshold, by a maximum matching.
pub fn at(scene: &Scene<'_>, threshold: f64, tolerance: Tolerance) -> Counts {
    let above: Vec<Event> = above(&scene.events, threshold).copied().collect();
    counts(
        &matching::maximum(&above, &scene.truth, tolerance),
        &scene.truth,
    )
}

/// The events that reach a threshold.
pub fn above(events: &[Event], threshold: f64) -> impl Iterator<Item = &Event> {
    events.iter().filter(move |event| event.score >= threshold)
}

/// The threshold with the highest F1 and its counts; of equal ones the highest threshold. `None`
/// without an event.
pub fn best(scenes: &[Scene<'_>], tolerance: Tolerance) -> Option<(f64, Counts)> {
    let mut ranked: Vec<(usize, Event)> = Vec::new();
    for (number, scene) in scenes.iter().enumerate() {
        ranked.extend(scene.events.iter().map(|&event| (number, event)));
    }
    ranked.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
    let mut taken: Vec<Vec<Event>> = vec![Vec::new(); scenes.len()];
    let mut of_scene: Vec<Counts> = Vec::new();
    let mut all = Counts::default();
    for scene in scenes {
        let counts = counts(&[], &scene.truth);
        of_scene.push(counts);
        all.add(counts);
    }
    let mut best: Option<(f64, Counts)> = None;
    for (place, &(number, event)) in ranked.iter().enumerate() {
        let truth = &scenes[number].truth;
        taken[number].push(event);
        let on_mark = |mark: &&super::Mark| tolerance.holds(mark, event.t_us);
        if truth.wanted.iter().any(on_mark) {
            let before = of_scene[number];
            let after = counts(&matching::maximum(&taken[number], truth, tolerance), truth);
            all.hits = all.hits - before.hits + after.hits;
            all.false_alarms = all.false_alarms - before.false_alarms + after.false_alarms;
            of_scene[number] = after;
        } else if !truth.ignored.iter().any(on_mark) {
            // On no mark, it cannot change what became of the others.
            all.false_alarms += 1;
            of_scene[number].false_alarms += 1;
        }
        let last_of_score = ranked
            .get(place + 1)
            .is_none_or(|next| next.1.score < event.score);
        let f1 = |counts: Counts| counts.f1().unwrap_or(0.0);
        if last_of_score && best.is_none_or(|(_, counts)| f1(all) > f1(counts)) {
            best = Some((event.score, all));
        }
    }
    best
}
