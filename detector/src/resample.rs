//! Uneven sensor times to an even rate; gaps stay gaps.

use trip::Sample;

use crate::config::ResampleConfig;

/// One reading on the even time grid of a segment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Even {
    /// µs of the phone's clock.
    pub(crate) t_us: i64,
    /// m/s², phone's axes.
    pub(crate) accel_mps2: [f32; 3],
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
    /// Readings that wait until the sensor's rate is known.
    opening: Vec<Sample>,
    open: Option<Open>,
    newest_us: i64,
}

/// The segment that is being read.
#[derive(Clone, Debug)]
struct Open {
    segment: Segment,
    step_us: f64,
    gap_us: i64,
    last: Sample,
    /// How many even readings have been given.
    given: i64,
    /// A sensor faster than the even rate is averaged over each even period.
    bin: Option<Bin>,
    pace: Pace,
}

/// The readings of one even period, summed.
#[derive(Clone, Copy, Debug)]
struct Bin {
    number: i64,
    /// Readings from here on belong to a later period, µs since the segment began.
    end_us: f64,
    sum: [f32; 3],
    count: f32,
}

/// Whether the sensor keeps its rate.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Steps longer than this, µs, are those of a sensor at less than half the rate …
    long_us: i64,
    /// … and shorter ones than this of one at more than twice the rate.
    short_us: i64,
    steps: usize,
    long: usize,
    short: usize,
    window: usize,
}

impl Resampler {
    pub(crate) fn new(config: ResampleConfig) -> Self {
        Self {
            config,
            opening: Vec::new(),
            open: None,
            newest_us: i64::MIN,
        }
    }

    /// Takes the next readings. Those that do not move time forward are ignored.
    pub(crate) fn push(&mut self, samples: &[Sample], out: &mut Vec<Step>) {
        for &sample in samples {
            if sample.t_us > self.newest_us {
                self.newest_us = sample.t_us;
                self.read(sample, out);
            }
        }
    }

    fn read(&mut self, sample: Sample, out: &mut Vec<Step>) {
        let Some(open) = &mut self.open else {
            self.opening.push(sample);
            if self.opening.len() >= self.config.rate_readings.max(2) {
                self.begin(out);
            }
            return;
        };
        if open.ends_before(sample.t_us) {
            open.end(out);
            self.open = None;
            self.opening.push(sample);
        } else {
            open.read(sample, out);
        }
    }

    /// Ends the open segment.
    pub(crate) fn finish(&mut self, out: &mut Vec<Step>) {
        while !self.opening.is_empty() {
            self.begin(out);
        }
        if let Some(open) = &mut self.open {
            open.end(out);
        }
        self.open = None;
    }

    /// Opens a segment with the readings that wait; what lies behind a gap in them waits on.
    fn begin(&mut self, out: &mut Vec<Step>) {
        let waiting = std::mem::take(&mut self.opening);
        let mut open = Open::new(&self.config, waiting[0], source_hz(&waiting));
        out.push(Step::Begin(open.segment));
        for (i, &sample) in waiting.iter().enumerate().skip(1) {
            if open.ends_before(sample.t_us) {
                open.end(out);
                self.opening.extend_from_slice(&waiting[i..]);
                return;
            }
            open.read(sample, out);
        }
        self.open = Some(open);
    }
}

/// The sensor's rate: one over the median time between readings.
fn source_hz(readings: &[Sample]) -> f64 {
    let steps = readings.iter().zip(readings.iter().skip(1));
    let mut steps_us: Vec<i64> = steps.map(|(a, b)| b.t_us - a.t_us).collect();
    steps_us.sort_unstable();
    let median = steps_us.get(steps_us.len() / 2);
    median.map_or(f64::MIN_POSITIVE, |&us| 1e6 / us as f64)
}

impl Open {
    fn new(config: &ResampleConfig, first: Sample, source_hz: f64) -> Self {
        let periods_s = (config.gap_periods / source_hz).min(config.max_gap_s);
        let averaged = source_hz >= config.average_from_ratio * config.rate_hz;
        let mut open = Self {
            segment: Segment {
                begin_us: first.t_us,
                source_hz,
                rate_hz: config.rate_hz,
                too_slow: source_hz < config.min_source_hz,
            },
            step_us: 1e6 / config.rate_hz,
            gap_us: (config.gap_s.max(periods_s) * 1e6) as i64,
            last: first,
            given: 0,
            bin: None,
            pace: Pace::new(source_hz, 2 * config.rate_readings.max(2)),
        };
        open.bin = averaged.then(|| {
            let mut bin = open.empty_bin(0);
            bin.add(first);
            bin
        });
        open
    }

