//! Overlapping windows over the even signal, and what is measured in each.

use realfft::RealFftPlanner;
use trip::{BANDS_HZ, Band};

use crate::config::Config;
use crate::gravity::Motion;
use crate::highpass::HighPass;
use crate::resample::Segment;
use crate::spectrum::Spectrum;

/// What one window says about the moment in its middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The middle of the window, µs of the phone's clock.
    pub(crate) t_us: i64,
    /// How far it lies from the nearer end of its segment, s; unknown ends are far.
    pub(crate) from_edge_s: f64,
    /// The sensor's own rate, Hz.
    pub(crate) source_hz: f64,
    /// ln(RMS + floor) of each body band, ln(m/s²); `None` where the rate cannot show it.
    pub(crate) body_ln: [Option<f64>; 2],
    /// RMS in each of [`BANDS_HZ`], m/s²; `None` where the rate cannot show it.
    pub(crate) band_rms_mps2: [Option<f32>; BANDS_HZ.len()],
    /// Mean square in the roughness band, (m/s²)².
    pub(crate) rough_power: f32,
    /// The highest vertical acceleration of the hop around the middle.
    pub(crate) peak: Peak,
    /// The highest high-passed one.
    pub(crate) blow: Peak,
    /// Width of the jolt at half of `peak`, s.
    pub(crate) width_s: f32,
    /// Horizontal over vertical motion below about 3 Hz, no unit.
    pub(crate) horizontal_ratio: f32,
    /// Somebody moved the phone during the hop.
    pub(crate) handled: bool,
    /// The readings are those of a sensor that works.
    pub(crate) sound: bool,
}

/// A maximum of a magnitude.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Peak {
    /// When, µs.
    pub(crate) t_us: i64,
    /// How high, m/s².
    pub(crate) height_mps2: f32,
}

/// Cuts the motions of one segment into frames, one per hop.
pub(crate) struct Windows {
    segment: Segment,
    spectrum: Spectrum,
    band_limit_hz: f32,
    bands: Vec<Band>,
    body_floor: f64,
    hop: usize,
    highpass: HighPass,
    /// The vertical signal from sample `base` of the segment on.
    vertical: Vec<f32>,
    base: usize,
    /// The finished hops from hop `first_hop` of the segment on.
    hops: Vec<Hop>,
    first_hop: usize,
    open: Hop,
    next_frame: usize,
    width_reach_s: f64,
    /// Mean square below which the sensor is frozen, (m/s²)².
    frozen_power: f32,
}

/// Sums over the samples of one hop.
#[derive(Clone, Copy, Debug, Default)]
struct Hop {
    samples: usize,
    t_us: i64,
    vertical: f32,
    horizontal: [f32; 3],
    peak: Peak,
    blow: Peak,
    handled: bool,
    sound: bool,
}

impl Windows {
    pub(crate) fn new(
        config: &Config,
        segment: Segment,
        planner: &mut RealFftPlanner<f32>,
    ) -> Self {
        let rate_hz = segment.rate_hz;
        let length = ((config.window.length_s * rate_hz).round() as usize).max(4) & !1;
        let hop = ((config.window.hop_s * rate_hz).round() as usize).clamp(1, length / 2);
        let rough = Band {
            from_hz: config.stretch.rough_from_hz as f32,
            to_hz: config.stretch.rough_to_hz as f32,
        };
        let body = config
            .body
            .bands_hz
            .map(|[from_hz, to_hz]| Band { from_hz, to_hz });
        let bands: Vec<Band> = body.into_iter().chain(BANDS_HZ).chain([rough]).collect();
        Self {
            segment,
            band_limit_hz: (config.resample.band_limit * segment.source_hz.min(rate_hz)) as f32,
            spectrum: Spectrum::new(planner, length, rate_hz, &bands),
            bands,
            body_floor: config.body.floor_mps2,
            hop,
            highpass: HighPass::new(config.impact.from_hz, rate_hz),
            vertical: Vec::new(),
            base: 0,
            hops: Vec::new(),
            first_hop: 0,
            open: Hop::default(),
            next_frame: 0,
            width_reach_s: config.window.width_reach_s,
            frozen_power: config.reject.frozen_below_mps2.powi(2) as f32,
        }
    }

