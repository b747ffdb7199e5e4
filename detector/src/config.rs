//! Every number the detector judges by, with unit, range and source.
//!
//! *Measured* means: chosen on the marked drives of the Noida set (Jain et al. 2012, 8.3 h, 272
//! marks) and the Pittsburgh set (52 marks, 5 Hz), with one configuration for every phone.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use trip::Generation;

/// The detector's configuration; [`Config::default`] is the shipped one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// From uneven sensor times to an even rate.
    pub resample: ResampleConfig,
    /// Which way is down, and whether somebody moved the phone.
    pub gravity: GravityConfig,
    /// The slices of signal that are transformed.
    pub window: WindowConfig,
    /// The body-bounce channel.
    pub body: BodyConfig,
    /// The impact channel.
    pub impact: ImpactConfig,
    /// From scores to jolts.
    pub trigger: TriggerConfig,
    /// What the road cannot have done.
    pub reject: RejectConfig,
    /// What kind of jolt, and how hard.
    pub classify: ClassifyConfig,
    /// From fixes to a place.
    pub locate: LocateConfig,
    /// Road driven and judged.
    pub stretch: StretchConfig,
}

/// Declares one part of the configuration: each field with its default beside its unit and source.
macro_rules! config {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty = $value:expr),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type),+ }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $value),+ }
            }
        }
    };
}

config! {
    /// From uneven sensor times to an even rate.
    ResampleConfig {
        /// Even rate, Hz. Body bounce and wheel hop lie below 20 Hz; 15 Hz of source are enough for
        /// speed bumps. Measured.
        rate_hz: f64 = 50.0,
        /// Even rate for fast sensors, Hz.
        fast_rate_hz: f64 = 100.0,
        /// Sensors at least this fast, Hz, use the fast rate.
        fast_from_hz: f64 = 75.0,
        /// Slower sensors than this, Hz, are not judged: the body's bounce at 1–1.6 Hz needs more
        /// than two readings a period.
        min_source_hz: f64 = 4.0,
        /// A pause longer than this, s, splits the signal; see `gap_periods`.
        gap_s: f64 = 0.5,
        /// … and longer than this many sampling periods.
        gap_periods: f64 = 3.0,
        /// … though no pause of a slow sensor may be longer than this, s.
        max_gap_s: f64 = 5.0,
        /// The sensor's rate is the median over this many readings at the start of a segment.
        rate_readings: usize = 64,
        /// A sensor this many times faster than the even rate is averaged over one even period
        /// before it is read, against aliasing.
        average_from_ratio: f64 = 1.5,
        /// Bands end at this share of the sensor's rate: a little below Nyquist's 0.5.
        band_limit: f64 = 0.48,
    }
}

config! {
    /// Which way is down, and whether somebody moved the phone.
    GravityConfig {
        /// Time constant of the mean vector that is called gravity, s. Long against a bump, short
        /// against a change of grade. Source: 3–5 s in common use.
        tau_s: f64 = 4.0,
        /// Gravity starts as the mean of this long, s.
        settle_s: f64 = 2.0,
        /// The mean vector is gravity when its length lies between these, m/s². Phones are up to 6 %
        /// off in the Noida set; what is further off is dead, in g, or gravity was taken out.
        gravity_mps2: [f64; 2] = [7.8, 11.8],
        /// Time constant of the quick mean that is compared with the slow one, s.
        quick_tau_s: f64 = 2.0,
        /// Time constant of the slow mean, s.
        slow_tau_s: f64 = 20.0,
        /// More than this angle between the two, degrees: the phone was moved. Hard braking
        /// (3 m/s² for 3 s) tilts the quick mean by 13 degrees.
        moved_deg: f64 = 15.0,
        /// Rotation about a horizontal axis faster than this, rad/s: a hand. A car over a speed
        /// hump pitches at about 0.3 rad/s.
        hand_radps: f64 = 0.6,
        /// … for at least this long, s.
        hand_s: f64 = 0.3,
        /// Time masked before and after a hand, s.
        mask_s: f64 = 2.0,
    }
}

config! {
    /// The slices of signal that are transformed.
    WindowConfig {
        /// Length of a window, s; rounded to samples. 2.56 s separate 0.4 from 1.2 Hz and give the
        /// body channel the same precision as a Butterworth bank (AP 0.480 against 0.480, ±1 s).
        length_s: f64 = 2.56,
        /// From one window to the next, s.
        hop_s: f64 = 0.2,
        /// The width of a jolt is looked for this far to either side of its peak, s.
        width_reach_s: f64 = 0.5,
    }
}

