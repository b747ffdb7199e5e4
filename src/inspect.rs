//! What a recording holds: what an analyst asks before anything is judged.

use trip::{Batch, Header, is_dated};

/// What the readings of one trip look like.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    header: Option<Header>,
    messages: u64,
    accel: Series,
    gyro: Series,
    fixes: Series,
    /// Sums of the accelerometer's axes and of their squares, m/s².
    sum: [f64; 3],
    sum_of_squares: [f64; 3],
    highest_mps2: f64,
    repeated: u64,
    last: Option<[f32; 3]>,
    /// The smallest step between two different neighbouring values, m/s².
    step_mps2: Option<f64>,
    driven_m: f64,
    last_fix: Option<trip::Fix>,
    fixes_with_speed: u64,
    covered_us: i64,
}

/// The times of one sensor's readings.
#[derive(Clone, Debug, Default)]
struct Series {
    first_us: Option<i64>,
    last_us: i64,
    steps_us: Vec<i64>,
}

/// How evenly one sensor was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Readings.
    pub readings: u64,
    /// One over the median time between two readings, Hz.
    pub rate_hz: f64,
    /// 99th percentile of the time between two readings, s.
    pub step_p99_s: f64,
    /// Pauses longer than half a second and than three median steps.
    pub gaps: u64,
    /// The longest of them, s.
    pub longest_gap_s: f64,
}

/// What the accelerometer's values look like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axes {
    /// Mean of x, y, z in m/s².
    pub mean_mps2: [f64; 3],
    /// Standard deviation of x, y, z in m/s².
    pub deviation_mps2: [f64; 3],
    /// Length of the mean vector in m/s²: about 9.8 with gravity, near 0 without.
    pub gravity_mps2: f64,
    /// The largest magnitude on any axis, m/s²: near a range such as 19.6 it may have clipped.
    pub highest_mps2: f64,
    /// The smallest step between two neighbouring values, m/s².
    pub step_mps2: Option<f64>,
    /// Share of the readings that repeat the one before.
    pub repeated: f64,
}

/// What the receiver gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gps {
    /// Fixes and how they are spaced.
    pub pace: Pace,
    /// Share of the recording that lies within two seconds of a fix.
    pub share: f64,
    /// The way from fix to fix, m.
    pub distance_m: f64,
    /// Share of the fixes that say how fast.
    pub with_speed: f64,
}

/// A moment this near to a fix has a place, µs.
const NEAR_FIX_US: i64 = 2_000_000;

impl Inspection {
    /// Adds the next batch.
    pub fn push(&mut self, batch: &Batch) {
        self.messages += 1;
        self.header = self.header.or(batch.header);
        for sample in &batch.samples {
            self.accel.push(sample.t_us);
            self.value(sample.accel_mps2);
        }
        for rotation in &batch.rotations {
            self.gyro.push(rotation.t_us);
        }
        for &fix in &batch.fixes {
            let step_us = self.last_fix.map(|last| fix.t_us - last.t_us);
            self.covered_us += step_us.map_or(NEAR_FIX_US, |us| us.clamp(0, 2 * NEAR_FIX_US));
            self.driven_m += self
                .last_fix
                .map_or(0.0, |l| l.position.distance_m(fix.position));
            self.fixes_with_speed += u64::from(fix.speed.is_some());
            self.last_fix = Some(fix);
            self.fixes.push(fix.t_us);
        }
    }

    fn value(&mut self, accel_mps2: [f32; 3]) {
        for (axis, value) in accel_mps2.into_iter().enumerate() {
            let value = f64::from(value);
            self.sum[axis] += value;
            self.sum_of_squares[axis] += value * value;
            self.highest_mps2 = self.highest_mps2.max(value.abs());
        }
        if let Some(last) = self.last {
            self.repeated += u64::from(last == accel_mps2);
            let steps = last
                .iter()
                .zip(accel_mps2)
                .map(|(a, b)| f64::from((b - a).abs()));
            let smallest = steps.filter(|&s| s > 1e-6).fold(f64::INFINITY, f64::min);
            if smallest.is_finite() {
                self.step_mps2 = Some(self.step_mps2.map_or(smallest, |s| s.min(smallest)));
            }
        }
        self.last = Some(accel_mps2);
    }

    /// What the trip said about its phone and vehicle.
    pub fn header(&self) -> Header {
        self.header.unwrap_or_default()
    }

    /// How many messages there were.
    pub fn messages(&self) -> u64 {
        self.messages
    }

    /// The first and last time of any reading, µs.
    pub fn span_us(&self) -> Option<(i64, i64)> {
        let spans = [&self.accel, &self.gyro, &self.fixes];
        let first = spans.iter().filter_map(|s| s.first_us).min()?;
        let last = spans
            .iter()
            .filter(|s| s.first_us.is_some())
            .map(|s| s.last_us)
            .max()?;
        Some((first, last))
    }

