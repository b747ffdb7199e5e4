//! Moments of the even signal, one per hop, and what is measured around each.

mod hop;

use realfft::RealFftPlanner;
use trip::{BANDS_HZ, Band};

use crate::config::{Config, ImpactConfig};
use crate::gravity::Motion;
use crate::highpass::HighPass;
use crate::lowpass::LowPass;
use crate::resample::Segment;
use crate::spectrum::Spectrum;

use hop::Hop;
pub(crate) use hop::Peak;

/// What was measured around one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Frame {
    /// The moment, µs of the phone's clock.
    pub(crate) t_us: i64,
    /// How far it lies from the nearer end of its segment, s; unknown ends are far.
    pub(crate) from_edge_s: f32,
    /// The sensor's own rate, Hz.
    pub(crate) source_hz: f32,
    /// ln(RMS + floor) of swell and bounce, ln(m/s²); `None` where the rate cannot show it.
    pub(crate) body_ln: [Option<f32>; 2],
    /// The same of both together.
    pub(crate) level_ln: Option<f32>,
    /// RMS in each of [`BANDS_HZ`], m/s², of the last whole spectrum; `None` where the rate cannot
    /// show it.
    pub(crate) band_rms_mps2: [Option<f32>; BANDS_HZ.len()],
    /// Mean square in the roughness band of the same, (m/s²)².
    pub(crate) rough_power: f32,
    /// Whether that spectrum is of this very moment.
    pub(crate) fresh: bool,
    /// The highest vertical acceleration of the hop.
    pub(crate) peak: Peak,
    /// The highest high-passed one, m/s²; of a coarse sensor the highest of any.
    pub(crate) blow_mps2: f32,
    /// The highest horizontal acceleration of the hop, m/s².
    pub(crate) across_mps2: f32,
    /// The mean horizontal acceleration of the hop, phone's axes, m/s².
    pub(crate) drift_mps2: [f32; 3],
    /// Width of the jolt at half of `peak`, s; 0 where a neighbour's peak is higher.
    pub(crate) width_s: f32,
    /// Horizontal over vertical motion below about 3 Hz, no unit.
    pub(crate) horizontal_ratio: f32,
    /// Somebody moved the phone during the hop.
    pub(crate) handled: bool,
    /// The readings are those of a sensor that works.
    pub(crate) sound: bool,
}

/// Cuts the motions of one segment into frames, one per hop.
pub(crate) struct Windows {
    segment: Segment,
    band_limit_hz: f32,
    body_bands: Vec<Band>,
    body_floor: f32,
    hop: usize,
    keep: usize,
    /// `None` for a coarse sensor.
    highpass: Option<HighPass>,
    lowpass: LowPass,
    /// The vertical signal from sample `base` of the segment on, and its spectrum.
    vertical: Vec<f32>,
    base: usize,
    whole: Spectrum,
    whole_every: usize,
    last_whole: Whole,
    /// The slow vertical signal from value `slow_base` of the segment on, and its spectrum.
    slow: Vec<f32>,
    slow_base: usize,
    body: Spectrum,
    /// The finished hops from hop `first_hop` of the segment on.
    hops: Vec<Hop>,
    first_hop: usize,
    open: Hop,
    next_frame: usize,
    width_reach: usize,
    /// Mean square below which the sensor is frozen, (m/s²)².
    frozen_power: f32,
}

/// What the whole spectrum said last.
#[derive(Clone, Copy, Debug, Default)]
struct Whole {
    band_rms_mps2: [Option<f32>; BANDS_HZ.len()],
    rough_power: f32,
}

