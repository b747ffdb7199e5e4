//! What a driver withdraws.

use std::collections::BTreeSet;

use duckdb::params;
use trip::DeviceId;

use super::rows::rows;
use super::{Store, StoreError, facts, rewrite};
use crate::identity::TripHash;

impl Store {
    /// Takes everything that a device ever said out of the map, and says how many trips that were.
    /// Their hashes stay, so that the same trips are not taken in again. What was folded from them
    /// is stale afterwards: see [`Store::project`].
    ///
    /// The file is written anew without them. Trips of seasons whose key is gone cannot be found:
    /// nobody knows any more whose they are; sums that were sealed stay.
    ///
    /// # Errors
    /// When the map was opened for reading, or the disk or the engine refuses.
    pub fn forget(&mut self, device: &DeviceId) -> Result<usize, StoreError> {
        let keys = self.keys.as_ref().ok_or(StoreError::ReadOnly)?;
        let drivers: Vec<String> = (keys.drivers(device).iter())
            .map(|driver| format!("'{driver}'"))
            .collect();
        if drivers.is_empty() {
            return Ok(0);
        }
        let transaction = self.db.transaction()?;
        let sql = format!(
            "SELECT trip_no, trip FROM trip WHERE driver IN ({})",
            drivers.join(",")
        );
        let trips: Vec<(u32, TripHash)> = rows(&transaction, &sql, "trip", |columns| {
            let number = columns.take()?;
            Ok((number, columns.word("trip", |text| text.parse().ok())?))
        })?;
        let numbers: Vec<u32> = trips.iter().map(|(number, _)| *number).collect();
        facts::forget(&transaction, &numbers)?;
        for (_, trip) in &trips {
            let sql = "INSERT INTO withdrawn VALUES (?)";
            transaction.execute(sql, params![trip.to_string()])?;
        }
        transaction.execute("UPDATE meta SET fact_revision = fact_revision + 1", [])?;
        if !trips.is_empty() {
            rewrite::is_due(&transaction)?;
        }
        transaction.commit()?;
        self.hold()?;
        self.erase()?;
        Ok(trips.len())
    }

    /// The trips that were withdrawn.
    pub(super) fn withdrawn(&self) -> Result<BTreeSet<TripHash>, StoreError> {
        let sql = "SELECT trip FROM withdrawn";
        let trips = rows(&self.db, sql, "withdrawn", |columns| {
            columns.word("trip", |text| text.parse().ok())
        })?;
        Ok(trips.into_iter().collect())
    }
}
