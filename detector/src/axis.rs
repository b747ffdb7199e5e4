//! Which way is up where gravity was taken out at the source: along the axis of the greatest shaking.
//!
//! A road shakes a car up and down more than along or across, once braking and bends are taken out
//! by their slowness. The axis is followed by one step of the power iteration a block: it turns with
//! the phone, and with the sign of its readings.

use crate::vector::{add, dot, toward, unit};

/// The axis of the greatest shaking, followed through one segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Axis {
    /// Quick mean of the readings, m/s²: what is slower is the driver's.
    mean: [f32; 3],
    /// Mean products of what is left, (m/s²)².
    power: [[f32; 3]; 3],
    /// Of length 1.
    up: [f32; 3],
    mean_step: f32,
    power_step: f32,
    readings: usize,
}

/// Readings to a block, 0.16 s: a hand that turns the phone is slower than that.
pub(crate) const BLOCK: usize = 8;

impl Axis {
    /// The axis of the first readings of a segment, whose mean is known. The two steps are those of
    /// the quick mean and of the mean products towards one reading, 0 to 1.
    pub(crate) fn of(
        readings: impl ExactSizeIterator<Item = [f32; 3]>,
        mean: [f32; 3],
        [mean_step, power_step]: [f32; 2],
    ) -> Self {
        let share = 1.0 / readings.len().max(1) as f32;
        let mut axis = Self {
            mean,
            power: [[0.0; 3]; 3],
            up: [0.0; 3],
            mean_step,
            power_step,
            readings: 0,
        };
        let mut widest = 0.0;
        for a in readings {
            let rest = axis.take(a, share.max(power_step));
            let wide = dot(rest, rest);
            if wide > widest {
                (widest, axis.up) = (wide, rest);
            }
        }
        for _ in 0..30 {
            axis.turn();
        }
        axis
    }

    /// Takes a reading and gives the axis.
    pub(crate) fn follow(&mut self, a: [f32; 3]) -> [f32; 3] {
        self.take(a, self.power_step);
        self.readings += 1;
        if self.readings.is_multiple_of(BLOCK) {
            self.turn();
        }
        self.up
    }

    fn take(&mut self, a: [f32; 3], step: f32) -> [f32; 3] {
        self.mean = toward(self.mean, a, self.mean_step);
        let rest = add(a, self.mean, -1.0);
        for (row, x) in self.power.iter_mut().zip(rest) {
            for (product, y) in row.iter_mut().zip(rest) {
                *product += (x * y - *product) * step;
            }
        }
        rest
    }

    /// One step of the power iteration. Mean products never turn a vector by more than 90 degrees, so
    /// up stays up.
    fn turn(&mut self) {
        let turned = self.power.map(|row| dot(row, self.up));
        if let Some(up) = unit(turned) {
            self.up = up;
        }
    }
}
