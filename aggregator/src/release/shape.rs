//! Points and cells on the globe, as WKB for tables and as GeoJSON.
//!
//! WGS 84, longitude first. What reaches over the 180th meridian is cut there (RFC 7946, 3.1.9).

use std::io::{self, Write};

use h3o::CellIndex;

use crate::geojson::rounded;

/// Longitude and latitude in degrees.
type Corner = [f64; 2];

/// Where a row lies.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A point.
    Point(Corner),
    /// Polygons of one ring each, counter-clockwise and closed: one, or two that the 180th
    /// meridian parts.
    Rings(Vec<Vec<Corner>>),
}

/// The box around a shape, degrees; `west` lies east of `east` when it spans the 180th meridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) west: f64,
    pub(crate) south: f64,
    pub(crate) east: f64,
    pub(crate) north: f64,
}

const POINT: u32 = 1;
const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;

/// A byte that says: what follows is little-endian.
const LITTLE: u8 = 1;

impl Shape {
    /// A point from latitude and longitude in degrees.
    pub(crate) fn point((lat_deg, lon_deg): (f64, f64)) -> Self {
        Self::Point([lon_deg, lat_deg])
    }

    /// The outline of a cell, to a centimetre.
    pub(crate) fn cell(cell: CellIndex) -> Self {
        let corners = cell.boundary();
        let ring: Vec<Corner> = (corners.iter())
            .map(|corner| [rounded(corner.lng(), 7), rounded(corner.lat(), 7)])
            .collect();
        let lons = ring.iter().map(|corner| corner[0]);
        let (west, east) = (
            lons.clone().fold(f64::INFINITY, f64::min),
            lons.fold(f64::NEG_INFINITY, f64::max),
        );
        if east - west <= 180.0 {
            return Self::Rings(vec![closed(ring)]);
        }
        // East of the meridian longitudes go on beyond 180° while it is cut.
        let ring: Vec<Corner> = (ring.into_iter())
            .map(|[lon, lat]| [if lon < 0.0 { lon + 360.0 } else { lon }, lat])
            .collect();
        let western = cut(&ring, |lon| lon <= 180.0);
        let eastern = cut(&ring, |lon| lon >= 180.0).into_iter();
        let eastern = eastern.map(|[lon, lat]| [rounded(lon - 360.0, 7), lat]);
        Self::Rings(vec![closed(western), closed(eastern.collect())])
    }

    /// The box around it.
    pub(crate) fn bounds(&self) -> Bounds {
        match self {
            Self::Point([lon, lat]) => Bounds {
                west: *lon,
                south: *lat,
                east: *lon,
                north: *lat,
            },
            Self::Rings(rings) => {
                let of = |ring: &Vec<Corner>, axis: usize| {
                    let values = ring.iter().map(move |corner| corner[axis]);
                    let least = values.clone().fold(f64::INFINITY, f64::min);
                    (least, values.fold(f64::NEG_INFINITY, f64::max))
                };
                let lats = rings.iter().map(|ring| of(ring, 1));
                let south = lats.clone().fold(f64::INFINITY, |low, lat| low.min(lat.0));
                let north = lats.fold(f64::NEG_INFINITY, |high, lat| high.max(lat.1));
                let (first, last) = (&rings[0], &rings[rings.len() - 1]);
                Bounds {
                    west: of(first, 0).0,
                    south,
                    east: of(last, 0).1,
                    north,
                }
            }
        }
    }

