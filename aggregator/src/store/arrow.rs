//! Columns to and from Arrow: many rows at a time.

use std::iter::zip;
use std::sync::Arc;

use duckdb::arrow::array::{
    Array as _, ArrayRef, ArrowPrimitiveType, AsArray as _, BinaryArray, BooleanArray, ListArray,
    PrimitiveArray, RecordBatch, StringArray,
};
use duckdb::arrow::buffer::OffsetBuffer;
use duckdb::arrow::datatypes::Field;
use duckdb::{Connection, Params};

use super::StoreError;

/// Appends columns to a table: all of its columns, in its order.
pub(super) fn append(
    db: &Connection,
    table: &str,
    columns: Vec<ArrayRef>,
) -> Result<(), StoreError> {
    let named =
        zip(0.., columns).map(|(number, column)| (format!("column_{number}"), column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(named)
        .expect("columns of one table are equally long");
    if batch.num_rows() > 0 {
        let mut appender = db.appender(table)?;
        appender.append_record_batch(batch)?;
        appender.flush()?;
    }
    Ok(())
}

/// A column of numbers.
pub(super) fn numbers<T: ArrowPrimitiveType>(values: impl Iterator<Item = T::Native>) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter_values(values))
}

/// A column of numbers, some of which are not known.
pub(super) fn some_numbers<T: ArrowPrimitiveType>(
    values: impl Iterator<Item = Option<T::Native>>,
) -> ArrayRef {
    Arc::new(values.collect::<PrimitiveArray<T>>())
}

/// A column of texts.
pub(super) fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// A column of texts, some of which are not known.
pub(super) fn some_texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A column of truths.
pub(super) fn truths(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

/// A column of lists of numbers: how long each is, and all of them one after the other.
pub(super) fn lists<T: ArrowPrimitiveType>(
    lengths: impl Iterator<Item = usize>,
    values: impl Iterator<Item = T::Native>,
) -> ArrayRef {
    let values = PrimitiveArray::<T>::from_iter_values(values);
    let field = Arc::new(Field::new_list_field(T::DATA_TYPE, true));
    let offsets = OffsetBuffer::from_lengths(lengths);
    Arc::new(ListArray::new(field, offsets, Arc::new(values), None))
}

/// Hands the rows of a query over, some thousand at a time.
pub(super) fn each_batch(
    db: &Connection,
    sql: &str,
    params: impl Params,
    table: &'static str,
    mut read: impl FnMut(&Batch) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    for rows in statement.stream_arrow(params)? {
        read(&Batch { rows: rows?, table })?;
    }
    Ok(())
}

/// Some rows of a query over one table.
pub(super) struct Batch {
    rows: RecordBatch,
    table: &'static str,
}

impl Batch {
    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.rows.num_rows()
    }

    /// The numbers of a column.
    pub(super) fn numbers<T: ArrowPrimitiveType>(
        &self,
        column: &'static str,
    ) -> Result<&PrimitiveArray<T>, StoreError> {
        let found = self.column(column)?.as_primitive_opt();
        found.ok_or_else(|| self.strange(column))
    }

    /// The truths of a column.
    pub(super) fn truths(&self, column: &'static str) -> Result<&BooleanArray, StoreError> {
        let found = self.column(column)?.as_boolean_opt();
        found.ok_or_else(|| self.strange(column))
    }

    /// The texts of a column.
    pub(super) fn texts(&self, column: &'static str) -> Result<&StringArray, StoreError> {
        let found = self.column(column)?.as_string_opt();
        found.ok_or_else(|| self.strange(column))
    }

    /// The bytes of a column.
    pub(super) fn blobs(&self, column: &'static str) -> Result<&BinaryArray, StoreError> {
        let found = self.column(column)?.as_binary_opt();
        found.ok_or_else(|| self.strange(column))
    }

    /// The rows, all columns in their order.
    pub(super) fn rows(&self) -> &RecordBatch {
        &self.rows
    }

    /// The lists of a column.
    pub(super) fn lists(&self, column: &'static str) -> Result<&ListArray, StoreError> {
        let found = self.column(column)?.as_list_opt();
        found.ok_or_else(|| self.strange(column))
    }

    /// Says that a column holds what does not belong there.
    pub(super) fn strange(&self, column: &str) -> StoreError {
        StoreError::Value {
            table: self.table,
            column: column.to_owned(),
        }
    }

    fn column(&self, column: &'static str) -> Result<&ArrayRef, StoreError> {
        let found = self.rows.column_by_name(column);
        found.ok_or_else(|| self.strange(column))
    }
}

/// The value in a row of a column; `None` for NULL.
pub(super) fn at<T: ArrowPrimitiveType>(
    column: &PrimitiveArray<T>,
    row: usize,
) -> Option<T::Native> {
    column.is_valid(row).then(|| column.value(row))
}
