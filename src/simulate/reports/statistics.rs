//! What a phone's detector does on the road, in numbers: how often it hits, how often it errs, how
//! far off its places are.
//!
//! *Measured* means: on the 128 made drives of `jounce simulate --preset town` and `--preset sharp`,
//! seeds 1 to 8 (64 drives, 6.6 h and 185 and 181 km each; hazards of the truth beside the bumps of
//! `jounce detect`, ±1 s), with the configuration `aa5ecafe74946f9e`. *Real drives* are those of the
//! README, jiit2012, as `jounce evaluate` prints them. *Assumed* means what it says.

use trip::Kind;

/// The chance that an able pass over a hazard is felt.
///
/// Source: measured, 0.595 of 447 passes over the deep potholes of `sharp` and 0.594 of 609 over the
/// humps of both; 0.61 of 272 marks on real drives. (Of the 165 passes over `town`'s shallow holes
/// 2 were felt: what nobody would mark is no hazard of this city.)
pub const DETECTION: f64 = 0.6;

/// Bumps per km where there is nothing.
///
/// Source: real drives, 0.50 per km; an upper bound, since their marks are not complete. Measured on
/// made drives, which have no unmarked defects, 0.02 (`town`, 4 in 185 km) and 0.04 (`sharp`, 8 in
/// 181 km).
pub const FALSE_ALARMS_PER_KM: f64 = 0.5;

/// How much hazards of one kind differ in how easily they are felt: standard deviation of the log
/// odds of a hit.
///
/// Source: measured, two passes of one pothole of `sharp` agree with a correlation of 0.10, of one
/// hump with 0.30; a normal spread of these widths gives that. The rest of the kinds: as potholes.
pub(super) const HAZARD_SPREAD: f64 = 0.65;
/// The same of humps.
pub(super) const HUMP_SPREAD: f64 = 1.1;
/// No hazard lies further from its kind than so many standard deviations: beyond, it is not felt at
/// all, or never missed. Assumed.
pub(super) const SPREAD_LIMIT: f64 = 2.0;

/// How much phones differ in the same: log odds.
///
/// Source: measured, two hits of one drive correlate by 0.19 in `sharp` and −0.03 in `town`; between
/// the two.
pub(super) const PHONE_SPREAD: f64 = 0.5;

/// Log odds that a kind has more than a pothole. Castings, joints and rails are assumed: of `town`'s,
/// made as small as most of them are, none of 217, 104 and 25 was felt; those of this city are the
/// sunk and raised ones that are.
pub(super) fn kind_ease(kind: Kind) -> f64 {
    match kind {
        Kind::Casting | Kind::Joint => -0.3,
        _ => 0.0,
    }
}

/// Log odds that a hit loses by the speed of the pass, m/s.
///
/// Source: measured, potholes 0.62 at 7–13 m/s and 0.42 above, humps 0.68 at 7–10 m/s and 0.43 below
/// 7. Humps lie in residential streets, which are driven at about 7.5 m/s.
pub(super) fn speed_loss(kind: Kind, speed_mps: f64) -> f64 {
    match kind {
        Kind::SpeedBump if speed_mps < 7.0 => 1.0,
        Kind::SpeedBump => 0.0,
        _ if speed_mps > 13.0 => 0.8,
        _ => 0.0,
    }
}

/// A detector generation before today's: log odds that it loses, and how many times the false
/// alarms. Assumed: half the odds and twice the alarms.
pub(super) const OLDER_LOSS: f64 = 0.7;
/// See [`OLDER_LOSS`].
pub(super) const OLDER_ALARMS: f64 = 2.0;

/// A hole that most drivers swerve around is run over in this share of the passes. Assumed; only
/// the passes that ran over it can feel it, the others are quiet.
pub(super) const SWERVED_SHARE: f64 = 0.3;

/// Standard deviation per axis of a phone's places, metres: this, and …
///
/// Source: measured, the `sigma_m` of 611 bumps: quantiles 5, 25, 50, 75 and 95 % 3.2, 3.3, 3.5, 4.2
/// and 4.9; this gives 3.2, 3.3, 3.6, 4.2 and 4.8.
pub(super) const SIGMA_M: f64 = 3.2;
/// … up to so much more, by the square of an even draw.
pub(super) const SIGMA_MORE_M: f64 = 1.75;

/// Shares of that deviation: what wanders slowly with the receiver and is common to bumps that are
/// near in time, what is each bump's own, and what the receiver's unknown latency adds along the road,
/// one value for a whole trip.
///
/// Source: measured, 611 bumps: 3.5 m along and 3.8 m across, both with the kurtosis of a normal error
/// (3.0 to 3.2); root mean square error over sigma 0.986 (`town`) and 0.997 (`sharp`), 94.5 % within
/// 2.45 sigma; correlation of two errors of one trip 0.4–0.7 after 15–30 s, 0.48 after 30–60 s, 0.1
/// after 60–120 s, 0.05 along the road later on. Median 4.2 m, 95 % within 9.5 m, 99 % within 12.1 m.
pub(super) const WANDERING_SHARE: f64 = 0.92;
/// See [`WANDERING_SHARE`].
pub(super) const OWN_SHARE: f64 = 0.30;
/// See [`WANDERING_SHARE`].
pub(super) const LATENCY_SHARE: f64 = 0.25;

