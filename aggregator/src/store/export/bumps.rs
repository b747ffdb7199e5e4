//! Bumps, straight from the facts: there may be ten million of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use duckdb::Connection;
use duckdb::arrow::array::{ArrayRef, Int64Array};
use duckdb::arrow::datatypes::{Float64Type, Int64Type};

use super::super::arrow::{Batch, each_batch};
use super::super::press::Press;
use super::super::rows::rows;
use super::super::{Store, StoreError};
use super::view::View;
use super::{Export, meaning};
use crate::query::Bbox;
use crate::release::bump::{self, DRIVER, ORDER};
use crate::release::shape::Shape;
use crate::release::sheet::Field;

/// Lays bumps out as a table. Gives its columns, and how many bumps have no place.
pub(super) fn lay(
    store: &Store,
    press: &Press,
    table: &str,
    export: &Export,
    view: &View,
) -> Result<(Vec<Field>, u64), StoreError> {
    let columns = bump::columns(export.audience);
    let fields: Vec<Field> = columns.iter().map(|column| column.field).collect();
    press.table(table, meaning(export.layer), &fields)?;
    let selected: Vec<String> = (columns.iter())
        .map(|column| format!("{} AS {}", column.sql, column.field.name))
        .collect();
    let mut wanted = "bump.lat_deg IS NOT NULL".to_owned();
    if let Some(bbox) = export.bbox {
        wanted += &within(bbox);
    }
    if export.as_of_us.is_some()
        && let Some(as_of_us) = view.as_of_us
    {
        let day = store.area.time_zone.day_of(as_of_us);
        wanted += &format!(
            " AND (trip.stamp_day IS NULL OR trip.stamp_day <= DATE '1970-01-01' + {day}::INTEGER)"
        );
    }
    let sql = format!(
        "SELECT {} FROM bump JOIN trip ON trip.trip_no = bump.trip_no WHERE {wanted} ORDER BY {ORDER}",
        selected.join(", ")
    );
    let numbers = match fields.iter().any(|field| field.name == DRIVER) {
        true => numbers_of_trips(&store.db)?,
        false => HashMap::new(),
    };
    each_batch(&store.db, &sql, [], "bump", |batch| {
        let arrays = with_numbers(batch, &fields, &numbers)?;
        let lats_deg = batch.numbers::<Float64Type>("lat_deg")?;
        let lons_deg = batch.numbers::<Float64Type>("lon_deg")?;
        press.lay_arrays(table, arrays, || {
            let place = |row| Shape::point((lats_deg.value(row), lons_deg.value(row)));
            (0..batch.len()).map(place).collect()
        })
    })?;
    let sql = "SELECT count(*) FROM bump WHERE lat_deg IS NULL";
    let without_place: u64 = store.db.query_row(sql, [], |row| row.get(0))?;
    Ok((fields, without_place))
}

/// The columns of a batch, with the numbers of drivers in the place of those of trips.
fn with_numbers(
    batch: &Batch,
    fields: &[Field],
    numbers: &HashMap<i64, i64>,
) -> Result<Vec<ArrayRef>, StoreError> {
    let mut arrays = batch.rows().columns().to_vec();
    if let Some(index) = fields.iter().position(|field| field.name == DRIVER) {
        let trips = batch.numbers::<Int64Type>(DRIVER)?;
        let number = |trip_no: &i64| numbers.get(trip_no).copied();
        let drivers: Int64Array = trips.values().iter().map(number).collect();
        arrays[index] = Arc::new(drivers);
    }
    Ok(arrays)
}

/// The number of every trip's driver, drawn anew with every call.
fn numbers_of_trips(db: &Connection) -> Result<HashMap<i64, i64>, StoreError> {
    let sql = "SELECT trip_no::BIGINT, season || ' ' || driver FROM trip";
    let trips: Vec<(i64, String)> = rows(db, sql, "trip", |columns| {
        Ok((columns.take()?, columns.take()?))
    })?;
    let drivers: BTreeSet<String> = trips.iter().map(|(_, driver)| driver.clone()).collect();
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(StoreError::Random)?;
    let numbers: HashMap<String, i64> = bump::numbers(drivers, &key).into_iter().collect();
    let number = |(trip_no, driver): (i64, String)| (trip_no, numbers[&driver]);
    Ok(trips.into_iter().map(number).collect())
}

/// A box in SQL: numbers only, so nothing in it needs escaping.
fn within(bbox: Bbox) -> String {
    let (from, to) = (bbox.south_west, bbox.north_east);
    let (west, east) = (from.lon_deg(), to.lon_deg());
    let or_over_the_date_line = if west <= east { "AND" } else { "OR" };
    format!(
        " AND bump.lat_deg BETWEEN {:?} AND {:?} \
         AND (bump.lon_deg >= {west:?} {or_over_the_date_line} bump.lon_deg <= {east:?})",
        from.lat_deg(),
        to.lat_deg(),
    )
}
