//! A table as Parquet, and as GeoParquet 1.1.
//!
//! The engine's own geometry writes version 1.0, so the shapes are WKB in a plain column and the
//! metadata is written here.

use std::path::Path;

use serde_json::{Value, json};

use super::super::StoreError;
use super::super::rows::rows;
use super::{Press, quoted, quoted_path};
use crate::release::sheet::Field;

/// What a file says of itself.
#[derive(Clone, Debug)]
pub(in super::super) struct About(pub(in super::super) Value);

impl Press {
    /// Writes the table as Parquet, in its order.
    pub(in super::super) fn write_parquet(
        &self,
        table: &str,
        fields: &[Field],
        about: &About,
        path: &Path,
    ) -> Result<(), StoreError> {
        let columns: Vec<&str> = fields.iter().map(|field| field.name).collect();
        let metadata = format!("jounce: {}", quoted(&about.0.to_string()));
        self.copy(table, &columns.join(", "), &metadata, path)
    }

    /// Writes the table as GeoParquet 1.1: WKB in `geometry`, the box around each row in `bbox`.
    /// Without `crs` the reference system is OGC:CRS84: longitude, latitude, WGS 84.
    ///
    /// Source: GeoParquet 1.1.0, OGC 24-013.
    pub(in super::super) fn write_geoparquet(
        &self,
        table: &str,
        fields: &[Field],
        about: &About,
        path: &Path,
    ) -> Result<(), StoreError> {
        let mut columns: Vec<&str> = fields.iter().map(|field| field.name).collect();
        columns.push("geometry");
        columns.push("{xmin: west, ymin: south, xmax: east, ymax: north} AS bbox");
        let metadata = format!(
            "geo: {}, jounce: {}",
            quoted(&self.geo(table)?.to_string()),
            quoted(&about.0.to_string())
        );
        self.copy(table, &columns.join(", "), &metadata, path)
    }

    fn copy(
        &self,
        table: &str,
        columns: &str,
        metadata: &str,
        path: &Path,
    ) -> Result<(), StoreError> {
        self.run(&format!(
            "COPY (SELECT {columns} FROM {table} ORDER BY rowid) TO {} \
             (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})",
            quoted_path(path)
        ))
    }

    /// What the key `geo` says of the table.
    fn geo(&self, table: &str) -> Result<Value, StoreError> {
        let of_box = |edge: &str| json!(["bbox", edge]);
        let mut geometry = json!({
            "encoding": "WKB",
            "geometry_types": self.geometry_types(table)?,
            "covering": {"bbox": {
                "xmin": of_box("xmin"), "ymin": of_box("ymin"),
                "xmax": of_box("xmax"), "ymax": of_box("ymax"),
            }},
        });
        if let Some(extent) = self.extent(table)? {
            geometry["bbox"] = json!(extent);
        }
        Ok(json!({
            "version": "1.1.0",
            "primary_column": "geometry",
            "columns": {"geometry": geometry},
        }))
    }

    /// The kinds of shapes in the table, by the byte of WKB that tells them.
    fn geometry_types(&self, table: &str) -> Result<Vec<&'static str>, StoreError> {
        let sql = format!("SELECT DISTINCT hex(geometry[2:2]) AS kind FROM {table} ORDER BY kind");
        rows(&self.db, &sql, "features", |columns| {
            columns.word("geometry", |kind| match kind {
                "01" => Some("Point"),
                "03" => Some("Polygon"),
                "06" => Some("MultiPolygon"),
                _ => None,
            })
        })
    }

    /// West, south, east, north of all rows, degrees; `None` without rows. What spans the 180th
    /// meridian makes it go around the globe.
    fn extent(&self, table: &str) -> Result<Option<[f64; 4]>, StoreError> {
        let sql = format!(
            "SELECT CASE WHEN bool_or(west > east) THEN -180 ELSE min(west) END, min(south), \
             CASE WHEN bool_or(west > east) THEN 180 ELSE max(east) END, max(north) \
             FROM {table} HAVING count(*) > 0"
        );
        let extent = rows(&self.db, &sql, "features", |columns| {
            Ok([
                columns.take()?,
                columns.take()?,
                columns.take()?,
                columns.take()?,
            ])
        })?;
        Ok(extent.first().copied())
    }
}
