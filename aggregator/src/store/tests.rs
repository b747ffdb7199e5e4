mod area;
mod crash;
mod export;
mod people;
mod recorded;
mod retain;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::geojson;
use crate::query::HazardQuery;
use crate::street::{Drive, MONDAY};

/// A folder for a map that goes away with the test.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("m.duckdb")
    }

    fn open(&self, mode: Mode) -> Result<Store, StoreError> {
        Store::open(self.path(), mode)
    }

    fn writer(&self) -> Store {
        self.open(Mode::Write).unwrap()
    }

    /// A map of these drives, recorded one by one, closed again.
    fn mapped(drives: &[Drive]) -> Self {
        let place = Self::new();
        let mut store = place.writer();
        for drive in drives {
            store.record(&[drive.evidence()]).unwrap();
        }
        store.project().unwrap();
        place
    }
}

/// Three drivers, two of them back again, one undated; a bump without a place.
fn drives() -> Vec<Drive> {
    vec![
        Drive::new("phone-anna", 1).felt(&[50.0, 100.0]),
        Drive::new("phone-bert", 2).felt(&[100.0]).off(3.0, 2.0),
        Drive::new("phone-cleo", 3).felt(&[100.0]).on(MONDAY + 1),
        Drive {
            north: false,
            ..Drive::new("phone-anna", 4).on(MONDAY + 90).felt(&[150.0])
        },
        Drive {
            day: None,
            ..Drive::new("phone-dora", 5).felt(&[20.0])
        },
        Drive {
            placed: false,
            ..Drive::new("phone-bert", 6).felt(&[70.0]).on(MONDAY + 2)
        },
    ]
}

