//! When a jolt begins and ends: peaks of the score, the lower of two near ones dropped.

use std::collections::VecDeque;

use crate::config::Config;
use crate::score::Scored;

/// A peak of the score with its extent and the frames that tell what it was.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Jolt {
    /// The frame of the highest score.
    pub(crate) peak: Scored,
    /// The frames before and after it, in order of time, the peak's own among them.
    pub(crate) around: Vec<Scored>,
    /// Where the peak stands in `around`.
    pub(crate) at: usize,
    /// The first frame of the jolt, in `around`.
    pub(crate) begin: usize,
    /// The last one.
    pub(crate) end: usize,
}

/// Finds the peaks in the scores of one segment after the other.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    floor: f64,
    extent_share: f64,
    merge: usize,
    /// Frames kept to either side of the one that is looked at.
    reach: usize,
    /// Frames kept before it, to see how the vehicle came.
    memory: usize,
    extent: usize,
    frames: VecDeque<Scored>,
    next: usize,
}

impl Trigger {
    pub(crate) fn new(config: &Config) -> Self {
        let hops = |seconds: f64| (seconds / config.window.hop_s).round() as usize;
        let merge = hops(config.trigger.merge_s);
        let extent = hops(config.trigger.extent_s);
        let reach = merge.max(extent);
        Self {
            floor: config.trigger.candidate_floor.min(config.trigger.threshold),
            extent_share: config.trigger.extent_share,
            merge,
            reach,
            memory: reach.max(hops(config.classify.slowed_over_s)),
            extent,
            frames: VecDeque::new(),
            next: 0,
        }
    }

    /// Takes the next frame of the segment and gives the jolts that are complete.
    pub(crate) fn push(&mut self, scored: Scored, out: &mut Vec<Jolt>) {
        self.frames.push_back(scored);
        while self.next + self.reach < self.frames.len() {
            self.look(out);
        }
    }

    /// Gives the jolts near the end of the segment.
    pub(crate) fn end_segment(&mut self, out: &mut Vec<Jolt>) {
        while self.next < self.frames.len() {
            self.look(out);
        }
        self.frames.clear();
        self.next = 0;
    }

    fn look(&mut self, out: &mut Vec<Jolt>) {
        let at = self.next;
        if self.is_peak(at) {
            let from = at.saturating_sub(self.memory);
            let to = (at + self.reach + 1).min(self.frames.len());
            let around: Vec<Scored> = self.frames.range(from..to).copied().collect();
            let (begin, end) = self.extent_of(&around, at - from);
            out.push(Jolt {
                peak: self.frames[at],
                at: at - from,
                begin,
                end,
                around,
            });
        }
        self.next += 1;
        if self.next > self.memory {
            self.frames.pop_front();
            self.next -= 1;
        }
    }

    /// The highest score within the merging time; of equal ones the first.
    fn is_peak(&self, at: usize) -> bool {
        let score = self.frames[at].score();
        if score < self.floor {
            return false;
        }
        let from = at.saturating_sub(self.merge);
        let to = (at + self.merge + 1).min(self.frames.len());
        (from..at).all(|i| self.frames[i].score() < score)
            && (at + 1..to).all(|i| self.frames[i].score() <= score)
    }

    /// The first and last frame around the peak before the score falls below a share of it.
    fn extent_of(&self, around: &[Scored], at: usize) -> (usize, usize) {
        let low = around[at].score() * self.extent_share;
        let lasts = |i: &usize| around[*i].score() >= low;
        let first = at.saturating_sub(self.extent);
        let last = (at + self.extent).min(around.len() - 1);
        let begin = (first..at).rev().take_while(lasts).last().unwrap_or(at);
        let end = (at + 1..=last).take_while(lasts).last().unwrap_or(at);
        (begin, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::{Frame, Peak};

    fn scored(number: usize, score: f64) -> Scored {
        let frame = Frame {
            t_us: number as i64 * 200_000,
            from_edge_s: 10.0,
            source_hz: 50.0,
            body_ln: [None; 2],
            band_rms_mps2: [None; 5],
            rough_power: 0.0,
            peak: Peak::default(),
            blow: Peak::default(),
            width_s: 0.1,
            horizontal_ratio: 0.5,
            handled: false,
            sound: true,
        };
        Scored {
            frame,
            point: None,
            body: Some(score),
            impact: None,
            skip: None,
        }
    }

    /// The frame numbers of begin, peak and end of each jolt in a row of scores.
    fn check(scores: &[f64], expected: &[(usize, usize, usize)]) {
        let mut trigger = Trigger::new(&Config::default());
        let mut jolts = Vec::new();
        for (number, &score) in scores.iter().enumerate() {
            trigger.push(scored(number, score), &mut jolts);
        }
        trigger.end_segment(&mut jolts);
        let number = |s: &Scored| (s.frame.t_us / 200_000) as usize;
        let found: Vec<_> = jolts
            .iter()
            .map(|j| {
                (
                    number(&j.around[j.begin]),
                    number(&j.peak),
                    number(&j.around[j.end]),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn two_humps_two_seconds_apart_are_two() {
        let mut scores = vec![0.0; 40];
        scores[10] = 3.0;
        scores[20] = 2.0;
        check(&scores, &[(10, 10, 10), (20, 20, 20)]);
    }

    #[test]
    fn a_jolt_that_dips_stays_one() {
        let mut scores = vec![0.0; 40];
        scores[18..23].copy_from_slice(&[1.6, 2.0, 1.6, 3.0, 1.6]);
        check(&scores, &[(18, 21, 22)]);
    }

    #[test]
    fn of_two_equal_frames_the_first_is_the_peak() {
        let mut scores = vec![0.0; 40];
        scores[10] = 2.0;
        scores[11] = 2.0;
        check(&scores, &[(10, 10, 11)]);
    }

    #[test]
    fn a_jolt_at_the_very_end_is_found() {
        let mut scores = vec![0.0; 40];
        scores[39] = 2.0;
        check(&scores, &[(39, 39, 39)]);
    }
}
