//! How strong the vertical signal is at each frequency and time.

use realfft::{RealFftPlanner, num_complex::Complex};

/// The vertical signal's amplitude over time and frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrogram {
    /// The middle of each column, µs.
    pub times_us: Vec<i64>,
    /// The middle of each row, Hz, even ratios apart, rising.
    pub rows_hz: Vec<f64>,
    /// log10 of the amplitude density, m/s² per √Hz: one column after the other. NaN where the
    /// signal does not fill the window.
    pub log10: Vec<f32>,
}

/// What is transformed.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// From when to when, µs.
    pub span_us: (i64, i64),
    /// Length of a window, s.
    pub window_s: f64,
    /// From one column to the next, s.
    pub hop_s: f64,
    /// The rows' lower and upper end, Hz.
    pub band_hz: [f64; 2],
    /// How many rows.
    pub rows: usize,
}

impl Spectrogram {
    /// Of an evenly sampled signal (µs, m/s²) that may have gaps: short-time Fourier transform with
    /// a Hann window, its power brought to rows of even ratios. `None` with too little signal.
    pub fn of(signal: &[(i64, f32)], shape: Shape) -> Option<Self> {
        let step_us = step_us(signal)?;
        let rate_hz = 1e6 / step_us as f64;
        let length = ((shape.window_s * rate_hz).round() as usize).max(4) & !1;
        let transform = Transform::new(length, rate_hz);
        let rows_hz = rows_hz(shape);
        let hop_us = ((shape.hop_s * 1e6) as i64).max(1);
        let columns = (shape.span_us.1 - shape.span_us.0) / hop_us;
        let mut made = Self {
            times_us: Vec::new(),
            rows_hz,
            log10: Vec::new(),
        };
        for column in 0..columns {
            let t_us = shape.span_us.0 + column * hop_us + hop_us / 2;
            made.times_us.push(t_us);
            let window = window(signal, t_us, length, step_us);
            match window.and_then(|window| transform.power(window)) {
                Some(power) => {
                    let rows = made.rows_hz.iter();
                    let densities = rows.map(|hz| transform.density(&power, *hz, ratio(shape)));
                    made.log10
                        .extend(densities.map(|d| 0.5 * d.max(1e-12).log10() as f32));
                }
                None => made.log10.extend(made.rows_hz.iter().map(|_| f32::NAN)),
            }
        }
        Some(made)
    }
}

/// Half the ratio between two rows.
fn ratio(shape: Shape) -> f64 {
    let [from, to] = shape.band_hz;
    (to / from).powf(0.5 / shape.rows.max(1) as f64)
}

fn rows_hz(shape: Shape) -> Vec<f64> {
    let half = ratio(shape);
    (0..shape.rows)
        .map(|row| shape.band_hz[0] * half.powi(2 * row as i32 + 1))
        .collect()
}

/// The median step, µs.
fn step_us(signal: &[(i64, f32)]) -> Option<i64> {
    let mut steps: Vec<i64> = signal
        .windows(2)
        .map(|pair| pair[1].0 - pair[0].0)
        .collect();
    steps.sort_unstable();
    steps.get(steps.len() / 2).copied().filter(|step| *step > 0)
}

/// The readings around a moment; `None` where a gap or an end is among them.
fn window(signal: &[(i64, f32)], t_us: i64, length: usize, step_us: i64) -> Option<&[(i64, f32)]> {
    let middle = signal.partition_point(|v| v.0 < t_us);
    let from = middle.checked_sub(length / 2)?;
    let window = signal.get(from..from + length)?;
    let lasts_us = window[length - 1].0 - window[0].0;
    let full_us = (length - 1) as i64 * step_us;
    (lasts_us < full_us + step_us).then_some(window)
}

struct Transform {
    plan: std::sync::Arc<dyn realfft::RealToComplex<f32>>,
    taper: Vec<f32>,
    bin_hz: f64,
    /// From squared magnitude to (m/s²)²/Hz.
    to_density: f64,
}

