//! What leaves the map: a layer as a file, several as a snapshot.
//!
//! A layer is laid out as a table in an engine of its own ([`Press`]) and written from there, so
//! that a map which is open for reading gives all of it, and every format carries the same columns.

mod bumps;
mod error;
mod view;

use std::path::Path;

use serde_json::{Value, json};

use super::out::Draft;
use super::press::{About, Press, quoted};
use super::{Store, StoreError};
use crate::hazard::words;
use crate::query::Bbox;
use crate::release::sheet::{Field, Sheet};
use crate::release::{Audience, Layer, act, cell, ends_a_week, hazard, week, week_of};
use crate::zone::Zone;
use view::View;

pub use error::ReleaseError;

/// What is to leave the map.
#[derive(Clone, Debug)]
pub struct Export {
    /// What.
    pub layer: Layer,
    /// For whom.
    pub audience: Audience,
    /// How it is written.
    pub format: Format,
    /// Only what lies in this box. For the public, by the places that they are told.
    pub bbox: Option<Bbox>,
    /// Seen from this moment, µs since 1970 UTC; without one, from the newest dated evidence. The
    /// public looks from the last moment of an ISO week only.
    pub as_of_us: Option<i64>,
}

/// How a layer is written. All carry the same columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// GeoJSON, RFC 7946.
    GeoJson,
    /// GeoParquet 1.1: Parquet with a shape in every row.
    GeoParquet,
    /// Parquet.
    Parquet,
    /// CSV, RFC 4180.
    Csv,
}

words!(Format {
    GeoJson => "geojson",
    GeoParquet => "geoparquet",
    Parquet => "parquet",
    Csv => "csv",
});

/// What left the map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Rows written, in every layer together.
    pub rows: u64,
    /// Hazards that the audience may not know of; bumps that have no place.
    pub withheld: u64,
    /// The moment it is seen from, µs since 1970 UTC.
    pub as_of_us: Option<i64>,
}

/// The version of what a snapshot and a Parquet file say of themselves.
const RELEASE_VERSION: i32 = 1;

/// The one table of a press that writes one layer.
const TABLE: &str = "layer";

impl Store {
    /// Writes a layer of the map to a new file at `out`; with `replace`, also in the place of one
    /// that is there. The file is there when it is whole, or not at all.
    ///
    /// # Errors
    /// When the audience may not have it, the file is there already, or the map, the disk or the
    /// engine refuses.
    pub fn export(
        &self,
        export: &Export,
        out: &Path,
        replace: bool,
    ) -> Result<Exported, ReleaseError> {
        check(
            export.layer,
            export.audience,
            export.as_of_us,
            &self.area.time_zone,
        )?;
        let draft = Draft::of_file(out, replace, self.path())?;
        let view = View::of(self, &[export.layer], export.as_of_us)?;
        let wrote = || -> Result<Exported, StoreError> {
            let press = Press::in_memory(draft.partial())?;
            let (fields, withheld) = self.lay(&press, TABLE, &view, export)?;
            let about = About(self.about("jounce export", export.layer.name(), export, &view));
            let path = draft.partial();
            match export.format {
                Format::Csv => press.write_csv(TABLE, &fields, path)?,
                Format::Parquet => press.write_parquet(TABLE, &fields, &about, path)?,
                Format::GeoParquet => press.write_geoparquet(TABLE, &fields, &about, path)?,
                Format::GeoJson => {
                    let id = matches!(export.layer, Layer::Hazards | Layer::Coverage | Layer::Acts);
                    let id = id.then_some(fields[0].name);
                    press.write_geojson(TABLE, export.layer.name(), &fields, id, path)?;
                }
            }
            Ok(Exported {
                rows: press.count(TABLE)?,
                withheld,
                as_of_us: view.as_of_us,
            })
        };
        let exported = wrote().map_err(|error| draft.failed(error))?;
        draft.publish()?;
        Ok(exported)
    }