    /// Takes one motion and gives the frames whose windows it fills.
    pub(crate) fn push(&mut self, motion: Motion, out: &mut Vec<Frame>) {
        self.vertical.push(motion.vertical_mps2);
        let blow = self.highpass.pass(f64::from(motion.vertical_mps2)) as f32;
        self.open.add(motion, blow, self.hop / 2);
        if self.open.samples == self.hop {
            self.hops.push(std::mem::take(&mut self.open));
        }
        while self.next_frame < self.first_hop + self.hops.len()
            && self.seen() >= self.middle(self.next_frame) + self.spectrum.length() / 2
        {
            out.push(self.frame(f64::INFINITY));
        }
        self.forget();
    }

    /// Gives the frames whose windows the end of the segment cuts.
    pub(crate) fn finish(&mut self, out: &mut Vec<Frame>) {
        while self.next_frame < self.first_hop + self.hops.len() {
            let left = self.seen() - self.middle(self.next_frame);
            out.push(self.frame(left as f64 / self.segment.rate_hz));
        }
    }

    /// How many samples the segment has had.
    fn seen(&self) -> usize {
        self.base + self.vertical.len()
    }

    /// The middle sample of a hop, counted from the segment's beginning.
    fn middle(&self, hop: usize) -> usize {
        hop * self.hop + self.hop / 2
    }

    fn frame(&mut self, to_end_s: f64) -> Frame {
        let number = self.next_frame;
        self.next_frame += 1;
        let middle = self.middle(number);
        let half = self.spectrum.length() / 2;
        let missing = half.saturating_sub(middle);
        let from = (middle + missing - half).saturating_sub(self.base);
        let to = (middle + half - self.base).min(self.vertical.len());
        let power = self.spectrum.power(&self.vertical[from..to], missing);
        let rms = |band: usize| {
            let Band { from_hz, to_hz } = self.bands[band];
            let shown = self.band_limit_hz >= (from_hz + to_hz) / 2.0;
            shown.then(|| power[band].max(0.0).sqrt())
        };
        let hop = self.hops[number - self.first_hop];
        Frame {
            t_us: hop.t_us,
            from_edge_s: to_end_s.min(middle as f64 / self.segment.rate_hz),
            source_hz: self.segment.source_hz,
            body_ln: [0, 1].map(|b| rms(b).map(|r| (f64::from(r) + self.body_floor).ln())),
            band_rms_mps2: std::array::from_fn(|b| rms(2 + b)),
            rough_power: power[self.bands.len() - 1].max(0.0),
            peak: hop.peak,
            blow: hop.blow,
            width_s: self.width_s(hop, number),
            horizontal_ratio: self.horizontal_ratio(number),
            handled: hop.handled,
            sound: hop.sound && power[self.bands.len() - 1] > self.frozen_power,
        }
    }

    /// From the first to the last sample near the peak that reaches half of it.
    fn width_s(&self, hop: Hop, number: usize) -> f32 {
        let reach = (self.segment.rate_hz * self.width_reach_s) as usize;
        let middle = self.middle(number) - self.base;
        let to = (middle + reach).min(self.vertical.len());
        let around = &self.vertical[middle.saturating_sub(reach)..to];
        let high = |v: &f32| v.abs() >= hop.peak.height_mps2 / 2.0;
        let first = around.iter().position(high).unwrap_or(0);
        let last = around.iter().rposition(high).unwrap_or(0);
        (last + 1 - first) as f32 / self.segment.rate_hz as f32
    }

    /// Root of the mean square of the steps between the hops' mean motions around hop `number`:
    /// across over along gravity. The mean over a hop takes out what is faster than about 3 Hz, the
    /// step what is slower than 0.4 Hz: grades, bends and steady braking.
    fn horizontal_ratio(&self, number: usize) -> f32 {
        let reach = self.spectrum.length() / 2 / self.hop;
        let number = number - self.first_hop;
        let to = (number + reach + 1).min(self.hops.len());
        let (mut across, mut along) = (0.0, 0.0);
        for pair in self.hops[number.saturating_sub(reach)..to].windows(2) {
            along += (pair[1].vertical - pair[0].vertical).powi(2);
            for (a, b) in pair[0].horizontal.iter().zip(pair[1].horizontal) {
                across += (b - a).powi(2);
            }
        }
        (across / along.max(1e-9)).sqrt().min(1e3)
    }

