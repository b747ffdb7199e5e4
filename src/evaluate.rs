//! How well a detector finds what people marked.
//!
//! Everything here is pure: events and marks in, figures out. `classic` holds the published
//! detectors that every figure stands beside.

pub mod classic;

/// What a detector says happened: when, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, µs on the clock of the trace.
    pub t_us: i64,
    /// How far it stands out; only the order of the scores of one detector means anything.
    pub score: f64,
}
