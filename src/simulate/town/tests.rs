use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use ingest::{labels, road, wire};
use trip::Kind;

use super::*;
use crate::simulate::{Preset, jsonl, town};

fn config(seed: u64) -> Config {
    Config {
        seed,
        drivers: 3,
        minutes: 2.0,
        ..Config::default()
    }
}

fn drives(config: &Config) -> Vec<Drive> {
    town(config).trips().collect()
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    for preset in [Preset::Town, Preset::Sharp] {
        let config = Config {
            preset,
            ..config(5)
        };
        let bytes = |config: &Config| -> Vec<Vec<u8>> {
            let town = town(config);
            let truth = town.hazards_geojson().into_bytes();
            town.trips()
                .map(|drive| jsonl(&drive))
                .chain([truth])
                .collect()
        };
        assert_eq!(bytes(&config), bytes(&config));
    }
}

#[test]
fn no_two_runs_share_a_device_or_a_trip() {
    let other_rate = Config {
        rate_hz: Some(50.0),
        ..config(1)
    };
    let longer = Config {
        minutes: 2.5,
        ..config(1)
    };
    let mut seen = BTreeSet::new();
    for config in [config(1), config(2), other_rate, longer] {
        for drive in drives(&config) {
            assert!(seen.insert(drive.trip.to_string()));
            assert!(seen.insert(drive.device.as_str().to_owned()));
        }
    }
}

#[test]
fn another_rate_leaves_the_roads_and_the_truth_as_they_are() {
    let slower = Config {
        rate_hz: Some(25.0),
        ..config(3)
    };
    for (a, b) in drives(&config(3)).iter().zip(&drives(&slower)) {
        assert_eq!(a.passes, b.passes);
        assert_eq!(b.rate_hz, 25.0);
    }
    assert_eq!(
        town(&config(3)).hazards_geojson(),
        town(&slower).hazards_geojson()
    );
}

/// First and last time of anything a drive says, µs.
fn span_us(drive: &Drive) -> (i64, i64) {
    let mut span = (i64::MAX, i64::MIN);
    for line in jsonl(drive)
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let Ok(wire::Incoming::Message(message)) = wire::decode(line) else {
            panic!("a message was refused");
        };
        if let wire::Content::Samples(batch) = message.content
            && let Some((first, last)) = batch.span_us()
        {
            span = (span.0.min(first), span.1.max(last));
        }
    }
    span
}

#[test]
fn every_message_is_admitted_and_small_enough() {
    let fast = Config {
        rate_hz: Some(800.0),
        minutes: 0.5,
        ..config(7)
    };
    for drive in drives(&fast).iter().chain(&drives(&config(7))) {
        let (first_us, last_us) = span_us(drive);
        let secs = (last_us - first_us) as f64 / 1e6;
        assert!(
            (secs - drive.duration_s).abs() < 3.5,
            "{secs} of {}",
            drive.duration_s
        );
        for message in &drive.messages {
            assert!(message.to_json().len() < 200_000);
        }
    }
}

#[test]
fn labels_lie_within_the_trip_and_in_2026() {
    for drive in drives(&config(9)) {
        let (first_us, last_us) = span_us(&drive);
        assert!(1_767_571_200_000_000 <= first_us && last_us < 1_770_163_200_000_000);
        for label in &drive.labels {
            assert!(label.t_start < label.t_end);
            assert!(first_us as f64 / 1e6 <= label.t_start && label.t_end <= last_us as f64 / 1e6);
            assert!(Kind::from_name(&label.kind).is_some());
            assert!(label.place.is_some());
        }
        let hits = drive.passes.iter().filter(|pass| pass.hit).count();
        assert_eq!(hits, drive.labels.len());
    }
}

#[test]
fn the_default_town_has_its_hazards_passed_by_several_drivers() {
    let mut drivers_of: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
    let config = Config::default();
    for drive in town(&config).trips() {
        for pass in &drive.passes {
            drivers_of
                .entry(pass.hazard)
                .or_default()
                .insert(drive.name.clone());
        }
    }
    let shared = drivers_of
        .values()
        .filter(|drivers| drivers.len() >= 3)
        .count();
    assert!(
        shared * 2 > drivers_of.len(),
        "{shared} of {}",
        drivers_of.len()
    );
}

