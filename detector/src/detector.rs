//! The state of one trip.

mod waiting;

use std::collections::VecDeque;

use realfft::RealFftPlanner;
use trip::{Batch, Bump, Channel, Gravity, Place, Report, Rotation, Sample, SkipReason};

use crate::classify;
use crate::config::Config;
use crate::gravity::{Hand, Levels, Motion};
use crate::latency::Latency;
use crate::resample::{Even, Resampler, Segment, Step};
use crate::score::{Reasons, Scored, Scorer};
use crate::stretch::Stretches;
use crate::track::Track;
use crate::trigger::{Jolt, Trigger};
use crate::watch::{Moment, Watch};
use crate::window::{Frame, Windows};
use waiting::Waiting;

/// Finds the bumps and judges the road of one trip, batch by batch.
///
/// What it says of a trip depends on the readings in the order of their times, never on when they
/// came or at which moments they were cut into batches. (A batch should hold all sensors' readings
/// of its time: a gyroscope that comes a batch later than the accelerometer is held against an
/// attitude that is a batch newer.) A bump is told about 6.5 s of recording after it happened
/// (half a window, 3.2 s of neighbourhood, 1.6 s in which a higher one may follow), later where fixes
/// are rare.
///
/// ```
/// use detector::{Config, Detector};
/// use trip::{Batch, Sample};
///
/// // A minute of smooth road with one hump after 30 s, the phone upright in its mount.
/// let hump = |t: f32| if (30.0..30.8).contains(&t) { 3.0 * (7.85 * (t - 30.0)).sin() } else { 0.0 };
/// let samples = (0..3000).map(|i| {
///     let t = i as f32 / 50.0;
///     let engine = 0.05 * (150.0 * t).sin();
///     Sample { t_us: i64::from(i) * 20_000, accel_mps2: [0.0, 9.8 + engine + hump(t), 0.0] }
/// });
/// let mut detector = Detector::new(Config::default());
/// let mut report = detector.push(&Batch { samples: samples.collect(), ..Batch::default() });
/// report.append(detector.finish());
/// assert_eq!(report.bumps.len(), 1);
/// assert!((report.bumps[0].peak_us - 30_400_000).abs() < 500_000);
/// ```
pub struct Detector {
    config: Config,
    resampler: Resampler,
    hand: Hand,
    /// When a hand turned the phone, µs.
    hand_us: VecDeque<i64>,
    /// When the accelerometer reached the end of its range, µs.
    clipped_us: VecDeque<i64>,
    /// Readings at least this far out, m/s², are clipped.
    clip_mps2: Option<f32>,
    gravity: Gravity,
    track: Track,
    segment: Option<OpenSegment>,
    last_sample_us: Option<i64>,
    /// The end of the last segment, µs.
    covered_us: Option<i64>,
    /// What waits until its place on the track is settled.
    waiting: VecDeque<Waiting>,
    scorer: Scorer,
    trigger: Trigger,
    stretches: Stretches,
    planner: RealFftPlanner<f32>,
    memory_us: i64,
    buffers: Buffers,
    watch: Option<Box<Watch>>,
}

/// What passes between the steps, kept so that nothing is allocated per reading.
#[derive(Default)]
struct Buffers {
    steps: Vec<Step>,
    evens: Vec<Even>,
    motions: Vec<Motion>,
    frames: Vec<Frame>,
    scored: Vec<(Scored, Reasons)>,
    jolts: Vec<Jolt>,
}

/// Readings that pass through the steps together.
const CHUNK: usize = 128;

struct OpenSegment {
    segment: Segment,
    /// `None` for a sensor too slow to be judged.
    judged: Option<(Levels, Windows)>,
}

