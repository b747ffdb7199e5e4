//! A running quantile with a bounded memory.

use std::collections::VecDeque;

/// The quantile of the last so many values, to within 0.01, in constant time and memory.
///
/// Values are natural logarithms of accelerations; outside −8 to 6 (0.3 mm/s² to 400 m/s²) they
/// count as the bound.
#[derive(Clone, Debug)]
pub(crate) struct RunningQuantile {
    share: f64,
    memory: usize,
    recent: VecDeque<u16>,
    counts: Vec<u32>,
    /// The cell that holds the quantile, and how many values lie in the cells below it.
    cell: usize,
    below: usize,
}

const LOWEST: f64 = -8.0;
const HIGHEST: f64 = 6.0;
const CELL: f64 = 0.02;

impl RunningQuantile {
    /// Follows the `share` quantile (0 to 1) of the last `memory` values.
    pub(crate) fn new(share: f64, memory: usize) -> Self {
        let cells = ((HIGHEST - LOWEST) / CELL) as usize + 1;
        Self {
            share,
            memory: memory.max(1),
            recent: VecDeque::new(),
            counts: vec![0; cells],
            cell: 0,
            below: 0,
        }
    }

    /// How many values it remembers.
    pub(crate) fn len(&self) -> usize {
        self.recent.len()
    }

    /// Takes a value and forgets the oldest one beyond its memory.
    pub(crate) fn push(&mut self, value: f64) {
        let cell = ((value.clamp(LOWEST, HIGHEST) - LOWEST) / CELL).round() as usize;
        self.counts[cell] += 1;
        self.below += usize::from(cell < self.cell);
        self.recent.push_back(cell as u16);
        if self.recent.len() > self.memory
            && let Some(old) = self.recent.pop_front()
        {
            let old = usize::from(old);
            self.counts[old] -= 1;
            self.below -= usize::from(old < self.cell);
        }
        self.settle();
    }

    /// The quantile; `None` before the first value.
    pub(crate) fn value(&self) -> Option<f64> {
        (!self.recent.is_empty()).then_some(LOWEST + self.cell as f64 * CELL)
    }

    /// Moves to the cell that holds the value of the wanted rank.
    fn settle(&mut self) {
        let rank = ((self.recent.len() - 1) as f64 * self.share).round() as usize;
        while rank < self.below {
            self.cell -= 1;
            self.below -= self.counts[self.cell] as usize;
        }
        while rank >= self.below + self.counts[self.cell] as usize {
            self.below += self.counts[self.cell] as usize;
            self.cell += 1;
        }
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
                let value = (i * 7919 % 997) as f64 / 200.0 - 3.0;
                running.push(value);
                all.push(value);
                let mut recent = all[all.len().saturating_sub(50)..].to_vec();
                recent.sort_by(f64::total_cmp);
                let exact = recent[((recent.len() - 1) as f64 * share).round() as usize];
                let got = running.value().expect("not empty");
                assert!((got - exact).abs() <= 0.0101, "{got} {exact}");
            }
        }
    }

    #[test]
    fn nothing_has_no_quantile() {
        assert_eq!(RunningQuantile::new(0.5, 3).value(), None);
    }
}
