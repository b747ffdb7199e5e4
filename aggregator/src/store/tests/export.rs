//! What leaves the map, read back.

mod files;
mod formats;
mod privacy;

use std::collections::BTreeSet;
use std::path::Path;

use trip::{Kind, Position};

use super::*;
use crate::hazard::Hazard;
use crate::query::Bbox;
use crate::release::{Audience, Layer};
use crate::said::{Act, ActKind, CitizenReport, Inspection, Pin, Said, SaidId, What};
use crate::stamp::DAY_US;

/// Ten drivers at a hole 50 m along the street, four at one at 100 m, two at one at 150 m; an undated
/// and a placeless bump. An inspector found the one that two felt, a clerk ordered work on another,
/// and a citizen wrote.
fn town() -> Place {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let mut drives: Vec<Drive> = Vec::new();
    for (number, device) in (1..).zip(names) {
        let felt: &[f64] = match number {
            1..=2 => &[50.0, 100.0, 150.0],
            3..=4 => &[50.0, 100.0],
            _ => &[50.0],
        };
        for day in 0..2 {
            let drive = Drive::new(device, 10 * number + day).felt(felt);
            drives.push(drive.on(MONDAY + 7 * day as i32));
        }
    }
    drives.extend(super::drives().into_iter().skip(4));
    let place = Place::mapped(&drives);
    let mut store = place.writer();
    let hazards = store.hazards(&HazardQuery::default()).unwrap();
    let at = |along_m: f64| {
        let there = crate::street::south_end().moved(along_m, 0.0);
        let near = |hazard: &&Hazard| hazard.position.distance_m(there) < 5.0;
        let hazard = hazards.iter().find(near).unwrap();
        Pin {
            id: hazard.id,
            at: hazard.position,
            heading: hazard.heading,
        }
    };
    let said = [
        (
            "Ana Clerk",
            What::Act(Act {
                hazard: at(100.0),
                act: ActKind::Schedule,
                order: Some("W-12".to_owned()),
                owner: None,
                reason: None,
                note: Some("before the fair, \"urgent\"".to_owned()),
            }),
        ),
        (
            "Rui Inspector",
            What::Inspection(Inspection {
                hazard: at(150.0),
                found: true,
                kind: Some(Kind::Casting),
                depth_mm: Some(18.0),
                width_mm: None,
                owner: Some("water utility".to_owned()),
                note: None,
            }),
        ),
        (
            "citizen",
            What::Report(CitizenReport {
                at: crate::street::south_end().moved(180.0, 0.0),
                kind: Kind::Pothole,
                note: Some("by my house at no. 7".to_owned()),
            }),
        ),
    ];
    for (number, (by, what)) in (1..).zip(said) {
        let said = Said {
            id: SaidId::from_bytes([number; 8]),
            at_us: i64::from(MONDAY + 8) * DAY_US,
            by: by.to_owned(),
            what,
        };
        store.say(&said).unwrap();
    }
    store.project().unwrap();
    place
}

/// Every layer with every audience that may have it.
fn releases() -> impl Iterator<Item = (Layer, Audience)> {
    Layer::ALL.iter().flat_map(|&layer| {
        let audiences = Audience::ALL
            .iter()
            .filter(move |&&audience| layer.is_for(audience));
        audiences.map(move |&audience| (layer, audience))
    })
}

fn export_of(layer: Layer, audience: Audience, format: Format) -> Export {
    Export {
        layer,
        audience,
        format,
        bbox: None,
        as_of_us: None,
    }
}

impl Place {
    /// Exports from the map, open for reading, and gives the file.
    fn exported(&self, export: &Export) -> PathBuf {
        let out = self.folder.path().join(format!(
            "{}-{}.{}",
            export.layer, export.audience, export.format
        ));
        let store = self.open(Mode::Read).unwrap();
        store.export(export, &out, true).unwrap();
        out
    }

    fn csv(&self, export: &Export) -> Csv {
        Csv::of(&fs::read_to_string(self.exported(export)).unwrap())
    }
}

/// The rows of a file without quotes in it.
struct Csv {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Csv {
    fn of(text: &str) -> Self {
        let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines().map(split);
        Self {
            names: lines.next().unwrap(),
            rows: lines.collect(),
        }
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let index = self.names.iter().position(|found| found == name).unwrap();
        self.rows.iter().map(|row| row[index].as_str()).collect()
    }
}

/// What an engine without our settings answers.
fn ask(sql: &str) -> Vec<Vec<Option<String>>> {
    let db = Connection::open_in_memory().unwrap();
    let mut statement = db.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut answer = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let count = row.as_ref().column_count();
        answer.push((0..count).map(|index| row.get(index).unwrap()).collect());
    }
    answer
}

fn texts(sql: &str) -> Vec<String> {
    let answer = ask(sql).into_iter();
    answer.filter_map(|mut row| row.swap_remove(0)).collect()
}

fn columns_of(path: &Path) -> Vec<String> {
    let from = path.display();
    texts(&format!(
        "SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet('{from}'))"
    ))
}

