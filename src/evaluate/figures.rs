//! The figures of one group of drives.

use std::collections::BTreeMap;

use serde::Serialize;

use super::interval::{self, Interval};
use super::operating::{self, Counts};
use super::{Curve, CurvePoint, Drive, Scene, Selection, Tolerance, Verdict, matching};

/// How well a detector did on one group of drives, with what it was measured on.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The set.
    pub set: String,
    /// The trip, kind or class of rates within it; blank for the whole set.
    pub part: String,
    /// What it was measured on.
    pub basis: Basis,
    /// Area under the monotone envelope of precision over recall.
    pub average_precision: Option<f64>,
    /// Its interval, over rides.
    pub average_precision_interval: Option<Interval>,
    /// The same within other tolerances.
    pub average_precision_within: Vec<Within>,
    /// At the threshold that was asked for.
    pub at_threshold: Operating,
    /// Interval of its F1, over rides.
    pub f1_interval: Option<Interval>,
    /// At the threshold with the highest F1.
    pub best: Option<Operating>,
    /// Share of the marks found before more than ten false alarms per hour are raised.
    pub recall_at_10_per_h: Option<f64>,
    /// Share of the marks found before more than sixty false alarms per hour are raised.
    pub recall_at_60_per_h: Option<f64>,
    /// False alarms at the threshold that was asked for.
    pub false_alarms: Alarms,
    /// The curve behind the average precision, where recall grows.
    pub curve: Vec<CurvePoint>,
}

/// What figures are measured on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Basis {
    /// Traces.
    pub traces: u64,
    /// Rides: phones in one vehicle share one.
    pub rides: u64,
    /// Recorded time, hours.
    pub recorded_h: f64,
    /// Traces with positions.
    pub gps_traces: u64,
    /// The way between their fixes that are at most 15 s apart, km.
    pub gps_km: f64,
    /// Wanted marks of each kind.
    pub marks: BTreeMap<String, u64>,
    /// Marks on which events count neither way.
    pub ignored_marks: u64,
    /// Events of any score.
    pub events: u64,
}

/// Average precision within another tolerance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Within {
    /// An event may be so long before a mark, s.
    pub before_s: f64,
    /// An event may be so long after a mark, s.
    pub after_s: f64,
    /// Average precision.
    pub average_precision: Option<f64>,
}

/// Precision and recall at one threshold.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Operating {
    /// Events of this score and more.
    pub threshold: f64,
    /// In counts.
    #[serde(flatten)]
    pub counts: Counts,
    /// Share of the events that are hits.
    pub precision: Option<f64>,
    /// Share of the marks that were found.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
}

/// How often there was nothing.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Alarms {
    /// Events at the threshold that are on no mark.
    pub count: u64,
    /// Per recorded hour.
    pub per_h: Option<f64>,
    /// Its interval, over rides; none where no ride has one, for then all draws are alike.
    pub per_h_interval: Option<Interval>,
    /// Those of them where the way is known.
    pub on_gps: u64,
    /// Per known kilometre.
    pub per_km: Option<f64>,
}

impl Operating {
    pub(super) fn of(threshold: f64, counts: Counts) -> Self {
        Self {
            threshold,
            counts,
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
        }
    }
}

/// Tolerances beside the one that was asked for: windows move average precision more than detectors
/// do, so figures compare only within one. The last one is how late people press.
fn other_tolerances(asked: Tolerance) -> impl Iterator<Item = Tolerance> {
    let usual = [
        Tolerance::even(0.5),
        Tolerance::even(1.0),
        Tolerance::even(1.5),
        Tolerance::new(1.5, 2.5),
    ];
    usual.into_iter().filter(move |other| *other != asked)
}

impl Basis {
    /// Of some drives.
    pub fn of(drives: &[&Drive], selection: &Selection) -> Self {
        let mut basis = Self {
            traces: drives.len() as u64,
            rides: rides(drives).1 as u64,
            ..Self::default()
        };
        for drive in drives {
            basis.recorded_h += drive.extent.recorded_s / 3600.0;
            basis.gps_traces += u64::from(drive.extent.fixes > 0);
            basis.gps_km += drive.extent.km();
            basis.events += drive.found.len() as u64;
            let truth = selection.truth(drive.marks());
            basis.ignored_marks += truth.ignored.len() as u64;
            for mark in truth.wanted {
                *basis.marks.entry(mark.kind.clone()).or_default() += 1;
            }
        }
        basis
    }
}

