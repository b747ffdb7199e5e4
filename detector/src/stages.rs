//! The walk of a trip cut short after a step, so that a bench can show where the time goes.

use realfft::RealFftPlanner;
use trip::{Gravity, Sample};

use crate::config::Config;
use crate::gravity::Levels;
use crate::resample::{Resampler, Step};
use crate::score::Scorer;
use crate::window::Windows;

/// The last step that is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Uneven sensor times to an even rate.
    Resample,
    /// And vertical motion.
    Gravity,
    /// And frames with their spectra.
    Window,
    /// And scores.
    Score,
}

/// Walks all readings up to a step, without fixes, and counts what comes out of it.
pub fn walk(config: &Config, samples: &[Sample], until: Stage) -> usize {
    let mut planner = RealFftPlanner::new();
    let mut resampler = Resampler::new(config.resample.clone());
    let mut scorer = Scorer::new(config.clone());
    let mut open: Option<(Levels, Windows)> = None;
    let (mut steps, mut evens, mut motions) = (vec![], vec![], vec![]);
    let (mut frames, mut scored) = (vec![], vec![]);
    let mut out = 0;
    for chunk in samples.chunks(128) {
        resampler.push(chunk, &mut steps);
        for step in steps.drain(..) {
            match step {
                Step::Begin(segment) => {
                    let gravity = config.gravity.clone();
                    open = Some((
                        Levels::new(gravity, segment.rate_hz, Gravity::Unknown),
                        Windows::new(config, segment, &mut planner),
                    ));
                }
                Step::Reading(even) => evens.push(even),
                Step::End(_) => {}
            }
        }
        if until == Stage::Resample {
            out += evens.drain(..).len();
        }
        if let Some((levels, windows)) = &mut open {
            levels.push(&evens, &mut motions);
            evens.clear();
            if until == Stage::Gravity {
                out += motions.drain(..).len();
            }
            windows.push(&motions, &mut frames);
            motions.clear();
        }
        for frame in frames.drain(..) {
            if until == Stage::Window {
                out += 1;
            } else {
                scorer.push(frame, None, false, &mut scored);
                out += scored.drain(..).len();
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_gives_what_the_next_one_takes() {
        let sample = |i: i64| Sample {
            t_us: i * 10_000,
            accel_mps2: [0.0, 0.0, 9.8 + (i as f32 / 9.0).sin()],
        };
        let samples: Vec<Sample> = (0..6000).map(sample).collect();
        let out = [Stage::Resample, Stage::Gravity, Stage::Window, Stage::Score]
            .map(|stage| walk(&Config::default(), &samples, stage));
        assert!(
            out[0].abs_diff(3000) <= 1 && out[1].abs_diff(3000) <= 1,
            "{out:?}"
        );
        assert!((350..=375).contains(&out[2]) && out[3] < out[2], "{out:?}");
    }
}