impl Detector {
    /// A detector for one trip.
    pub fn new(config: Config) -> Self {
        Self {
            resampler: Resampler::new(config.resample.clone()),
            hand: Hand::new(config.gravity.clone()),
            hand_us: VecDeque::new(),
            clipped_us: VecDeque::new(),
            clip_mps2: None,
            gravity: Gravity::Unknown,
            track: Track::new(config.locate.clone()),
            segment: None,
            last_sample_us: None,
            covered_us: None,
            waiting: VecDeque::new(),
            scorer: Scorer::new(config.clone()),
            trigger: Trigger::new(&config),
            stretches: Stretches::new(config.clone()),
            planner: RealFftPlanner::new(),
            memory_us: memory_us(&config),
            buffers: Buffers::default(),
            watch: None,
            config,
        }
    }

    /// A detector that also keeps what it saw, for [`Detector::finish_watched`].
    pub fn watching(config: Config) -> Self {
        Self {
            watch: Some(Box::default()),
            ..Self::new(config)
        }
    }

    /// Takes the next batch of the trip and tells what has become certain by it.
    pub fn push(&mut self, batch: &Batch) -> Report {
        if let Some(header) = &batch.header {
            let share = self.config.classify.clip_share as f32;
            self.clip_mps2 = header.range_mps2.map(|range| range * share);
            self.gravity = header.gravity;
        }
        for &fix in &batch.fixes {
            self.track.push(fix);
        }
        let mut rotations = batch.rotations.iter().peekable();
        let mut report = Report::default();
        let mut steps = std::mem::take(&mut self.buffers.steps);
        for chunk in batch.samples.chunks(CHUNK) {
            for sample in chunk {
                while let Some(&rotation) = rotations.next_if(|r| r.t_us <= sample.t_us) {
                    self.turn(rotation);
                }
                self.hand.level(sample);
            }
            self.last_sample_us = chunk.last().map(|last| last.t_us);
            self.track.feel(chunk);
            self.note_clipped(chunk);
            self.resampler.push(chunk, &mut steps);
            self.walk(&mut steps);
            self.settle(false, &mut report);
        }
        self.buffers.steps = steps;
        rotations.for_each(|&rotation| self.turn(rotation));
        self.settle(false, &mut report);
        report
    }

    /// How late the receiver of this trip is, as far as is known by now.
    pub fn latency(&self) -> Latency {
        self.track.latency()
    }

    /// Ends the trip and tells what was still open.
    pub fn finish(self) -> Report {
        self.finish_watched().0
    }

    /// Ends the trip, tells what was still open, and gives what a watching detector saw.
    pub fn finish_watched(mut self) -> (Report, Watch) {
        let mut steps = Vec::new();
        self.resampler.finish(&mut steps);
        self.walk(&mut steps);
        let first_us = self.track.fixes().next().map(|fix| fix.t_us);
        let last_us = self.track.fixes().next_back().map(|fix| fix.t_us);
        if let (Some(first_us), Some(last_us)) = (first_us, last_us) {
            let begin_us = self.covered_us.unwrap_or(first_us);
            self.leave_unjudged(begin_us, last_us, SkipReason::NoSamples);
        }
        let mut report = Report::default();
        self.settle(true, &mut report);
        self.stretches.end_segment(&mut report);
        (report, self.watch.map(|watch| *watch).unwrap_or_default())
    }

    fn turn(&mut self, rotation: Rotation) {
        if self.hand.turns(rotation) {
            self.hand_us.push_back(rotation.t_us);
        }
    }

    fn note_clipped(&mut self, samples: &[Sample]) {
        let Some(clip_mps2) = self.clip_mps2 else {
            return;
        };
        let clipped = |s: &&Sample| s.accel_mps2.iter().any(|a| a.abs() >= clip_mps2);
        let times_us = samples.iter().filter(clipped).map(|s| s.t_us);
        self.clipped_us.extend(times_us);
    }

    /// Brings even readings through gravity and windows to the queue of what waits for the track.
    ///
    /// Each step takes all of them before the next one begins: a value that is read right after it
    /// was written makes the processor wait.
    fn walk(&mut self, steps: &mut Vec<Step>) {
        for step in steps.drain(..) {
            match step {
                Step::Begin(segment) => self.begin_segment(segment),
                Step::Reading(even) => self.buffers.evens.push(even),
                Step::End(end_us) => self.close_segment(end_us),
            }
        }
        self.look();
        self.wait();
    }

