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
use crate::tile::{BAND_DEG, Tile, Tiles, columns_of};

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

    fn groups(&self) -> Result<Vec<Tiles>, StoreError> {
        let mut counts = BTreeMap::new();
        for (band, rows) in self.count(None)? {
            let is_small = rows <= self.most_rows;
            counts.insert(Tile::before_band(band), if is_small { rows } else { 0 });
            if !is_small {
                let columns = self.count(Some(band))?.into_iter();
                counts.extend(columns.map(|(column, rows)| (Tile { band, column }, rows)));
            }
        }
        Ok(groups(&counts, self.most_rows))
    }

    fn gather(&self, roll: &Roll, rows: &mut Rows<'_>) -> Result<(), StoreError> {
        let (south_deg, north_deg) = rows.wanted().latitudes();
        let within = |lowest: &str, highest: &str| match rows.wanted().longitudes() {
            Some((west, east)) => format!(" AND {highest} >= {west:?} AND {lowest} <= {east:?}"),
            None => String::new(),
        };
        let tracks = within("list_min(path_lon_deg)", "list_max(path_lon_deg)");
        let places = within("lon_deg", "lon_deg");
        let mut paths = Vec::new();
        each_batch(
            self.db,
            &format!(
                "SELECT trip_no, stretch_no, able, sigma_m, rms_mps2, speed_mps, path_us, \
                 path_lat_deg, path_lon_deg FROM stretch WHERE north_deg >= ? AND south_deg <= ? \
                 {tracks}"
            ),
            [south_deg, north_deg],
            "stretch",
            |batch| stretches(batch, roll, rows, &mut paths),
        )?;
        each_batch(
            self.db,
            &format!(
                "SELECT trip_no, bump_no, peak_us, lat_deg, lon_deg, sigma_m, heading_deg, \
                 severity_mps2, p_pothole, p_speed_bump, p_casting, p_rail, p_joint, p_rough, \
                 p_other FROM bump WHERE lat_deg >= ? AND lat_deg <= ? {places}"
            ),
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

impl Facts<'_> {
    /// How many rows lie in each band or, of one band, in each of its columns.
    fn count(&self, of_band: Option<i32>) -> Result<BTreeMap<i32, u64>, StoreError> {
        // An error of rounding does no harm: it is about where the globe is cut in groups.
        let band = |lat_deg: &str| format!("floor(({lat_deg} + 90) / {BAND_DEG})::INTEGER");
        let part = |lat_deg: &str, lon_deg: &str| match of_band {
            None => (band(lat_deg), "true".to_owned()),
            Some(number) => (
                format!(
                    "floor(({lon_deg} + 180) / 360 * {})::INTEGER",
                    columns_of(number)
                ),
                format!("{} = {number}", band(lat_deg)),
            ),
        };
        let (part_of_bump, bumps) = part("lat_deg", "lon_deg");
        let (part_of_track, tracks) = part("south_deg", "path_lon_deg[1]");
        let (part_of_place, places) = match of_band {
            None => ("tile_band", "true".to_owned()),
            Some(number) => ("tile_column", format!("tile_band = {number}")),
        };
        let bumps = format!(
            "SELECT {part_of_bump}, count(*) FROM bump WHERE lat_deg IS NOT NULL AND {bumps} \
             GROUP BY 1"
        );
        let points = format!(
            "SELECT {part_of_track}, sum(len(path_us))::UBIGINT FROM stretch \
             WHERE south_deg IS NOT NULL AND {tracks} GROUP BY 1"
        );
        // A settled place is as heavy as its readings.
        let settled =
            format!("SELECT {part_of_place}, 64 * count(*) FROM settled WHERE {places} GROUP BY 1");
        let mut counts: BTreeMap<i32, u64> = BTreeMap::new();
        for (sql, table) in [(bumps, "bump"), (points, "stretch"), (settled, "settled")] {
            let found = rows(self.db, &sql, table, |columns| {
                Ok((columns.take::<i32>()?, columns.take::<u64>()?))
            });
            for (part, count) in found? {
                *counts.entry(part).or_default() += count;
            }
        }
        Ok(counts)
    }
}

/// Cuts the globe in groups of so many rows, at tiles of which it is known how many follow.
fn groups(counts: &BTreeMap<Tile, u64>, most_rows: u64) -> Vec<Tiles> {
    let mut groups = Vec::new();
    let (mut from, mut count) = (Tiles::ALL.from, 0);
    for (&tile, &rows) in counts {
        if count > 0 && count + rows > most_rows {
            groups.push(Tiles { from, until: tile });
            (from, count) = (tile, 0);
        }
        count += rows;
    }
    let until = Tiles::ALL.until;
    groups.push(Tiles { from, until });
    groups
}

/// What sealed evidence left of the spots of some bands, in their order.
fn settled(db: &Connection, into: &mut Rows<'_>) -> Result<(), StoreError> {
    let (first, last) = into.wanted().bands();
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
