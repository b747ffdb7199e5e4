//! Uneven sensor times to an even rate; a gap begins a new segment.

use trip::Sample;

/// A run of readings without a gap, at an even rate.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Segment {
    /// The time of the first reading, µs.
    pub(super) begin_us: i64,
    /// The sensor's own rate over the whole trip, Hz.
    pub(super) source_hz: f64,
    /// The even rate, Hz.
    pub(super) rate_hz: f64,
    /// m/s², phone's axes.
    pub(super) accel_mps2: Vec<[f64; 3]>,
}

/// The even rate of most phones, Hz.
const RATE_HZ: f64 = 50.0;

/// The even rate of phones that are faster than [`FAST_FROM_HZ`], Hz.
const FAST_RATE_HZ: f64 = 100.0;
const FAST_FROM_HZ: f64 = 75.0;

/// A pause of so many usual steps is a gap, but none shorter and any longer than these, seconds.
const GAP_STEPS: f64 = 3.0;
const SHORTEST_GAP_S: f64 = 0.5;
const LONGEST_GAP_S: f64 = 1.5;

/// Shorter segments hold nothing that could be told from their own edges, seconds.
const SHORTEST_SEGMENT_S: f64 = 1.0;

/// A sensor that is so many times faster than the even rate is averaged before it is read, against
/// aliases.
const AVERAGE_FROM: f64 = 1.5;

/// The segments of a trip in order of time.
pub(super) fn segments(samples: &[Sample]) -> Vec<Segment> {
    let samples = forward(samples);
    let Some(step_s) = usual_step_s(&samples) else {
        return Vec::new();
    };
    let gap_us = (GAP_STEPS * step_s).clamp(SHORTEST_GAP_S, LONGEST_GAP_S) * 1e6;
    let runs = samples.chunk_by(|a, b| b.t_us.saturating_sub(a.t_us) as f64 <= gap_us);
    runs.filter_map(|run| segment(run, 1.0 / step_s)).collect()
}

/// The readings whose time is later than that of all before them.
fn forward(samples: &[Sample]) -> Vec<Sample> {
    let mut newest_us = None;
    let mut forward = samples.to_vec();
    forward.retain(|sample| {
        let later = newest_us.is_none_or(|newest_us| sample.t_us > newest_us);
        if later {
            newest_us = Some(sample.t_us);
        }
        later
    });
    forward
}

/// The median step between two readings, seconds.
fn usual_step_s(samples: &[Sample]) -> Option<f64> {
    let step = |pair: &[Sample]| pair[1].t_us.saturating_sub(pair[0].t_us);
    let mut steps_us: Vec<i64> = samples.windows(2).map(step).collect();
    if steps_us.is_empty() {
        return None;
    }
    let middle = steps_us.len() / 2;
    Some(*steps_us.select_nth_unstable(middle).1 as f64 / 1e6)
}

fn segment(run: &[Sample], source_hz: f64) -> Option<Segment> {
    let (first, last) = (run.first()?, run.last()?);
    let length_s = (last.t_us - first.t_us) as f64 / 1e6;
    if length_s < SHORTEST_SEGMENT_S {
        return None;
    }
    let fast = source_hz >= FAST_FROM_HZ;
    let rate_hz = if fast { FAST_RATE_HZ } else { RATE_HZ };
    let averaged = averaged(run, source_hz / rate_hz);
    let since_us = |index: usize| (run[index].t_us - first.t_us) as f64;
    let mut after = 1;
    let at = |index: usize| {
        let t_us = index as f64 * 1e6 / rate_hz;
        while after + 1 < run.len() && since_us(after) < t_us {
            after += 1;
        }
        let (a, b) = (after - 1, after);
        let share = (t_us - since_us(a)) / (since_us(b) - since_us(a));
        let between = |i: usize| averaged[a][i] + (averaged[b][i] - averaged[a][i]) * share;
        std::array::from_fn(between)
    };
    let count = (length_s * rate_hz) as usize + 1;
    Some(Segment {
        begin_us: first.t_us,
        source_hz,
        rate_hz,
        accel_mps2: (0..count).map(at).collect(),
    })
}

/// The readings of a run; for a sensor `faster` than the even rate by far, each is the mean of as
/// many of its neighbours.
fn averaged(run: &[Sample], faster: f64) -> Vec<[f64; 3]> {
    let raw = run.iter().map(|s| s.accel_mps2.map(f64::from));
    if faster < AVERAGE_FROM {
        return raw.collect();
    }
    let raw: Vec<[f64; 3]> = raw.collect();
    let half = (faster / 2.0) as usize;
    let mean = |i: usize| {
        let near = &raw[i.saturating_sub(half)..raw.len().min(i + half + 1)];
        let sum = |axis: usize| near.iter().map(|a| a[axis]).sum::<f64>();
        std::array::from_fn(|axis| sum(axis) / near.len() as f64)
    };
    (0..raw.len()).map(mean).collect()
}
