//! The outline of a cell, as RFC 7946 wants it: counter-clockwise, and cut at the 180th meridian.

use h3o::CellIndex;
use serde::Serialize;

use super::rounded;

/// The outline of a cell. Source: RFC 7946, sections 3.1.6 (right-hand rule) and 3.1.9 (cutting).
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "type", content = "coordinates")]
pub(super) enum Outline {
    /// One ring.
    Polygon([Ring; 1]),
    /// One ring on either side of the 180th meridian.
    MultiPolygon([[Ring; 1]; 2]),
}

/// Longitudes and latitudes in degrees, closed, counter-clockwise.
type Ring = Vec<[f64; 2]>;

impl Outline {
    pub(super) fn of(cell: CellIndex) -> Self {
        let corners = cell.boundary();
        Self::around(corners.iter().map(|corner| [corner.lng(), corner.lat()]))
    }

    /// The outline with these corners, in order. It holds no pole and is less than half the globe
    /// wide.
    fn around(corners: impl Iterator<Item = [f64; 2]>) -> Self {
        let corners: Ring = corners.collect();
        let is_east = |corner: &[f64; 2]| corner[0] > 0.0;
        let (lowest, highest) = (corners.iter().map(|corner| corner[0]))
            .fold((f64::MAX, f64::MIN), |(low, high), lon| {
                (low.min(lon), high.max(lon))
            });
        if highest - lowest <= 180.0 {
            return Self::Polygon([ring(corners)]);
        }
        // On one side of the globe longitudes go on beyond 180.
        let unrolled: Ring = (corners.iter())
            .map(|corner| {
                [
                    if is_east(corner) {
                        corner[0]
                    } else {
                        corner[0] + 360.0
                    },
                    corner[1],
                ]
            })
            .collect();
        let east = half(&unrolled, |lon| 180.0 - lon);
        let west = half(&unrolled, |lon| lon - 180.0);
        let west: Ring = (west.into_iter())
            .map(|[lon, lat]| [lon - 360.0, lat])
            .collect();
        // What only touches the meridian lies on one side of it.
        match (east.len() > 2, west.len() > 2) {
            (true, true) => Self::MultiPolygon([[ring(east)], [ring(west)]]),
            (true, false) => Self::Polygon([ring(east)]),
            (false, _) => Self::Polygon([ring(west)]),
        }
    }
}

/// The part of an outline on that side of the 180th meridian where `inside` is not negative.
///
/// Source: one edge of Sutherland & Hodgman (1974), "Reentrant polygon clipping".
fn half(corners: &[[f64; 2]], inside: fn(f64) -> f64) -> Ring {
    let mut kept = Ring::new();
    for (index, &[lon, lat]) in corners.iter().enumerate() {
        let [next_lon, next_lat] = corners[(index + 1) % corners.len()];
        let (here, there) = (inside(lon), inside(next_lon));
        if here >= 0.0 {
            kept.push([lon, lat]);
        }
        if here * there < 0.0 {
            let share = here / (here - there);
            kept.push([180.0, lat + share * (next_lat - lat)]);
        }
    }
    kept
}

/// Corners as a ring: rounded to 7 decimals, counter-clockwise, closed.
fn ring(corners: Ring) -> Ring {
    let corner = |[lon, lat]: [f64; 2]| [rounded(lon, 7), rounded(lat, 7)];
    let mut ring: Ring = corners.into_iter().map(corner).collect();
    ring.extend(ring.first().copied());
    if twice_area(&ring) < 0.0 {
        ring.reverse();
    }
    ring
}

/// Positive for a ring that runs counter-clockwise.
fn twice_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&[lon, lat]) = ring.first() else {
        return 0.0;
    };
    // From its own corner: far from zero a cell of some metres would drown in rounding.
    (ring.windows(2))
        .map(|side| {
            (side[0][0] - lon) * (side[1][1] - lat) - (side[1][0] - lon) * (side[0][1] - lat)
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survey::cell_at;

    fn outline(lat_deg: f64, lon_deg: f64) -> Outline {
        Outline::of(cell_at(trip::Position::new(lat_deg, lon_deg).unwrap()))
    }

    fn is_closed_and_runs_left(ring: &[[f64; 2]]) -> bool {
        ring.len() >= 4 && ring.first() == ring.last() && twice_area(ring) > 0.0
    }

    #[test]
    fn a_cell_is_one_ring_with_its_inside_to_the_left() {
        for (lat_deg, lon_deg) in [(41.15, -8.61), (-33.9, 151.2), (0.0, 0.0), (64.1, -21.9)] {
            let Outline::Polygon([ring]) = outline(lat_deg, lon_deg) else {
                panic!("{lat_deg} is not cut");
            };
            assert_eq!(ring.len(), 7);
            assert!(is_closed_and_runs_left(&ring), "{ring:?}");
        }
    }

    #[test]
    fn corners_that_run_right_are_turned() {
        let square = [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]];
        let Outline::Polygon([ring]) = Outline::around(square.into_iter()) else {
            panic!("it is not cut");
        };
        assert!(is_closed_and_runs_left(&ring), "{ring:?}");
    }

    #[test]
    fn a_cell_over_the_180th_meridian_is_cut_there() {
        // Taveuni, Fiji: a road crosses the meridian.
        let Outline::MultiPolygon([[east], [west]]) = outline(-16.8, 180.0) else {
            panic!("a cell at the meridian lies on both sides");
        };
        for (ring, from, to) in [(&east, 179.0, 180.0), (&west, -180.0, -179.0)] {
            assert!(is_closed_and_runs_left(ring), "{ring:?}");
            assert!(
                ring.iter()
                    .all(|corner| from <= corner[0] && corner[0] <= to),
                "{ring:?}"
            );
        }
        let cut = |ring: &[[f64; 2]]| {
            let on_it = ring.iter().filter(|corner| corner[0].abs() == 180.0);
            let mut lats: Vec<f64> = on_it.map(|corner| corner[1]).collect();
            lats.sort_by(f64::total_cmp);
            lats.dedup();
            lats
        };
        assert_eq!((cut(&east).len(), cut(&east)), (2, cut(&west)));
    }

    #[test]
    fn the_two_parts_are_as_large_as_the_whole() {
        let square = [[179.0, 10.0], [-178.0, 10.0], [-178.0, 12.0], [179.0, 12.0]];
        let Outline::MultiPolygon([[east], [west]]) = Outline::around(square.into_iter()) else {
            panic!("it lies on both sides");
        };
        assert_eq!((twice_area(&east), twice_area(&west)), (4.0, 8.0));
        assert!(west.contains(&[-178.0, 10.0]) && west.contains(&[-180.0, 12.0]));
    }

    #[test]
    fn a_corner_on_the_meridian_belongs_to_the_one_side_that_there_is() {
        let square = [[179.0, 10.0], [180.0, 10.0], [180.0, 12.0], [179.0, 12.0]];
        assert!(matches!(
            Outline::around(square.into_iter()),
            Outline::Polygon(_)
        ));
    }
}
