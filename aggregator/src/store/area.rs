//! The area of a map: one row, and the rule that it stays what it is.

use duckdb::{Connection, params};

use super::rows::{Columns, rows};
use super::{Store, StoreError};
use crate::area::Area;
use crate::query::Bbox;

impl Store {
    /// The area that the map is of.
    pub fn area(&self) -> &Area {
        &self.area
    }

    /// Says which area the map is of. Its id and its time zone can be said as long as the map holds no
    /// facts; whatever else is known of it may change at any time.
    ///
    /// # Errors
    /// When the map holds facts of another area, or of days counted in another zone; when it was
    /// opened for reading, or the disk or the engine refuses.
    pub fn set_area(&mut self, area: Area) -> Result<(), StoreError> {
        self.must_write()?;
        let is_same = area.id == self.area.id && area.time_zone == self.area.time_zone;
        if !is_same && self.holds_facts()? {
            return Err(self.other_area(&area));
        }
        let transaction = self.db.transaction()?;
        transaction.execute_batch("DELETE FROM area")?;
        save(&transaction, &area)?;
        transaction.commit()?;
        self.area = area;
        Ok(())
    }

    fn holds_facts(&self) -> Result<bool, StoreError> {
        let tables = ["trip", "withdrawn", "sealing", "said", "known_feature"];
        let counts = tables.map(|table| format!("(SELECT count(*) FROM {table})"));
        let sql = format!("SELECT {} > 0", counts.join(" + "));
        Ok(self.db.query_row(&sql, [], |row| row.get(0))?)
    }

    fn other_area(&self, given: &Area) -> StoreError {
        let path = self.path.clone();
        if given.id == self.area.id {
            return StoreError::OtherZone {
                path,
                has: self.area.time_zone.to_string(),
                given: given.time_zone.to_string(),
            };
        }
        StoreError::OtherArea {
            path,
            has: self.area.id.clone(),
            given: given.id.clone(),
        }
    }
}

/// The area that the table holds.
pub(super) fn read(db: &Connection) -> Result<Area, StoreError> {
    let sql = "SELECT id, time_zone, name, west_deg, south_deg, east_deg, north_deg, languages, \
               operator, contact, licence, k, retention_days FROM area";
    Ok(rows(db, sql, "area", area)?.pop().unwrap_or_default())
}

fn area(columns: &mut Columns<'_>) -> Result<Area, StoreError> {
    Ok(Area {
        id: columns.word("id", |id| id.parse().ok())?,
        time_zone: columns.word("time_zone", |zone| zone.parse().ok())?,
        name: columns.take()?,
        bbox: {
            let mut degrees = [None; 4];
            for edge in &mut degrees {
                *edge = columns.take::<Option<f64>>()?;
            }
            match degrees {
                [Some(west), Some(south), Some(east), Some(north)] => Some(
                    Bbox::from_degrees([west, south, east, north])
                        .map_err(|_| columns.strange("west_deg"))?,
                ),
                _ => None,
            }
        },
        languages: columns.word("languages", |tags| {
            Some(tags.split_whitespace().map(str::to_owned).collect())
        })?,
        operator: columns.take()?,
        contact: columns.take()?,
        licence: columns.take()?,
        k: columns.take()?,
        retention_days: columns.take()?,
    })
}

/// Writes the row.
pub(super) fn save(db: &Connection, area: &Area) -> Result<(), StoreError> {
    let [west, south, east, north] = area.bbox.map_or([None; 4], |bbox| bbox.degrees().map(Some));
    db.execute(
        "INSERT INTO area VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            area.id.as_str(),
            area.time_zone.to_string(),
            area.name,
            west,
            south,
            east,
            north,
            area.languages.join(" "),
            area.operator,
            area.contact,
            area.licence,
            area.k,
            area.retention_days,
        ],
    )?;
    Ok(())
}
