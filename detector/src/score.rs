//! How far a moment stands out: both channels against their adaptive baselines.
//!
//! *Body*: log energy of the body's bounce, less the mean of the seconds around it (contrast), and
//! less the median of the last ten minutes (excess); the mean of both, over both bands.
//! *Impact*: log height of a blow over the height that the hardest blows of this ride usually have,
//! above an absolute floor, on the body channel's scale: at its margin it scores the threshold.
//!
//! Source: the rule `body_contrast` of the project's notes on detection; both frozen on the marked
//! drives.

use std::collections::VecDeque;
use std::ops::Range;

use trip::SkipReason;

use crate::config::Config;
use crate::quantile::RunningQuantile;
use crate::track::Point;
use crate::window::Frame;

/// A frame with what was made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    pub(crate) frame: Frame,
    /// Where and how the vehicle went; `None` without fixes near enough.
    pub(crate) point: Option<Point>,
    /// The body channel's score; `None` where the rate cannot show it.
    pub(crate) body: Option<f64>,
    /// The impact channel's; `None` where there was no blow.
    pub(crate) impact: Option<f64>,
    /// Why nothing is concluded here; `None` when something may be.
    pub(crate) skip: Option<SkipReason>,
}

impl Scored {
    /// The higher of the two scores; −∞ where nothing is concluded.
    pub(crate) fn score(&self) -> f64 {
        if self.skip.is_some() {
            return f64::NEG_INFINITY;
        }
        let none = f64::NEG_INFINITY;
        self.body.unwrap_or(none).max(self.impact.unwrap_or(none))
    }
}

/// Scores the frames of a trip, segment by segment; the baselines go on across segments.
pub(crate) struct Scorer {
    config: Config,
    body: [RunningQuantile; 2],
    blows: RunningQuantile,
    block: Block,
    /// Frames of the open segment: those already scored that are still context, then the waiting.
    frames: VecDeque<Waiting>,
    scored: usize,
}

/// The hardest blow of the running block.
#[derive(Clone, Copy, Debug)]
struct Block {
    frames: usize,
    highest_ln: f64,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    frame: Frame,
    point: Option<Point>,
    hand: bool,
    /// The baselines when the frame came in.
    body_ln: [f64; 2],
    blow_ln: f64,
}

impl Scorer {
    pub(crate) fn new(config: Config) -> Self {
        let hop_s = config.window.hop_s;
        let body_memory = (config.body.baseline_s / hop_s) as usize;
        let blocks = (config.impact.baseline_s / config.impact.block_s) as usize;
        Self {
            body: [0, 1].map(|_| RunningQuantile::new(0.5, body_memory)),
            blows: RunningQuantile::new(config.impact.quantile, blocks),
            block: Block {
                frames: 0,
                highest_ln: f64::NEG_INFINITY,
            },
            frames: VecDeque::new(),
            scored: 0,
            config,
        }
    }

    /// Takes the next frame of the segment; `hand` tells that somebody turned the phone about then.
    /// Gives the frames whose look-ahead is complete.
    pub(crate) fn push(
        &mut self,
        frame: Frame,
        point: Option<Point>,
        hand: bool,
        out: &mut Vec<Scored>,
    ) {
        let hand = hand || frame.handled;
        if frame.sound && !self.slow(point) && !hand {
            self.learn(&frame);
        }
        let body_ln = [0, 1].map(|b| self.body_baseline(b));
        let blow_ln = self.blow_baseline();
        self.frames.push_back(Waiting {
            frame,
            point,
            hand,
            body_ln,
            blow_ln,
        });
        let ahead = self.hops(self.config.body.far_s);
        while self.scored + ahead < self.frames.len() {
            out.push(self.score(self.scored));
            self.scored += 1;
            if self.scored > ahead {
                self.frames.pop_front();
                self.scored -= 1;
            }
        }
    }

    /// Scores what waits for a look-ahead that will not come: the segment has ended.
    pub(crate) fn end_segment(&mut self, out: &mut Vec<Scored>) {
        out.extend((self.scored..self.frames.len()).map(|i| self.score(i)));
        self.frames.clear();
        self.scored = 0;
    }

