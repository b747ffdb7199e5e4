//! What the accelerometer felt, summed up: a velocity with gravity in it.

use trip::Sample;

use super::{HOLE_S, us};

/// The velocity of the last seconds at some ten knots a second, or one for each reading of a slower
/// sensor; straight between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Felt {
    knots: Vec<Knot>,
    /// The last reading.
    last: Option<Sample>,
    /// The sum up to it, m/s.
    velocity_mps: [f64; 3],
    /// The next knot is due from here, µs.
    due_us: i64,
    /// The moment that was asked for last, µs, and the velocity each lag before it, m/s.
    reached_us: Option<i64>,
    reached_mps: Vec<[f64; 3]>,
}

#[derive(Clone, Copy, Debug)]
struct Knot {
    t_us: i64,
    velocity_mps: [f64; 3],
    /// Nothing was felt between the knot before and this one.
    after_hole: bool,
}

/// At least this long from one knot to the next, µs.
const KNOT_US: i64 = 100_000;

/// Knots that are dropped together.
const FORGET: usize = 16;

impl Felt {
    /// Takes the next readings; those that do not move time forward are left out.
    pub(super) fn push(&mut self, samples: &[Sample]) {
        let Some(&first) = samples.first() else {
            return;
        };
        let mut velocity_mps = self.velocity_mps;
        let mut last = self.last.unwrap_or_else(|| {
            self.knot(first.t_us, velocity_mps, true);
            first
        });
        for &sample in samples {
            let step_us = sample.t_us - last.t_us;
            if step_us <= 0 {
                continue;
            }
            let hole = step_us > us(HOLE_S);
            if !hole {
                let half_s = step_us as f64 / 2e6;
                for (i, velocity_mps) in velocity_mps.iter_mut().enumerate() {
                    let both = f64::from(last.accel_mps2[i] + sample.accel_mps2[i]);
                    *velocity_mps += both * half_s;
                }
            }
            last = sample;
            if hole || sample.t_us >= self.due_us {
                self.knot(sample.t_us, velocity_mps, hole);
            }
        }
        (self.last, self.velocity_mps) = (Some(last), velocity_mps);
    }

    fn knot(&mut self, t_us: i64, velocity_mps: [f64; 3], after_hole: bool) {
        self.due_us = t_us + KNOT_US;
        self.knots.push(Knot {
            t_us,
            velocity_mps,
            after_hole,
        });
    }

    /// The change of velocity from one moment to another, m/s, each lag earlier; lags rise. False
    /// where a hole lies among them, or one of them outside what is known.
    ///
    /// One pair of fixes follows on the other: the velocities at the second are kept for the next.
    pub(super) fn changes(
        &mut self,
        from_us: i64,
        to_us: i64,
        lags_us: &[i64],
        out: &mut Vec<[f64; 3]>,
    ) -> bool {
        out.clear();
        let (Some(shortest_us), Some(longest_us)) = (lags_us.first(), lags_us.last()) else {
            return false;
        };
        let (Some(first), Some(from), Some(to)) = (
            self.after(from_us - longest_us),
            self.after(from_us - shortest_us),
            self.after(to_us - shortest_us),
        ) else {
            return false;
        };
        if self.knots[first..=to].iter().any(|knot| knot.after_hole) {
            return false;
        }
        let velocities = |t_us: i64, mut next: usize| {
            let knots = &self.knots;
            lags_us
                .iter()
                .map(move |lag_us| at(knots, t_us - lag_us, &mut next))
        };
        if self.reached_us != Some(from_us) {
            self.reached_mps.clear();
            self.reached_mps.extend(velocities(from_us, from));
        }
        for (end, begin) in velocities(to_us, to).zip(&mut self.reached_mps) {
            out.push(std::array::from_fn(|i| end[i] - begin[i]));
            *begin = end;
        }
        self.reached_us = Some(to_us);
        true
    }

    /// The first knot after a moment that has one before it.
    fn after(&self, t_us: i64) -> Option<usize> {
        let next = self.knots.partition_point(|knot| knot.t_us <= t_us);
        (0 < next && next < self.knots.len()).then_some(next)
    }

    /// Drops the knots that moments from `t_us` on do not need, once they are many.
    pub(super) fn forget_before(&mut self, t_us: i64) {
        let done = |knots: &[Knot]| knots.get(FORGET).is_some_and(|knot| knot.t_us <= t_us);
        while done(&self.knots) {
            self.knots.drain(..FORGET);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.knots.len()
    }
}

/// The velocity at a moment that lies before the knot `next`, which moves down to the first one
/// after it.
fn at(knots: &[Knot], t_us: i64, next: &mut usize) -> [f64; 3] {
    while *next > 1 && knots[*next - 1].t_us > t_us {
        *next -= 1;
    }
    let (a, b) = (&knots[*next - 1], &knots[*next]);
    let share = (t_us - a.t_us) as f64 / (b.t_us - a.t_us) as f64;
    std::array::from_fn(|i| a.velocity_mps[i] + (b.velocity_mps[i] - a.velocity_mps[i]) * share)
}
