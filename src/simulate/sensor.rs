//! A phone's accelerometer and gyroscope: when they are read, and what they make of what they feel.

use rand_chacha::ChaCha8Rng;

use super::cabin::Felt;
use super::filter::{Isolated, Isolation};
use super::phone::Phone;
use super::random::{Span, count, normal};

/// One reading of both sensors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    /// When, µs since the trip began.
    pub(super) t_us: i64,
    /// Acceleration in steps of the model's own.
    pub(super) accel_steps: [i32; 3],
    /// Rotation in steps of the model's own; zero where there is no gyroscope.
    pub(super) gyro_steps: [i32; 3],
}

/// The sensors of one phone during one trip.
pub(super) struct Sensors<'a> {
    phone: &'a Phone,
    low_pass: Isolated,
    before: (f64, Felt),
    /// When the reading after this one is due by the phone's clock, and when it really comes.
    due_s: f64,
    next_s: f64,
    period_s: f64,
    gaps: Vec<Span>,
    noise_mps2: f64,
    readings: Vec<Reading>,
}

/// Share of the rate at which the sensor's own low-pass sets in. Source: the "ODR / 2.5" default of
/// inertial sensor data sheets.
const LOW_PASS: f64 = 0.4;

/// How far a phone's oscillator is off, as a share. Source: ±20 ppm crystals against the 1–2 % of
/// the RC oscillators in inertial sensors; what phones show lies between.
const CLOCK_ERROR: f64 = 0.002;

/// Noise of the gyroscope, rad/s. Source: 0.005–0.01 rad/s of phone-class parts at 100 Hz.
const GYRO_NOISE_RADPS: f64 = 0.007;

/// Readings are lost about this often per second, for this long, seconds.
const GAPS_PER_S: f64 = 1.0 / 600.0;
const GAP_S: Span = Span::new(0.2, 3.0);

impl<'a> Sensors<'a> {
    /// Sensors that begin to feel at time 0.
    pub(super) fn new(phone: &'a Phone, secs: f64, at_rest: Felt, rng: &mut ChaCha8Rng) -> Self {
        let period_s = (1.0 + CLOCK_ERROR * normal(rng)) / phone.rate_hz;
        let gaps = (0..count(rng, GAPS_PER_S, secs))
            .map(|_| {
                let from_s = Span::new(0.0, secs).draw(rng);
                Span::new(from_s, from_s + GAP_S.draw(rng))
            })
            .collect();
        let low_pass = Isolation {
            natural_hz: LOW_PASS * phone.rate_hz,
            damping: std::f64::consts::FRAC_1_SQRT_2,
            damper_pulls: false,
        };
        Self {
            phone,
            low_pass: Isolated::at_rest(low_pass, at_rest.force_mps2),
            before: (0.0, at_rest),
            due_s: 0.0,
            next_s: 0.0,
            period_s,
            gaps,
            noise_mps2: phone.model.noise_density * (phone.rate_hz / 2.0).sqrt(),
            readings: Vec::with_capacity((secs * phone.rate_hz) as usize + 64),
        }
    }

    /// Takes what the phone felt at a time, and reads the sensors as often as they were due since
    /// the time before.
    pub(super) fn feel(&mut self, t_s: f64, felt: Felt, rng: &mut ChaCha8Rng) {
        let (before_s, before) = self.before;
        let force_mps2 = self.low_pass.step(felt.force_mps2, t_s - before_s);
        let now = Felt { force_mps2, ..felt };
        while self.next_s <= t_s {
            let share = ((self.next_s - before_s) / (t_s - before_s)).clamp(0.0, 1.0);
            let mix = |a: [f64; 3], b: [f64; 3]| [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share);
            let felt = Felt {
                force_mps2: mix(before.force_mps2, now.force_mps2),
                rotation_radps: mix(before.rotation_radps, now.rotation_radps),
            };
            self.read(felt, rng);
        }
        self.before = (t_s, now);
    }

    /// All readings, in order of time.
    pub(super) fn into_readings(self) -> Vec<Reading> {
        self.readings
    }

