//! What several drivers' bumps say is there.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use trip::{Heading, Kind, Position};

use crate::identity::TripHash;

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
    /// What people decided about it.
    pub work_state: WorkState,
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
    /// evidence.
    pub last_pass_us: Option<i64>,
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

impl EvidenceState {
    /// Every state, in a fixed order.
    pub const ALL: [Self; 6] = [
        Self::Candidate,
        Self::Confirmed,
        Self::Fading,
        Self::VerifiedGone,
        Self::Reopened,
        Self::ExpiredUnverified,
    ];

    /// The state as the map and the tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Confirmed => "confirmed",
            Self::Fading => "fading",
            Self::VerifiedGone => "verified_gone",
            Self::Reopened => "reopened",
            Self::ExpiredUnverified => "expired_unverified",
        }
    }

    /// The state with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl WorkState {
    /// Every state, in a fixed order.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::Triaged,
        Self::Scheduled,
        Self::RepairClaimed,
        Self::Closed,
    ];

    /// The state as the map and the tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Triaged => "triaged",
            Self::Scheduled => "scheduled",
            Self::RepairClaimed => "repair_claimed",
            Self::Closed => "closed",
        }
    }

    /// The state with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl fmt::Display for EvidenceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for WorkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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
            assert_eq!(EvidenceState::from_name(state.name()), Some(state));
        }
        for state in WorkState::ALL {
            assert_eq!(WorkState::from_name(state.name()), Some(state));
        }
    }
}
