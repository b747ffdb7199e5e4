//! From batches of one trip to bumps and judged stretches of road; all pure.
//!
//! [`Detector::push`] takes a [`trip::Batch`], [`Detector::finish`] ends the trip; both give a
//! [`trip::Report`]. The walk, one file each:
//!
//! | step | module | what it settles |
//! | --- | --- | --- |
//! | 1 | `resample` | uneven sensor times to an even rate; gaps split the signal |
//! | 2 | `gravity` | which way is down; vertical and horizontal motion; a hand on the phone |
//! | 3 | `window` | a moment each 0.16 s: `spectrum` (FFT band power, of a signal slowed down by `lowpass`), `highpass` (blows), widths |
//! | 4 | `track` | where the vehicle was then, how fast, how sure; the receiver's `latency` learnt and removed |
//! | 5 | `score` | both channels' features (`feature`) against what is usual (`baseline`, `quantile`), weighed; or why not judged |
//! | 6 | `trigger` | peaks of the score: when a jolt begins and ends |
//! | 7 | `classify` | kind, severity, probability |
//! | 8 | `stretch` | road driven and judged, its roughness; and what was skipped |
//! | – | `watch` | all of that kept, for people who ask why: `jounce explain` |
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
//! A [`Detector::watching`] one keeps what it saw of every [`Moment`]; `jounce explain` says and draws
//! it. `README.md` beside this crate walks through one event with its picture.

mod axis;
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
#[doc(hidden)]
pub mod stages;
mod stretch;
mod sum;
mod track;
mod trigger;
mod vector;
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
pub use watch::{Moment, Part, Watch};
