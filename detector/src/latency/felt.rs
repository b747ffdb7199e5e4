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
        for sample in samples {
            self.read(sample);
        }
    }

    fn read(&mut self, sample: &Sample) {
        let Some(last) = &self.last else {
            self.begin(sample);
            return;
        };
        let step_us = sample.t_us - last.t_us;
        if step_us <= 0 {
            return;
        }
        if step_us > us(HOLE_S) {
            self.begin(sample);
            return;
        }
        let half_s = step_us as f64 / 2e6;
        for i in 0..3 {
            let both = f64::from(last.accel_mps2[i] + sample.accel_mps2[i]);
            self.velocity_mps[i] += both * half_s;
        }
        self.last = Some(*sample);
        if sample.t_us >= self.due_us {
            self.knot(sample.t_us, false);
        }
    }

    fn begin(&mut self, sample: &Sample) {
        self.last = Some(*sample);
        self.knot(sample.t_us, true);
    }

    fn knot(&mut self, t_us: i64, after_hole: bool) {
        self.due_us = t_us + KNOT_US;
        self.knots.push(Knot {
            t_us,
            velocity_mps: self.velocity_mps,
            after_hole,
        });
    }

    /// The change of velocity from one moment to another, m/s, each lag earlier; lags rise. False
    /// where a hole lies among them, or one of them outside what is known.
    pub(super) fn changes(
        &self,
        from_us: i64,
        to_us: i64,
        lags_us: &[i64],
        out: &mut Vec<[f64; 3]>,
    ) -> bool {
        out.clear();
        let (Some(shortest_us), Some(longest_us)) = (lags_us.first(), lags_us.last()) else {
            return false;
        };
        let (Some(first), Some(mut from), Some(mut to)) = (
            self.after(from_us - longest_us),
            self.after(from_us - shortest_us),
            self.after(to_us - shortest_us),
        ) else {
            return false;
        };
        if self.knots[first..=to].iter().any(|knot| knot.after_hole) {
            return false;
        }
        out.extend(lags_us.iter().map(|lag_us| {
            let begin = self.at(from_us - lag_us, &mut from);
            let end = self.at(to_us - lag_us, &mut to);
            std::array::from_fn(|i| end[i] - begin[i])
        }));
        true
    }

    /// The first knot after a moment that has one before it.
    fn after(&self, t_us: i64) -> Option<usize> {
        let next = self.knots.partition_point(|knot| knot.t_us <= t_us);
        (0 < next && next < self.knots.len()).then_some(next)
    }

    /// The velocity at a moment that lies before the knot `next`, which moves down to the first one
    /// after it.
    fn at(&self, t_us: i64, next: &mut usize) -> [f64; 3] {
        while *next > 1 && self.knots[*next - 1].t_us > t_us {
            *next -= 1;
        }
        let (a, b) = (&self.knots[*next - 1], &self.knots[*next]);
        let share = (t_us - a.t_us) as f64 / (b.t_us - a.t_us) as f64;
        std::array::from_fn(|i| a.velocity_mps[i] + (b.velocity_mps[i] - a.velocity_mps[i]) * share)
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