    fn slow(&self, point: Option<Point>) -> bool {
        point.is_some_and(|p| p.speed.mps() < self.config.reject.min_speed_mps)
    }

    fn hops(&self, seconds: f64) -> usize {
        (seconds / self.config.window.hop_s).round() as usize
    }

    fn learn(&mut self, frame: &Frame) {
        for (baseline, energy_ln) in self.body.iter_mut().zip(frame.body_ln) {
            if let Some(energy_ln) = energy_ln {
                baseline.push(energy_ln);
            }
        }
        self.block.highest_ln = self.block.highest_ln.max(self.blow_ln(frame));
        self.block.frames += 1;
        if self.block.frames >= self.hops(self.config.impact.block_s) {
            self.blows.push(self.block.highest_ln);
            self.block = Block {
                frames: 0,
                highest_ln: f64::NEG_INFINITY,
            };
        }
    }

    fn body_baseline(&self, band: usize) -> f64 {
        let seconds = self.body[band].len() as f64 * self.config.window.hop_s;
        let config = &self.config.body;
        blend(
            self.body[band].value(),
            seconds,
            config.prior_ln[band],
            config.prior_s,
        )
    }

    fn blow_baseline(&self) -> f64 {
        let seconds = self.blows.len() as f64 * self.config.impact.block_s;
        let config = &self.config.impact;
        blend(self.blows.value(), seconds, config.prior_ln, config.prior_s)
    }

    fn score(&self, at: usize) -> Scored {
        let waiting = self.frames[at];
        let (body, context_s) = self.body_score(at);
        Scored {
            frame: waiting.frame,
            point: waiting.point,
            body,
            impact: self.impact_score(at),
            skip: self.skip(at, context_s),
        }
    }

    /// The mean over both bands of contrast and excess, and the seconds of context it rests on.
    fn body_score(&self, at: usize) -> (Option<f64>, f64) {
        let (before, after) = self.context(at);
        let around = before.len() + after.len();
        if around == 0 {
            return (None, 0.0);
        }
        let (mut sum, mut bands) = (0.0, 0);
        for band in 0..2 {
            let Some(here) = self.frames[at].frame.body_ln[band] else {
                continue;
            };
            let energies = before.clone().chain(after.clone());
            let total: f64 = energies
                .filter_map(|i| self.frames[i].frame.body_ln[band])
                .sum();
            let contrast = here - total / around as f64;
            let excess = here - self.frames[at].body_ln[band];
            sum += (contrast + excess) / 2.0;
            bands += 1;
        }
        let score = (bands > 0).then(|| sum / f64::from(bands));
        (score, around as f64 * self.config.window.hop_s)
    }

    /// Log height of a blow above what the ride's hardest blows usually have, and above the hardest
    /// of the seconds around it; the lesser of the two counts.
    fn impact_score(&self, at: usize) -> Option<f64> {
        let config = &self.config.impact;
        let Waiting { frame, blow_ln, .. } = self.frames[at];
        if frame.source_hz < config.min_source_hz
            || f64::from(frame.blow.height_mps2) < config.floor_mps2
        {
            return None;
        }
        let height_ln = self.blow_ln(&frame);
        let (before, after) = self.context(at);
        let around = before
            .chain(after)
            .map(|i| self.blow_ln(&self.frames[i].frame));
        let hardest_ln = around.fold(f64::NEG_INFINITY, f64::max);
        let excess = height_ln - blow_ln - config.margin_ln;
        let lead = height_ln - hardest_ln - config.lead_ln;
        Some(self.config.trigger.threshold + config.gain * excess.min(lead))
    }

    fn blow_ln(&self, frame: &Frame) -> f64 {
        (f64::from(frame.blow.height_mps2) + self.config.body.floor_mps2).ln()
    }