    /// Writes a database of its own for an audience to `out`: what they may have of the map, in
    /// tables that any DuckDB from 1.5 on opens.
    ///
    /// # Errors
    /// As [`Store::export`].
    pub fn snapshot(
        &self,
        audience: Audience,
        out: &Path,
        replace: bool,
    ) -> Result<Exported, ReleaseError> {
        let draft = Draft::of_snapshot(out, replace, self.path())?;
        let layers: Vec<Layer> = Layer::in_snapshot(audience).collect();
        let view = View::of(self, &layers, None)?;
        let wrote = || -> Result<Exported, StoreError> {
            let press = Press::in_file(draft.partial())?;
            let mut exported = Exported {
                as_of_us: view.as_of_us,
                ..Exported::default()
            };
            let mut export = Export {
                layer: Layer::Hazards,
                audience,
                format: Format::Parquet,
                bbox: None,
                as_of_us: None,
            };
            press.run("BEGIN")?;
            for layer in layers {
                export.layer = layer;
                let (_, withheld) = self.lay(&press, layer.table(), &view, &export)?;
                exported.rows += press.count(layer.table())?;
                exported.withheld += withheld;
            }
            press.run(&self.meta(audience, &view))?;
            press.run("COMMIT; CHECKPOINT")?;
            Ok(exported)
        };
        let exported = wrote().map_err(|error| draft.failed(error))?;
        draft.publish()?;
        Ok(exported)
    }

    /// Lays a layer out as a table. Gives its columns, and how much the audience may not know of.
    fn lay(
        &self,
        press: &Press,
        table: &str,
        view: &View,
        export: &Export,
    ) -> Result<(Vec<Field>, u64), StoreError> {
        let (rule, zone) = (&self.config.release, &self.area.time_zone);
        let laid = Laid {
            press,
            table,
            layer: export.layer,
            bbox: export.bbox,
        };
        let hazards = &view.hazards;
        let is_public = export.audience == Audience::Public;
        match export.layer {
            Layer::Hazards if is_public => {
                let public = hazard::public(hazards.iter(), rule, zone);
                let (known, told) = (
                    view.hazards_within(export.bbox),
                    laid.within(public, |row| row.place),
                );
                let withheld = known.saturating_sub(told.len()) as u64;
                Ok((laid.rows(&hazard::public_sheet(), &told)?, withheld))
            }
            Layer::Hazards => {
                let hazards: Vec<_> = hazards.iter().collect();
                let rows = hazard::with_names(&hazards, &view.said, view.as_of_us);
                laid.sheet(&hazard::sheet(export.audience), rows)
            }
            Layer::Coverage if is_public => {
                let public = hazard::public(hazards.iter(), rule, zone);
                let cells =
                    cell::public(&view.coverage, &public, view.as_of_us, zone, &self.config);
                laid.sheet(&cell::public_sheet(), cells)
            }
            Layer::Coverage => {
                let surveyed = crate::survey::survey(
                    &view.coverage,
                    hazards.iter(),
                    view.as_of_us,
                    zone,
                    &self.config,
                );
                laid.sheet(&cell::sheet(), cell::cells(surveyed, &view.coverage))
            }
            Layer::History if is_public => {
                let public = hazard::public(hazards.iter(), rule, zone);
                let weeks = public
                    .iter()
                    .flat_map(|told| week::public_weeks(told, rule, zone));
                laid.sheet(&week::public_sheet(), weeks.collect())
            }
            Layer::History => laid.sheet(
                &week::sheet(),
                hazards
                    .iter()
                    .flat_map(|hazard| week::weeks(hazard, zone))
                    .collect(),
            ),
            Layer::Acts => {
                let until = |at_us: i64| view.as_of_us.is_none_or(|as_of_us| at_us <= as_of_us);
                let is_asked = |at_us: i64| export.as_of_us.is_none() || until(at_us);
                let said = view
                    .said
                    .iter()
                    .filter(|said| is_asked(said.at_us))
                    .cloned();
                laid.sheet(&act::sheet(), said.collect())
            }
            Layer::Bumps => bumps::lay(self, press, table, export, view),
        }
    }