    /// Whether the segment is over before a reading at `t_us`: the signal paused, or the sensor
    /// changed its rate.
    fn ends_before(&mut self, t_us: i64) -> bool {
        let step_us = t_us - self.last.t_us;
        step_us > self.gap_us || self.pace.changed(step_us)
    }

    /// Takes the next reading and gives the even ones that it settles.
    fn read(&mut self, sample: Sample, out: &mut Vec<Step>) {
        if !self.segment.too_slow {
            match &mut self.bin {
                None => self.interpolate_to(sample, sample.t_us as f64, out),
                Some(bin) if ((sample.t_us - self.segment.begin_us) as f64) < bin.end_us => {
                    bin.add(sample);
                }
                &mut Some(full) => self.bin = Some(self.begin_bin(full, sample, out)),
            }
        }
        self.last = sample;
    }

    /// Gives the even readings up to `until_us`, on the line from the last reading to `sample`.
    fn interpolate_to(&mut self, sample: Sample, until_us: f64, out: &mut Vec<Step>) {
        let span_us = (sample.t_us - self.last.t_us) as f64;
        loop {
            let t_us = self.next_us();
            if t_us > until_us {
                return;
            }
            let share = ((t_us - self.last.t_us as f64) / span_us) as f32;
            let (a, b) = (self.last.accel_mps2, sample.accel_mps2);
            self.give(std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share), out);
        }
    }

    /// Gives a full period and those before the one that `sample` is nearest to, which it begins;
    /// periods without a reading are interpolated.
    fn begin_bin(&mut self, full: Bin, sample: Sample, out: &mut Vec<Step>) -> Bin {
        self.give(full.mean(), out);
        let since_us = (sample.t_us - self.segment.begin_us) as f64;
        let number = ((since_us / self.step_us + 0.5) as i64).max(full.number + 1);
        if number > full.number + 1 {
            let before_us = self.segment.begin_us as f64 + (number as f64 - 0.5) * self.step_us;
            self.interpolate_to(sample, before_us, out);
        }
        let mut bin = self.empty_bin(number);
        bin.add(sample);
        bin
    }

    fn empty_bin(&self, number: i64) -> Bin {
        Bin {
            number,
            end_us: (number as f64 + 0.5) * self.step_us,
            sum: [0.0; 3],
            count: 0.0,
        }
    }

    fn give(&mut self, accel_mps2: [f32; 3], out: &mut Vec<Step>) {
        // A cast cuts off what follows the point; half a microsecond more makes it round.
        let since_us = (self.given as f64 * self.step_us + 0.5) as i64;
        out.push(Step::Reading(Even {
            t_us: self.segment.begin_us + since_us,
            accel_mps2,
        }));
        self.given += 1;
    }

    fn end(&mut self, out: &mut Vec<Step>) {
        if let Some(bin) = self.bin.take().filter(|_| !self.segment.too_slow) {
            self.give(bin.mean(), out);
        }
        out.push(Step::End(self.last.t_us));
    }

    /// The time of the next even reading, µs.
    fn next_us(&self) -> f64 {
        self.segment.begin_us as f64 + self.given as f64 * self.step_us
    }
}

impl Bin {
    fn add(&mut self, sample: Sample) {
        for (sum, value) in self.sum.iter_mut().zip(sample.accel_mps2) {
            *sum += value;
        }
        self.count += 1.0;
    }

    fn mean(&self) -> [f32; 3] {
        let share = 1.0 / self.count;
        self.sum.map(|sum| sum * share)
    }
}

impl Pace {
    fn new(source_hz: f64, window: usize) -> Self {
        let period_us = 1e6 / source_hz;
        Self {
            long_us: (2.0 * period_us) as i64,
            short_us: (0.5 * period_us) as i64,
            steps: 0,
            long: 0,
            short: 0,
            window,
        }
    }

    /// Notes one step; true when most of the last `window` were too long, or too short.
    fn changed(&mut self, step_us: i64) -> bool {
        self.steps += 1;
        if step_us > self.long_us {
            self.long += 1;
        } else if step_us < self.short_us {
            self.short += 1;
        }
        if self.steps < self.window {
            return false;
        }
        let changed = 2 * self.long.max(self.short) > self.window;
        (self.steps, self.long, self.short) = (0, 0, 0);
        changed
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
            resampler.push(&[Sample { t_us, accel_mps2 }], &mut out);
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
                (e.accel_mps2[0] - e.t_us as f32 / 1e6).abs() < 1e-3,
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
        assert_eq!(inner[1].t_us - inner[0].t_us, 20_000);
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
