//! How well a phone senses and how it cuts what it sensed into messages.

use ingest::wire::v1;
use trip::Header;

/// How readings are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quality {
    /// A message covers this long, µs.
    pub batch_us: i64,
    /// As a page in a browser senses: at most 60 readings a second, acceleration in steps of 0.1 m/s²,
    /// rotation in steps of 0.1 °/s, times in steps of 0.1 ms.
    ///
    /// Source: W3C Device Orientation and Motion (2024), §11 and Chrome since 66, against fingerprinting.
    pub browser: bool,
}

/// Where a recording does not say its sensor's step, m/s²: a power of ten below that of common phones
/// (±8 g in 16 bits: 0.0024 m/s²).
const STEP_MPS2: f64 = 0.001;

/// One step of a gyroscope, rad/s: ±2000 °/s in 16 bits.
const STEP_RADPS: f64 = 0.001;

/// What browsers show at most, in their own units.
const BROWSER_STEP_MPS2: f64 = 0.1;
const BROWSER_STEP_DEGPS: f64 = 0.1;
const BROWSER_STEP_US: i64 = 100;
const BROWSER_PERIOD_US: i64 = 1_000_000 / 60;

impl Quality {
    /// What one step of the accelerometer's integers is worth, m/s².
    pub fn accel_step_mps2(&self, header: Option<&Header>) -> f64 {
        self.resolution_mps2(header).unwrap_or(STEP_MPS2)
    }

    /// The smallest step that the accelerometer can show, m/s², where it is known.
    pub fn resolution_mps2(&self, header: Option<&Header>) -> Option<f64> {
        let recorded = header
            .and_then(|header| header.resolution_mps2)
            .map(f64::from);
        match self.browser {
            true => Some(recorded.map_or(BROWSER_STEP_MPS2, |step| step.max(BROWSER_STEP_MPS2))),
            false => recorded,
        }
    }

    /// What one step of the gyroscope's integers is worth, and in which unit.
    pub fn gyro_step(&self) -> (v1::GyroUnit, f64) {
        match self.browser {
            true => (v1::GyroUnit::DegreePerSecond, BROWSER_STEP_DEGPS),
            false => (v1::GyroUnit::RadianPerSecond, STEP_RADPS),
        }
    }

    /// The readings that are sent of those taken: all, or the newest at each frame of a browser.
    pub fn thinned<T>(
        &self,
        readings: impl Iterator<Item = (i64, T)>,
    ) -> impl Iterator<Item = (i64, T)> {
        let browser = self.browser;
        let mut next_us = i64::MIN;
        readings.filter_map(move |(t_us, value)| {
            if !browser {
                return Some((t_us, value));
            }
            if t_us < next_us {
                return None;
            }
            // A frame later, but never to catch up after a pause.
            next_us = next_us.max(t_us - BROWSER_PERIOD_US) + BROWSER_PERIOD_US;
            Some((t_us.div_euclid(BROWSER_STEP_US) * BROWSER_STEP_US, value))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: Quality = Quality {
        batch_us: 10_000_000,
        browser: true,
    };

    #[test]
    fn a_browser_gives_at_most_sixty_readings_a_second_and_all_of_a_slower_sensor() {
        let count = |hz: i64| {
            let readings = (0..10 * hz).map(|i| (i * 1_000_000 / hz, ()));
            BROWSER.thinned(readings).count()
        };
        assert!((598..=601).contains(&count(100)), "{}", count(100));
        assert_eq!(count(50), 500);
    }

    #[test]
    fn a_browser_rounds_what_a_finer_sensor_shows() {
        let fine = Header {
            resolution_mps2: Some(0.0024),
            ..Header::default()
        };
        assert_eq!(BROWSER.accel_step_mps2(Some(&fine)), 0.1);
        let own = Quality {
            browser: false,
            ..BROWSER
        };
        assert!((own.accel_step_mps2(Some(&fine)) - 0.0024).abs() < 1e-6);
        assert_eq!(own.accel_step_mps2(None), 0.001);
    }
}
