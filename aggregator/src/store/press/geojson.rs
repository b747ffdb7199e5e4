//! A table as GeoJSON (RFC 7946), one feature a line.
//!
//! GDAL and its like guess the type of a column from the first features they see (20 of a page of
//! OGC API Features). So rows that know what is seldom known come first: of every column with a
//! value anywhere, one of the first features has it.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use duckdb::arrow::array::Array as _;

use super::super::StoreError;
use super::super::arrow::each_batch;
use super::super::rows::rows;
use super::{Press, known};
use crate::release::shape::Shape;
use crate::release::sheet::{Field, Kind};

impl Press {
    /// Writes the table as a FeatureCollection called `name`; with `id`, features have the text of
    /// that column for an id.
    pub(in super::super) fn write_geojson(
        &self,
        table: &str,
        name: &str,
        fields: &[Field],
        id: Option<&str>,
        path: &Path,
    ) -> Result<(), StoreError> {
        let file_error = |source| StoreError::File {
            path: path.to_owned(),
            source,
        };
        let mut out = BufWriter::new(File::create(path).map_err(file_error)?);
        let head = format!(r#"{{"type":"FeatureCollection","name":"{name}","features":["#);
        out.write_all(head.as_bytes()).map_err(file_error)?;
        let properties: Vec<String> = (fields.iter())
            .map(|field| format!("{} := {}", field.name, known(field)))
            .collect();
        let first: Vec<String> = self.exemplars(table, fields)?;
        let sql = format!(
            "SELECT {} AS id, geometry, to_json(struct_pack({}))::VARCHAR AS properties \
             FROM {table} ORDER BY rowid IN ({}) DESC, rowid",
            id.map_or_else(
                || "NULL::VARCHAR".to_owned(),
                |id| format!("to_json({id})::VARCHAR")
            ),
            properties.join(", "),
            first.join(", ")
        );
        let mut written = 0_u64;
        let mut failed = None;
        each_batch(&self.db, &sql, [], "features", |batch| {
            let ids = batch.texts("id")?;
            let shapes = batch.blobs("geometry")?;
            let properties = batch.texts("properties")?;
            for row in 0..batch.len() {
                let shape =
                    Shape::of_wkb(shapes.value(row)).ok_or_else(|| batch.strange("geometry"))?;
                let id = ids.is_valid(row).then(|| ids.value(row));
                let line = feature(&mut out, written > 0, id, &shape, properties.value(row));
                if let Err(source) = line {
                    failed = Some(source);
                    return Err(batch.strange("geometry"));
                }
                written += 1;
            }
            Ok(())
        })
        .map_err(|error| failed.take().map_or(error, file_error))?;
        out.write_all(b"\n]}\n").map_err(file_error)?;
        out.flush().map_err(file_error)
    }

    /// Rows that between them have a value in every column that has one anywhere; at least one
    /// number, so that it can be asked for.
    fn exemplars(&self, table: &str, fields: &[Field]) -> Result<Vec<String>, StoreError> {
        let mut first = vec!["-1".to_owned()];
        let firsts: Vec<String> = (fields.iter())
            .filter(|field| field.kind != Kind::Text)
            .map(|field| format!("min(rowid) FILTER ({} IS NOT NULL)", field.name))
            .collect();
        if firsts.is_empty() {
            return Ok(first);
        }
        let firsts = firsts.join(", ");
        let sql = format!("SELECT unnest(list_distinct([{firsts}])) FROM {table}");
        let found = rows(&self.db, &sql, "features", |columns| columns.take::<i64>())?;
        first.extend(found.iter().map(i64::to_string));
        Ok(first)
    }
}

fn feature(
    out: &mut impl io::Write,
    is_next: bool,
    id: Option<&str>,
    shape: &Shape,
    properties: &str,
) -> io::Result<()> {
    out.write_all(if is_next { b",\n" } else { b"\n" })?;
    out.write_all(br#"{"type":"Feature","#)?;
    if let Some(id) = id {
        write!(out, r#""id":{id},"#)?;
    }
    out.write_all(br#""geometry":"#)?;
    shape.write_geojson(out)?;
    write!(out, r#","properties":{properties}}}"#)
}
