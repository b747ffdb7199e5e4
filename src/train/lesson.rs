//! A marked recording, and what the detector made of it under some configuration.

use detector::{BodyFeatures, Config, Detector, Moment};
use trip::{Batch, Bump, Report};

use crate::evaluate::{Drive, Event, Recording, Scene, Selection};

/// A recording to learn from.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// The recording with its marks, not judged.
    pub drive: Drive,
    /// The batches of each trip in it.
    trips: Vec<Vec<Batch>>,
}

/// What the detector said of a lesson.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Everything both channels found, in order of time.
    pub events: Vec<Event>,
    /// Those of which the body channel had a score.
    pub candidates: Vec<Candidate>,
}

/// A moment at which the body channel may have seen a jolt.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// When, and the body channel's score.
    pub event: Event,
    /// What the score was made of, in the order of [`BodyFeatures::NAMES`].
    pub features: Vec<f64>,
}

impl Lesson {
    /// Takes a recording's readings as the intake lets them through.
    pub fn of(recording: &Recording) -> Self {
        Self {
            drive: recording.drive(),
            trips: recording.batches().into_values().collect(),
        }
    }

    /// What the detector says of it.
    pub fn judged(&self, config: &Config) -> Judged {
        let mut judged = Judged::default();
        for batches in &self.trips {
            let mut detector = Detector::watching(config.clone());
            let mut report = Report::default();
            for batch in batches {
                report.append(detector.push(batch));
            }
            let (rest, watch) = detector.finish_watched();
            report.append(rest);
            for bump in report.bumps.iter().chain(&report.candidates) {
                judged.events.push(event(bump, bump.score));
                judged.candidates.extend(candidate(&watch.moments, bump));
            }
        }
        judged.events.sort_by_key(|event| event.t_us);
        judged.candidates.sort_by_key(|it| it.event.t_us);
        judged
    }

    /// Some events against the marks that count.
    pub(super) fn scene(&self, ride: usize, events: Vec<Event>, marks: &Selection) -> Scene<'_> {
        Scene {
            ride,
            events,
            truth: marks.truth(self.drive.marks()),
        }
    }
}

fn event(bump: &Bump, score: f32) -> Event {
    Event {
        t_us: bump.peak_us,
        score: f64::from(score),
    }
}

/// A jolt lies at most this many moments from the one that it was made of.
const REACH: usize = 2;

/// The moment that a jolt was made of: the nearest one with the jolt's own body score.
fn candidate(moments: &[Moment], bump: &Bump) -> Option<Candidate> {
    let score = bump.measured.body_score?;
    let after = moments.partition_point(|moment| moment.t_us < bump.peak_us);
    let near = &moments[after.saturating_sub(REACH)..(after + REACH).min(moments.len())];
    let made_of = near
        .iter()
        .filter(|moment| moment.body_score == Some(score));
    let nearest = made_of.min_by_key(|moment| (moment.t_us - bump.peak_us).abs())?;
    Some(Candidate {
        event: event(bump, score),
        features: values(&nearest.body?),
    })
}

fn values(features: &BodyFeatures) -> Vec<f64> {
    features.values().into_iter().map(f64::from).collect()
}
