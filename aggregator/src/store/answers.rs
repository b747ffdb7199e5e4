//! What a map answers: from the stored projection, or, when that is stale, from the facts.

use duckdb::Connection;
use trip::Position;

use super::{Store, StoreError, Summary, facts, projection, summary};
use crate::coverage::Coverage;
use crate::hazard::{Hazard, HazardId};
use crate::query::HazardQuery;
use crate::said::SaidId;
use crate::survey::{Survey, survey};

impl Store {
    /// The hazards that a query asks for, the most certain first.
    ///
    /// They come from the stored projection; when that is stale, or the query looks from another
    /// moment, they are folded from the facts.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn hazards(&self, query: &HazardQuery) -> Result<Vec<Hazard>, StoreError> {
        self.hazards_by(query, projection::hazards)
    }

    /// As [`Store::hazards`], only that weeks, moves and numbers in other systems may be left out: a
    /// list of a box in a large map needs none of them, and they lie in larger tables.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn hazards_alone(&self, query: &HazardQuery) -> Result<Vec<Hazard>, StoreError> {
        self.hazards_by(query, projection::hazards_alone)
    }

    fn hazards_by(
        &self,
        query: &HazardQuery,
        read: impl FnOnce(&Connection, &HazardQuery) -> Result<Vec<Hazard>, StoreError>,
    ) -> Result<Vec<Hazard>, StoreError> {
        let hazards = if query.as_of_us.is_none() && self.is_projected()? {
            read(&self.db, query)?
        } else {
            self.fold(query.as_of_us)?.hazards
        };
        Ok(query.answer(hazards))
    }

    /// Every cell that anybody passed, in spatial order.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn coverage(&self) -> Result<Vec<Coverage>, StoreError> {
        if self.is_projected()? {
            projection::coverage(&self.db, "coverage")
        } else {
            Ok(self.fold(None)?.coverage)
        }
    }

    /// Every cell that anybody passed or that a hazard stands in: was it surveyed, and what was
    /// found? A cell that is not in the answer was not surveyed.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn survey(&self) -> Result<Vec<Survey>, StoreError> {
        let (coverage, hazards, as_of_us);
        if self.is_projected()? {
            coverage = projection::coverage(&self.db, "coverage")?;
            hazards = projection::hazards_alone(&self.db, &HazardQuery::default())?;
            let sql = "SELECT epoch_us(as_of_utc) FROM meta";
            as_of_us = self.db.query_row(sql, [], |row| row.get(0))?;
        } else {
            let projection = self.fold(None)?;
            (coverage, hazards) = (projection.coverage, projection.hazards);
            as_of_us = projection.as_of_us;
        }
        let zone = &self.area.time_zone;
        Ok(survey(&coverage, &hazards, as_of_us, zone, &self.config))
    }

    /// Which hazard each citizen's report is of, in order of the reports' names.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn reported(&self) -> Result<Vec<(SaidId, HazardId)>, StoreError> {
        if self.is_projected()? {
            projection::reported(&self.db)
        } else {
            Ok(self.fold(None)?.reported)
        }
    }

    /// Where every bump was, in the order in which they came.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn bump_places(&self) -> Result<Vec<Position>, StoreError> {
        facts::bump_places(&self.db)
    }

    /// The map in a few numbers.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn summary(&self) -> Result<Summary, StoreError> {
        let folded = match self.is_projected()? {
            true => None,
            false => Some(self.fold(None)?),
        };
        summary::summary(&self.db, &self.area.time_zone, folded.as_ref())
    }

    /// The hazard with a name, or the one that it was joined into.
    ///
    /// # Errors
    /// When there is none, or the map cannot be read.
    pub fn hazard(&self, id: HazardId) -> Result<Hazard, StoreError> {
        let named = |id| {
            let query = HazardQuery {
                id: Some(id),
                ..HazardQuery::default()
            };
            Ok::<_, StoreError>(self.hazards(&query)?.pop())
        };
        if let Some(hazard) = named(id)? {
            return Ok(hazard);
        }
        let duplicate_of = if self.is_projected()? {
            projection::duplicate_of(&self.db, id)?
        } else {
            let joined = self.fold(None)?.joined;
            joined
                .into_iter()
                .find(|(from, _)| *from == id)
                .map(|(_, into)| into)
        };
        let hazard = duplicate_of.map(named).transpose()?.flatten();
        hazard.ok_or(StoreError::NoHazard { id })
    }
}
