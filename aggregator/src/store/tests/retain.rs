//! Sealing in the file: the map says the same, and who said it is nowhere any more.

use super::*;
use crate::config::RetentionRule;
use crate::said::{CitizenReport, Said, SaidId, What};

const DAYS: i32 = 30;

/// Drives of a winter, and some of the summer after.
fn seasons() -> Vec<Drive> {
    let devices = ["phone-anna", "phone-bert", "phone-cleo"];
    let drive = |number: u64| {
        let day = (number * 4) as i32;
        let felt_m: &[f64] = if number % 5 < 4 { &[50.0, 100.0] } else { &[] };
        Drive::new(devices[number as usize % 3], number)
            .on(MONDAY + day)
            .felt(felt_m)
    };
    (0..40).map(drive).collect()
}

fn bytes(place: &Place) -> Vec<u8> {
    let files = fs::read_dir(place.folder.path()).unwrap();
    files
        .flat_map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn sealing_changes_nothing_that_the_map_says_and_leaves_nobody_in_the_file() {
    let place = Place::mapped(&seasons());
    let mut store = place.writer();
    let (before, coverage) = (export(&store), store.coverage().unwrap());
    let sealed_trip = TripHash::of(&seasons()[0].evidence().key).to_string();
    let kept_trip = TripHash::of(&seasons()[39].evidence().key).to_string();
    let sql = "SELECT DISTINCT driver FROM trip WHERE season = '2026Q1'";
    let drivers = rows::rows(&store.db, sql, "trip", |row| row.take::<String>()).unwrap();
    store.db.execute_batch("CHECKPOINT").unwrap();
    assert!(
        holds(&bytes(&place), &sealed_trip),
        "it can be found before"
    );

    let dry = store.retain(None, DAYS, true).unwrap();
    assert_eq!(store.summary().unwrap().trips, 40, "nothing was written");
    let retained = store.retain(None, DAYS, false).unwrap();
    assert_eq!(dry, retained);
    assert_eq!((retained.trips, retained.kept_trips), (23, 17));
    assert_eq!((retained.weeks, retained.keys), (13, 1));
    assert!(!store.is_projected().unwrap());
    assert_eq!(export(&store), before, "folded anew");
    store.project().unwrap();
    assert_eq!(export(&store), before);
    assert_eq!(store.coverage().unwrap(), coverage);
    store.rebuild().unwrap();
    assert_eq!(export(&store), before);

    drop(store);
    let bytes = bytes(&place);
    assert!(holds(&bytes, &kept_trip) && !holds(&bytes, &sealed_trip));
    for driver in drivers {
        assert!(!holds(&bytes, &driver));
    }
    let mut store = place.writer();
    let again = store.retain(None, DAYS, false).unwrap();
    assert_eq!((again.trips, again.keys), (0, 0));
    store.project().unwrap();
    assert_eq!(export(&store), before);
}

#[test]
fn a_sealed_trip_is_known_again_and_the_days_before_cannot_be_asked_for() {
    let place = Place::mapped(&seasons());
    let mut store = place.writer();
    store.retain(None, DAYS, false).unwrap();
    let again: Vec<_> = seasons().iter().map(Drive::evidence).collect();
    let recorded = store.record(&again).unwrap();
    let sealed = recorded.iter().filter(|r| **r == Recorded::Sealed).count();
    assert_eq!(sealed, 23);
    assert!(recorded[23..].iter().all(|r| *r == Recorded::Unchanged));
    let then = HazardQuery {
        as_of_us: Some(i64::from(MONDAY + 20) * crate::stamp::DAY_US),
        ..HazardQuery::default()
    };
    let refused = store.hazards(&then).unwrap_err();
    assert!(
        refused.to_string().contains("before 2026-04-06 was sealed"),
        "{refused}"
    );
}

#[test]
fn a_process_that_dies_while_it_seals_leaves_the_map_before_or_after() {
    const MAP: &str = "JOUNCE_TEST_MAP";
    if let Some(map) = std::env::var_os(MAP) {
        let mut store = Store::open(map, Mode::Write).unwrap();
        store.retain(None, DAYS, false).unwrap();
        return;
    }
    let test =
        "store::tests::retain::a_process_that_dies_while_it_seals_leaves_the_map_before_or_after";
    for (point, trips) in [
        ("before the sums are committed", 40),
        ("before the file is written anew", 17),
        ("before the keys are deleted", 17),
    ] {
        let place = Place::mapped(&seasons());
        let before = export(&place.writer());
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact"])
            .env(MAP, place.path())
            .env("JOUNCE_TEST_CRASH", point)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success(), "the child dies {point}");
        fs::write(open::beside(&place.path(), ".rewritten"), "half a file").unwrap();
        let mut store = place.writer();
        assert_eq!(store.summary().unwrap().trips, trips, "{point}");
        assert_eq!(export(&store), before, "{point}");
        let retained = store.retain(None, DAYS, false).unwrap();
        assert_eq!(retained.trips, trips - 17, "{point}");
        assert_eq!(retained.keys, 1, "{point}");
        assert_eq!(export(&store), before, "{point}");
        drop(store);
        let sealed_trip = TripHash::of(&seasons()[0].evidence().key).to_string();
        assert!(!holds(&bytes(&place), &sealed_trip), "{point}");
    }
}

