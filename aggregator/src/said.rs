//! What people said: acts of staff, inspections, citizens' reports, and layers of known features.
//!
//! People and evidence disagree, so what people say never moves what the evidence says, and the
//! other way round: see [`Work`] and [`EvidenceState`](crate::EvidenceState). What was said is
//! never changed, only said anew; each has an id, and saying it twice is saying it once.

mod reference;
mod text;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use trip::{Heading, Kind, Position};

use crate::hazard::{Hazard, HazardId, words};
use crate::identity::{bytes_from_hex, hex};

pub use reference::{OutsideReference, Reference};

/// One thing that somebody said, as it stands in `acts.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// Its name.
    pub id: SaidId,
    /// When, µs since 1970 UTC.
    pub at_us: i64,
    /// Who: the name of a member of staff, or `citizen`.
    pub by: String,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Staff decided something about a hazard.
    Act(Act),
    /// An inspector looked.
    Inspection(Inspection),
    /// A citizen reported something.
    Report(CitizenReport),
    /// Another system has a number for a hazard.
    Reference(Reference),
}

/// Staff decided something about a hazard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// Which hazard: its id is pinned by this.
    pub hazard: Pin,
    /// What they decided.
    #[serde(with = "text::name")]
    pub act: ActKind,
    /// The number of the order in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Why it was closed.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "text::optional_name"
    )]
    pub reason: Option<CloseReason>,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An inspector looked: the only truth from the field that a city has, and so a label as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Which hazard: its id is pinned by this.
    pub hazard: Pin,
    /// Whether it was there.
    pub found: bool,
    /// What it was.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "text::optional_name"
    )]
    pub kind: Option<Kind>,
    /// How deep (or high), millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_mm: Option<f64>,
    /// How wide, millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_mm: Option<f64>,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A citizen reported something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CitizenReport {
    /// Where.
    #[serde(with = "text::position")]
    pub at: Position,
    /// What.
    #[serde(with = "text::name")]
    pub kind: Kind,
    /// In their own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A hazard whose name the outside has seen, and enough of it to find it again: later folds begin
/// with what is pinned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// Its name.
    pub id: HazardId,
    /// Where it was then.
    #[serde(with = "text::position")]
    pub at: Position,
    /// Which way the vehicles went.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "text::heading"
    )]
    pub heading: Option<Heading>,
}

/// Something in the road that a city knows of: a casting, a hump, rails.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownFeature {
    /// The city's own name of it, or its number in the layer.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Whose it is.
    pub owner: Option<String>,
    /// Where.
    pub at: Position,
}

/// The name of something that was said: 64 bits, drawn when it was said. Of two things the one said
/// later has the greater name: what counts from the same time keeps the order in which it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SaidId([u8; 8]);

/// What staff can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActKind {
    /// Seen and accepted.
    Triage,
    /// Work is ordered.
    Schedule,
    /// The crew says that it is repaired.
    Repaired,
    /// Closed without work, for a reason.
    Dismiss,
    /// Closed: it belongs there, and to somebody.
    Known,
    /// Open again.
    Reopen,
}

/// Why a hazard was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CloseReason {
    /// Somebody else's road or object.
    NotOurs,
    /// It belongs there.
    KnownFeature,
    /// Too small to repair.
    BelowCriteria,
    /// Another hazard is the same.
    Duplicate,
    /// It cannot be repaired.
    CannotFix,
    /// Repaired, and that is that.
    Done,
}

/// What people decided about a hazard. Only people move it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WorkState {
    /// Nobody decided anything.
    #[default]
    None,
    /// Seen and accepted.
    Triaged,
    /// Work is ordered.
    Scheduled,
    /// The crew says that it is repaired.
    RepairClaimed,
    /// Closed, for whatever reason.
    Closed,
}

