//! What happened to messages on their way in, in counts.

use std::ops::AddAssign;

/// What happened to messages on their way in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Messages dropped because the same number had come before.
    pub duplicates: u64,
    /// Messages that were given up: their turn was passed over for good.
    pub missing: u32,
    /// Messages dropped because they came after they had been given up. Their trip should be
    /// judged again from what was stored.
    pub late: u64,
    /// Accelerometer readings dropped because they were not later than those before.
    pub repeated_samples: u64,
    /// Gyroscope readings dropped for the same reason.
    pub repeated_rotations: u64,
    /// Fixes dropped for the same reason.
    pub repeated_fixes: u64,
}

impl Tally {
    /// Readings of all sensors dropped because they were not later than those before.
    pub fn repeated_readings(&self) -> u64 {
        self.repeated_samples + self.repeated_rotations + self.repeated_fixes
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.duplicates += other.duplicates;
        self.missing += other.missing;
        self.late += other.late;
        self.repeated_samples += other.repeated_samples;
        self.repeated_rotations += other.repeated_rotations;
        self.repeated_fixes += other.repeated_fixes;
    }
}
