//! Values of the domain to and from columns.

use duckdb::types::{FromSql, TimeUnit, Value};
use duckdb::{Connection, Row};
use trip::{Heading, Position};

use super::StoreError;

/// What `read` makes of every row of a query over `table`.
pub(super) fn rows<T>(
    db: &Connection,
    sql: &str,
    table: &'static str,
    mut read: impl FnMut(&mut Columns<'_, '_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = db.prepare(sql)?;
    let read = |row: &Row<'_>| read(&mut Columns::of(row, table));
    statement.query_and_then([], read)?.collect()
}

/// A row of one table, read from its first column to its last.
pub(super) struct Columns<'r, 's> {
    row: &'r Row<'s>,
    table: &'static str,
    next: usize,
}

impl<'r, 's> Columns<'r, 's> {
    /// The columns of a row of `table`.
    pub(super) fn of(row: &'r Row<'s>, table: &'static str) -> Self {
        Self {
            row,
            table,
            next: 0,
        }
    }

    /// The value of the next column.
    pub(super) fn take<T: FromSql>(&mut self) -> Result<T, StoreError> {
        let index = self.next;
        self.next += 1;
        Ok(self.row.get(index)?)
    }

    /// What the text of the next column, called `column`, stands for.
    pub(super) fn word<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let text: String = self.take()?;
        read(&text).ok_or_else(|| self.strange(column))
    }

    /// What the text of the next column, called `column`, stands for, if there is one.
    pub(super) fn optional_word<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.take::<Option<String>>()? else {
            return Ok(None);
        };
        read(&text).map(Some).ok_or_else(|| self.strange(column))
    }

    /// The position in the next two columns.
    pub(super) fn position(&mut self) -> Result<Option<Position>, StoreError> {
        let (lat_deg, lon_deg): (Option<f64>, Option<f64>) = (self.take()?, self.take()?);
        let (Some(lat_deg), Some(lon_deg)) = (lat_deg, lon_deg) else {
            return Ok(None);
        };
        let position = Position::new(lat_deg, lon_deg).map_err(|_| self.strange("lat_deg"))?;
        Ok(Some(position))
    }

    /// The heading in the next column.
    pub(super) fn heading(&mut self) -> Result<Option<Heading>, StoreError> {
        let deg: Option<f64> = self.take()?;
        let heading = deg.map(Heading::from_deg).transpose();
        heading.map_err(|_| self.strange("heading_deg"))
    }

    /// Says that a column of this row holds what does not belong there.
    pub(super) fn strange(&self, column: &'static str) -> StoreError {
        StoreError::Value {
            table: self.table,
            column,
        }
    }
}

/// A time in µs since 1970 UTC as a TIMESTAMP.
pub(super) fn timestamp(t_us: Option<i64>) -> Option<Value> {
    t_us.map(|t_us| Value::Timestamp(TimeUnit::Microsecond, t_us))
}

/// A day since 1970 as a DATE.
pub(super) fn date(day: Option<i32>) -> Option<Value> {
    day.map(Value::Date32)
}

/// The number of a thing in its report.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