impl Windows {
    pub(crate) fn new(
        config: &Config,
        segment: Segment,
        planner: &mut RealFftPlanner<f32>,
    ) -> Self {
        let window = &config.window;
        let rate_hz = segment.rate_hz;
        let keep = window.keep.max(1);
        let slow_hz = rate_hz / keep as f64;
        let even = |rate_hz: f64| ((window.length_s * rate_hz).round() as usize).max(4) & !1;
        let [swell, bounce] = config.body.bands_hz;
        let body_bands = [swell, bounce, [swell[0], bounce[1]]];
        let rough = [config.stretch.rough_from_hz, config.stretch.rough_to_hz];
        let band = |[from_hz, to_hz]: [f32; 2]| Band { from_hz, to_hz };
        let body_bands: Vec<Band> = body_bands.map(band).to_vec();
        let whole_bands: Vec<Band> = BANDS_HZ
            .into_iter()
            .chain([band(rough.map(|hz| hz as f32))])
            .collect();
        let coarse = config.impact.is_coarse(segment.source_hz as f32);
        Self {
            segment,
            band_limit_hz: (config.resample.band_limit * segment.source_hz.min(rate_hz)) as f32,
            body: Spectrum::new(planner, even(slow_hz), slow_hz, &body_bands),
            body_bands,
            body_floor: config.body.floor_mps2,
            hop: keep * ((window.hop_s * slow_hz).round() as usize).max(1),
            keep,
            highpass: (!coarse).then(|| HighPass::new(config.impact.from_hz, rate_hz)),
            lowpass: LowPass::new(window.corner_hz, rate_hz, window.taps),
            vertical: Vec::new(),
            base: 0,
            whole: Spectrum::new(planner, even(rate_hz), rate_hz, &whole_bands),
            whole_every: window.spectrum_every.max(1),
            last_whole: Whole::default(),
            slow: Vec::new(),
            slow_base: 0,
            hops: Vec::new(),
            first_hop: 0,
            open: Hop::default(),
            next_frame: 0,
            width_reach: (rate_hz * window.width_reach_s) as usize,
            frozen_power: config.reject.frozen_below_mps2.powi(2) as f32,
        }
    }

    /// Takes the next motions and gives the frames whose windows they fill.
    pub(crate) fn push(&mut self, motions: &[Motion], out: &mut Vec<Frame>) {
        let mut motions = motions;
        while !motions.is_empty() {
            let missing = self.hop - self.open.samples;
            let (first, rest) = motions.split_at(missing.min(motions.len()));
            self.take(first);
            if self.open.samples == self.hop {
                self.close_hop(out);
            }
            motions = rest;
        }
    }

    /// Takes motions of the open hop.
    fn take(&mut self, motions: &[Motion]) {
        let vertical = motions.iter().map(|motion| motion.vertical_mps2);
        self.vertical.extend(vertical);
        // Copies live in registers; what is written to memory each time has to be waited for.
        let (mut open, mut highpass) = (self.open, self.highpass);
        for motion in motions {
            let vertical = motion.vertical_mps2;
            let blow = highpass
                .as_mut()
                .map_or(vertical, |filter| filter.pass(vertical));
            open.add(motion, blow, self.hop / 2);
        }
        (self.open, self.highpass) = (open, highpass);
        loop {
            let end = (self.slow_base + self.slow.len() + 1) * self.keep;
            if end > self.seen() {
                return;
            }
            let until = &self.vertical[..end - self.base];
            self.slow.push(self.lowpass.last(until));
        }
    }

    fn close_hop(&mut self, out: &mut Vec<Frame>) {
        let hop = std::mem::take(&mut self.open);
        let before = self.hops.last().copied();
        self.hops.push(hop.done(before));
        while self.next_frame < self.first_hop + self.hops.len() && self.is_filled() {
            out.push(self.frame(f32::INFINITY));
        }
        self.forget();
    }

