//! What hazards are called in other systems: an asset register, a citizens' line, an order book.

use serde::{Deserialize, Serialize};

use super::Pin;

/// Somebody tied a hazard to its number in another system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// Which hazard: its id is pinned by this.
    pub hazard: Pin,
    /// The other system.
    pub system: String,
    /// What the hazard is called there.
    #[serde(rename = "ref")]
    pub id: String,
    /// Where it can be looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How it stands there, in that system's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// A number in another system, with what was said of it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideReference {
    /// The other system.
    pub system: String,
    /// What the hazard is called there.
    pub id: String,
    /// Where it can be looked up.
    pub url: Option<String>,
    /// How it stands there, in that system's words.
    pub status: Option<String>,
    /// When that was said, µs since 1970 UTC.
    pub at_us: i64,
}

/// Adds a reference to those of a hazard, which are in order of system and number: each stands
/// once, and what was said of it last counts.
pub(super) fn add(references: &mut Vec<OutsideReference>, said: &Reference, at_us: i64) {
    let name = |reference: &OutsideReference| (reference.system.clone(), reference.id.clone());
    let said_name = (said.system.clone(), said.id.clone());
    match references.binary_search_by_key(&said_name, name) {
        Ok(index) => {
            let known = &mut references[index];
            known.url = said.url.clone().or_else(|| known.url.take());
            known.status = said.status.clone().or_else(|| known.status.take());
            known.at_us = at_us;
        }
        Err(index) => references.insert(
            index,
            OutsideReference {
                system: said.system.clone(),
                id: said.id.clone(),
                url: said.url.clone(),
                status: said.status.clone(),
                at_us,
            },
        ),
    }
}
