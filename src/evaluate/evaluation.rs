//! Everything `jounce evaluate` says, in one value: what `--format json` prints.

use std::collections::BTreeSet;

use serde::Serialize;

use super::clips::ClipFigures;
use super::controls::Controls;
use super::figures::Figures;
use super::kinds::{Confusion, PlaceError, Reliability};
use super::roughness::RoughnessFigures;
use super::{Drive, Selection, Tolerance};

/// How drives are scored.
#[derive(Clone, Debug)]
pub struct Scoring {
    /// Which marks count.
    pub selection: Selection,
    /// How near is near enough.
    pub tolerance: Tolerance,
    /// The score from which on an event is one.
    pub threshold: f64,
    /// What a row of figures is of.
    pub by: By,
}

/// What a row of figures is of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// A set.
    #[default]
    Set,
    /// A trace.
    Trip,
    /// A kind of mark within a set.
    Kind,
    /// A class of sampling rates within a set.
    Rate,
}

/// Who was evaluated.
#[derive(Clone, Debug, Serialize)]
pub struct Detector {
    /// The name.
    pub name: String,
    /// The version of jounce.
    pub version: String,
    /// The first 16 hex digits of the SHA-256 of the configuration; null for detectors without one.
    pub config_hash: Option<String>,
}

/// What an evaluation gave. Fields are added, never renamed or removed, within one `format`.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// Version of this object, 1.
    pub format: u32,
    /// Who was evaluated.
    pub detector: Detector,
    /// The score from which on an event is one.
    pub threshold: f64,
    /// An event may be so long before a mark, s.
    pub tolerance_before_s: f64,
    /// An event may be so long after a mark, s.
    pub tolerance_after_s: f64,
    /// Kinds of marks that are wanted.
    pub kinds: Vec<String>,
    /// Kinds of marks on which events count neither way.
    pub ignored: Vec<String>,
    /// Sets in which something wanted is marked, or their trips, kinds or rates.
    pub figures: Vec<Figures>,
    /// Traces of these sets beside which no labels lie: they are left out.
    pub unlabelled: Vec<String>,
    /// Sets in which nothing wanted is marked.
    pub controls: Option<Controls>,
    /// Collections of clips.
    pub clips: Vec<ClipFigures>,
    /// Marks against what was said, for each set with marks of road kinds.
    pub confusion: Vec<Confusion>,
    /// How often an event was marked that was given some probability, for each set.
    pub probability: Vec<Reliability>,
    /// How often a bump had the kind that was given some probability, for each set.
    pub kind_probability: Vec<Reliability>,
    /// How far from the truth bumps lie, for each set with true places.
    pub place: Vec<PlaceError>,
    /// How well roughness follows the truth, for each set with true roughness.
    pub roughness: Vec<RoughnessFigures>,
}

impl Evaluation {
    /// Scores drives that one detector has judged.
    pub fn of(
        detector: Detector,
        drives: &[Drive],
        clips: Vec<ClipFigures>,
        scoring: &Scoring,
    ) -> Self {
        let selection = &scoring.selection;
        let sets = Sets::of(drives, selection);
        let each = || {
            sets.marked
                .iter()
                .map(|(set, drives)| (*set, drives.as_slice()))
        };
        let (threshold, tolerance) = (scoring.threshold, scoring.tolerance);
        let every = |set| (sets.all(set), set);
        let rough = sets.names().into_iter().map(every);
        Self {
            format: 1,
            detector,
            threshold,
            tolerance_before_s: tolerance.before_s(),
            tolerance_after_s: tolerance.after_s(),
            kinds: selection.wanted.clone(),
            ignored: selection.ignored.clone(),
            figures: each()
                .flat_map(|(set, d)| scoring.figures(set, d))
                .collect(),
            unlabelled: sets.unlabelled.iter().map(|d| d.trace.clone()).collect(),
            controls: Controls::of(&sets.controls, selection, threshold, tolerance),
            clips,
            confusion: each()
                .filter_map(|(set, d)| Confusion::of(set, d, threshold, tolerance))
                .collect(),
            probability: each()
                .filter_map(|(set, d)| Reliability::of_events(set, d, selection, tolerance))
                .collect(),
            kind_probability: each()
                .filter_map(|(set, d)| Reliability::of_kinds(set, d, threshold, tolerance))
                .collect(),
            place: each()
                .filter_map(|(set, d)| PlaceError::of(set, d, threshold, tolerance))
                .collect(),
            roughness: rough
                .filter_map(|(drives, set)| RoughnessFigures::of(set, &drives))
                .collect(),
        }
    }
}

