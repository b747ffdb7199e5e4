//! Facts out of tables, as the fold reads them: the rows of some bands, whichever trips they are of.

use std::collections::BTreeMap;

use duckdb::Connection;
use duckdb::arrow::array::{AsArray as _, ListArray, PrimitiveArray};
use duckdb::arrow::datatypes::{Float32Type, Float64Type, Int64Type, UInt32Type};
use trip::{Heading, Kind, PathPoint, Position};

use super::super::StoreError;
use super::super::arrow::{Batch, at, each_batch};
use super::super::rows::rows;
use super::trips;
use crate::fold::{BumpRow, Entry, Evidence, Roll, Rows, Sealed, StretchRow};
use crate::tile::{BAND_DEG, HALO_DEG, Tile, band_of};

/// The facts of a map.
pub(in super::super) struct Facts<'a> {
    /// Where they are.
    pub(in super::super) db: &'a Connection,
    /// How many rows are folded at a time, bumps and points of tracks together.
    pub(in super::super) most_rows: u64,
}

impl Evidence for Facts<'_> {
    type Error = StoreError;

    fn entries(&self) -> Result<Vec<Entry>, StoreError> {
        trips::entries(self.db)
    }

    fn sealed(&self) -> Result<Sealed, StoreError> {
        trips::sealed(self.db)
    }

    fn groups(&self) -> Result<Vec<(i32, i32)>, StoreError> {
        let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
        let bumps = format!(
            "SELECT {}, count(*) FROM bump WHERE lat_deg IS NOT NULL GROUP BY 1",
            band("lat_deg")
        );
        let points = format!(
            "SELECT {}, sum(len(path_us))::UBIGINT FROM stretch WHERE south_deg IS NOT NULL GROUP BY 1",
            band("south_deg")
        );
        // A settled place is as heavy as its readings.
        let settled = "SELECT tile_band, 64 * count(*) FROM settled GROUP BY 1".to_owned();
        let tables = [(bumps, "bump"), (points, "stretch"), (settled, "settled")];
        for (sql, table) in tables {
            let of_band = rows(self.db, &sql, table, |columns| {
                Ok((columns.take::<i32>()?, columns.take::<u64>()?))
            });
            for (band, count) in of_band? {
                *counts.entry(band).or_default() += count;
            }
        }
        Ok(groups(&counts, self.most_rows))
    }

    fn gather(&self, roll: &Roll, rows: &mut Rows<'_>) -> Result<(), StoreError> {
        let (south_deg, north_deg) = latitudes(rows.bands());
        let mut paths = Vec::new();
        each_batch(
            self.db,
            "SELECT trip_no, stretch_no, able, sigma_m, rms_mps2, speed_mps, path_us, path_lat_deg, \
             path_lon_deg FROM stretch WHERE north_deg >= ? AND south_deg <= ?",
            [south_deg, north_deg],
            "stretch",
            |batch| stretches(batch, roll, rows, &mut paths),
        )?;
        each_batch(
            self.db,
            "SELECT trip_no, bump_no, peak_us, lat_deg, lon_deg, sigma_m, heading_deg, \
             severity_mps2, p_pothole, p_speed_bump, p_casting, p_rail, p_joint, p_rough, p_other \
             FROM bump WHERE lat_deg >= ? AND lat_deg <= ?",
            [south_deg, north_deg],
            "bump",
            |batch| bumps(batch, roll, rows),
        )?;
        settled(self.db, rows)
    }
}

/// Where every bump was.
pub(in super::super) fn bump_places(db: &Connection) -> Result<Vec<Position>, StoreError> {
    let mut places = Vec::new();
    let sql = "SELECT lat_deg, lon_deg FROM bump WHERE lat_deg IS NOT NULL";
    each_batch(db, sql, [], "bump", |batch| {
        let lats_deg = batch.numbers::<Float64Type>("lat_deg")?;
        let lons_deg = batch.numbers::<Float64Type>("lon_deg")?;
        for row in 0..batch.len() {
            let place = Position::new(lats_deg.value(row), lons_deg.value(row));
            places.push(place.map_err(|_| batch.strange("lat_deg"))?);
        }
        Ok(())
    })?;
    Ok(places)
}

/// The band of a latitude, in SQL. It only cuts the globe in groups: an error of rounding does no
/// harm.
fn band(column: &str) -> String {
    format!("floor(({column} + 90) / {BAND_DEG})::INTEGER")
}

/// Cuts the bands in groups of so many rows: from pole to pole, without a gap.
fn groups(counts: &BTreeMap<i32, u64>, most_rows: u64) -> Vec<(i32, i32)> {
    let mut groups = Vec::new();
    let (mut from, mut count) = (i32::MIN, 0);
    for (&band, &rows) in counts {
        if count > 0 && count + rows > most_rows {
            groups.push((from, band - 1));
            (from, count) = (band, 0);
        }
        count += rows;
    }
    groups.push((from, i32::MAX));
    groups
}

/// The latitudes within which everything lies that the tiles of some bands want to know.
fn latitudes((first, last): (i32, i32)) -> (f64, f64) {
    let edge_deg = |band: i32| f64::from(band) * BAND_DEG - 90.0;
    let (lowest, highest) = (band_of(-90.0), band_of(90.0));
    (
        edge_deg(first.max(lowest)) - 2.0 * HALO_DEG,
        edge_deg(last.min(highest) + 1) + 2.0 * HALO_DEG,
    )
}

