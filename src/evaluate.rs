//! How well a detector finds what people marked.
//!
//! | module | what it settles |
//! | --- | --- |
//! | [`recording`] | a trace and the truth beside it, from files: the only module that reads any |
//! | [`judge`] | which detector judges it |
//! | [`drive`] | the recording, judged: events, marks, hours, kilometres |
//! | [`mark`], [`matching`] | which marks count, and which event is which mark |
//! | [`curve`], [`operating`] | average precision; precision and recall at a threshold |
//! | [`interval`] | how sure a figure is |
//! | [`figures`], [`controls`], [`clips`] | sets with marks, without, and collections of clips |
//! | [`kinds`], [`roughness`] | what is said besides when: kind, probability, place, roughness |
//! | [`resample`] | a drive as a phone of another rate would have read it |
//! | [`settings`] | the detector's configuration as TOML |
//! | [`evaluation`] | all of it in one value |
//! | [`sweep`], [`compare`] | many configurations, and two of them event by event |
//! | [`classic`] | the published detectors that every figure stands beside |
//!
//! ```
//! use jounce::evaluate::{Curve, Event, Mark, Scene, Selection, Tolerance};
//!
//! let mark = |t_s: i64| Mark {
//!     begin_us: t_s * 1_000_000,
//!     end_us: t_s * 1_000_000,
//!     kind: "pothole".to_owned(),
//!     place: None,
//! };
//! let event = |t_us, score| Event { t_us, score };
//! let marks = [mark(10), mark(20)];
//! let selection = Selection { wanted: vec!["pothole".to_owned()], ignored: vec![] };
//! let scene = Scene {
//!     ride: 0,
//!     events: vec![event(10_400_000, 3.0), event(15_000_000, 2.0), event(20_000_000, 1.0)],
//!     truth: selection.truth(&marks),
//! };
//! // A hit, a false alarm, a hit: ½ · 1 + ½ · ⅔.
//! let curve = Curve::of(&[scene], Tolerance::even(1.0));
//! let area = curve.average_precision().expect("there are marks");
//! assert!((area - 5.0 / 6.0).abs() < 1e-12);
//! ```

pub mod classic;
pub mod clips;
pub mod compare;
pub mod controls;
pub mod curve;
pub mod drive;
pub mod evaluation;
pub mod figures;
pub mod interval;
pub mod judge;
pub mod kinds;
pub mod mark;
pub mod matching;
pub mod operating;
pub mod recording;
pub mod resample;
pub mod roughness;
pub mod settings;
pub mod sweep;
#[cfg(test)]
mod tests;

pub use curve::{Curve, CurvePoint, Scene};
pub use drive::{Drive, Found};
pub use evaluation::{By, Evaluation, Scoring};
pub use judge::Judge;
pub use mark::{Mark, Selection, Tolerance, Truth};
pub use matching::Verdict;
pub use recording::Recording;

/// What a detector says happened: when, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, µs on the clock of the trace.
    pub t_us: i64,
    /// How far it stands out; only the order of the scores of one detector means anything.
    pub score: f64,
}
