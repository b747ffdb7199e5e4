//! The globe in cells: what lies near what.

use h3o::{CellIndex, LatLng, Resolution};
use trip::Position;

/// Coverage is counted in cells of this size: 2,150 m² on average, inner radius 25 m.
pub(crate) const COVERAGE: Resolution = Resolution::Eleven;

/// Tables of the map are ordered by cells of this size, so that near rows lie near each other.
pub(crate) const ORDER: Resolution = Resolution::Twelve;

/// The cell that a position lies in.
pub(crate) fn cell_of(position: Position, resolution: Resolution) -> CellIndex {
    LatLng::new(position.lat_deg(), position.lon_deg())
        .expect("a position is finite")
        .to_cell(resolution)
}
