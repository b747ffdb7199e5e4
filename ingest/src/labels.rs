//! What people marked beside a trace: `<trip>.labels.csv`, columns `t_start,t_end,kind`.
//!
//! Times are seconds on the clock of the trace, so that a label can be laid over it. No file means
//! that nobody marked anything, not that there was nothing to mark.

use std::io::Read;
use std::path::{Path, PathBuf};

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

/// Reads labels, in the order of the file. Other columns are ignored.
///
/// # Errors
/// When a row is not a label.
pub fn read(file: impl Read) -> Result<Vec<Label>, LabelError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(file);
    let header = reader.headers()?.clone();
    let place = |column: &'static str| {
        let at = header.iter().position(|name| name == column);
        at.ok_or(LabelError::Column { column })
    };
    let (start, end, kind) = (place("t_start")?, place("t_end")?, place("kind")?);
    let mut labels = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column, expected| LabelError::Cell {
            line,
            column,
            expected,
        };
        let seconds = |at: usize| record.get(at)?.parse().ok().filter(|t: &f64| t.is_finite());
        let t_start = seconds(start).ok_or_else(|| cell("t_start", "a number"))?;
        let t_end = seconds(end).ok_or_else(|| cell("t_end", "a number"))?;
        if t_end < t_start {
            return Err(cell("t_end", "at or after t_start"));
        }
        let kind = record.get(kind).filter(|kind| !kind.is_empty());
        let kind = kind.ok_or_else(|| cell("kind", "a word"))?.to_owned();
        labels.push(Label {
            t_start,
            t_end,
            kind,
        });
    }
    Ok(labels)
}

/// The file that holds these labels, times to the millisecond.
pub fn write(labels: &[Label]) -> String {
    let mut text = String::from("t_start,t_end,kind\n");
    for Label {
        t_start,
        t_end,
        kind,
    } in labels
    {
        text.push_str(&format!("{t_start:.3},{t_end:.3},{kind}\n"));
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
        }
    }

    #[test]
    fn labels_read_what_they_write() {
        let labels = vec![
            label(1.5, 1.5, "pothole"),
            label(1_492_639_065.7, 1_492_639_066.0, "calm"),
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