#[test]
fn days_are_those_of_the_area_and_what_people_said_of_them_stays() {
    let place = Place::new();
    let area = Area {
        id: "ahmedabad".parse().unwrap(),
        time_zone: "Asia/Kolkata".parse().unwrap(),
        ..Area::default()
    };
    let mut store = Store::open_area(place.path(), area.clone()).unwrap();
    // What begins at half past six in the evening, UTC, is of the next day in India.
    let evening = |drive: Drive| Drive {
        trip: drive.trip + 600 * 10 + 391,
        ..drive
    };
    let drives: Vec<Drive> = seasons().into_iter().map(evening).collect();
    let evidence: Vec<TripEvidence> = drives.iter().map(Drive::evidence).collect();
    store.record(&evidence).unwrap();
    let report = |number: u8, at_us: i64| Said {
        id: SaidId::from_bytes([number; 8]),
        at_us,
        by: "Ana".to_owned(),
        what: What::Report(CitizenReport {
            at: crate::street::south_end().moved(100.0, 0.0),
            kind: trip::Kind::Pothole,
            note: None,
        }),
    };
    let sunday_night_us = i64::from(MONDAY + 91) * crate::stamp::DAY_US - 6 * 3_600_000_000;
    let said = [
        report(1, sunday_night_us),
        report(2, sunday_night_us + 2 * 3_600_000_000),
    ];
    store.say_all(&said).unwrap();
    store.project().unwrap();
    let (before, reported) = (export(&store), store.reported().unwrap());
    assert_eq!(reported.len(), 2);
    let sql = "SELECT count(*) FROM trip WHERE stamp_day < DATE '2026-04-06'";
    let of_winter: u64 = store.db.query_row(sql, [], |row| row.get(0)).unwrap();
    let retained = store.retain(None, DAYS, false).unwrap();
    assert_eq!(
        (retained.before, retained.trips),
        (Some(MONDAY + 91), of_winter)
    );
    store.project().unwrap();
    assert_eq!(export(&store), before);
    assert_eq!(store.reported().unwrap(), reported);
    let as_of = |at_us: i64| {
        store.hazards(&HazardQuery {
            as_of_us: Some(at_us),
            ..HazardQuery::default()
        })
    };
    // Midnight in India is 18:30 UTC on the day before.
    let midnight_us = area.time_zone.begin_us(MONDAY + 91);
    assert!(as_of(midnight_us).is_ok() && as_of(midnight_us - 1).is_err());
    store.retain(Some(i64::MAX), DAYS, false).unwrap();
    store.project().unwrap();
    assert_eq!(export(&store), before);
    assert_eq!(store.summary().unwrap().trips, 0);
    let moved = Area {
        time_zone: "Europe/Lisbon".parse().unwrap(),
        ..area
    };
    assert!(
        store.set_area(moved).is_err(),
        "its sums are of days in India"
    );
}

