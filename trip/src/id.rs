//! Who said it: identities that a phone chooses.

use std::fmt;
use std::str::FromStr;

/// The mailbox a phone publishes from: 1 to 64 of `a-z`, `0-9`, `-`, not beginning with `-`.
///
/// It is a name on a topic, not a person, and never leaves for a log, a map or an export.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(String);

/// 128 bits that a phone draws at random for one journey. Written as 32 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TripId([u8; 16]);

/// A trip is *(device, trip)* everywhere: two phones that drew the same bits stay two trips.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TripKey {
    /// The phone's mailbox.
    pub device: DeviceId,
    /// The journey.
    pub trip: TripId,
}

/// Why a text is not an identity. The text itself is not repeated: it may name somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// A device id has other characters, or too few or too many of them.
    #[error("a device id is 1 to 64 of a-z, 0-9 and '-', and begins with a letter or digit")]
    Device,
    /// A trip id is not 32 lower-case hexadecimal digits.
    #[error("a trip id is 32 lower-case hexadecimal digits (128 random bits)")]
    Trip,
}

impl DeviceId {
    /// The text, for topics and files; never for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DeviceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=64).contains(&text.len()) || text.starts_with('-') || !text.bytes().all(legal) {
            return Err(IdError::Device);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceId(…)")
    }
}

impl TripId {
    /// A trip id from its 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl FromStr for TripId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.len() != 32 || !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(IdError::Trip);
        }
        u128::from_str_radix(text, 16)
            .map(|bits| Self(bits.to_be_bytes()))
            .map_err(|_| IdError::Trip)
    }
}

impl fmt::Display for TripId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TripId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TripId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trip_id_reads_what_it_writes() {
        let text = "00ff00000000000000000000000000a7";
        let id: TripId = text.parse().expect("valid");
        assert_eq!(id.to_string(), text);
        assert_eq!(TripId::from_bytes(id.bytes()), id);
    }

    #[test]
    fn short_loud_and_signed_trip_ids_are_refused() {
        for text in [
            "",
            "00ff",
            "00FF00000000000000000000000000A7",
            "+0ff00000000000000000000000000a7",
        ] {
            assert_eq!(text.parse::<TripId>(), Err(IdError::Trip), "{text}");
        }
    }

    #[test]
    fn a_device_id_fits_a_topic() {
        assert!("d-3f9a".parse::<DeviceId>().is_ok());
        for text in ["", "-a", "a/b", "Ä", "A", "a b", "+", "#", &"a".repeat(65)] {
            assert_eq!(text.parse::<DeviceId>(), Err(IdError::Device), "{text}");
        }
    }

    #[test]
    fn a_debug_print_names_nobody() {
        let key = TripKey {
            device: "alice".parse().expect("valid"),
            trip: TripId::from_bytes([7; 16]),
        };
        let text = format!("{key:?}");
        assert!(!text.contains("alice") && !text.contains("07"), "{text}");
    }
}
