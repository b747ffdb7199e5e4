//! What the two channels compare, what each feature weighs, and when a score is a jolt.

use serde::{Deserialize, Serialize};

config! {
    /// What is usual for this vehicle, phone and road: running medians.
    BaselineConfig {
        /// Their memory, s. 60 s gave AP 0.420, 180 s 0.440, 600 s 0.480. Measured.
        memory_s: f64 = 600.0,
        /// A value enters once in so many moments, 0.48 s.
        every: usize = 3,
        /// What is expected before the vehicle is known, ln(m/s²): swell (0.4–1.2 Hz), bounce
        /// (1.2–2.5 Hz), peak, blow, braking, horizontal peak. Medians over the marked drives.
        /// Measured.
        prior_ln: [f32; 6] = [-2.2, -1.6, -0.6, -1.4, -1.2, -0.6],
        /// Weight of each expectation, in seconds of driving.
        prior_s: [f32; 6] = [10.0, 10.0, 10.0, 60.0, 10.0, 10.0],
    }
}

config! {
    /// The body-bounce channel: which log energies count, and how much.
    ///
    /// The score is a logistic model of eight features, fitted by `jounce train` on the marked
    /// drives of the Noida set; its table leaves one ride out at a time.
    BodyConfig {
        /// Swell and bounce of the vehicle's body, from and to, Hz. Measured: no other bands carry as much.
        bands_hz: [[f32; 2]; 2] = [[0.4, 1.2], [1.2, 2.5]],
        /// Added to an RMS before the logarithm, m/s²: the noise of a phone at rest.
        floor_mps2: f32 = 0.02,
        /// A moment is compared with the seconds before it …
        before_s: f64 = 4.0,
        /// … and after it, s: 4 s gave AP 0.575, 3 s 0.570, 2.5 s 0.540 (one ride left out). Measured.
        after_s: f64 = 3.2,
        /// Braking is the change of the mean horizontal force from before to after; this near to the
        /// moment, s, it is the jolt's own.
        near_s: f64 = 0.8,
        /// Added to that change before the logarithm, m/s².
        braking_floor_mps2: f32 = 0.1,
        /// Beyond these a motion is no road's.
        most: RoadLimits = RoadLimits::default(),
        /// Before so many seconds of driving the vehicle is not known and this channel says nothing;
        /// the look-ahead counts.
        from_s: f32 = 10.0,
        /// Weights of the features, and the log odds without any.
        weights: BodyWeights = BodyWeights::default(),
    }
}

config! {
    /// What a road can do; beyond it a hand, a bend or a stop moves the phone. Measured: few of what
    /// people marked lie above.
    RoadLimits {
        /// Swell above its median, ln.
        swell: f32 = 2.0,
        /// Horizontal peak above its median, ln.
        sway: f32 = 1.6,
        /// Horizontal over vertical motion between 0.4 and 3 Hz; beyond it this channel says nothing.
        ratio: f32 = 1.5,
    }
}

config! {
    /// Log odds per unit of each feature of the body channel.
    BodyWeights {
        /// Log odds where every feature is 0.
        bias: f32 = -6.53,
        /// Per ln of swell above its median.
        swell: f32 = 0.40,
        /// Per ln of bounce above its median.
        bounce: f32 = 1.93,
        /// Per ln of swell above the median of the seconds around.
        contrast: f32 = 1.61,
        /// Per ln of peak above its median: a bounce that the peak explains is no hump.
        peak: f32 = -0.93,
        /// Per ln of swell and bounce together, in ln(m/s²).
        level: f32 = 0.81,
        /// Per ln beyond the limits of what a road can do, swell and sway together.
        overshoot: f32 = -2.94,
        /// Per ln of braking above its median.
        braking: f32 = 0.82,
        /// Per ln of horizontal peak above its median: a hand moves a phone every way.
        sway: f32 = -0.02,
    }
}

