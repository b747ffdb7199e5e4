//! What people marked beside a trace: `<trip>.labels.csv`, columns `t_start,t_end,kind` and, where
//! the place is known, `lat,lon`.
//!
//! Times are seconds on the clock of the trace, so that a label can be laid over it. No file means
//! that nobody marked anything, not that there was nothing to mark.

use std::io::Read;
use std::path::{Path, PathBuf};

use trip::Position;

use crate::name;

/// One mark: from when to when, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// When it begins, seconds on the clock of the trace.
    pub t_start: f64,
    /// When it ends, seconds on the clock of the trace; not before `t_start`, often equal.
    pub t_end: f64,
    /// What it is: a [`trip::Kind`] or any other word; recordings of manoeuvres have their own.
    pub kind: String,
    /// Where it truly is, in WGS 84 degrees; `None` where nobody surveyed it.
    pub place: Option<Position>,
}

/// Why a file of labels cannot be used. Labels are truth: one bad row spoils the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabelError {
    /// The file cannot be read, or is not CSV.
    #[error("labels cannot be read")]
    Csv(#[from] csv::Error),
    /// A column is not there.
    #[error("column {column} is missing")]
    Column {
        /// Its name.
        column: &'static str,
    },
    /// A cell holds something else.
    #[error("line {line}: {column} is not {expected}")]
    Cell {
        /// The line, from 1.
        line: u64,
        /// The column's name.
        column: &'static str,
        /// What should be there.
        expected: &'static str,
    },
}

/// Reads labels, in the order of the file. Columns `lat,lon` may be missing, or empty in some rows,
/// but only both; other columns are ignored.
///
/// # Errors
/// When a row is not a label.
pub fn read(file: impl Read) -> Result<Vec<Label>, LabelError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let columns = Columns::of(reader.headers()?)?;
    reader
        .records()
        .map(|record| columns.label(&record?))
        .collect()
}

/// Where the columns stand.
struct Columns {
    t_start: usize,
    t_end: usize,
    kind: usize,
    /// Latitude and longitude.
    place: Option<[usize; 2]>,
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, LabelError> {
        let at = |column: &str| header.iter().position(|name| name == column);
        let needed = |column: &'static str| at(column).ok_or(LabelError::Column { column });
        let place = match (at("lat"), at("lon")) {
            (None, None) => None,
            _ => Some([needed("lat")?, needed("lon")?]),
        };
        Ok(Self {
            t_start: needed("t_start")?,
            t_end: needed("t_end")?,
            kind: needed("kind")?,
            place,
        })
    }

    fn label(&self, record: &csv::StringRecord) -> Result<Label, LabelError> {
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |column, expected| LabelError::Cell {
            line,
            column,
            expected,
        };
        let number = |at: usize| record.get(at)?.parse().ok().filter(|n: &f64| n.is_finite());
        let t_start = number(self.t_start).ok_or_else(|| wrong("t_start", "a number"))?;
        let t_end = number(self.t_end).ok_or_else(|| wrong("t_end", "a number"))?;
        if t_end < t_start {
            return Err(wrong("t_end", "at or after t_start"));
        }
        let kind = record.get(self.kind).filter(|kind| !kind.is_empty());
        let kind = kind.ok_or_else(|| wrong("kind", "a word"))?.to_owned();
        let empty = |at: &usize| record.get(*at).is_none_or(str::is_empty);
        let placed = self.place.filter(|place| !place.iter().all(empty));
        let place = placed.map(|[lat, lon]| {
            let lat_deg = number(lat).filter(|deg| deg.abs() <= 90.0);
            let lat_deg = lat_deg.ok_or_else(|| wrong("lat", "a number from -90 to 90"))?;
            let lon_deg = number(lon).unwrap_or(f64::NAN);
            Position::new(lat_deg, lon_deg).map_err(|_| wrong("lon", "a number from -180 to 180"))
        });
        Ok(Label {
            t_start,
            t_end,
            kind,
            place: place.transpose()?,
        })
    }
}

/// The file that holds these labels: times to the millisecond, places to the centimetre.
pub fn write(labels: &[Label]) -> String {
    let mut text = String::from("t_start,t_end,kind,lat,lon\n");
    for Label {
        t_start,
        t_end,
        kind,
        place,
    } in labels
    {
        let place = place.map_or_else(
            || ",".to_owned(),
            |place| format!("{:.7},{:.7}", place.lat_deg(), place.lon_deg()),
        );
        text.push_str(&format!("{t_start:.3},{t_end:.3},{kind},{place}\n"));
    }
    text
}

/// Where the labels of a trace lie, if it has any: `trip1.csv.gz` → `trip1.labels.csv`.
pub fn beside(trace: &Path) -> PathBuf {
    trace.with_file_name(format!("{}.labels.csv", name::stem(trace)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(t_start: f64, t_end: f64, kind: &str) -> Label {
        Label {
            t_start,
            t_end,
            kind: kind.to_owned(),
            place: None,
        }
    }

    #[test]
    fn labels_read_what_they_write() {
        let placed = Label {
            place: Position::new(-64.123_456_7, 179.999_999_9).ok(),
            ..label(2.0, 2.5, "rail")
        };
        let labels = vec![
            label(1.5, 1.5, "pothole"),
            label(1_492_639_065.7, 1_492_639_066.0, "calm"),
            placed,
        ];
        assert_eq!(read(write(&labels).as_bytes()).expect("sound"), labels);
        assert_eq!(read(write(&[]).as_bytes()).expect("sound"), []);
    }

    #[test]
    fn a_bad_label_is_named_by_line_and_column() {
        let check = |rows: &str, problem: &str| {
            let text = format!("t_start,t_end,kind\n1,2,rail\n{rows}\n");
            let error = read(text.as_bytes()).expect_err(problem);
            assert_eq!(error.to_string(), problem);
        };
        check("x,2,rail", "line 3: t_start is not a number");
        check("1,NaN,rail", "line 3: t_end is not a number");
        check("2,1,rail", "line 3: t_end is not at or after t_start");
        check("1,2,", "line 3: kind is not a word");
        assert!(read("t,kind\n1,rail\n".as_bytes()).is_err());
    }

    #[test]
    fn half_a_place_is_none_and_is_named_by_line_and_column() {
        let check = |text: &str, problem: &str| {
            let error = read(text.as_bytes()).expect_err(problem);
            assert_eq!(error.to_string(), problem);
        };
        let row =
            |place: &str| format!("t_start,t_end,kind,lat,lon\n1,2,rail,,\n1,2,rail,{place}\n");
        check(&row("41,"), "line 3: lon is not a number from -180 to 180");
        check(
            &row("41,181"),
            "line 3: lon is not a number from -180 to 180",
        );
        check(&row(",8"), "line 3: lat is not a number from -90 to 90");
        check(
            &row("north,8"),
            "line 3: lat is not a number from -90 to 90",
        );
        check("t_start,t_end,kind,lat\n", "column lon is missing");
        let labels = read(row("41,-8").as_bytes()).expect("sound");
        assert_eq!(
            (labels[0].place, labels[1].place),
            (None, Position::new(41.0, -8.0).ok())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_labels_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(bytes.as_slice());
        }
    }

    #[test]
    fn labels_lie_beside_their_trace() {
        for trace in [
            "a/trip1.csv",
            "a/trip1.csv.gz",
            "a/trip1.jsonl.zst",
            "a/trip1.jsonl",
        ] {
            assert_eq!(beside(Path::new(trace)), Path::new("a/trip1.labels.csv"));
        }
        assert_eq!(beside(Path::new("a.b.csv")), Path::new("a.b.labels.csv"));
    }
}
