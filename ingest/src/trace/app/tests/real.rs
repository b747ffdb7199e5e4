//! Real exports, where they lie beside the project: numbers that were counted without this reader.

use std::path::{Path, PathBuf};

use trip::{Batch, Fix, Gravity, Rotation, Sample};

use crate::trace::Trace;
use crate::wire::Content;

/// What is expected of one export.
struct Expected {
    gravity: Gravity,
    /// Readings, time of the first and of the last, µs.
    samples: (usize, i64, i64),
    rotations: (usize, i64, i64),
    fixes: (usize, i64, i64),
    /// The length that half of the vectors stay below, m/s².
    median_mps2: f64,
    /// The highest speed, m/s.
    fastest_mps: f64,
}

fn native(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/traces/native");
    let path = root.join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("SKIPPED: no real exports at ../shared/traces/native");
    None
}

fn check(name: &str, expected: &Expected) {
    let Some(path) = native(name) else { return };
    let batches: Vec<Batch> = Trace::open(&path, None)
        .expect("an export")
        .map(|message| match message.expect("sound").content {
            Content::Samples(batch) => batch,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!((0..).zip(&batches).all(|(seq, it)| it.seq == seq));
    let gravity = batches[0].header.expect("on seq 0").gravity;
    assert_eq!(gravity, expected.gravity, "{name}");
    let samples: Vec<&Sample> = batches.iter().flat_map(|it| &it.samples).collect();
    let rotations: Vec<&Rotation> = batches.iter().flat_map(|it| &it.rotations).collect();
    let fixes: Vec<&Fix> = batches.iter().flat_map(|it| &it.fixes).collect();
    let times = [
        (
            samples.iter().map(|it| it.t_us).collect::<Vec<_>>(),
            expected.samples,
        ),
        (
            rotations.iter().map(|it| it.t_us).collect(),
            expected.rotations,
        ),
        (fixes.iter().map(|it| it.t_us).collect(), expected.fixes),
    ];
    for (times, expected) in times {
        let ends = times.first().zip(times.last());
        let ends = ends.map_or((0, 0), |(&first, &last)| (first, last));
        assert_eq!((times.len(), ends.0, ends.1), expected, "{name}");
        assert!(times.is_sorted_by(|a, b| a < b), "{name}");
    }
    let length = |sample: &&Sample| {
        let [x, y, z] = sample.accel_mps2.map(f64::from);
        (x * x + y * y + z * z).sqrt()
    };
    let mut lengths: Vec<f64> = samples.iter().map(length).collect();
    lengths.sort_by(f64::total_cmp);
    let median = lengths[lengths.len() / 2];
    assert!(
        (median - expected.median_mps2).abs() < 0.01,
        "{name}: {median}"
    );
    let speeds = fixes.iter().filter_map(|it| it.speed).map(|it| it.mps());
    let fastest = speeds.fold(0.0, f64::max);
    assert!(
        (fastest - expected.fastest_mps).abs() < 0.01,
        "{name}: {fastest}"
    );
}

#[test]
fn sensor_logger_on_android() {
    check(
        "sensor-logger/android_v1.28_car_203s.zip",
        &Expected {
            gravity: Gravity::With,
            samples: (12_048, 1_707_663_721_345_109, 1_707_663_924_293_273),
            rotations: (12_049, 1_707_663_721_331_726, 1_707_663_924_296_737),
            fixes: (205, 1_707_663_722_373_377, 1_707_663_923_729_018),
            median_mps2: 9.70,
            fastest_mps: 10.44,
        },
    );
}

#[test]
fn sensor_logger_on_ios_combined() {
    check(
        "sensor-logger/ios_combined_1hz_a.csv",
        &Expected {
            gravity: Gravity::With,
            samples: (88, 1_741_308_976_376_000, 1_741_309_063_359_000),
            rotations: (0, 0, 0),
            fixes: (88, 1_741_308_976_379_000, 1_741_309_063_999_000),
            median_mps2: 9.79,
            fastest_mps: 12.14,
        },
    );
    check(
        "sensor-logger/ios_combined_1hz_b.csv",
        &Expected {
            gravity: Gravity::With,
            samples: (99, 1_741_307_899_213_000, 1_741_307_997_193_000),
            rotations: (0, 0, 0),
            fixes: (98, 1_741_307_899_214_000, 1_741_307_996_999_000),
            median_mps2: 9.80,
            fastest_mps: 12.54,
        },
    );
}

#[test]
fn phyphox_on_android() {
    check(
        "phyphox/android_linacc_gps_walk_193s.zip",
        &Expected {
            gravity: Gravity::Without,
            samples: (38_569, 1_767_437_012_387_709, 1_767_437_205_227_705),
            rotations: (0, 0, 0),
            fixes: (193, 1_767_437_012_341_565, 1_767_437_205_181_675),
            median_mps2: 3.47,
            fastest_mps: 2.85,
        },
    );
}

#[test]
fn sensorlog_on_ios() {
    check(
        "sensorlog-ios/dataset1_phone.csv",
        &Expected {
            gravity: Gravity::With,
            samples: (3_419, 1_523_201_497_096_093, 1_523_201_838_912_480),
            rotations: (3_418, 1_523_201_497_096_093, 1_523_201_838_912_480),
            fixes: (343, 1_523_201_495_999_192, 1_523_201_837_999_480),
            median_mps2: 9.80,
            fastest_mps: 27.83,
        },
    );
}

#[test]
fn physics_toolbox_in_a_decimal_comma_locale() {
    check(
        "physics-toolbox/2026-03-2916.33.02.csv",
        &Expected {
            gravity: Gravity::Without,
            samples: (3_802, 99_172, 381_720_864),
            rotations: (3_802, 99_172, 381_720_864),
            fixes: (688, 199_039, 380_919_133),
            median_mps2: 1.29,
            fastest_mps: 12.99,
        },
    );
    check(
        "physics-toolbox/2026-04-0111.20.40.csv",
        &Expected {
            gravity: Gravity::Without,
            samples: (4_198, 94_115, 421_710_422),
            rotations: (4_198, 94_115, 421_710_422),
            fixes: (648, 194_683, 419_602_526),
            median_mps2: 0.33,
            fastest_mps: 19.79,
        },
    );
}
