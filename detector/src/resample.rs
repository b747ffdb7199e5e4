//! Uneven sensor times to an even rate; gaps stay gaps.

use std::collections::VecDeque;

use trip::Sample;

use crate::config::ResampleConfig;

/// One reading on the even time grid of a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Even {
    /// µs of the phone's clock.
    pub(crate) t_us: i64,
    /// m/s², phone's axes.
    pub(crate) accel_mps2: [f64; 3],
}

/// What comes out of the resampler, in order of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// A segment begins: a run of readings without a gap.
    Begin(Segment),
    /// A reading of the segment.
    Reading(Even),
    /// The segment ended at this time.
    End(i64),
}

/// A run of readings without a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    /// Its first reading, µs.
    pub(crate) begin_us: i64,
    /// The sensor's own rate, Hz.
    pub(crate) source_hz: f64,
    /// The even rate, Hz.
    pub(crate) rate_hz: f64,
    /// The sensor is too slow to be judged: the segment has no even readings.
    pub(crate) too_slow: bool,
}

/// Turns sensor readings into segments of even ones, whatever the cut of the input.
#[derive(Clone, Debug)]
pub(crate) struct Resampler {
    config: ResampleConfig,
    waiting: VecDeque<Sample>,
    open: Option<Open>,
}

/// The segment that is being read.
#[derive(Clone, Debug)]
struct Open {
    segment: Segment,
    gap_us: i64,
    /// Half the span that is averaged for one even reading, µs; 0 reads between two samples.
    average_us: f64,
    /// How many even readings have been given.
    given: u64,
    last_us: i64,
    /// The newest steps between two readings, µs: they tell when the sensor's rate has changed.
    steps_us: Vec<i64>,
    max_steps: usize,
}

impl Resampler {
    pub(crate) fn new(config: ResampleConfig) -> Self {
        Self {
            config,
            waiting: VecDeque::new(),
            open: None,
        }
    }

    /// Takes one reading. Readings that do not move time forward are ignored.
    pub(crate) fn push(&mut self, sample: Sample, out: &mut Vec<Step>) {
        let newest = self
            .waiting
            .back()
            .map(|s| s.t_us)
            .or_else(|| self.open.as_ref().map(|o| o.last_us));
        if newest.is_some_and(|t| sample.t_us <= t) {
            return;
        }
        self.waiting.push_back(sample);
        self.advance(false, out);
    }

    /// Ends the open segment.
    pub(crate) fn finish(&mut self, out: &mut Vec<Step>) {
        self.advance(true, out);
    }

    fn advance(&mut self, finish: bool, out: &mut Vec<Step>) {
        loop {
            if self.open.is_none() && !self.begin(finish, out) {
                return;
            }
            let Some(open) = &mut self.open else { return };
            let ended = open.read(&mut self.waiting, finish, out);
            if !ended {
                return;
            }
            out.push(Step::End(open.last_us));
            self.open = None;
        }
    }

    /// Opens a segment when enough readings wait to know the sensor's rate.
    fn begin(&mut self, finish: bool, out: &mut Vec<Step>) -> bool {
        let enough = self.config.rate_readings.max(2);
        if self.waiting.is_empty() || (self.waiting.len() < enough && !finish) {
            return false;
        }
        let begin_us = self.waiting[0].t_us;
        let source_hz = self.source_hz();
        let fast = source_hz >= self.config.fast_from_hz;
        let rate_hz = if fast {
            self.config.fast_rate_hz
        } else {
            self.config.rate_hz
        };
        let segment = Segment {
            begin_us,
            source_hz,
            rate_hz,
            too_slow: source_hz < self.config.min_source_hz,
        };
        let periods_s = (self.config.gap_periods / source_hz).min(self.config.max_gap_s);
        let gap_s = self.config.gap_s.max(periods_s);
        let averaged = source_hz >= self.config.average_from_ratio * rate_hz;
        self.open = Some(Open {
            segment,
            gap_us: (gap_s * 1e6) as i64,
            average_us: if averaged { 0.5e6 / rate_hz } else { 0.0 },
            given: 0,
            last_us: begin_us,
            steps_us: Vec::new(),
            max_steps: 2 * enough,
        });
        out.push(Step::Begin(segment));
        true
    }

