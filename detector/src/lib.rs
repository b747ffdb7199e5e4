//! From batches of one trip to bumps and judged stretches of road; all pure.
//!
//! [`Detector::push`] takes a [`trip::Batch`], [`Detector::finish`] ends the trip; both give a
//! [`trip::Report`]. The walk, one file each:
//!
//! | step | module | what it settles |
//! | --- | --- | --- |
//! | 1 | `resample` | uneven sensor times to an even rate; gaps split the signal |
//! | 2 | `gravity` | which way is down; vertical and horizontal motion; a hand on the phone |
//! | 3 | `window` | a window each 0.2 s: `spectrum` (FFT band power), `highpass` (blows), widths |
//! | 4 | `track` | where the vehicle was then, how fast, how sure; the receiver's `latency` learnt and removed |
//! | 5 | `score` | both channels against their adaptive baselines (`quantile`), or why not judged |
//! | 6 | `trigger` | peaks of the score: when a jolt begins and ends |
//! | 7 | `classify` | kind, severity, probability |
//! | 8 | `stretch` | road driven and judged, its roughness; and what was skipped |
//!
//! `detector` holds the state of a trip and the order of these steps; `config` every number.
//!
//! # Why did a window give no bump?
//!
//! Either it was not judged: [`trip::Skipped`] lists that time with one of the reasons of
//! [`trip::SkipReason`], decided in `score` (where there is no even signal at all, in `detector`). Or
//! neither channel reached `trigger.threshold`: then
//! [`trip::Report::candidates`] holds its two scores, down to `trigger.candidate_floor`. Or a higher
//! peak stood within `trigger.merge_s`: of two so near the lower one is dropped.
//!
//! # One worked window
//!
//! A phone at 50 Hz, 128 samples (2.56 s) around a speed hump. The Hann-tapered transform has bins
//! of 0.39 Hz; those from 0.4 to 1.2 Hz hold an RMS of 0.50 m/s², those from 1.2 to 2.5 Hz one of
//! 0.80. Their logarithms are −0.65 and −0.20. The seconds around average −2.2 and −1.7, so the
//! contrasts are 1.55 and 1.50; the ten-minute medians are −2.3 and −1.9, so the excesses are 1.65
//! and 1.70. The body score is the mean of the four, 1.60: below the threshold of 1.8, a candidate.

mod baseline;
mod classify;
mod config;
mod detector;
mod feature;
mod gravity;
mod highpass;
mod latency;
mod lowpass;
mod quantile;
mod resample;
mod score;
mod spectrum;
mod stretch;
mod track;
mod trigger;
mod watch;
mod window;

pub use config::{
    BaselineConfig, BodyConfig, BodyWeights, ClassifyConfig, Config, GravityConfig, ImpactConfig,
    ImpactWeights, LocateConfig, RejectConfig, ResampleConfig, RoadLimits, StretchConfig,
    TriggerConfig, WindowConfig,
};
pub use detector::Detector;
pub use feature::{BodyFeatures, ImpactFeatures};
pub use latency::Latency;
pub use watch::{Moment, Watch};
