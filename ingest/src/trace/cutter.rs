//! Readings to batches, as a phone would have sent them.

use trip::{Batch, Fix, Gravity, Header, Rotation, Sample};

use crate::wire::limits;

/// A batch holds 10 seconds, as phones send them. How a trace is cut changes nothing of what is
/// found in it; it bounds memory.
const BATCH_US: i64 = 10_000_000;

/// What was read at one time.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) t_us: i64,
    pub(super) accel_mps2: Option<[f32; 3]>,
    pub(super) gyro_radps: Option<[f32; 3]>,
    pub(super) fix: Option<Fix>,
}

/// Gathers readings into batches.
pub(super) struct Cutter {
    batch: Batch,
    begin_us: Option<i64>,
    gravity: Gravity,
}

impl Cutter {
    /// A cutter for readings of an accelerometer that has gravity in them, or has not.
    pub(super) fn new(gravity: Gravity) -> Self {
        Self {
            batch: Batch::default(),
            begin_us: None,
            gravity,
        }
    }

    /// Takes a reading; the batch before it, if the reading begins a new one.
    pub(super) fn push(&mut self, reading: Reading) -> Option<Batch> {
        let Reading {
            t_us,
            accel_mps2,
            gyro_radps,
            fix,
        } = reading;
        let begins = self
            .begin_us
            .is_some_and(|begin_us| t_us - begin_us >= BATCH_US)
            || self.batch.samples.len() >= limits::MAX_READINGS
            || self.batch.rotations.len() >= limits::MAX_READINGS
            || self.batch.fixes.len() >= limits::MAX_FIXES;
        let full = begins.then(|| self.finish()).flatten();
        if accel_mps2.is_some() || gyro_radps.is_some() || fix.is_some() {
            self.begin_us.get_or_insert(t_us);
        }
        self.batch
            .samples
            .extend(accel_mps2.map(|accel_mps2| Sample { t_us, accel_mps2 }));
        self.batch
            .rotations
            .extend(gyro_radps.map(|gyro_radps| Rotation { t_us, gyro_radps }));
        self.batch.fixes.extend(fix);
        full
    }

    /// The batch that is being gathered, if anything is in it.
    pub(super) fn finish(&mut self) -> Option<Batch> {
        self.begin_us.take()?;
        let next = Batch {
            seq: self.batch.seq + 1,
            ..Batch::default()
        };
        let mut batch = std::mem::replace(&mut self.batch, next);
        if batch.seq == 0 {
            // A file says this much; it says nothing else of phone or vehicle.
            batch.header = Some(Header {
                gravity: self.gravity,
                ..Header::default()
            });
        }
        Some(batch)
    }
}
