//! Who said it, as the map may know: never a device, never a trip id.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use trip::{DeviceId, TripKey};

use crate::stamp::Season;

/// A trip as the map names it: half a SHA-256 of its device and its 128 random bits.
///
/// It needs no key, so two maps name and order the same trip alike; and nobody finds the trip by
/// trying devices, because the random bits are hashed with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TripHash([u8; 16]);

/// A device as the map names it during one season: half an HMAC-SHA256 under the season's key.
///
/// It tells drivers apart and nothing else. It has no order on purpose: what depends on the key
/// must never decide what is written first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Driver([u8; 16]);

/// The text is not 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not 32 lower-case hexadecimal digits")]
pub struct HashError;

/// The secret keys under which devices get their pseudonyms, one for each season.
///
/// They lie beside the map in a file of their own, never in it. When a season's key is deleted,
/// nobody can tell any more which device its pseudonyms stand for.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SeasonKeys(BTreeMap<Season, [u8; 32]>);

impl TripHash {
    /// The name of a trip.
    pub fn of(key: &TripKey) -> Self {
        let device = key.device.as_str().as_bytes();
        let hash = Sha256::new()
            .chain_update(b"jounce map trip 1\0")
            .chain_update([device.len() as u8])
            .chain_update(device)
            .chain_update(key.trip.bytes())
            .finalize();
        Self(first_half(&hash))
    }

    /// The 16 bytes.
    pub fn bytes(self) -> [u8; 16] {
        self.0
    }
}

impl Driver {
    /// The pseudonym of a device under a season's key.
    pub fn of(device: &DeviceId, season_key: &[u8; 32]) -> Self {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(season_key).expect("HMAC takes a key of any length");
        mac.update(b"jounce map driver 1\0");
        mac.update(device.as_str().as_bytes());
        Self(first_half(&mac.finalize().into_bytes()))
    }
}

impl SeasonKeys {
    /// A season's key, drawing it with `draw` when there is none yet.
    ///
    /// # Errors
    /// Whatever `draw` says.
    pub fn key_or_draw<E>(
        &mut self,
        season: Season,
        draw: impl FnOnce() -> Result<[u8; 32], E>,
    ) -> Result<&[u8; 32], E> {
        use std::collections::btree_map::Entry;
        Ok(match self.0.entry(season) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(draw()?),
        })
    }

    /// Whether the season has a key.
    pub fn knows(&self, season: Season) -> bool {
        self.0.contains_key(&season)
    }

    /// Deletes the keys of seasons that are told to go; says of how many.
    pub(crate) fn delete(&mut self, goes: impl Fn(Season) -> bool) -> usize {
        let before = self.0.len();
        self.0.retain(|&season, _| !goes(season));
        before - self.0.len()
    }

    /// Every season with its key, in order of time.
    pub fn iter(&self) -> impl Iterator<Item = (Season, &[u8; 32])> {
        self.0.iter().map(|(&season, key)| (season, key))
    }
}

impl FromIterator<(Season, [u8; 32])> for SeasonKeys {
    fn from_iter<I: IntoIterator<Item = (Season, [u8; 32])>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl fmt::Debug for SeasonKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SeasonKeys({} seasons)", self.0.len())
    }
}

/// What the map keeps of a digest of a trip's messages: equal for equal ones, and nothing else.
pub(crate) fn digest_in_map(digest: &[u8; 16]) -> [u8; 16] {
    let hash = Sha256::new()
        .chain_update(b"jounce map digest 1\0")
        .chain_update(digest)
        .finalize();
    first_half(&hash)
}

/// By what a map knows a trip again that it sealed: a hash of its name, so that the name itself, from
/// which those of hazards are made, is gone.
pub(crate) fn seal_of(trip: TripHash) -> String {
    let hash = Sha256::new()
        .chain_update(b"jounce map seal 1\0")
        .chain_update(trip.bytes())
        .finalize();
    hex(&first_half(&hash))
}

/// The first 16 of 32 bytes.
fn first_half(hash: &[u8]) -> [u8; 16] {
    hash[..16].try_into().expect("SHA-256 has 32 bytes")
}

/// Gives a 16-byte newtype its text: 32 lower-case hexadecimal digits.
macro_rules! hexadecimal {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", u128::from_be_bytes(self.0))
            }
        }

        impl FromStr for $name {
            type Err = HashError;

            fn from_str(text: &str) -> Result<Self, HashError> {
                bytes_from_hex(text).map(Self).ok_or(HashError)
            }
        }
    )+};
}
hexadecimal!(TripHash, Driver);

/// The bytes that `2 * N` lower-case hexadecimal digits stand for.
pub(crate) fn bytes_from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let text = text.as_bytes();
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use trip::TripId;

    fn key(device: &str, trip: u8) -> TripKey {
        TripKey {
            device: device.parse().unwrap(),
            trip: TripId::from_bytes([trip; 16]),
        }
    }

    #[test]
    fn two_phones_that_drew_the_same_bits_stay_two_trips() {
        assert_ne!(TripHash::of(&key("a", 1)), TripHash::of(&key("b", 1)));
        assert_ne!(TripHash::of(&key("a", 1)), TripHash::of(&key("a", 2)));
        assert_eq!(TripHash::of(&key("a", 1)), TripHash::of(&key("a", 1)));
    }

    #[test]
    fn a_trip_keeps_its_name_for_ever() {
        let name = TripHash::of(&key("phone-1", 7)).to_string();
        assert_eq!(name, "d05d779325ea5b73bfbcc7cb4caf21cb");
    }

    #[test]
    fn a_device_has_another_name_in_another_season() {
        let device = &key("phone-1", 7).device;
        assert_ne!(Driver::of(device, &[1; 32]), Driver::of(device, &[2; 32]));
        assert_eq!(Driver::of(device, &[1; 32]), Driver::of(device, &[1; 32]));
    }

    #[test]
    fn a_key_is_drawn_once() {
        let mut keys = SeasonKeys::default();
        let first = *keys
            .key_or_draw(Season::Undated, || Ok::<_, ()>([1; 32]))
            .unwrap();
        let second = *keys.key_or_draw(Season::Undated, || Err(())).unwrap();
        assert_eq!(first, second);
        assert_eq!(format!("{keys:?}"), "SeasonKeys(1 seasons)");
    }

    #[test]
    fn names_read_what_they_write() {
        let hash = TripHash::of(&key("a", 1));
        assert_eq!(hash.to_string().parse::<TripHash>(), Ok(hash));
        for text in [
            "",
            "00",
            "+0000000000000000000000000000000",
            &"G".repeat(32),
        ] {
            assert_eq!(text.parse::<TripHash>(), Err(HashError), "{text}");
        }
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }
}
