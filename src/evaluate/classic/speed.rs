//! How fast the vehicle was: what the receiver said, else from one position to the next.

use trip::Fix;

/// Speeds by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Speeds {
    /// µs and m/s, in order of time.
    known: Vec<(i64, f64)>,
}

/// Two positions further apart in time say nothing of the speed between them, µs.
const LONGEST_STEP_US: i64 = 10_000_000;

/// A speed holds so long before and after its time, µs.
const HOLDS_US: u64 = 5_000_000;

impl Speeds {
    pub(super) fn new(fixes: &[Fix]) -> Self {
        let mut fixes = fixes.to_vec();
        fixes.sort_by_key(|fix| fix.t_us);
        let mut known = Vec::new();
        for (i, fix) in fixes.iter().enumerate() {
            let before = i.checked_sub(1).map(|before| &fixes[before]);
            let stated = fix.speed.map(|speed| speed.mps());
            let speed = stated.or_else(|| from_positions(before?, fix));
            known.extend(speed.map(|mps| (fix.t_us, mps)));
        }
        Self { known }
    }

    /// The speed nearest in time, m/s; `None` where none is near.
    pub(super) fn at(&self, t_us: i64) -> Option<f64> {
        let after = self.known.partition_point(|(known_us, _)| *known_us < t_us);
        let near = [after.checked_sub(1), Some(after)];
        let near = near.into_iter().flatten().filter_map(|i| self.known.get(i));
        let away = |known: &&(i64, f64)| known.0.abs_diff(t_us);
        let nearest = near.min_by_key(away)?;
        (away(&nearest) <= HOLDS_US).then_some(nearest.1)
    }
}

/// m/s from one fix to the next.
fn from_positions(before: &Fix, fix: &Fix) -> Option<f64> {
    let step_us = fix.t_us.saturating_sub(before.t_us);
    let usable = 0 < step_us && step_us <= LONGEST_STEP_US;
    usable.then(|| before.position.distance_m(fix.position) / (step_us as f64 / 1e6))
}

#[cfg(test)]
mod tests {
    use trip::{FixSource, Position, Speed};

    use super::*;

    fn fix(second: i64, north_m: f64, mps: Option<f64>) -> Fix {
        let start = Position::new(41.0, -10.0).expect("a place");
        Fix {
            t_us: second * 1_000_000,
            position: start.moved(north_m, 0.0),
            speed: mps.and_then(|mps| Speed::from_mps(mps).ok()),
            heading: None,
            accuracy_m: None,
            source: FixSource::Unknown,
        }
    }

    #[test]
    fn a_receiver_without_a_speed_still_says_how_fast() {
        let speeds = Speeds::new(&[
            fix(4, 40.0, None),
            fix(0, 0.0, None),
            fix(60, 50.0, Some(3.0)),
        ]);
        let at = |second: i64| speeds.at(second * 1_000_000);
        assert!((at(4).expect("known") - 10.0).abs() < 0.1);
        assert_eq!((at(20), at(58)), (None, Some(3.0)));
        assert_eq!(Speeds::new(&[]).at(0), None);
    }
}
