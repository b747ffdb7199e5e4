//! Negative controls: sets in which nobody marked what is wanted. There, fewer events are better.
//!
//! A bump on such a road may be real: nobody looked. The figures are an upper bound.

use serde::Serialize;

use super::figures::{self, Basis, per};
use super::interval::{self, Interval};
use super::{Drive, Mark, Selection, Tolerance, Verdict, matching, operating};

/// What a detector raised where nothing wanted was marked.
#[derive(Clone, Debug, Serialize)]
pub struct Controls {
    /// Each set.
    pub sets: Vec<ControlSet>,
    /// All of them together.
    pub pooled: ControlSet,
    /// Every alarm, in the order of the traces.
    pub alarms: Vec<Alarm>,
}

/// The alarms of one set.
#[derive(Clone, Debug, Serialize)]
pub struct ControlSet {
    /// The set; `pooled` for all.
    pub set: String,
    /// What they were counted on.
    pub basis: Basis,
    /// Events at the threshold.
    pub alarms: u64,
    /// Per recorded hour.
    pub alarms_per_h: Option<f64>,
    /// Exact interval of a Poisson count (Garwood 1936), per recorded hour.
    pub poisson_interval: Option<Interval>,
    /// Interval by bootstrap over rides, per recorded hour; none without an alarm.
    pub bootstrap_interval: Option<Interval>,
    /// Alarms inside a mark of a harsh manoeuvre.
    pub in_manoeuvre: u64,
    /// Such marks.
    pub manoeuvres: u64,
}

/// One alarm.
#[derive(Clone, Debug, Serialize)]
pub struct Alarm {
    /// The set.
    pub set: String,
    /// The file.
    pub trace: String,
    /// When, s on the clock of the trace.
    pub t_s: f64,
    /// Its score.
    pub score: f64,
    /// The kind of mark that it lies inside.
    pub inside: Option<String>,
}

/// Marks whose kind begins like this are harsh manoeuvres.
const HARSH: &str = "harsh_";

impl Controls {
    /// Of the drives of such sets, in the order of sets and names; `None` without one.
    pub fn of(
        drives: &[&Drive],
        selection: &Selection,
        threshold: f64,
        tolerance: Tolerance,
    ) -> Option<Self> {
        if drives.is_empty() {
            return None;
        }
        let alarms_of = |drive: &&Drive| alarms(drive, selection, threshold, tolerance);
        let of_drives: Vec<Vec<Alarm>> = drives.iter().map(alarms_of).collect();
        let mut sets: Vec<ControlSet> = Vec::new();
        let mut begin = 0;
        while begin < drives.len() {
            let same = drives[begin..].iter();
            let end = begin + same.take_while(|d| d.set == drives[begin].set).count();
            let (drives, alarms) = (&drives[begin..end], &of_drives[begin..end]);
            sets.push(ControlSet::of(&drives[0].set, drives, alarms, selection));
            begin = end;
        }
        Some(Self {
            sets,
            pooled: ControlSet::of("pooled", drives, &of_drives, selection),
            alarms: of_drives.into_iter().flatten().collect(),
        })
    }
}

impl ControlSet {
    fn of(set: &str, drives: &[&Drive], alarms: &[Vec<Alarm>], selection: &Selection) -> Self {
        let basis = Basis::of(drives, selection);
        let (ride_of, rides) = figures::rides(drives);
        let mut of_rides = vec![(0, 0.0); rides];
        for ((drive, alarms), ride) in drives.iter().zip(alarms).zip(ride_of) {
            of_rides[ride].0 += alarms.len() as u64;
            of_rides[ride].1 += drive.extent.recorded_s / 3600.0;
        }
        let count = alarms.iter().map(|alarms| alarms.len() as u64).sum();
        let is_harsh = |kind: &str| kind.starts_with(HARSH);
        let inside = alarms.iter().flatten().filter_map(|a| a.inside.as_deref());
        let marks = drives.iter().flat_map(|drive| drive.marks());
        let bootstrap = interval::bootstrap(&vec![0; rides], |times| {
            let drawn = of_rides.iter().zip(times);
            let (count, hours) = drawn.fold((0, 0.0), |(count, hours), (ride, &times)| {
                (
                    count + ride.0 * u64::from(times),
                    hours + ride.1 * f64::from(times),
                )
            });
            per(count, hours)
        });
        let hours = basis.recorded_h;
        Self {
            set: set.to_owned(),
            alarms: count,
            alarms_per_h: per(count, hours),
            poisson_interval: (hours > 0.0).then(|| interval::of_count(count).times(1.0 / hours)),
            bootstrap_interval: bootstrap.filter(|_| count > 0),
            in_manoeuvre: inside.filter(|kind| is_harsh(kind)).count() as u64,
            manoeuvres: marks.filter(|mark| is_harsh(&mark.kind)).count() as u64,
            basis,
        }
    }
}

fn alarms(
    drive: &Drive,
    selection: &Selection,
    threshold: f64,
    tolerance: Tolerance,
) -> Vec<Alarm> {
    let events = drive.events();
    let above: Vec<_> = operating::above(&events, threshold).copied().collect();
    let verdicts = matching::maximum(&above, &selection.truth(drive.marks()), tolerance);
    let alarms = above.iter().zip(verdicts);
    let alarms = alarms.filter(|(_, verdict)| *verdict == Verdict::FalseAlarm);
    alarms
        .map(|(event, _)| Alarm {
            set: drive.set.clone(),
            trace: drive.trace.clone(),
            t_s: event.t_us as f64 / 1e6,
            score: event.score,
            inside: mark_around(drive.marks(), event.t_us).map(|mark| mark.kind.clone()),
        })
        .collect()
}

/// The mark that a moment lies inside, a harsh manoeuvre before any other.
fn mark_around(marks: &[Mark], t_us: i64) -> Option<&Mark> {
    let around = marks.iter().filter(|mark| mark.distance_us(t_us) == 0);
    around.min_by_key(|mark| !mark.kind.starts_with(HARSH))
}