    /// Whether the clock counts from 1970.
    pub fn dated(&self) -> bool {
        self.span_us().is_some_and(|(first, _)| is_dated(first))
    }

    /// How the accelerometer was read.
    pub fn accel(&self) -> Option<Pace> {
        self.accel.pace()
    }

    /// How the gyroscope was read.
    pub fn gyro(&self) -> Option<Pace> {
        self.gyro.pace()
    }

    /// What the accelerometer's values look like.
    pub fn axes(&self) -> Option<Axes> {
        let n = self.accel.readings() as f64;
        if n == 0.0 {
            return None;
        }
        let mean_mps2 = self.sum.map(|s| s / n);
        let deviation_mps2 = std::array::from_fn(|axis| {
            (self.sum_of_squares[axis] / n - mean_mps2[axis].powi(2))
                .max(0.0)
                .sqrt()
        });
        Some(Axes {
            mean_mps2,
            deviation_mps2,
            gravity_mps2: mean_mps2.iter().map(|m| m * m).sum::<f64>().sqrt(),
            highest_mps2: self.highest_mps2,
            step_mps2: self.step_mps2,
            repeated: self.repeated as f64 / n,
        })
    }

    /// What the receiver gave.
    pub fn gps(&self) -> Option<Gps> {
        let pace = self.fixes.pace()?;
        let (first_us, last_us) = self.span_us()?;
        let covered_us = (self.covered_us + NEAR_FIX_US).min(last_us - first_us);
        Some(Gps {
            pace,
            share: covered_us as f64 / ((last_us - first_us) as f64).max(1.0),
            distance_m: self.driven_m,
            with_speed: self.fixes_with_speed as f64 / pace.readings as f64,
        })
    }
}

impl Series {
    fn push(&mut self, t_us: i64) {
        if self.first_us.is_some() {
            self.steps_us.push(t_us - self.last_us);
        }
        self.first_us.get_or_insert(t_us);
        self.last_us = t_us;
    }

    fn readings(&self) -> u64 {
        self.steps_us.len() as u64 + u64::from(self.first_us.is_some())
    }

    fn pace(&self) -> Option<Pace> {
        self.first_us?;
        let mut steps = self.steps_us.clone();
        steps.sort_unstable();
        let seconds = |i: usize| steps.get(i).map_or(0.0, |&us| us as f64 / 1e6);
        let median_s = seconds(steps.len() / 2);
        let gap_s = (3.0 * median_s).max(0.5);
        let gaps = steps.iter().filter(|&&us| us as f64 / 1e6 > gap_s).count() as u64;
        Some(Pace {
            readings: self.readings(),
            rate_hz: if median_s > 0.0 { 1.0 / median_s } else { 0.0 },
            step_p99_s: seconds(steps.len() * 99 / 100),
            gaps,
            longest_gap_s: if gaps > 0 {
                seconds(steps.len() - 1)
            } else {
                0.0
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trip::{Fix, FixSource, Position, Sample};

    #[test]
    fn a_minute_at_fifty_hertz_with_a_pause_is_told_as_that() {
        let origin = Position::new(41.0, -8.0).expect("valid");
        let mut batch = Batch::default();
        for i in 0..3000_i64 {
            let t_us = i * 20_000 + if i >= 1500 { 4_000_000 } else { 0 };
            let accel_mps2 = [0.0, -9.8, if i % 2 == 0 { 0.1 } else { -0.1 }];
            batch.samples.push(Sample { t_us, accel_mps2 });
        }
        for second in 0..32_i64 {
            batch.fixes.push(Fix {
                t_us: second * 1_000_000,
                position: origin.moved(10.0 * second as f64, 0.0),
                speed: None,
                heading: None,
                accuracy_m: None,
                source: FixSource::Gnss,
            });
        }
        let mut inspection = Inspection::default();
        inspection.push(&batch);
        let pace = inspection.accel().expect("samples");
        assert_eq!((pace.readings, pace.gaps), (3000, 1));
        assert!((pace.rate_hz - 50.0).abs() < 1e-9 && (pace.longest_gap_s - 4.02).abs() < 1e-9);
        let axes = inspection.axes().expect("samples");
        assert!((axes.gravity_mps2 - 9.8).abs() < 1e-3 && axes.mean_mps2[1] < -9.7);
        assert!((axes.step_mps2.expect("it moves") - 0.2).abs() < 1e-6);
        let gps = inspection.gps().expect("fixes");
        assert!((gps.distance_m - 310.0).abs() < 0.5 && (gps.share - 35.0 / 63.98).abs() < 0.01);
        assert!(!inspection.dated() && inspection.gyro().is_none());
    }
}
