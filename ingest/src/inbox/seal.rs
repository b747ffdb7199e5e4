//! What is on disk is sealed with a key of its trip: AES-256-GCM (NIST SP 800-38D), a nonce drawn at
//! random for every record, the record's head bound in.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

/// A key of a trip.
pub(super) type Key = [u8; 32];

/// Random bytes from the system.
pub(super) fn random<const N: usize>(system: &SystemRandom) -> [u8; N] {
    let mut bytes = [0; N];
    system
        .fill(&mut bytes)
        .expect("the system's random numbers do not run out");
    bytes
}

fn key(key: &Key) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a key has 32 bytes"))
}

/// Seals what stands in `out` from `from` on, in place, and appends the tag. What stands between
/// `bound` and `from` is bound in.
pub(super) fn seal(of: &Key, nonce: [u8; 12], out: &mut Vec<u8>, bound: usize, from: usize) {
    let (before, text) = out.split_at_mut(from);
    let tag = key(of)
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(&before[bound..]),
            text,
        )
        .expect("a record is shorter than 64 GB");
    out.extend_from_slice(tag.as_ref());
}

/// Opens what [`seal`] sealed; `None` with another key, or when it was changed.
pub(super) fn open(of: &Key, nonce: [u8; 12], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let mut text = sealed.to_vec();
    let length = key(of)
        .open_in_place(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(bound),
            &mut text,
        )
        .ok()?
        .len();
    text.truncate(length);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_head_open_a_record() {
        let mut out = b"headsecret".to_vec();
        seal(&[1; 32], [2; 12], &mut out, 0, 4);
        assert!(!out.windows(6).any(|it| it == b"secret"));
        let opened = |key: u8, head: &[u8]| open(&[key; 32], [2; 12], head, &out[4..]);
        assert_eq!(opened(1, b"head").as_deref(), Some(&b"secret"[..]));
        assert_eq!(opened(3, b"head"), None);
        assert_eq!(opened(1, b"hand"), None);
    }
}