config! {
    /// The impact channel: the height of a blow against the blows this ride usually gives.
    ImpactConfig {
        /// High-pass corner, Hz: above the body's bounce.
        from_hz: f64 = 3.0,
        /// Sensors slower than this, Hz, are *coarse*: whole blows fall between their readings, and
        /// what they read of one may lie in any band.
        coarse_below_hz: f32 = 12.0,
        /// Peaks below this, m/s² (0.05 g), are no blows, however smooth the road. Measured on made
        /// drives: 1.0 loses 2 % of what was hit (AP 0.959 against 0.971), mostly at walking pace.
        floor_mps2: f32 = 0.5,
        /// Added to a height before the logarithm, m/s².
        height_floor_mps2: f32 = 0.05,
        /// What moves the phone more across than along gravity by this ratio (0.4–3 Hz) …
        hand_ratio: f32 = 1.3,
        /// … and shakes at 5–12 Hz less than this share of what it shakes at 2.5–5 Hz, is a hand, not a
        /// wheel. Measured: 3 of 311 bumps of made drives, none of the Noida set's, 6 of 7 made hands.
        hand_crispness: f32 = 0.6,
        /// A blow is compared with what lies further than this from it, s: both axles belong to it.
        near_s: f64 = 0.8,
        /// Shorter context than this, s, tells nothing.
        min_context_s: f64 = 0.16,
        /// So many seconds into a trip no blow is usual yet: its excess is its contrast with the
        /// seconds around alone …
        young_s: f32 = 10.0,
        /// … and from here on the excess above the median.
        grown_s: f32 = 30.0,
        /// Weights of the features, and the log odds without any. Measured: the best of 70 drawn at
        /// random on made drives, that cost the marked drives and the controls nothing.
        weights: ImpactWeights = ImpactWeights::default(),
        /// Log odds of a coarse sensor's peak without any excess: at a threshold of −0.8 an excess of
        /// 2.2 is a bump. Measured on the Pittsburgh set …
        coarse_bias: f32 = -5.0,
        /// … and per ln of it. Coarse marks come in runs, so that the seconds around say nothing.
        coarse_excess: f32 = 1.9,
        /// No blow is surer than this, in log odds: at 13–50 Hz most of what people marked are humps.
        ceiling: f32 = 0.43,
        /// How abruptly the score bends towards that.
        bend: f32 = 1.5,
    }
}

config! {
    /// Log odds per unit of each feature of the impact channel.
    ImpactWeights {
        /// Log odds where every feature is 0.
        bias: f32 = -4.07,
        /// Per ln of blow (above 3 Hz) above its median.
        excess: f32 = 0.74,
        /// Per ln of peak above the highest of the seconds around.
        lead: f32 = 0.86,
        /// Per ln of peak above the median of the seconds around.
        contrast: f32 = 0.2,
        /// Per ln of horizontal over vertical peak: one wheel's blow also rolls the vehicle.
        horizontal: f32 = 0.88,
    }
}

config! {
    /// From scores to jolts.
    TriggerConfig {
        /// A jolt scores at least this much, in log odds. Measured: F1 0.61 on the Noida set, flat from
        /// −0.8 to −0.5 (the best of rides left out lies at −0.7); 3 alarms in 0.56 h without marks.
        threshold: f64 = -0.8,
        /// Candidates are listed down to this score: low enough for a whole precision/recall curve.
        candidate_floor: f64 = -6.0,
        /// Of two peaks nearer than this, s, the higher one counts: both axles and the ringing after
        /// them are one jolt. Measured: from 0.6 to 1.3 s no difference but on the Pittsburgh set
        /// (0.52 against 0.49); 0.48 s lose 0.05 on the Noida set.
        merge_s: f64 = 1.0,
        /// Of two crests of the body's bounce nearer than this, s, the higher one counts. Measured:
        /// from 0.48 to 0.96 s no difference.
        swell_s: f64 = 0.64,
        /// A jolt lasts while its score is less than this below its peak, in log odds …
        extent_drop: f64 = 1.5,
        /// … but no longer than this to either side, s.
        extent_s: f64 = 1.0,
        /// Slope of the logistic curve from score to the probability that a person marked it.
        probability_slope: f64 = 1.51,
        /// The score of an even chance.
        probability_mid: f64 = 0.07,
    }
}
