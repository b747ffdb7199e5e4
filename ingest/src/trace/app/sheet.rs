//! A table that an app wrote: its header, and its rows cell by cell.
//!
//! Apps write what the phone's language asks for: commas, semicolons or tabs between cells, a point
//! or a comma before the decimals, an empty line first, a separator at the end of each line.

use std::io::BufRead;
use std::sync::Arc;

use crate::trace::cell::{Cell, bare};
use crate::trace::lines::{Line, Lines};
use crate::trace::refusal::{Cause, Refusal};

/// The widest tables have 60 columns: more than 64 kB are no row.
const MAX_ROW_BYTES: usize = 64_000;

/// The names of the columns, and what separates them.
#[derive(Clone, Debug)]
pub(in crate::trace) struct Header {
    separator: u8,
    names: Vec<String>,
}

/// A column of a table, which may be absent: all its cells are blank then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    at: Option<usize>,
    name: &'static str,
}

impl Header {
    /// The header on a line.
    pub(in crate::trace) fn of(line: &[u8]) -> Self {
        let separators = [b';', b'\t'];
        let separator = separators.into_iter().find(|it| line.contains(it));
        let separator = separator.unwrap_or(b',');
        let name = |cell| String::from_utf8_lossy(bare(cell)).into_owned();
        Self {
            separator,
            names: line.split(|&byte| byte == separator).map(name).collect(),
        }
    }

    /// The names, from the left.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The column with that name.
    pub(super) fn column(&self, name: &'static str) -> Column {
        let at = self.names.iter().position(|it| it == name);
        Column { at, name }
    }

    /// The columns with those names; `None` unless all are there.
    pub(super) fn all<const N: usize>(&self, names: [&'static str; N]) -> Option<[Column; N]> {
        let columns = names.map(|name| self.column(name));
        columns.iter().all(|it| it.at.is_some()).then_some(columns)
    }

    /// A comma stands before the decimals wherever it does not separate cells.
    fn point(&self) -> u8 {
        if self.separator == b',' { b'.' } else { b',' }
    }
}

impl Column {
    /// A column that no such table has.
    pub(super) const ABSENT: Self = Self {
        at: None,
        name: "absent",
    };

    /// The column at a place, by whatever name a refusal shall have it.
    pub(super) fn at(place: Option<usize>, name: &'static str) -> Self {
        Self { at: place, name }
    }
}

/// A table whose header was read.
pub(super) struct Sheet {
    pub(super) header: Header,
    pub(super) member: Option<Arc<str>>,
    lines: Lines<Box<dyn BufRead + Send>>,
}

/// A row of it.
pub(super) struct Row<'a> {
    pub(super) line: u64,
    cells: Vec<&'a [u8]>,
    point: u8,
}

impl Sheet {
    /// Reads the header; `None` when there is none.
    pub(super) fn open(
        input: Box<dyn BufRead + Send>,
        member: Option<Arc<str>>,
    ) -> Result<Option<Self>, Refusal> {
        let mut lines = Lines::new(input, MAX_ROW_BYTES);
        loop {
            let number = lines.number() + 1;
            let header = match lines.next() {
                None => return Ok(None),
                Some(Err(error)) => return Err(Refusal::rest(number, &error).within(member)),
                Some(Ok(Line::Whole(line))) if line.trim_ascii().is_empty() => continue,
                Some(Ok(Line::Whole(line))) => Header::of(line),
                Some(Ok(Line::TooLong)) => return Ok(None),
            };
            return Ok(Some(Self {
                header,
                member,
                lines,
            }));
        }
    }

    /// The next line: a row, or none on a blank line. After a failing stream there are none.
    pub(super) fn next(&mut self) -> Option<Result<Option<Row<'_>>, Refusal>> {
        let Self {
            header,
            lines,
            member,
        } = self;
        let refuse = |refusal: Refusal| Some(Err(refusal.within(member.clone())));
        let number = lines.number() + 1;
        let line = match lines.next()? {
            Err(error) => return refuse(Refusal::rest(number, &error)),
            Ok(Line::Whole(line)) if line.trim_ascii().is_empty() => return Some(Ok(None)),
            Ok(Line::Whole(line)) => line,
            Ok(Line::TooLong) => {
                let limit = MAX_ROW_BYTES;
                return refuse(Refusal::line(number, Cause::LineTooLong { limit }));
            }
        };
        let cells: Vec<_> = line
            .split(|&byte| byte == header.separator)
            .map(bare)
            .collect();
        let (found, expected) = (cells.len(), header.names.len());
        if found != expected {
            return refuse(Refusal::line(number, Cause::Fields { found, expected }));
        }
        let point = header.point();
        Some(Ok(Some(Row {
            line: number,
            cells,
            point,
        })))
    }
}

impl<'a> Row<'a> {
    /// The cell in a column. What stands for *no value* is blank.
    pub(super) fn cell(&self, column: Column) -> Cell<'a> {
        let text = column.at.map_or(&b""[..], |at| self.cells[at]);
        let nothing = matches!(text, b"NaN" | b"nan" | b"null" | b"-9999");
        Cell {
            text: if nothing { b"" } else { text },
            column: column.name,
            point: self.point,
        }
    }
}
