//! Every number that the map judges by.

use serde::{Deserialize, Serialize};

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
    /// How much one driver's word is worth.
    pub rates: RateRule,
    /// Which phones are one vehicle.
    pub vehicle: VehicleRule,
    /// How a track is read.
    pub track: TrackRule,
    /// When a survey is old.
    pub survey: SurveyRule,
    /// What leaves the house.
    pub release: ReleaseRule,
    /// How long evidence is kept.
    pub retention: RetentionRule,
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
    /// Two spots nearer than this are one hazard, unless passes felt both, metres; 8, as `min_m`.
    pub merge_m: f64,
    /// … which they do when of the bumps of the less felt one this share came with one of the
    /// other in the same pass; no unit; 0.2 (two holes that are each felt in 60 % of all passes come
    /// together in 60 % of the bumps of either, an outlier of one hole in hardly any).
    pub together_share: f64,
    /// A spot up to so far from one that is felt `shadow_times` as often holds the stray fixes of the
    /// other's bumps, unless passes felt both, metres; 15: two gates of the least width, less one.
    pub shadow_m: f64,
    /// … so many times as often; 3.
    pub shadow_times: f64,
    /// … when of its bumps, while the other was felt, fewer than this share, by one, came with one of
    /// the other; no unit; 0.2: something of its own would have had what the other is felt in, a half
    /// and more, and of stray fixes none, but for the false alarms among them.
    pub shadow_share: f64,
    /// … and it has so many bumps; 5: of something of its own all would have come alone with 3 %.
    pub shadow_bumps: usize,
    /// Two groups of bumps along the road, further apart than this, are two hazards, metres; 10:
    /// under the 12 m of the survey, because the middles of the groups draw together.
    pub split_m: f64,
    /// … when each has at least so many bumps; 3. Source: survey of methods.
    pub split_bumps: usize,
    /// What is felt from both directions is one object when its places lie no further apart across
    /// the road, metres; 1.75: half a lane of 3.5 m.
    pub site_aside_m: f64,
    /// … and what reaches across the road (a hump, a rail, a joint), metres; 8: four lanes of 3.5 m,
    /// driven in their outer middles, are 10.5 m less a place error.
    pub site_across_m: f64,
    /// A known feature explains a hazard within this distance, metres; 8, as `min_m`.
    pub feature_m: f64,
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
    /// In this many days without evidence the belief goes half the way back to the prior; 45.
    /// Source: survey of methods.
    pub half_life_days: f64,
    /// Belief never rises above these log-odds, so that it can come down; 7 (99.9 %).
    pub ceiling: f64,
    /// Belief never falls below these log-odds: the place is dismissed, and its quiet passes are
    /// counted no longer until it is felt again; −8. On a busy road every place has its false alarms,
    /// day after day, and from here three in a row are too few. Source: survey of methods has −6,
    /// with which made cities confirm up to twice as much where nothing is, no sooner than with −8.
    pub floor: f64,
    /// A hazard is confirmed from these log-odds on; ln 49 (98 %). The survey of methods has ln 99; on
    /// made cities no more than 1 in 100 of what is confirmed is wrong either way, and one pass less
    /// is needed.
    pub confirm: f64,
    /// … when at least this many drivers felt it; 3. Source: Street Bump (3 hits), SmartRoadSense
    /// (quality 3), SharedStreets (3).
    pub confirm_drivers: usize,
    /// A confirmed hazard below these log-odds is fading; ln 9 (90 %), well below `confirm` so that
    /// one quiet pass does not make it flicker.
    pub fade: f64,
    /// How readily a hazard is felt is learnt from its own passes, beginning with so many passes'
    /// worth of what its drivers feel elsewhere; 4.
    pub own_passes: f64,
    /// … of the last passes, worth as many expected hits to twice as many; 20: after as many it is
    /// known to ±0.1.
    pub memory_hits: u32,
    /// … never below this, …; 0.2: what is felt less often than that is, far more often than a hazard
    /// that most drivers miss, what stray fixes make of one some metres away.
    pub detection_min: f64,
    /// … and never above this; 0.9: what one phone misses, it misses again, so that a few quiet
    /// passes in a row say less than they would if each stood for itself.
    pub detection_max: f64,
    /// The probability that an able pass feels what nobody has felt yet and a person reported; 0.2:
    /// people report the deep holes that drivers go around.
    pub unfelt_detection: f64,
    /// A confirmed hazard is gone when the log-likelihood of *gone* over *standing* has risen by
    /// this much above its lowest point; 11. A standing one is called gone within 60 passes with a
    /// probability far under 60 · e⁻¹¹ if every pass stood for itself; those of one phone do
    /// not: on made cities it is some 1 %. Source: cumulative sum test, Page (1954).
    pub gone: f64,
    /// After somebody claimed a repair, this much suffices, counted from the claim; 4 (1.8 %).
    /// Source: sequential probability ratio test, Wald (1945).
    pub gone_claimed: f64,
    /// … and the claim is refuted when *standing* leads by this much; 5.
    pub claim_refuted: f64,
    /// A hazard is gone, or comes back after being gone, when at least so many drivers say so; 2.
    /// Source: survey of methods.
    pub change_drivers: usize,
    /// What nobody passed for so many days is expired, not gone; 180, four half-lives.
    pub expire_days: i32,
    /// What a citizen's report adds to the log-odds, once a day; ln 9: nine of ten are right.
    pub citizen_report: f64,
    /// How far a citizen's report lies off, standard deviation per axis, metres; 8: a finger on a
    /// map, or a phone in the hand.
    pub citizen_sigma_m: f64,
}

