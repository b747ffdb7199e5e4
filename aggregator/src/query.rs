//! Questions to a map.

use std::cmp::Ordering;
use std::str::FromStr;

use trip::Position;

use crate::hazard::{Hazard, HazardId};

/// Which hazards to list. The default is all of them, in every state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HazardQuery {
    /// Only the one with this name.
    pub id: Option<HazardId>,
    /// Only those in this box.
    pub bbox: Option<Bbox>,
    /// Only those with at least this confidence, 0 to 1.
    pub min_confidence: Option<f64>,
    /// At most so many, the most certain first.
    pub limit: Option<usize>,
    /// Seen from this moment, µs since 1970 UTC; without one, from the newest dated evidence.
    pub as_of_us: Option<i64>,
}

/// A box in degrees. A west edge east of the east edge spans the 180th meridian, as in RFC 7946.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    /// The south-west corner.
    pub south_west: Position,
    /// The north-east corner.
    pub north_east: Position,
}

/// Why a text is not a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BboxError {
    /// There are not four numbers.
    #[error("a box is four numbers in degrees: west,south,east,north")]
    Form,
    /// A number is out of range.
    #[error("a box has longitudes from -180 to 180 and latitudes from -90 to 90")]
    Range,
    /// The south edge is north of the north edge.
    #[error("the south edge of a box is not north of its north edge: west,south,east,north")]
    UpsideDown,
}

impl FromStr for Bbox {
    type Err = BboxError;

    /// Reads `west,south,east,north`.
    fn from_str(text: &str) -> Result<Self, BboxError> {
        let numbers = text.split(',').map(|part| part.trim().parse::<f64>());
        let numbers: Vec<f64> = numbers
            .collect::<Result<_, _>>()
            .map_err(|_| BboxError::Form)?;
        let degrees: [f64; 4] = numbers.try_into().map_err(|_| BboxError::Form)?;
        Self::from_degrees(degrees)
    }
}

impl Bbox {
    /// The box from west, south, east and north.
    ///
    /// # Errors
    /// When a number is out of range, or the south edge lies north of the north edge.
    pub fn from_degrees([west, south, east, north]: [f64; 4]) -> Result<Self, BboxError> {
        let corner = |lat, lon| Position::new(lat, lon).map_err(|_| BboxError::Range);
        let (south_west, north_east) = (corner(south, west)?, corner(north, east)?);
        if south > north {
            return Err(BboxError::UpsideDown);
        }
        Ok(Self {
            south_west,
            north_east,
        })
    }

    /// West, south, east and north.
    pub fn degrees(self) -> [f64; 4] {
        let (from, to) = (self.south_west, self.north_east);
        [from.lon_deg(), from.lat_deg(), to.lon_deg(), to.lat_deg()]
    }

    /// Whether a position lies in the box or on its edge.
    pub fn contains(&self, position: Position) -> bool {
        let (west, east) = (self.south_west.lon_deg(), self.north_east.lon_deg());
        let lon = position.lon_deg();
        let within_lon = if west <= east {
            west <= lon && lon <= east
        } else {
            west <= lon || lon <= east
        };
        let lat = position.lat_deg();
        self.south_west.lat_deg() <= lat && lat <= self.north_east.lat_deg() && within_lon
    }
}

impl HazardQuery {
    /// Whether the query asks for this hazard, limit apart.
    pub fn admits(&self, hazard: &Hazard) -> bool {
        self.id.is_none_or(|id| id == hazard.id)
            && self.bbox.is_none_or(|bbox| bbox.contains(hazard.position))
            && self
                .min_confidence
                .is_none_or(|least| hazard.confidence >= least)
    }

    /// The answer out of some hazards: the admitted ones in [`rank`] order, up to the limit.
    pub fn answer(&self, mut hazards: Vec<Hazard>) -> Vec<Hazard> {
        hazards.retain(|hazard| self.admits(hazard));
        hazards.sort_by(rank);
        hazards.truncate(self.limit.unwrap_or(usize::MAX));
        hazards
    }
}

/// The order of lists: the most certain first, then the most severe, then by id.
pub fn rank(a: &Hazard, b: &Hazard) -> Ordering {
    let severity = |hazard: &Hazard| hazard.severity_mps2.unwrap_or(f64::NEG_INFINITY);
    (b.confidence.total_cmp(&a.confidence))
        .then(severity(b).total_cmp(&severity(a)))
        .then(a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(bbox: &str, lat_deg: f64, lon_deg: f64) -> bool {
        let bbox: Bbox = bbox.parse().unwrap();
        bbox.contains(Position::new(lat_deg, lon_deg).unwrap())
    }

    #[test]
    fn a_box_holds_its_inside_and_its_edges() {
        assert!(contains("-9,41,-8,42", 41.15, -8.61));
        assert!(contains("-9,41,-8,42", 41.0, -9.0));
        assert!(!contains("-9,41,-8,42", 40.99, -8.61));
        assert!(!contains("-9,41,-8,42", 41.15, -7.99));
    }

    #[test]
    fn a_box_may_span_the_date_line() {
        assert!(contains("179,-20,-179,-10", -15.0, 179.5));
        assert!(contains("179,-20,-179,-10", -15.0, -179.5));
        assert!(!contains("179,-20,-179,-10", -15.0, 0.0));
    }

    #[test]
    fn three_numbers_words_and_impossible_places_are_no_box() {
        for (text, error) in [
            ("1,2,3", BboxError::Form),
            ("w,s,e,n", BboxError::Form),
            ("1,2,3,4,5", BboxError::Form),
            ("-9,41,-8,99", BboxError::Range),
            ("NaN,41,-8,42", BboxError::Range),
            ("-9,42,-8,41", BboxError::UpsideDown),
        ] {
            assert_eq!(text.parse::<Bbox>(), Err(error), "{text}");
        }
    }
}
