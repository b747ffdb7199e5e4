//! Values of the domain to and from columns.

use duckdb::arrow::array::{Array as _, ArrayRef, ArrowPrimitiveType, AsArray as _};
use duckdb::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use duckdb::types::{TimeUnit, Value};
use duckdb::{Connection, Params};
use trip::{Heading, Position};

use super::StoreError;
use super::arrow::{Batch, at, each_batch};

/// What `read` makes of every row of a query over `table`. Until the last of them the answer is open,
/// and `read` cannot ask anything else.
pub(super) fn rows<T>(
    db: &Connection,
    sql: &str,
    table: &'static str,
    read: impl FnMut(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows_with(db, sql, [], table, read)
}

/// As [`rows`], of a query with parameters.
pub(super) fn rows_with<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    table: &'static str,
    mut read: impl FnMut(&mut Columns<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut all = Vec::new();
    each_batch(db, sql, params, table, |batch| {
        all.reserve(batch.len());
        for row in 0..batch.len() {
            let next = 0;
            all.push(read(&mut Columns { batch, row, next })?);
        }
        Ok(())
    })?;
    Ok(all)
}

/// A row of one table, read from its first column to its last.
pub(super) struct Columns<'b> {
    batch: &'b Batch,
    row: usize,
    next: usize,
}

/// A value that a column may hold.
pub(super) trait FromColumn: Sized {
    /// The value in a row; `None` when the column holds something else there.
    fn read(column: &ArrayRef, row: usize) -> Option<Self>;
}

impl<'b> Columns<'b> {
    /// The value of the next column.
    pub(super) fn take<T: FromColumn>(&mut self) -> Result<T, StoreError> {
        let found = self.next().and_then(|column| T::read(column, self.row));
        found.ok_or_else(|| {
            let names = self.batch.rows().schema_ref().fields();
            let column = names.get(self.next - 1).map_or("?", |field| field.name());
            self.strange(column)
        })
    }

    /// What the text of the next column, called `column`, stands for.
    pub(super) fn word<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        let found = self.optional_word(column, read)?;
        found.ok_or_else(|| self.strange(column))
    }

    /// What the text of the next column, called `column`, stands for, if there is one.
    pub(super) fn optional_word<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let texts = (self.next()).ok_or_else(|| self.strange(column))?;
        if texts.is_null(self.row) {
            return Ok(None);
        }
        let text = (texts.as_string_opt::<i32>()).map(|texts| texts.value(self.row));
        let found = text.and_then(read).ok_or_else(|| self.strange(column))?;
        Ok(Some(found))
    }

    fn next(&mut self) -> Option<&'b ArrayRef> {
        self.next += 1;
        self.batch.rows().columns().get(self.next - 1)
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
    pub(super) fn strange(&self, column: &str) -> StoreError {
        self.batch.strange(column)
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn read(column: &ArrayRef, row: usize) -> Option<Self> {
        if column.is_null(row) {
            return Some(None);
        }
        T::read(column, row).map(Some)
    }
}

impl FromColumn for String {
    fn read(column: &ArrayRef, row: usize) -> Option<Self> {
        let texts = column.as_string_opt::<i32>()?;
        texts.is_valid(row).then(|| texts.value(row).to_owned())
    }
}

impl FromColumn for bool {
    fn read(column: &ArrayRef, row: usize) -> Option<Self> {
        let truths = column.as_boolean_opt()?;
        truths.is_valid(row).then(|| truths.value(row))
    }
}

impl FromColumn for f64 {
    fn read(column: &ArrayRef, row: usize) -> Option<Self> {
        match column.data_type() {
            DataType::Float32 => value::<Float32Type>(column, row).map(Self::from),
            _ => value::<Float64Type>(column, row),
        }
    }
}

impl FromColumn for f32 {
    fn read(column: &ArrayRef, row: usize) -> Option<Self> {
        value::<Float32Type>(column, row)
    }
}

/// Integers of every width that hold the value, days and whole decimals (as DuckDB's sums are).
fn integer(column: &ArrayRef, row: usize) -> Option<i128> {
    match column.data_type() {
        DataType::Int64 => value::<Int64Type>(column, row).map(i128::from),
        DataType::UInt32 => value::<UInt32Type>(column, row).map(i128::from),
        DataType::UInt64 => value::<UInt64Type>(column, row).map(i128::from),
        DataType::Int32 => value::<Int32Type>(column, row).map(i128::from),
        DataType::Date32 => value::<Date32Type>(column, row).map(i128::from),
        DataType::UInt16 => value::<UInt16Type>(column, row).map(i128::from),
        DataType::Int16 => value::<Int16Type>(column, row).map(i128::from),
        DataType::UInt8 => value::<UInt8Type>(column, row).map(i128::from),
        DataType::Int8 => value::<Int8Type>(column, row).map(i128::from),
        DataType::Decimal128(_, 0) => value::<Decimal128Type>(column, row),
        _ => None,
    }
}

fn value<T: ArrowPrimitiveType>(column: &ArrayRef, row: usize) -> Option<T::Native> {
    at(column.as_primitive_opt::<T>()?, row)
}

macro_rules! integers {
    ($($type:ty),+) => {$(
        impl FromColumn for $type {
            fn read(column: &ArrayRef, row: usize) -> Option<Self> {
                integer(column, row)?.try_into().ok()
            }
        }
    )+};
}

integers!(u8, u16, u32, u64, i32, i64, i128);

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
