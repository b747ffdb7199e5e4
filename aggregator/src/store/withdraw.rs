//! What a driver withdraws.

use std::collections::BTreeSet;

use duckdb::params;
use trip::{DeviceId, TripKey};

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
        self.take_out(&format!("driver IN ({})", drivers.join(",")), &[])
    }

    /// Takes trips out of the map, and says how many it held of them: as [`Store::forget`]. Those that
    /// it does not hold are not taken in later either.
    ///
    /// # Errors
    /// As [`Store::forget`].
    pub fn forget_trips(&mut self, trips: &[TripKey]) -> Result<usize, StoreError> {
        self.must_write()?;
        if trips.is_empty() {
            return Ok(0);
        }
        let names: Vec<TripHash> = trips.iter().map(TripHash::of).collect();
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        self.take_out(&format!("trip IN ({})", quoted.join(",")), &names)
    }

    /// Takes the trips out that meet a condition; of those and the `named` ones the hashes stay.
    fn take_out(&mut self, condition: &str, named: &[TripHash]) -> Result<usize, StoreError> {
        let withdrawn = self.withdrawn()?;
        let transaction = self.db.transaction()?;
        let sql = format!("SELECT trip_no, trip FROM trip WHERE {condition}");
        let trips: Vec<(u32, TripHash)> = rows(&transaction, &sql, "trip", |columns| {
            let number = columns.take()?;
            Ok((number, columns.word("trip", |text| text.parse().ok())?))
        })?;
        let names: BTreeSet<TripHash> = (trips.iter().map(|(_, name)| *name))
            .chain(named.iter().copied())
            .filter(|name| !withdrawn.contains(name))
            .collect();
        let numbers: Vec<u32> = trips.iter().map(|(number, _)| *number).collect();
        facts::forget(&transaction, &numbers)?;
        for trip in &names {
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