#[test]
fn a_trip_that_was_sealed_is_not_judged_anew() {
    let place = Place::mapped(&seasons());
    let mut store = place.writer();
    store.retain(None, DAYS, false).unwrap();
    let stranger = Drive::new("phone-dora", 900).on(MONDAY + 120);
    let asked = [
        seasons()[0].evidence(),
        seasons()[39].evidence(),
        stranger.evidence(),
    ];
    let recorded = store.redetect(&asked).unwrap();
    assert_eq!(
        recorded,
        [Some(Recorded::Sealed), Some(Recorded::Unchanged), None]
    );
}

#[test]
fn a_map_without_dates_has_nothing_that_is_old() {
    let undated = Drive {
        day: None,
        ..Drive::new("phone-anna", 1).felt(&[20.0])
    };
    let place = Place::mapped(&[undated]);
    let retained = place.writer().retain(None, DAYS, false).unwrap();
    assert_eq!((retained.before, retained.trips), (None, 0));
    assert_eq!(RetentionRule::default().pass_days, DAYS);
}

/// Every column of every table, with its type.
fn columns(store: &Store) -> Vec<String> {
    let sql = "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable \
               FROM duckdb_columns() WHERE NOT internal ORDER BY ALL";
    rows::rows(&store.db, sql, "duckdb_columns", |row| row.take::<String>()).unwrap()
}

#[test]
fn a_map_of_an_earlier_schema_gets_its_tables_when_it_is_opened_for_writing() {
    let new = Place::mapped(&seasons());
    let store = new.writer();
    let (of_new, tables) = (export(&store), columns(&store));
    drop(store);
    for (version, schema, left_out) in [
        (
            3,
            include_str!("schema_3.sql"),
            "EXCLUDE (area, iso_week, utc_day)",
        ),
        (4, include_str!("schema_4.sql"), ""),
    ] {
        let old = Place::new();
        let db = Connection::open(old.path()).unwrap();
        db.execute_batch(schema).unwrap();
        db.execute_batch(&format!(
            "ATTACH '{}' AS new (READ_ONLY)",
            new.path().display()
        ))
        .unwrap();
        let of_trips = ("trip", left_out);
        let mut held = vec![
            ("meta", ""),
            ("bump", ""),
            ("stretch", ""),
            ("skipped", ""),
            of_trips,
        ];
        held.extend((version > 3).then_some(("area", "")));
        for (table, left_out) in held {
            let sql = format!("INSERT INTO {table} SELECT * {left_out} FROM new.{table}");
            db.execute_batch(&sql).unwrap();
        }
        db.execute_batch(&format!(
            "UPDATE meta SET schema_version = {version}; CHECKPOINT"
        ))
        .unwrap();
        drop(db);
        let refused = old.open(Mode::Read).unwrap_err();
        assert!(
            matches!(refused, StoreError::Outdated { found, .. } if found == version),
            "{refused}"
        );
        let mut store = old.writer();
        assert!(!store.is_projected().unwrap(), "the fold has changed since");
        let nullable = |column: &String| !column.starts_with("trip.");
        let mut now = columns(&store);
        let mut then = tables.clone();
        now.retain(nullable);
        then.retain(nullable);
        assert_eq!(now, then, "{version}");
        store.retain(None, DAYS, false).unwrap();
        store.project().unwrap();
        assert_eq!(export(&store), of_new, "{version}");
    }
}

#[test]
fn what_a_driver_withdrew_is_not_in_the_file_any_more() {
    let place = Place::mapped(&seasons());
    let mut store = place.writer();
    let trip = TripHash::of(&seasons()[0].evidence().key).to_string();
    let sql = format!("SELECT driver FROM trip WHERE trip = '{trip}'");
    let driver: String = store.db.query_row(&sql, [], |row| row.get(0)).unwrap();
    assert_eq!(store.forget(&"phone-anna".parse().unwrap()).unwrap(), 14);
    store.project().unwrap();
    drop(store);
    assert!(!holds(&bytes(&place), &driver));
}