/// In this time a receiver's error is forgotten to 1/e, seconds. Source: as [`WANDERING_SHARE`].
pub(super) const WANDERING_S: f64 = 40.0;

/// Directions of bumps are off by this, degrees. Assumed; they come from the line between two fixes.
pub(super) const HEADING_SIGMA_DEG: f64 = 3.0;

/// Share of the road between two corners on which nothing would have shown: standing, queueing,
/// handling. Source: measured, 97.2 % of the judged and 94.4 % of the driven metres were able; corners,
/// which are not judged here at all, are the rest.
pub(super) const UNABLE_SHARE: f64 = 0.02;

/// This far before and after a corner a car is too slow to be judged, metres. Source: as
/// [`UNABLE_SHARE`].
pub(super) const CORNER_M: f64 = 12.0;

/// Severity of a kind, m/s² at 40 km/h: its mean on the log scale. Source: measured, 6.4 (261 hits),
/// 5.8 in `town` and 8.2 in `sharp` (349 hits). The rest of the kinds: as potholes.
pub(super) fn severity_mps2(kind: Kind) -> f64 {
    match kind {
        Kind::SpeedBump => 6.5,
        _ => 6.4,
    }
}

/// How far hazards of one kind, and passes over one hazard, lie around it: standard deviations of
/// the natural logarithm. Source: measured, 0.25 and 0.32 between, 0.20 and 0.33 within.
pub(super) const SEVERITY_BETWEEN: f64 = 0.3;
/// See [`SEVERITY_BETWEEN`].
pub(super) const SEVERITY_WITHIN: f64 = 0.28;
/// A pothole that appears is so much weaker at first, on the same scale, and log odds of a hit less,
/// and has grown after so many days. Assumed.
pub(super) const YOUNG_SEVERITY: f64 = 0.4;
/// See [`YOUNG_SEVERITY`].
pub(super) const YOUNG_LOSS: f64 = 0.5;
/// See [`YOUNG_SEVERITY`].
pub(super) const GROWN_DAYS: f64 = 30.0;

/// The chance that a bump on a kind is called a speed bump; else it is called a pothole. The shipped
/// detector calls nothing else. Source: measured, 333 of 361 humps, 62 of 268 potholes; rails, joints
/// and castings as potholes: their blow is short.
pub(super) fn called_hump(kind: Kind) -> f64 {
    match kind {
        Kind::SpeedBump => 0.92,
        _ => 0.23,
    }
}

/// The probabilities of the kinds, in the order of [`Kind::ALL`], of a bump called a pothole, called a
/// speed bump on a hump, and called a speed bump on something else.
///
/// Source: measured means: 0.65 pothole and 0.20 speed bump on potholes, 0.95 (`town`) and 0.71
/// (`sharp`) speed bump on humps.
pub(super) const SAID_POTHOLE: [f32; 7] = [0.78, 0.06, 0.04, 0.02, 0.04, 0.03, 0.03];
/// See [`SAID_POTHOLE`].
pub(super) const SAID_HUMP: [f32; 7] = [0.03, 0.93, 0.01, 0.0, 0.01, 0.01, 0.01];
/// See [`SAID_POTHOLE`].
pub(super) const SAID_HUMP_WRONGLY: [f32; 7] = [0.2, 0.66, 0.04, 0.02, 0.04, 0.02, 0.02];

/// Scores lie above the detector's threshold of −0.8 by the magnitude of a normal number times this:
/// hits, false alarms. Source: measured, mean 0.35 in `town`, −0.27 in `sharp`; alarms assumed.
pub(super) const SCORE_FROM: f64 = -0.8;
/// See [`SCORE_FROM`].
pub(super) const SCORE_HIT: f64 = 1.0;
/// See [`SCORE_FROM`].
pub(super) const SCORE_ALARM: f64 = 0.4;

/// What else is measured of a blow and of a bounce: width in s, RMS in the five bands in m/s²,
/// horizontal over vertical. Source: measured medians of `sharp` and `town`.
pub(super) const BLOW: (f32, [f32; 5], f32) = (0.16, [0.17, 0.46, 0.67, 0.89, 0.36], 0.80);
/// See [`BLOW`].
pub(super) const BOUNCE: (f32, [f32; 5], f32) = (0.74, [0.93, 1.45, 0.41, 0.35, 0.16], 0.58);
