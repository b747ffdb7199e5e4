//! The globe in tiles, each small enough to be flat and to be folded on its own.
//!
//! What happens to a hazard depends on the evidence within [`HALO_M`] of its tile alone. So tiles
//! can be folded one after the other, in little memory, or by several machines, and the owner of a
//! hazard's tile decides what is there.

use std::sync::LazyLock;

use trip::Position;

/// About 5.6 km of latitude by as much of longitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Tile {
    /// Counted from the south pole.
    pub(crate) band: i32,
    /// Counted from the 180th meridian eastward.
    pub(crate) column: i32,
}

/// Tiles that follow each other: band by band from the south pole, each from the 180th meridian
/// eastward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tiles {
    /// The first of them.
    pub(crate) from: Tile,
    /// The first that is none of them.
    pub(crate) until: Tile,
}

/// Metres north and east of the middle of a tile.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Point {
    pub(crate) north_m: f32,
    pub(crate) east_m: f32,
}

/// The plane that a tile is laid out in.
///
/// Longitudes count with the width of the tile's middle, so distances within it are right to 0.1 %
/// up to 67° of latitude: 2 cm in a gate of 20 m.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    lat_deg: f64,
    lon_deg: f64,
    /// Metres of one degree of longitude.
    east_m_per_deg: f64,
}

/// Evidence this far outside a tile is folded with it, metres: seven gates, so that whatever moves
/// a hazard of the tile is seen.
pub(crate) const HALO_M: f64 = 150.0;

/// As much in degrees of latitude.
pub(crate) const HALO_DEG: f64 = HALO_M / NORTH_M_PER_DEG;

/// Height of a band, degrees.
pub(crate) const BAND_DEG: f64 = 0.05;

/// Bands from pole to pole.
const BANDS: i32 = 3600;

/// Metres of one degree of latitude on a sphere of the mean radius of WGS 84 (6 371 008.8 m).
const NORTH_M_PER_DEG: f64 = 6_371_008.8 * std::f64::consts::PI / 180.0;

impl Tiles {
    /// The whole globe.
    pub(crate) const ALL: Self = Self {
        from: Tile::before_band(i32::MIN),
        until: Tile::before_band(i32::MAX),
    };

    /// Whether a tile is one of them.
    pub(crate) fn contain(&self, tile: Tile) -> bool {
        self.from <= tile && tile < self.until
    }

    /// The first and the last band that they lie in.
    pub(crate) fn bands(&self) -> (i32, i32) {
        let has_begun = self.until > Tile::before_band(self.until.band);
        let last = self.until.band - i32::from(!has_begun);
        (self.from.band.max(0), last.min(BANDS - 1))
    }

    /// The latitudes within which everything lies that they want to know: south, north.
    pub(crate) fn latitudes(&self) -> (f64, f64) {
        let edge_deg = |band: i32| f64::from(band) * BAND_DEG - 90.0;
        let (first, last) = self.bands();
        (
            edge_deg(first) - 2.0 * HALO_DEG,
            edge_deg(last + 1) + 2.0 * HALO_DEG,
        )
    }

    /// … and the longitudes, west, east; `None` for all of them, as of several bands and of tiles at
    /// the 180th meridian.
    pub(crate) fn longitudes(&self) -> Option<(f64, f64)> {
        let (first, last) = self.bands();
        let Band { widest, columns } = band(first);
        let (west, east) = (self.from.column, self.until.column);
        if first != last || west <= 0 || !(west..columns).contains(&east) {
            return None;
        }
        let edge_deg = |column: i32| f64::from(column) * 360.0 / f64::from(columns) - 180.0;
        let halo_deg = 2.0 * HALO_DEG / widest.max(1e-9);
        Some((edge_deg(west) - halo_deg, edge_deg(east) + halo_deg))
    }
}

/// How many tiles a band has.
pub(crate) fn columns_of(number: i32) -> i32 {
    band(number).columns
}

impl Tile {
    /// What comes before every tile of a band, and after those of the band before.
    pub(crate) const fn before_band(band: i32) -> Self {
        Self {
            band,
            column: i32::MIN,
        }
    }

    /// The tile that a position lies in.
    pub(crate) fn of(position: Position) -> Self {
        let band = band_of(position.lat_deg());
        Self {
            band,
            column: column_of(band, position.lon_deg()),
        }
    }

    /// Every tile whose evidence a position belongs to: its own, and those it is in the halo of.
    pub(crate) fn around(position: Position, mut visit: impl FnMut(Self)) {
        let (lat_deg, lon_deg) = (position.lat_deg(), position.lon_deg());
        for number in band_of(lat_deg - HALO_DEG)..=band_of(lat_deg + HALO_DEG) {
            let Band { widest, columns } = band(number);
            let halo_lon_deg = HALO_DEG / widest.max(1e-9);
            let first = column_unwrapped(number, lon_deg - halo_lon_deg);
            let last = column_unwrapped(number, lon_deg + halo_lon_deg);
            for column in first..=last.min(first + columns - 1) {
                let column = column.rem_euclid(columns);
                visit(Self {
                    band: number,
                    column,
                });
            }
        }
    }

