//! What was learnt, and what it is worth on rides that were not learnt from.

use detector::{BodyFeatures, Config};

use super::course::{Learnt, weights_of, with_weights};
use super::lesson::Judged;
use super::logistic::Logistic;
use super::probability::Curve;
use super::sheet::{FEATURES, Figure, Sheet, f1_at};
use super::{Course, TrainError};
use crate::evaluate::{Scene, Verdict, matching};

/// Everything `jounce train` says.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The weights, rounded to two decimals.
    pub model: Logistic,
    /// The most by which the last round changed a weight, before rounding.
    pub moved: f64,
    /// Candidates of the last round.
    pub candidates: usize,
    /// Those of them on marks.
    pub on_marks: usize,
    /// One row a feature.
    pub features: Vec<FeatureRow>,
    /// The body channel alone, on the candidates of the last round.
    pub body: Compared,
    /// Both channels, each detector with its own candidates.
    pub both: Compared,
    /// F1 of both channels at the configuration's threshold.
    pub both_f1: F1,
    /// One row a ride.
    pub rides: Vec<RideRow>,
    /// From scores of left-out rides, both channels, to probabilities.
    pub probability: Option<Probability>,
}

/// The same figure three ways.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Compared {
    /// Each ride with weights that were learnt without it.
    pub left_out: Figure,
    /// All rides with the weights that were learnt from them.
    pub fitted: Figure,
    /// With the weights to begin with.
    pub shipped: Figure,
}

/// F1 at the configuration's threshold, the same three ways.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct F1 {
    /// Each ride with weights that were learnt without it.
    pub left_out: Option<f64>,
    /// All rides with the weights that were learnt from them.
    pub fitted: Option<f64>,
    /// With the weights to begin with.
    pub shipped: Option<f64>,
}

/// A feature of the body channel.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureRow {
    /// Its name.
    pub name: &'static str,
    /// Its weight, not rounded.
    pub weight: f64,
    /// The weight's standard error: a jackknife over rides, whose phones are not independent.
    ///
    /// Source: Efron and Tibshirani (1993), equation 11.5.
    pub standard_error: f64,
    /// Average precision of left-out rides without this feature, on the same candidates.
    pub without: Option<f64>,
}

/// A ride.
#[derive(Clone, Debug, PartialEq)]
pub struct RideRow {
    /// Set and ride.
    pub name: String,
    /// Phones.
    pub phones: usize,
    /// Recorded time of all phones, hours.
    pub recorded_h: f64,
    /// Wanted marks.
    pub marks: usize,
    /// The body channel alone.
    pub body: Compared,
    /// Both channels, with weights that were learnt without the ride.
    pub both: Figure,
    /// F1 of both channels at the configuration's threshold, the same way.
    pub both_f1: Option<f64>,
}

/// A curve and how far it lies from what was so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probability {
    /// Candidates that it was fitted on.
    pub candidates: usize,
    /// The curve.
    pub curve: Curve,
    /// Its expected calibration error.
    pub error: f64,
    /// That of the configuration to begin with, on the same scores.
    pub shipped_error: f64,
}

impl Outcome {
    /// Learns from all rides, and from all but each one.
    ///
    /// # Errors
    /// When candidates of only one sort are left.
    pub fn of(course: &Course<'_>) -> Result<Self, TrainError> {
        let plan = course.plan;
        let Learnt {
            sheet,
            model,
            config,
            moved,
        } = course.learn(|_| true)?;
        let left_out = sheet.left_out(None);
        let rides = course.names.len();
        if left_out.len() < rides {
            return Err(TrainError::OneSort("mark"));
        }
        let shipped = weights_of(&plan.config);
        let body = Three {
            left_out: sheet.scenes(|ride| &left_out[ride]),
            fitted: sheet.scenes(|_| &model),
            shipped: sheet.scenes(|_| &shipped),
        };
        let rounded = rounded(&model);
        let both = Three {
            left_out: judged_unlearnt(course)?,
            fitted: judged(course, &with_weights(&config, &rounded)),
            shipped: judged(course, &plan.config),
        };
        let (candidates, on_marks) = sheet.counts();
        let threshold = plan.config.trigger.threshold;
        Ok(Self {
            model: rounded,
            moved,
            candidates,
            on_marks,
            features: feature_rows(&sheet, &model, &left_out, course),
            body: body.compared(course),
            both: both.compared(course),
            both_f1: F1 {
                left_out: f1_at(&both.left_out, threshold, plan),
                fitted: f1_at(&both.fitted, threshold, plan),
                shipped: f1_at(&both.shipped, threshold, plan),
            },
            rides: (0..rides)
                .map(|ride| ride_row(course, ride, &body, &both.left_out))
                .collect(),
            probability: probability(course, &both.left_out),
        })
    }
}

/// The weights to two decimals.
fn rounded(model: &Logistic) -> Logistic {
    let round = |value: f64| (value * 100.0).round() / 100.0;
    Logistic {
        bias: round(model.bias),
        weights: model.weights.iter().copied().map(round).collect(),
    }
}

