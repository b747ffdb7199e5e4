//! How far a moment stands out: the features of both channels against what is usual and what is
//! around, and what they weigh together.
//!
//! *Body*: energy of the vehicle's swell and bounce (0.4–2.5 Hz), above ten minutes' median and
//! above the seconds around. *Impact*: the height of a blow, the same way. Each is brought to log
//! odds by its weights; the higher one counts.
//!
//! Source: the rule `body_contrast` of the project's notes on detection, its parts weighted by a
//! logistic fit on the marked drives.

use std::collections::VecDeque;
use std::ops::Range;

use trip::SkipReason;

use crate::baseline::{Baselines, Usual};
use crate::config::Config;
use crate::feature::{BodyFeatures, ImpactFeatures, below};
use crate::quantile::Sorted;
use crate::track::Point;
use crate::window::Frame;

/// A frame with what was made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scored {
    pub(crate) frame: Frame,
    /// Where and how the vehicle went; `None` without fixes near enough.
    pub(crate) point: Option<Point>,
    /// The body channel's score, log odds; `None` where it could not be computed.
    pub(crate) body: Option<f32>,
    /// The impact channel's; `None` where there was no blow.
    pub(crate) impact: Option<f32>,
    /// How far swell and bounce stand out, ln: where it is highest is the middle of a bounce.
    pub(crate) salience: f32,
    /// Whether swell and bounce stand out more here than anywhere near.
    pub(crate) crest: bool,
    /// The higher of the two; −∞ where nothing is concluded. Near the ends of a segment it stays
    /// below the threshold: what is found there is no more than a candidate.
    pub(crate) score: f32,
    /// The same without the body's.
    pub(crate) impact_alone: f32,
    /// Why nothing is concluded here; `None` when something may be.
    pub(crate) skip: Option<SkipReason>,
}

impl Scored {
    /// The score of a jolt that has its middle here.
    pub(crate) fn event_score(&self) -> f32 {
        if self.crest {
            self.score
        } else {
            self.impact_alone
        }
    }
}

/// What a score was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Reasons {
    pub(crate) body: Option<BodyFeatures>,
    pub(crate) impact: Option<ImpactFeatures>,
}

/// Scores the frames of a trip, segment by segment; the baselines go on across segments.
pub(crate) struct Scorer {
    config: Config,
    baselines: Baselines,
    /// Frames of the open segment: those already scored that are still context, then the waiting.
    frames: VecDeque<Waiting>,
    scored: usize,
    /// Swell and bounce of the frames around the one to be scored, in order of size.
    around: [Sorted; 2],
    /// How many frames from the front lie in `around`.
    counted: usize,
    /// How many of the frames a hand touched.
    hands: usize,
    hops: Hops,
    heights: Vec<f32>,
}

/// Spans of the configuration in hops.
#[derive(Clone, Copy, Debug)]
struct Hops {
    before: usize,
    after: usize,
    body_near: usize,
    impact_near: usize,
    impact_context: usize,
    mask: usize,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    frame: Frame,
    point: Option<Point>,
    hand: bool,
    slow: bool,
    heights: Heights,
    /// The highest of the frame and its two neighbours.
    near: Heights,
    /// The drifts of the segment up to and with this frame, summed, m/s².
    drifted: [f64; 3],
}

/// How high a frame reaches, ln(m/s² + floor): vertical, high-passed, horizontal.
#[derive(Clone, Copy, Debug)]
struct Heights {
    peak_ln: f32,
    blow_ln: f32,
    across_ln: f32,
}

impl Heights {
    fn or_higher(self, other: Self) -> Self {
        Self {
            peak_ln: self.peak_ln.max(other.peak_ln),
            blow_ln: self.blow_ln.max(other.blow_ln),
            across_ln: self.across_ln.max(other.across_ln),
        }
    }
}

impl Waiting {
    /// Whether the frame tells what is usual on the road.
    fn teaches(&self) -> bool {
        self.frame.sound && !self.slow && !self.hand
    }
}