    /// The only tile that any of these positions, and anything between them, belongs to; `None` when
    /// there are several, or no position.
    pub(crate) fn alone(positions: impl Iterator<Item = Position>) -> Option<Self> {
        let (mut south, mut west) = (f64::INFINITY, f64::INFINITY);
        let (mut north, mut east) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for position in positions {
            (south, north) = (south.min(position.lat_deg()), north.max(position.lat_deg()));
            (west, east) = (west.min(position.lon_deg()), east.max(position.lon_deg()));
        }
        if south > north {
            return None;
        }
        let number = band_of(south - HALO_DEG);
        let Band { widest, columns } = band(number);
        let halo_lon_deg = HALO_DEG / widest.max(1e-9);
        let column = column_unwrapped(number, west - halo_lon_deg);
        let is_alone = number == band_of(north + HALO_DEG)
            && column == column_unwrapped(number, east + halo_lon_deg);
        is_alone.then_some(Self {
            band: number,
            column: column.rem_euclid(columns),
        })
    }

    /// The plane it is laid out in.
    pub(crate) fn plane(self) -> Plane {
        let lat_deg = (f64::from(self.band) + 0.5) * BAND_DEG - 90.0;
        let width_deg = 360.0 / f64::from(band(self.band).columns);
        Plane {
            lat_deg,
            lon_deg: (f64::from(self.column) + 0.5) * width_deg - 180.0,
            east_m_per_deg: NORTH_M_PER_DEG * lat_deg.to_radians().cos(),
        }
    }

    /// Half its height and width with the halo, metres.
    pub(crate) fn half_m(self) -> (f64, f64) {
        let height_m = BAND_DEG * NORTH_M_PER_DEG;
        let width_deg = 360.0 / f64::from(band(self.band).columns);
        let width_m = width_deg * NORTH_M_PER_DEG * band(self.band).widest;
        (height_m / 2.0 + HALO_M, width_m / 2.0 + HALO_M)
    }
}

/// The band of a latitude.
pub(crate) fn band_of(lat_deg: f64) -> i32 {
    (((lat_deg + 90.0) / BAND_DEG).floor() as i32).clamp(0, BANDS - 1)
}

/// What there is to know of a band.
#[derive(Clone, Copy, Debug)]
struct Band {
    /// The cosine of its latitude where it is widest.
    widest: f64,
    /// How many tiles it has.
    columns: i32,
}

/// Every band: asked for with every point, worked out once.
fn band(number: i32) -> Band {
    static ALL: LazyLock<Vec<Band>> = LazyLock::new(|| (0..BANDS).map(Band::of).collect());
    ALL[number.clamp(0, BANDS - 1) as usize]
}

impl Band {
    fn of(number: i32) -> Self {
        let south = f64::from(number) * BAND_DEG - 90.0;
        let north = south + BAND_DEG;
        let nearest = if south <= 0.0 && 0.0 <= north {
            0.0
        } else {
            south.abs().min(north.abs())
        };
        let widest = nearest.to_radians().cos();
        Self {
            widest,
            columns: ((360.0 / BAND_DEG * widest).floor() as i32).max(1),
        }
    }
}

fn column_of(number: i32, lon_deg: f64) -> i32 {
    column_unwrapped(number, lon_deg).rem_euclid(band(number).columns)
}

fn column_unwrapped(number: i32, lon_deg: f64) -> i32 {
    ((lon_deg + 180.0) / 360.0 * f64::from(band(number).columns)).floor() as i32
}

impl Plane {
    /// Where a position lies in the plane.
    pub(crate) fn point(&self, position: Position) -> Point {
        let mut lon_deg = position.lon_deg() - self.lon_deg;
        if lon_deg > 180.0 {
            lon_deg -= 360.0;
        } else if lon_deg < -180.0 {
            lon_deg += 360.0;
        }
        Point {
            north_m: ((position.lat_deg() - self.lat_deg) * NORTH_M_PER_DEG) as f32,
            east_m: (lon_deg * self.east_m_per_deg) as f32,
        }
    }

    /// Where a point of the plane lies on the globe.
    pub(crate) fn position(&self, point: Point) -> Position {
        let lat_deg = self.lat_deg + f64::from(point.north_m) / NORTH_M_PER_DEG;
        let lon_deg = self.lon_deg + f64::from(point.east_m) / self.east_m_per_deg;
        let lon_deg = (lon_deg + 180.0).rem_euclid(360.0) - 180.0;
        Position::new(lat_deg.clamp(-90.0, 90.0), lon_deg)
            .expect("a latitude within the poles and a longitude within the circle")
    }
}

