//! The ends of a trip, where somebody lives or works, are cut before anything is judged.

mod ends;

use std::collections::VecDeque;

use trip::{Batch, Fix, Position, Rotation, Sample};

pub use ends::{Veil, spans};

/// How much is cut at either end of a trip: until both the time and the way have gone by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrimRule {
    /// Seconds.
    pub seconds: f64,
    /// Metres as the crow flies; without fixes only the time counts.
    pub metres: f64,
}

impl Default for TrimRule {
    /// What a server cuts: 300 m and 60 s. Source: end zones of 100 m and less were defeated for most
    /// riders (Hassan et al., USENIX Security 2018); 30 m and 30 s are too short for cars.
    fn default() -> Self {
        Self {
            seconds: 60.0,
            metres: 300.0,
        }
    }
}

/// Cuts one trip as it streams by: drops the beginning, and holds back what may be the end.
///
/// The way is the straight line from the first fix, and to the newest one: the noise of a standing
/// receiver is no way. Fixes wait for the way even when readings no longer do, because a receiver
/// that wakes up late wakes up at home.
#[derive(Clone, Debug)]
pub struct Trim {
    rule: TrimRule,
    first_us: Option<i64>,
    first_fix: Option<Fix>,
    newest_fix: Option<Fix>,
    left: bool,
    held: VecDeque<Reading>,
}

/// A reading and where the trip was when it was taken.
#[derive(Clone, Copy, Debug)]
struct Reading {
    t_us: i64,
    position: Option<Position>,
    value: Value,
}

#[derive(Clone, Copy, Debug)]
enum Value {
    Sample(Sample),
    Rotation(Rotation),
    Fix(Fix),
}

impl Trim {
    /// A trim for one trip.
    pub fn new(rule: TrimRule) -> Self {
        Self {
            rule,
            first_us: None,
            first_fix: None,
            newest_fix: None,
            left: false,
            held: VecDeque::new(),
        }
    }

    /// Takes the next batch and gives what can no longer be within an end of the trip. What is still
    /// held when the trip ends is never given.
    pub fn pass(&mut self, batch: Batch) -> Batch {
        for (t_us, value) in in_order(&batch) {
            self.take(t_us, value);
        }
        let mut out = Batch {
            seq: batch.seq,
            header: batch.header,
            ..Batch::default()
        };
        let newest_us = self.held.back().map_or(i64::MIN, |reading| reading.t_us);
        let here = self.newest_fix.map(|fix| fix.position);
        while let Some(&reading) = self.held.front() {
            if !self.is_beyond(reading.t_us, newest_us, reading.position, here) {
                break;
            }
            self.held.pop_front();
            match reading.value {
                Value::Sample(sample) => out.samples.push(sample),
                Value::Rotation(rotation) => out.rotations.push(rotation),
                Value::Fix(fix) => out.fixes.push(fix),
            }
        }
        out
    }

    fn take(&mut self, t_us: i64, value: Value) {
        let first_us = *self.first_us.get_or_insert(t_us);
        if let Value::Fix(fix) = value {
            self.first_fix.get_or_insert(fix);
            self.newest_fix = Some(fix);
        }
        let home = self.first_fix.map(|fix| fix.position);
        let here = self.newest_fix.map(|fix| fix.position);
        self.left = self.left || home.is_some() && self.is_beyond(first_us, t_us, home, here);
        if self.left || home.is_none() && self.is_beyond(first_us, t_us, None, None) {
            self.held.push_back(Reading {
                t_us,
                position: here,
                value,
            });
        }
    }

    /// Whether both the time and the way between two moments are more than is cut; a moment without
    /// a place has time alone.
    fn is_beyond(
        &self,
        from_us: i64,
        to_us: i64,
        from: Option<Position>,
        to: Option<Position>,
    ) -> bool {
        let far = match (from, to) {
            (Some(from), Some(to)) => from.distance_m(to) >= self.rule.metres,
            _ => true,
        };
        far && (to_us - from_us) as f64 >= self.rule.seconds * 1e6
    }
}

