//! Quantiles of what was felt lately, in bounded memory.

use std::collections::VecDeque;

/// The quantile of the last so many values, to within 0.03, in constant time and memory.
///
/// Values are natural logarithms of accelerations; outside −8 to 4.75 (0.3 mm/s² to 115 m/s²) they
/// count as the bound.
#[derive(Clone, Debug)]
pub(crate) struct RunningQuantile {
    share: f64,
    memory: usize,
    recent: VecDeque<u8>,
    counts: Box<[u16; CELLS]>,
    /// The cell that holds the quantile, and how many values lie in the cells below it.
    cell: usize,
    below: usize,
}

const LOWEST: f32 = -8.0;
const CELL: f32 = 0.05;
const CELLS: usize = 256;

impl RunningQuantile {
    /// Follows the `share` quantile (0 to 1) of the last `memory` values, 65 535 at most.
    pub(crate) fn new(share: f64, memory: usize) -> Self {
        let memory = memory.clamp(1, usize::from(u16::MAX));
        Self {
            share,
            memory,
            recent: VecDeque::with_capacity(memory),
            counts: Box::new([0; CELLS]),
            cell: 0,
            below: 0,
        }
    }

    /// How many values it remembers.
    pub(crate) fn len(&self) -> usize {
        self.recent.len()
    }

    /// Takes a value and forgets the oldest one beyond its memory.
    pub(crate) fn push(&mut self, value: f32) {
        // A cast cuts off what follows the point; half more makes it round.
        let cell = (((value - LOWEST) / CELL).clamp(0.0, (CELLS - 1) as f32) + 0.5) as u8;
        if self.recent.len() >= self.memory
            && let Some(old) = self.recent.pop_front()
        {
            let old = usize::from(old);
            self.counts[old] -= 1;
            self.below -= usize::from(old < self.cell);
        }
        self.counts[usize::from(cell)] += 1;
        self.below += usize::from(usize::from(cell) < self.cell);
        self.recent.push_back(cell);
        self.settle();
    }

    /// The quantile, interpolated inside its cell; `None` before the first value.
    pub(crate) fn value(&self) -> Option<f32> {
        if self.recent.is_empty() {
            return None;
        }
        let within = (self.rank() - self.below) as f32 + 0.5;
        let inside = within / f32::from(self.counts[self.cell]) - 0.5;
        Some(LOWEST + (self.cell as f32 + inside) * CELL)
    }

    fn rank(&self) -> usize {
        ((self.recent.len() - 1) as f64 * self.share + 0.5) as usize
    }

    /// Moves to the cell that holds the value of the wanted rank.
    fn settle(&mut self) {
        let rank = self.rank();
        while rank < self.below {
            self.cell -= 1;
            self.below -= usize::from(self.counts[self.cell]);
        }
        while rank >= self.below + usize::from(self.counts[self.cell]) {
            self.below += usize::from(self.counts[self.cell]);
            self.cell += 1;
        }
    }
}

/// A few values in order of their size: the median of a moving window, exactly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sorted {
    values: Vec<f32>,
}

impl Sorted {
    /// Adds a value.
    pub(crate) fn insert(&mut self, value: f32) {
        let at = self.rank(value);
        self.values.insert(at, value);
    }

    /// Takes a value out that was added.
    pub(crate) fn remove(&mut self, value: f32) {
        let at = self.rank(value);
        if self.values.get(at) == Some(&value) {
            self.values.remove(at);
        }
    }

    /// The middle value, or the mean of the two in the middle; `None` of nothing.
    pub(crate) fn median(&self) -> Option<f32> {
        let n = self.values.len();
        let upper = *self.values.get(n / 2)?;
        let lower = self.values[(n - 1) / 2];
        Some((lower + upper) / 2.0)
    }

    pub(crate) fn clear(&mut self) {
        self.values.clear();
    }

    /// How many values are lower. Of so few, counting all is quicker than halving: no step waits for
    /// the one before.
    fn rank(&self, value: f32) -> usize {
        let lower = self.values.iter().map(|v| u32::from(*v < value));
        lower.sum::<u32>() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_sorting() {
        for share in [0.5, 0.95] {
            let mut running = RunningQuantile::new(share, 50);
            let mut all = Vec::new();
            for i in 0..300_u64 {
                let value = (i * 7919 % 997) as f32 / 200.0 - 3.0;
                running.push(value);
                all.push(value);
                let mut recent = all[all.len().saturating_sub(50)..].to_vec();
                recent.sort_by(f32::total_cmp);
                let exact = recent[((recent.len() - 1) as f64 * share).round() as usize];
                let got = running.value().expect("not empty");
                assert!((got - exact).abs() <= 0.051, "{got} {exact}");
            }
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(RunningQuantile::new(0.5, 3).value(), None);
        assert_eq!(Sorted::default().median(), None);
    }

    #[test]
    fn a_moving_window_keeps_its_median() {
        let mut window = Sorted::default();
        let value = |i: usize| (i * 7919 % 31) as f32;
        for i in 0..200 {
            window.insert(value(i));
            if i >= 5 {
                window.remove(value(i - 5));
            }
            let mut newest: Vec<f32> = (i.saturating_sub(4)..=i).map(value).collect();
            newest.sort_by(f32::total_cmp);
            if newest.len() == 5 {
                assert_eq!(window.median(), Some(newest[2]));
            }
        }
    }
}
