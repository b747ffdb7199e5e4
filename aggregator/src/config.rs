//! Every number that the map judges by.

use serde::{Deserialize, Serialize};
use trip::Heading;

/// Every number that the map judges by, with unit and source.
///
/// "Survey of methods" below stands for the figures collected for this project from published
/// systems and from simulation: association, rates and decay of multi-pass fusion after Eriksson
/// et al. (MobiSys 2008), Masino et al. (2018) and Dawid & Skene (1979).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which bumps and passes are at the same place.
    pub gate: Gate,
    /// How the place of a hazard is estimated from its bumps.
    pub place: PlaceRule,
    /// How hits and quiet passes become belief.
    pub belief: BeliefRule,
    /// How a track is read.
    pub track: TrackRule,
}

/// Which bumps and passes are at the same place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gate {
    /// The gate is this many standard deviations of both places together. No unit; 3 (98.9 % of
    /// a two-dimensional normal error).
    pub sigmas: f64,
    /// Never narrower, metres; 8. Source: survey of methods, Mahalanobis gate of 3 σ from 8 to 20 m.
    pub min_m: f64,
    /// Never wider, metres, at most 35 (neighbours are looked up within 40 m); 20. Source: as
    /// `min_m`; cells of 20 m in SmartRoadSense.
    pub max_m: f64,
    /// Headings further apart are another direction, degrees; 45. Source: survey of methods.
    pub heading_deg: f64,
    /// A trip that comes back to a place after this long passes it again, seconds; 30 (nobody
    /// drives around a block faster).
    pub same_pass_s: f64,
    /// Bumps of one pass closer than this are one object felt twice, metres; 7.5: a hump of 3.7 m
    /// under a wheelbase of 2.9 m is felt over 6.6 m, and the detector is good for one more.
    pub same_object_m: f64,
}

/// How the place of a hazard is estimated from its bumps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaceRule {
    /// A bump's own σ counts as at least this, metres; 2. Source: simulated error of one pass with
    /// interpolation and latency removed is 4.6 m in the median; nobody is better than half of it.
    pub sigma_min_m: f64,
    /// … and as at most this, metres; 100, also for a σ that is no number.
    pub sigma_max_m: f64,
    /// A hazard's σ is at least this, metres; 1: what receivers and latencies have in common does
    /// not average out.
    pub fused_sigma_min_m: f64,
    /// The most precise bumps, one per driver and day, from which the place is estimated; 64, so
    /// that the cost per hazard is bounded.
    pub members: usize,
    /// Beyond this many σ a bump's weight falls. No unit; 1.345. Source: Huber (1981), 95 %
    /// efficiency on normal errors.
    pub huber_sigmas: f64,
    /// How often the weights are computed again; 5, where the estimate has long settled.
    pub huber_rounds: u32,
}

/// How hits and quiet passes become belief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BeliefRule {
    /// Hazards per metre of road before anything is known; 0.001. Source: survey of methods, one
    /// per km, log-odds −3.9 for a gate of 20 m.
    pub hazards_per_m: f64,
    /// The probability that an able pass over a hazard is felt; 0.6. Source: survey of methods,
    /// per-pass recall of a phone detector.
    pub detection: f64,
    /// False alarms per metre driven; 0.0007. Source: survey of methods, 0.5 to 1 per km; 0.7 is
    /// what a detector must keep to, and with it three hits in five passes confirm.
    pub false_alarms_per_m: f64,
    /// In this many days without evidence the belief goes half the way back to the prior; 45.
    /// Source: survey of methods.
    pub half_life_days: f64,
    /// Belief never rises above these log-odds, so that it can come down; 7 (99.9 %): fifteen
    /// quiet passes then reach the lower end.
    pub ceiling: f64,
    /// Belief never falls below these log-odds: the place is dismissed; −6. Source: survey of methods.
    pub floor: f64,
    /// A hazard is confirmed from these log-odds on; ln 99 (99 %). Source: survey of methods.
    pub confirm: f64,
    /// … when at least this many drivers felt it; 3. Source: Street Bump (3 hits), SmartRoadSense
    /// (quality 3), SharedStreets (3).
    pub confirm_drivers: u32,
    /// A confirmed hazard below these log-odds is fading; ln 9 (90 %), well below `confirm` so that
    /// one quiet pass does not make it flicker.
    pub fade: f64,
    /// A confirmed hazard is gone after so many quiet able passes in a row, each driver counted
    /// once a day; 9. With a detection of 0.6 a standing one gives such a row in 60 passes with a
    /// probability of at most 0.6 · 0.4⁹ · 52 = 0.8 %.
    pub gone_passes: u32,
    /// … or comes back after being gone, when at least so many drivers say so; 2. Source: survey
    /// of methods.
    pub change_drivers: u32,
    /// What nobody passed for so many days is expired, not gone; 180, four half-lives.
    pub expire_days: i32,
}

