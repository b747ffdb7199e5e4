//! How well a map agrees with what really lies in the roads: figures per place, not per bump.
//!
//! | module | what it settles |
//! | --- | --- |
//! | [`truth`] | what lies there, and since when, from GeoJSON |
//! | [`passes`] | who drove over it, from CSV |
//! | [`pairing`] | which hazard is which place, one to one |
//! | [`figures`] | precision, recall, places, days, repairs |
//! | [`dbscan`] | the usual way, for comparison: clusters of bumps |

pub mod dbscan;
pub mod figures;
pub mod pairing;
pub mod passes;
pub mod truth;

use aggregator::{EvidenceState, Hazard};

pub use figures::Figures;
pub use pairing::Rule;
pub use passes::Passes;
pub use truth::{TruePlace, Truth};

/// Whether a map says that a hazard is there: confirmed once and not found gone since.
pub fn is_believed(hazard: &Hazard) -> bool {
    use EvidenceState::{Confirmed, Fading, Reopened};
    matches!(hazard.evidence_state, Confirmed | Fading | Reopened)
}

#[cfg(test)]
mod tests;