    fn read(&mut self, felt: Felt, rng: &mut ChaCha8Rng) {
        let tick_us = self.phone.model.tick_us;
        let t_us = (self.next_s * 1e6 / tick_us as f64).round() as i64 * tick_us;
        let lost = (self.gaps.iter()).any(|gap| gap.from <= self.next_s && self.next_s < gap.to);
        let reading = Reading {
            t_us,
            accel_steps: self.accel_steps(felt.force_mps2, rng),
            gyro_steps: self.gyro_steps(felt.rotation_radps, rng),
        };
        let later = self.readings.last().is_none_or(|last| last.t_us < t_us);
        if !lost && later {
            self.readings.push(reading);
        }
        self.due_s += self.period_s;
        // Never so early that readings change places.
        let late = (self.phone.model.jitter * normal(rng)).clamp(-0.45, 0.45);
        self.next_s = (self.due_s + late * self.period_s).max(0.0);
    }

    fn accel_steps(&self, force_mps2: [f64; 3], rng: &mut ChaCha8Rng) -> [i32; 3] {
        let Phone {
            model,
            bias_mps2,
            scale_error,
            ..
        } = self.phone;
        [0, 1, 2].map(|axis| {
            let true_mps2 = force_mps2[axis] * (1.0 + scale_error[axis]) + bias_mps2[axis];
            let noisy_mps2 = model.sign * (true_mps2 + self.noise_mps2 * normal(rng));
            let clipped_mps2 = noisy_mps2.clamp(-model.range_mps2, model.range_mps2);
            (clipped_mps2 / model.step_mps2).round() as i32
        })
    }

    fn gyro_steps(&self, rotation_radps: [f64; 3], rng: &mut ChaCha8Rng) -> [i32; 3] {
        let Some(step_radps) = self.phone.model.gyro_step_radps else {
            return [0; 3];
        };
        [0, 1, 2].map(|axis| {
            let noise_radps = self.phone.gyro_bias_radps[axis] + GYRO_NOISE_RADPS * normal(rng);
            ((rotation_radps[axis] + noise_radps) / step_radps).round() as i32
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn readings(driver: u32, force_mps2: [f64; 3]) -> (Phone, Vec<Reading>) {
        let mut rng = ChaCha8Rng::seed_from_u64(12);
        let phone = Phone::draw(driver, None, &mut rng);
        let felt = Felt {
            force_mps2,
            ..Felt::default()
        };
        let mut sensors = Sensors::new(&phone, 60.0, felt, &mut rng);
        sensors.gaps.clear();
        for i in 1..=60 * 1600 {
            sensors.feel(f64::from(i) / 1600.0, felt, &mut rng);
        }
        let readings = sensors.into_readings();
        (phone, readings)
    }

    #[test]
    fn every_phone_keeps_its_rate_and_its_order() {
        for driver in 0..6 {
            let (phone, readings) = readings(driver, [0.0, 0.0, 9.8]);
            let rate_hz = readings.len() as f64 / 60.0;
            assert!((rate_hz / phone.rate_hz - 1.0).abs() < 0.01, "{rate_hz}");
            assert!(readings.windows(2).all(|pair| pair[0].t_us < pair[1].t_us));
        }
    }

    #[test]
    fn a_blow_beyond_the_range_is_clipped() {
        let (phone, readings) = readings(2, [0.0, 0.0, 50.0]);
        let most = (phone.model.range_mps2 / phone.model.step_mps2).round() as i32;
        assert!(
            readings
                .iter()
                .all(|reading| reading.accel_steps[2] == most)
        );
    }

    #[test]
    fn a_browser_knows_tenths_only_and_an_iphone_has_the_other_sign() {
        let (browser, quantised) = readings(1, [0.0, 0.0, 9.8]);
        assert_eq!(browser.model.step_mps2, 0.1);
        assert!(
            quantised
                .iter()
                .all(|r| (95..102).contains(&r.accel_steps[2]))
        );
        let (iphone, negated) = readings(3, [0.0, 0.0, 9.8]);
        let value = f64::from(negated[0].accel_steps[2]) * iphone.model.step_mps2;
        assert!((value + 9.8).abs() < 0.6, "{value}");
    }

    #[test]
    fn the_noise_of_a_reading_is_the_density_over_half_the_rate() {
        let (phone, readings) = readings(0, [0.0, 0.0, 9.8]);
        let values: Vec<f64> = readings
            .iter()
            .map(|r| f64::from(r.accel_steps[2]))
            .collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
        let expected = 120e-6 * 9.80665 * 50.0f64.sqrt() / phone.model.step_mps2;
        let ratio = variance.sqrt() / expected;
        assert!((0.9..1.15).contains(&ratio), "{ratio}");
    }
}
