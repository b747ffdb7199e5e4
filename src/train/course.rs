//! Marked recordings by rides; rounds of judging and fitting.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use detector::{BodyFeatures, Config};

use super::lesson::{Judged, Lesson};
use super::logistic::Logistic;
use super::sheet::Sheet;
use super::{Plan, ROUNDS, TrainError};
use crate::evaluate::Drive;
use crate::evaluate::settings::Setting;
use crate::parallel;

/// What is learnt from, and how.
#[derive(Clone, Debug)]
pub struct Course<'a> {
    /// How.
    pub plan: &'a Plan,
    /// Marked recordings, in order of set and name.
    pub lessons: &'a [Lesson],
    /// The number of the ride of each.
    pub rides: Vec<usize>,
    /// The names of the rides.
    pub names: Vec<String>,
}

/// What the last round gave.
pub(super) struct Learnt<'a> {
    /// The candidates that it was fitted on.
    pub(super) sheet: Sheet<'a>,
    pub(super) model: Logistic,
    /// The configuration with the new weights.
    pub(super) config: Config,
    /// The most by which the last round changed a weight.
    pub(super) moved: f64,
}

/// Those lessons that can be learnt from, labelled and of a set in which something wanted is marked,
/// in order of set and name; and the drives of the others.
pub fn marked(lessons: Vec<Lesson>, plan: &Plan) -> (Vec<Lesson>, Vec<Drive>) {
    let wanted = |lesson: &&Lesson| {
        let mut marks = lesson.drive.marks().iter();
        marks.any(|mark| plan.selection.wants(mark))
    };
    let sets = lessons.iter().filter(wanted).map(|it| it.drive.set.clone());
    let sets: BTreeSet<String> = sets.collect();
    let (mut marked, others): (Vec<Lesson>, Vec<Lesson>) = (lessons.into_iter())
        .partition(|it| it.drive.marks.is_some() && sets.contains(&it.drive.set));
    marked.sort_by(|a, b| {
        let key = |it: &Lesson| (it.drive.set.clone(), it.drive.name.clone());
        key(a).cmp(&key(b))
    });
    (marked, others.into_iter().map(|it| it.drive).collect())
}

impl<'a> Course<'a> {
    /// Of recordings in order of set and name, as [`marked`] gives them.
    ///
    /// # Errors
    /// When fewer than two rides have marks.
    pub fn new(plan: &'a Plan, lessons: &'a [Lesson]) -> Result<Self, TrainError> {
        let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let (mut rides, mut names) = (Vec::new(), Vec::new());
        for Lesson { drive, .. } in lessons {
            let next = numbers.len();
            let ride = *numbers.entry((&drive.set, drive.ride())).or_insert(next);
            if ride == next {
                names.push(format!("{} {}", drive.set, drive.ride()));
            }
            rides.push(ride);
        }
        let course = Self {
            plan,
            lessons,
            rides,
            names,
        };
        let marked = course.marks().into_iter().filter(|marks| *marks > 0);
        match marked.count() {
            marked @ 0..2 => Err(TrainError::TooFewRides { marked }),
            _ => Ok(course),
        }
    }

    /// Wanted marks of each ride.
    pub fn marks(&self) -> Vec<usize> {
        let mut marks = vec![0; self.names.len()];
        for (lesson, &ride) in self.lessons.iter().zip(&self.rides) {
            let truth = self.plan.selection.truth(lesson.drive.marks());
            marks[ride] += truth.wanted.len();
        }
        marks
    }

    /// What the detector says of the lessons of some rides, several at once; nothing of the others.
    pub(super) fn judged(&self, config: &Config, takes: impl Fn(usize) -> bool) -> Vec<Judged> {
        let mut judged = vec![Judged::default(); self.lessons.len()];
        let asked: Vec<usize> = (0..self.lessons.len())
            .filter(|&lesson| takes(self.rides[lesson]))
            .collect();
        let work = |&lesson: &usize| self.lessons[lesson].judged(config);
        parallel::in_order(&asked, parallel::workers(), work, |&lesson, it| {
            judged[lesson] = it;
            ControlFlow::Continue(())
        });
        judged
    }

    /// Runs the detector and fits the weights anew, [`ROUNDS`] times, on some of the rides.
    ///
    /// # Errors
    /// When no candidate is on a mark, or all are.
    pub(super) fn learn(&'a self, takes: impl Fn(usize) -> bool) -> Result<Learnt<'a>, TrainError> {
        let mut config = self.plan.config.clone();
        let mut before = weights_of(&config);
        let mut round = 0;
        loop {
            let judged = self.judged(&config, &takes);
            let candidates = judged.into_iter().map(|it| it.candidates).collect();
            let sheet = Sheet::of(self, candidates);
            let Some(model) = sheet.fit(&takes, None) else {
                let none = sheet.counts().1 == 0;
                return Err(TrainError::OneSort(if none {
                    "mark"
                } else {
                    "quiet road"
                }));
            };
            config = with_weights(&self.plan.config, &model);
            let moved = distance(&before, &model);
            round += 1;
            if round == ROUNDS {
                return Ok(Learnt {
                    sheet,
                    model,
                    config,
                    moved,
                });
            }
            before = model;
        }
    }
}

/// The most by which two models differ.
fn distance(a: &Logistic, b: &Logistic) -> f64 {
    let apart = a.weights.iter().zip(&b.weights).map(|(a, b)| (a - b).abs());
    apart.fold((a.bias - b.bias).abs(), f64::max)
}

/// The weights of a configuration.
pub fn weights_of(config: &Config) -> Logistic {
    let weights = &config.body.weights;
    Logistic {
        bias: f64::from(weights.bias),
        weights: weights.values().into_iter().map(f64::from).collect(),
    }
}

/// A configuration with other weights.
pub fn with_weights(config: &Config, model: &Logistic) -> Config {
    let mut setting = Setting::of(config.clone());
    let named = BodyFeatures::NAMES.into_iter().zip(&model.weights);
    for (name, &weight) in [("bias", &model.bias)].into_iter().chain(named) {
        let key = format!("body.weights.{name}");
        let set = setting.set(&key, weight.into());
        set.expect("each feature has a weight of its name");
    }
    setting.config
}
