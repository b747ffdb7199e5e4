//! What of a trace was refused, where, and why.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::archive::MAX_MEMBER_BYTES;
use super::recognise::FileKind;
use crate::wire::WireError;

/// Something of a trace that was refused. Whatever is not named by a refusal was read.
///
/// Its text names line and field and never repeats a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{lost} left out: {cause}", At(member.as_deref(), *line))]
pub struct Refusal {
    /// The member of an archive that it is about; `None` where the file is no archive.
    pub member: Option<Arc<str>>,
    /// The line it stands on, from 1; `None` when it concerns the file as a whole.
    pub line: Option<u64>,
    /// What was lost by it.
    pub lost: Lost,
    /// Why.
    pub cause: Cause,
}

/// What a refusal costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lost {
    /// The whole file.
    File,
    /// All from that line on.
    Rest,
    /// One line: a message of a `.jsonl` trace, a row of a CSV trace.
    Line,
    /// The position on one row of a CSV trace; its other readings were taken.
    Fix,
    /// What one sensor said on a row; the other sensors' readings were taken.
    Reading,
    /// The whole of the accelerometer; the rest was taken.
    Samples,
    /// All positions; the rest was taken.
    Fixes,
}

/// Why something of a trace was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file cannot be opened or read.
    #[error("{}", unreadable(*.0))]
    Unreadable(io::ErrorKind),
    /// It is a directory.
    #[error("it is a directory")]
    Directory,
    /// It is too large to be read from a pipe, which is kept in memory.
    #[error("a pipe may carry at most {limit} bytes")]
    TooLarge {
        /// The most it may be.
        limit: usize,
    },
    /// It has no bytes.
    #[error("it is empty")]
    Empty,
    /// It has a header and nothing else.
    #[error("it has a header and no rows")]
    HeaderOnly,
    /// It is something else.
    #[error("it is not a trace but {0}")]
    NotATrace(FileKind),
    /// It is named as a trace and does not begin with text.
    #[error("it is not text")]
    NotText,
    /// The compressed stream ends before its end.
    #[error("the compressed stream is truncated here")]
    Truncated,
    /// The compressed stream is damaged.
    #[error("the compressed stream is damaged here")]
    Damaged,
    /// An archive whose directory cannot be read: it stands at the end.
    #[error("the archive is truncated or damaged: it has no directory; export it again")]
    NoDirectory,
    /// A member of an archive is encrypted, or packed in an unusual way.
    #[error("it is encrypted, or packed otherwise than by deflate")]
    Packing,
    /// A member of an archive is inflated to more than is read of it.
    #[error("it inflates to more than {limit} bytes")]
    Inflates {
        /// The most that is read.
        limit: u64,
    },
    /// An archive with more than one recording: which is the trip?
    #[error("the archive holds more than one recording; give each of them alone")]
    Several,
    /// An app's export lacks a sensor.
    #[error("the export has no {sensor}; switch it on in the app")]
    NoSensor {
        /// What is missing.
        sensor: &'static str,
    },
    /// A reading without gravity, and no gravity near it in time that could be added.
    #[error("no gravity was measured within {within_ms} ms")]
    NoGravity {
        /// How near it would have to be.
        within_ms: i64,
    },
    /// A position that the phone remembered from before the recording.
    #[error("it is from before the recording began")]
    Remembered,
    /// A line is longer than it may be.
    #[error("the line is longer than {limit} bytes")]
    LineTooLong {
        /// The most it may be.
        limit: usize,
    },
    /// A message breaks the contract of the wire.
    #[error(transparent)]
    Message(#[from] WireError),
    /// A row of a CSV trace has more or fewer fields than the header.
    #[error("the row has {found} fields, the header {expected}")]
    Fields {
        /// On the row.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A cell of a CSV trace has no value it could have.
    #[error("{column} is not {expected}")]
    Cell {
        /// The column's name.
        column: &'static str,
        /// What should be there.
        expected: String,
    },
    /// A cell is blank although its neighbours are not.
    #[error("{column} is blank, its neighbours are not")]
    Blank {
        /// The column's name.
        column: &'static str,
    },
    /// A row has the time of the row before it.
    #[error("t repeats the time of the row before")]
    TimeRepeated,
    /// A row's time is before that of the row before it.
    #[error("t is before the time of the row before")]
    TimeBackwards,
    /// A row's time lies far ahead of the rows after it.
    #[error("t is far ahead of the row after it")]
    TimeLeaps,
    /// A line of the catalogue beside the trace names a device that cannot be one.
    #[error("catalog.csv beside it, line {line}: device is not 1 to 64 of a-z, 0-9 and '-'")]
    Catalog {
        /// The line of the catalogue.
        line: u64,
    },
}

impl Refusal {
    /// A refusal of the whole file.
    pub(crate) fn file(cause: Cause) -> Self {
        Self {
            member: None,
            line: None,
            lost: Lost::File,
            cause,
        }
    }

    /// A refusal of one line.
    pub(super) fn line(line: u64, cause: Cause) -> Self {
        Self {
            member: None,
            line: Some(line),
            lost: Lost::Line,
            cause,
        }
    }

    /// The same refusal where something else is lost by it.
    pub(super) fn losing(self, lost: Lost) -> Self {
        Self { lost, ..self }
    }

    /// The same refusal, of a member of an archive.
    pub(super) fn within(self, member: Option<Arc<str>>) -> Self {
        Self { member, ..self }
    }

    /// A stream that fails at some line: nothing after it can be read.
    pub(super) fn rest(line: u64, error: &io::Error) -> Self {
        Self {
            member: None,
            line: Some(line),
            lost: Lost::Rest,
            cause: Cause::of_stream(error),
        }
    }
}

impl Cause {
    /// A stable word for the cause; of a refused message, the wire's own reason.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Directory => "directory",
            Self::TooLarge { .. } => "too_large",
            Self::Empty => "empty",
            Self::HeaderOnly => "header_only",
            Self::NotATrace(_) => "not_a_trace",
            Self::NotText => "not_text",
            Self::Truncated => "truncated",
            Self::Damaged => "damaged",
            Self::NoDirectory => "no_directory",
            Self::Packing => "unknown_packing",
            Self::Inflates { .. } => "too_large",
            Self::Several => "several_recordings",
            Self::NoSensor { .. } => "no_sensor",
            Self::NoGravity { .. } => "no_gravity",
            Self::Remembered => "remembered",
            Self::LineTooLong { .. } => "line_too_long",
            Self::Message(error) => error.reason(),
            Self::Fields { .. } => "field_count",
            Self::Cell { .. } => "out_of_range",
            Self::Blank { .. } => "blank",
            Self::TimeRepeated => "time_repeated",
            Self::TimeBackwards => "time_backwards",
            Self::TimeLeaps => "time_leaps",
            Self::Catalog { .. } => "bad_catalog",
        }
    }

    /// What a failing stream says of itself: the system's errors have a number, a decoder's not.
    fn of_stream(error: &io::Error) -> Self {
        match error.kind() {
            kind if error.raw_os_error().is_some() => Self::Unreadable(kind),
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::FileTooLarge => Self::Inflates {
                limit: MAX_MEMBER_BYTES,
            },
            _ => Self::Damaged,
        }
    }
}

/// What the system says, in words of people.
fn unreadable(kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        kind => format!("cannot be read: {kind}"),
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Rest => "the rest",
            Self::Line => "line",
            Self::Fix => "position",
            Self::Reading => "reading",
            Self::Samples => "all samples",
            Self::Fixes => "all positions",
        })
    }
}

/// `line 17: `, `Location.csv, line 17: `, or nothing.
struct At<'a>(Option<&'a str>, Option<u64>);

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (None, None) => Ok(()),
            (Some(member), None) => write!(f, "{member}: "),
            (None, Some(line)) => write!(f, "line {line}: "),
            (Some(member), Some(line)) => write!(f, "{member}, line {line}: "),
        }
    }
}
