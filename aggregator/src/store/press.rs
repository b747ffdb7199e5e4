//! A second engine beside the map: layers are laid out as tables in it, and leave it as files.
//!
//! The map may be open for reading only, so nothing is laid out in it; and what analysts may not
//! reach stays there.

mod geojson;
mod parquet;

use std::path::Path;
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{
    ArrayRef, BinaryArray, Date32Array, StringArray, TimestampMicrosecondArray,
};
use duckdb::arrow::datatypes::{Float64Type, Int64Type};

use super::StoreError;
use super::arrow::{append, some_numbers};
use super::open::settings;
use crate::release::shape::{Bounds, Shape};
use crate::release::sheet::{Column, Field, Kind, Read, Sheet};

pub(super) use parquet::About;

/// How many rows are laid out at a time.
const PAGE: usize = 50_000;

/// The columns that hold where a row lies, after its own: a shape in WKB, and the box around it.
const SHAPE_COLUMNS: &str = "geometry BLOB, west DOUBLE, south DOUBLE, east DOUBLE, north DOUBLE";

/// An engine of its own, in memory or in a new file.
pub(super) struct Press {
    db: Connection,
    with_shapes: bool,
}

impl Press {
    /// An engine in memory; what does not fit lies in a folder beside `out` for a while.
    pub(super) fn in_memory(out: &Path) -> Result<Self, StoreError> {
        let db = Connection::open_in_memory_with_flags(settings()?)?;
        let spill = super::open::beside(out, ".spill");
        db.execute_batch(&format!("SET temp_directory = {}", quoted_path(&spill)))?;
        Ok(Self {
            db,
            with_shapes: true,
        })
    }

    /// An engine in a new file.
    pub(super) fn in_file(path: &Path) -> Result<Self, StoreError> {
        let db = Connection::open_with_flags(path, settings()?)?;
        Ok(Self {
            db,
            with_shapes: false,
        })
    }

    /// Makes a table, with what it and its columns mean.
    pub(super) fn table(
        &self,
        table: &str,
        meaning: &str,
        fields: &[Field],
    ) -> Result<(), StoreError> {
        let column = |field: &Field| format!("{} {}", field.name, sql_type(field.kind));
        let mut columns: Vec<String> = fields.iter().map(column).collect();
        if self.with_shapes {
            columns.push(SHAPE_COLUMNS.to_owned());
        }
        let mut sql = format!("CREATE TABLE {table} ({});\n", columns.join(", "));
        sql += &format!("COMMENT ON TABLE {table} IS {};\n", quoted(meaning));
        for Field { name, meaning, .. } in fields {
            sql += &format!("COMMENT ON COLUMN {table}.{name} IS {};\n", quoted(meaning));
        }
        Ok(self.db.execute_batch(&sql)?)
    }

    /// Lays rows out in the table, in their order.
    pub(super) fn lay<R>(
        &self,
        table: &str,
        sheet: &Sheet<R>,
        rows: &[R],
    ) -> Result<(), StoreError> {
        for page in rows.chunks(PAGE) {
            let columns = sheet.columns.iter().map(|column| array(column, page));
            self.lay_arrays(table, columns.collect(), || {
                page.iter().map(|row| (sheet.shape)(row)).collect()
            })?;
        }
        Ok(())
    }

    /// Lays columns out in the table, and the shapes of their rows where it has those.
    pub(super) fn lay_arrays(
        &self,
        table: &str,
        mut columns: Vec<ArrayRef>,
        shapes: impl FnOnce() -> Vec<Shape>,
    ) -> Result<(), StoreError> {
        if self.with_shapes {
            columns.extend(shape_arrays(&shapes()));
        }
        append(&self.db, table, columns)
    }

    /// How many rows the table has.
    pub(super) fn count(&self, table: &str) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {table}");
        Ok(self.db.query_row(&sql, [], |row| row.get(0))?)
    }

    /// Runs statements of our own.
    pub(super) fn run(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.db.execute_batch(sql)?)
    }

    /// Writes the table as CSV (RFC 4180): a header, times in RFC 3339, nothing for what is unknown.
    pub(super) fn write_csv(
        &self,
        table: &str,
        fields: &[Field],
        path: &Path,
    ) -> Result<(), StoreError> {
        let column = |field: &Field| match field.kind {
            Kind::Text => format!("nullif({0}, '') AS {0}", field.name),
            _ => format!("{} AS {}", known(field), field.name),
        };
        let columns: Vec<String> = fields.iter().map(column).collect();
        self.run(&format!(
            "COPY (SELECT {} FROM {table} ORDER BY rowid) TO {} (FORMAT csv, HEADER)",
            columns.join(", "),
            quoted_path(path)
        ))
    }
}

/// A column as JSON and spreadsheets read it, in SQL: times in RFC 3339, and only numbers that are
/// some.
fn known(field: &Field) -> String {
    let name = field.name;
    match field.kind {
        Kind::Number => format!("CASE WHEN isfinite({name}) THEN {name} END"),
        Kind::Time => format!("strftime({name}, '%Y-%m-%dT%H:%M:%SZ')"),
        Kind::Day => format!("strftime({name}, '%Y-%m-%d')"),
        Kind::Text | Kind::Whole | Kind::Truth => name.to_owned(),
    }
}

fn sql_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "VARCHAR",
        Kind::Whole => "BIGINT",
        Kind::Number => "DOUBLE",
        Kind::Truth => "BOOLEAN",
        Kind::Time => "TIMESTAMP",
        Kind::Day => "DATE",
    }
}

/// A column of some rows.
fn array<R>(column: &Column<R>, rows: &[R]) -> ArrayRef {
    match column.read {
        Read::Text(read) => Arc::new(StringArray::from_iter_values(rows.iter().map(read))),
        Read::Whole(read) => some_numbers::<Int64Type>(rows.iter().map(read)),
        Read::Number(read) => some_numbers::<Float64Type>(rows.iter().map(read)),
        Read::Truth(read) => {
            let values = rows.iter().map(read);
            Arc::new(values.collect::<duckdb::arrow::array::BooleanArray>())
        }
        Read::Time(read) => {
            let values = rows.iter().map(read);
            Arc::new(values.collect::<TimestampMicrosecondArray>())
        }
        Read::Day(read) => Arc::new(rows.iter().map(read).collect::<Date32Array>()),
    }
}

/// The columns of [`SHAPE_COLUMNS`].
fn shape_arrays(shapes: &[Shape]) -> Vec<ArrayRef> {
    let wkb = BinaryArray::from_iter_values(shapes.iter().map(Shape::wkb));
    let bounds: Vec<Bounds> = shapes.iter().map(Shape::bounds).collect();
    let edge = |edge: fn(&Bounds) -> f64| -> ArrayRef {
        some_numbers::<Float64Type>(bounds.iter().map(|bounds| Some(edge(bounds))))
    };
    vec![
        Arc::new(wkb),
        edge(|bounds| bounds.west),
        edge(|bounds| bounds.south),
        edge(|bounds| bounds.east),
        edge(|bounds| bounds.north),
    ]
}

/// A text as SQL writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A path as SQL writes it.
pub(super) fn quoted_path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
