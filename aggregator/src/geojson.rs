//! Hazards as GeoJSON that desktop tools open as it is.
//!
//! RFC 7946: WGS 84, longitude first. GDAL guesses the type of a column from the first features
//! it sees, so every feature has every property, in one order and flat; what is unknown is `null`,
//! with a companion that says so (`dated`, `heading_known`, `severity_known`), and features whose
//! evidence is all known come first. A text that nobody gave is empty. What lies across the 180th
//! meridian is cut there.

mod outline;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::hazard::{Hazard, Remark};
use crate::query::rank;
use crate::said::CloseReason;
use crate::survey::Survey;
use outline::Outline;

/// One line of the collection.
#[derive(Serialize)]
struct Feature {
    r#type: &'static str,
    id: String,
    geometry: Point,
    properties: Properties,
}

#[derive(Serialize)]
struct Point {
    r#type: &'static str,
    /// Longitude, latitude.
    coordinates: [f64; 2],
}

/// What staff may see of a hazard: all that is known of it, and nobody's name.
#[derive(Serialize)]
struct Properties {
    /// The id again, for tools that drop the member of the feature.
    hazard: String,
    site: String,
    kind: &'static str,
    kind_probability: f64,
    confidence: f64,
    evidence_state: &'static str,
    remark: &'static str,
    hits: u32,
    passes: u32,
    drivers: u32,
    reports: u32,
    detection: f64,
    sigma_m: f64,
    heading_known: bool,
    heading_deg: Option<f64>,
    severity_known: bool,
    severity_mps2: Option<f64>,
    dated: bool,
    first_utc: Option<String>,
    last_utc: Option<String>,
    last_pass_utc: Option<String>,
    work_state: &'static str,
    work_since_utc: Option<String>,
    close_reason: &'static str,
    owner: String,
    order_no: String,
    inspected_utc: Option<String>,
    inspected_found: Option<bool>,
    depth_mm: Option<f64>,
    width_mm: Option<f64>,
    feature: String,
}

/// Writes hazards as one FeatureCollection for staff, one feature a line. Media type
/// `application/geo+json`.
///
/// The order is that of [`rank`], those with an unknown property after the others: the same
/// hazards give the same bytes in whatever order they come.
///
/// # Errors
/// When `out` cannot be written.
///
/// ```
/// let mut out = Vec::new();
/// aggregator::geojson::write_hazards(&[], &mut out)?;
/// assert!(out.starts_with(br#"{"type":"FeatureCollection","name":"hazards","features":["#));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write_hazards(hazards: &[Hazard], mut out: impl Write) -> io::Result<()> {
    let mut ordered: Vec<&Hazard> = hazards.iter().collect();
    ordered.sort_by(|a, b| {
        let by_unknowns = has_unknowns(a).cmp(&has_unknowns(b));
        by_unknowns.then_with(|| rank(a, b))
    });
    out.write_all(br#"{"type":"FeatureCollection","name":"hazards","features":["#)?;
    for (index, hazard) in ordered.into_iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &feature(hazard))?;
    }
    out.write_all(b"\n]}\n")
}

/// A hazard or a cell as an object by itself.
#[derive(Serialize)]
struct Object<P> {
    #[serde(flatten)]
    properties: P,
    lat_deg: f64,
    lon_deg: f64,
}

/// Writes hazards as one JSON array for programs, one object a line, in the order given: the
/// properties of [`write_hazards`], and the place.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_hazard_objects(hazards: &[Hazard], out: impl Write) -> io::Result<()> {
    let objects = hazards.iter().map(|hazard| {
        let Feature {
            geometry,
            properties,
            ..
        } = feature(hazard);
        let [lon_deg, lat_deg] = geometry.coordinates;
        Object {
            properties,
            lat_deg,
            lon_deg,
        }
    });
    write_objects(objects, out)
}

/// Writes a survey as one JSON array for programs, one cell a line, in the order given: the
/// properties of [`write_survey`], and the middle of the cell.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_survey_objects(cells: &[Survey], out: impl Write) -> io::Result<()> {
    let objects = cells.iter().map(|survey| {
        let middle = h3o::LatLng::from(survey.cell);
        Object {
            properties: cell_feature(survey).properties,
            lat_deg: rounded(middle.lat(), 7),
            lon_deg: rounded(middle.lng(), 7),
        }
    });
    write_objects(objects, out)
}

fn write_objects(
    objects: impl Iterator<Item = impl Serialize>,
    mut out: impl Write,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (index, object) in objects.enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &object)?;
    }
    out.write_all(b"\n]\n")
}

