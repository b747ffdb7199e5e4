//! Many configurations on the same drives: one short row of figures each.

use serde_json::Value;

use super::clips::{Clip, ClipFigures, ScoredClip};
use super::evaluation::Sets;
use super::figures::{per, rides};
use super::operating::{self, Counts};
use super::settings::{Setting, SettingError};
use super::{Curve, Drive, Judge, Recording, Scene, Scoring, Verdict, matching};

/// Every combination of the values of a grid, the last number varying fastest.
///
/// # Errors
/// When a combination is no configuration.
pub fn settings(
    base: &Setting,
    grid: &[(String, Vec<Value>)],
) -> Result<Vec<(Vec<Value>, detector::Config)>, SettingError> {
    let mut settings = vec![(Vec::new(), base.clone())];
    for (key, values) in grid {
        let mut next = Vec::with_capacity(settings.len() * values.len());
        for (given, setting) in &settings {
            for value in values {
                let mut setting: Setting = setting.clone();
                setting.set(key, value.clone())?;
                let given = given.iter().chain([value]).cloned().collect();
                next.push((given, setting));
            }
        }
        settings = next;
    }
    let plain = |(given, setting): (Vec<Value>, Setting)| (given, setting.config);
    Ok(settings.into_iter().map(plain).collect())
}

/// How many combinations a grid has.
pub fn count(grid: &[(String, Vec<Value>)]) -> u64 {
    let values = grid.iter().map(|(_, values)| values.len() as u64);
    values.fold(1, u64::saturating_mul)
}

/// What one configuration gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The sets with marks, in order of their names.
    pub sets: Vec<(String, Brief)>,
    /// Alarms on the negative controls, all sets together, per recorded hour.
    pub control_alarms_per_h: Option<f64>,
    /// AUC of anomaly against plain road of each collection of clips.
    pub auc: Vec<Option<f64>>,
}

/// The figures of one set in short, as in [`super::figures::Figures`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brief {
    /// Average precision.
    pub average_precision: Option<f64>,
    /// F1 at the configuration's own threshold.
    pub f1: Option<f64>,
    /// The highest F1 at any threshold.
    pub best_f1: Option<f64>,
    /// That threshold.
    pub best_threshold: Option<f64>,
    /// False alarms at the configuration's own threshold, per recorded hour.
    pub false_alarms_per_h: Option<f64>,
}

/// Judges and scores everything with one configuration, at its own threshold.
pub fn row(judge: &Judge, recordings: &[Recording], clips: &[&[Clip]], scoring: &Scoring) -> Row {
    let drives: Vec<Drive> = recordings.iter().map(|it| it.judged(judge)).collect();
    let sets = Sets::of(&drives, &scoring.selection);
    let scoring = Scoring {
        threshold: judge.threshold(),
        ..scoring.clone()
    };
    let marked = sets.marked.iter();
    Row {
        sets: marked
            .map(|(set, drives)| ((*set).to_owned(), Brief::of(drives, &scoring)))
            .collect(),
        control_alarms_per_h: control_alarms_per_h(&sets.controls, &scoring),
        auc: clips.iter().map(|clips| auc(judge, clips)).collect(),
    }
}

impl Brief {
    fn of(drives: &[&Drive], scoring: &Scoring) -> Self {
        let (ride_of, _) = rides(drives);
        let scenes: Vec<Scene<'_>> = (drives.iter().zip(ride_of))
            .map(|(drive, ride)| drive.scene(ride, &scoring.selection))
            .collect();
        let mut all = Counts::default();
        for scene in &scenes {
            all.add(operating::at(scene, scoring.threshold, scoring.tolerance));
        }
        let best = operating::best(&scenes, scoring.tolerance);
        Self {
            average_precision: Curve::of(&scenes, scoring.tolerance).average_precision(),
            f1: all.f1(),
            best_f1: best.and_then(|(_, counts)| counts.f1()),
            best_threshold: best.map(|(threshold, _)| threshold),
            false_alarms_per_h: per(all.false_alarms, hours(drives)),
        }
    }
}

fn hours(drives: &[&Drive]) -> f64 {
    let seconds = drives.iter().map(|drive| drive.extent.recorded_s);
    seconds.sum::<f64>() / 3600.0
}

fn control_alarms_per_h(drives: &[&Drive], scoring: &Scoring) -> Option<f64> {
    let mut alarms = 0;
    for drive in drives {
        let events = drive.events();
        let above: Vec<_> = operating::above(&events, scoring.threshold)
            .copied()
            .collect();
        let truth = scoring.selection.truth(drive.marks());
        let verdicts = matching::maximum(&above, &truth, scoring.tolerance);
        alarms += verdicts
            .iter()
            .filter(|v| **v == Verdict::FalseAlarm)
            .count() as u64;
    }
    per(alarms, hours(drives))
}

fn auc(judge: &Judge, clips: &[Clip]) -> Option<f64> {
    let scored = clips.iter().map(|clip| ScoredClip {
        kind: clip.kind.clone(),
        score: judge.highest(&clip.samples),
    });
    ClipFigures::anomaly_against_plain(&scored.collect::<Vec<_>>())
}