/// The number of the ride of each drive, and how many rides there are. A ride lies within one set.
pub(super) fn rides(drives: &[&Drive]) -> (Vec<usize>, usize) {
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut of_drives = Vec::new();
    for drive in drives {
        let next = numbers.len();
        of_drives.push(*numbers.entry((&drive.set, drive.ride())).or_insert(next));
    }
    (of_drives, numbers.len())
}

/// What one ride gave at the threshold.
#[derive(Clone, Copy, Default)]
struct RideTally {
    counts: Counts,
    recorded_h: f64,
}

impl Figures {
    /// The figures of some drives, which come in the order of their names.
    pub fn of(
        set: &str,
        part: &str,
        drives: &[&Drive],
        selection: &Selection,
        threshold: f64,
        tolerance: Tolerance,
    ) -> Self {
        let basis = Basis::of(drives, selection);
        let (ride_of, rides) = rides(drives);
        let scenes: Vec<Scene<'_>> = (drives.iter().zip(&ride_of))
            .map(|(drive, &ride)| drive.scene(ride, selection))
            .collect();
        let mut tallies = vec![RideTally::default(); rides];
        let (mut all, mut on_gps) = (Counts::default(), 0);
        for (drive, scene) in drives.iter().zip(&scenes) {
            let (counts, with_way) = at_threshold(drive, scene, threshold, tolerance);
            all.add(counts);
            on_gps += with_way;
            tallies[scene.ride].counts.add(counts);
            tallies[scene.ride].recorded_h += drive.extent.recorded_s / 3600.0;
        }
        let curve = Curve::of(&scenes, tolerance);
        let one_stratum = vec![0; rides];
        let within = other_tolerances(tolerance).map(|other| Within {
            before_s: other.before_s(),
            after_s: other.after_s(),
            average_precision: Curve::of(&scenes, other).average_precision(),
        });
        let best = operating::best(&scenes, tolerance);
        Self {
            set: set.to_owned(),
            part: part.to_owned(),
            average_precision: curve.average_precision(),
            average_precision_interval: interval::bootstrap(&one_stratum, |times| {
                curve.average_precision_of(times)
            }),
            average_precision_within: within.collect(),
            at_threshold: Operating::of(threshold, all),
            f1_interval: interval::bootstrap(&one_stratum, |times| drawn_f1(&tallies, times)),
            best: best.map(|(threshold, counts)| Operating::of(threshold, counts)),
            recall_at_10_per_h: curve.recall_at(10.0 * basis.recorded_h),
            recall_at_60_per_h: curve.recall_at(60.0 * basis.recorded_h),
            false_alarms: Alarms {
                count: all.false_alarms,
                per_h: per(all.false_alarms, basis.recorded_h),
                per_h_interval: (all.false_alarms > 0)
                    .then(|| {
                        interval::bootstrap(&one_stratum, |times| {
                            drawn_alarms_per_h(&tallies, times)
                        })
                    })
                    .flatten(),
                on_gps,
                per_km: per(on_gps, basis.gps_km),
            },
            curve: curve.points(),
            basis,
        }
    }
}

/// The counts of a drive, and how many of its false alarms lie where the way is known.
fn at_threshold(
    drive: &Drive,
    scene: &Scene<'_>,
    threshold: f64,
    tolerance: Tolerance,
) -> (Counts, u64) {
    let above: Vec<_> = operating::above(&scene.events, threshold)
        .copied()
        .collect();
    let verdicts = matching::maximum(&above, &scene.truth, tolerance);
    let with_way = above.iter().zip(&verdicts).filter(|(event, verdict)| {
        **verdict == Verdict::FalseAlarm && drive.extent.has_way_at(event.t_us)
    });
    let with_way = with_way.count() as u64;
    (operating::counts(&verdicts, &scene.truth), with_way)
}

fn drawn_f1(tallies: &[RideTally], times: &[u32]) -> Option<f64> {
    let mut all = Counts::default();
    for (tally, &times) in tallies.iter().zip(times) {
        all.add_times(tally.counts, u64::from(times));
    }
    all.f1()
}

fn drawn_alarms_per_h(tallies: &[RideTally], times: &[u32]) -> Option<f64> {
    let drawn = || tallies.iter().zip(times);
    let alarms = drawn().map(|(tally, &times)| u64::from(times) * tally.counts.false_alarms);
    let hours = drawn().map(|(tally, &times)| f64::from(times) * tally.recorded_h);
    per(alarms.sum(), hours.sum())
}

/// A count per hour or kilometre; `None` where there is none of these.
pub(super) fn per(count: u64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| count as f64 / of)
}