    /// As well-known binary (OGC 06-103r4), little-endian.
    pub(crate) fn wkb(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Point(corner) => {
                head(&mut out, POINT);
                put(&mut out, *corner);
            }
            Self::Rings(rings) => {
                if rings.len() > 1 {
                    head(&mut out, MULTI_POLYGON);
                    out.extend((rings.len() as u32).to_le_bytes());
                }
                for ring in rings {
                    head(&mut out, POLYGON);
                    out.extend(1_u32.to_le_bytes());
                    out.extend((ring.len() as u32).to_le_bytes());
                    ring.iter().for_each(|&corner| put(&mut out, corner));
                }
            }
        }
        out
    }

    /// The shape that [`Shape::wkb`] wrote; `None` for any other bytes.
    pub(crate) fn of_wkb(bytes: &[u8]) -> Option<Self> {
        let mut bytes = bytes;
        match take_head(&mut bytes)? {
            POINT => Some(Self::Point(take_corner(&mut bytes)?)),
            POLYGON => Some(Self::Rings(vec![take_ring(&mut bytes)?])),
            MULTI_POLYGON => {
                let rings = (0..take_count(&mut bytes)?).map(|_| {
                    (take_head(&mut bytes)? == POLYGON).then_some(())?;
                    take_ring(&mut bytes)
                });
                Some(Self::Rings(rings.collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    /// Writes it as a GeoJSON geometry.
    pub(crate) fn write_geojson(&self, out: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Point([lon, lat]) => {
                write!(out, r#"{{"type":"Point","coordinates":[{lon},{lat}]}}"#)
            }
            Self::Rings(rings) => {
                let polygons: Vec<[&Vec<Corner>; 1]> = rings.iter().map(|ring| [ring]).collect();
                let (kind, coordinates) = match polygons.as_slice() {
                    [polygon] => ("Polygon", serde_json::to_string(polygon)?),
                    several => ("MultiPolygon", serde_json::to_string(several)?),
                };
                write!(out, r#"{{"type":"{kind}","coordinates":{coordinates}}}"#)
            }
        }
    }
}

/// A ring that ends where it begins.
fn closed(mut ring: Vec<Corner>) -> Vec<Corner> {
    ring.extend(ring.first().copied());
    ring
}

/// The part of a convex ring on one side of the 180th meridian.
///
/// Source: Sutherland & Hodgman (1974), for one edge.
fn cut(ring: &[Corner], is_inside: fn(f64) -> bool) -> Vec<Corner> {
    let mut part = Vec::new();
    for (index, &to) in ring.iter().enumerate() {
        let from = ring[(index + ring.len() - 1) % ring.len()];
        if is_inside(from[0]) != is_inside(to[0]) {
            let share = (180.0 - from[0]) / (to[0] - from[0]);
            part.push([180.0, rounded(from[1] + share * (to[1] - from[1]), 7)]);
        }
        if is_inside(to[0]) {
            part.push(to);
        }
    }
    part
}

fn head(out: &mut Vec<u8>, kind: u32) {
    out.push(LITTLE);
    out.extend(kind.to_le_bytes());
}

fn put(out: &mut Vec<u8>, corner: Corner) {
    corner
        .iter()
        .for_each(|value| out.extend(value.to_le_bytes()));
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*first)
}

fn take_head(bytes: &mut &[u8]) -> Option<u32> {
    (take::<1>(bytes)? == [LITTLE]).then_some(())?;
    take_count(bytes)
}

fn take_count(bytes: &mut &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(take(bytes)?))
}

fn take_corner(bytes: &mut &[u8]) -> Option<Corner> {
    let lon = f64::from_le_bytes(take(bytes)?);
    Some([lon, f64::from_le_bytes(take(bytes)?)])
}

fn take_ring(bytes: &mut &[u8]) -> Option<Vec<Corner>> {
    (take_count(bytes)? == 1).then_some(())?;
    (0..take_count(bytes)?)
        .map(|_| take_corner(bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::cell_at;
    use trip::Position;

    fn shape_at(lat_deg: f64, lon_deg: f64) -> Shape {
        Shape::cell(cell_at(Position::new(lat_deg, lon_deg).unwrap()))
    }

    /// Twice the area that a ring goes around counter-clockwise, square degrees.
    fn area(ring: &[Corner]) -> f64 {
        let pairs = ring.iter().zip(&ring[1..]);
        pairs
            .map(|([x, y], [next_x, next_y])| x * next_y - next_x * y)
            .sum()
    }

    #[test]
    fn a_shape_reads_what_it_writes() {
        let places = [(41.15, -8.61), (-16.8, 180.0), (0.0, 0.0)];
        let cells = places.map(|(lat_deg, lon_deg)| shape_at(lat_deg, lon_deg));
        for shape in cells.into_iter().chain([Shape::point((41.15, -8.61))]) {
            assert_eq!(Shape::of_wkb(&shape.wkb()), Some(shape));
        }
        assert_eq!(Shape::of_wkb(&[1, 2, 0, 0, 0]), None);
        assert_eq!(Shape::of_wkb(&[]), None);
    }

    #[test]
    fn a_cell_is_a_closed_ring_counter_clockwise() {
        let Shape::Rings(rings) = shape_at(41.15, -8.61) else {
            panic!("a cell has rings");
        };
        let [ring] = rings.as_slice() else {
            panic!("one ring: {rings:?}");
        };
        assert_eq!((ring.len(), ring[0]), (7, ring[6]));
        assert!(area(ring) > 0.0);
    }

    #[test]
    fn a_cell_over_the_date_line_is_cut_there() {
        let shape = shape_at(-16.8, 180.0);
        let Shape::Rings(rings) = &shape else {
            panic!("a cell has rings");
        };
        assert_eq!(rings.len(), 2);
        for ring in rings {
            assert!(area(ring) > 0.0, "{ring:?}");
            assert!(ring.iter().all(|[lon, _]| (-180.0..=180.0).contains(lon)));
        }
        let bounds = shape.bounds();
        assert!(bounds.west > 179.0 && bounds.east < -179.0, "{bounds:?}");
        let mut text = Vec::new();
        shape.write_geojson(&mut text).unwrap();
        assert!(text.starts_with(br#"{"type":"MultiPolygon","coordinates":[[[["#));
    }

    #[test]
    fn a_point_is_21_bytes_longitude_first() {
        let wkb = Shape::point((41.0, -8.0)).wkb();
        assert_eq!((wkb.len(), &wkb[..5]), (21, &[1, 1, 0, 0, 0][..]));
        assert_eq!(wkb[5..13], (-8.0_f64).to_le_bytes());
    }
}
