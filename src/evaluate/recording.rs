//! A recorded drive with what people marked on it, read once and judged as often as one likes.
//!
//! The only module here that reads files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use ingest::intake::{Admitted, Intake};
use ingest::wire::{Content, Message};
use ingest::{labels, road};
use trip::{Batch, Fix, Sample, TripKey};

use super::drive::{Drive, Extent, Road};
use super::resample::{self, Sensor};
use super::{Judge, Mark};
use crate::replay::{Outcome, Reading};

/// A trace in memory, with its marks.
#[derive(Clone, Debug)]
pub struct Recording {
    path: PathBuf,
    set: String,
    name: String,
    messages: Vec<(TripKey, Message)>,
    extent: Extent,
    marks: Option<Vec<Mark>>,
    true_roads: Vec<Road>,
}

/// Why a drive cannot be scored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TruthError {
    /// What people marked cannot be read; without it the drive would count as unmarked.
    #[error("its labels")]
    Labels(#[source] labels::LabelError),
    /// What is known of the road cannot be read.
    #[error("its sections of road")]
    Roads(#[source] road::RoadError),
    /// One of the files cannot be opened.
    #[error("the truth beside it cannot be opened: {0}")]
    Open(io::ErrorKind),
}

impl Recording {
    /// Reads a trace and what lies beside it: `<trip>.labels.csv`, and `<trip>.road.csv` for made
    /// drives. `set` is the name of the set it belongs to. What was refused of the trace stands in
    /// the outcome, which has no trips; there is no recording when nothing could be read.
    pub fn read(path: &Path, set: &str) -> (Outcome, Option<Result<Self, TruthError>>) {
        let mut messages = Vec::new();
        let outcome = Reading::default().messages(path, |key, message| {
            messages.push((key.clone(), message));
        });
        if messages.is_empty() {
            return (outcome, None);
        }
        let recording = truth_beside(path).map(|(marks, true_roads)| {
            let (samples, fixes) = readings(&messages);
            Self {
                path: path.to_owned(),
                set: set.to_owned(),
                name: stem(path),
                extent: Extent::of(&samples, &fixes),
                messages,
                marks,
                true_roads,
            }
        });
        (outcome, Some(recording))
    }

    /// The drive as a detector sees it.
    pub fn judged(&self, judge: &Judge) -> Drive {
        let (found, judged_roads) = judge.judge(&self.messages);
        Drive {
            found,
            judged_roads,
            ..self.drive()
        }
    }

    /// The drive before any detector has judged it.
    pub fn drive(&self) -> Drive {
        Drive {
            trace: self.path.display().to_string(),
            name: self.name.clone(),
            set: self.set.clone(),
            extent: self.extent.clone(),
            marks: self.marks.clone(),
            found: Vec::new(),
            judged_roads: Vec::new(),
            true_roads: self.true_roads.clone(),
        }
    }

    /// The drive as another accelerometer would have read it, each trip in one message; gyroscope and
    /// positions stay as they are.
    pub fn resampled(&self, sensor: Sensor) -> Self {
        let (mut messages, mut all) = (Vec::new(), (Vec::new(), Vec::new()));
        for (key, batches) in self.batches() {
            let mut whole = Batch::default();
            for batch in batches {
                whole.header = batch.header.or(whole.header);
                whole.samples.extend(batch.samples);
                whole.rotations.extend(batch.rotations);
                whole.fixes.extend(batch.fixes);
            }
            whole.samples = resample::resampled(&whole.samples, sensor);
            all.0.extend_from_slice(&whole.samples);
            all.1.extend_from_slice(&whole.fixes);
            messages.push(in_one_message(key, whole));
        }
        Self {
            path: self.path.clone(),
            set: self.set.clone(),
            name: self.name.clone(),
            extent: Extent::of(&all.0, &all.1),
            messages,
            marks: self.marks.clone(),
            true_roads: self.true_roads.clone(),
        }
    }

    /// The batches of each trip as the intake lets them through.
    pub fn batches(&self) -> BTreeMap<TripKey, Vec<Batch>> {
        batches(&self.messages)
    }
}

/// A whole trip as one message.
pub(crate) fn in_one_message(key: TripKey, batch: Batch) -> (TripKey, Message) {
    let message = Message {
        device: Some(key.device.clone()),
        received_us: None,
        trip: key.trip,
        seq: 0,
        content: Content::Samples(batch),
    };
    (key, message)
}

fn batches<'a>(
    messages: impl IntoIterator<Item = &'a (TripKey, Message)>,
) -> BTreeMap<TripKey, Vec<Batch>> {
    let mut intake = Intake::default();
    let mut trips: BTreeMap<TripKey, Vec<Batch>> = BTreeMap::new();
    let mut take = |key: &TripKey, admitted: Admitted| {
        for message in admitted.ready {
            if let Content::Samples(batch) = message.content {
                trips.entry(key.clone()).or_default().push(batch);
            }
        }
    };
    for (key, message) in messages {
        take(key, intake.admit(key, message.clone()));
    }
    let open: Vec<TripKey> = intake.open().cloned().collect();
    for key in open {
        take(&key, intake.finish(&key));
    }
    trips
}

