//! Whose roads they are: told once, in every fact, never mixed.

use super::*;
use crate::area::AreaId;
use crate::said::{CitizenReport, KnownFeature, Said, SaidId, What};

/// An area in India, where a day is half past six hours on when it begins in UTC.
fn ahmedabad() -> Area {
    Area {
        id: "ahmedabad".parse().unwrap(),
        time_zone: "Asia/Kolkata".parse().unwrap(),
        name: Some("Ahmedabad".to_owned()),
        bbox: Some("72.4,22.9,72.8,23.2".parse().unwrap()),
        languages: vec!["gu".to_owned(), "en".to_owned()],
        licence: Some("CC-BY-4.0".to_owned()),
        k: Some(5),
        ..Area::default()
    }
}

/// The drives, so many hours later.
fn later(drives: &[Drive], hours: i64) -> Vec<TripEvidence> {
    let us = hours * 3_600_000_000;
    let drive = |drive: &Drive| {
        let mut trip = drive.evidence();
        (trip.first_us, trip.last_us) = (trip.first_us + us, trip.last_us + us);
        for bump in &mut trip.report.bumps {
            bump.peak_us += us;
        }
        let points = (trip.report.stretches.iter_mut()).flat_map(|stretch| &mut stretch.path);
        points.for_each(|point| point.t_us += us);
        trip
    };
    drives.iter().map(drive).collect()
}

fn report(area_of: &Store) -> Said {
    Said {
        id: SaidId::from_bytes([7; 8]),
        at_us: i64::from(MONDAY) * crate::stamp::DAY_US,
        by: format!("citizen of {}", area_of.area().id),
        what: What::Report(CitizenReport {
            at: crate::street::south_end(),
            kind: trip::Kind::Pothole,
            note: None,
        }),
    }
}

/// The rows of a query, as text.
fn texts(store: &Store, sql: &str) -> Vec<String> {
    let sql = format!("SELECT row_data::VARCHAR FROM ({sql}) AS row_data");
    rows::rows(&store.db, &sql, "any", |row| row.take::<String>()).unwrap()
}

#[test]
fn a_drive_late_on_sunday_counts_for_monday_and_the_next_week_in_india() {
    // From noon on Sunday to half past eleven at night, UTC.
    let sunday = [Drive::new("a", 0).on(MONDAY - 1).felt(&[100.0])];
    let evidence = later(&sunday, 11);
    let place = Place::new();
    let mut store = Store::open_area(place.path(), ahmedabad()).unwrap();
    store.record(&evidence).unwrap();
    store.project().unwrap();
    let days = "SELECT stamp_day::VARCHAR AS d, iso_week, utc_day::VARCHAR AS u, area FROM trip";
    let expected = "{'d': 2026-01-05, 'iso_week': 2026-W02, 'u': 2026-01-04, 'area': ahmedabad}";
    assert_eq!(texts(&store, days), [expected]);
    let weeks = "SELECT DISTINCT iso_week FROM coverage";
    assert_eq!(texts(&store, weeks), ["{'iso_week': 2026-W02}"]);
    let mondays = "SELECT monday::VARCHAR AS m FROM hazard_week";
    assert_eq!(texts(&store, mondays), ["{'m': 2026-01-05}"]);
    let utc = Place::new();
    let mut store = utc.writer();
    store.record(&evidence).unwrap();
    store.project().unwrap();
    assert_eq!(texts(&store, weeks), ["{'iso_week': 2026-W01}"]);
}

#[test]
fn one_driver_on_both_sides_of_midnight_counts_twice_where_it_is_midnight() {
    // Half past five and half past six in the evening, UTC; midnight in India lies between.
    let drives = [1, 2].map(|trip| Drive::new("a", trip).felt(&[100.0]));
    let evidence = [later(&drives[..1], 6), later(&drives[1..], 7)].concat();
    let hits = |store: &mut Store| {
        store.record(&evidence).unwrap();
        store.project().unwrap();
        store.hazards(&HazardQuery::default()).unwrap()[0].hits
    };
    let (india, utc) = (Place::new(), Place::new());
    assert_eq!(hits(&mut utc.writer()), 1);
    assert_eq!(
        hits(&mut Store::open_area(india.path(), ahmedabad()).unwrap()),
        2
    );
}

#[test]
fn undated_drives_are_the_same_in_every_zone() {
    let undated: Vec<Drive> = (drives().into_iter())
        .map(|drive| Drive { day: None, ..drive })
        .collect();
    let place = Place::new();
    let mut store = Store::open_area(place.path(), ahmedabad()).unwrap();
    let evidence: Vec<_> = undated.iter().map(Drive::evidence).collect();
    store.record(&evidence).unwrap();
    store.project().unwrap();
    let other = Place::mapped(&undated);
    assert_eq!(export(&store), export(&other.open(Mode::Read).unwrap()));
    let days = "SELECT stamp_day, iso_week, utc_day FROM trip GROUP BY ALL";
    let expected = "{'stamp_day': NULL, 'iso_week': NULL, 'utc_day': NULL}";
    assert_eq!(texts(&store, days), [expected]);
}

