//! Candidates with their marks: one fit on them, and how well it ranks them.

use detector::BodyFeatures;

use super::lesson::Candidate;
use super::logistic::{Example, Logistic};
use super::{Course, Plan};
use crate::evaluate::matching;
use crate::evaluate::operating::{self, Counts};
use crate::evaluate::{Curve, Event, Scene, Verdict};

/// The features of the body channel.
pub const FEATURES: usize = BodyFeatures::NAMES.len();

/// The candidates of every lesson under one configuration, and which of them are on marks.
#[derive(Clone, Debug)]
pub struct Sheet<'a> {
    course: &'a Course<'a>,
    candidates: Vec<Vec<Candidate>>,
    /// Whether each is on a wanted mark; `None` on ignored ones.
    so: Vec<Vec<Option<bool>>>,
}

/// How well events are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figure {
    /// Average precision; `None` without marks.
    pub average_precision: Option<f64>,
    /// The highest F1.
    pub best_f1: Option<f64>,
    /// The score at which it is reached.
    pub best_at: Option<f64>,
}

impl Figure {
    pub(super) fn of(scenes: &[Scene<'_>], plan: &Plan) -> Self {
        let best = operating::best(scenes, plan.tolerance);
        Self {
            average_precision: Curve::of(scenes, plan.tolerance).average_precision(),
            best_f1: best.and_then(|(_, counts)| counts.f1()),
            best_at: best.map(|(score, _)| score),
        }
    }
}

/// F1 of all scenes at one threshold.
pub(super) fn f1_at(scenes: &[Scene<'_>], threshold: f64, plan: &Plan) -> Option<f64> {
    let mut all = Counts::default();
    for scene in scenes {
        all.add(operating::at(scene, threshold, plan.tolerance));
    }
    all.f1()
}

impl<'a> Sheet<'a> {
    /// Each mark goes to one candidate: by falling score each takes the nearest free one.
    pub(super) fn of(course: &'a Course<'a>, candidates: Vec<Vec<Candidate>>) -> Self {
        let plan = course.plan;
        let so = course
            .lessons
            .iter()
            .zip(&candidates)
            .map(|(lesson, candidates)| {
                let events: Vec<Event> = candidates.iter().map(|it| it.event).collect();
                let truth = plan.selection.truth(lesson.drive.marks());
                let verdicts = matching::by_falling_score(&events, &truth, plan.tolerance);
                let so = verdicts.into_iter().map(|verdict| match verdict {
                    Verdict::Hit(_) => Some(true),
                    Verdict::FalseAlarm => Some(false),
                    Verdict::Ignored => None,
                });
                so.collect()
            });
        Self {
            so: so.collect(),
            course,
            candidates,
        }
    }

    /// How many candidates there are, and how many of them are on marks.
    pub fn counts(&self) -> (usize, usize) {
        let all = || self.so.iter().flatten();
        (all().count(), all().filter(|so| **so == Some(true)).count())
    }

    /// The model of the candidates of some rides; `without` is a feature that it does not see, and
    /// gives no weight.
    pub fn fit(&self, takes: impl Fn(usize) -> bool, without: Option<usize>) -> Option<Logistic> {
        let mut examples = Vec::new();
        for (lesson, &ride) in self.course.rides.iter().enumerate() {
            if !takes(ride) {
                continue;
            }
            for (candidate, so) in self.candidates[lesson].iter().zip(&self.so[lesson]) {
                let Some(so) = *so else { continue };
                let mut features = candidate.features.clone();
                if let Some(without) = without {
                    features[without] = 0.0;
                }
                examples.push(Example { features, so });
            }
        }
        Logistic::fit(&examples, self.course.plan.ridge)
    }

    /// For each ride a model of all the others; empty when one of them cannot be.
    pub fn left_out(&self, without: Option<usize>) -> Vec<Logistic> {
        let rides = 0..self.course.names.len();
        let models = rides.map(|left| self.fit(|ride| ride != left, without));
        models.collect::<Option<Vec<_>>>().unwrap_or_default()
    }

    /// The candidates as scored by the model of their ride, against the marks.
    pub(super) fn scenes<'m>(&self, model: impl Fn(usize) -> &'m Logistic) -> Vec<Scene<'a>> {
        let lessons = self.course.lessons.iter().enumerate();
        let scenes = lessons.map(|(number, lesson)| {
            let ride = self.course.rides[number];
            let scored = self.candidates[number].iter().map(|candidate| Event {
                score: model(ride).log_odds(&candidate.features),
                ..candidate.event
            });
            lesson.scene(ride, scored.collect(), &self.course.plan.selection)
        });
        scenes.collect()
    }
}