    /// What a file says of itself. The public is not told when the last trip ended.
    fn about(&self, format: &str, layer: &str, export: &Export, view: &View) -> Value {
        let is_public = export.audience == Audience::Public;
        let mut about = json!({
            "format": format,
            "version": RELEASE_VERSION,
            "layer": layer,
            "audience": export.audience.name(),
            "as_of_week": week_of(view.as_of_us, &self.area.time_zone),
            "written_by": WRITTEN_BY,
        });
        if is_public {
            about["k"] = json!(self.config.release.k());
        } else {
            about["as_of_utc"] = json!(view.as_of_us.and_then(crate::geojson::utc));
        }
        about
    }

    /// The table in which a snapshot says what it is.
    fn meta(&self, audience: Audience, view: &View) -> String {
        let is_public = audience == Audience::Public;
        let or_null = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
        let k = is_public.then(|| self.config.release.k().to_string());
        let as_of = view.as_of_us.filter(|_| !is_public);
        format!(
            "CREATE TABLE meta (format VARCHAR, snapshot_version INTEGER, audience VARCHAR, \
             k INTEGER, as_of_week VARCHAR, as_of_utc TIMESTAMP, licence VARCHAR, \
             written_by VARCHAR);\n\
             COMMENT ON TABLE meta IS 'what this file is: one row';\n\
             INSERT INTO meta VALUES ({}, {RELEASE_VERSION}, {}, {}, nullif({}, ''), {}, NULL, {});",
            quoted(SNAPSHOT),
            quoted(audience.name()),
            or_null(k),
            quoted(&week_of(view.as_of_us, &self.area.time_zone)),
            or_null(as_of.map(|t_us| format!("make_timestamp({t_us})"))),
            quoted(WRITTEN_BY),
        )
    }
}

/// What the format column of a snapshot says.
pub(super) const SNAPSHOT: &str = "jounce snapshot";

/// The program and its version.
const WRITTEN_BY: &str = concat!("jounce ", env!("CARGO_PKG_VERSION"));

/// Whether an audience may have a layer, seen from a moment.
fn check(
    layer: Layer,
    audience: Audience,
    as_of_us: Option<i64>,
    zone: &Zone,
) -> Result<(), ReleaseError> {
    if !layer.is_for(audience) {
        return Err(ReleaseError::NotFor { layer, audience });
    }
    if audience == Audience::Public && as_of_us.is_some_and(|t_us| !ends_a_week(t_us, zone)) {
        return Err(ReleaseError::TooFine);
    }
    Ok(())
}

/// A table to lay a layer out in.
struct Laid<'a> {
    press: &'a Press,
    table: &'a str,
    layer: Layer,
    bbox: Option<Bbox>,
}

impl Laid<'_> {
    /// Lays out those rows that lie in the box.
    fn sheet<R>(&self, sheet: &Sheet<R>, rows: Vec<R>) -> Result<(Vec<Field>, u64), StoreError> {
        Ok((self.rows(sheet, &self.within(rows, sheet.place))?, 0))
    }

    /// The rows that lie in the box.
    fn within<R>(&self, mut rows: Vec<R>, place: impl Fn(&R) -> (f64, f64)) -> Vec<R> {
        rows.retain(|row| view::is_within(self.bbox, place(row)));
        rows
    }

    /// Makes the table and lays rows out in it.
    fn rows<R>(&self, sheet: &Sheet<R>, rows: &[R]) -> Result<Vec<Field>, StoreError> {
        let fields = sheet.fields();
        self.press.table(self.table, meaning(self.layer), &fields)?;
        self.press.lay(self.table, sheet, rows)?;
        Ok(fields)
    }
}

/// What a table holds, for people who open a snapshot.
fn meaning(layer: Layer) -> &'static str {
    match layer {
        Layer::Hazards => "what drivers together say is there",
        Layer::Coverage => "which road was surveyed; what has no row is unknown, not good",
        Layer::History => "how each hazard was felt, week by week",
        Layer::Bumps => "what single phones felt",
        Layer::Acts => "what people said and decided",
    }
}