/// The readings in some messages as the intake lets them through, in order of time.
pub(crate) fn readings<'a>(
    messages: impl IntoIterator<Item = &'a (TripKey, Message)>,
) -> (Vec<Sample>, Vec<Fix>) {
    let (mut samples, mut fixes) = (Vec::new(), Vec::new());
    for batch in batches(messages).into_values().flatten() {
        samples.extend(batch.samples);
        fixes.extend(batch.fixes);
    }
    samples.sort_by_key(|sample| sample.t_us);
    fixes.sort_by_key(|fix| fix.t_us);
    (samples, fixes)
}

/// The names of the sets that traces belong to: that of the folder each lies in, with as many
/// folders above it as tell equally named ones apart.
pub fn sets(traces: &[PathBuf]) -> Vec<String> {
    let folder = |trace: &PathBuf| {
        let folder = trace.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or_else(|| Path::new("."));
        folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
    };
    let folders: Vec<PathBuf> = traces.iter().map(folder).collect();
    let mut different = folders.clone();
    different.sort();
    different.dedup();
    let deepest = different.iter().map(|f| f.iter().count()).max();
    let names_of = |parts| {
        different
            .iter()
            .map(move |folder| last_parts(folder, parts))
    };
    let parts = (1..deepest.unwrap_or(1)).find(|&parts| {
        let mut names: Vec<String> = names_of(parts).collect();
        names.sort();
        names.windows(2).all(|pair| pair[0] != pair[1])
    });
    let parts = parts.unwrap_or(usize::MAX);
    (folders.iter())
        .map(|folder| last_parts(folder, parts))
        .collect()
}

fn last_parts(folder: &Path, parts: usize) -> String {
    let all: Vec<_> = folder.iter().collect();
    let last: PathBuf = all[all.len().saturating_sub(parts)..].iter().collect();
    last.display().to_string()
}

const LABELS: &str = ".labels.csv";

/// The name of a trace without what tells format and compression.
pub(crate) fn stem(trace: &Path) -> String {
    let beside = labels::beside(trace);
    let name = beside.file_name().unwrap_or_default().to_string_lossy();
    name.strip_suffix(LABELS).unwrap_or(&name).to_owned()
}

/// What lies beside a trace: marks where somebody looked, and true roughness.
pub(crate) type Truth = (Option<Vec<Mark>>, Vec<Road>);

/// Reads what lies beside a trace.
pub(crate) fn truth_beside(trace: &Path) -> Result<Truth, TruthError> {
    let labels = open(&labels::beside(trace))?.map(labels::read);
    let labels = labels.transpose().map_err(TruthError::Labels)?;
    let sections = open(&road::beside(trace))?.map(road::read);
    let sections = sections.transpose().map_err(TruthError::Roads)?;
    let marks = labels.map(|labels| labels.into_iter().map(Mark::from).collect());
    let roads = sections.unwrap_or_default().into_iter().map(true_road);
    Ok((marks, roads.collect()))
}

fn open(path: &Path) -> Result<Option<File>, TruthError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TruthError::Open(error.kind())),
    }
}

impl From<labels::Label> for Mark {
    fn from(label: labels::Label) -> Self {
        Self {
            begin_us: us(label.t_start),
            end_us: us(label.t_end),
            kind: label.kind,
            place: label.place,
        }
    }
}

fn true_road(section: road::Section) -> Road {
    Road {
        begin_us: us(section.t_start),
        end_us: us(section.t_end),
        iri_m_per_km: section.iri_m_per_km,
        iri_interval: None,
    }
}

/// Seconds of a label as µs, beyond any clock cut to what can be counted with.
fn us(seconds: f64) -> i64 {
    (seconds.clamp(-1e12, 1e12) * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_folders_and_equal_names_are_told_apart() {
        let paths = ["/no/a/x.csv", "/no/b/y.csv", "/no/a/z.csv"].map(PathBuf::from);
        assert_eq!(sets(&paths), ["a", "b", "a"]);
        let paths = ["/no/a/made/x.csv", "/no/b/made/y.csv"].map(PathBuf::from);
        assert_eq!(sets(&paths), ["a/made", "b/made"]);
        assert!(sets(&[]).is_empty());
    }

    #[test]
    fn a_trip_is_named_without_its_format() {
        assert_eq!(stem(Path::new("a/trace19_marker.csv.gz")), "trace19_marker");
        assert_eq!(stem(Path::new("drive-01.jsonl")), "drive-01");
    }
}
