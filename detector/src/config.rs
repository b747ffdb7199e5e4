//! Every number the detector judges by, with unit, range and source.
//!
//! *Measured* means: chosen by `jounce evaluate` and `jounce sweep` on the marked drives of the Noida
//! set (Jain et al. 2012, 8.3 h, 272 marks) and the Pittsburgh set (52 marks, 5 Hz), with one
//! configuration for every phone; *made drives* are those of `jounce simulate --preset sharp`, seeds
//! 1 to 8. Scores are log odds, energies and heights natural logarithms.

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
    /// What is usual.
    pub baseline: BaselineConfig,
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

mod channel;

pub use channel::{
    BaselineConfig, BodyConfig, BodyWeights, ImpactConfig, ImpactWeights, RoadLimits, TriggerConfig,
};

config! {
    /// From uneven sensor times to an even rate.
    ResampleConfig {
        /// Even rate, Hz. Body bounce and wheel hop lie below 20 Hz; 15 Hz of source are enough for
        /// speed bumps. Measured.
        rate_hz: f64 = 50.0,
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
        /// Where gravity was taken out at the source, up is the axis of the greatest shaking faster
        /// than a mean of this time constant, s. Braking and bends are slower.
        axis_mean_s: f64 = 0.1,
        /// Time constant of the mean that this axis is found in, s.
        axis_tau_s: f64 = 20.0,
        /// Time constant of the quick mean that is compared with the slow one, s.
        quick_tau_s: f64 = 2.0,
        /// Time constant of the slow mean, s.
        slow_tau_s: f64 = 20.0,
        /// More than this angle between the two, degrees: the phone was moved. Hard braking
        /// (3 m/s² for 3 s) tilts the quick mean by 13 degrees.
        moved_deg: f64 = 20.0,
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
    /// The slices of signal that are looked at and transformed.
    WindowConfig {
        /// From one moment to the next, s; rounded to whole readings of the slow signal.
        hop_s: f64 = 0.16,
        /// Length of a window, s. 2.56 s separate 0.4 from 1.2 Hz and gave the body channel the
        /// precision of a Butterworth bank (AP 0.480 against 0.480, ±1 s). Measured.
        length_s: f64 = 2.56,
        /// The body's bounce is looked at in every so many readings, after a low-pass: a transform
        /// of 32 readings costs a fifth of one of 128 and shows the same bands.
        keep: usize = 4,
        /// Corner of that low-pass, Hz: nothing above 10 Hz folds into the body's bands.
        corner_hz: f64 = 5.0,
        /// Its length in readings.
        taps: usize = 25,
        /// The whole spectrum is taken once in so many moments, 0.64 s: four to a window.
        spectrum_every: usize = 4,
        /// The width of a jolt is looked for this far to either side of its peak, s.
        width_reach_s: f64 = 0.5,
    }
}

config! {
    /// What the road cannot have done.
    RejectConfig {
        /// Below this speed, m/s (3 km/h), what shakes a phone is a door, a boot or a passenger.
        min_speed_mps: f64 = 0.8,
        /// Where no speed is known, a vehicle whose bounce (1.2–2.5 Hz) has a median below this in the
        /// seconds around, m/s² RMS, is parked. Measured: 0.015 to 0.033 of standing cars; of one
        /// second in a hundred above 4 m/s less than 0.05 …
        parked_below_mps2: f32 = 0.032,
        /// … unless its body moves at 0.4–2.5 Hz by this, m/s² RMS: a road heaves it, a door makes it
        /// sway by less than 0.3. Measured: 3 of 120 made doors are bumps then.
        heave_mps2: f32 = 0.5,
        /// Horizontal over vertical motion between 0.4 and 3 Hz beyond this is a manoeuvre.
        manoeuvre_ratio: f64 = 5.0,
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
        /// A receiver reports where it was this long ago, s, before anything is known of it. Source:
        /// 0.1–0.9 s typical; 0.40 to 0.53 s on the three Pittsburgh trips.
        latency_s: f64 = 0.5,
        /// Standard deviation of that over devices, s.
        latency_sigma_s: f64 = 0.23,
        /// Latencies that are looked for, from and to, s. Source: 1.8 s fits the Austin drive best,
        /// whose receiver smooths its speed; negative ones are clocks that disagree.
        latency_range_s: [f64; 2] = [-0.5, 2.0],
        /// Two fixes tell of the acceleration between them when they are at least so far apart, s,
        /// and at most so far: nearer ones tell of the speed's noise, further ones of the mean.
        latency_fixes_s: [f64; 2] = [0.9, 3.0],
        /// Time constant of the slow mean that is taken out of both, s: grades, drift, gravity.
        latency_mean_s: f64 = 30.0,
        /// A mean acceleration this far off its slow mean, m/s², is a hand: no car brakes like that.
        latency_hand_mps2: f64 = 5.0,
        /// Noise of a mean acceleration over a second, m/s²: what grades, bends and bumps leave.
        latency_ridge_mps2: f64 = 0.22,
        /// How many independent looks one pair of fixes is worth: neighbours share a speed and
        /// receivers smooth. 0.3 makes the two halves of the Pittsburgh trips agree within their
        /// sigmas; on made drives it overstates sigma by a third.
        latency_weight: f64 = 0.3,
        /// Below this speed, m/s, the line between two fixes is no heading.
        heading_from_mps: f64 = 1.0,
        /// Distance between the axles, m: the middle of a body's bounce lies half of it after the
        /// first axle's blow.
        wheelbase_m: f64 = 2.6,
        /// Standard deviation per axis of a fix without accuracy, m.
        sigma_m: f64 = 5.0,
        /// Standard deviation per axis for each metre of reported accuracy. A true 68 % radius would
        /// make it 0.66; receivers are more hopeful than that: 1/1.2, as made phones are.
        sigma_per_accuracy: f64 = 0.83,
        /// … but never less than this, m. Source: phones under open sky reach a 68 % radius of
        /// 4.9 m (van Diggelen & Enge 2015), 3.2 m per axis; what claims to be better is not believed.
        min_sigma_m: f64 = 3.2,
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
        /// The index goes by the bands of `trip::BANDS_HZ` up to this, Hz: above it shakes the mount,
        /// and phones of 25 Hz show no more.
        iri_to_hz: f64 = 12.0,
        /// ln IRI (m/km) of a road that gives 1 m/s² RMS at the reference speed: within 0.05 of the
        /// line through eight made cars on made roads of class A to C at 8–16 m/s, R² 0.95, which the
        /// test `simulate::calibration` holds. On real roads it is no more than an index.
        iri_offset_ln: f64 = 2.63,
        /// ln IRI per ln RMS, from the same line.
        iri_slope: f64 = 0.98,
        /// Standard deviation of ln IRI between vehicles and phones: 0.14 between the 128 drives of
        /// made towns 101–116, and their mean is off by 0.06.
        iri_vehicle_sigma_ln: f64 = 0.16,
        /// Standard deviation of ln IRI that `length_m` of road leaves; it falls with the root of the
        /// length. 0.10 for stretches of 5 m to 0.13 for 100 m within the same drives.
        iri_road_sigma_ln: f64 = 0.13,
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