    /// The frames of the segment that lie around a moment, near ones left out: before and after.
    fn context(&self, at: usize) -> (Range<usize>, Range<usize>) {
        let near = self.hops(self.config.body.near_s);
        let far = self.hops(self.config.body.far_s);
        let frames = self.frames.len();
        let before = at.saturating_sub(far)..(at + 1).saturating_sub(near);
        let after = (at + near).min(frames)..(at + far + 1).min(frames);
        (before, after)
    }

    fn skip(&self, at: usize, context_s: f64) -> Option<SkipReason> {
        let waiting = &self.frames[at];
        let reject = &self.config.reject;
        let mask = self.hops(self.config.gravity.mask_s);
        let around = at.saturating_sub(mask)..(at + mask + 1).min(self.frames.len());
        if !waiting.frame.sound {
            Some(SkipReason::NoSignal)
        } else if self.slow(waiting.point) {
            Some(SkipReason::Slow)
        } else if around.into_iter().any(|i| self.frames[i].hand) {
            Some(SkipReason::Handling)
        } else if context_s < reject.min_context_s || waiting.frame.from_edge_s < reject.edge_s {
            Some(SkipReason::Edge)
        } else if f64::from(waiting.frame.horizontal_ratio) > reject.manoeuvre_ratio {
            Some(SkipReason::Manoeuvre)
        } else {
            None
        }
    }
}

/// The mean of what was seen over `seconds` and of what was expected, which weighs `prior_s`.
fn blend(seen: Option<f64>, seconds: f64, prior: f64, prior_s: f64) -> f64 {
    let Some(seen) = seen else { return prior };
    (seen * seconds + prior * prior_s) / (seconds + prior_s).max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(number: i64, body_ln: f64, blow_mps2: f32) -> Frame {
        Frame {
            t_us: number * 200_000,
            from_edge_s: 10.0,
            source_hz: 50.0,
            body_ln: [Some(body_ln); 2],
            band_rms_mps2: [None; 5],
            rough_power: 0.0,
            peak: crate::window::Peak::default(),
            blow: crate::window::Peak {
                t_us: number * 200_000,
                height_mps2: blow_mps2,
            },
            width_s: 0.1,
            horizontal_ratio: 0.5,
            handled: false,
            sound: true,
        }
    }

    fn scores(frames: impl Iterator<Item = Frame>) -> Vec<Scored> {
        let mut scorer = Scorer::new(Config::default());
        let mut out = Vec::new();
        for frame in frames {
            scorer.push(frame, None, false, &mut out);
        }
        scorer.end_segment(&mut out);
        out
    }

    #[test]
    fn a_swell_that_stands_out_of_both_baselines_scores_by_how_far() {
        let energy = |i| if (1000..1003).contains(&i) { 0.0 } else { -2.0 };
        let out = scores((0..2000).map(|i| frame(i, energy(i), 0.1)));
        assert_eq!(out.len(), 2000);
        let hit = out[1001].body.expect("both bands");
        assert!((hit - 2.0).abs() < 0.05, "{hit}");
        assert!(out[600].body.is_some_and(|b| b.abs() < 0.05));
    }

    #[test]
    fn a_rough_road_is_its_own_baseline_for_blows() {
        let blow = |i: i64| {
            if i == 1500 {
                8.0
            } else if i % 10 == 0 {
                5.0
            } else {
                1.0
            }
        };
        let out = scores((0..2000).map(|i| frame(i, -2.0, blow(i))));
        let threshold = Config::default().trigger.threshold;
        assert!(out[1490].impact.is_some_and(|s| s < threshold));
        let harder = out[1500].impact.expect("a blow");
        assert!(harder > out[1490].impact.expect("a blow") + 0.5, "{harder}");
    }

    #[test]
    fn a_blow_below_the_floor_is_none_on_the_smoothest_road() {
        let out = scores((0..2000).map(|i| frame(i, -4.0, if i == 1500 { 2.0 } else { 0.01 })));
        assert_eq!(out[1500].impact, None);
    }

    #[test]
    fn the_ends_of_a_segment_are_not_judged() {
        let out = scores((0..8).map(|i| frame(i, -2.0, 0.1)));
        assert!(out.iter().all(|s| s.skip == Some(SkipReason::Edge)));
    }
}
