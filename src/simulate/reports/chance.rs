//! Chance of a city: a stream for everything that is drawn, and single draws that cost nothing.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Where the city lies.
    Grid = 1,
    /// Where hazards lie and what they are like.
    Hazards,
    /// When hazards appear and are repaired.
    Repairs,
    /// A driver, the way to work, the phone.
    Driver,
    /// A trip: where it goes, when, how fast.
    Trip,
    /// What one phone felt on it, and how far off its places are.
    Phone,
    /// Whether a driver drives on a day.
    Day,
    /// The name of a device.
    Device,
}

/// The source of all chance of one city.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    key: [u8; 32],
    word: u64,
}

impl Chance {
    /// The chance of a seed.
    pub(super) fn new(seed: u64) -> Self {
        let mut key = *b"jounce reports 1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        key[24..].copy_from_slice(&seed.to_le_bytes());
        Self {
            key,
            word: mixed(seed ^ 0x6a6f_756e_6365),
        }
    }

    /// The stream of one object.
    pub(super) fn stream(&self, purpose: Purpose, number: u64) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::from_seed(self.key);
        rng.set_stream((purpose as u64) << 56 | number);
        rng
    }

    /// 64 bits of one object: for what is asked a hundred million times.
    pub(super) fn bits(&self, purpose: Purpose, number: u64) -> u64 {
        mixed(mixed(self.word ^ (purpose as u64) << 56) ^ number)
    }

    /// A number from 0 to 1 of one object.
    pub(super) fn share(&self, purpose: Purpose, number: u64) -> f64 {
        (self.bits(purpose, number) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Source: the finaliser of SplitMix64 (Steele, Lea & Flood, 2014).
fn mixed(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The probability of log odds.
pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