/// One cell of a survey.
#[derive(Serialize)]
struct CellFeature {
    r#type: &'static str,
    id: String,
    geometry: Outline,
    properties: CellProperties,
}

#[derive(Serialize)]
struct CellProperties {
    cell: String,
    answer: &'static str,
    passes: u32,
    able_passes: u32,
    drivers: u32,
    directions: u32,
    last_week: String,
    missed: f64,
}

/// Writes a survey as one FeatureCollection of polygons for staff, one cell a line, in the order
/// given.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_survey(cells: &[Survey], mut out: impl Write) -> io::Result<()> {
    out.write_all(br#"{"type":"FeatureCollection","name":"coverage","features":["#)?;
    for (index, survey) in cells.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &cell_feature(survey))?;
    }
    out.write_all(b"\n]}\n")
}

fn cell_feature(survey: &Survey) -> CellFeature {
    CellFeature {
        r#type: "Feature",
        id: survey.cell.to_string(),
        geometry: Outline::of(survey.cell),
        properties: CellProperties {
            cell: survey.cell.to_string(),
            answer: survey.answer.name(),
            passes: survey.passes,
            able_passes: survey.able_passes,
            drivers: survey.drivers,
            directions: survey.directions,
            last_week: (survey.last_week).map_or_else(String::new, |week| week.to_string()),
            missed: rounded(survey.missed, 4),
        },
    }
}

fn has_unknowns(hazard: &Hazard) -> bool {
    hazard.heading.is_none() || hazard.severity_mps2.is_none() || hazard.first_us.is_none()
}

fn feature(hazard: &Hazard) -> Feature {
    let (position, work) = (hazard.position, &hazard.work);
    Feature {
        r#type: "Feature",
        id: hazard.id.to_string(),
        geometry: Point {
            r#type: "Point",
            coordinates: [
                rounded(position.lon_deg(), 7),
                rounded(position.lat_deg(), 7),
            ],
        },
        properties: Properties {
            hazard: hazard.id.to_string(),
            site: hazard.site.to_string(),
            kind: hazard.kind.name(),
            kind_probability: rounded(hazard.kind_probability, 3),
            confidence: rounded(hazard.confidence, 4),
            evidence_state: hazard.evidence_state.name(),
            remark: hazard.remark.map_or("", Remark::name),
            hits: hazard.hits,
            passes: hazard.passes,
            drivers: hazard.drivers,
            reports: hazard.reports,
            detection: rounded(hazard.detection, 3),
            sigma_m: rounded(hazard.sigma_m, 2),
            heading_known: hazard.heading.is_some(),
            heading_deg: hazard.heading.map(|heading| rounded(heading.deg(), 1)),
            severity_known: hazard.severity_mps2.is_some(),
            severity_mps2: hazard.severity_mps2.map(|severity| rounded(severity, 2)),
            dated: hazard.first_us.is_some(),
            first_utc: hazard.first_us.and_then(utc),
            last_utc: hazard.last_us.and_then(utc),
            last_pass_utc: hazard.last_pass_us.and_then(utc),
            work_state: work.state.name(),
            work_since_utc: work.since_us.and_then(utc),
            close_reason: work.reason.map_or("", CloseReason::name),
            owner: hazard.owner().unwrap_or_default().to_owned(),
            order_no: work.order.clone().unwrap_or_default(),
            inspected_utc: work.inspected.and_then(|(at_us, _)| utc(at_us)),
            inspected_found: work.inspected.map(|(_, found)| found),
            depth_mm: work.depth_mm,
            width_mm: work.width_mm,
            feature: (hazard.feature.as_ref()).map_or_else(String::new, |known| known.id.clone()),
        },
    }
}

/// A time as RFC 3339 in UTC, to the second.
pub(crate) fn utc(t_us: i64) -> Option<String> {
    let second = Timestamp::from_second(t_us.div_euclid(1_000_000)).ok()?;
    Some(second.to_string())
}

