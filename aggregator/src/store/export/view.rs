//! What a map says, as far as some layers need it.

use trip::Position;

use super::super::{Store, StoreError, projection};
use crate::cells::{ORDER, cell_of};
use crate::coverage::Coverage;
use crate::hazard::Hazard;
use crate::query::{Bbox, HazardQuery};
use crate::release::Layer;
use crate::release::hazard::place_of;
use crate::said::Said;

/// What a map says, seen from one moment, as far as some layers need it.
pub(super) struct View {
    pub(super) as_of_us: Option<i64>,
    /// In spatial order.
    pub(super) hazards: Vec<Hazard>,
    /// In spatial order.
    pub(super) coverage: Vec<Coverage>,
    /// In order of time.
    pub(super) said: Vec<Said>,
}

impl View {
    /// From the stored projection; when that is stale or of another moment, from the facts.
    pub(super) fn of(
        store: &Store,
        layers: &[Layer],
        as_of_us: Option<i64>,
    ) -> Result<Self, StoreError> {
        let needs = |of: &[Layer]| layers.iter().any(|layer| of.contains(layer));
        let needs_map = needs(&[Layer::Hazards, Layer::Coverage, Layer::History]);
        let mut view = if as_of_us.is_none() && (store.is_projected()? || !needs_map) {
            Self::stored(store, needs)?
        } else {
            let projection = store.fold(as_of_us)?;
            Self {
                as_of_us: projection.as_of_us,
                hazards: projection.hazards,
                coverage: projection.coverage,
                said: Vec::new(),
            }
        };
        if needs(&[Layer::Hazards, Layer::Acts]) {
            view.said = store.said()?;
        }
        let key = |hazard: &Hazard| (cell_of(hazard.position, ORDER), hazard.id);
        view.hazards.sort_by_cached_key(key);
        Ok(view)
    }

    fn stored(store: &Store, needs: impl Fn(&[Layer]) -> bool) -> Result<Self, StoreError> {
        let db = &store.db;
        let as_of = "SELECT epoch_us(as_of_utc) FROM meta";
        Ok(Self {
            as_of_us: db.query_row(as_of, [], |row| row.get(0))?,
            hazards: if needs(&[Layer::History]) {
                projection::hazards(db, &HazardQuery::default())?
            } else if needs(&[Layer::Hazards, Layer::Coverage]) {
                projection::hazards_alone(db, &HazardQuery::default())?
            } else {
                Vec::new()
            },
            coverage: if needs(&[Layer::Coverage]) {
                projection::coverage(db, "coverage")?
            } else {
                Vec::new()
            },
            said: Vec::new(),
        })
    }

    /// How many hazards lie in a box.
    pub(super) fn hazards_within(&self, bbox: Option<Bbox>) -> usize {
        let is_within = |hazard: &&Hazard| is_within(bbox, place_of(hazard));
        self.hazards.iter().filter(is_within).count()
    }
}

/// Whether a place, latitude and longitude in degrees, lies in a box; without one it does.
pub(super) fn is_within(bbox: Option<Bbox>, (lat_deg, lon_deg): (f64, f64)) -> bool {
    let Some(bbox) = bbox else { return true };
    Position::new(lat_deg, lon_deg).is_ok_and(|place| bbox.contains(place))
}