    /// The sensor's rate: one over the median time between the readings that wait.
    fn source_hz(&self) -> f64 {
        let first = self.waiting.iter().take(self.config.rate_readings.max(2));
        let steps = first.clone().zip(first.skip(1));
        let mut steps_us: Vec<i64> = steps.map(|(a, b)| b.t_us - a.t_us).collect();
        median(&mut steps_us).map_or(f64::MIN_POSITIVE, |us| 1e6 / us as f64)
    }
}

fn median(values: &mut [i64]) -> Option<i64> {
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

impl Open {
    /// Gives every even reading that the waiting samples settle; true when the segment has ended.
    fn read(&mut self, waiting: &mut VecDeque<Sample>, finish: bool, out: &mut Vec<Step>) -> bool {
        loop {
            let t_us = self.next_us();
            while waiting.get(1).is_some_and(|s| self.is_past(s, t_us)) {
                if self.is_gap(waiting, 1) || self.rate_changed(waiting) {
                    return self.end_after(0, waiting);
                }
                waiting.pop_front();
            }
            let settled = waiting
                .back()
                .is_some_and(|s| s.t_us as f64 >= t_us + self.average_us);
            if self.segment.too_slow || !settled && !finish {
                return finish && self.end_all(waiting);
            }
            let after = (1..waiting.len()).find(|&i| waiting[i].t_us as f64 >= t_us);
            let Some(after) = after else {
                return finish && self.end_all(waiting);
            };
            if self.is_gap(waiting, after) {
                return self.end_after(after - 1, waiting);
            }
            let accel_mps2 = self.value(waiting, after, t_us);
            out.push(Step::Reading(Even {
                t_us: t_us.round() as i64,
                accel_mps2,
            }));
            self.given += 1;
        }
    }

    /// Whether no even reading from `t_us` on needs what lies before `sample`.
    fn is_past(&self, sample: &Sample, t_us: f64) -> bool {
        self.segment.too_slow || sample.t_us as f64 <= t_us - self.average_us
    }

    /// Whether the signal pauses before waiting sample `i`.
    fn is_gap(&self, waiting: &VecDeque<Sample>, i: usize) -> bool {
        waiting[i].t_us - waiting[i - 1].t_us > self.gap_us
    }

    /// Notes the step between the first two samples; true when the sensor now reads at less than
    /// half or more than twice the segment's rate.
    fn rate_changed(&mut self, waiting: &VecDeque<Sample>) -> bool {
        self.steps_us.push(waiting[1].t_us - waiting[0].t_us);
        if self.steps_us.len() < self.max_steps {
            return false;
        }
        let step_us = median(&mut self.steps_us).unwrap_or(1) as f64;
        self.steps_us.clear();
        let ratio = step_us * self.segment.source_hz / 1e6;
        !(0.5..=2.0).contains(&ratio)
    }

    /// Ends the segment with waiting sample `last`; what comes after it begins the next one.
    fn end_after(&mut self, last: usize, waiting: &mut VecDeque<Sample>) -> bool {
        self.last_us = waiting[last].t_us;
        waiting.drain(..=last);
        true
    }

    /// Ends the segment with the last waiting sample.
    fn end_all(&mut self, waiting: &mut VecDeque<Sample>) -> bool {
        self.last_us = waiting.back().map_or(self.last_us, |s| s.t_us);
        waiting.clear();
        true
    }

    /// The time of the next even reading, µs.
    fn next_us(&self) -> f64 {
        self.segment.begin_us as f64 + self.given as f64 * 1e6 / self.segment.rate_hz
    }

    /// The signal at `t_us`, which lies between the samples before `after` and at it.
    fn value(&self, waiting: &VecDeque<Sample>, after: usize, t_us: f64) -> [f64; 3] {
        let near = |s: &&Sample| (s.t_us as f64 - t_us).abs() <= self.average_us;
        let mut sum = [0.0; 3];
        let mut count = 0.0;
        let averaged = waiting.iter().filter(|_| self.average_us > 0.0);
        for sample in averaged
            .take_while(|s| s.t_us as f64 <= t_us + self.average_us)
            .filter(near)
        {
            sum = std::array::from_fn(|i| sum[i] + f64::from(sample.accel_mps2[i]));
            count += 1.0;
        }
        if count > 0.0 {
            return sum.map(|s| s / count);
        }
        let (a, b) = (&waiting[after - 1], &waiting[after]);
        let share = (t_us - a.t_us as f64) / (b.t_us - a.t_us) as f64;
        std::array::from_fn(|i| {
            let (a, b) = (f64::from(a.accel_mps2[i]), f64::from(b.accel_mps2[i]));
            a + (b - a) * share
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(times_us: &[i64], value: impl Fn(i64) -> f32) -> Vec<Step> {
        let mut resampler = Resampler::new(ResampleConfig::default());
        let mut out = Vec::new();
        for &t_us in times_us {
            let accel_mps2 = [value(t_us), 0.0, 9.8];
            resampler.push(Sample { t_us, accel_mps2 }, &mut out);
        }
        resampler.finish(&mut out);
        out
    }

    fn readings(steps: &[Step]) -> Vec<Even> {
        let reading = |s: &Step| {
            if let Step::Reading(e) = s {
                Some(*e)
            } else {
                None
            }
        };
        steps.iter().filter_map(reading).collect()
    }

    #[test]
    fn a_straight_line_stays_one_however_uneven_the_times() {
        let times: Vec<i64> = (0..200)
            .map(|i| i * 31_000 + (i * i * 7_919) % 9_000)
            .collect();
        let out = steps(&times, |t| t as f32 / 1e6);
        let even = readings(&out);
        assert!(even.len() > 290, "{}", even.len());
        for pair in even.windows(2) {
            assert_eq!(pair[1].t_us - pair[0].t_us, 20_000);
        }
        for e in &even {
            assert!(
                (e.accel_mps2[0] - e.t_us as f64 / 1e6).abs() < 1e-3,
                "{e:?}"
            );
        }
    }

    #[test]
    fn a_pause_of_a_second_splits_the_signal() {
        let mut times: Vec<i64> = (0..150).map(|i| i * 20_000).collect();
        times.extend((0..150).map(|i| 4_000_000 + i * 20_000));
        let out = steps(&times, |_| 0.0);
        let begins: Vec<i64> = out
            .iter()
            .filter_map(|s| {
                if let Step::Begin(b) = s {
                    Some(b.begin_us)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(begins, [0, 4_000_000]);
        assert!(out.contains(&Step::End(149 * 20_000)));
        assert!(
            !readings(&out)
                .iter()
                .any(|e| 2_980_000 < e.t_us && e.t_us < 4_000_000)
        );
    }

    #[test]
    fn a_fast_sensor_is_averaged_not_picked() {
        let times: Vec<i64> = (0..4000).map(|i| i * 2_500).collect();
        let even = readings(&steps(
            &times,
            |t| if t / 2_500 % 2 == 0 { 1.0 } else { -1.0 },
        ));
        let inner = &even[10..even.len() - 10];
        assert!(
            inner.iter().all(|e| e.accel_mps2[0].abs() < 0.26),
            "{:?}",
            &inner[..3]
        );
        assert_eq!(inner[1].t_us - inner[0].t_us, 10_000);
    }

    #[test]
    fn two_readings_thirty_years_apart_fill_nothing() {
        let out = steps(&[0, 1_000_000_000_000_000], |_| 0.0);
        assert!(readings(&out).is_empty(), "{}", readings(&out).len());
    }

    #[test]
    fn a_phone_that_is_throttled_begins_a_new_segment() {
        let mut times: Vec<i64> = (0..2000).map(|i| i * 10_000).collect();
        times.extend((0..400).map(|i| 20_000_000 + i * 200_000));
        let rates: Vec<f64> = steps(&times, |_| 0.0)
            .iter()
            .filter_map(|s| {
                if let Step::Begin(b) = s {
                    Some(b.source_hz)
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(rates, [100.0, 5.0]);
    }

    #[test]
    fn time_that_stands_still_adds_nothing() {
        let once = steps(&(0..100).map(|i| i * 20_000).collect::<Vec<_>>(), |t| {
            t as f32
        });
        let twice: Vec<i64> = (0..200).map(|i| i / 2 * 20_000).collect();
        assert_eq!(steps(&twice, |t| t as f32), once);
    }
}