/// A number to so many decimals. Zero has no sign.
pub(crate) fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::ledger::Ledger;
    use crate::street::{Drive, MONDAY};
    use serde_json::Value;

    /// The collection of the hazards that some drives make.
    fn collection(drives: &[Drive]) -> String {
        let mut ledger = Ledger::new(Config::default());
        for drive in drives {
            ledger.record(drive.fact(1));
        }
        let mut out = Vec::new();
        write_hazards(&ledger.project(None).hazards, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn mixed_drives() -> Vec<Drive> {
        vec![
            Drive {
                day: None,
                ..Drive::new("a", 1).felt(&[20.0])
            },
            Drive::new("a", 2).felt(&[100.0]),
            Drive::new("b", 3).felt(&[100.0, 150.0]).on(MONDAY + 1),
        ]
    }

    #[test]
    fn every_feature_has_every_property_in_one_order() {
        let text = collection(&mixed_drives());
        let parsed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed["features"].as_array().unwrap().len(), 3);
        let names = |line: &str| -> Vec<String> {
            let properties = line.split_once(r#""properties":{"#).unwrap().1;
            let keys = properties
                .trim_end_matches([',', '}'])
                .split(',')
                .map(|pair| pair.split(':').next().unwrap().to_owned());
            keys.collect()
        };
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("properties"))
            .collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| names(line) == names(lines[0])));
        assert_eq!(names(lines[0]).len(), 31);
    }

    #[test]
    fn longitude_comes_first_and_is_in_range() {
        let parsed: Value = serde_json::from_str(&collection(&mixed_drives())).unwrap();
        for feature in parsed["features"].as_array().unwrap() {
            let coordinates = &feature["geometry"]["coordinates"];
            assert!((-8.62..-8.60).contains(&coordinates[0].as_f64().unwrap()));
            assert!((41.14..41.16).contains(&coordinates[1].as_f64().unwrap()));
            let confidence = feature["properties"]["confidence"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&confidence));
        }
    }

    #[test]
    fn what_has_no_date_says_so_and_comes_last() {
        let parsed: Value = serde_json::from_str(&collection(&mixed_drives())).unwrap();
        let dated = |index: usize| &parsed["features"][index]["properties"]["dated"];
        assert_eq!([dated(0), dated(1), dated(2)], [true, true, false]);
        assert_eq!(
            parsed["features"][0]["properties"]["first_utc"],
            "2026-01-05T12:02:10Z"
        );
        assert!(parsed["features"][2]["properties"]["first_utc"].is_null());
    }

    #[test]
    fn an_empty_map_is_an_empty_collection() {
        let parsed: Value = serde_json::from_str(&collection(&[])).unwrap();
        assert_eq!(parsed["type"], "FeatureCollection");
        assert_eq!(parsed["features"], Value::Array(Vec::new()));
    }

    #[test]
    fn a_dated_and_an_undated_hazard_look_like_this() {
        insta::assert_snapshot!(collection(&mixed_drives()[..2]), @r#"
        {"type":"FeatureCollection","name":"hazards","features":[
        {"type":"Feature","id":"h-caudkzxu4r3cwaxd","geometry":{"type":"Point","coordinates":[-8.61,41.1508993]},"properties":{"hazard":"h-caudkzxu4r3cwaxd","site":"h-caudkzxu4r3cwaxd","kind":"pothole","kind_probability":0.6,"confidence":0.2618,"evidence_state":"candidate","remark":"","hits":1,"passes":2,"drivers":1,"reports":0,"detection":0.577,"sigma_m":3.0,"heading_known":true,"heading_deg":0.0,"severity_known":true,"severity_mps2":5.5,"dated":true,"first_utc":"2026-01-05T12:02:10Z","last_utc":"2026-01-05T12:02:10Z","last_pass_utc":"2026-01-05T12:02:10Z","work_state":"none","work_since_utc":null,"close_reason":"","owner":"","order_no":"","inspected_utc":null,"inspected_found":null,"depth_mm":null,"width_mm":null,"feature":""}},
        {"type":"Feature","id":"h-z2v6nw46w345dfks","geometry":{"type":"Point","coordinates":[-8.61,41.1501799]},"properties":{"hazard":"h-z2v6nw46w345dfks","site":"h-z2v6nw46w345dfks","kind":"pothole","kind_probability":0.6,"confidence":0.2357,"evidence_state":"candidate","remark":"","hits":1,"passes":2,"drivers":1,"reports":0,"detection":0.652,"sigma_m":3.0,"heading_known":true,"heading_deg":0.0,"severity_known":true,"severity_mps2":5.5,"dated":false,"first_utc":null,"last_utc":null,"last_pass_utc":"2026-01-05T12:02:01Z","work_state":"none","work_since_utc":null,"close_reason":"","owner":"","order_no":"","inspected_utc":null,"inspected_found":null,"depth_mm":null,"width_mm":null,"feature":""}}
        ]}
        "#);
    }
}