    /// Brings the open segment's readings through gravity and windows.
    fn look(&mut self) {
        let evens = &mut self.buffers.evens;
        let motions = &mut self.buffers.motions;
        if let Some((levels, windows)) = self.segment.as_mut().and_then(|s| s.judged.as_mut()) {
            levels.push(evens, motions);
            pass(motions, windows, &mut self.buffers.frames, &mut self.watch);
        }
        evens.clear();
    }

    fn close_segment(&mut self, end_us: i64) {
        self.look();
        let Some(open) = self.segment.take() else {
            return;
        };
        match open.judged {
            Some((mut levels, mut windows)) => {
                let (motions, frames) = (&mut self.buffers.motions, &mut self.buffers.frames);
                levels.finish(motions);
                pass(motions, &mut windows, frames, &mut self.watch);
                windows.finish(frames);
                self.wait();
                self.waiting.push_back(Waiting::EndOfSegment(end_us));
            }
            None => {
                let begin_us = open.segment.begin_us;
                self.leave_unjudged(begin_us, end_us, SkipReason::LowRate);
            }
        }
        self.covered_us = Some(end_us);
    }

    fn begin_segment(&mut self, segment: Segment) {
        match self.covered_us {
            Some(end_us) => self.leave_unjudged(end_us, segment.begin_us, SkipReason::Gap),
            None => {
                let first_us = self.track.fixes().next().map(|fix| fix.t_us);
                let gap_us = (self.config.locate.max_beyond_s * 1e6) as i64;
                if let Some(first_us) = first_us.filter(|t| t + gap_us < segment.begin_us) {
                    self.leave_unjudged(first_us, segment.begin_us, SkipReason::NoSamples);
                }
            }
        }
        let judged = (!segment.too_slow).then(|| {
            let levels = Levels::new(self.config.gravity.clone(), segment.rate_hz, self.gravity);
            (
                levels,
                Windows::new(&self.config, segment, &mut self.planner),
            )
        });
        self.segment = Some(OpenSegment { segment, judged });
    }

    fn leave_unjudged(&mut self, begin_us: i64, end_us: i64, reason: SkipReason) {
        if begin_us < end_us {
            self.waiting.push_back(Waiting::Unjudged {
                begin_us,
                end_us,
                reason,
            });
        }
    }

    fn wait(&mut self) {
        let frames = self.buffers.frames.drain(..);
        self.waiting.extend(frames.map(Waiting::Frame));
    }

    /// Judges what waits, as far as the track is settled.
    fn settle(&mut self, all: bool, report: &mut Report) {
        let now_us = self.last_sample_us.unwrap_or(i64::MIN);
        while let Some(front) = self.waiting.front() {
            let t_us = front.end_us();
            if !all && !self.track.settled(t_us, now_us) {
                return;
            }
            match self.waiting.pop_front() {
                Some(Waiting::Frame(frame)) => self.judge(frame, report),
                Some(Waiting::EndOfSegment(_)) => self.end_segment(report),
                Some(Waiting::Unjudged {
                    begin_us,
                    end_us,
                    reason,
                }) => {
                    self.pass_unjudged(begin_us, end_us, reason, report);
                }
                None => return,
            }
            self.track.learn_until(t_us);
            self.forget(t_us);
        }
    }

    fn judge(&mut self, frame: Frame, report: &mut Report) {
        let half_us = (self.config.window.hop_s * 5e5) as i64;
        let hand = self
            .hand_us
            .iter()
            .any(|t| (t - frame.t_us).abs() <= half_us);
        let point = self.track.at(frame.t_us);
        let mut scored = std::mem::take(&mut self.buffers.scored);
        self.scorer.push(frame, point, hand, &mut scored);
        self.conclude(&mut scored, report);
        self.buffers.scored = scored;
    }

    fn end_segment(&mut self, report: &mut Report) {
        let mut scored = Vec::new();
        self.scorer.end_segment(&mut scored);
        self.conclude(&mut scored, report);
        let mut jolts = Vec::new();
        self.trigger.end_segment(&mut jolts);
        self.tell(&mut jolts, report);
        self.stretches.end_segment(report);
    }

