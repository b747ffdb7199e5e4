//! The detector's learnt numbers, fitted on marked drives. The same drives give the same numbers on
//! every run: nothing is drawn by chance, so there is no seed.
//!
//! | module | what it settles |
//! | --- | --- |
//! | [`lesson`] | a marked recording, and what the detector made of it |
//! | [`course`] | marked recordings by rides; rounds of judging and fitting |
//! | [`sheet`] | candidates with their marks: one fit on them, and how well it ranks them |
//! | [`logistic`] | logistic regression with a ridge |
//! | [`outcome`] | what was learnt, and what it is worth on rides that were not learnt from |
//! | [`probability`] | from scores to probabilities |
//!
//! What is learnt are the weights of the body channel ([`detector::BodyWeights`]). Candidates depend
//! on weights (a lower peak near a higher one is dropped), so the detector runs anew with each
//! round's weights, [`ROUNDS`] times.
//!
//! Phones of one ride felt the same marks: whatever is said of a ride that was *left out* was learnt
//! without any of its phones.

pub mod course;
pub mod lesson;
pub mod logistic;
pub mod outcome;
pub mod probability;
pub mod sheet;

pub use course::Course;
pub use lesson::Lesson;
pub use outcome::Outcome;

use crate::evaluate::{Selection, Tolerance};

/// How often the detector runs and its weights are fitted anew. On the Noida set the fifth round and
/// all after it move no weight by more than 0.006, wherever they began.
pub const ROUNDS: usize = 6;

/// How to learn.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which marks count; what lies on ignored ones is not learnt from.
    pub selection: Selection,
    /// How near is near enough.
    pub tolerance: Tolerance,
    /// Weight of the ridge, see [`logistic::Logistic::fit`].
    pub ridge: f64,
    /// The configuration to begin with; all but the weights stays as it is.
    pub config: detector::Config,
}

/// Why nothing is learnt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// Leaving a ride out must leave something to learn from.
    #[error("{marked} of the rides have marks of these kinds; it takes two at least")]
    TooFewRides {
        /// Rides with wanted marks.
        marked: usize,
    },
    /// A fit needs candidates on marks and others.
    #[error("no {0} among the candidates; there is nothing to tell apart")]
    OneSort(&'static str),
}
