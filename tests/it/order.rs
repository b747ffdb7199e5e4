//! What is said depends on the drives alone: not on cuts, order, names, packing or repeats.

use std::fs;
use std::path::PathBuf;

use ingest::wire::{Content, Message};
use jounce::pipeline::Pipeline;
use proptest::prelude::*;
use trip::{Batch, TripKey};

use crate::support::{CSV, Csv, jounce, map_of, sample_files};

/// The messages of a sample trace.
fn messages(path: &std::path::Path) -> Vec<Message> {
    let trace = ingest::trace::Trace::open(path, None).unwrap();
    trace.map(|message| message.unwrap()).collect()
}

/// What the pipeline says of one trip's readings, in batches that end at the given times.
fn report_of(key: &TripKey, readings: &Batch, ends_us: &[i64]) -> trip::Report {
    let mut pipeline = Pipeline::new(detector::Config::default(), None);
    let mut begin_us = i64::MIN;
    let ends = ends_us.iter().copied().chain([i64::MAX]);
    for (seq, end_us) in ends.enumerate() {
        let inside = |t_us: i64| begin_us <= t_us && t_us < end_us;
        let batch = Batch {
            seq: seq as u32,
            header: readings.header.filter(|_| seq == 0),
            samples: readings
                .samples
                .iter()
                .filter(|s| inside(s.t_us))
                .copied()
                .collect(),
            rotations: readings
                .rotations
                .iter()
                .filter(|r| inside(r.t_us))
                .copied()
                .collect(),
            fixes: readings
                .fixes
                .iter()
                .filter(|f| inside(f.t_us))
                .copied()
                .collect(),
        };
        begin_us = end_us;
        let message = Message {
            device: Some(key.device.clone()),
            received_us: None,
            trip: key.trip,
            seq: seq as u32,
            content: Content::Samples(batch),
        };
        pipeline.feed(key, message);
    }
    pipeline.close_all().remove(0).evidence.report
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_cut_of_a_trace_into_batches_gives_the_same_bumps(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec(0.0_f64..1.0, 0..30),
    ) {
        let files = sample_files();
        let messages = messages(&files[which.index(files.len())]);
        let key = messages[0].key().unwrap();
        let mut readings = Batch::default();
        for message in messages {
            let Content::Samples(batch) = message.content else { continue };
            readings.header = readings.header.or(batch.header);
            readings.samples.extend(batch.samples);
            readings.rotations.extend(batch.rotations);
            readings.fixes.extend(batch.fixes);
        }
        let (first_us, last_us) = readings.span_us().unwrap();
        let at = |share: &f64| first_us + ((last_us - first_us) as f64 * share) as i64;
        let mut ends_us: Vec<i64> = cuts.iter().map(at).collect();
        ends_us.sort_unstable();
        prop_assert_eq!(report_of(&key, &readings, &ends_us), report_of(&key, &readings, &[]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn any_order_of_processing_gives_the_same_map(
        order in Just(sample_files()).prop_shuffle(),
        split in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let once = map_of(&sample_files(), &folder.path().join("once.duckdb"));
        let (first, second) = order.split_at(split.index(order.len()).max(1));
        let map = folder.path().join("parts.duckdb");
        map_of(first, &map);
        let parts = map_of(&[second, first].concat(), &map);
        prop_assert_eq!(parts, once);
    }
}

#[test]
fn the_same_drive_under_another_name_and_packing_changes_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    CSV.write(&path("drive.csv"));
    let map = path("m.duckdb");
    let before = map_of(&[path("drive.csv")], &map);
    let packed = std::io::Write::write_all;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed(&mut gzip, CSV.text().as_bytes()).unwrap();
    fs::write(path("other-name.csv.gz"), gzip.finish().unwrap()).unwrap();
    let replay: [PathBuf; 4] = [
        "replay".into(),
        path("other-name.csv.gz"),
        "--map".into(),
        map.clone(),
    ];
    let ran = jounce(&replay);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out
            .contains("other-name.csv.gz: already in the map, nothing changed"),
        "{}",
        ran.out
    );
    assert_eq!(crate::support::geojson(&map), before);
}

#[test]
fn trimming_replaces_what_was_not_trimmed_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    Csv {
        seconds: 300.0,
        ..CSV
    }
    .write(&path("drive.csv"));
    let map = path("m.duckdb");
    let whole = map_of(&[path("drive.csv")], &map);
    let trimmed: [PathBuf; 5] = [
        "replay".into(),
        path("drive.csv"),
        "--trim".into(),
        "--map".into(),
        map.clone(),
    ];
    let ran = jounce(&trimmed);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("took the place of what the map held"),
        "{}",
        ran.out
    );
    let less = crate::support::geojson(&map);
    assert!(less.matches("\"Feature\"").count() < whole.matches("\"Feature\"").count());
}

#[test]
fn a_trip_in_two_files_is_read_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut text = String::new();
    let packed = fs::File::open(&sample_files()[5]).unwrap();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed), &mut text).unwrap();
    let (first, second) = text.split_at(text.match_indices('\n').nth(15).unwrap().0 + 1);
    fs::write(path("a.jsonl"), first).unwrap();
    fs::write(path("b.jsonl"), second).unwrap();
    let whole = map_of(&[&sample_files()[5]], &path("whole.duckdb"));
    assert_eq!(
        map_of(&[path("a.jsonl"), path("b.jsonl")], &path("ab.duckdb")),
        whole
    );
    assert_eq!(
        map_of(&[path("b.jsonl"), path("a.jsonl")], &path("ba.duckdb")),
        whole
    );
    let map = path("one-by-one.duckdb");
    map_of(&[path("a.jsonl")], &map);
    let second: [PathBuf; 4] = [
        "replay".into(),
        path("b.jsonl"),
        "--map".into(),
        map.clone(),
    ];
    let ran = jounce(&second);
    assert!(
        ran.code == 1 && ran.err.contains("b.jsonl: other messages"),
        "{}",
        ran.err
    );
    assert_eq!(map_of(&[path("a.jsonl"), path("b.jsonl")], &map), whole);
}

#[test]
fn half_a_trip_does_not_take_the_place_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut text = String::new();
    let packed = fs::File::open(&sample_files()[5]).unwrap();
    let mut unpacked = flate2::read::GzDecoder::new(packed);
    std::io::Read::read_to_string(&mut unpacked, &mut text).unwrap();
    let half: String = text
        .lines()
        .take(12)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(path("whole.jsonl"), &text).unwrap();
    fs::write(path("half.jsonl"), half).unwrap();
    let map = path("m.duckdb");
    let before = map_of(&[path("whole.jsonl")], &map);
    let replay: [PathBuf; 4] = [
        "replay".into(),
        path("half.jsonl"),
        "--map".into(),
        map.clone(),
    ];
    let ran = jounce(&replay);
    assert!(
        ran.code == 1 && ran.err.contains("half.jsonl: other messages"),
        "{}",
        ran.err
    );
    assert_eq!(crate::support::geojson(&map), before);
}

#[test]
fn undated_drives_are_mapped_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("undated.csv");
    Csv {
        begin_s: 17.0,
        ..CSV
    }
    .write(&trace);
    let map = map_of(&[trace], &folder.path().join("m.duckdb"));
    assert!(map.matches("\"Feature\"").count() >= 3, "{map}");
    assert!(map.contains("\"dated\":false"));
}
