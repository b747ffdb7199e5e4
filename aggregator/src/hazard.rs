//! What several drivers' bumps say is there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use trip::{Heading, Kind, Position};

use crate::identity::TripHash;
use crate::said::{KnownFeature, SaidId, Work};

/// Something in the road that drivers feel, and what is believed about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    /// Its name, from the bump that founded it; never used again for another.
    pub id: HazardId,
    /// The likeliest kind, over all its bumps.
    pub kind: Kind,
    /// The probability of that kind, 0 to 1.
    pub kind_probability: f64,
    /// Where it is.
    pub position: Position,
    /// Standard deviation of the place per axis in metres: 95 % lie within 2.45 of it.
    pub sigma_m: f64,
    /// Which way the vehicles went that felt it; `None` when none of them knew.
    pub heading: Option<Heading>,
    /// The probability that it is there, 0 to 1, at the time the map is seen from.
    pub confidence: f64,
    /// What the evidence says of it.
    pub evidence_state: EvidenceState,
    /// What people decided about it, and what they said of it.
    pub work: Work,
    /// The same object felt from both directions has one site: the name of the hazard that was
    /// found first. Every hazard has one.
    pub site: HazardId,
    /// What else is known to lie there, from an imported layer.
    pub feature: Option<KnownFeature>,
    /// What people and evidence say together, where they disagree.
    pub remark: Option<Remark>,
    /// How often it was felt; a driver counts once a day.
    pub hits: u32,
    /// How often it was felt or would have been; a driver counts once a day, from the day of the
    /// first hit on. Never less than `hits`.
    pub passes: u32,
    /// Distinct drivers that felt it: the most in any one season, since pseudonyms change between
    /// seasons and must not be added up.
    pub drivers: u32,
    /// Median peak vertical acceleration of its bumps in m/s², brought to 40 km/h; `None` when no
    /// bump had a speed.
    pub severity_mps2: Option<f64>,
    /// The first time it was felt, µs since 1970 UTC; `None` without dated evidence.
    pub first_us: Option<i64>,
    /// The last time it was felt, µs since 1970 UTC; `None` without dated evidence.
    pub last_us: Option<i64>,
    /// The last time anybody able to feel it passed, µs since 1970 UTC; `None` without dated
    /// evidence. Of a place that was dismissed: up to then.
    pub last_pass_us: Option<i64>,
    /// Citizens' reports of it.
    pub reports: u32,
    /// The share of able passes that feel it while it is there, as far as its passes tell.
    pub detection: f64,
    /// When the evidence moved it, in order of time.
    pub moves: Vec<Move>,
    /// How it was felt week by week, in order of time.
    pub weeks: Vec<FeltWeek>,
}

impl Hazard {
    /// Whose it is: as people said, else as the known feature there says.
    pub fn owner(&self) -> Option<&str> {
        let of_feature = || self.feature.as_ref()?.owner.as_deref();
        self.work.owner.as_deref().or_else(of_feature)
    }
}

/// The evidence moved a hazard to another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// When: the end of the day whose evidence did it, µs since 1970 UTC; 0 for undated evidence.
    pub at_us: i64,
    /// To which state.
    pub state: EvidenceState,
    /// Driver-days until then on which it was felt.
    pub hits: u32,
    /// Driver-days until then on which it was felt or would have been.
    pub passes: u32,
}

/// How a hazard was felt during one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeltWeek {
    /// The Monday it begins with, in days since 1970-01-01; `None` for all evidence without a date.
    pub monday: Option<i32>,
    /// Driver-days on which it was felt.
    pub hits: u32,
    /// Driver-days on which it was felt or would have been.
    pub passes: u32,
    /// Bumps with a severity.
    pub severities: u32,
    /// Sum of them, mm/s².
    pub severity_sum_mmps2: i64,
}

/// What people and evidence say together, where they disagree or wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// Work is ordered, and able drivers feel nothing any more.
    ScheduledNoLongerFelt,
    /// It was closed, and is felt since.
    ClosedStillFelt,
    /// The crew says repaired, and it is felt since.
    RepairStillFelt,
    /// The crew says repaired, and too few have passed since to tell.
    RepairUnverified,
    /// The crew says repaired, and those who passed since agree.
    RepairVerified,
    /// An inspector found nothing, and it is felt since.
    InspectedStillFelt,
}

/// The name of a hazard: `h-` and 16 characters of base 32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HazardId([u8; 10]);

/// The text is not the name of a hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a hazard: h- and 16 of a-z and 2-7")]
pub struct HazardIdError;

