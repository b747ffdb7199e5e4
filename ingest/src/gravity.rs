//! What an accelerometer's values say of themselves: whether gravity is in them, whether they are in
//! g, and which gravity belongs to which. Apps and platforms differ, and do not always say.

use trip::Gravity;

use crate::wire::v1::AccelUnit;

/// How far a reading of gravity may be from the acceleration it is added to, µs. Platforms give
/// both together; gravity turns only as the phone turns, and a tenth of a second is little of that.
pub(crate) const NEAR_US: i64 = 100_000;

/// A fix this much older than the first reading of a sensor, µs, was remembered by the phone from
/// before the recording: it is no place of this trip, and may be somebody's home.
pub(crate) const REMEMBERED_US: i64 = 60_000_000;

/// The length that half of the vectors stay below; `None` without one. Looks at the first thousand:
/// ten seconds at 100 Hz.
pub(crate) fn median_length(vectors: impl Iterator<Item = [f32; 3]>) -> Option<f32> {
    const READINGS: usize = 1_000;
    let lengths = vectors.map(|[x, y, z]| (x * x + y * y + z * z).sqrt());
    let mut lengths: Vec<f32> = lengths.take(READINGS).collect();
    lengths.sort_by(f32::total_cmp);
    lengths.get(lengths.len() / 2).copied()
}

/// Whether values in m/s² have gravity in them. At rest they are 9.8 long, or near 0; in a car on
/// a road half of them stay within 5 of that.
pub(crate) fn gravity_of(median_mps2: f32) -> Gravity {
    const BETWEEN_MPS2: f32 = 5.0;
    if median_mps2 < BETWEEN_MPS2 {
        Gravity::Without
    } else {
        Gravity::With
    }
}

/// The unit of values with gravity in them, which are 1 long or 9.8: iOS says g, Android m/s², and
/// either may have been standardised by the app.
pub(crate) fn unit_of(median: f32) -> AccelUnit {
    /// The geometric mean of 1 and 9.8.
    const BETWEEN: f32 = 3.13;
    if median < BETWEEN {
        AccelUnit::StandardGravity
    } else {
        AccelUnit::MetrePerSecondSquared
    }
}