/// How a track is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrackRule {
    /// Points of a track nearer than this are one leg, metres; 5: over less, position noise
    /// decides the direction.
    pub leg_min_m: f64,
    /// Between points further apart nobody knows the road, metres; 100: a fix every 3 s at
    /// 120 km/h, as the slowest phones give.
    pub leg_max_m: f64,
    /// How finely a leg is laid into cells, metres; 10, under half the inner radius (25 m) of an
    /// H3 cell of resolution 11.
    pub step_m: f64,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            sigmas: 3.0,
            min_m: 8.0,
            max_m: 20.0,
            heading_deg: 45.0,
            same_pass_s: 30.0,
            same_object_m: 7.5,
        }
    }
}

impl Default for PlaceRule {
    fn default() -> Self {
        Self {
            sigma_min_m: 2.0,
            sigma_max_m: 100.0,
            fused_sigma_min_m: 1.0,
            members: 64,
            huber_sigmas: 1.345,
            huber_rounds: 5,
        }
    }
}

impl Default for BeliefRule {
    fn default() -> Self {
        Self {
            hazards_per_m: 0.001,
            detection: 0.6,
            false_alarms_per_m: 0.0007,
            half_life_days: 45.0,
            ceiling: 7.0,
            floor: -6.0,
            confirm: 99_f64.ln(),
            confirm_drivers: 3,
            fade: 9_f64.ln(),
            gone_passes: 9,
            change_drivers: 2,
            expire_days: 180,
        }
    }
}

impl Default for TrackRule {
    fn default() -> Self {
        Self {
            leg_min_m: 5.0,
            leg_max_m: 100.0,
            step_m: 10.0,
        }
    }
}

impl PlaceRule {
    /// A bump's own σ within the bounds, metres; the widest for one that is no number.
    pub(crate) fn bounded(&self, sigma_m: f32) -> f64 {
        let sigma_m = f64::from(sigma_m);
        if sigma_m.is_nan() {
            return self.sigma_max_m;
        }
        sigma_m.clamp(self.sigma_min_m, self.sigma_max_m)
    }
}

impl Gate {
    /// How far apart two places with these uncertainties may be and still be one, metres.
    pub(crate) fn width_m(&self, sigma_m: f64, other_sigma_m: f64) -> f64 {
        let width_m = self.sigmas * sigma_m.hypot(other_sigma_m);
        width_m.min(self.max_m).max(self.min_m)
    }

    /// Whether two headings are one direction; an unknown one may be any.
    pub(crate) fn same_direction(&self, a: Option<Heading>, b: Option<Heading>) -> bool {
        match (a, b) {
            (Some(a), Some(b)) => a.turn_deg(b) <= self.heading_deg,
            _ => true,
        }
    }

    /// `same_pass_s` in microseconds.
    pub(crate) fn same_pass_us(&self) -> i64 {
        (self.same_pass_s * 1e6) as i64
    }
}

impl BeliefRule {
    /// Log-odds of a hazard within a gate of road before anything is known.
    pub(crate) fn prior(&self, gate_m: f64) -> f64 {
        let p = likelihood(self.hazards_per_m * gate_m);
        (p / (1.0 - p)).ln()
    }

    /// What a hit adds to the log-odds, ln(detection / false alarm).
    pub(crate) fn hit(&self, gate_m: f64) -> f64 {
        (likelihood(self.detection) / likelihood(self.false_alarms_per_m * gate_m)).ln()
    }

    /// What a quiet pass adds to the log-odds: ln of the odds of silence with and without a
    /// hazard; negative.
    pub(crate) fn miss(&self, gate_m: f64) -> f64 {
        let silent = |p: f64| 1.0 - likelihood(p);
        (silent(self.detection) / silent(self.false_alarms_per_m * gate_m)).ln()
    }
}

/// A probability kept off 0 and 1, where no evidence could move anything.
fn likelihood(p: f64) -> f64 {
    p.clamp(1e-6, 1.0 - 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rates_give_the_published_weights() {
        let rule = BeliefRule::default();
        let near = |value: f64, expected: f64| (value - expected).abs() < 0.05;
        assert!(near(rule.prior(20.0), -3.9), "{}", rule.prior(20.0));
        assert!(near(rule.hit(20.0), 3.8), "{}", rule.hit(20.0));
        assert!(near(rule.miss(20.0), -0.9), "{}", rule.miss(20.0));
    }

    #[test]
    fn a_sigma_that_is_no_number_is_the_widest() {
        let rule = PlaceRule::default();
        let bounded = [f32::NAN, f32::INFINITY, -1.0, 4.5].map(|sigma_m| rule.bounded(sigma_m));
        assert_eq!(bounded, [100.0, 100.0, 2.0, 4.5]);
    }

    #[test]
    fn the_gate_follows_the_uncertainty_between_its_bounds() {
        let gate = Gate::default();
        let widths = [(1.0, 1.0), (3.0, 4.0), (50.0, 2.0)].map(|(a, b)| gate.width_m(a, b));
        assert_eq!(widths, [8.0, 15.0, 20.0]);
    }
}