    fn conclude(&mut self, scored: &mut Vec<(Scored, Reasons)>, report: &mut Report) {
        let mut jolts = std::mem::take(&mut self.buffers.jolts);
        for (scored, reasons) in scored.iter() {
            if let Some(watch) = &mut self.watch {
                let usual_ln = self.scorer.usual_ln();
                watch.moments.push(Moment::new(scored, *reasons, usual_ln));
            }
            self.stretches.push(scored, report);
            self.trigger.push(*scored, &mut jolts);
        }
        scored.clear();
        self.tell(&mut jolts, report);
        self.buffers.jolts = jolts;
    }

    fn tell(&self, jolts: &mut Vec<Jolt>, report: &mut Report) {
        for jolt in jolts.drain(..) {
            let reach_us = (self.config.classify.clip_reach_s * 1e6) as i64;
            let begin_us = jolt.around[jolt.begin].frame.t_us - reach_us;
            let end_us = jolt.around[jolt.end].frame.t_us + reach_us;
            let clipped = self
                .clipped_us
                .iter()
                .any(|t| (begin_us..=end_us).contains(t));
            let mut bump = classify::bump(&self.config, &jolt, clipped);
            bump.place = self.place(&bump, &jolt);
            let found = f64::from(jolt.peak.event_score()) >= self.config.trigger.threshold;
            let list = if found {
                &mut report.bumps
            } else {
                &mut report.candidates
            };
            list.push(bump);
        }
    }

    /// Where the first axle was hit: the middle of a body's bounce lies half a wheelbase later.
    fn place(&self, bump: &Bump, jolt: &Jolt) -> Option<Place> {
        let slowest_mps = self.config.reject.min_speed_mps;
        let speed_mps = jolt.peak.point?.speed.mps().max(slowest_mps);
        let late_m = match bump.channel {
            Channel::Body => self.config.locate.wheelbase_m / 2.0,
            Channel::Impact => 0.0,
        };
        let late_us = (late_m / speed_mps * 1e6) as i64;
        Some(self.track.at(bump.peak_us - late_us)?.place)
    }

    fn pass_unjudged(&mut self, begin: i64, end: i64, reason: SkipReason, report: &mut Report) {
        let late_us = self.track.latency_us();
        for t_us in self.track.times_us(begin + late_us, end + late_us) {
            let t_us = t_us - late_us;
            let point = self.track.at(t_us);
            self.stretches.unjudged(t_us, point, report);
        }
        self.stretches.skip(begin, end, reason, report);
        self.stretches.end_segment(report);
    }

    /// Drops what no later moment needs.
    fn forget(&mut self, t_us: i64) {
        let far_us = t_us - self.memory_us;
        self.track.forget_before(far_us);
        for times in [&mut self.hand_us, &mut self.clipped_us] {
            while times.front().is_some_and(|t| *t < far_us) {
                times.pop_front();
            }
        }
    }
}

/// Brings motions through the windows.
fn pass(
    motions: &mut Vec<Motion>,
    windows: &mut Windows,
    frames: &mut Vec<Frame>,
    watch: &mut Option<Box<Watch>>,
) {
    if let Some(watch) = watch {
        let seen = motions.iter().map(|m| (m.t_us, m.vertical_mps2));
        watch.vertical.extend(seen);
    }
    windows.push(motions, frames);
    motions.clear();
}

/// How far before the moment that is judged something may still be asked for, µs: a jolt is told when
/// its look-ahead is over, and asks for its extent, what was clipped in it, and its place.
fn memory_us(config: &Config) -> i64 {
    let trigger = &config.trigger;
    let ahead_s = config.body.after_s + trigger.swell_s + trigger.merge_s.max(trigger.extent_s);
    let extent_s = trigger.extent_s + config.classify.clip_reach_s;
    let axle_s = config.locate.wheelbase_m / config.reject.min_speed_mps.max(0.1);
    ((ahead_s + extent_s + axle_s + config.window.length_s) * 1e6) as i64
}

#[cfg(test)]
mod tests;
