//! Secrets and codes: how they are drawn, written, and kept as nothing but a keyed hash.
//!
//! A secret has 160 random bits and an invite's code 60, so nobody finds one by trying: one HMAC-SHA256
//! is enough, and the slow hashes that passwords of people need would only cost the server. The key lies
//! in a file of its own, so that the registry alone does not even let a guess be checked.

use std::fmt;

use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use trip::DeviceId;

use super::RegistryError;
use crate::hex::{bytes_from_hex, hex};

/// Crockford's base 32: no letter that looks like a digit, and no U. <https://www.crockford.com/base32.html>
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many letters a device's id has behind `d-`: 80 bits.
const ID_LETTERS: usize = 16;
/// How many letters a secret has: 160 bits.
const SECRET_LETTERS: usize = 32;
/// How many letters an invite's code has: 60 bits.
const CODE_LETTERS: usize = 12;

/// What a device shows to be let in. It is told once, and kept as a keyed hash alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text, for the phone that it is told to; never for logs.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a volunteer types or scans to enrol a phone: `XXXX-XXXX-XXXX`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code([u8; CODE_LETTERS]);

impl Code {
    /// Reads a code as people write it: in either case, with or without hyphens and spaces, with the
    /// letters that Crockford's alphabet has not read as the digits that they look like.
    pub fn read(text: &str) -> Option<Self> {
        let written = text.bytes().filter(|b| !matches!(b, b'-' | b' '));
        let mut code = [0; CODE_LETTERS];
        let mut places = code.iter_mut();
        for byte in written {
            let letter = match byte.to_ascii_lowercase() {
                b'o' => b'0',
                b'i' | b'l' => b'1',
                letter => letter,
            };
            if !LETTERS.contains(&letter) {
                return None;
            }
            *places.next()? = letter;
        }
        places.next().is_none().then_some(Self(code))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, letter) in self.0.iter().enumerate() {
            if i > 0 && i % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(letter.to_ascii_uppercase()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

/// HMAC-SHA256 of a secret or a code, under the registry's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyedHash([u8; 32]);

impl KeyedHash {
    /// A hash that is nobody's.
    pub(super) const NOBODY: Self = Self([0; 32]);
}

impl Serialize for KeyedHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for KeyedHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let bytes = bytes_from_hex(text.as_bytes());
        bytes
            .map(Self)
            .ok_or_else(|| de::Error::custom("a hash is 64 lower-case hexadecimal digits"))
    }
}

/// The registry's key, ready for use.
pub(super) struct Key(hmac::Key);

impl Key {
    pub(super) fn of(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    pub(super) fn hash_of_secret(&self, device: &DeviceId, secret: &Secret) -> KeyedHash {
        self.hash(&told(device, secret.as_str().as_bytes()))
    }

    /// Whether a secret is the one that was hashed; takes as long whether it is or not.
    pub(super) fn is_secret(&self, device: &DeviceId, secret: &[u8], hash: &KeyedHash) -> bool {
        hmac::verify(&self.0, &told(device, secret), &hash.0).is_ok()
    }

    pub(super) fn hash_of_code(&self, code: &Code) -> KeyedHash {
        self.hash(&[&b"invite "[..], &code.0].concat())
    }

    fn hash(&self, message: &[u8]) -> KeyedHash {
        let tag = hmac::sign(&self.0, message);
        let mut hash = [0; 32];
        hash.copy_from_slice(tag.as_ref());
        KeyedHash(hash)
    }
}

/// What is hashed of a secret: with the device before it, a line of the registry that is moved to another
/// device opens nothing.
fn told(device: &DeviceId, secret: &[u8]) -> Vec<u8> {
    // An id has no space, so that no two pairs read the same.
    [b"device ", device.as_str().as_bytes(), b" ", secret].concat()
}

/// The system's randomness.
pub(super) struct Random(SystemRandom);

impl Random {
    pub(super) fn new() -> Self {
        Self(SystemRandom::new())
    }

    pub(super) fn key(&self) -> Result<[u8; 32], RegistryError> {
        let mut key = [0; 32];
        self.fill(&mut key)?;
        Ok(key)
    }

    pub(super) fn device(&self) -> Result<DeviceId, RegistryError> {
        let letters = self.letters::<ID_LETTERS>()?;
        let id = format!("d-{}", String::from_utf8_lossy(&letters));
        Ok(id.parse().expect("letters and digits make a device id"))
    }

    pub(super) fn secret(&self) -> Result<Secret, RegistryError> {
        let letters = self.letters::<SECRET_LETTERS>()?;
        Ok(Secret(String::from_utf8_lossy(&letters).into_owned()))
    }

    pub(super) fn code(&self) -> Result<Code, RegistryError> {
        Ok(Code(self.letters()?))
    }

    /// Each letter is 5 random bits.
    fn letters<const N: usize>(&self) -> Result<[u8; N], RegistryError> {
        let mut letters = [0; N];
        self.fill(&mut letters)?;
        Ok(letters.map(|byte| LETTERS[usize::from(byte % 32)]))
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), RegistryError> {
        self.0.fill(bytes).map_err(|_| RegistryError::Random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_as_people_write_it() {
        let code = Random::new().code().unwrap();
        let text = code.to_string();
        assert_eq!(text.len(), 14);
        for written in [
            text.clone(),
            text.to_lowercase(),
            text.replace('-', " "),
            text.replace('-', "").replace('0', "o").replace('1', "l"),
        ] {
            assert_eq!(Code::read(&written), Some(code.clone()), "{written}");
        }
        for wrong in [
            "",
            "ABCD-EFGH",
            "ABCD-EFGH-JKMU",
            "ABCD-EFGH-JKMN-P",
            "ABCÐ-EFGH-JKM",
        ] {
            assert_eq!(Code::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_secret_opens_the_device_it_was_told_to_alone() {
        let random = Random::new();
        let key = Key::of(&random.key().unwrap());
        let (one, other) = (random.device().unwrap(), random.device().unwrap());
        let secret = random.secret().unwrap();
        assert_eq!(secret.as_str().len(), 32);
        let hash = key.hash_of_secret(&one, &secret);
        assert!(key.is_secret(&one, secret.as_str().as_bytes(), &hash));
        assert!(!key.is_secret(&other, secret.as_str().as_bytes(), &hash));
        assert!(!key.is_secret(&one, b"", &hash));
        let other_key = Key::of(&[7; 32]);
        assert!(!other_key.is_secret(&one, secret.as_str().as_bytes(), &hash));
    }

    #[test]
    fn a_debug_print_tells_no_secret() {
        let random = Random::new();
        let (secret, code) = (random.secret().unwrap(), random.code().unwrap());
        assert_eq!(format!("{secret:?} {code:?}"), "Secret(…) Code(…)");
    }
}
