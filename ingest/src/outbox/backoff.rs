//! How long to wait before trying again.

/// Waits that double from one to another, each give or take a quarter by chance.
#[derive(Clone, Debug)]
pub struct Backoff {
    first_us: i64,
    longest_us: i64,
    dice: u64,
}

impl Backoff {
    /// Waits from `first_us` to `longest_us`, µs.
    pub fn new(first_us: i64, longest_us: i64, seed: u64) -> Self {
        Self {
            first_us,
            longest_us,
            dice: seed,
        }
    }

    /// How long to wait after so many tries before this one, µs. The first wait is exact: phones that
    /// were told nothing are not in step yet.
    pub fn wait_us(&mut self, tries: u32) -> i64 {
        let doubled = (1_i64.checked_shl(tries.min(40)))
            .and_then(|factor| self.first_us.checked_mul(factor))
            .unwrap_or(i64::MAX);
        if tries == 0 {
            return doubled.min(self.longest_us);
        }
        let quarter = doubled.min(self.longest_us) / 4;
        let chance = (self.roll() >> 11) as f64 / (1_u64 << 53) as f64;
        let jitter = (chance * 2.0 - 1.0) * quarter as f64;
        (4 * quarter)
            .saturating_add(jitter as i64)
            .min(self.longest_us)
    }

    /// Source: SplitMix64, Steele, Lea and Flood (2014), figure 16.
    fn roll(&mut self) -> u64 {
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_give_or_take_a_quarter_up_to_the_longest() {
        let mut backoff = Backoff::new(15, 300, 1);
        assert_eq!(backoff.wait_us(0), 15);
        for (tries, about) in [(1, 30.0), (2, 60.0), (3, 120.0), (4, 240.0)] {
            let wait = backoff.wait_us(tries) as f64;
            assert!((0.7 * about..=1.25 * about).contains(&wait), "{wait}");
        }
        let long: Vec<i64> = (5..200).map(|tries| backoff.wait_us(tries)).collect();
        assert!(long.iter().all(|wait| (225..=300).contains(wait)));
        assert!(long.iter().any(|wait| *wait < 280), "not in step");
    }
}
