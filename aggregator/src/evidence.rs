//! What one trip said: the fact that everything else is folded from.

use trip::{DeviceId, Generation, Report, TripKey, Vehicle};

use crate::identity::{self, Driver, TripHash};
use crate::stamp::Stamp;
use crate::zone::Zone;

/// Everything that one trip said, as the detector hands it over.
#[derive(Clone, Debug, PartialEq)]
pub struct TripEvidence {
    /// Whose trip it is. The map keeps a hash and a pseudonym of it.
    pub key: TripKey,
    /// The device whose witness this is, where many from one source count as few; `None`: its own.
    pub counts_as: Option<DeviceId>,
    /// The detector that judged the trip.
    pub generation: Generation,
    /// What drove.
    pub vehicle: Vehicle,
    /// How many of the trip's messages were judged.
    pub messages: u32,
    /// A digest of those messages: the same digest, the same input.
    pub digest: [u8; 16],
    /// The earliest time of any reading, µs of the phone's clock.
    pub first_us: i64,
    /// The latest time of any reading, µs of the phone's clock; its day is the stamp day.
    pub last_us: i64,
    /// What the detector found. Candidates never reach the map.
    pub report: Report,
}

/// The evidence of one trip as the map keeps it: the same, without anybody's name.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// The trip's name in the map.
    pub trip: TripHash,
    /// The device's pseudonym in the season of the stamp.
    pub driver: Driver,
    /// The day that the evidence is filed under.
    pub stamp: Stamp,
    /// Which reading of the trip this is.
    pub edition: Edition,
    /// What drove.
    pub vehicle: Vehicle,
    /// The earliest time of any reading, µs of the phone's clock.
    pub first_us: i64,
    /// The latest time of any reading, µs of the phone's clock.
    pub last_us: i64,
    /// What the detector found, without candidates.
    pub report: Report,
}

/// Which reading of a trip a piece of evidence is: of which messages, by which detector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// The detector that judged the trip.
    pub generation: Generation,
    /// A hash of the digest of the messages. The digest itself stays out of the map: whoever
    /// imports a file may well use one hash of its bytes as digest and as trip id.
    pub digest: [u8; 16],
    /// How many messages they were.
    pub messages: u32,
}

/// What became of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recorded {
    /// The map did not know the trip.
    Added,
    /// The map has this very evidence already: nothing changed.
    Unchanged,
    /// The same messages, read by another detector: it took the place of what that one had said.
    Replaced,
    /// More messages of the trip than the map had: it took their place.
    Superseded,
    /// The map has evidence from more of the trip's messages and keeps that.
    Outranked,
    /// The trip's driver withdrew it: it is not taken in again.
    Withdrawn,
    /// The trip is in the map already, in sums that no longer know it.
    Sealed,
}

impl Recorded {
    /// Whether the map changed.
    pub fn changed(self) -> bool {
        matches!(self, Self::Added | Self::Replaced | Self::Superseded)
    }
}

impl TripEvidence {
    /// Which reading of the trip this is.
    pub fn edition(&self) -> Edition {
        Edition {
            generation: self.generation.clone(),
            digest: identity::digest_in_map(&self.digest),
            messages: self.messages,
        }
    }

    /// The day that the evidence is filed under, where days are counted in `zone`.
    pub fn stamp(&self, zone: &Zone) -> Stamp {
        Stamp::of(self.last_us, zone)
    }
}

impl Edition {
    /// What becomes of `newcomer` when this edition already stands.
    ///
    /// The same messages read by another detector replace what stands: one generation counts per
    /// trip, and redetection is how it changes. Of different messages of one trip, the evidence
    /// from more of them stands, then the one with the smaller digest: a total order, so that any
    /// order of recording ends with the same evidence.
    pub fn verdict_on(&self, newcomer: &Self) -> Recorded {
        if self.digest == newcomer.digest {
            return if self.generation == newcomer.generation {
                Recorded::Unchanged
            } else {
                Recorded::Replaced
            };
        }
        let rank = |edition: &Self| (edition.messages, std::cmp::Reverse(edition.digest));
        if rank(self) < rank(newcomer) {
            Recorded::Superseded
        } else {
            Recorded::Outranked
        }
    }
}

impl Fact {
    /// The fact that a piece of evidence becomes, under the pseudonym of its device, where days are
    /// counted in `zone`.
    pub fn new(evidence: &TripEvidence, driver: Driver, zone: &Zone) -> Self {
        Self {
            trip: TripHash::of(&evidence.key),
            driver,
            stamp: evidence.stamp(zone),
            edition: evidence.edition(),
            vehicle: evidence.vehicle,
            first_us: evidence.first_us,
            last_us: evidence.last_us,
            report: Report {
                candidates: Vec::new(),
                ..evidence.report.clone()
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(detector: &str, digest: u8, messages: u32) -> Edition {
        Edition {
            generation: Generation {
                name: detector.to_owned(),
                version: "1".to_owned(),
                config_hash: "0123456789abcdef".to_owned(),
            },
            digest: [digest; 16],
            messages,
        }
    }

    #[test]
    fn the_same_messages_read_again_change_nothing() {
        let standing = edition("a", 1, 10);
        assert_eq!(standing.verdict_on(&standing.clone()), Recorded::Unchanged);
    }

    #[test]
    fn another_detector_on_the_same_messages_replaces() {
        let standing = edition("a", 1, 10);
        assert_eq!(
            standing.verdict_on(&edition("b", 1, 10)),
            Recorded::Replaced
        );
    }

    #[test]
    fn more_messages_win_and_fewer_lose_whoever_comes_first() {
        let (short, long) = (edition("a", 1, 10), edition("a", 2, 11));
        assert_eq!(short.verdict_on(&long), Recorded::Superseded);
        assert_eq!(long.verdict_on(&short), Recorded::Outranked);
    }

    #[test]
    fn as_many_other_messages_are_settled_by_their_digest() {
        let (small, large) = (edition("a", 1, 10), edition("b", 2, 10));
        assert_eq!(large.verdict_on(&small), Recorded::Superseded);
        assert_eq!(small.verdict_on(&large), Recorded::Outranked);
    }
}
