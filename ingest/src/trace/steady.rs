//! Rows in order of time: what stands still or runs back is left out, and so is a leap into another
//! year.

use super::refusal::Cause;

/// A row this much later than the one before it, µs, is believed when the next row agrees. No phone
/// on the road is silent for a minute without a reason.
const LEAP_US: i64 = 60_000_000;

/// The order of rows, each later than the one before it. A jump of time forward is a pause when the
/// rows after it go on from there, and a wrong time when they do not.
pub(super) struct Steady<T> {
    /// The time of the last row that was taken.
    last_us: Option<i64>,
    /// A row that leaps far ahead, until the row after it tells whether time went on from there.
    leapt: Option<Row<T>>,
}

/// A row: its line, its time, what it says.
#[derive(Debug, PartialEq)]
pub(super) struct Row<T> {
    pub(super) line: u64,
    pub(super) t_us: i64,
    pub(super) says: T,
}

/// A row that is taken, or the line of one that is refused.
pub(super) type Settled<T> = Result<Row<T>, (u64, Cause)>;

impl<T> Default for Steady<T> {
    fn default() -> Self {
        Self {
            last_us: None,
            leapt: None,
        }
    }
}

impl<T> Steady<T> {
    /// Takes a row; what is settled by it, in order.
    pub(super) fn push(&mut self, row: Row<T>) -> impl Iterator<Item = Settled<T>> + use<T> {
        let mut settled = [None, None];
        let refused = |cause| Some(Err((row.line, cause)));
        match self.last_us {
            Some(last_us) if row.t_us == last_us => settled[1] = refused(Cause::TimeRepeated),
            Some(last_us) if row.t_us < last_us => settled[1] = refused(Cause::TimeBackwards),
            _ => match self.leapt.take() {
                Some(ahead) if row.t_us == ahead.t_us => {
                    self.leapt = Some(ahead);
                    settled[1] = refused(Cause::TimeRepeated);
                }
                Some(ahead) if row.t_us < ahead.t_us => {
                    settled[0] = Some(Err((ahead.line, Cause::TimeLeaps)));
                    settled[1] = self.take(row);
                }
                ahead => {
                    settled[0] = ahead.map(|ahead| self.accept(ahead));
                    settled[1] = self.take(row);
                }
            },
        }
        settled.into_iter().flatten()
    }

    /// The row that is still waited with, if there is one.
    pub(super) fn finish(&mut self) -> Option<Row<T>> {
        self.leapt.take()
    }

    /// Accepts a row unless it leaps.
    fn take(&mut self, row: Row<T>) -> Option<Settled<T>> {
        let leaps = |last_us| row.t_us - last_us > LEAP_US;
        if self.last_us.is_some_and(leaps) {
            self.leapt = Some(row);
            return None;
        }
        Some(self.accept(row))
    }

    fn accept(&mut self, row: Row<T>) -> Settled<T> {
        self.last_us = Some(row.t_us);
        Ok(row)
    }
}
