//! Short-term over long-term average, as seismographs trigger.

use super::filter::{Filter, Keep};
use super::level::Signal;

/// The band, Hz: a body on its springs. In the usual one of 1 to 25 Hz, with averages over 0.3 and
/// 10 s, the trigger does half as well on marked drives (AP 0.16 against 0.33 on jiit2012).
const BAND_HZ: [f64; 2] = [0.4, 2.5];

/// No band reaches above this share of the sensor's own rate.
const HIGHEST_BAND: f64 = 0.48;

/// Time constants of the short and the long average, seconds.
const SHORT_S: f64 = 0.5;
const LONG_S: f64 = 60.0;

/// Silent until the filters and the short average have forgotten how they began, seconds.
///
/// Seismographs stay silent for the whole long average. Here it is the mean of what there was so
/// far until it is full, so that short drives are not lost to this detector.
const SILENT_S: f64 = 2.0;

/// Less power is a phone at rest, (m/s²)².
const QUIETEST_POWER: f64 = 1e-4;

/// The ratio at each reading.
pub(super) fn ratio(signal: &Signal) -> Vec<f64> {
    let rate_hz = signal.rate_hz;
    let mut values = signal.vertical_mps2.clone();
    let [from_hz, to_hz] = BAND_HZ;
    let to_hz = to_hz.min(HIGHEST_BAND * signal.source_hz);
    Filter::new(Keep::Fast, from_hz, rate_hz).both_ways(&mut values);
    Filter::new(Keep::Slow, to_hz, rate_hz).both_ways(&mut values);

    let (short_step, long_step) = (1.0 / (SHORT_S * rate_hz), 1.0 / (LONG_S * rate_hz));
    let silent = signal.readings(SILENT_S);
    // How much of the long average is still the 0 that it began with.
    let (mut short, mut long, mut unfilled) = (0.0, 0.0, 1.0);
    let ratio = |(i, value): (usize, &f64)| {
        let power = value * value;
        short += (power - short) * short_step;
        long += (power - long) * long_step;
        unfilled *= 1.0 - long_step;
        let usual = (long / (1.0 - unfilled)).max(QUIETEST_POWER);
        if i < silent { 0.0 } else { short / usual }
    };
    values.iter().enumerate().map(ratio).collect()
}