/// How much one driver's word is worth: how often they feel what is there and what is not, learnt
/// week by week from what others say of the same places.
///
/// Source: confusion of observers after Dawid & Skene (1979), one step, with priors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateRule {
    /// The probability that an able pass over a hazard is felt, before anything is learnt; 0.6.
    /// Source: survey of methods, per-pass recall of a phone detector, Beta(6, 4).
    pub detection: f64,
    /// … as much as so many passes weigh; 10. Source: as `detection`.
    pub detection_passes: f64,
    /// False alarms per metre driven, before anything is learnt; 0.0007. Source: survey of
    /// methods, 0.5 to 1 per km; 0.7 is what a detector must keep to.
    pub false_alarms_per_m: f64,
    /// … as much as so many metres weigh; 20 000: fourteen false alarms.
    pub false_alarm_metres: f64,
    /// A place teaches when so many others felt it; 3, as many as confirm it.
    pub teachers: usize,
    /// A bump was a false alarm when the evidence is against its place, so many quiet passes at
    /// least; 6: with a detection of 0.6 a hazard would have been missed by all with 0.4 %.
    pub silent_passes: u32,
}

/// Which phones are one vehicle: their word counts once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VehicleRule {
    /// Two phones that pass one place within this time are in one vehicle, seconds; 0.8: under the
    /// shortest headway that drivers keep (1 s).
    pub headway_s: f64,
    /// … and those that pass several places on a day within this time, seconds; 5.
    pub convoy_s: f64,
    /// … so many places; 3.
    pub convoy_places: usize,
    /// … always with the same distance in time, to within this, seconds; 0.7: cars in a row draw
    /// apart and together, phones in one car do not.
    pub convoy_spread_s: f64,
}

/// When a survey is old.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SurveyRule {
    /// Road that was last surveyed before so many days was surveyed long ago, days; 90: two
    /// half-lives of belief.
    pub fresh_days: i32,
}

/// What may be told to everybody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReleaseRule {
    /// Nothing is told to the public that fewer distinct drivers say; 3, and never fewer. Source:
    /// SharedStreets (3), Street Bump (3 hits), SmartRoadSense (quality 3).
    pub k: u32,
    /// Where the ranges begin that counts are told in; 3, 6, 11, 26: 3-5, 6-10, 11-25, 26+.
    pub ranges_from: [u32; 4],
    /// Decimals of degrees that public places are rounded to; 5, about a metre.
    pub place_decimals: i32,
}

/// How long the evidence of trips is kept before it is sealed into sums.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionRule {
    /// A season is sealed when its last day is so many days old, days; 30: as long as raw readings are
    /// kept, so that whatever can still be judged anew or withdrawn has its evidence in the map.
    /// With seasons of a quarter evidence is 30 to 128 days old when it is sealed, 79 on average;
    /// event rows of 90 days are what the survey of practice proposes.
    pub pass_days: i32,
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
            merge_m: 8.0,
            together_share: 0.2,
            shadow_m: 15.0,
            shadow_times: 3.0,
            shadow_share: 0.2,
            shadow_bumps: 5,
            split_m: 10.0,
            split_bumps: 3,
            site_aside_m: 1.75,
            site_across_m: 8.0,
            feature_m: 8.0,
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
            half_life_days: 45.0,
            ceiling: 7.0,
            floor: -8.0,
            confirm: 49_f64.ln(),
            confirm_drivers: 3,
            fade: 9_f64.ln(),
            own_passes: 4.0,
            memory_hits: 20,
            detection_min: 0.2,
            detection_max: 0.9,
            unfelt_detection: 0.2,
            gone: 11.0,
            gone_claimed: 4.0,
            claim_refuted: 5.0,
            change_drivers: 2,
            expire_days: 180,
            citizen_report: 9_f64.ln(),
            citizen_sigma_m: 8.0,
        }
    }
}

impl Default for RateRule {
    fn default() -> Self {
        Self {
            detection: 0.6,
            detection_passes: 10.0,
            false_alarms_per_m: 0.0007,
            false_alarm_metres: 20_000.0,
            teachers: 3,
            silent_passes: 6,
        }
    }
}

impl Default for VehicleRule {
    fn default() -> Self {
        Self {
            headway_s: 0.8,
            convoy_s: 5.0,
            convoy_places: 3,
            convoy_spread_s: 0.7,
        }
    }
}

impl Default for SurveyRule {
    fn default() -> Self {
        Self { fresh_days: 90 }
    }
}

impl Default for ReleaseRule {
    fn default() -> Self {
        Self {
            k: Self::LEAST_K,
            ranges_from: [3, 6, 11, 26],
            place_decimals: 5,
        }
    }
}

impl ReleaseRule {
    /// No setting goes below this many drivers.
    pub const LEAST_K: u32 = 3;

    /// How many distinct drivers must say what the public is told.
    pub fn k(&self) -> u32 {
        self.k.max(Self::LEAST_K)
    }
}

impl Default for RetentionRule {
    fn default() -> Self {
        Self { pass_days: 30 }
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
        let width_m = self.sigmas * (sigma_m * sigma_m + other_sigma_m * other_sigma_m).sqrt();
        width_m.min(self.max_m).max(self.min_m)
    }

    /// `same_pass_s` in microseconds.
    pub(crate) fn same_pass_us(&self) -> i64 {
        (self.same_pass_s * 1e6) as i64
    }
}

/// A probability kept off 0 and 1, where no evidence could move anything.
pub(crate) fn likelihood(p: f64) -> f64 {
    p.clamp(1e-6, 1.0 - 1e-6)
}

#[cfg(test)]
mod tests {
    use super::*;

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
