//! The map: trips recorded, hazards folded, a box asked for. Beside them what the field does with the
//! same bumps: DBSCAN over their places, or a GROUP BY without any fusion.

#[path = "made/trips.rs"]
mod made;

use std::time::Duration;

use aggregator::{Bbox, HazardQuery, Mode, Store, TripEvidence};
use divan::Bencher;
use divan::counter::ItemsCount;
use jounce::evaluate_map::dbscan;
use made::{DRIVEN, Roads};
use tempfile::TempDir;
use trip::Position;

fn main() {
    divan::main();
}

/// So many trips are recorded at a time, as `replay` does.
const BATCH: usize = 2048;

/// How many bumps: the cost of one must not grow with them.
const BUMPS: [u64; 3] = [10_000, 100_000, 1_000_000];

/// Trips that felt so many bumps.
fn trips(roads: Roads, bumps: u64) -> Vec<TripEvidence> {
    let trips = bumps / u64::from(roads.hazards);
    (0..trips).map(|number| roads.trip(number)).collect()
}

/// A map of its own.
struct Map {
    store: Store,
    _folder: TempDir,
}

impl Map {
    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path().join("map.duckdb"), Mode::Write).expect("a map");
        let _folder = folder;
        Self { store, _folder }
    }

    fn record(&mut self, trips: &[TripEvidence]) -> usize {
        let batches = trips.chunks(BATCH);
        let recorded = batches.map(|batch| self.store.record(batch).expect("room on the disk"));
        recorded.map(|verdicts| verdicts.len()).sum()
    }
}

#[divan::bench_group(sample_size = 1, sample_count = 3)]
mod record {
    use super::*;

    #[divan::bench(args = BUMPS, name = "bumps")]
    fn store(bencher: Bencher<'_, '_>, bumps: u64) {
        let trips = trips(DRIVEN, bumps);
        (bencher.counter(ItemsCount::new(bumps)))
            .with_inputs(Map::empty)
            .bench_local_refs(|map| map.record(&trips));
    }

    #[divan::bench(args = BUMPS, name = "bumps baseline, DBSCAN at 15 m")]
    fn baseline(bencher: Bencher<'_, '_>, bumps: u64) {
        let trips = trips(DRIVEN, bumps);
        let felt = trips.iter().flat_map(|trip| &trip.report.bumps);
        let places: Vec<Position> = felt.filter_map(|bump| Some(bump.place?.position)).collect();
        (bencher.counter(ItemsCount::new(bumps)))
            .bench_local(|| dbscan::clusters(&places, 15.0, 3).len());
    }
}

#[divan::bench_group(sample_size = 1, sample_count = 3)]
mod rebuild {
    use super::*;

    fn run<T>(bencher: Bencher<'_, '_>, bumps: u64, rebuild: impl Fn(&mut Map) -> T) {
        let mut map = Map::empty();
        map.record(&trips(DRIVEN, bumps));
        (bencher.counter(ItemsCount::new(bumps))).bench_local(|| rebuild(&mut map));
    }

    #[divan::bench(args = BUMPS, name = "bumps")]
    fn store(bencher: Bencher<'_, '_>, bumps: u64) {
        run(bencher, bumps, |map| {
            map.store.rebuild().expect("room on the disk");
        });
    }

    #[divan::bench(args = BUMPS, name = "bumps baseline, GROUP BY alone")]
    fn baseline(bencher: Bencher<'_, '_>, bumps: u64) {
        const GROUPS: &str = "SELECT count(*) FROM (SELECT round(lat_deg, 4), round(lon_deg, 4), \
            avg(lat_deg), avg(lon_deg), avg(sigma_m), median(severity_mps2), count(*) \
            FROM bump GROUP BY 1, 2)";
        run(bencher, bumps, |map| {
            let answered = (map.store).ask(GROUPS, 1, Duration::from_secs(60));
            answered.expect("a question").rows.len()
        });
    }
}

/// A box of 2 000 hazards among so many.
#[divan::bench_group]
mod ask {
    use super::*;

    const HAZARDS: [u64; 2] = [10_000, 1_000_000];

    /// A hazard every 30 m.
    const DENSE: Roads = Roads {
        trips: 1,
        hazards: 50,
        apart_m: 30.0,
    };

    fn run(bencher: Bencher<'_, '_>, hazards: u64, ask: impl Fn(&Map, Bbox) -> usize) {
        let mut map = Map::empty();
        map.record(&trips(DENSE, hazards));
        map.store.project().expect("room on the disk");
        // They lie on the first 40 roads.
        let begin = Position::new(40.0, -8.61).expect("a place");
        let within = Bbox {
            south_west: begin.moved(-50.0, -50.0),
            north_east: begin.moved(1550.0, 39.5 * 200.0),
        };
        bencher.bench_local(|| {
            let found = ask(&map, within);
            assert_eq!(found, 2000);
            found
        });
    }

    #[divan::bench(args = HAZARDS, name = "box among hazards")]
    fn store(bencher: Bencher<'_, '_>, hazards: u64) {
        run(bencher, hazards, |map, bbox| {
            let query = HazardQuery {
                bbox: Some(bbox),
                ..HazardQuery::default()
            };
            map.store.hazards_alone(&query).expect("a map").len()
        });
    }

    #[divan::bench(args = HAZARDS, name = "box among hazards baseline, as text")]
    fn baseline(bencher: Bencher<'_, '_>, hazards: u64) {
        run(bencher, hazards, |map, bbox| {
            let [west, south, east, north] = bbox.degrees();
            let sql = format!(
                "SELECT * FROM hazard WHERE lat_deg BETWEEN {south} AND {north} \
                 AND lon_deg BETWEEN {west} AND {east}"
            );
            let answered = (map.store).ask(&sql, 10_000, Duration::from_secs(60));
            answered.expect("a question").rows.len()
        });
    }
}