/// What sealed evidence left of the spots of some bands, in their order.
fn settled(db: &Connection, into: &mut Rows<'_>) -> Result<(), StoreError> {
    let (first, last) = into.bands();
    let sql = format!(
        "SELECT tile_band, tile_column, line FROM settled WHERE tile_band BETWEEN {first} AND {last} \
         ORDER BY tile_band, tile_column, settled_no"
    );
    rows(db, &sql, "settled", |columns| {
        let (band, column) = (columns.take()?, columns.take()?);
        let past = columns.word("line", |line| serde_json::from_str(line).ok())?;
        into.past(Tile { band, column }, past);
        Ok(())
    })?;
    Ok(())
}

fn bumps(batch: &Batch, roll: &Roll, rows: &mut Rows<'_>) -> Result<(), StoreError> {
    const KINDS: [&str; Kind::ALL.len()] = [
        "p_pothole",
        "p_speed_bump",
        "p_casting",
        "p_rail",
        "p_joint",
        "p_rough",
        "p_other",
    ];
    let trips = batch.numbers::<UInt32Type>("trip_no")?;
    let numbers = batch.numbers::<UInt32Type>("bump_no")?;
    let peaks_us = batch.numbers::<Int64Type>("peak_us")?;
    let [lats_deg, lons_deg, headings_deg] = [
        batch.numbers::<Float64Type>("lat_deg")?,
        batch.numbers("lon_deg")?,
        batch.numbers("heading_deg")?,
    ];
    let [sigmas_m, severities] = [
        batch.numbers::<Float32Type>("sigma_m")?,
        batch.numbers("severity_mps2")?,
    ];
    let mut kinds = Vec::with_capacity(KINDS.len());
    for kind in KINDS {
        kinds.push(batch.numbers::<Float32Type>(kind)?);
    }
    for row in 0..batch.len() {
        let Some(rank) = roll.rank(trips.value(row)) else {
            continue;
        };
        let (Some(lat_deg), Some(lon_deg), Some(sigma_m)) =
            (at(lats_deg, row), at(lons_deg, row), at(sigmas_m, row))
        else {
            continue;
        };
        rows.bump(&BumpRow {
            rank,
            number: numbers.value(row),
            peak_us: peaks_us.value(row),
            position: Position::new(lat_deg, lon_deg).map_err(|_| batch.strange("lat_deg"))?,
            sigma_m,
            heading: (at(headings_deg, row).map(Heading::from_deg).transpose())
                .map_err(|_| batch.strange("heading_deg"))?,
            severity_mps2: at(severities, row),
            kind_probability: std::array::from_fn(|kind| kinds[kind].value(row)),
        });
    }
    Ok(())
}

fn stretches(
    batch: &Batch,
    roll: &Roll,
    rows: &mut Rows<'_>,
    path: &mut Vec<PathPoint>,
) -> Result<(), StoreError> {
    let trips = batch.numbers::<UInt32Type>("trip_no")?;
    let numbers = batch.numbers::<UInt32Type>("stretch_no")?;
    let ables = batch.truths("able")?;
    let [sigmas_m, rms_mps2] = [
        batch.numbers::<Float32Type>("sigma_m")?,
        batch.numbers("rms_mps2")?,
    ];
    let speeds_mps = batch.numbers::<Float64Type>("speed_mps")?;
    let paths = Paths::of(batch)?;
    for row in 0..batch.len() {
        let Some(rank) = roll.rank(trips.value(row)) else {
            continue;
        };
        paths.read(row, batch, path)?;
        rows.stretch(&StretchRow {
            rank,
            number: numbers.value(row),
            able: ables.value(row),
            sigma_m: sigmas_m.value(row),
            rms_mps2: at(rms_mps2, row),
            speed_mps: at(speeds_mps, row),
            path,
        });
    }
    Ok(())
}

/// The three columns of tracks.
struct Paths<'a> {
    lists: [&'a ListArray; 3],
    times_us: &'a PrimitiveArray<Int64Type>,
    lats_deg: &'a PrimitiveArray<Float64Type>,
    lons_deg: &'a PrimitiveArray<Float64Type>,
}

impl<'a> Paths<'a> {
    fn of(batch: &'a Batch) -> Result<Self, StoreError> {
        const NAMES: [&str; 3] = ["path_us", "path_lat_deg", "path_lon_deg"];
        let [times_us, lats_deg, lons_deg] = [
            batch.lists(NAMES[0])?,
            batch.lists(NAMES[1])?,
            batch.lists(NAMES[2])?,
        ];
        let degrees = |list: &'a ListArray, name| {
            list.values()
                .as_primitive_opt()
                .ok_or_else(|| batch.strange(name))
        };
        Ok(Self {
            lists: [times_us, lats_deg, lons_deg],
            times_us: times_us
                .values()
                .as_primitive_opt()
                .ok_or_else(|| batch.strange(NAMES[0]))?,
            lats_deg: degrees(lats_deg, NAMES[1])?,
            lons_deg: degrees(lons_deg, NAMES[2])?,
        })
    }

    /// Reads the track of a row.
    fn read(&self, row: usize, batch: &Batch, path: &mut Vec<PathPoint>) -> Result<(), StoreError> {
        path.clear();
        let [times, lats, lons] = self.lists.map(|list| {
            let offsets = list.value_offsets();
            (offsets[row] as usize, offsets[row + 1] as usize)
        });
        if lats.1 - lats.0 != times.1 - times.0 || lons.1 - lons.0 != times.1 - times.0 {
            return Err(batch.strange("path_us"));
        }
        for point in 0..times.1 - times.0 {
            let (lat_deg, lon_deg) = (
                self.lats_deg.value(lats.0 + point),
                self.lons_deg.value(lons.0 + point),
            );
            path.push(PathPoint {
                t_us: self.times_us.value(times.0 + point),
                position: Position::new(lat_deg, lon_deg)
                    .map_err(|_| batch.strange("path_lat_deg"))?,
            });
        }
        Ok(())
    }
}
