//! Programs that are killed, disks that fill up or forget, logs that come back damaged: the map
//! opens again by itself, nothing that was acknowledged is missing, and the same command once more
//! gives what an undisturbed run gives, byte for byte.
//!
//! A few rounds each by default. Many, with the figures on the screen:
//!
//! ```sh
//! JOUNCE_ROUNDS=100 cargo test --release --test it faults:: -- --nocapture --test-threads 1
//! ```
//!
//! Rounds are numbered and seeded: `JOUNCE_SEED` (default 1) draws others.

mod acts;
mod city;
pub(crate) mod disk;
mod kill;
mod lock;
mod log;
mod power;
mod shim;

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// How many rounds a test goes, where `quick` are enough for every day.
fn rounds(quick: u64) -> u64 {
    number("JOUNCE_ROUNDS").unwrap_or(quick)
}

/// The chance of one round of one test.
fn chance(test: &str, round: u64) -> ChaCha8Rng {
    let seed = number("JOUNCE_SEED").unwrap_or(1);
    let of_test = test.bytes().fold(seed, |sum, byte| {
        sum.wrapping_mul(1_000_003) ^ u64::from(byte)
    });
    ChaCha8Rng::seed_from_u64(of_test.wrapping_add(round))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// What the rounds of a test came to.
#[derive(Default)]
struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    fn count(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    fn of(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or(0)
    }

    /// Prints the figures: `-- --nocapture` shows them.
    fn tell(&self, test: &str) {
        let counts = self.0.iter().map(|(what, n)| format!("{n} {what}"));
        eprintln!("{test}: {}", counts.collect::<Vec<_>>().join(", "));
    }
}
