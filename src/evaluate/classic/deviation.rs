//! How far the vertical acceleration, or its spread, is from rest or from the trip's usual.

use super::level::Signal;

/// The window of STDEV(Z), seconds. Source: Mednis et al. (2011) have a window of a few readings;
/// half a second holds one swing of a body on its springs.
const WINDOW_S: f64 = 0.5;

/// Median deviations in one standard deviation of a normal distribution, inverted. Source: Iglewicz &
/// Hoaglin (1993).
const MAD_TO_SIGMA: f64 = 0.6745;

/// No trip is quieter than a phone's own noise, m/s²: without this a phone on a table would find
/// its own rounding.
const QUIETEST_MPS2: f64 = 0.02;

/// |z|, m/s².
pub(super) fn z_thresh(signals: &[Signal]) -> Vec<Vec<f64>> {
    let score = |signal: &Signal| signal.vertical_mps2.iter().map(|z| z.abs()).collect();
    signals.iter().map(score).collect()
}

/// The modified z-score of the vertical acceleration, over the whole trip.
pub(super) fn mad_z(signals: &[Signal]) -> Vec<Vec<f64>> {
    let vertical: Vec<&[f64]> = signals.iter().map(|s| &s.vertical_mps2[..]).collect();
    let usual = Usual::of(&vertical);
    let score = |z: &&[f64]| z.iter().map(|z| usual.sigmas(*z).abs()).collect();
    vertical.iter().map(score).collect()
}

/// The modified z-score of STDEV(Z), over the whole trip.
pub(super) fn stdev_z(signals: &[Signal]) -> Vec<Vec<f64>> {
    let spread = |s: &Signal| deviations(&s.vertical_mps2, s.readings(WINDOW_S));
    let spreads: Vec<Vec<f64>> = signals.iter().map(spread).collect();
    let usual = Usual::of(&spreads);
    let score = |spread: &Vec<f64>| spread.iter().map(|s| usual.sigmas(*s)).collect();
    spreads.iter().map(score).collect()
}

/// The standard deviation over the `window` values around each value; fewer at the ends.
fn deviations(values: &[f64], window: usize) -> Vec<f64> {
    let half = window / 2;
    // Sums of the values and of their squares up to each.
    let mut sums = vec![[0.0; 2]];
    sums.extend(values.iter().scan([0.0; 2], |sum, v| {
        *sum = [sum[0] + v, sum[1] + v * v];
        Some(*sum)
    }));
    let deviation = |i: usize| {
        let (from, to) = (i.saturating_sub(half), values.len().min(i + half + 1));
        let mean = |k: usize| (sums[to][k] - sums[from][k]) / (to - from) as f64;
        (mean(1) - mean(0).powi(2)).max(0.0).sqrt()
    };
    (0..values.len()).map(deviation).collect()
}

/// What is usual on a trip.
#[derive(Clone, Copy, Debug)]
struct Usual {
    median: f64,
    /// The median distance from the median.
    deviation: f64,
}

impl Usual {
    fn of(parts: &[impl AsRef<[f64]>]) -> Self {
        let mut values: Vec<f64> = parts.iter().flat_map(|p| p.as_ref()).copied().collect();
        let median = median(&mut values);
        for value in &mut values {
            *value = (*value - median).abs();
        }
        let deviation = self::median(&mut values).max(QUIETEST_MPS2 * MAD_TO_SIGMA);
        Self { median, deviation }
    }

    /// How many standard deviations a value is above the median.
    fn sigmas(self, value: f64) -> f64 {
        MAD_TO_SIGMA * (value - self.median) / self.deviation
    }
}

/// The middle one of the values, 0 of none; their order changes.
fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_deviation_is_what_the_definition_says() {
        let values: Vec<f64> = (0..60).map(|i| f64::from(i * i % 17)).collect();
        for (i, running) in deviations(&values, 7).into_iter().enumerate() {
            let near = &values[i.saturating_sub(3)..60.min(i + 4)];
            let mean = near.iter().sum::<f64>() / near.len() as f64;
            let square = near.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
            let plain = (square / near.len() as f64).sqrt();
            assert!((running - plain).abs() < 1e-9, "{running} {plain}");
        }
    }
}
