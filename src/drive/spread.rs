//! How long something took, many times: counts in ever wider classes, safe to share.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counts of durations from 1 µs to 12 days, each known to 3 %.
#[derive(Debug)]
pub struct Spread {
    classes: Box<[AtomicU64]>,
    longest_us: AtomicU64,
}

/// Classes to each doubling: 32 make 3 %.
const FINE: u32 = 5;
const DOUBLINGS: u32 = 40;

impl Default for Spread {
    fn default() -> Self {
        let classes = (0..DOUBLINGS << FINE).map(|_| AtomicU64::new(0));
        Self {
            classes: classes.collect(),
            longest_us: AtomicU64::new(0),
        }
    }
}

impl Spread {
    /// Counts a duration, µs; below 0 counts as 0.
    pub fn add(&self, us: i64) {
        let us = us.max(0) as u64;
        let last = self.classes.len() - 1;
        self.classes[class(us).min(last)].fetch_add(1, Relaxed);
        self.longest_us.fetch_max(us, Relaxed);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.classes.iter().map(|class| class.load(Relaxed)).sum()
    }

    /// The duration below which that share of them lies, ms; `None` when there are none.
    pub fn quantile_ms(&self, share: f64) -> Option<f64> {
        let rank = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut below = 0;
        let class = self.classes.iter().position(|class| {
            below += class.load(Relaxed);
            below >= rank
        })?;
        Some(upper(class).min(self.longest_us.load(Relaxed)) as f64 / 1e3)
    }

    /// The longest of them, ms; `None` when there are none.
    pub fn longest_ms(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.longest_us.load(Relaxed) as f64 / 1e3)
    }
}

/// The class of a duration: itself while it is small, then the first bits behind the highest one.
fn class(us: u64) -> usize {
    let high = u64::BITS - us.leading_zeros();
    let shift = high.saturating_sub(FINE + 1);
    ((u64::from(shift) << FINE) + (us >> shift)) as usize
}

/// The longest duration of a class, µs.
fn upper(class: usize) -> u64 {
    let class = class as u64;
    let shift = (class >> FINE).saturating_sub(1);
    ((class - (shift << FINE) + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_holds_what_lies_between_its_bounds() {
        let mut before = 0;
        for us in (0..5_000).chain((1..1_000).map(|i| i * i * i * 17)) {
            let at = class(us);
            assert!(us <= upper(at), "{us}");
            assert!(at == 0 || upper(at - 1) < us, "{us}");
            assert!(upper(at) as f64 <= us as f64 * 1.04 + 1.0, "{us}");
            before = before.max(at);
        }
        assert!(before < (DOUBLINGS << FINE) as usize);
    }

    #[test]
    fn half_of_a_hundred_lies_below_the_middle() {
        let spread = Spread::default();
        assert_eq!(spread.quantile_ms(0.5), None);
        (1..=100).for_each(|ms| spread.add(ms * 1_000));
        let near = |share: f64, ms: f64| {
            let told = spread.quantile_ms(share).expect("a hundred");
            assert!((told / ms - 1.0).abs() < 0.04, "{told}");
        };
        near(0.5, 50.0);
        near(0.99, 99.0);
        assert_eq!(spread.longest_ms(), Some(100.0));
        assert_eq!(spread.count(), 100);
    }
}
