//! Which bump or candidate is meant, or why there is none.

use detector::Moment;
use trip::{Bump, Channel, SkipReason};

use super::Scene;

/// What there is at a moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding<'a> {
    /// A bump or a candidate; and the moment that gave its score.
    Found(&'a Bump, Option<&'a Moment>),
    /// Most of the time around was not judged.
    Unjudged(SkipReason),
    /// Nothing rose above the candidate floor; the highest moment.
    Below(&'a Moment),
    /// A moment rose above it, but has no event of its own: swell and bounce stand out more beside
    /// it, where nothing came of them.
    NoCrest(&'a Moment),
    /// There is no signal.
    Nothing,
}

/// A bump or candidate this far from what was asked for is what is meant, µs.
pub const MEANT_US: i64 = 1_500_000;

impl<'a> Finding<'a> {
    /// What there is around the moment that was asked for.
    pub fn of(scene: &Scene<'a>) -> Self {
        let at_us = scene.span.at_us;
        let near = |t_us: i64| (t_us - at_us).abs() <= MEANT_US;
        let found = scene.found.iter().copied().filter(|b| near(b.peak_us));
        if let Some(bump) = found.min_by_key(|b| (b.peak_us - at_us).abs()) {
            return Self::Found(bump, scene.moment_of(bump));
        }
        let around: Vec<&Moment> = scene.moments.iter().filter(|m| near(m.t_us)).collect();
        let unseen = (scene.unseen.iter()).find(|s| s.begin_us <= at_us && at_us <= s.end_us);
        if let Some(skipped) = unseen {
            return Self::Unjudged(skipped.reason);
        }
        let nearest = around.iter().min_by_key(|m| (m.t_us - at_us).abs());
        let judged = around.iter().filter(|m| m.score.is_finite());
        let highest = judged.max_by(|a, b| a.score.total_cmp(&b.score));
        let reason = nearest
            .and_then(|m| m.skip)
            .filter(|&r| r != SkipReason::Edge);
        match (highest, nearest, reason) {
            (None, None, _) => Self::Nothing,
            (None, Some(_), Some(reason)) => Self::Unjudged(reason),
            (None, Some(nearest), None) => Self::Below(nearest),
            (Some(highest), ..) if f64::from(highest.score) >= floor(scene) => {
                Self::NoCrest(highest)
            }
            (Some(highest), ..) => Self::Below(highest),
        }
    }

    /// A moment near the one asked for that scores more than what was found, and why it is not what
    /// was found: `None` when there is none.
    pub fn overtaken(&self, scene: &Scene<'a>) -> Option<&'a Moment> {
        let Self::Found(bump, _) = self else {
            return None;
        };
        let at_us = scene.span.at_us;
        let near = scene
            .moments
            .iter()
            .filter(|m| (m.t_us - at_us).abs() <= MEANT_US);
        let higher = near.filter(|m| bump.channel == Channel::Body && m.score > bump.score + 0.3);
        let highest = higher.max_by(|a, b| a.score.total_cmp(&b.score))?;
        let own = |b: &&&Bump| (b.peak_us - highest.t_us).abs() <= 250_000;
        (!scene.found.iter().any(|b| own(&b))).then_some(highest)
    }

    /// Whether what was found is a higher peak beside the moment that was asked for, so near that
    /// nothing else there counts.
    pub fn is_swallowed(&self, scene: &Scene<'a>) -> bool {
        let Self::Found(bump, _) = self else {
            return false;
        };
        let merge_us = (scene.config.trigger.merge_s * 1e6) as i64;
        let away_us = (bump.peak_us - scene.span.at_us).abs();
        300_000 < away_us && away_us <= merge_us
    }
}

/// The score from which on something is a candidate.
pub fn floor(scene: &Scene<'_>) -> f64 {
    let trigger = &scene.config.trigger;
    trigger.candidate_floor.min(trigger.threshold)
}