    /// Drops samples that no coming window reaches, now and then.
    fn forget(&mut self) {
        let length = self.spectrum.length();
        if self.vertical.len() < 8 * length {
            return;
        }
        let needed = self.middle(self.next_frame).saturating_sub(length);
        let drop = needed.saturating_sub(self.base);
        self.vertical.drain(..drop);
        self.base += drop;
        let done = (self.base / self.hop)
            .saturating_sub(self.first_hop)
            .min(self.hops.len());
        self.hops.drain(..done);
        self.first_hop += done;
    }
}

impl Hop {
    fn add(&mut self, motion: Motion, blow: f32, middle: usize) {
        if self.samples <= middle {
            self.t_us = motion.t_us;
        }
        self.samples += 1;
        let share = 1.0 / self.samples as f32;
        self.vertical += (motion.vertical_mps2 - self.vertical) * share;
        for (mean, value) in self.horizontal.iter_mut().zip(motion.horizontal_mps2) {
            *mean += (value - *mean) * share;
        }
        let first = self.samples == 1;
        self.peak
            .raise(first, motion.t_us, motion.vertical_mps2.abs());
        self.blow.raise(first, motion.t_us, blow.abs());
        self.handled |= motion.handled;
        self.sound = motion.sound;
    }
}

impl Peak {
    fn raise(&mut self, first: bool, t_us: i64, height_mps2: f32) {
        if first || height_mps2 > self.height_mps2 {
            *self = Self { t_us, height_mps2 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEGMENT: Segment = Segment {
        begin_us: 0,
        source_hz: 50.0,
        rate_hz: 50.0,
        too_slow: false,
    };

    fn frames(seconds: usize, vertical: impl Fn(f64) -> f64) -> Vec<Frame> {
        let mut windows = Windows::new(&Config::default(), SEGMENT, &mut RealFftPlanner::new());
        let mut out = Vec::new();
        for i in 0..seconds * 50 {
            let vertical_mps2 = vertical(i as f64 / 50.0) as f32;
            let motion = Motion {
                t_us: i as i64 * 20_000,
                vertical_mps2,
                ..Motion::default()
            };
            windows.push(motion, &mut out);
        }
        windows.finish(&mut out);
        out
    }

    #[test]
    fn there_is_one_frame_per_hop_however_long_the_segment() {
        let out = frames(100, |t| (t * 10.0).sin());
        assert_eq!(out.len(), 500);
        assert!(out.windows(2).all(|f| f[1].t_us - f[0].t_us == 200_000));
        assert!(
            (out[0].from_edge_s - 0.1).abs() < 1e-9 && (out[499].from_edge_s - 0.1).abs() < 1e-9
        );
    }

    #[test]
    fn a_slow_swell_shows_in_the_first_body_band_alone() {
        let out = frames(60, |t| (std::f64::consts::TAU * 0.8 * t).sin());
        let [low, high] = out[150].body_ln.map(|e| e.expect("50 Hz shows both"));
        assert!(
            (low - 0.66_f64.ln()).abs() < 0.1 && high < low - 1.0,
            "{low} {high}"
        );
    }

    #[test]
    fn a_five_hertz_phone_shows_the_body_and_no_wheel_hop() {
        let segment = Segment {
            source_hz: 5.0,
            ..SEGMENT
        };
        let mut windows = Windows::new(&Config::default(), segment, &mut RealFftPlanner::new());
        let mut out = Vec::new();
        for i in 0..500 {
            windows.push(
                Motion {
                    t_us: i * 20_000,
                    ..Motion::default()
                },
                &mut out,
            );
        }
        assert!(out[10].body_ln.iter().all(Option::is_some));
        assert_eq!(
            out[10].band_rms_mps2.map(|b| b.is_some()),
            [true, true, false, false, false]
        );
    }

    #[test]
    fn a_blow_of_a_tenth_of_a_second_is_that_wide() {
        let out = frames(20, |t| if (10.0..10.1).contains(&t) { 5.0 } else { 0.1 });
        let hit = &out[50];
        assert_eq!(hit.peak.height_mps2, 5.0);
        assert!((hit.width_s - 0.1).abs() < 0.021, "{hit:?}");
    }
}
