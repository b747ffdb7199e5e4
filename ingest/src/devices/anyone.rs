//! Where everybody is let in, for trials: what a user is called.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use trip::DeviceId;

use crate::hex::hex;

/// A user that was let in without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anyone {
    /// Its mailbox.
    pub device: Arc<DeviceId>,
    /// What its topics call it: the user's name as it came.
    pub topic_name: String,
}

/// Why a name cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a user's name is 1 to 64 of A-Z, a-z, 0-9, '_', '.' and '-'")]
pub struct AnyoneError;

impl Anyone {
    /// Whoever connects by that name. A name that is no device id becomes one that no other name becomes:
    /// in lower case, what an id cannot have as hyphens, and 8 digits of the name's SHA-256 behind it.
    ///
    /// ```
    /// use ingest::devices::Anyone;
    ///
    /// let device = |name| Anyone::named(name).map(|anyone| anyone.device.as_str().to_owned());
    /// assert_eq!(device("d-3f9a").as_deref(), Ok("d-3f9a"));
    /// assert_eq!(device("Ana_1").as_deref(), Ok("ana-1-41e71a01"));
    /// assert!(device("Ana/1").is_err() && device("").is_err());
    /// ```
    ///
    /// # Errors
    /// When the name cannot stand in a topic.
    pub fn named(name: &str) -> Result<Self, AnyoneError> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
        if !(1..=64).contains(&name.len()) || !name.bytes().all(is_plain) {
            return Err(AnyoneError);
        }
        let device = name.parse().unwrap_or_else(|_| likeness(name));
        Ok(Self {
            device: Arc::new(device),
            topic_name: name.to_owned(),
        })
    }
}

/// A device id for a name that is none.
fn likeness(name: &str) -> DeviceId {
    /// What is left of 64 with a hyphen and the digits behind it, and a letter before it.
    const MOST: usize = 54;
    let plain = name.bytes().take(MOST).map(|byte| match byte {
        b'_' | b'.' => '-',
        byte => char::from(byte.to_ascii_lowercase()),
    });
    let plain: String = plain.collect();
    let digits = hex(&Sha256::digest(name.as_bytes())[..4]);
    let id = format!("{}-{digits}", plain.trim_start_matches('-'));
    let id = id.trim_start_matches('-');
    id.parse()
        .expect("letters, digits and hyphens, no hyphen first, make a device id")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn two_users_never_share_a_mailbox() {
        let names = [
            "ana", "Ana", "ANA", "ana.", "ana_", "ana-", "-ana", "_ana", "-", ".", "_", "__",
        ];
        let long = [
            "A".repeat(64),
            "A".repeat(63),
            "a".repeat(64),
            "-".repeat(64),
        ];
        let names = names.into_iter().chain(long.iter().map(String::as_str));
        let named: Vec<Anyone> = names.map(|name| Anyone::named(name).unwrap()).collect();
        let devices: BTreeSet<&DeviceId> = named.iter().map(|anyone| &*anyone.device).collect();
        assert_eq!(devices.len(), named.len());
    }

    #[test]
    fn a_name_that_would_break_a_topic_is_refused() {
        for name in ["", "a/b", "+", "#", "a b", "é", "\0", &"a".repeat(65)] {
            assert_eq!(Anyone::named(name), Err(AnyoneError), "{name}");
        }
    }
}
