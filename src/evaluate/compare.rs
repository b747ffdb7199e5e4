//! Two configurations on the same drives, event by event.

use serde::Serialize;

use super::{Drive, Event, Selection, Tolerance, Verdict, matching};

/// What became of one event under one configuration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// When, s on the clock of the trace.
    pub t_s: f64,
    /// Its score.
    pub score: f64,
    /// What it is at the threshold.
    pub fate: Fate,
}

/// What an event is at a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Its score is too low.
    Below,
    /// It is on a mark of this kind.
    Hit(String),
    /// It is on an ignored mark.
    Ignored,
    /// It is on no mark.
    FalseAlarm,
}

/// An event that the two configurations do not see alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The file.
    pub trace: String,
    /// Under the first configuration; `None` where it has no such event at all.
    pub a: Option<Seen>,
    /// Under the second one.
    pub b: Option<Seen>,
}

/// How many events at the threshold became what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// On a wanted mark.
    pub hits: u64,
    /// On no mark.
    pub false_alarms: u64,
    /// On an ignored mark.
    pub ignored: u64,
}

/// What changes from one configuration to the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// The events that change, in the order of the drives and of time.
    pub changes: Vec<Change>,
    /// Events that both find.
    pub both: u64,
    /// Events that only the first finds, as it sees them.
    pub only_a: Tally,
    /// Events that only the second finds, as it sees them.
    pub only_b: Tally,
    /// All that the first finds.
    pub all_a: Tally,
    /// All that the second finds.
    pub all_b: Tally,
    /// Wanted marks.
    pub marks: u64,
}

/// Peaks this near to each other, µs, are one event: less than the time in which either detector
/// gives two.
const SAME_EVENT_US: i64 = 500_000;

impl Tally {
    fn add(&mut self, fate: &Fate) {
        match fate {
            Fate::Below => {}
            Fate::Hit(_) => self.hits += 1,
            Fate::Ignored => self.ignored += 1,
            Fate::FalseAlarm => self.false_alarms += 1,
        }
    }

    /// Events in all.
    pub fn events(self) -> u64 {
        self.hits + self.false_alarms + self.ignored
    }
}

impl Comparison {
    /// Adds one drive as both configurations judged it, each at its own threshold.
    pub fn add(
        &mut self,
        drives: [&Drive; 2],
        thresholds: [f64; 2],
        selection: &Selection,
        tolerance: Tolerance,
    ) {
        let seen = |side: usize| seen(drives[side], thresholds[side], selection, tolerance);
        let [a, b] = [seen(0), seen(1)];
        self.marks += selection.truth(drives[0].marks()).wanted.len() as u64;
        a.iter().for_each(|seen| self.all_a.add(&seen.fate));
        b.iter().for_each(|seen| self.all_b.add(&seen.fate));
        for (a, b) in paired(a, b) {
            let is_found = |seen: &Option<Seen>| seen.as_ref().is_some_and(Seen::is_found);
            let same = match (&a, &b) {
                (Some(a), Some(b)) => a.fate == b.fate,
                (one, other) => !is_found(one) && !is_found(other),
            };
            match (is_found(&a), is_found(&b)) {
                (true, true) => self.both += 1,
                (true, false) => a.iter().for_each(|seen| self.only_a.add(&seen.fate)),
                (false, true) => b.iter().for_each(|seen| self.only_b.add(&seen.fate)),
                (false, false) => {}
            }
            if !same {
                let trace = drives[0].trace.clone();
                self.changes.push(Change { trace, a, b });
            }
        }
    }
}

impl Seen {
    fn is_found(&self) -> bool {
        self.fate != Fate::Below
    }

    fn t_us(&self) -> i64 {
        (self.t_s * 1e6).round() as i64
    }
}

/// Every event of a drive, in order of time.
fn seen(drive: &Drive, threshold: f64, selection: &Selection, tolerance: Tolerance) -> Vec<Seen> {
    let truth = selection.truth(drive.marks());
    let events = drive.events();
    let is_found = |event: &Event| event.score >= threshold;
    let found: Vec<Event> = events.iter().copied().filter(is_found).collect();
    let mut verdicts = matching::maximum(&found, &truth, tolerance).into_iter();
    let seen = events.iter().map(|event| {
        let verdict = is_found(event).then(|| verdicts.next()).flatten();
        Seen {
            t_s: event.t_us as f64 / 1e6,
            score: event.score,
            fate: match verdict {
                None => Fate::Below,
                Some(Verdict::Hit(number)) => Fate::Hit(truth.wanted[number].kind.clone()),
                Some(Verdict::Ignored) => Fate::Ignored,
                Some(Verdict::FalseAlarm) => Fate::FalseAlarm,
            },
        }
    });
    seen.collect()
}

/// The events of both sides, the same one beside itself, in order of time. Events that both find are
/// paired first, then those that one finds, so that no faint neighbour takes the place of the event.
fn paired(a: Vec<Seen>, b: Vec<Seen>) -> Vec<(Option<Seen>, Option<Seen>)> {
    let mut near: Vec<(usize, i64, usize, usize)> = Vec::new();
    let mut from = 0;
    for (i, one) in a.iter().enumerate() {
        let t_us = one.t_us();
        from += b[from..]
            .iter()
            .take_while(|o| o.t_us() < t_us - SAME_EVENT_US)
            .count();
        let within = b[from..].iter().enumerate();
        let within = within.take_while(|(_, other)| other.t_us() <= t_us + SAME_EVENT_US);
        near.extend(within.map(|(j, other)| {
            let faint = usize::from(!one.is_found()) + usize::from(!other.is_found());
            (faint, (other.t_us() - t_us).abs(), i, from + j)
        }));
    }
    near.sort_unstable();
    let mut partner = vec![None; a.len()];
    let mut taken = vec![false; b.len()];
    for (_, _, i, j) in near {
        if partner[i].is_none() && !taken[j] {
            partner[i] = Some(j);
            taken[j] = true;
        }
    }
    let mut b: Vec<Option<Seen>> = b.into_iter().map(Some).collect();
    let mut pairs: Vec<(Option<Seen>, Option<Seen>)> = (a.into_iter().zip(partner))
        .map(|(one, partner)| (Some(one), partner.and_then(|j| b[j].take())))
        .collect();
    pairs.extend(b.into_iter().flatten().map(|other| (None, Some(other))));
    pairs.sort_by_key(|(a, b)| a.as_ref().or(b.as_ref()).map(Seen::t_us));
    pairs
}
