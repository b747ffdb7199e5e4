//! Rows to batches, as a phone would have sent them.

use trip::{Batch, Gravity, Header, Rotation, Sample};

use super::row::Row;
use crate::wire::limits;

/// A batch holds 10 seconds, as phones send them. How a trace is cut changes nothing of what is
/// found in it; it bounds memory.
const BATCH_US: i64 = 10_000_000;

/// Gathers rows into batches.
#[derive(Default)]
pub(super) struct Cutter {
    batch: Batch,
    begin_us: Option<i64>,
}

impl Cutter {
    /// Takes a row; the batch before it, if the row begins a new one.
    pub(super) fn push(&mut self, row: Row) -> Option<Batch> {
        let begins = self
            .begin_us
            .is_some_and(|begin_us| row.t_us - begin_us >= BATCH_US)
            || self.batch.samples.len() >= limits::MAX_READINGS
            || self.batch.rotations.len() >= limits::MAX_READINGS
            || self.batch.fixes.len() >= limits::MAX_FIXES;
        let full = begins.then(|| self.finish()).flatten();
        let Row {
            t_us,
            accel_mps2,
            gyro_radps,
            fix,
        } = row;
        let fix = fix.ok().flatten();
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
            // The format says so; it says nothing else of phone or vehicle.
            batch.header = Some(Header {
                gravity: Gravity::With,
                ..Header::default()
            });
        }
        Some(batch)
    }
}