impl Scorer {
    pub(crate) fn new(config: Config) -> Self {
        let hop_s = config.window.hop_s;
        let hops = |seconds: f64| (seconds / hop_s).round() as usize;
        Self {
            baselines: Baselines::new(config.baseline.clone(), hop_s),
            hops: Hops {
                before: hops(config.body.before_s),
                after: hops(config.body.after_s),
                body_near: hops(config.body.near_s).max(1),
                impact_near: hops(config.impact.near_s).max(1),
                impact_context: hops(config.impact.min_context_s).max(1),
                mask: hops(config.gravity.mask_s),
            },
            frames: VecDeque::with_capacity(hops(config.body.before_s + config.body.after_s) + 3),
            scored: 0,
            around: Default::default(),
            counted: 0,
            hands: 0,
            heights: Vec::new(),
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
        out: &mut Vec<(Scored, Reasons)>,
    ) {
        let slowest_mps = self.config.reject.min_speed_mps;
        let height_ln = |mps2: f32| (mps2 + self.config.impact.height_floor_mps2).ln();
        let heights = Heights {
            peak_ln: height_ln(frame.peak.height_mps2),
            blow_ln: height_ln(frame.blow_mps2),
            across_ln: height_ln(frame.across_mps2),
        };
        let mut waiting = Waiting {
            frame,
            point,
            hand: hand || frame.handled,
            slow: point.is_some_and(|p| p.speed.mps() < slowest_mps),
            heights,
            near: heights,
            drifted: frame.drift_mps2.map(f64::from),
        };
        if let Some(last) = self.frames.back_mut() {
            waiting.near = heights.or_higher(last.heights);
            last.near = last.near.or_higher(heights);
            waiting.drifted = std::array::from_fn(|i| last.drifted[i] + waiting.drifted[i]);
        }
        self.hands += usize::from(waiting.hand);
        self.frames.push_back(waiting);
        if waiting.teaches() {
            self.learn(self.frames.len() - 1);
        }
        while self.scored + self.hops.after < self.frames.len() {
            out.push(self.next());
            if self.scored > self.hops.before {
                self.forget();
            }
        }
    }

    /// Scores what waits for a look-ahead that will not come: the segment has ended.
    pub(crate) fn end_segment(&mut self, out: &mut Vec<(Scored, Reasons)>) {
        while self.scored < self.frames.len() {
            out.push(self.next());
            if self.scored > self.hops.before {
                self.forget();
            }
        }
        self.frames.clear();
        self.around.iter_mut().for_each(Sorted::clear);
        (self.scored, self.counted, self.hands) = (0, 0, 0);
    }

    /// Scores the first frame that waits.
    fn next(&mut self) -> (Scored, Reasons) {
        let at = self.scored;
        let until = (at + self.hops.after + 1).min(self.frames.len());
        for waiting in self.frames.range(self.counted..until) {
            for (sorted, energy) in self.around.iter_mut().zip(waiting.frame.body_ln) {
                energy.into_iter().for_each(|ln| sorted.insert(ln));
            }
        }
        self.counted = self.counted.max(until);
        self.scored += 1;
        let skip = self.skip(at);
        let body = self.body(at).filter(|_| skip != Some(SkipReason::Edge));
        let salience = body.map_or(f32::NEG_INFINITY, |(_, salience)| salience);
        let reasons = Reasons {
            body: body.map(|(features, _)| features),
            impact: self.impact(at),
        };
        let Waiting { frame, point, .. } = self.frames[at];
        let body = reasons.body.map(|f| f.score(&self.config.body.weights));
        let impact = reasons
            .impact
            .map(|f| f.score(&self.config.impact, frame.source_hz));
        let scored = Scored {
            frame,
            point,
            body,
            impact,
            salience,
            crest: false,
            score: self.joint(body, impact, skip),
            impact_alone: self.joint(None, impact, skip),
            skip,
        };
        (scored, reasons)
    }

    /// The higher of the two scores; near the ends of a segment it stays below the threshold.
    fn joint(&self, body: Option<f32>, impact: Option<f32>, skip: Option<SkipReason>) -> f32 {
        let none = f32::NEG_INFINITY;
        let score = body.unwrap_or(none).max(impact.unwrap_or(none));
        match skip {
            None => score,
            Some(SkipReason::Edge) => below(score, self.config.trigger.threshold as f32, 1.0),
            Some(_) => none,
        }
    }

    /// Drops the oldest frame.
    fn forget(&mut self) {
        if let Some(oldest) = self.frames.pop_front() {
            for (sorted, energy) in self.around.iter_mut().zip(oldest.frame.body_ln) {
                energy.into_iter().for_each(|ln| sorted.remove(ln));
            }
            self.hands -= usize::from(oldest.hand);
            self.scored -= 1;
            self.counted -= 1;
        }
    }

    /// What is usual now, of swell, bounce, peak and blow, ln(m/s²).
    pub(crate) fn usual_ln(&self) -> [f32; 4] {
        let usual = [Usual::Swell, Usual::Bounce, Usual::Peak, Usual::Blow];
        usual.map(|usual| self.baselines.value(usual))
    }

    fn learn(&mut self, at: usize) {
        let Waiting { frame, heights, .. } = self.frames[at];
        let [swell, bounce] = frame.body_ln;
        if let (Some(swell), Some(bounce)) = (swell, bounce) {
            self.baselines.learn(Usual::Swell, swell);
            self.baselines.learn(Usual::Bounce, bounce);
        }
        self.baselines.learn(Usual::Blow, heights.blow_ln);
        let before = self.frames[at.saturating_sub(1)].near;
        self.baselines.learn(Usual::Peak, before.peak_ln);
        self.baselines.learn(Usual::Across, before.across_ln);
    }

    /// The features of the body channel, and how far swell and bounce stand out: the mean of their
    /// excess and contrast.
    fn body(&mut self, at: usize) -> Option<(BodyFeatures, f32)> {
        let braking_ln = self.braking_ln(at);
        let waiting = self.frames[at];
        if waiting.teaches() {
            self.baselines.learn(Usual::Braking, braking_ln);
        }
        let ([Some(swell), Some(bounce)], Some(level)) =
            (waiting.frame.body_ln, waiting.frame.level_ln)
        else {
            return None;
        };
        let sways = waiting.frame.horizontal_ratio > self.config.body.most.ratio;
        if sways || self.baselines.seconds(Usual::Swell) < self.config.body.from_s {
            return None;
        }
        let above = |usual, value: f32| value - self.baselines.value(usual);
        let excess = [above(Usual::Swell, swell), above(Usual::Bounce, bounce)];
        let contrast = [
            swell - self.around[0].median()?,
            bounce - self.around[1].median()?,
        ];
        let sway = above(Usual::Across, waiting.near.across_ln);
        let most = &self.config.body.most;
        let features = BodyFeatures {
            swell: excess[0],
            bounce: excess[1],
            contrast: contrast[0],
            peak: above(Usual::Peak, waiting.near.peak_ln),
            level,
            overshoot: (excess[0] - most.swell).max(0.0) + (sway - most.sway).max(0.0),
            braking: above(Usual::Braking, braking_ln),
            sway,
        };
        let salience = (excess.iter().sum::<f32>() + contrast.iter().sum::<f32>()) / 4.0;
        Some((features, salience))
    }

    /// Log of how much the mean horizontal force changed from before the moment to after it: a
    /// driver who sees a hump brakes before it and speeds up after it.
    fn braking_ln(&self, at: usize) -> f32 {
        let (before, after) = self.context(at, self.hops.body_near);
        let mean = |range: Range<usize>| {
            let drifted = |i: usize| self.frames.get(i).map_or([0.0; 3], |w| w.drifted);
            let Some(last) = range.end.checked_sub(1).filter(|&last| last >= range.start) else {
                return [0.0; 3];
            };
            // What came before the range: the frame before it, or the first less its own drift.
            let from = match range.start.checked_sub(1) {
                Some(before) => drifted(before),
                None => {
                    let first = self.frames[0];
                    std::array::from_fn(|i| first.drifted[i] - f64::from(first.frame.drift_mps2[i]))
                }
            };
            let (to, share) = (drifted(last), 1.0 / range.len() as f64);
            std::array::from_fn(|i| ((to[i] - from[i]) * share) as f32)
        };
        let (before, after): ([f32; 3], [f32; 3]) = (mean(before), mean(after));
        let change = before.into_iter().zip(after);
        let squared: f32 = change.map(|(a, b)| (a - b) * (a - b)).sum();
        (squared.sqrt() + self.config.body.braking_floor_mps2).ln()
    }

    fn impact(&mut self, at: usize) -> Option<ImpactFeatures> {
        let config = &self.config.impact;
        let Waiting {
            frame,
            heights,
            near,
            ..
        } = self.frames[at];
        let peak_ln = heights.peak_ln;
        if frame.peak.height_mps2 < config.floor_mps2
            || frame.sways_softly(config)
            || near.peak_ln > peak_ln
        {
            return None;
        }
        let (before, after) = self.context(at, self.hops.impact_near);
        self.heights.clear();
        let around = self
            .frames
            .range(before)
            .chain(self.frames.range(after))
            .map(|w| w.heights.peak_ln);
        self.heights.extend(around);
        if self.heights.len() < self.hops.impact_context {
            return None;
        }
        let highest = self
            .heights
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        let middle = self.heights.len() / 2;
        let (_, median, _) = self.heights.select_nth_unstable_by(middle, f32::total_cmp);
        let contrast = peak_ln - *median;
        Some(ImpactFeatures {
            excess: self.excess(near.blow_ln, contrast),
            lead: peak_ln - highest,
            contrast,
            horizontal: near.across_ln - peak_ln,
        })
    }

    /// A blow above its usual height; of a trip so young that nothing is usual yet, its contrast.
    fn excess(&self, blow_ln: f32, contrast: f32) -> f32 {
        let config = &self.config.impact;
        let age_s = self.baselines.seconds(Usual::Blow);
        let grown = (age_s - config.young_s) / (config.grown_s - config.young_s);
        let grown = grown.clamp(0.0, 1.0);
        grown * (blow_ln - self.baselines.value(Usual::Blow)) + (1.0 - grown) * contrast
    }

    /// The frames around a moment, those nearer than `near` left out: before and after.
    fn context(&self, at: usize, near: usize) -> (Range<usize>, Range<usize>) {
        let frames = self.frames.len();
        let before = at.saturating_sub(self.hops.before)..(at + 1).saturating_sub(near);
        let after = (at + near).min(frames)..(at + self.hops.after + 1).min(frames);
        (before, after)
    }

    /// Whether the seconds around the frame that is scored are those of a parked vehicle, and nothing
    /// heaves its body now.
    fn parked(&self, frame: &Frame) -> bool {
        let (reject, floor) = (&self.config.reject, self.config.body.floor_mps2);
        let below = |ln: Option<f32>, mps2: f32| ln.is_some_and(|ln| ln < (mps2 + floor).ln());
        below(self.around[1].median(), reject.parked_below_mps2)
            && below(frame.level_ln, reject.heave_mps2)
    }

    fn skip(&self, at: usize) -> Option<SkipReason> {
        let waiting = &self.frames[at];
        let reject = &self.config.reject;
        let mask = self.hops.mask;
        let mut around = self
            .frames
            .range(at.saturating_sub(mask)..(at + mask + 1).min(self.frames.len()));
        let (before, after) = self.context(at, self.hops.body_near);
        let context_s = (before.len() + after.len()) as f64 * self.config.window.hop_s;
        if !waiting.frame.sound {
            Some(SkipReason::NoSignal)
        } else if waiting.slow || (waiting.point.is_none() && self.parked(&waiting.frame)) {
            Some(SkipReason::Slow)
        } else if self.hands > 0 && around.any(|w| w.hand) {
            Some(SkipReason::Handling)
        } else if context_s < reject.min_context_s
            || f64::from(waiting.frame.from_edge_s) < reject.edge_s
        {
            Some(SkipReason::Edge)
        } else if f64::from(waiting.frame.horizontal_ratio) > reject.manoeuvre_ratio {
            Some(SkipReason::Manoeuvre)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests;
