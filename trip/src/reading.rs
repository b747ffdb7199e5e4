//! What the sensors of a phone said.

use crate::{Heading, Position, Speed};

/// One accelerometer reading: specific force in the phone's own axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When, in microseconds of the phone's clock.
    pub t_us: i64,
    /// x, y, z in m/s², in the phone's axes and with the phone's sign (Android +9.8 up, iOS −9.8).
    pub accel_mps2: [f32; 3],
}

/// One gyroscope reading: rotation about the phone's own axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rotation {
    /// When, in microseconds of the phone's clock.
    pub t_us: i64,
    /// About x, y, z in rad/s.
    pub gyro_radps: [f32; 3],
}

/// One position reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    /// When, in microseconds of the phone's clock.
    pub t_us: i64,
    /// Where.
    pub position: Position,
    /// How fast, as the receiver said; `None` where it did not.
    pub speed: Option<Speed>,
    /// Which way, as the receiver said; `None` where it did not.
    pub heading: Option<Heading>,
    /// The receiver's own estimate of the 68 % radius in metres, more than 0.
    pub accuracy_m: Option<f32>,
    /// What gave the fix.
    pub source: FixSource,
}

/// What gave a fix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FixSource {
    /// A satellite receiver.
    Gnss,
    /// The platform's mixture of satellites, network and motion.
    Fused,
    /// Cells and wireless networks alone.
    Network,
    /// Not said.
    #[default]
    Unknown,
}

/// From this time on a clock counts from the Unix epoch (2001-09-09); earlier times have no date.
///
/// Phones and loggers that know no date count from boot or from the start of the recording, which
/// stays far below 10⁹ seconds (31 years).
pub const DATED_FROM_US: i64 = 1_000_000_000 * 1_000_000;

/// Whether a time has a date.
pub fn is_dated(t_us: i64) -> bool {
    t_us >= DATED_FROM_US
}