config! {
    /// The body-bounce channel: log energy against the seconds around it and a long baseline.
    BodyConfig {
        /// Heave and pitch of the vehicle's body, from and to, Hz. Measured: no other bands carry as much.
        bands_hz: [[f32; 2]; 2] = [[0.4, 1.2], [1.2, 2.5]],
        /// Added to an RMS before the logarithm, m/s²: the noise of a phone at rest.
        floor_mps2: f64 = 0.02,
        /// The contrast compares with what lies further than this from the moment, s …
        near_s: f64 = 1.0,
        /// … and nearer than this, s. The look-ahead is worth 0.05 of average precision. Measured.
        far_s: f64 = 4.0,
        /// Memory of the long baseline, s. 60 s gave AP 0.420, 180 s 0.440, 600 s 0.480. Measured.
        baseline_s: f64 = 600.0,
        /// Log energy expected of each band before the vehicle is known, ln(m/s²): the median over
        /// the marked drives. Measured.
        prior_ln: [f64; 2] = [-2.2, -1.6],
        /// Weight of that expectation, in seconds of driving.
        prior_s: f64 = 10.0,
    }
}

config! {
    /// The impact channel: the height of a blow against the blows this ride usually gives.
    ImpactConfig {
        /// High-pass corner, Hz: above the body's bounce.
        from_hz: f64 = 3.0,
        /// Sensors slower than this, Hz, cannot show a blow.
        min_source_hz: f64 = 12.0,
        /// Blows below this, m/s² (0.25 g), are none, however smooth the road.
        floor_mps2: f64 = 2.5,
        /// A blow is compared with this quantile of the highest blows of blocks …
        quantile: f64 = 0.95,
        /// … of this length, s …
        block_s: f64 = 2.0,
        /// … over this long, s.
        baseline_s: f64 = 600.0,
        /// Quantile expected before the vehicle is known, ln(m/s²).
        prior_ln: f64 = 1.1,
        /// Weight of that expectation, in seconds of driving.
        prior_s: f64 = 60.0,
        /// A blow this much above the quantile, in ln, scores exactly the trigger's threshold.
        margin_ln: f64 = 0.8,
        /// … and so does one this much above the hardest blow of the seconds around it, in ln.
        lead_ln: f64 = 0.8,
        /// Score per ln above the nearer of the two.
        gain: f64 = 1.6,
    }
}

config! {
    /// From scores to jolts.
    TriggerConfig {
        /// A jolt scores at least this much. Measured: F1 0.54 on the Noida set, within 0.01 of the best
        /// (0.55 at 1.65), with less than half of its alarms on drives without marks (9 an hour).
        threshold: f64 = 1.8,
        /// Candidates are listed down to this score: low enough for a whole precision/recall curve.
        candidate_floor: f64 = 0.3,
        /// Of two peaks nearer than this, s, the higher one counts. 0.6 to 3 s make no difference on
        /// speed bumps; marks of potholes come 1 s apart. Measured.
        merge_s: f64 = 0.6,
        /// A jolt lasts while its score is above this share of its peak …
        extent_share: f64 = 0.5,
        /// … but no longer than this to either side, s.
        extent_s: f64 = 2.0,
        /// Slope of the logistic curve from score to the probability that a person marked it: the
        /// maximum-likelihood fit over the 4824 candidates of the Noida set, of which people marked
        /// 230. Scores from 1.65 to 2.2 were marked in 47 % of 204 cases, higher ones in 75 % of 76.
        probability_slope: f64 = 4.04,
        /// The score of an even chance, from the same fit.
        probability_mid: f64 = 1.96,
    }
}

config! {
    /// What the road cannot have done.
    RejectConfig {
        /// Below this speed, m/s (5 km/h), what shakes a phone is a door, a boot or a passenger.
        min_speed_mps: f64 = 1.5,
        /// Horizontal over vertical motion between 0.4 and 3 Hz beyond this is a manoeuvre.
        manoeuvre_ratio: f64 = 3.0,
        /// A sensor that moves less than this, m/s² RMS, is frozen: the engine alone gives 0.02.
        frozen_below_mps2: f64 = 0.003,
        /// Fewer seconds than this of neighbourhood, both sides together, give no verdict.
        min_context_s: f64 = 2.0,
        /// Time at either end of a segment that is not judged, s.
        edge_s: f64 = 1.0,
    }
}

