//! The truth about a city as files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::chance::Purpose;
use super::felt::{Pass, Trip};
use super::grid::Street;
use super::hazard::Hazard;
use super::{City, Options, statistics as stats};
use crate::render;
use crate::simulate::message::rounded;
use crate::simulate::random::normal;

/// The first line of `passes.csv`.
pub const PASSES_HEADER: &str = "hazard,driver,t_us,able,felt\n";

/// A point after RFC 7946; the order of the fields is the order in the file.
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
    heading_deg: f64,
    road_class: &'static str,
    appears_utc: Option<String>,
    repaired_utc: Option<String>,
    claimed_utc: Option<String>,
    detectability: f64,
    swerved: bool,
}

/// How many there were of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Trips that were delivered.
    pub trips: u64,
    /// Distinct names of devices among them.
    pub devices: u64,
    /// Bumps in them.
    pub bumps: u64,
    /// Stretches in them.
    pub stretches: u64,
    /// Passes over hazards' places.
    pub passes: u64,
    /// Those whose stretch was able to show a defect while the hazard stood.
    pub able_passes: u64,
    /// Those that were felt.
    pub hits: u64,
    /// Trips of those who lie, by how.
    pub hostile_trips: BTreeMap<&'static str, u64>,
}

/// Everything that was asked for and came of it.
#[derive(Serialize)]
struct CityFile<'a> {
    format: u32,
    command: &'static str,
    seed: u64,
    hazards_asked: u32,
    drivers: u32,
    participation: f64,
    days: u32,
    begin_utc: String,
    repaired: f64,
    hostile: f64,
    detection: f64,
    false_alarms_per_km: f64,
    older_generation_loss_log_odds: f64,
    objects: u32,
    hazards: usize,
    hazards_by_kind: BTreeMap<&'static str, usize>,
    repaired_hazards: usize,
    claimed_hazards: usize,
    claimed_and_standing: usize,
    lane_km_by_road_class: BTreeMap<&'static str, f64>,
    counts: &'a Counts,
}

/// How far off the department's records of its repairs are, standard deviation per axis, metres.
/// Assumed.
const RECORD_SIGMA_M: f64 = 3.0;

impl City {
    /// Every hazard, one feature per line, in order of their ids.
    pub fn hazards_geojson(&self) -> String {
        let features = self.hazards().iter().map(|hazard| {
            serde_json::to_string(&feature(hazard)).expect("finite numbers and fixed keys")
        });
        let features: Vec<String> = features.collect();
        format!(
            "{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n",
            features.join(",\n")
        )
    }

    /// What the department says that it repaired, in order of time: `lat,lon,heading_deg,utc,order`.
    /// An object that is felt from both directions is one order.
    pub fn repairs_csv(&self) -> String {
        let mut claims: Vec<(i64, &Hazard)> = (self.hazards().iter())
            .filter_map(|hazard| Some((hazard.claimed_us?, hazard)))
            .collect();
        claims.sort_by_key(|(t_us, hazard)| (*t_us, hazard.site, hazard.id));
        claims.dedup_by_key(|(_, hazard)| hazard.site);
        let mut text = "lat,lon,heading_deg,utc,order\n".to_owned();
        for (order, (t_us, hazard)) in claims.into_iter().enumerate() {
            let rng = &mut self.chance.stream(Purpose::Repairs, u64::from(hazard.site));
            let off = [normal(rng), normal(rng)].map(|x| RECORD_SIGMA_M * x);
            let place = hazard.position.moved(off[0], off[1]);
            let utc = render::rfc3339(t_us / 1_000_000 * 1_000_000);
            writeln!(
                text,
                "{:.6},{:.6},{:.1},{utc},R-{:05}",
                place.lat_deg(),
                place.lon_deg(),
                hazard.heading.deg(),
                order + 1
            )
            .expect("a string takes everything");
        }
        text
    }

    /// What was asked for and what came of it.
    pub fn city_json(&self, counts: &Counts) -> String {
        let Options {
            seed,
            hazards: hazards_asked,
            days,
            repaired,
            hostile,
            detection,
            false_alarms_per_km,
            ..
        } = *self.options();
        let all = self.hazards();
        let how_many = |wanted: fn(&Hazard) -> bool| all.iter().filter(|h| wanted(h)).count();
        let mut hazards_by_kind = BTreeMap::new();
        for hazard in all {
            *hazards_by_kind.entry(hazard.kind.name()).or_default() += 1;
        }
        let lane_km = |street: Street| (street.name(), rounded(self.lane_km(street), 3));
        let file = CityFile {
            format: 1,
            command: "jounce simulate --reports",
            seed,
            hazards_asked,
            drivers: self.drivers(),
            participation: rounded(self.participation(), 8),
            days,
            begin_utc: render::rfc3339(super::BEGIN_US),
            repaired,
            hostile,
            detection,
            false_alarms_per_km,
            older_generation_loss_log_odds: stats::OLDER_LOSS,
            objects: all.last().map_or(0, |hazard| hazard.site),
            hazards: all.len(),
            hazards_by_kind,
            repaired_hazards: how_many(|h| h.repaired_us.is_some()),
            claimed_hazards: how_many(|h| h.claimed_us.is_some()),
            claimed_and_standing: how_many(|h| h.claimed_us.is_some() && h.repaired_us.is_none()),
            lane_km_by_road_class: Street::ALL.into_iter().map(lane_km).collect(),
            counts,
        };
        let mut text = serde_json::to_string_pretty(&file).expect("numbers and fixed keys");
        text.push('\n');
        text
    }
}

impl Trip {
    /// Its passes as lines of `passes.csv`.
    pub fn passes_csv(&self) -> String {
        let mut text = String::new();
        for Pass {
            hazard,
            t_us,
            able,
            felt,
        } in &self.passes
        {
            let driver = self.driver;
            let (able, felt) = (u8::from(*able), u8::from(*felt));
            writeln!(text, "{hazard},{driver},{t_us},{able},{felt}")
                .expect("a string takes everything");
        }
        text
    }
}

impl Counts {
    /// Adds a trip of a city, its device name apart.
    pub fn add(&mut self, city: &City, trip: &Trip) {
        self.trips += 1;
        self.bumps += trip.report.bumps.len() as u64;
        self.stretches += trip.report.stretches.len() as u64;
        self.passes += trip.passes.len() as u64;
        for pass in &trip.passes {
            let hazard = &city.hazards()[pass.hazard as usize - 1];
            self.able_passes += u64::from(pass.able && hazard.stands_at(pass.t_us));
            self.hits += u64::from(pass.felt);
        }
        if let Some(hostile) = trip.hostile {
            *self.hostile_trips.entry(hostile.name()).or_default() += 1;
        }
    }
}

fn feature(hazard: &Hazard) -> Feature {
    let place = hazard.position;
    let utc = |t_us: Option<i64>| t_us.map(render::rfc3339);
    Feature {
        r#type: "Feature",
        geometry: Geometry {
            r#type: "Point",
            coordinates: [rounded(place.lon_deg(), 7), rounded(place.lat_deg(), 7)],
        },
        properties: Properties {
            id: hazard.id,
            site: hazard.site,
            kind: hazard.kind.name(),
            heading_deg: rounded(hazard.heading.deg(), 1),
            road_class: hazard.street.name(),
            appears_utc: utc(hazard.appears_us),
            repaired_utc: utc(hazard.repaired_us),
            claimed_utc: utc(hazard.claimed_us),
            detectability: rounded(hazard.detectability, 4),
            swerved: hazard.swerved,
        },
    }
}
