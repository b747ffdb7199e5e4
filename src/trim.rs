//! The ends of a trip, where somebody lives or works, are cut before anything is judged.

use std::collections::VecDeque;

use trip::{Batch, Fix, Rotation, Sample};

/// How much is cut at either end of a trip: until both the time and the way have gone by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrimRule {
    /// Seconds.
    pub seconds: f64,
    /// Metres along the track; without fixes only the time counts.
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
#[derive(Clone, Debug)]
pub struct Trim {
    rule: TrimRule,
    first_us: Option<i64>,
    /// Metres driven up to the newest fix.
    driven_m: f64,
    last_fix: Option<Fix>,
    started: bool,
    held: VecDeque<Reading>,
}

/// A reading and how far the trip had gone when it was taken.
#[derive(Clone, Copy, Debug)]
struct Reading {
    t_us: i64,
    driven_m: f64,
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
            driven_m: 0.0,
            last_fix: None,
            started: false,
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
        let newest_us = self.held.back().map_or(i64::MIN, |r| r.t_us);
        while let Some(&reading) = self.held.front() {
            if !self.beyond(reading.t_us, newest_us, self.driven_m - reading.driven_m) {
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
        if let Value::Fix(fix) = value {
            let step_m = self
                .last_fix
                .map_or(0.0, |last| last.position.distance_m(fix.position));
            self.driven_m += step_m;
            self.last_fix = Some(fix);
        }
        let first_us = *self.first_us.get_or_insert(t_us);
        self.started = self.started || self.beyond(first_us, t_us, self.driven_m);
        if self.started {
            self.held.push_back(Reading {
                t_us,
                driven_m: self.driven_m,
                value,
            });
        }
    }

    fn beyond(&self, from_us: i64, to_us: i64, metres: f64) -> bool {
        let far = self.last_fix.is_none() || metres >= self.rule.metres;
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
    use trip::{FixSource, Position};

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
                let (speed, heading, accuracy_m) = (None, None, None);
                let source = FixSource::Gnss;
                batch.fixes.push(Fix {
                    t_us,
                    position,
                    speed,
                    heading,
                    accuracy_m,
                    source,
                });
            }
            if second % 7 == 6 {
                let passed = trim.pass(std::mem::take(&mut batch));
                out.samples.extend(passed.samples);
                out.fixes.extend(passed.fixes);
            }
        }
        trim.pass(batch);
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
        assert_eq!(seconds(&trimmed(20.0, true)), (Some(60), Some(534)));
        assert_eq!(seconds(&trimmed(2.0, true)), (Some(150), Some(444)));
        assert_eq!(seconds(&trimmed(0.0, false)), (Some(60), Some(534)));
    }

    #[test]
    fn a_car_that_never_left_tells_nothing() {
        let out = trimmed(0.1, true);
        assert!(out.samples.is_empty() && out.fixes.is_empty());
    }
}
