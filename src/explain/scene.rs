//! The stretch of time that is asked about.

use detector::{Config, Moment};
use trip::{Bump, Sample, SkipReason, Skipped};

use crate::evaluate::Mark;
use crate::pipeline::ClosedTrip;

/// A moment and how much around it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The moment, µs on the clock of the trace.
    pub at_us: i64,
    /// The picture's first moment.
    pub begin_us: i64,
    /// Its last one.
    pub end_us: i64,
}

impl Span {
    /// So many seconds with the moment in their middle.
    pub fn around(at_s: f64, seconds: f64) -> Self {
        let at_us = (at_s * 1e6).round() as i64;
        let half_us = (seconds * 5e5).round() as i64;
        Self {
            at_us,
            begin_us: at_us.saturating_sub(half_us),
            end_us: at_us.saturating_add(half_us),
        }
    }

    fn wider(self, by_us: i64) -> Self {
        Self {
            begin_us: self.begin_us.saturating_sub(by_us),
            end_us: self.end_us.saturating_add(by_us),
            ..self
        }
    }

    /// Whether something that lasts from one moment to another is to be seen.
    pub fn shows(&self, begin_us: i64, end_us: i64) -> bool {
        begin_us <= self.end_us && self.begin_us <= end_us
    }
}

/// Everything that is known about a stretch of one trip, each list in order of time.
#[derive(Clone, Debug)]
pub struct Scene<'a> {
    /// The name of the trace.
    pub name: &'a str,
    /// What the detector judged by.
    pub config: &'a Config,
    /// The moment and what is shown around it.
    pub span: Span,
    /// The accelerometer's readings.
    pub samples: &'a [Sample],
    /// The vertical signal, µs and m/s², with the seconds that a window reaches further.
    pub vertical: &'a [(i64, f32)],
    /// What was made of each moment.
    pub moments: &'a [Moment],
    /// Bumps and candidates.
    pub found: Vec<&'a Bump>,
    /// What people marked; `None` where nobody looked.
    pub marks: Option<Vec<&'a Mark>>,
    /// Time without any moment, and why.
    pub unseen: Vec<Skipped>,
}

/// Marks, bumps and candidates this far outside the picture are still known, µs: sentences name the
/// nearest ones.
const BEYOND_US: i64 = 10_000_000;

impl<'a> Scene<'a> {
    /// What a trip holds of a span.
    pub fn cut(
        name: &'a str,
        config: &'a Config,
        trip: &'a ClosedTrip,
        samples: &'a [Sample],
        marks: Option<&'a [Mark]>,
        span: Span,
    ) -> Self {
        let report = &trip.evidence.report;
        let (vertical, moments) =
            (trip.watch.as_ref()).map_or((&[][..], &[][..]), |w| (&w.vertical[..], &w.moments[..]));
        let wide = span.wider(BEYOND_US);
        let all = report.bumps.iter().chain(&report.candidates);
        let mut found: Vec<&Bump> = all
            .filter(|bump| wide.shows(bump.peak_us, bump.peak_us))
            .collect();
        found.sort_by_key(|bump| bump.peak_us);
        let shown = |mark: &&Mark| wide.shows(mark.begin_us, mark.end_us);
        let reach = span.wider((config.window.length_s * 1e6) as i64);
        Self {
            name,
            config,
            span,
            samples: between(samples, |s| s.t_us, span.begin_us, span.end_us),
            vertical: between(vertical, |v| v.0, reach.begin_us, reach.end_us),
            moments: between(moments, |m| m.t_us, span.begin_us, span.end_us),
            found,
            marks: marks.map(|marks| marks.iter().filter(shown).collect()),
            unseen: (report.skipped.iter())
                .filter(|s| is_unseen(s.reason) && span.shows(s.begin_us, s.end_us))
                .copied()
                .collect(),
        }
    }

    /// From when to when marks, bumps and candidates are known, µs.
    pub fn known_us(&self) -> (i64, i64) {
        let wide = self.span.wider(BEYOND_US);
        (wide.begin_us, wide.end_us)
    }

    /// Whether a bump reaches the threshold.
    pub fn is_bump(&self, bump: &Bump) -> bool {
        f64::from(bump.score) >= self.config.trigger.threshold
    }

    /// The moment nearest to a time.
    pub fn moment_at(&self, t_us: i64) -> Option<&'a Moment> {
        self.moments.iter().min_by_key(|m| (m.t_us - t_us).abs())
    }

    /// The moment at which a bump has its score.
    pub fn moment_of(&self, bump: &Bump) -> Option<&'a Moment> {
        let scores = |m: &&Moment| m.score == bump.score || m.impact_score == Some(bump.score);
        let near = (self.moments.iter()).filter(|m| (m.t_us - bump.peak_us).abs() <= NEAR_US);
        let exact = near.filter(scores);
        let nearest = exact.min_by_key(|m| (m.t_us - bump.peak_us).abs());
        nearest.or_else(|| self.moment_at(bump.peak_us))
    }
}

/// A bump's time lies within a hop of the moment that gave its score, µs.
const NEAR_US: i64 = 250_000;

/// Reasons that leave no moments behind.
fn is_unseen(reason: SkipReason) -> bool {
    matches!(
        reason,
        SkipReason::Gap | SkipReason::LowRate | SkipReason::NoSamples
    )
}

/// The part of a sorted list between two times, both included.
fn between<T>(list: &[T], time: impl Fn(&T) -> i64, begin_us: i64, end_us: i64) -> &[T] {
    let from = list.partition_point(|item| time(item) < begin_us);
    let to = list.partition_point(|item| time(item) <= end_us);
    list.get(from..to).unwrap_or_default()
}