config! {
    /// What kind of jolt, and how hard.
    ClassifyConfig {
        /// Severity is brought to this speed, m/s (40 km/h).
        reference_speed_mps: f64 = 40.0 / 3.6,
        /// … by the power of the speed ratio. Source: 0.7 to start with for impacts.
        severity_exponent: f64 = 0.7,
        /// Speeds are taken within these bounds for that, m/s: beyond them the power law is a guess.
        severity_speed_mps: [f64; 2] = [4.0, 25.0],
        /// Readings within this share of the sensor's range are clipped.
        clip_share: f64 = 0.98,
        /// A clipped reading this long before or after a jolt belongs to it, s.
        clip_reach_s: f64 = 0.5,
        /// Weight per unit of (body − impact) score towards a speed bump and away from a pothole.
        body_lead_weight: f64 = 0.6,
        /// The lead counts up to this, and no further.
        body_lead_limit: f64 = 3.0,
        /// Weight per m/s that the vehicle slowed down before, towards a speed bump.
        slowed_weight: f64 = 0.35,
        /// The slowing counts up to this, m/s.
        slowed_limit_mps: f64 = 5.0,
        /// The slowing is measured over this long before the jolt, s.
        slowed_over_s: f64 = 4.0,
        /// Log odds of each kind before anything is known, in the order of `trip::Kind::ALL`.
        prior_ln: [f64; 7] = [0.0, 0.3, -1.0, -2.0, -1.0, -1.0, -1.0],
    }
}

config! {
    /// From fixes to a place.
    LocateConfig {
        /// A receiver reports where it was this long ago, s. Source: 0.1–0.9 s typical.
        latency_s: f64 = 0.5,
        /// Standard deviation of that over devices, s.
        latency_sigma_s: f64 = 0.23,
        /// Below this speed, m/s, the line between two fixes is no heading.
        heading_from_mps: f64 = 1.0,
        /// Distance between the axles, m: the middle of a body's bounce lies half of it after the
        /// first axle's blow.
        wheelbase_m: f64 = 2.6,
        /// Standard deviation per axis of a fix without accuracy, m.
        sigma_m: f64 = 5.0,
        /// Standard deviation per axis for each metre of reported accuracy (a 68 % radius).
        sigma_per_accuracy: f64 = 0.66,
        /// Fixes with a worse accuracy than this, m, are not used.
        max_accuracy_m: f64 = 60.0,
        /// Two fixes further apart in time than this, s, say nothing about what lies between.
        max_fix_gap_s: f64 = 15.0,
        /// No place further than this beyond the last fix, s.
        max_beyond_s: f64 = 2.0,
        /// A fix that needs more than this to be true, m/s, is a glitch …
        max_speed_mps: f64 = 70.0,
        /// … unless so many in a row agree that the older ones were.
        glitches_in_a_row: usize = 3,
    }
}

config! {
    /// Road driven and judged.
    StretchConfig {
        /// A stretch ends after this length, m.
        length_m: f64 = 100.0,
        /// … or this time, s.
        duration_s: f64 = 10.0,
        /// … or when the heading has turned by this, degrees.
        turn_deg: f64 = 45.0,
        /// A point of the track is kept each time so many seconds have gone by.
        point_s: f64 = 1.0,
        /// Slower than this, m/s (14 km/h), a defect may pass unfelt.
        able_speed_mps: f64 = 4.0,
        /// A sensor slower than this, Hz, lets a pothole fall between two readings.
        able_rate_hz: f64 = 10.0,
        /// Lower edge of the roughness band, Hz.
        rough_from_hz: f64 = 0.7,
        /// Upper edge, Hz.
        rough_to_hz: f64 = 20.0,
        /// RMS grows with this power of speed on a road of waviness 2.
        speed_exponent: f64 = 0.5,
        /// ln IRI (m/km) of a road that gives 1 m/s² RMS at the reference speed: the line through
        /// eight made cars on made roads of class A to C at 8–16 m/s, R² 0.95, which the test
        /// `simulate::calibration` holds. On real roads it is no more than an index.
        iri_offset_ln: f64 = 2.63,
        /// ln IRI per ln RMS, from the same line.
        iri_slope: f64 = 0.98,
        /// Shorter than this, s, no roughness is given.
        min_rough_s: f64 = 1.5,
    }
}

impl Config {
    /// The name that reports found with this configuration carry.
    pub fn generation(&self) -> Generation {
        let text = serde_json::to_vec(self).expect("a configuration is plain numbers");
        let hash = Sha256::digest(&text);
        Generation {
            name: "jounce".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            config_hash: hash[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_threshold_is_another_generation() {
        let shipped = Config::default();
        let mut other = shipped.clone();
        other.trigger.threshold += 0.1;
        assert_eq!(shipped.generation(), Config::default().generation());
        assert_ne!(shipped.generation(), other.generation());
    }
}
