//! Nobody is named, whoever reads: neither in a file, nor in a snapshot, nor within a compressed
//! column.

use super::*;
use crate::identity::Driver;

/// What must be in no file: every device and trip in every spelling, and what the map calls them.
struct Names {
    /// Nowhere at all.
    raw: Vec<Vec<u8>>,
    /// In the map, and nowhere else.
    hashed: Vec<Vec<u8>>,
}

fn names(place: &Place) -> Names {
    let (mut raw, mut hashed) = (Vec::new(), Vec::new());
    for drive in known_drives() {
        let key = drive.evidence().key;
        let device = key.device.as_str();
        raw.push(device.as_bytes().to_vec());
        raw.push(hex(device.as_bytes()).into_bytes());
        raw.push(key.trip.to_string().into_bytes());
        raw.push(key.trip.bytes().to_vec());
        let trip = TripHash::of(&key);
        hashed.push(trip.to_string().into_bytes());
        hashed.push(trip.bytes().to_vec());
        let drivers: Vec<Driver> = (place.writer().keys.as_ref().unwrap()).drivers(&key.device);
        hashed.extend(drivers.iter().map(|driver| driver.to_string().into_bytes()));
    }
    Names { raw, hashed }
}

/// Three drivers with names that are found in nothing else, on two days.
fn known_drives() -> Vec<Drive> {
    let devices = ["phone-anna-7731", "phone-bert-7732", "phone-cleo-7733"];
    let drives = (1..).zip(devices).flat_map(|(number, device)| {
        [0, 1].map(|day| {
            let drive = Drive::new(device, 0xBEEF_0000 + 10 * number + day);
            drive.felt(&[50.0, 120.0]).on(MONDAY + day as i32)
        })
    });
    drives.collect()
}

/// All that a file says: its bytes, and what an engine reads from it.
fn all_of(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let name = path.display();
    let mut tables = Vec::new();
    if name.to_string().ends_with("parquet") {
        tables.push(format!("read_parquet('{name}')"));
        let metadata = format!("SELECT decode(value) FROM parquet_kv_metadata('{name}')");
        bytes.extend(texts(&metadata).concat().into_bytes());
    }
    for table in tables {
        let sql = format!("SELECT row_data::VARCHAR FROM {table} AS row_data");
        bytes.extend(texts(&sql).concat().into_bytes());
    }
    if name.to_string().ends_with(".duckdb") {
        bytes.extend(all_tables(path).into_bytes());
    }
    bytes
}

/// Every value of every table of a database.
fn all_tables(path: &Path) -> String {
    let config = duckdb::Config::default()
        .access_mode(duckdb::AccessMode::ReadOnly)
        .unwrap();
    let db = Connection::open_with_flags(path, config).unwrap();
    let text = |sql: &str| rows::rows(&db, sql, "any", |columns| columns.take::<String>()).unwrap();
    let tables = text("SELECT table_name FROM duckdb_tables()").into_iter();
    tables
        .flat_map(|table| {
            text(&format!(
                "SELECT row_data::VARCHAR FROM {table} AS row_data"
            ))
        })
        .collect()
}

fn holds(bytes: &[u8], name: &[u8]) -> bool {
    let begins = |(_, byte): &(usize, &u8)| **byte == name[0];
    let mut places = bytes.iter().enumerate().filter(begins);
    places.any(|(place, _)| bytes[place..].starts_with(name))
}

#[test]
fn no_device_and_no_trip_leaves_the_map_for_anybody() {
    let place = Place::mapped(&known_drives());
    let mut store = place.writer();
    let hazard = store.hazards(&HazardQuery::default()).unwrap().remove(0);
    store
        .say(&Said {
            id: SaidId::from_bytes([7; 8]),
            at_us: i64::from(MONDAY + 2) * DAY_US,
            by: "Ana Clerk".to_owned(),
            what: What::Act(Act {
                hazard: Pin {
                    id: hazard.id,
                    at: hazard.position,
                    heading: None,
                },
                act: ActKind::Triage,
                order: None,
                owner: Some("Maria of no. 7".to_owned()),
                reason: None,
                note: Some("my neighbour fell".to_owned()),
            }),
        })
        .unwrap();
    store.project().unwrap();
    drop(store);
    let names = names(&place);
    let map = all_of(&place.path());
    let acts = fs::read(open::beside(&place.path(), ".acts.jsonl")).unwrap();
    for name in &names.raw {
        assert!(!holds(&map, name) && !holds(&acts, name));
    }
    let known = names.hashed.iter().filter(|name| holds(&map, name)).count();
    assert!(known >= 9, "the search finds what is there: {known}");
    for (layer, audience) in releases() {
        for &format in Format::ALL {
            let file = all_of(&place.exported(&export_of(layer, audience, format)));
            for name in names.raw.iter().chain(&names.hashed) {
                assert!(!holds(&file, name), "{layer} {audience} {format}");
            }
            let staff_only = ["Ana Clerk", "Maria of no. 7", "my neighbour fell"];
            let told = staff_only.iter().any(|text| holds(&file, text.as_bytes()));
            let may = audience == Audience::Staff && matches!(layer, Layer::Hazards | Layer::Acts);
            assert_eq!(told, may, "{layer} {audience} {format}");
        }
    }
    for &audience in Audience::ALL {
        let out = place.folder.path().join(format!("{audience}.duckdb"));
        let store = place.open(Mode::Read).unwrap();
        store.snapshot(audience, &out, true).unwrap();
        drop(store);
        let file = all_of(&out);
        for name in names.raw.iter().chain(&names.hashed) {
            assert!(!holds(&file, name), "{audience}");
        }
        let told = holds(&file, b"my neighbour fell");
        assert_eq!(told, audience == Audience::Staff);
    }
}

#[test]
fn research_tells_drivers_apart_in_one_file_and_not_across_files() {
    let place = Place::mapped(&known_drives());
    let export = export_of(Layer::Bumps, Audience::Research, Format::Csv);
    let bumps = place.csv(&export);
    let numbers: BTreeSet<&str> = bumps.column("driver_no").into_iter().collect();
    assert_eq!(numbers, BTreeSet::from(["1", "2", "3"]));
    assert_eq!(bumps.rows.len(), 12);
    let orders: BTreeSet<Vec<String>> = (0..40)
        .map(|_| {
            let bumps = place.csv(&export);
            bumps
                .column("driver_no")
                .into_iter()
                .map(str::to_owned)
                .collect()
        })
        .collect();
    assert!(orders.len() > 1, "numbers are drawn anew");
}