/// The drives in the repository, made by the command in `sample-traces/README.md`. Whoever changes
/// what is made runs it again.
#[test]
fn the_committed_drives_are_what_the_code_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-traces/simulated");
    let town = town(&Config {
        seed: 28,
        ..Config::default()
    });
    let read = |name: &str| fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(read("hazards.geojson") == town.hazards_geojson().into_bytes());
    for drive in town.trips() {
        let mut lines = Vec::new();
        MultiGzDecoder::new(read(&format!("{}.jsonl.gz", drive.name)).as_slice())
            .read_to_end(&mut lines)
            .expect("gzip");
        assert!(lines == jsonl(&drive), "{}", drive.name);
        let beside = read(&format!("{}.labels.csv", drive.name));
        assert_eq!(
            String::from_utf8_lossy(&beside),
            labels::write(&drive.labels)
        );
        let beside = read(&format!("{}.road.csv", drive.name));
        assert_eq!(String::from_utf8_lossy(&beside), road::write(&drive.road));
    }
}

#[test]
fn a_fix_during_a_hit_is_near_the_hazard() {
    let town = town(&config(4));
    for drive in town.trips() {
        let mut fixes = Vec::new();
        for message in &drive.messages {
            if let wire::v1::Content::Samples(samples) = &message.content {
                fixes.extend(samples.fixes.iter().cloned());
            }
        }
        for pass in &drive.passes {
            let hazard = &town.hazards[pass.hazard as usize - 1];
            let lane = &town.streets.lanes[hazard.lane];
            let place = lane.point(hazard.at_m, 0.0).on_globe(town.origin);
            let fix = (fixes.iter())
                .min_by_key(|fix| (fix.t_us - pass.begin_us).abs())
                .expect("fixes");
            if (fix.t_us - pass.begin_us).abs() > 1_000_000 {
                continue; // an outage
            }
            let fix = Position::new(fix.lat, fix.lon).expect("valid");
            // Latency and a second's way at 15 m/s, and four times the largest spread.
            assert!(
                place.distance_m(fix) < 1.5 * 15.0 + 20.0,
                "{}",
                place.distance_m(fix)
            );
        }
    }
}

#[test]
fn the_truth_is_geojson_with_longitude_first() {
    let town = town(&config(2));
    let truth: serde_json::Value = serde_json::from_str(&town.hazards_geojson()).expect("JSON");
    let features = truth["features"].as_array().expect("features");
    assert_eq!(features.len(), town.hazards.len());
    for feature in features {
        let place = &feature["geometry"]["coordinates"];
        let (lon, lat) = (place[0].as_f64().expect("x"), place[1].as_f64().expect("y"));
        let position = Position::new(lat, lon).expect("on the globe");
        assert!(town.origin.distance_m(position) < 5_000.0);
        let properties = &feature["properties"];
        assert!(properties["depth_m"].is_number() != properties["height_m"].is_number());
    }
}

#[test]
fn the_road_of_a_drive_is_told_without_a_break_and_as_rough_as_roads_are() {
    for drive in drives(&config(5)) {
        assert!(drive.road.len() >= 3, "{}", drive.road.len());
        for pair in drive.road.windows(2) {
            assert!(pair[0].t_start < pair[0].t_end && pair[0].t_end == pair[1].t_start);
            let apart_m = pair[0].place.distance_m(pair[1].place);
            // Across a corner the straight line is shorter.
            assert!((60.0..101.0).contains(&apart_m), "{apart_m}");
        }
        for section in &drive.road {
            assert!((0.5..30.0).contains(&section.iri_m_per_km), "{section:?}");
        }
    }
}

#[test]
fn nonsense_in_a_configuration_is_brought_into_range() {
    let nonsense = Config {
        drivers: 1,
        minutes: f64::NEG_INFINITY,
        rate_hz: Some(f64::NAN),
        ..Config::default()
    };
    let town = town(&nonsense);
    assert_eq!(town.config.minutes, Config::default().minutes);
    assert_eq!(town.config.rate_hz, None);
    let none = Config {
        drivers: 0,
        ..Config::default()
    };
    assert_eq!(drives(&none).len(), 0);
}
