//! What waits until the track has settled its place.

use trip::SkipReason;

use crate::window::Frame;

/// What waits, in order of time.
pub(super) enum Waiting {
    /// A moment to be judged.
    Frame(Frame),
    /// A segment ended at this time, µs.
    EndOfSegment(i64),
    /// Time without an even signal that can be judged.
    Unjudged {
        begin_us: i64,
        end_us: i64,
        reason: SkipReason,
    },
}

impl Waiting {
    /// When it is over, µs.
    pub(super) fn end_us(&self) -> i64 {
        match self {
            Self::Frame(frame) => frame.t_us,
            Self::EndOfSegment(end_us) | Self::Unjudged { end_us, .. } => *end_us,
        }
    }
}