/// What the evidence says of a hazard. Only evidence moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceState {
    /// Felt, but not by enough drivers or not often enough.
    Candidate,
    /// Felt by enough drivers, and believed to be there.
    Confirmed,
    /// Was confirmed; later passes felt nothing or did not come.
    Fading,
    /// Was confirmed; able drivers now pass and feel nothing.
    VerifiedGone,
    /// Was gone and is felt again.
    Reopened,
    /// Nobody able passed for so long that nothing can be said. Not the same as gone.
    ExpiredUnverified,
}

/// Gives a closed vocabulary its words.
macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every word, in a fixed order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as the map and the tables write it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// What the word stands for.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name() == name)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}
pub(crate) use words;

words!(EvidenceState {
    Candidate => "candidate",
    Confirmed => "confirmed",
    Fading => "fading",
    VerifiedGone => "verified_gone",
    Reopened => "reopened",
    ExpiredUnverified => "expired_unverified",
});

words!(Remark {
    ScheduledNoLongerFelt => "scheduled_no_longer_felt",
    ClosedStillFelt => "closed_still_felt",
    RepairStillFelt => "repair_still_felt",
    RepairUnverified => "repair_unverified",
    RepairVerified => "repair_verified",
    InspectedStillFelt => "inspected_still_felt",
});

impl HazardId {
    /// The name of the hazard that the bump of a trip at `peak_us` founded.
    pub(crate) fn founded_by(trip: TripHash, peak_us: i64) -> Self {
        let hash = Sha256::new()
            .chain_update(b"jounce hazard 1\0")
            .chain_update(trip.bytes())
            .chain_update(peak_us.to_be_bytes())
            .finalize();
        Self(hash[..10].try_into().expect("SHA-256 has 32 bytes"))
    }

    /// The name of the hazard that a citizen's report founded.
    pub(crate) fn reported_by(report: SaidId) -> Self {
        let hash = Sha256::new()
            .chain_update(b"jounce hazard reported 1\0")
            .chain_update(report.bytes())
            .finalize();
        Self(hash[..10].try_into().expect("SHA-256 has 32 bytes"))
    }
}

impl Serialize for EvidenceState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for EvidenceState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| de::Error::custom("not a state of the evidence"))
    }
}

impl Serialize for HazardId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HazardId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Source: RFC 4648, section 6, in lower case and without padding.
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

impl fmt::Display for HazardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self
            .0
            .iter()
            .fold(0_u128, |bits, &b| bits << 8 | u128::from(b));
        let text: String = (0..16)
            .rev()
            .map(|place| char::from(BASE32[(bits >> (5 * place)) as usize & 31]))
            .collect();
        f.pad(&format!("h-{text}"))
    }
}

impl FromStr for HazardId {
    type Err = HazardIdError;

    fn from_str(text: &str) -> Result<Self, HazardIdError> {
        let digits = text.strip_prefix("h-").ok_or(HazardIdError)?.as_bytes();
        if digits.len() != 16 {
            return Err(HazardIdError);
        }
        let mut bits = 0_u128;
        for digit in digits {
            let value = BASE32
                .iter()
                .position(|b| b == digit)
                .ok_or(HazardIdError)?;
            bits = bits << 5 | value as u128;
        }
        let bytes = bits.to_be_bytes();
        Ok(Self(bytes[6..].try_into().expect("16 bytes less 6 are 10")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hazard_id_reads_what_it_writes() {
        let trip: TripHash = "00112233445566778899aabbccddeeff".parse().unwrap();
        let id = HazardId::founded_by(trip, 1_767_614_400_000_000);
        assert_eq!(id.to_string().parse::<HazardId>(), Ok(id));
        assert_eq!(id.to_string().len(), 18);
        assert_ne!(id, HazardId::founded_by(trip, 1_767_614_400_000_001));
    }

    #[test]
    fn other_texts_are_no_hazard() {
        for text in [
            "",
            "h-",
            "h-abc",
            "x-aaaaaaaaaaaaaaaa",
            "h-AAAAAAAAAAAAAAAA",
            "h-1aaaaaaaaaaaaaaa",
        ] {
            assert_eq!(text.parse::<HazardId>(), Err(HazardIdError), "{text}");
        }
    }

    #[test]
    fn every_state_reads_what_it_writes() {
        for state in EvidenceState::ALL {
            assert_eq!(EvidenceState::from_name(state.name()), Some(*state));
        }
        for remark in Remark::ALL {
            assert_eq!(Remark::from_name(remark.name()), Some(*remark));
        }
    }
}
