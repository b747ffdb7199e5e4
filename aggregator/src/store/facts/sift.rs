//! Which trips a map may hold, without asking it.

use crate::identity::TripHash;

/// A Bloom filter over the names of trips (Bloom, 1970): 3 bytes a trip. What it does not hold was
/// never entered; of what was never entered it holds one in 25,000 nevertheless (8 of 24 bits a
/// name), so most batches of new trips need no look at the table, however many trips lie there.
#[derive(Debug)]
pub(in super::super) struct Sift {
    bits: Vec<u64>,
    entered: usize,
}

/// Bits for each name.
const BITS_A_NAME: usize = 24;

/// Of these so many are set.
const BITS_SET: u64 = 8;

/// Names for which there is room at least.
const LEAST_NAMES: usize = 1 << 15;

impl Sift {
    /// An empty one with room for twice as many names.
    pub(in super::super) fn with_room_for(names: usize) -> Self {
        let names = names.max(LEAST_NAMES).saturating_mul(2);
        Self {
            bits: vec![0; names * BITS_A_NAME / 64],
            entered: 0,
        }
    }

    /// Enters a name; says whether there is room for more.
    pub(in super::super) fn enter(&mut self, trip: TripHash) -> bool {
        for place in self.places(trip) {
            self.bits[place / 64] |= 1 << (place % 64);
        }
        self.entered += 1;
        self.entered < self.bits.len() * 64 / BITS_A_NAME
    }

    /// Whether a name may have been entered.
    pub(in super::super) fn may_hold(&self, trip: TripHash) -> bool {
        (self.places(trip)).all(|place| self.bits[place / 64] & (1 << (place % 64)) != 0)
    }

    /// The bits of a name. The name is a hash already: two halves of it make as many as are needed
    /// (Kirsch and Mitzenmacher, 2006).
    fn places(&self, trip: TripHash) -> impl Iterator<Item = usize> + use<> {
        let bytes = trip.bytes();
        let half = |from: usize| {
            let half = bytes[from..from + 8].try_into();
            u64::from_be_bytes(half.expect("eight of sixteen bytes"))
        };
        let (first, step, room) = (half(0), half(8) | 1, self.bits.len() as u64 * 64);
        (0..BITS_SET).map(move |n| (first.wrapping_add(step.wrapping_mul(n)) % room) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    fn name(number: u32) -> TripHash {
        let hash = Sha256::digest(number.to_be_bytes());
        hash[..16]
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
            .parse()
            .unwrap()
    }

    #[test]
    fn what_was_entered_is_held_and_hardly_anything_else() {
        let mut sift = Sift::with_room_for(0);
        let room = (0..LEAST_NAMES as u32 * 2).filter(|&number| sift.enter(name(number)));
        assert_eq!(room.count(), LEAST_NAMES * 2 - 1, "the last one fills it");
        assert!((0..LEAST_NAMES as u32 * 2).all(|number| sift.may_hold(name(number))));
        let strangers = (1 << 20)..(1 << 20) + 50_000;
        let held = strangers
            .filter(|&number| sift.may_hold(name(number)))
            .count();
        assert!(held < 20, "{held} of 50 000");
    }
}
