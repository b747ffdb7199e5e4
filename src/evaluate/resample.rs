//! A drive as a phone with a slower or coarser accelerometer would have read it.

use trip::Sample;

/// An accelerometer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sensor {
    /// Readings per second.
    pub rate_hz: f64,
    /// Its smallest step, m/s²; browsers round to 0.1.
    pub quantum_mps2: Option<f64>,
}

/// Each reading comes up to this share of a period early or late, so that the steps between them
/// have a standard deviation of 0.08 periods. Measured: 0.01 to 0.15 on the phones of the Noida set.
const JITTER: f64 = 0.1;

/// What lies between two readings further apart than this, µs, is not known: a pause stays a pause.
const PAUSE_US: i64 = 500_000;

/// What the sensor would have read where others were read in order of time: values on the line
/// between the two readings around each moment of an uneven grid, rounded to its steps.
///
/// Nothing is averaged first, so what is faster than half the rate folds into what is slower: a
/// phone that filters its readings does better than this. The jitter is the same on every run.
pub fn resampled(samples: &[Sample], sensor: Sensor) -> Vec<Sample> {
    let period_us = 1e6 / sensor.rate_hz;
    let Some(first) = samples.first() else {
        return Vec::new();
    };
    let moment_us = |number: u64| {
        let late = JITTER * chance(number);
        first.t_us + ((number as f64 + JITTER + late) * period_us).round() as i64
    };
    let mut out = Vec::new();
    let mut number = 0;
    for pair in samples.windows(2) {
        let [before, after] = [pair[0], pair[1]];
        while moment_us(number) <= after.t_us {
            let t_us = moment_us(number);
            number += 1;
            if before.t_us <= t_us && after.t_us - before.t_us <= PAUSE_US {
                out.push(between(before, after, t_us, sensor.quantum_mps2));
            }
        }
    }
    out
}

fn between(before: Sample, after: Sample, t_us: i64, quantum_mps2: Option<f64>) -> Sample {
    let whole_us = (after.t_us - before.t_us).max(1) as f64;
    let share = (t_us - before.t_us) as f64 / whole_us;
    let value = |axis: usize| {
        let [a, b] = [before, after].map(|it| f64::from(it.accel_mps2[axis]));
        let exact = a + share * (b - a);
        quantum_mps2.map_or(exact, |step| (exact / step).round() * step) as f32
    };
    Sample {
        t_us,
        accel_mps2: std::array::from_fn(value),
    }
}

/// A number from −1 to 1 that looks drawn, the same for the same `number`.
///
/// Source: the finalizer of SplitMix64, Steele, Lea and Flood (2014).
fn chance(number: u64) -> f64 {
    let mut bits = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ (bits >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten seconds of a straight line at 100 Hz, with a pause from 4 to 6 s.
    fn line() -> Vec<Sample> {
        let at = |i: i64| Sample {
            t_us: i * 10_000,
            accel_mps2: [i as f32 / 100.0, 0.0, 9.8],
        };
        let times = (0..1000).filter(|i| !(400..600).contains(i));
        times.map(at).collect()
    }

    #[test]
    fn a_line_stays_a_line_and_a_pause_a_pause() {
        let sensor = Sensor {
            rate_hz: 25.0,
            quantum_mps2: None,
        };
        let slow = resampled(&line(), sensor);
        assert!((198..=202).contains(&slow.len()), "{}", slow.len());
        let on_line = |it: &Sample| (f64::from(it.accel_mps2[0]) - it.t_us as f64 / 1e6).abs();
        assert!(slow.iter().all(|it| on_line(it) < 1e-3));
        let steps = slow.windows(2).map(|pair| pair[1].t_us - pair[0].t_us);
        assert!(steps.clone().all(|us| us > 30_000));
        assert_eq!(steps.filter(|us| *us > 50_000).count(), 1);
        assert_eq!(resampled(&line(), sensor), slow);
        assert!(resampled(&[], sensor).is_empty());
    }

    #[test]
    fn coarse_readings_stand_on_their_steps() {
        let sensor = Sensor {
            rate_hz: 60.0,
            quantum_mps2: Some(0.1),
        };
        let on_step = |value: f32| (value * 10.0 - (value * 10.0).round()).abs() < 1e-4;
        let coarse = resampled(&line(), sensor);
        assert!(
            coarse
                .iter()
                .all(|it| it.accel_mps2.into_iter().all(on_step))
        );
    }

    #[test]
    fn chance_is_spread() {
        let draws: Vec<f64> = (0..1000).map(chance).collect();
        assert!(draws.iter().all(|x| (-1.0..1.0).contains(x)));
        let mean = draws.iter().sum::<f64>() / 1000.0;
        assert!(mean.abs() < 0.05, "{mean}");
    }
}