impl Point {
    /// The point so many metres away.
    pub(crate) fn moved(self, north_m: f64, east_m: f64) -> Self {
        Self {
            north_m: self.north_m + north_m as f32,
            east_m: self.east_m + east_m as f32,
        }
    }

    /// The same point to the millimetre, as it is kept when it is written down.
    pub(crate) fn to_the_mm(self) -> Self {
        Self::from_mm(self.mm())
    }

    /// Millimetres north and east of the middle of the tile.
    pub(crate) fn mm(self) -> [i32; 2] {
        [self.north_m, self.east_m].map(|metres| (f64::from(metres) * 1e3).round() as i32)
    }

    /// The point so many millimetres north and east of the middle of the tile.
    pub(crate) fn from_mm(mm: [i32; 2]) -> Self {
        let [north_m, east_m] = mm.map(|mm| (f64::from(mm) / 1e3) as f32);
        Self { north_m, east_m }
    }

    /// Metres north and east to another point.
    pub(crate) fn to(self, other: Self) -> (f64, f64) {
        let north_m = f64::from(other.north_m) - f64::from(self.north_m);
        let east_m = f64::from(other.east_m) - f64::from(self.east_m);
        (north_m, east_m)
    }

    /// Metres to another point.
    pub(crate) fn distance_m(self, other: Self) -> f64 {
        let (north_m, east_m) = self.to(other);
        (north_m * north_m + east_m * east_m).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [(f64, f64); 7] = [
        (41.15, -8.61),
        (0.0, 0.0),
        (-33.9, 151.2),
        (64.1, -21.9),
        (10.0, 179.9999),
        (-17.0, -180.0),
        (89.999, 12.0),
    ];

    #[test]
    fn a_point_of_the_plane_is_where_it_was_on_the_globe() {
        for (lat_deg, lon_deg) in PLACES {
            let position = Position::new(lat_deg, lon_deg).unwrap();
            let plane = Tile::of(position).plane();
            let back = plane.position(plane.point(position));
            assert!(position.distance_m(back) < 0.01, "{lat_deg} {lon_deg}");
        }
    }

    #[test]
    fn a_point_written_to_the_millimetre_stays_where_it_is() {
        for n in -20_000..20_000_i16 {
            let point = Point {
                north_m: f32::from(n) * 0.1631,
                east_m: f32::from(n) * -0.0977,
            };
            let written = point.to_the_mm();
            assert!(point.distance_m(written) < 1e-3);
            assert_eq!(written.to_the_mm(), written);
        }
    }

    #[test]
    fn distances_in_the_plane_are_those_on_the_globe() {
        for (lat_deg, lon_deg) in &PLACES[..6] {
            let here = Position::new(*lat_deg, *lon_deg).unwrap();
            let there = here.moved(12.0, -16.0);
            let plane = Tile::of(here).plane();
            let distance_m = plane.point(here).distance_m(plane.point(there));
            assert!((distance_m - 20.0).abs() < 0.04, "{lat_deg}: {distance_m}");
        }
    }

    #[test]
    fn a_track_is_alone_on_a_tile_when_all_of_it_is() {
        for (lat_deg, lon_deg) in PLACES {
            let here = Position::new(lat_deg, lon_deg).unwrap();
            for step in 0..400_i32 {
                let from = here.moved(f64::from(step % 20) * 300.0, f64::from(step / 20) * 300.0);
                let track = [from, from.moved(80.0, 50.0), from.moved(30.0, -60.0)];
                let mut around = Vec::new();
                for position in track {
                    Tile::around(position, |tile| around.push(tile));
                }
                around.sort_unstable();
                around.dedup();
                match Tile::alone(track.into_iter()) {
                    Some(tile) => assert_eq!(around, [tile]),
                    None => assert!(around.len() > 1 || lat_deg > 89.0 || lon_deg.abs() > 179.0),
                }
            }
        }
        assert_eq!(Tile::alone([].into_iter()), None);
    }

    #[test]
    fn a_place_near_an_edge_is_known_on_both_sides_of_it() {
        // Not at the pole, where no direction leads north.
        for (lat_deg, lon_deg) in &PLACES[..6] {
            let here = Position::new(*lat_deg, *lon_deg).unwrap();
            for bearing in 0..24 {
                let (sin, cos) = (f64::from(bearing) * 15.0).to_radians().sin_cos();
                let there = here.moved(0.99 * HALO_M * cos, 0.99 * HALO_M * sin);
                let mut tiles = Vec::new();
                Tile::around(there, |tile| tiles.push(tile));
                let count = tiles.len();
                tiles.sort_unstable();
                tiles.dedup();
                assert_eq!(count, tiles.len(), "each tile once");
                assert!(tiles.contains(&Tile::of(here)), "{lat_deg} {bearing}");
                assert!(tiles.contains(&Tile::of(there)));
            }
        }
    }
}
