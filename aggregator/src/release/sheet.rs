//! A table that is given away: columns with their meaning, each read from a row.

use std::borrow::Cow;

use super::shape::Shape;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A text; empty where nobody gave one.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// A moment in UTC.
    Time,
    /// A day.
    Day,
}

/// A column: its name, with the unit in it, what it holds and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) meaning: &'static str,
}

/// A column, and how it is read from a row. `None` is unknown; a column next to it says so where
/// that is usual.
pub(crate) struct Column<R> {
    pub(crate) field: Field,
    pub(crate) read: Read<R>,
}

/// How a column is read from a row.
pub(crate) enum Read<R> {
    Text(fn(&R) -> Cow<'_, str>),
    Whole(fn(&R) -> Option<i64>),
    Number(fn(&R) -> Option<f64>),
    Truth(fn(&R) -> Option<bool>),
    /// µs since 1970 UTC.
    Time(fn(&R) -> Option<i64>),
    /// Days since 1970-01-01.
    Day(fn(&R) -> Option<i32>),
}

/// A table: its columns in a fixed order, and where on the globe its rows lie.
pub(crate) struct Sheet<R> {
    pub(crate) columns: Vec<Column<R>>,
    pub(crate) shape: fn(&R) -> Shape,
    /// Where a row counts as lying: latitude, longitude in degrees.
    pub(crate) place: fn(&R) -> (f64, f64),
}

impl<R> Sheet<R> {
    /// The columns without how they are read.
    pub(crate) fn fields(&self) -> Vec<Field> {
        self.columns.iter().map(|column| column.field).collect()
    }
}

/// Makes the constructors of columns.
macro_rules! constructors {
    ($($name:ident $kind:ident $value:ty),+ $(,)?) => {
        impl<R> Column<R> {
            $(pub(crate) fn $name(
                name: &'static str,
                meaning: &'static str,
                read: fn(&R) -> $value,
            ) -> Self {
                let kind = Kind::$kind;
                let field = Field { name, kind, meaning };
                Self { field, read: Read::$kind(read) }
            })+
        }
    };
}

constructors! {
    text Text Cow<'_, str>,
    whole Whole Option<i64>,
    number Number Option<f64>,
    truth Truth Option<bool>,
    time Time Option<i64>,
    day Day Option<i32>,
}
