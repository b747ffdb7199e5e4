//! What is known of the road beside a trace: `<trip>.road.csv`, columns
//! `t_start,t_end,lat,lon,iri_m_per_km`, one row for each piece of road driven.
//!
//! Made drives have it, every 100 m; it stands for what a surveyor with a profiler would bring.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trip::Position;

use crate::name;

/// A piece of road whose roughness is known, and when it was driven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// When the first axle reached its beginning, seconds on the clock of the trace.
    pub t_start: f64,
    /// When the first axle reached its end; not before `t_start`.
    pub t_end: f64,
    /// The middle of the piece.
    pub place: Position,
    /// International Roughness Index in m/km, the mean of both wheel paths; above 0.
    pub iri_m_per_km: f64,
}

/// Why a file of sections cannot be used. It is truth: one bad row spoils the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoadError {
    /// The file cannot be read, is not CSV, or a column or a number is missing.
    #[error("sections of road cannot be read")]
    Csv(#[from] csv::Error),
    /// A row whose numbers are no section.
    #[error("line {line}: times, place or roughness are out of range")]
    Range {
        /// The line, from 1.
        line: u64,
    },
}

/// A row as it stands.
#[derive(Deserialize)]
struct Row {
    t_start: f64,
    t_end: f64,
    lat: f64,
    lon: f64,
    iri_m_per_km: f64,
}

impl Row {
    fn section(self) -> Option<Section> {
        let times = self.t_start.is_finite() && self.t_end.is_finite();
        let sound = times
            && self.t_start <= self.t_end
            && self.iri_m_per_km.is_finite()
            && self.iri_m_per_km > 0.0;
        sound.then_some(Section {
            t_start: self.t_start,
            t_end: self.t_end,
            place: Position::new(self.lat, self.lon).ok()?,
            iri_m_per_km: self.iri_m_per_km,
        })
    }
}

/// Reads sections, in the order of the file. Other columns are ignored.
///
/// # Errors
/// When a row is not a section.
pub fn read(file: impl Read) -> Result<Vec<Section>, RoadError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let header = reader.headers()?.clone();
    reader
        .records()
        .map(|record| {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let row: Row = record.deserialize(Some(&header))?;
            row.section().ok_or(RoadError::Range { line })
        })
        .collect()
}

/// The file that holds these sections: times to the millisecond, places to the centimetre,
/// roughness to the millimetre per kilometre.
pub fn write(sections: &[Section]) -> String {
    let mut text = String::from("t_start,t_end,lat,lon,iri_m_per_km\n");
    for section in sections {
        let (lat, lon) = (section.place.lat_deg(), section.place.lon_deg());
        text.push_str(&format!(
            "{:.3},{:.3},{lat:.7},{lon:.7},{:.3}\n",
            section.t_start, section.t_end, section.iri_m_per_km
        ));
    }
    text
}

/// Where the sections of a trace lie, if it has any: `trip1.csv.gz` → `trip1.road.csv`.
pub fn beside(trace: &Path) -> PathBuf {
    trace.with_file_name(format!("{}.road.csv", name::stem(trace)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sections_read_what_they_write() {
        let sections = vec![
            Section {
                t_start: 1.5,
                t_end: 9.25,
                place: Position::new(41.0, -10.5).expect("valid"),
                iri_m_per_km: 4.418,
            };
            2
        ];
        assert_eq!(read(write(&sections).as_bytes()).expect("sound"), sections);
        assert_eq!(read(write(&[]).as_bytes()).expect("sound"), []);
    }

    #[test]
    fn a_bad_section_spoils_the_file() {
        let check = |row: &str| {
            let text = format!("t_start,t_end,lat,lon,iri_m_per_km\n{row}\n");
            read(text.as_bytes()).is_err()
        };
        assert!(!check("1,2,41,-8,3.5"));
        for row in [
            "2,1,41,-8,3.5",
            "1,2,91,-8,3.5",
            "1,2,41,-8,0",
            "1,2,41,-8,",
            "NaN,2,41,-8,3",
        ] {
            assert!(check(row), "{row}");
        }
        assert!(read("t_start,t_end,lat,lon\n1,2,3,4\n".as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_sections_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(bytes.as_slice());
        }
    }

    #[test]
    fn sections_lie_beside_their_trace() {
        assert_eq!(beside(Path::new("a/t.jsonl.gz")), Path::new("a/t.road.csv"));
    }
}
