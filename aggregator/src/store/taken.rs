//! How far an inbox has been taken into the map: written in the transaction of the facts themselves,
//! so that after a crash nothing is taken twice and nothing is left out.

use duckdb::{Connection, OptionalExt as _, params};

use super::{Store, StoreError};
use crate::evidence::{Recorded, TripEvidence};

/// A place in an inbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which inbox: another one counts its places from the start again.
    pub inbox: String,
    /// Everything up to and including this place is in the map.
    pub position: u64,
}

impl Store {
    /// How far an inbox has been taken in; `None` when nothing of it was.
    ///
    /// # Errors
    /// When the disk or the engine refuses.
    pub fn taken(&self, inbox: &str) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT position FROM taken WHERE inbox = ?";
        let mut statement = self.db.prepare_cached(sql)?;
        let position = statement.query_row(params![inbox], |row| row.get(0));
        Ok(position.optional()?)
    }

    /// Takes in the evidence of whole trips, as [`Store::record`], and in the same transaction that
    /// the inbox has been taken in up to there.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn record_up_to(
        &mut self,
        evidence: &[TripEvidence],
        taken: &Taken,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.record_with(evidence, Some(taken))
    }
}

/// Writes down how far.
pub(super) fn save(db: &Connection, taken: &Taken) -> Result<(), StoreError> {
    let position = params![taken.position, taken.inbox];
    let known = db.execute("UPDATE taken SET position = ? WHERE inbox = ?", position)?;
    if known == 0 {
        db.execute(
            "INSERT INTO taken (position, inbox) VALUES (?, ?)",
            position,
        )?;
    }
    Ok(())
}
