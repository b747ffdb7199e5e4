//! What people marked, which of it a detector is asked for, and how near is near enough.

use std::fmt;

use trip::Position;

/// One mark of a person on a drive.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// When it begins, µs on the clock of the trace.
    pub begin_us: i64,
    /// When it ends, not before it begins.
    pub end_us: i64,
    /// What it is: a [`trip::Kind`] or any other word.
    pub kind: String,
    /// Where it truly is, on made drives.
    pub place: Option<Position>,
}

impl Mark {
    /// How far a moment lies outside the mark, µs; 0 within it.
    pub fn distance_us(&self, t_us: i64) -> i64 {
        (self.begin_us - t_us).max(t_us - self.end_us).max(0)
    }
}

/// Which kinds of marks a detector is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Marks of these kinds are wanted.
    pub wanted: Vec<String>,
    /// What lies on marks of these kinds is neither hit nor false alarm.
    pub ignored: Vec<String>,
}

impl Selection {
    /// The marks of one drive, sorted out; marks of other kinds count as no marks.
    pub fn truth<'a>(&self, marks: &'a [Mark]) -> Truth<'a> {
        let of = |kinds: &[String]| marks.iter().filter(|m| kinds.contains(&m.kind)).collect();
        Truth {
            wanted: of(&self.wanted),
            ignored: of(&self.ignored),
        }
    }

    /// Only one of the kinds is wanted; the other wanted ones are ignored.
    pub fn only(&self, kind: &str) -> Self {
        let (wanted, others) = self.wanted.iter().cloned().partition(|word| word == kind);
        let others: Vec<String> = others;
        let ignored = self.ignored.iter().cloned().chain(others).collect();
        Self { wanted, ignored }
    }

    /// Whether a mark is wanted.
    pub fn wants(&self, mark: &Mark) -> bool {
        self.wanted.contains(&mark.kind)
    }
}

/// The marks of one drive that count.
#[derive(Clone, Debug, Default)]
pub struct Truth<'a> {
    /// What should be found.
    pub wanted: Vec<&'a Mark>,
    /// What may be found.
    pub ignored: Vec<&'a Mark>,
}

/// How long before and after a mark an event may be to be on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    before_us: i64,
    after_us: i64,
}

impl Tolerance {
    /// As much before as after, seconds.
    pub fn even(seconds: f64) -> Self {
        Self::new(seconds, seconds)
    }

    /// Before and after, seconds.
    pub fn new(before_s: f64, after_s: f64) -> Self {
        let us = |seconds: f64| (seconds * 1e6).round() as i64;
        Self {
            before_us: us(before_s),
            after_us: us(after_s),
        }
    }

    /// Before a mark, seconds.
    pub fn before_s(self) -> f64 {
        self.before_us as f64 / 1e6
    }

    /// After a mark, seconds.
    pub fn after_s(self) -> f64 {
        self.after_us as f64 / 1e6
    }

    /// From when to when an event is on the mark, µs, both ends included.
    pub fn span_us(self, mark: &Mark) -> (i64, i64) {
        (mark.begin_us - self.before_us, mark.end_us + self.after_us)
    }

    /// Whether a moment is on the mark.
    pub fn holds(self, mark: &Mark, t_us: i64) -> bool {
        let (begin_us, end_us) = self.span_us(mark);
        begin_us <= t_us && t_us <= end_us
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.before_us == self.after_us {
            write!(f, "±{:?} s", self.before_s())
        } else {
            write!(f, "−{:?}/+{:?} s", self.before_s(), self.after_s())
        }
    }
}
