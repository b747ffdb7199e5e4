//! Turning a vector from the car's axes into a phone's.

use std::f64::consts::{PI, TAU};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::random::normal;

/// A rotation of space: rows are the phone's axes in the car's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn([[f64; 3]; 3]);

impl Turn {
    /// A phone that lies flat, screen up, top forward: its x is the car's right, its y forward.
    pub(super) const FLAT: Self = Self([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);

    /// The rotation about an axis, which need not have length 1. Source: Rodrigues' formula.
    pub(super) fn about(axis: [f64; 3], angle_rad: f64) -> Self {
        let length = axis.iter().map(|a| a * a).sum::<f64>().sqrt().max(1e-12);
        let [x, y, z] = axis.map(|a| a / length);
        let (sin, cos) = angle_rad.sin_cos();
        let rest = 1.0 - cos;
        Self([
            [
                cos + x * x * rest,
                x * y * rest - z * sin,
                x * z * rest + y * sin,
            ],
            [
                y * x * rest + z * sin,
                cos + y * y * rest,
                y * z * rest - x * sin,
            ],
            [
                z * x * rest - y * sin,
                z * y * rest + x * sin,
                cos + z * z * rest,
            ],
        ])
    }

    /// Any rotation, none likelier than another.
    pub(super) fn any(rng: &mut ChaCha8Rng) -> Self {
        let first = Self::about([0.0, 0.0, 1.0], TAU * rng.random::<f64>());
        let axis = [normal(rng), normal(rng), normal(rng)];
        Self::about(axis, PI * rng.random::<f64>()).after(first)
    }

    /// This rotation after another one.
    pub(super) fn after(self, first: Self) -> Self {
        let column = |j: usize| self.apply([first.0[0][j], first.0[1][j], first.0[2][j]]);
        let columns = [column(0), column(1), column(2)];
        Self([0, 1, 2].map(|i| [columns[0][i], columns[1][i], columns[2][i]]))
    }

    /// A vector of the car's axes in the phone's.
    pub(super) fn apply(self, vector: [f64; 3]) -> [f64; 3] {
        self.0
            .map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn length(vector: [f64; 3]) -> f64 {
        vector.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    #[test]
    fn turning_a_phone_keeps_the_length_of_what_it_feels() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        for _ in 0..100 {
            let turn = Turn::any(&mut rng).after(Turn::FLAT);
            let felt = [normal(&mut rng), normal(&mut rng), 9.8];
            assert!((length(turn.apply(felt)) - length(felt)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_flat_phone_feels_gravity_on_z_and_braking_on_y() {
        assert_eq!(Turn::FLAT.apply([-2.0, 0.0, 9.8]), [0.0, -2.0, 9.8]);
        // A left turn pushes it to the left, which is -x.
        assert_eq!(Turn::FLAT.apply([0.0, 1.0, 0.0]), [-1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_quarter_turn_about_z_takes_x_to_y() {
        let turned = Turn::about([0.0, 0.0, 2.0], PI / 2.0).apply([1.0, 0.0, 0.0]);
        assert!((turned[1] - 1.0).abs() < 1e-12 && turned[0].abs() < 1e-12);
    }
}
