//! The published detectors, written anew from their descriptions, as baselines.
//!
//! All five stand on one front end, so that they differ only in what their papers say: even time and
//! segments without a gap (`even`), gravity taken out (`level`), filters (`filter`). Each gives one
//! score per reading (`deviation`, `patrol`, `sta_lta`); the peaks of it are its events (`peak`),
//! down to the faintest, so that a whole precision and recall curve can be drawn.
//!
//! They see a whole trip at once: baselines look both ways, which no live detector can. A baseline
//! that has every advantage makes the comparison mean something.
//!
//! Where a constant is *as commonly quoted*, it was taken from the literature about the paper, not
//! from the paper itself. No constant was fitted to marks.

use trip::{Fix, Sample};

use super::Event;

mod deviation;
mod even;
mod filter;
mod level;
mod patrol;
mod peak;
mod speed;
mod sta_lta;
#[cfg(test)]
mod tests;

use level::Signal;
use speed::Speeds;

/// A published detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Classic {
    /// How far the standard deviation of the vertical acceleration over 0.5 s stands above the
    /// trip's own, in the trip's own spread: STDEV(Z) with an adaptive threshold.
    ///
    /// Source: Mednis et al. (2011), "Real time pothole detection using Android smartphones with
    /// accelerometers", for STDEV(Z); Carlos et al. (2018), "Evaluation of detection approaches for
    /// road anomalies based on accelerometer readings: addressing who's who", for a threshold that
    /// follows the trip. Median and median deviation stand here in place of mean and standard
    /// deviation, which the bumps themselves pull up.
    StdevZ,
    /// How far the vertical acceleration is from rest: Z-THRESH.
    ///
    /// Source: Mednis et al. (2011).
    ZThresh,
    /// Short-term over long-term average of the body's motion: the trigger of seismology, in the
    /// band where it does best on roads.
    ///
    /// Source: Withers et al. (1998), "A comparison of select trigger algorithms for automated
    /// global seismic phase and event detection", the recursive form.
    StaLta,
    /// Peaks of the vertical acceleration that pass the filters for speed and for one-sidedness.
    ///
    /// Source: Eriksson et al. (2008), "The Pothole Patrol: using a mobile sensor network for road
    /// surface monitoring". Their thresholds came from a search over marked drives of their own.
    PotholePatrol,
    /// How many median deviations of the trip the vertical acceleration is from its median.
    ///
    /// Source: Iglewicz & Hoaglin (1993), "How to detect and handle outliers", the modified z-score,
    /// as student apps use it.
    MadZ,
}

impl Classic {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 5] = [
        Self::StdevZ,
        Self::ZThresh,
        Self::StaLta,
        Self::PotholePatrol,
        Self::MadZ,
    ];

    /// Its name in commands and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::StdevZ => "stdev_z",
            Self::ZThresh => "z_thresh",
            Self::StaLta => "sta_lta",
            Self::PotholePatrol => "pothole_patrol",
            Self::MadZ => "mad_z",
        }
    }

    /// The score from which on it says that there was something; the unit is the detector's own.
    pub fn threshold(self) -> f64 {
        match self {
            // Robust standard deviations, as for the acceleration itself below; start value.
            Self::StdevZ => 5.0,
            // m/s²: 0.4 g. Source: Mednis et al. (2011), as commonly quoted.
            Self::ZThresh => 0.4 * GRAVITY_MPS2,
            // Ratio. Source: Trnkoczy (2012), "Understanding and parameter setting of STA/LTA trigger
            // algorithm", start value for quiet sites, as commonly quoted.
            Self::StaLta => 4.0,
            // m/s². Start value: the paper's came from its own marked drives; here that of Z-THRESH.
            Self::PotholePatrol => 0.4 * GRAVITY_MPS2,
            // Robust standard deviations. Source: Ou3a-Joura (2025), its code; Iglewicz & Hoaglin
            // themselves say 3.5.
            Self::MadZ => 5.0,
        }
    }

    /// What it finds in a trip, in order of time, no two within a second; scores are above 0.
    ///
    /// Readings whose time does not move forward are ignored. The order of the fixes does not matter.
    ///
    /// ```
    /// use jounce::evaluate::classic::Classic;
    /// use trip::Sample;
    ///
    /// // A minute on a road that sways a little, with one jolt after half of it.
    /// let sample = |i: i64| {
    ///     let sway = 0.2 * (i as f32 / 8.0).sin();
    ///     let jolt = if (1500..1510).contains(&i) { 6.0 } else { 0.0 };
    ///     Sample { t_us: i * 20_000, accel_mps2: [jolt / 2.0, 0.0, 9.81 + sway + jolt] }
    /// };
    /// let samples: Vec<Sample> = (0..3000).map(sample).collect();
    /// for classic in Classic::ALL {
    ///     let events = classic.events(&samples, &[]);
    ///     let most = events.iter().max_by(|a, b| a.score.total_cmp(&b.score)).expect("events");
    ///     assert!((most.t_us - 30_000_000).abs() < 1_000_000, "{}", classic.name());
    ///     assert!(most.score >= classic.threshold());
    /// }
    /// ```
    pub fn events(self, samples: &[Sample], fixes: &[Fix]) -> Vec<Event> {
        let signals: Vec<Signal> = even::segments(samples).iter().map(Signal::new).collect();
        let scores = match self {
            Self::StdevZ => deviation::stdev_z(&signals),
            Self::ZThresh => deviation::z_thresh(&signals),
            Self::StaLta => signals.iter().map(sta_lta::ratio).collect(),
            Self::PotholePatrol => {
                let speeds = Speeds::new(fixes);
                signals.iter().map(|s| patrol::blows(s, &speeds)).collect()
            }
            Self::MadZ => deviation::mad_z(&signals),
        };
        let peaks = signals.iter().zip(&scores).flat_map(|(signal, scores)| {
            peak::maxima(scores).map(|index| Event {
                t_us: signal.t_us(index),
                score: scores[index],
            })
        });
        peak::apart(peaks.collect())
    }
}

/// Standard gravity, m/s². Source: 3rd CGPM (1901).
const GRAVITY_MPS2: f64 = 9.80665;