#[test]
fn the_public_is_told_what_many_felt_and_what_staff_vouch_for() {
    let hazards = town().csv(&export_of(Layer::Hazards, Audience::Public, Format::Csv));
    let mut told: Vec<_> = (hazards.column("kind").into_iter())
        .zip(hazards.column("drivers_range"))
        .zip(hazards.column("few_drivers"))
        .map(|((kind, drivers), few)| format!("{kind} {drivers} {few}"))
        .collect();
    told.sort();
    assert_eq!(
        told,
        [
            "casting few true",
            "pothole 3-5 false",
            "pothole 6-10 false"
        ]
    );
    let weeks = [hazards.column("first_week"), hazards.column("last_week")].concat();
    let weeks: BTreeSet<&str> = weeks.into_iter().collect();
    assert_eq!(weeks, BTreeSet::from(["", "2026-W02", "2026-W03"]));
}

#[test]
fn boxes_and_their_differences_show_a_choice_of_the_same_public_rows() {
    let place = town();
    let south = crate::street::south_end();
    for layer in [Layer::Hazards, Layer::Coverage, Layer::History] {
        let all = place.csv(&export_of(layer, Audience::Public, Format::Csv));
        let mut of_boxes = BTreeSet::new();
        for (from_m, to_m) in [(-100.0, 60.0), (60.0, 120.0), (120.0, 400.0), (40.0, 160.0)] {
            let bbox = Bbox {
                south_west: south.moved(from_m, -200.0),
                north_east: south.moved(to_m, 200.0),
            };
            let boxed = Export {
                bbox: Some(bbox),
                ..export_of(layer, Audience::Public, Format::Csv)
            };
            let rows: BTreeSet<Vec<String>> = place.csv(&boxed).rows.into_iter().collect();
            let is_within = |row: &&Vec<String>| {
                let at = |name| all.names.iter().position(|found| found == name).unwrap();
                let degrees = |name| row[at(name)].parse::<f64>().unwrap();
                let place = Position::new(degrees("lat_deg"), degrees("lon_deg")).unwrap();
                bbox.contains(place)
            };
            let expected: BTreeSet<_> = all.rows.iter().filter(is_within).cloned().collect();
            assert_eq!(rows, expected, "{layer} from {from_m} to {to_m} m");
            of_boxes.extend(rows);
        }
        assert_eq!(of_boxes, all.rows.iter().cloned().collect(), "{layer}");
    }
}

#[test]
fn a_cell_that_few_drove_is_not_counted() {
    let few = Place::mapped(&[Drive::new("a", 1), Drive::new("b", 2)]);
    let cells = few.csv(&export_of(Layer::Coverage, Audience::Public, Format::Csv));
    assert!(!cells.rows.is_empty());
    for (name, told) in [
        ("answer", "surveyed_few"),
        ("few_drivers", "true"),
        ("passes_range", "few"),
        ("drivers_range", "few"),
        ("directions", ""),
        ("last_week", ""),
    ] {
        assert!(
            cells.column(name).iter().all(|value| *value == told),
            "{name}"
        );
    }
    // A third driver in another week: together three, in no week more than two.
    let later = Drive::new("c", 3).on(MONDAY + 7);
    let spread = Place::mapped(&[Drive::new("a", 1), Drive::new("b", 2), later]);
    let cells = spread.csv(&export_of(Layer::Coverage, Audience::Public, Format::Csv));
    assert!(
        cells
            .column("answer")
            .iter()
            .all(|answer| *answer == "surveyed_few")
    );
    let staff = spread.csv(&export_of(Layer::Coverage, Audience::Staff, Format::Csv));
    assert!(staff.column("passes").contains(&"3"));
}

#[test]
fn the_public_looks_from_the_end_of_a_week_and_gets_no_bumps() {
    let place = town();
    let store = place.open(Mode::Read).unwrap();
    let out = place.folder.path().join("x.csv");
    let refused = |layer, audience, as_of_us| {
        let export = Export {
            as_of_us,
            ..export_of(layer, audience, Format::Csv)
        };
        let refused = store.export(&export, &out, false).unwrap_err();
        assert!(!out.exists());
        refused.to_string()
    };
    let wednesday = Some(i64::from(MONDAY + 3) * DAY_US);
    let said = refused(Layer::Hazards, Audience::Public, wednesday);
    assert!(said.contains("from the end of a week only"), "{said}");
    let said = refused(Layer::Bumps, Audience::Public, None);
    assert!(said.contains("--audience research or staff"), "{said}");
    let said = refused(Layer::Acts, Audience::Research, None);
    assert!(said.contains("--audience staff"), "{said}");
    let first_week = Export {
        as_of_us: Some(i64::from(MONDAY + 7) * DAY_US - 1),
        ..export_of(Layer::Hazards, Audience::Public, Format::Csv)
    };
    store.export(&first_week, &out, false).unwrap();
    let weeks = Csv::of(&fs::read_to_string(&out).unwrap());
    assert!(
        weeks
            .column("last_week")
            .iter()
            .all(|week| *week == "2026-W02")
    );
}

#[test]
fn a_map_that_is_stale_and_open_for_reading_gives_what_it_would_after_a_fold() {
    let drives = drives();
    let (fresh, stale) = (Place::mapped(&drives), Place::new());
    let evidence: Vec<_> = drives.iter().map(Drive::evidence).collect();
    stale.writer().record(&evidence).unwrap();
    for (layer, audience) in releases().filter(|(layer, _)| *layer != Layer::Bumps) {
        let export = export_of(layer, audience, Format::Csv);
        let [fresh, stale] =
            [&fresh, &stale].map(|place| fs::read(place.exported(&export)).unwrap());
        assert_eq!(fresh, stale, "{layer} {audience}");
    }
}