/// The readings of a batch in order of time.
fn in_order(batch: &Batch) -> Vec<(i64, Value)> {
    let samples = batch.samples.iter().map(|&s| (s.t_us, Value::Sample(s)));
    let rotations = batch
        .rotations
        .iter()
        .map(|&r| (r.t_us, Value::Rotation(r)));
    let fixes = batch.fixes.iter().map(|&f| (f.t_us, Value::Fix(f)));
    let mut all: Vec<_> = fixes.chain(samples).chain(rotations).collect();
    all.sort_by_key(|(t_us, _)| *t_us);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use trip::FixSource;

    fn fix(t_us: i64, position: Position) -> Fix {
        let (speed, heading, accuracy_m) = (None, None, None);
        let source = FixSource::Gnss;
        Fix {
            t_us,
            position,
            speed,
            heading,
            accuracy_m,
            source,
        }
    }

    /// Ten minutes to the north at `speed_mps`, a sample and a fix each second, in batches of 7 s.
    fn trimmed(speed_mps: f64, gps: bool) -> Batch {
        let origin = Position::new(41.0, -8.0).expect("valid");
        let mut trim = Trim::new(TrimRule::default());
        let mut out = Batch::default();
        let mut batch = Batch::default();
        for second in 0..600_i64 {
            let t_us = second * 1_000_000;
            batch.samples.push(Sample {
                t_us,
                accel_mps2: [0.0, 0.0, 9.8],
            });
            if gps {
                let position = origin.moved(speed_mps * second as f64, 0.0);
                batch.fixes.push(fix(t_us, position));
            }
            if second % 7 == 6 {
                let passed = trim.pass(std::mem::take(&mut batch));
                out.samples.extend(passed.samples);
                out.fixes.extend(passed.fixes);
            }
        }
        let passed = trim.pass(batch);
        out.samples.extend(passed.samples);
        out.fixes.extend(passed.fixes);
        out
    }

    #[test]
    fn a_fast_car_loses_a_minute_and_a_slow_one_three_hundred_metres() {
        let seconds = |batch: &Batch| {
            let t_s = |s: &Sample| s.t_us / 1_000_000;
            (
                batch.samples.first().map(t_s),
                batch.samples.last().map(t_s),
            )
        };
        assert_eq!(seconds(&trimmed(20.0, true)), (Some(60), Some(539)));
        assert_eq!(seconds(&trimmed(2.1, true)), (Some(143), Some(456)));
        assert_eq!(seconds(&trimmed(0.0, false)), (Some(60), Some(539)));
    }

    #[test]
    fn a_receiver_that_wakes_up_late_does_not_tell_where_it_woke() {
        let home = Position::new(41.0, -8.0).expect("valid");
        let mut trim = Trim::new(TrimRule::default());
        let mut out = Batch::default();
        for second in 0..600_i64 {
            let t_us = second * 1_000_000;
            let mut batch = Batch::default();
            batch.samples.push(Sample {
                t_us,
                accel_mps2: [0.0, 0.0, 9.8],
            });
            if second >= 90 {
                let position = home.moved(10.0 * (second - 90) as f64, 0.0);
                batch.fixes.push(fix(t_us, position));
            }
            let passed = trim.pass(batch);
            out.samples.extend(passed.samples);
            out.fixes.extend(passed.fixes);
        }
        let nearest = out.fixes.iter().map(|fix| fix.position.distance_m(home));
        assert!(out.fixes.len() > 300 && nearest.fold(f64::INFINITY, f64::min) >= 300.0);
    }

    #[test]
    fn a_car_that_never_left_tells_nothing() {
        let out = trimmed(0.1, true);
        assert!(out.samples.is_empty() && out.fixes.is_empty());
    }
}