fn export(store: &Store) -> String {
    let mut out = Vec::new();
    let hazards = store.hazards(&HazardQuery::default()).unwrap();
    geojson::write_hazards(&hazards, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_stored_projection_is_the_fold_of_the_facts() {
    let place = Place::mapped(&drives());
    let store = place.open(Mode::Read).unwrap();
    let folded = store.fold(None).unwrap();
    assert_eq!(store.coverage().unwrap(), folded.coverage);
    let all = HazardQuery::default();
    assert_eq!(store.hazards(&all).unwrap(), all.answer(folded.hazards));
    assert_eq!(export(&store).lines().count(), 6);
}

#[test]
fn any_order_any_increment_and_other_keys_give_the_same_export() {
    let (mut backwards, straight) = (drives(), Place::mapped(&drives()));
    backwards.reverse();
    let other = Place::new();
    let mut store = other.writer();
    let evidence: Vec<_> = backwards.iter().map(Drive::evidence).collect();
    store.record(&evidence[..2]).unwrap();
    store.project().unwrap();
    store.record(&evidence).unwrap();
    store.record(&evidence[3..]).unwrap();
    store.project().unwrap();
    let keys = |place: &Place| fs::read(place.folder.path().join("m.duckdb.keys")).unwrap();
    assert_ne!(keys(&straight), keys(&other));
    assert_eq!(export(&store), export(&straight.open(Mode::Read).unwrap()));
}

#[test]
fn recording_again_changes_nothing_and_says_so() {
    let place = Place::mapped(&drives());
    let mut store = place.writer();
    let evidence: Vec<_> = drives().iter().map(Drive::evidence).collect();
    assert_eq!(store.record(&evidence).unwrap(), [Recorded::Unchanged; 6]);
    assert!(store.is_projected().unwrap());
}

#[test]
fn another_detector_replaces_what_a_trip_said() {
    let place = Place::mapped(&drives());
    let mut store = place.writer();
    let mut again = drives()[0].evidence();
    again.generation.version = "2".to_owned();
    again.report.bumps.clear();
    assert_eq!(store.record(&[again]).unwrap(), [Recorded::Replaced]);
    assert!(!store.is_projected().unwrap());
    store.project().unwrap();
    let summary = store.summary().unwrap();
    assert_eq!((summary.trips, summary.bumps_mapped), (6, 4));
    assert_eq!(summary.generations.len(), 2);
}

#[test]
fn one_call_may_hold_a_trip_twice() {
    let place = Place::new();
    let mut longer = Drive::new("phone-anna", 1).felt(&[50.0]).evidence();
    (longer.messages, longer.digest) = (30, [3; 16]);
    let shorter = Drive::new("phone-anna", 1).evidence();
    let recorded = place
        .writer()
        .record(&[shorter.clone(), longer, shorter])
        .unwrap();
    assert_eq!(
        recorded,
        [Recorded::Added, Recorded::Superseded, Recorded::Outranked]
    );
    let summary = place.open(Mode::Read).unwrap().summary().unwrap();
    assert_eq!((summary.trips, summary.bumps_mapped), (1, 1));
}

#[test]
fn a_summary_counts_what_was_recorded() {
    let summary = Place::mapped(&drives()).writer().summary().unwrap();
    assert_eq!(
        (summary.trips, summary.undated_trips, summary.drivers),
        (6, 1, 3)
    );
    assert_eq!((summary.bumps_mapped, summary.bumps_without_place), (6, 1));
    assert_eq!(summary.stretches, 24);
    assert!((summary.km_judged - 1.2).abs() < 1e-3 && summary.km_able == summary.km_judged);
    assert!((summary.hours - 6.0 * 20.0 / 3600.0).abs() < 1e-9);
    assert_eq!(summary.skipped_s.into_values().collect::<Vec<_>>(), [12.0]);
    assert_eq!(summary.hazards_by_state.values().sum::<u64>(), 4);
    assert_eq!(summary.hazards_by_kind, [(trip::Kind::Pothole, 4)].into());
    assert_eq!(summary.generations.into_values().collect::<Vec<_>>(), [6]);
    let noon_us = |day: i32| (i64::from(day) * 86_400 + 43_200) * 1_000_000;
    let minute_us = 60_000_000; // The first and the fourth trip begin so many minutes past noon.
    assert_eq!(summary.first_us, Some(noon_us(MONDAY) + minute_us));
    let last_us = noon_us(MONDAY + 90) + 4 * minute_us + 20_000_000;
    assert_eq!(summary.last_us, Some(last_us));
}

#[test]
fn a_query_narrows_the_list_alike_from_the_table_and_from_the_facts() {
    let place = Place::mapped(&drives());
    let store = place.open(Mode::Read).unwrap();
    let newest_us = store.fold(None).unwrap().as_of_us;
    let queries = [
        HazardQuery {
            bbox: "-8.7,41.1505,-8.6,41.2".parse().ok(),
            ..HazardQuery::default()
        },
        HazardQuery {
            min_confidence: Some(0.2),
            ..HazardQuery::default()
        },
        HazardQuery {
            limit: Some(2),
            ..HazardQuery::default()
        },
    ];
    for query in queries {
        let stored = store.hazards(&query).unwrap();
        assert!(
            !stored.is_empty() && stored.len() < 4,
            "{query:?} {}",
            stored.len()
        );
        let folded = HazardQuery {
            as_of_us: newest_us,
            ..query
        };
        assert_eq!(store.hazards(&folded).unwrap(), stored);
    }
}

#[test]
fn the_map_of_an_earlier_day_can_be_asked_for() {
    let store = Place::mapped(&drives());
    let store = store.open(Mode::Read).unwrap();
    let as_of_us = Some(i64::from(MONDAY) * crate::stamp::DAY_US);
    let then = store
        .hazards(&HazardQuery {
            as_of_us,
            ..HazardQuery::default()
        })
        .unwrap();
    assert_eq!(then.len(), 3, "two dated ones and the undated one");
}

#[test]
fn another_configuration_makes_the_projection_stale_but_never_wrong() {
    let place = Place::mapped(&drives());
    let mut config = Config::default();
    config.rates.detection = 0.9;
    let store = Store::open_with(place.path(), Mode::Read, config).unwrap();
    assert!(!store.is_projected().unwrap());
    let confidence = |store: &Store| store.hazards(&HazardQuery::default()).unwrap()[0].confidence;
    let otherwise = confidence(&store);
    drop(store);
    assert_ne!(otherwise, confidence(&place.open(Mode::Read).unwrap()));
}

#[test]
fn reading_makes_no_file_and_writes_nothing() {
    let place = Place::new();
    assert!(matches!(
        place.open(Mode::Read),
        Err(StoreError::Missing { .. })
    ));
    assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 0);
    let place = Place::mapped(&drives());
    let mut store = place.open(Mode::Read).unwrap();
    assert!(matches!(store.record(&[]), Err(StoreError::ReadOnly)));
    assert!(matches!(store.project(), Err(StoreError::ReadOnly)));
}

#[test]
fn a_reader_needs_no_key() {
    let place = Place::mapped(&drives());
    let keys = place.folder.path().join("m.duckdb.keys");
    fs::write(&keys, "not for you").unwrap();
    assert!(place.open(Mode::Read).is_ok());
    assert!(matches!(
        place.open(Mode::Write),
        Err(StoreError::Keys { line: 1, .. })
    ));
}

#[test]
fn what_is_no_duckdb_file_is_refused_and_stays_as_it_is() {
    for content in [&b""[..], b"t,ax,ay,az\n0,0,0,9.81\n", &[0; 8192], b"short"] {
        let place = Place::new();
        fs::write(place.path(), content).unwrap();
        for mode in [Mode::Read, Mode::Write] {
            assert!(matches!(
                place.open(mode),
                Err(StoreError::NotDuckDb { .. })
            ));
        }
        assert_eq!(fs::read(place.path()).unwrap(), content);
        assert_eq!(fs::read_dir(place.folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_folder_and_a_missing_folder_are_named() {
    let place = Place::new();
    let folder = Store::open(place.folder.path(), Mode::Write);
    assert!(matches!(folder, Err(StoreError::IsFolder { .. })));
    let nowhere = Store::open(place.folder.path().join("no/m.duckdb"), Mode::Write);
    assert!(matches!(nowhere, Err(StoreError::NoFolder { .. })));
}

#[test]
fn somebody_elses_database_is_refused_and_stays_as_it_is() {
    for sql in [
        "CREATE TABLE t (a INT)",
        "CREATE TABLE meta (format VARCHAR)",
    ] {
        let place = Place::new();
        let db = Connection::open(place.path()).unwrap();
        db.execute_batch(sql).unwrap();
        drop(db);
        let before = fs::read(place.path()).unwrap();
        assert!(
            matches!(place.open(Mode::Write), Err(StoreError::NotAMap { .. })),
            "{sql}"
        );
        assert!(
            matches!(place.open(Mode::Read), Err(StoreError::NotAMap { .. })),
            "{sql}"
        );
        assert_eq!(fs::read(place.path()).unwrap(), before, "{sql}");
    }
}

#[test]
fn a_map_of_a_newer_version_is_refused_with_both_versions() {
    let place = Place::mapped(&[]);
    let db = Connection::open(place.path()).unwrap();
    db.execute_batch("UPDATE meta SET schema_version = 99")
        .unwrap();
    drop(db);
    let refused = place.open(Mode::Read).unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::Newer {
                found: 99,
                known: schema::VERSION,
                ..
            }
        ),
        "{refused}"
    );
}

#[test]
fn a_new_map_appears_whole_or_not_at_all() {
    let place = Place::new();
    let new = open::beside(&place.path(), ".new");
    // What a crash within the making of one leaves behind.
    fs::write(&new, b"half").unwrap();
    fs::write(open::beside(&new, ".wal"), b"half").unwrap();
    drop(place.writer());
    let names = |place: &Place| fs::read_dir(place.folder.path()).unwrap().count();
    assert_eq!(names(&place), 1, "the map and nothing else");
    assert_eq!(place.open(Mode::Read).unwrap().summary().unwrap().trips, 0);
}

#[test]
fn the_file_is_of_a_format_that_the_1_5_line_reads() {
    let store = Place::mapped(&[]);
    let store = store.writer();
    let sql = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal";
    let version: String = store.db.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(version.starts_with("v1.5.0"), "{version}");
}

/// Every value of every table, as text, one row a line.
fn dump(store: &Store) -> String {
    let sql = "SELECT table_name FROM duckdb_tables() ORDER BY ALL";
    let tables = rows::rows(&store.db, sql, "duckdb_tables", |row| row.take::<String>()).unwrap();
    let mut text = String::new();
    for table in tables {
        let sql = format!("SELECT row_data::VARCHAR FROM {table} AS row_data");
        for row in rows::rows(&store.db, &sql, "any", |row| row.take::<String>()).unwrap() {
            text.push_str(&row);
            text.push('\n');
        }
    }
    text
}

#[test]
fn no_device_and_no_trip_is_in_the_map() {
    let place = Place::new();
    let mut store = place.writer();
    for drive in drives() {
        let mut evidence = drive.evidence();
        evidence.digest = evidence.key.trip.bytes(); // As an importer of files may do.
        store.record(&[evidence]).unwrap();
    }
    store.project().unwrap();
    let dump = dump(&store);
    drop(store);
    let mut files = Vec::new();
    for file in fs::read_dir(place.folder.path()).unwrap() {
        files.extend(fs::read(file.unwrap().path()).unwrap());
    }
    let is_in_a_file = |needle: &[u8]| files.windows(needle.len()).any(|window| window == needle);
    for key in drives().iter().map(|drive| drive.evidence().key) {
        let device = key.device.as_str();
        let (device_hex, trip) = (hex(device.as_bytes()), key.trip.to_string());
        for text in [device, &device_hex, &trip] {
            assert!(!dump.contains(text));
            assert!(!is_in_a_file(text.as_bytes()));
        }
        assert!(!is_in_a_file(&key.trip.bytes()));
        let hash = TripHash::of(&key).to_string();
        assert!(dump.contains(&hash), "the dump shows what is in the map");
    }
}

#[test]
fn the_schema_page_names_every_table_and_column_and_its_questions_run() {
    let page = include_str!("../../SCHEMA.md");
    let store = Place::mapped(&drives());
    let store = store.writer();
    let sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal";
    let columns = rows::rows(&store.db, sql, "duckdb_columns", |row| {
        Ok((row.take::<String>()?, row.take::<String>()?))
    });
    for (table, column) in columns.unwrap() {
        assert!(page.contains(&format!("## {table}: ")), "{table}");
        let is_in_a_row = ["band_", "p_"]
            .iter()
            .any(|start| column.starts_with(start));
        assert!(
            is_in_a_row || page.contains(&format!("`{column}`")),
            "{table}.{column}"
        );
    }
    let questions = page
        .split("```sql\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    store.db.execute_batch(questions).unwrap();
}