/// Where a hazard stands with people: what they said last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// What they decided.
    pub state: WorkState,
    /// Since when, µs since 1970 UTC; `None` while nobody decided anything.
    pub since_us: Option<i64>,
    /// Why it is closed.
    pub reason: Option<CloseReason>,
    /// Whose it is.
    pub owner: Option<String>,
    /// The number of the order in another system.
    pub order: Option<String>,
    /// Its numbers in other systems, in order of system and number.
    pub references: Vec<OutsideReference>,
    /// When an inspector looked, and whether it was there.
    pub inspected: Option<(i64, bool)>,
    /// What an inspector says that it is.
    pub kind: Option<Kind>,
    /// As measured, millimetres.
    pub depth_mm: Option<f64>,
    /// As measured, millimetres.
    pub width_mm: Option<f64>,
}

words!(ActKind {
    Triage => "triage",
    Schedule => "schedule",
    Repaired => "repaired",
    Dismiss => "dismiss",
    Known => "known",
    Reopen => "reopen",
});

words!(CloseReason {
    NotOurs => "not_ours",
    KnownFeature => "known_feature",
    BelowCriteria => "below_criteria",
    Duplicate => "duplicate",
    CannotFix => "cannot_fix",
    Done => "done",
});

words!(WorkState {
    None => "none",
    Triaged => "triaged",
    Scheduled => "scheduled",
    RepairClaimed => "repair_claimed",
    Closed => "closed",
});

impl Pin {
    /// The name of a hazard, and where it is now.
    pub fn of(hazard: &Hazard) -> Self {
        Self {
            id: hazard.id,
            at: hazard.position,
            heading: hazard.heading,
        }
    }
}

impl Said {
    /// The hazard that it is about; `None` for a report, which is about a place.
    pub fn hazard(&self) -> Option<&Pin> {
        match &self.what {
            What::Act(act) => Some(&act.hazard),
            What::Inspection(inspection) => Some(&inspection.hazard),
            What::Reference(reference) => Some(&reference.hazard),
            What::Report(_) => None,
        }
    }

    /// The order in which things were said.
    pub(crate) fn order(&self) -> (i64, SaidId) {
        (self.at_us, self.id)
    }
}

impl Work {
    /// Where a hazard stands after all that was said of it, in order of time.
    pub(crate) fn after<'a>(said: impl Iterator<Item = &'a Said>) -> Self {
        let mut work = Self::default();
        for said in said {
            match &said.what {
                What::Act(act) => work.act(act, said.at_us),
                What::Inspection(inspection) => work.inspection(inspection, said.at_us),
                What::Reference(said_of_it) => {
                    reference::add(&mut work.references, said_of_it, said.at_us);
                }
                What::Report(_) => {}
            }
        }
        work
    }

    fn act(&mut self, act: &Act, at_us: i64) {
        self.state = match act.act {
            ActKind::Triage => WorkState::Triaged,
            ActKind::Schedule => WorkState::Scheduled,
            ActKind::Repaired => WorkState::RepairClaimed,
            ActKind::Dismiss | ActKind::Known => WorkState::Closed,
            ActKind::Reopen => WorkState::None,
        };
        self.since_us = Some(at_us);
        self.reason = match act.act {
            ActKind::Known => Some(CloseReason::KnownFeature),
            ActKind::Dismiss => act.reason,
            _ => None,
        };
        self.owner = act.owner.clone().or_else(|| self.owner.take());
        self.order = act.order.clone().or_else(|| self.order.take());
    }

    fn inspection(&mut self, inspection: &Inspection, at_us: i64) {
        self.inspected = Some((at_us, inspection.found));
        self.kind = inspection.kind.or(self.kind);
        self.depth_mm = inspection.depth_mm.or(self.depth_mm);
        self.width_mm = inspection.width_mm.or(self.width_mm);
        self.owner = inspection.owner.clone().or_else(|| self.owner.take());
    }
}

impl SaidId {
    /// The name with these bits.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The bits.
    pub fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl fmt::Display for SaidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// The text is not the name of something that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 16 lower-case hexadecimal digits")]
pub struct SaidIdError;

impl FromStr for SaidId {
    type Err = SaidIdError;

    fn from_str(text: &str) -> Result<Self, SaidIdError> {
        bytes_from_hex(text).map(Self).ok_or(SaidIdError)
    }
}

impl Serialize for SaidId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SaidId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
