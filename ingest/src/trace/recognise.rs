//! What a file is: told by its first line, and by its name where that does not tell.

use std::fmt;
use std::path::Path;

use super::app::{App, Header};
use super::archive::{self, Archive};
use super::csv::Columns;
use super::refusal::Refusal;
use super::source::{Head, Source};
use crate::name;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A trace: messages, one JSON object per line.
    Jsonl,
    /// A trace: CSV, one row per reading.
    Csv,
    /// Labels beside a trace.
    Labels,
    /// The true roughness of the road beside a trace.
    Road,
    /// A catalogue of traces.
    Catalog,
    /// What people said of a map, beside it.
    Acts,
    /// A collection of clips.
    Clips,
    /// Labels with places.
    PlacedLabels,
    /// A trace: what a sensor app exports.
    Export(App),
    /// Something of a sensor app that is no recording by itself.
    AppPart(&'static str),
    /// A map in GeoJSON.
    GeoJson,
    /// Some other JSON.
    OtherJson,
    /// CSV with other columns.
    OtherCsv,
    /// Text for people.
    Notes,
    /// An archive that is no export of a known app.
    Archive,
    /// No bytes at all.
    Empty,
    /// None of these.
    Other,
}

impl FileKind {
    /// Whether it is a trace.
    pub fn is_trace(self) -> bool {
        matches!(self, Self::Jsonl | Self::Csv | Self::Export(_))
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jsonl => "a trace of messages",
            Self::Csv => "a CSV trace",
            Self::Labels => "labels beside a trace",
            Self::Road => "road truth beside a trace",
            Self::Catalog => "a catalogue",
            Self::Acts => "what people said of a map",
            Self::Clips => "a collection of clips",
            Self::PlacedLabels => "labels with places",
            Self::Export(app) => return write!(f, "an export of {}", app.name()),
            Self::AppPart(app) => {
                return write!(
                    f,
                    "a part of what {app} exports; give the zip that it exports"
                );
            }
            Self::GeoJson => "a map in GeoJSON",
            Self::OtherJson => "other JSON",
            Self::OtherCsv => {
                "CSV with other columns than a trace's (t, and ax,ay,az or lat,lon, between commas)"
            }
            Self::Notes => "text for people",
            Self::Archive => "an archive that is no export of a known app",
            Self::Empty => "empty",
            Self::Other => "none of the known formats",
        })
    }
}

/// What a file is.
///
/// # Errors
/// When it cannot be read.
pub(super) fn recognise(path: &Path, source: &Source) -> Result<FileKind, Refusal> {
    let head = source.head(HEAD_BYTES)?;
    if !archive::is_archive(&head.bytes) {
        return Ok(by_head(path, &head));
    }
    let app = match Archive::open(source.clone()) {
        Ok(archive) => App::of_archive(&archive),
        // Opening it will say what is wrong.
        Err(_) if archive::begins_with_table(&head.bytes) => Some(App::SensorLogger),
        Err(_) => None,
    };
    Ok(app.map_or(FileKind::Archive, FileKind::Export))
}

/// How much of a file is looked at: the longest header line of any app known has 4 kB.
const HEAD_BYTES: u64 = 64_000;

/// What a file is.
///
/// A file that is named as a trace and has no legible first line is a trace that is damaged, not
/// something else: opening it will say what is wrong.
fn by_head(path: &Path, head: &Head) -> FileKind {
    let named = by_name(path);
    if let Some(kind) = named
        && !kind.is_trace()
    {
        return kind;
    }
    let first = head
        .bytes
        .split(|&byte| byte == b'\n')
        .find(|line| !line.trim_ascii().is_empty());
    let cut = head.broken && !head.bytes.contains(&b'\n');
    match first {
        Some(line) if !cut && is_text(line) => by_line(line, named, &head.bytes),
        None if named.is_none() && !head.broken => FileKind::Empty,
        _ => named.unwrap_or(FileKind::Other),
    }
}

/// Whether a line is text, and not the middle of something binary.
pub(super) fn is_text(line: &[u8]) -> bool {
    !line
        .iter()
        .any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

fn by_name(path: &Path) -> Option<FileKind> {
    let named = |endings: &[&str]| name::ends_with(path, endings);
    if named(&[".labels.csv"]) {
        Some(FileKind::Labels)
    } else if path.file_name().is_some_and(|name| name == "catalog.csv") {
        Some(FileKind::Catalog)
    } else if named(&[".acts.jsonl"]) {
        Some(FileKind::Acts)
    } else if named(&[".md", ".txt", ".html", ".pdf"]) {
        Some(FileKind::Notes)
    } else if named(&[".zip", ".tar", ".tgz", ".7z"]) {
        Some(FileKind::Archive)
    } else if named(&[".jsonl", ".ndjson"]) {
        Some(FileKind::Jsonl)
    } else if named(&[".csv"]) {
        Some(FileKind::Csv)
    } else {
        None
    }
}

fn by_line(line: &[u8], named: Option<FileKind>, head: &[u8]) -> FileKind {
    let line = line
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(line)
        .trim_ascii();
    if line.starts_with(b"{") || line.starts_with(b"[") {
        return by_json(line, named, head);
    }
    let line = String::from_utf8_lossy(line);
    let columns: Vec<&str> = line
        .split(',')
        .map(|name| name.trim().trim_matches('"'))
        .collect();
    let has = |names: &[&str]| names.iter().all(|name| columns.contains(name));
    if has(&["t_start", "t_end", "iri_m_per_km"]) {
        FileKind::Road
    } else if has(&["t_start", "t_end"]) {
        FileKind::Labels
    } else if has(&["clip", "t"]) {
        FileKind::Clips
    } else if has(&["t", "kind", "lat", "lon"]) && !has(&["ax"]) {
        FileKind::PlacedLabels
    } else if Columns::of(line.as_bytes()).is_some() {
        FileKind::Csv
    } else if has(&["name", "device"]) || has(&["name", "source"]) {
        FileKind::Catalog
    } else if let Some(app) = App::of_header(&Header::of(line.as_bytes())) {
        FileKind::Export(app)
    } else if has(&["seconds_elapsed"]) {
        FileKind::AppPart("Sensor Logger")
    } else if line.starts_with("\"Time (s)\"") {
        FileKind::AppPart("phyphox")
    } else if columns.len() > 1 || named == Some(FileKind::Csv) {
        FileKind::OtherCsv
    } else {
        FileKind::Other
    }
}

fn by_json(line: &[u8], named: Option<FileKind>, head: &[u8]) -> FileKind {
    let says = |text: &[u8]| head.windows(text.len()).any(|window| window == text);
    if says(b"\"FeatureCollection\"") {
        FileKind::GeoJson
    } else if named == Some(FileKind::Jsonl) || (says(b"\"v\"") && line.starts_with(b"{")) {
        FileKind::Jsonl
    } else {
        FileKind::OtherJson
    }
}