impl Scoring {
    /// The rows of one set.
    pub fn figures(&self, set: &str, drives: &[&Drive]) -> Vec<Figures> {
        let row = |part: &str, drives: &[&Drive], selection: &Selection| {
            Figures::of(set, part, drives, selection, self.threshold, self.tolerance)
        };
        match self.by {
            By::Set => vec![row("", drives, &self.selection)],
            By::Trip => {
                let trip = |drive: &&Drive| row(&drive.name, &[drive], &self.selection);
                drives.iter().map(trip).collect()
            }
            By::Kind => {
                let marks = drives.iter().flat_map(|drive| drive.marks());
                let there: BTreeSet<&str> = marks.map(|mark| mark.kind.as_str()).collect();
                let wanted = self.selection.wanted.iter();
                let wanted = wanted.filter(|kind| there.contains(kind.as_str()));
                wanted
                    .map(|kind| row(kind, drives, &self.selection.only(kind)))
                    .collect()
            }
            By::Rate => {
                let of_class = |class: &RateClass| {
                    let inside = drives.iter().filter(|d| class.holds(d.extent.rate_hz));
                    let inside: Vec<&Drive> = inside.copied().collect();
                    (!inside.is_empty()).then(|| row(class.name, &inside, &self.selection))
                };
                RATES.iter().filter_map(of_class).collect()
            }
        }
    }
}

/// Phones of about the same sampling rate.
struct RateClass {
    name: &'static str,
    below_hz: f64,
    from_hz: f64,
}

impl RateClass {
    const fn new(name: &'static str, from_hz: f64, below_hz: f64) -> Self {
        Self {
            name,
            below_hz,
            from_hz,
        }
    }

    fn holds(&self, rate_hz: f64) -> bool {
        self.from_hz <= rate_hz && rate_hz < self.below_hz
    }
}

/// The limits lie between the rates that phones have: 5, 15, 33, 50–60, 100 Hz.
const RATES: [RateClass; 5] = [
    RateClass::new("under 10 Hz", 0.0, 10.0),
    RateClass::new("10–20 Hz", 10.0, 20.0),
    RateClass::new("20–40 Hz", 20.0, 40.0),
    RateClass::new("40–75 Hz", 40.0, 75.0),
    RateClass::new("75 Hz and more", 75.0, f64::INFINITY),
];

/// Drives, sorted out by set.
pub struct Sets<'a> {
    /// Sets in which something wanted is marked, each with its labelled drives.
    pub marked: Vec<(&'a str, Vec<&'a Drive>)>,
    /// Drives of these sets without labels.
    pub unlabelled: Vec<&'a Drive>,
    /// Drives of the other sets, in order of set and name.
    pub controls: Vec<&'a Drive>,
}

impl<'a> Sets<'a> {
    /// In order of their names, whatever order the drives come in.
    pub fn of(drives: &'a [Drive], selection: &Selection) -> Self {
        let mut sorted: Vec<&Drive> = drives.iter().collect();
        sorted.sort_by(|a, b| (&a.set, &a.name, &a.trace).cmp(&(&b.set, &b.name, &b.trace)));
        let has_wanted = |drive: &&Drive| drive.marks().iter().any(|mark| selection.wants(mark));
        let marked: BTreeSet<&str> = (sorted.iter().filter(|d| has_wanted(d)))
            .map(|drive| drive.set.as_str())
            .collect();
        let (of_marked, controls): (Vec<&Drive>, Vec<&Drive>) =
            (sorted.into_iter()).partition(|drive| marked.contains(drive.set.as_str()));
        let (labelled, unlabelled): (Vec<&Drive>, Vec<&Drive>) = of_marked
            .into_iter()
            .partition(|drive| drive.marks.is_some());
        let of_set = |set: &'a str| {
            let drives = labelled.iter().filter(|drive| drive.set == set);
            (set, drives.copied().collect())
        };
        Self {
            marked: marked.into_iter().map(of_set).collect(),
            unlabelled,
            controls,
        }
    }

    fn names(&self) -> BTreeSet<&'a str> {
        let controls = self.controls.iter().map(|drive| drive.set.as_str());
        let marked = self.marked.iter().map(|(set, _)| *set);
        controls.chain(marked).collect()
    }

    /// The labelled drives of a set, or all of a control.
    fn all(&self, set: &str) -> Vec<&'a Drive> {
        let marked = self.marked.iter().flat_map(|(_, drives)| drives);
        let all = marked.chain(&self.controls).filter(|d| d.set == set);
        all.copied().collect()
    }
}
