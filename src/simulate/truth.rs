//! The truth about a town's hazards, as GeoJSON; about a drive, where and how rough its road was.

use ingest::road::Section;
use serde::Serialize;
use trip::Position;

use super::gps::{Mark, reached_s};
use super::hazard::Hazard;
use super::message::rounded;
use super::obstacle::Tracks;
use super::plane::heading;
use super::road::Road;
use super::route::Route;
use super::town::Town;

/// Half the distance between the wheel tracks of a car, metres.
const TRACK_ASIDE_M: f64 = 0.75;

/// A feature collection after RFC 7946; the order of the fields is the order in the file.
#[derive(Serialize)]
struct Feature {
    r#type: &'static str,
    geometry: Geometry,
    properties: Properties,
}

#[derive(Serialize)]
struct Geometry {
    r#type: &'static str,
    /// Longitude, latitude.
    coordinates: [f64; 2],
}

#[derive(Serialize)]
struct Properties {
    id: u32,
    site: u32,
    kind: &'static str,
    track: &'static str,
    heading_deg: f64,
    length_m: f64,
    depth_m: Option<f64>,
    height_m: Option<f64>,
}

/// All hazards, one feature per line, in order of their ids.
pub(super) fn geojson(town: &Town) -> String {
    let features: Vec<String> = (town.hazards.iter())
        .map(|hazard| {
            serde_json::to_string(&feature(town, hazard))
                .expect("finite numbers and fixed keys always make JSON")
        })
        .collect();
    format!(
        "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
        features.join(",\n")
    )
}

/// Where a hazard is: the middle of its length, in its wheel track or between both.
pub(super) fn place(town: &Town, hazard: &Hazard) -> Position {
    let left_m = match hazard.obstacle.tracks {
        Tracks::Left => TRACK_ASIDE_M,
        Tracks::Right => -TRACK_ASIDE_M,
        Tracks::Both => 0.0,
    };
    let at_m = hazard.at_m + hazard.obstacle.shape.length_m() / 2.0;
    let middle = town.streets.lanes[hazard.lane].point(at_m, left_m);
    middle.on_globe(town.origin)
}

/// The length of a piece of road whose roughness is told, metres: as surveys tell it.
pub(super) const SECTION_M: f64 = 100.0;

/// How rough the road was, for each `length_m` that was driven to its end; times count from the
/// beginning of the drive, places lie in the middle of the lane.
pub(super) fn sections(
    town: &Town,
    route: &Route,
    road: &Road,
    track: &[Mark],
    length_m: f64,
) -> Vec<Section> {
    let all = road.iri_m_per_km(length_m);
    let driven = all.into_iter().enumerate().map(|(number, iri_m_per_km)| {
        let begin_m = number as f64 * length_m;
        let middle = route.place(begin_m + length_m / 2.0, 0.0).0;
        Some(Section {
            // The car was at 0 m long before it moved off.
            t_start: reached_s(track, begin_m.max(f64::MIN_POSITIVE))?,
            t_end: reached_s(track, begin_m + length_m)?,
            place: middle.on_globe(town.origin),
            iri_m_per_km,
        })
    });
    driven.flatten().collect()
}

fn feature(town: &Town, hazard: &Hazard) -> Feature {
    let lane = &town.streets.lanes[hazard.lane];
    let shape = hazard.obstacle.shape;
    let track = match hazard.obstacle.tracks {
        Tracks::Left => "left",
        Tracks::Right => "right",
        Tracks::Both => "both",
    };
    let position = place(town, hazard);
    let peak_m = shape.peak_m();
    Feature {
        r#type: "Feature",
        geometry: Geometry {
            r#type: "Point",
            coordinates: [
                rounded(position.lon_deg(), 7),
                rounded(position.lat_deg(), 7),
            ],
        },
        properties: Properties {
            id: hazard.id,
            site: hazard.site,
            kind: hazard.kind.name(),
            track,
            heading_deg: rounded(heading(lane.along.direction_rad()).deg(), 1),
            length_m: rounded(shape.length_m(), 3),
            depth_m: (peak_m < 0.0).then(|| rounded(-peak_m, 4)),
            height_m: (peak_m >= 0.0).then(|| rounded(peak_m, 4)),
        },
    }
}
