//! Other evidence of trips that the map holds already.

use std::collections::BTreeMap;

use super::{Store, StoreError, facts};
use crate::evidence::{Recorded, TripEvidence};
use crate::identity::TripHash;

impl Store {
    /// Takes in evidence of trips that the map holds, as [`Store::record`]; `None` of each that it
    /// does not hold, which is left alone. What was sealed stays as it is.
    ///
    /// # Errors
    /// As [`Store::record`].
    pub fn redetect(
        &mut self,
        evidence: &[TripEvidence],
    ) -> Result<Vec<Option<Recorded>>, StoreError> {
        let trips: Vec<TripHash> = evidence.iter().map(|e| TripHash::of(&e.key)).collect();
        let known = facts::known(&self.db, &trips)?;
        let (withdrawn, sealed) = (self.withdrawn()?, self.sealed_of(&trips)?);
        let is_known = |trip: &TripHash| {
            known.contains_key(trip) || withdrawn.contains(trip) || sealed.contains(trip)
        };
        let held: Vec<usize> = (0..trips.len()).filter(|&i| is_known(&trips[i])).collect();
        let of_held: Vec<TripEvidence> = held.iter().map(|&i| evidence[i].clone()).collect();
        let recorded = self.record(&of_held)?;
        let recorded: BTreeMap<usize, Recorded> = held.into_iter().zip(recorded).collect();
        Ok((0..trips.len())
            .map(|i| recorded.get(&i).copied())
            .collect())
    }
}