    /// Gives the frames whose windows the end of the segment cuts.
    pub(crate) fn finish(&mut self, out: &mut Vec<Frame>) {
        while self.next_frame < self.first_hop + self.hops.len() {
            let left = self.seen() - self.middle(self.next_frame);
            out.push(self.frame(left as f32 / self.segment.rate_hz as f32));
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

    /// The first slow value past the window around a hop: value `i` stands for the moment `i` + 1
    /// steps in, less the delay.
    fn slow_end(&self, hop: usize) -> usize {
        (self.middle(hop) + self.lowpass.delay()) / self.keep + self.body.length() / 2
    }

    /// Whether both windows around the next frame are complete.
    fn is_filled(&self) -> bool {
        self.slow_base + self.slow.len() >= self.slow_end(self.next_frame)
            && self.seen() >= self.middle(self.next_frame) + self.whole.length() / 2
    }

    fn frame(&mut self, to_end_s: f32) -> Frame {
        let number = self.next_frame;
        self.next_frame += 1;
        let fresh = number.is_multiple_of(self.whole_every);
        if fresh {
            self.last_whole = self.whole_spectrum(number);
        }
        let body = self.body_rms(number);
        let log = |rms: Option<f32>| rms.map(|rms| (rms + self.body_floor).ln());
        let hop = self.hops[number - self.first_hop];
        let from_begin_s = self.middle(number) as f32 / self.segment.rate_hz as f32;
        Frame {
            t_us: hop.t_us,
            from_edge_s: to_end_s.min(from_begin_s),
            source_hz: self.segment.source_hz as f32,
            body_ln: [log(body[0]), log(body[1])],
            level_ln: log(body[2]),
            band_rms_mps2: self.last_whole.band_rms_mps2,
            rough_power: self.last_whole.rough_power,
            fresh,
            peak: hop.peak,
            blow_mps2: hop.blow_mps2,
            across_mps2: hop.across_squared.sqrt(),
            drift_mps2: hop.horizontal,
            width_s: self.width_s(hop, number),
            horizontal_ratio: self.horizontal_ratio(number),
            handled: hop.handled,
            sound: hop.sound && self.last_whole.rough_power > self.frozen_power,
        }
    }

    /// RMS of swell, bounce and both around a hop, m/s².
    fn body_rms(&mut self, number: usize) -> [Option<f32>; 3] {
        let (window, end) = (self.body.length(), self.slow_end(number));
        let missing = window.saturating_sub(end);
        let from = (end + missing - window).saturating_sub(self.slow_base);
        let to = (end - self.slow_base).min(self.slow.len());
        let power = self
            .body
            .power(self.slow.get(from..to).unwrap_or_default(), missing);
        std::array::from_fn(|b| {
            let shown = self.band_limit_hz >= self.body_bands[b].to_hz;
            shown.then(|| power[b].max(0.0).sqrt())
        })
    }

    /// RMS in the reported bands and power in the roughness band around a hop.
    fn whole_spectrum(&mut self, number: usize) -> Whole {
        let (middle, half) = (self.middle(number), self.whole.length() / 2);
        let missing = half.saturating_sub(middle);
        let from = (middle + missing - half).saturating_sub(self.base);
        let to = (middle + half - self.base).min(self.vertical.len());
        let power = self.whole.power(&self.vertical[from..to], missing);
        let rms = |b: usize| {
            let Band { from_hz, to_hz } = BANDS_HZ[b];
            let shown = self.band_limit_hz >= (from_hz + to_hz) / 2.0;
            shown.then(|| power[b].max(0.0).sqrt())
        };
        Whole {
            band_rms_mps2: std::array::from_fn(rms),
            rough_power: power[BANDS_HZ.len()].max(0.0),
        }
    }

    /// From the first to the last sample near the peak that reaches half of it; 0 where a hop beside
    /// has a higher one.
    fn width_s(&self, hop: Hop, number: usize) -> f32 {
        let at = number - self.first_hop;
        let beside = [at.wrapping_sub(1), at + 1].map(|i| self.hops.get(i));
        let higher = |other: &Hop| other.peak.height_mps2 > hop.peak.height_mps2;
        if beside.into_iter().flatten().any(higher) {
            return 0.0;
        }
        let reach = self.width_reach;
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
        let reach = self.whole.length() / 2 / self.hop;
        let number = number - self.first_hop;
        let first = self.hops[number.saturating_sub(reach)].stepped;
        let last = self.hops[(number + reach).min(self.hops.len() - 1)].stepped;
        let [across, along] = [0, 1].map(|i| (last[i] - first[i]).max(0.0));
        (across / along.max(1e-9)).sqrt().min(1e3) as f32
    }

    /// Drops samples that no coming window reaches, now and then.
    fn forget(&mut self) {
        let length = self.whole.length();
        if self.vertical.len() < 4 * length {
            return;
        }
        let reach = length.max(self.lowpass.length());
        let needed = self.middle(self.next_frame).saturating_sub(reach);
        let drop = needed.saturating_sub(self.base);
        self.vertical.drain(..drop);
        self.base += drop;
        let window = self.body.length();
        let needed = self.slow_end(self.next_frame).saturating_sub(2 * window);
        let drop = needed.saturating_sub(self.slow_base).min(self.slow.len());
        self.slow.drain(..drop);
        self.slow_base += drop;
        let done = (self.base / self.hop)
            .saturating_sub(self.first_hop)
            .min(self.hops.len());
        self.hops.drain(..done);
        self.first_hop += done;
    }
}

impl Frame {
    /// Whether a hand moved the phone rather than a wheel: more across than along, and with little
    /// of what shakes a suspension (5–12 Hz). Never said of a phone too slow to show that.
    pub(crate) fn sways_softly(&self, config: &ImpactConfig) -> bool {
        let [_, _, below, Some(suspension), _] = self.band_rms_mps2 else {
            return false;
        };
        self.horizontal_ratio > config.hand_ratio
            && below.is_some_and(|below| suspension < config.hand_crispness * below)
    }
}

#[cfg(test)]
impl Frame {
    /// A moment of a working sensor of 50 Hz in which nothing was felt.
    pub(crate) fn still(t_us: i64) -> Self {
        Self {
            t_us,
            from_edge_s: 10.0,
            source_hz: 50.0,
            body_ln: [None; 2],
            level_ln: None,
            band_rms_mps2: [None; BANDS_HZ.len()],
            rough_power: 0.0,
            fresh: false,
            peak: Peak::default(),
            blow_mps2: 0.0,
            across_mps2: 0.0,
            drift_mps2: [0.0; 3],
            width_s: 0.1,
            horizontal_ratio: 0.5,
            handled: false,
            sound: true,
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
            windows.push(&[motion], &mut out);
        }
        windows.finish(&mut out);
        out
    }

    #[test]
    fn there_is_one_frame_per_hop_however_long_the_segment() {
        let out = frames(100, |t| (t * 10.0).sin());
        assert_eq!(out.len(), 625);
        assert!(out.windows(2).all(|f| f[1].t_us - f[0].t_us == 160_000));
        assert!(
            (out[0].from_edge_s - 0.08).abs() < 1e-6 && (out[624].from_edge_s - 0.08).abs() < 1e-6
        );
    }

    #[test]
    fn a_slow_swell_shows_in_the_first_body_band_alone() {
        let out = frames(60, |t| (std::f64::consts::TAU * 0.8 * t).sin());
        let [low, high] = out[187].body_ln.map(|e| e.expect("50 Hz shows both"));
        assert!(
            (low - 0.66_f32.ln()).abs() < 0.1 && high < low - 1.0,
            "{low} {high}"
        );
    }

    #[test]
    fn a_slow_phone_shows_the_body_and_no_wheel_hop() {
        let segment = Segment {
            source_hz: 5.5,
            ..SEGMENT
        };
        let mut windows = Windows::new(&Config::default(), segment, &mut RealFftPlanner::new());
        let mut out = Vec::new();
        for i in 0..500 {
            let motion = Motion {
                t_us: i * 20_000,
                ..Motion::default()
            };
            windows.push(&[motion], &mut out);
        }
        assert!(out[10].body_ln.iter().all(Option::is_some));
        let shown = out[10].band_rms_mps2.map(|b| b.is_some());
        assert_eq!(shown, [true, true, false, false, false]);
    }

    #[test]
    fn a_blow_of_a_tenth_of_a_second_is_that_wide() {
        let out = frames(20, |t| if (10.0..10.1).contains(&t) { 5.0 } else { 0.1 });
        let hit = &out[62];
        assert_eq!(hit.peak.height_mps2, 5.0);
        assert!((hit.width_s - 0.1).abs() < 0.021, "{hit:?}");
    }
}
