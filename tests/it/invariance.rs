//! What must not change what is said of a drive: how the phone lies, how its readings travel, what
//! else it can measure. On made drives always, on recorded ones where there are some.

mod arrival;
mod phone;
mod rates;
mod seconds;
mod shaken;
mod turn;

use std::path::{Path, PathBuf};

use detector::{Config, Detector};
use jounce::evaluate::Recording;
use trip::{Batch, Bump, Report, Sample, SkipReason, Skipped};

use crate::support::{real_traces, sample_files};

/// The readings of one trip, each sensor's in order of time.
#[derive(Clone)]
struct Readings {
    name: String,
    batch: Batch,
}

impl Readings {
    /// Of the first trip of a trace.
    fn of(path: &Path) -> Self {
        let (_, recording) = Recording::read(path, "");
        let trips = recording.unwrap().unwrap().batches();
        let mut all = Batch::default();
        for batch in trips.into_values().next().unwrap() {
            all.header = all.header.or(batch.header);
            all.samples.extend(batch.samples);
            all.rotations.extend(batch.rotations);
            all.fixes.extend(batch.fixes);
        }
        let folder = path.parent().and_then(Path::file_name).unwrap();
        let name = path.file_name().unwrap();
        Self {
            name: format!("{}/{}", folder.display(), name.display()),
            batch: all,
        }
    }

    /// What is said of them when they are changed so.
    fn judged_with(&self, change: impl FnOnce(&mut Batch)) -> Report {
        let mut batch = self.batch.clone();
        change(&mut batch);
        judged(&batch)
    }

    /// What is said of them as they are.
    fn judged(&self) -> Report {
        judged(&self.batch)
    }
}

fn judged(batch: &Batch) -> Report {
    let mut detector = Detector::new(Config::default());
    let mut report = detector.push(batch);
    report.append(detector.finish());
    report
}

/// The made drives that come with the project.
fn made() -> Vec<Readings> {
    sample_files()
        .iter()
        .map(|path| Readings::of(path))
        .collect()
}

/// The recorded drives, where there are some; without what apps exported, walks among it.
fn recorded() -> Vec<PathBuf> {
    let Some(folder) = real_traces() else {
        return Vec::new();
    };
    let native = folder.join("native");
    let mut traces = ingest::folder::survey([&folder]).traces;
    traces.retain(|path| !path.starts_with(&native));
    traces
}

/// Every drive there is, one after the other.
fn all() -> impl Iterator<Item = Readings> {
    made()
        .into_iter()
        .chain(recorded().into_iter().map(|path| Readings::of(&path)))
}

fn seconds(report: &Report, reason: SkipReason) -> f64 {
    let of = report.skipped.iter().filter(|it| it.reason == reason);
    of.map(Skipped::duration_s).sum()
}

fn turned(samples: &mut [Sample], turn: impl Fn([f32; 3]) -> [f32; 3]) {
    for sample in samples {
        sample.accel_mps2 = turn(sample.accel_mps2);
    }
}

/// Everything that was found, candidates included, in order of time.
fn found(report: &Report) -> Vec<&Bump> {
    let mut found: Vec<&Bump> = report.bumps.iter().chain(&report.candidates).collect();
    found.sort_by_key(|bump| bump.peak_us);
    found
}

/// Panics unless both say the same: as many jolts, of the same kinds, at most `apart_us` and
/// `apart` in score from each other.
fn assert_same(name: &str, a: &[&Bump], b: &[&Bump], apart_us: i64, apart: f32) {
    assert_eq!(a.len(), b.len(), "{name}");
    for (a, b) in a.iter().zip(b) {
        let same = (a.peak_us - b.peak_us).abs() <= apart_us
            && (a.score - b.score).abs() <= apart
            && a.kind == b.kind;
        assert!(same, "{name}: {a:?}\n{b:?}");
    }
}