/// The same drives judged three ways.
struct Three<'a> {
    left_out: Vec<Scene<'a>>,
    fitted: Vec<Scene<'a>>,
    shipped: Vec<Scene<'a>>,
}

impl Three<'_> {
    fn compared(&self, course: &Course<'_>) -> Compared {
        Compared {
            left_out: Figure::of(&self.left_out, course.plan),
            fitted: Figure::of(&self.fitted, course.plan),
            shipped: Figure::of(&self.shipped, course.plan),
        }
    }

    fn of_ride(&self, ride: usize) -> Self {
        Self {
            left_out: of_ride(&self.left_out, ride),
            fitted: of_ride(&self.fitted, ride),
            shipped: of_ride(&self.shipped, ride),
        }
    }
}

fn of_ride<'a>(scenes: &[Scene<'a>], ride: usize) -> Vec<Scene<'a>> {
    let of_ride = scenes.iter().filter(|scene| scene.ride == ride);
    of_ride.cloned().collect()
}

/// Both channels of every lesson.
fn judged<'a>(course: &Course<'a>, config: &Config) -> Vec<Scene<'a>> {
    scenes(course, course.judged(config, |_| true))
}

/// Both channels of every lesson, with weights that were learnt, from the first round on, without
/// its ride.
fn judged_unlearnt<'a>(course: &Course<'a>) -> Result<Vec<Scene<'a>>, TrainError> {
    let mut all: Vec<Judged> = vec![Judged::default(); course.lessons.len()];
    for left in 0..course.names.len() {
        let learnt = course.learn(|ride| ride != left)?;
        let judged = course.judged(&learnt.config, |ride| ride == left);
        for (lesson, judged) in judged.into_iter().enumerate() {
            if course.rides[lesson] == left {
                all[lesson] = judged;
            }
        }
    }
    Ok(scenes(course, all))
}

fn scenes<'a>(course: &Course<'a>, judged: Vec<Judged>) -> Vec<Scene<'a>> {
    let lessons = course.lessons.iter().zip(&course.rides).zip(judged);
    lessons
        .map(|((lesson, &ride), it)| lesson.scene(ride, it.events, &course.plan.selection))
        .collect()
}

fn feature_rows(
    sheet: &Sheet<'_>,
    model: &Logistic,
    left_out: &[Logistic],
    course: &Course<'_>,
) -> Vec<FeatureRow> {
    let row = |feature: usize| {
        let weights: Vec<f64> = left_out.iter().map(|it| it.weights[feature]).collect();
        let without = sheet.left_out(Some(feature));
        let scenes = sheet.scenes(|ride| without.get(ride).unwrap_or(model));
        FeatureRow {
            name: BodyFeatures::NAMES[feature],
            weight: model.weights[feature],
            standard_error: jackknife(&weights),
            without: Figure::of(&scenes, course.plan).average_precision,
        }
    };
    (0..FEATURES).map(row).collect()
}

/// The standard error of a value of which there is one without each ride.
fn jackknife(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    ((count - 1.0) / count * squares).sqrt()
}

fn ride_row(course: &Course<'_>, ride: usize, body: &Three<'_>, both: &[Scene<'_>]) -> RideRow {
    let lessons = || course.lessons.iter().zip(&course.rides);
    let phones = || lessons().filter(|(_, of)| **of == ride);
    let seconds = phones().map(|(lesson, _)| lesson.drive.extent.recorded_s);
    let both = of_ride(both, ride);
    RideRow {
        name: course.names[ride].clone(),
        phones: phones().count(),
        recorded_h: seconds.sum::<f64>() / 3600.0,
        marks: both.iter().map(|scene| scene.truth.wanted.len()).sum(),
        body: body.of_ride(ride).compared(course),
        both: Figure::of(&both, course.plan),
        both_f1: f1_at(&both, course.plan.config.trigger.threshold, course.plan),
    }
}

fn probability(course: &Course<'_>, scenes: &[Scene<'_>]) -> Option<Probability> {
    let mut scored = Vec::new();
    for scene in scenes {
        let tolerance = course.plan.tolerance;
        let verdicts = matching::by_falling_score(&scene.events, &scene.truth, tolerance);
        for (event, verdict) in scene.events.iter().zip(verdicts) {
            match verdict {
                Verdict::Hit(_) => scored.push((event.score, true)),
                Verdict::FalseAlarm => scored.push((event.score, false)),
                Verdict::Ignored => {}
            }
        }
    }
    let curve = Curve::fit(&scored)?;
    let trigger = &course.plan.config.trigger;
    let shipped = Curve {
        slope: trigger.probability_slope,
        mid: trigger.probability_mid,
    };
    Some(Probability {
        candidates: scored.len(),
        error: curve.error(&scored)?,
        shipped_error: shipped.error(&scored)?,
        curve,
    })
}
