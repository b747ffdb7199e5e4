//! Which road was passed at all: unknown road is not good road.

use h3o::CellIndex;

use crate::stamp::Week;

/// How one cell was passed in one direction during one week.
///
/// Sums are of integers and add up over weeks and maps; drivers do not: take the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The H3 cell, resolution 11.
    pub cell: CellIndex,
    /// The direction of travel: 0 north, 1 north-east, … 7 north-west.
    pub octant: u8,
    /// The ISO week; `None` for all evidence without a date.
    pub week: Option<Week>,
    /// How many times a trip passed.
    pub passes: u32,
    /// Passes that would have shown a defect.
    pub able_passes: u32,
    /// Distinct drivers, the most in any season that the week touches.
    pub drivers: u32,
    /// Passes of known roughness.
    pub rough_passes: u32,
    /// Sum over them of the natural logarithm of the RMS in m/s², millionths.
    pub log_rms_sum_micro: i64,
    /// Passes of known speed.
    pub speed_passes: u32,
    /// Sum over them of the speed, mm/s.
    pub speed_sum_mmps: i64,
}