impl Transform {
    fn new(length: usize, rate_hz: f64) -> Self {
        let turn = std::f64::consts::TAU / length as f64;
        let hann = |i: usize| 0.5 - 0.5 * (turn * i as f64).cos();
        let taper: Vec<f32> = (0..length).map(|i| hann(i) as f32).collect();
        let energy: f64 = (0..length).map(|i| hann(i).powi(2)).sum();
        Self {
            plan: RealFftPlanner::new().plan_fft_forward(length),
            taper,
            bin_hz: rate_hz / length as f64,
            to_density: 2.0 / (rate_hz * energy),
        }
    }

    /// The squared magnitude of each bin.
    fn power(&self, window: &[(i64, f32)]) -> Option<Vec<f64>> {
        let tapered = window.iter().zip(&self.taper);
        let mut input: Vec<f32> = tapered.map(|((_, v), t)| v * t).collect();
        let mut output: Vec<Complex<f32>> = self.plan.make_output_vec();
        self.plan.process(&mut input, &mut output).ok()?;
        Some(output.iter().map(|bin| f64::from(bin.norm_sqr())).collect())
    }

    /// The density of a row: the mean of the bins inside it, or between the bins beside it.
    fn density(&self, power: &[f64], hz: f64, half_ratio: f64) -> f64 {
        let first = (hz / half_ratio / self.bin_hz).ceil() as usize;
        let last = ((hz * half_ratio / self.bin_hz).floor() as usize).min(power.len() - 1);
        if first < last {
            let inside = &power[first..=last];
            return inside.iter().sum::<f64>() / inside.len() as f64 * self.to_density;
        }
        let at = (hz / self.bin_hz).min((power.len() - 1) as f64);
        let (below, share) = (at.floor() as usize, at.fract());
        let above = (below + 1).min(power.len() - 1);
        ((1.0 - share) * power[below] + share * power[above]) * self.to_density
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        span_us: (2_000_000, 8_000_000),
        window_s: 2.56,
        hop_s: 0.16,
        band_hz: [0.4, 25.0],
        rows: 42,
    };

    #[test]
    fn a_swing_of_two_hertz_shows_at_two_hertz() {
        let swing = |i: i64| (std::f64::consts::TAU * 2.0 * i as f64 / 50.0).sin() as f32;
        let signal: Vec<(i64, f32)> = (0..500).map(|i| (i * 20_000, swing(i))).collect();
        let made = Spectrogram::of(&signal, SHAPE).expect("ten seconds");
        let rows = made.rows_hz.len();
        assert_eq!(made.log10.len(), made.times_us.len() * rows);
        let column = &made.log10[10 * rows..11 * rows];
        let strongest = (0..rows).max_by(|a, b| column[*a].total_cmp(&column[*b]));
        let hz = made.rows_hz[strongest.expect("rows")];
        assert!((hz - 2.0).abs() < 0.25, "{hz}");
        assert!(column[rows - 1] < column[strongest.expect("rows")] - 2.0);
    }

    #[test]
    fn where_the_signal_has_a_gap_nothing_is_said() {
        let after = |i: i64| {
            if i < 250 {
                i * 20_000
            } else {
                i * 20_000 + 1_000_000
            }
        };
        let signal: Vec<(i64, f32)> = (0..500).map(|i| (after(i), 1.0)).collect();
        let made = Spectrogram::of(&signal, SHAPE).expect("ten seconds");
        let rows = made.rows_hz.len();
        let at = |t_us: i64| {
            made.times_us
                .iter()
                .position(|t| *t > t_us)
                .expect("inside")
        };
        assert!(made.log10[at(5_400_000) * rows].is_nan());
        assert!(made.log10[at(3_000_000) * rows].is_finite());
        assert!(Spectrogram::of(&[], SHAPE).is_none());
    }
}
