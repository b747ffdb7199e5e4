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
///
/// The body channel speaks only where swell and bounce stand out most: its score also weighs what
/// lies around, and would place a jolt where the braking shows best.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    floor: f32,
    extent_drop: f32,
    merge: usize,
    swell: usize,
    /// Frames kept to either side of the one that is looked at.
    reach: usize,
    /// Frames kept before it, to see how the vehicle came.
    memory: usize,
    extent: usize,
    frames: VecDeque<Scored>,
    /// How many frames from the front have lost the body's score where it does not count.
    thinned: usize,
    next: usize,
}

impl Trigger {
    pub(crate) fn new(config: &Config) -> Self {
        let hops = |seconds: f64| (seconds / config.window.hop_s).round() as usize;
        let merge = hops(config.trigger.merge_s);
        let extent = hops(config.trigger.extent_s);
        let swell = hops(config.trigger.swell_s);
        let reach = merge.max(extent);
        let memory = reach.max(hops(config.classify.slowed_over_s));
        Self {
            floor: config.trigger.candidate_floor.min(config.trigger.threshold) as f32,
            extent_drop: config.trigger.extent_drop as f32,
            merge,
            swell,
            reach,
            memory,
            extent,
            frames: VecDeque::with_capacity(memory + reach + swell + 3),
            thinned: 0,
            next: 0,
        }
    }

    /// Takes the next frame of the segment and gives the jolts that are complete.
    pub(crate) fn push(&mut self, scored: Scored, out: &mut Vec<Jolt>) {
        self.frames.push_back(scored);
        while self.thinned + self.swell < self.frames.len() {
            self.thin();
        }
        while self.next + self.reach < self.thinned {
            self.look(out);
        }
    }

    /// Gives the jolts near the end of the segment.
    pub(crate) fn end_segment(&mut self, out: &mut Vec<Jolt>) {
        while self.thinned < self.frames.len() {
            self.thin();
        }
        while self.next < self.frames.len() {
            self.look(out);
        }
        self.frames.clear();
        (self.next, self.thinned) = (0, 0);
    }

    /// Marks the next frame as the middle of a bounce, or not.
    fn thin(&mut self) {
        let at = self.thinned;
        let from = at.saturating_sub(self.swell);
        let to = (at + self.swell + 1).min(self.frames.len());
        let salience = self.frames[at].salience;
        let crest = (from..at).all(|i| self.frames[i].salience < salience)
            && (at + 1..to).all(|i| self.frames[i].salience <= salience);
        self.frames[at].crest = crest;
        self.thinned += 1;
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
            self.thinned -= 1;
        }
    }

    /// The highest score within the merging time; of equal ones the first.
    fn is_peak(&self, at: usize) -> bool {
        let score = self.frames[at].event_score();
        if score < self.floor {
            return false;
        }
        let from = at.saturating_sub(self.merge);
        let to = (at + self.merge + 1).min(self.frames.len());
        (from..at).all(|i| self.frames[i].event_score() < score)
            && (at + 1..to).all(|i| self.frames[i].event_score() <= score)
    }

    /// The first and last frame around the peak before the score falls well below it.
    fn extent_of(&self, around: &[Scored], at: usize) -> (usize, usize) {
        let low = around[at].score - self.extent_drop;
        let lasts = |i: &usize| around[*i].score >= low;
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
    use crate::window::Frame;

    fn scored(number: usize, score: f32) -> Scored {
        Scored {
            frame: Frame::still(number as i64 * 200_000),
            point: None,
            body: Some(score),
            impact: None,
            salience: score,
            crest: false,
            score,
            impact_alone: f32::NEG_INFINITY,
            skip: None,
        }
    }

    /// The frame numbers of begin, peak and end of each jolt in a row of scores.
    fn check(scores: &[f32], expected: &[(usize, usize, usize)]) {
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
        let mut scores = vec![-9.0; 40];
        scores[10] = 3.0;
        scores[20] = 2.0;
        check(&scores, &[(10, 10, 10), (20, 20, 20)]);
    }

    #[test]
    fn a_jolt_that_dips_stays_one() {
        let mut scores = vec![-9.0; 40];
        scores[18..23].copy_from_slice(&[1.6, 2.0, 1.6, 3.0, 1.6]);
        check(&scores, &[(18, 21, 22)]);
    }

    #[test]
    fn of_two_equal_frames_the_first_is_the_peak() {
        let mut scores = vec![-9.0; 40];
        scores[10] = 2.0;
        scores[11] = 2.0;
        check(&scores, &[(10, 10, 11)]);
    }

    #[test]
    fn a_jolt_at_the_very_end_is_found() {
        let mut scores = vec![-9.0; 40];
        scores[39] = 2.0;
        check(&scores, &[(39, 39, 39)]);
    }

    #[test]
    fn a_bounce_is_placed_where_it_is_strongest_not_where_it_scores_best() {
        let mut trigger = Trigger::new(&Config::default());
        let mut jolts = Vec::new();
        for number in 0..40 {
            let mut frame = scored(number, -9.0);
            if (10..14).contains(&number) {
                frame.score = number as f32 - 10.0;
                frame.salience = 14.0 - number as f32;
            }
            trigger.push(frame, &mut jolts);
        }
        trigger.end_segment(&mut jolts);
        assert_eq!(jolts.len(), 1);
        assert_eq!(jolts[0].peak.frame.t_us, 2_000_000);
    }
}
