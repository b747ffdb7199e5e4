//! The truth about a town's hazards, as GeoJSON.

use serde::Serialize;

use super::hazard::Hazard;
use super::message::rounded;
use super::obstacle::Tracks;
use super::plane::heading;
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

fn feature(town: &Town, hazard: &Hazard) -> Feature {
    let lane = &town.streets.lanes[hazard.lane];
    let shape = hazard.obstacle.shape;
    let (track, left_m) = match hazard.obstacle.tracks {
        Tracks::Left => ("left", TRACK_ASIDE_M),
        Tracks::Right => ("right", -TRACK_ASIDE_M),
        Tracks::Both => ("both", 0.0),
    };
    let middle = lane.point(hazard.at_m + shape.length_m() / 2.0, left_m);
    let position = middle.on_globe(town.origin);
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
