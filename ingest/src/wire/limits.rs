//! The limits of the wire format: part of the contract, so each also stands in `WIRE.md`.
//!
//! They bound memory and keep nonsense out; none of them judges a road. A value outside a limit
//! refuses the whole message.

/// A message as it arrives, compressed or not: at most 256 kB.
pub const MAX_PACKET_BYTES: usize = 256_000;

/// A message after inflation: at most 1 MB.
pub const MAX_INFLATED_BYTES: usize = 1_000_000;

/// The highest number of a message within its trip: 115 days at one message a second.
pub const MAX_SEQ: u32 = 9_999_999;

/// Readings of one sensor in one message: 60 s at 400 Hz, the fastest phones.
pub const MAX_READINGS: usize = 24_000;

/// Fixes in one message: 60 s at 20 Hz.
pub const MAX_FIXES: usize = 1_200;

/// Bumps, candidates, stretches or skipped spans in one message, each.
pub const MAX_FINDINGS: usize = 1_000;

/// Points of one stretch's path.
pub const MAX_PATH_POINTS: usize = 1_000;

/// Trips that one hello may ask about.
pub const MAX_HELLO_TRIPS: usize = 100;

/// Bytes of a free text (an app's name, a word of an open vocabulary).
pub const MAX_TEXT_BYTES: usize = 64;

/// Purposes that one consent may name.
pub const MAX_PURPOSES: usize = 16;

/// The earliest time, µs: 31 years before the start of a clock without a date (such clocks may
/// begin a little below zero).
pub const MIN_TIME_US: i64 = -1_000_000_000_000_000;

/// The latest time, µs: the year 2100. It is below 2⁵³, so a JavaScript number holds it exactly.
pub const MAX_TIME_US: i64 = 4_102_444_800_000_000;

/// All sensor times of one message lie within 10 minutes. Phones send every few seconds and gather
/// at most a minute: a longer span means sensors on different clocks.
pub const MAX_SPAN_US: i64 = 600_000_000;

/// Acceleration per axis, m/s²: 200 g. Phones clip at 2 to 16 g, crash recorders at 200 g.
pub const MAX_ACCEL_MPS2: f64 = 2_000.0;

/// Rotation per axis, rad/s: three times what phones can measure (2000 °/s).
pub const MAX_GYRO_RADPS: f64 = 100.0;

/// Speed over ground, m/s: three times the speed of sound. It keeps nonsense out, not outliers.
pub const MAX_SPEED_MPS: f64 = 1_000.0;

/// Radius of a fix, m: half a hemisphere; a place guessed from an internet address has thousands
/// of kilometres.
pub const MAX_ACCURACY_M: f64 = 10_000_000.0;

/// Any other measured or concluded number: far beyond physics, well inside 32-bit floats.
pub const MAX_NUMBER: f64 = 1e9;
