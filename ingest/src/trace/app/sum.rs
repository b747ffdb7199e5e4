//! Linear acceleration and gravity that stand in two tables: their sum is what the sensor felt.

use super::table::{Found, Table};
use crate::gravity::NEAR_US;
use crate::trace::refusal::{Cause, Lost, Refusal};

/// Two tables of accelerometers to one.
pub(super) struct Summed {
    linear: Table,
    gravity: Table,
    /// The last reading of gravity that is not later than the linear one, and the first that is.
    near: [Option<(i64, [f32; 3])>; 2],
    /// What was refused of gravity's table.
    refused: Option<Refusal>,
}

impl Summed {
    /// The sum of an accelerometer without gravity and of gravity.
    pub(super) fn new(linear: Table, gravity: Table) -> Self {
        Self {
            linear,
            gravity,
            near: [None, None],
            refused: None,
        }
    }

    /// The gravity nearest to a time, reading on as far as that needs.
    fn gravity(&mut self, t_us: i64) -> Option<[f32; 3]> {
        while self.near[1].is_none_or(|(later_us, _)| later_us <= t_us) {
            match self.gravity.next() {
                Some(Ok((_, reading))) => {
                    let Some(value) = reading.accel_mps2 else {
                        continue;
                    };
                    self.near = [self.near[1], Some((reading.t_us, value))];
                }
                Some(Err(refusal)) => {
                    // One at a time: a damaged table fails once, a bad row costs no sum.
                    self.refused.get_or_insert(refusal);
                }
                None => break,
            }
        }
        let near = self.near.iter().flatten();
        let near = near.min_by_key(|(at_us, _)| (at_us - t_us).abs());
        near.filter(|(at_us, _)| (at_us - t_us).abs() <= NEAR_US)
            .map(|&(_, value)| value)
    }
}

impl Iterator for Summed {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        if let Some(refusal) = self.refused.take() {
            return Some(Err(refusal));
        }
        let (line, mut reading) = match self.linear.next()? {
            Ok(found) => found,
            Err(refusal) => return Some(Err(refusal)),
        };
        let Some(linear) = reading.accel_mps2 else {
            return Some(Ok((line, reading)));
        };
        let Some(gravity) = self.gravity(reading.t_us) else {
            let within_ms = NEAR_US / 1_000;
            let refusal = Refusal::line(line, Cause::NoGravity { within_ms });
            return Some(Err(refusal
                .losing(Lost::Reading)
                .within(self.linear.member())));
        };
        reading.accel_mps2 = Some([0, 1, 2].map(|i| linear[i] + gravity[i]));
        Some(Ok((line, reading)))
    }
}
