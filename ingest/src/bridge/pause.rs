//! How long to wait before connecting again.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Pauses that double from the shortest to the longest, each cut by up to a half at random, so that
/// servers that lost a broker together do not come back together.
#[derive(Debug)]
pub(super) struct Pause {
    shortest: Duration,
    longest: Duration,
    whole: Duration,
}

impl Pause {
    pub(super) fn new(shortest: Duration, longest: Duration) -> Self {
        let whole = shortest;
        Self {
            shortest,
            longest,
            whole,
        }
    }

    /// All went well for a while: begin again with the shortest.
    pub(super) fn reset(&mut self) {
        self.whole = self.shortest;
    }

    /// The next pause.
    pub(super) fn next(&mut self) -> Duration {
        // A hasher is born with a random state; more chance is not needed here.
        self.cut(RandomState::new().build_hasher().finish() as u32)
    }

    fn cut(&mut self, chance: u32) -> Duration {
        let whole = self.whole;
        self.whole = (whole * 2).min(self.longest);
        whole.mul_f64(0.5 + 0.5 * f64::from(chance) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_begin_anew() {
        let mut pause = Pause::new(Duration::from_secs(1), Duration::from_secs(30));
        let whole: Vec<u64> = (0..7).map(|_| pause.cut(u32::MAX).as_secs()).collect();
        assert_eq!(whole, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(pause.cut(0), Duration::from_secs(15), "by chance half");
        pause.reset();
        assert!(pause.next() <= Duration::from_secs(1));
    }
}