#[test]
fn an_area_is_told_once_and_stands_in_every_fact() {
    let place = Place::new();
    let mut store = Store::open_area(place.path(), ahmedabad()).unwrap();
    store.record(&later(&drives(), 0)).unwrap();
    store.say(&report(&store)).unwrap();
    store
        .know(&[KnownFeature {
            id: "C-7".to_owned(),
            kind: trip::Kind::Casting,
            owner: None,
            at: crate::street::south_end(),
        }])
        .unwrap();
    store.project().unwrap();
    drop(store);
    let store = place.open(Mode::Read).unwrap();
    assert_eq!(store.area(), &ahmedabad());
    for table in ["trip", "said", "known_feature"] {
        let areas = format!("SELECT DISTINCT area FROM {table}");
        assert_eq!(texts(&store, &areas), ["{'area': ahmedabad}"], "{table}");
    }
    let journal = fs::read_to_string(open::beside(&place.path(), ".acts.jsonl")).unwrap();
    assert!(journal.ends_with("\"area\":\"ahmedabad\"}\n"), "{journal}");
}

#[test]
fn two_areas_and_two_zones_never_mix() {
    let place = Place::new();
    let mut store = Store::open_area(place.path(), ahmedabad()).unwrap();
    let moved = Area {
        time_zone: "Europe/Lisbon".parse().unwrap(),
        ..ahmedabad()
    };
    store.set_area(moved.clone()).unwrap();
    store.set_area(ahmedabad()).unwrap();
    store.record(&later(&drives(), 0)).unwrap();
    store.project().unwrap();
    let before = export(&store);
    let refused = store.set_area(moved).unwrap_err().to_string();
    assert!(
        refused.contains("in Asia/Kolkata: for Europe/Lisbon, make a new map"),
        "{refused}"
    );
    let surat = Area {
        id: "surat".parse().unwrap(),
        ..ahmedabad()
    };
    let refused = store.set_area(surat).unwrap_err().to_string();
    assert!(refused.contains("facts of the area ahmedabad"), "{refused}");
    let renamed = Area {
        name: Some("અમદાવાદ".to_owned()),
        k: None,
        ..ahmedabad()
    };
    store.set_area(renamed.clone()).unwrap();
    drop(store);
    let store = place.open(Mode::Read).unwrap();
    assert_eq!((store.area(), export(&store)), (&renamed, before));
}

#[test]
fn what_people_said_comes_back_into_a_lost_map_of_the_same_area_only() {
    let place = Place::new();
    let mut store = Store::open_area(place.path(), ahmedabad()).unwrap();
    let said = report(&store);
    store.say(&said).unwrap();
    drop(store);
    fs::remove_file(place.path()).unwrap();
    let refused = place.open(Mode::Write).unwrap_err();
    assert!(
        matches!(&refused, StoreError::ActsArea { line: 1, map, .. } if *map == AreaId::default()),
        "{refused}"
    );
    let store = Store::open_area(place.path(), ahmedabad()).unwrap();
    assert_eq!(store.said().unwrap(), [said]);
}

#[test]
fn a_map_of_schema_3_is_brought_up_to_date_when_it_is_written() {
    let (new, old) = (Place::mapped(&drives()), Place::new());
    let mut store = new.writer();
    store.say(&report(&store)).unwrap();
    store.project().unwrap();
    let export_of_new = export(&store);
    drop(store);
    let db = Connection::open(old.path()).unwrap();
    db.execute_batch(include_str!("schema_3.sql")).unwrap();
    db.execute_batch(&format!(
        "ATTACH '{}' AS new (READ_ONLY)",
        new.path().display()
    ))
    .unwrap();
    for (table, left_out) in [
        ("meta", ""),
        ("trip", "EXCLUDE (area, iso_week, utc_day)"),
        ("bump", ""),
        ("stretch", ""),
        ("skipped", ""),
        ("said", "EXCLUDE (area)"),
    ] {
        let sql = format!("INSERT INTO {table} SELECT * {left_out} FROM new.{table}");
        db.execute_batch(&sql).unwrap();
    }
    db.execute_batch("UPDATE meta SET schema_version = 3")
        .unwrap();
    drop(db);
    let refused = old.open(Mode::Read).unwrap_err();
    assert!(
        matches!(refused, StoreError::Outdated { found: 3, .. }),
        "{refused}"
    );
    let mut store = old.writer();
    store.project().unwrap();
    assert_eq!(export(&store), export_of_new);
    assert_eq!(store.area(), &Area::default());
    let of_new = new.open(Mode::Read).unwrap();
    for table in ["trip", "said", "coverage", "reported", "area", "meta"] {
        let all = format!("SELECT * FROM {table} ORDER BY ALL");
        assert_eq!(texts(&store, &all), texts(&of_new, &all), "{table}");
    }
}
