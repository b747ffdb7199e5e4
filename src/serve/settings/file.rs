//! The file of the settings: read setting by setting, so that every slip in it is named at once.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::{Settings, check};
use crate::dotted::{leaves, near};

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Something is set that cannot be.
    #[error("{}", lines(.0))]
    Wrong(Vec<Problem>),
}

/// One setting that cannot be as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file and the line, counted from 1; none: the command line says it.
    pub place: Option<(PathBuf, usize)>,
    /// The setting by its dotted name; empty where the file is no TOML.
    pub field: String,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((path, line)) = &self.place {
            write!(f, "{}:{line}: ", path.display())?;
        }
        let colon = if self.field.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{}", self.field, self.what)
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

impl SettingsError {
    /// What is wrong when the command line has had its say.
    pub(super) fn of_command_line(problems: Vec<(&'static str, String)>) -> Self {
        let problems = problems.into_iter().map(|(field, what)| Problem {
            place: None,
            field: field.to_owned(),
            what,
        });
        Self::Wrong(problems.collect())
    }
}

/// The settings in a file.
///
/// # Errors
/// When it cannot be read, and as [`read`] says.
pub fn read_file(path: &Path) -> Result<Settings, SettingsError> {
    let text = fs::read_to_string(path).map_err(|source| SettingsError::File {
        path: path.to_owned(),
        source,
    })?;
    read(&text, path)
}

/// The settings in the text of a file: the defaults, and over them what the file names.
///
/// # Errors
/// Every setting that there is not, or that cannot have its value, with its line.
pub fn read(text: &str, path: &Path) -> Result<Settings, SettingsError> {
    let line_at = |at: usize| {
        1 + text.as_bytes()[..at.min(text.len())]
            .iter()
            .filter(|&&b| b == b'\n')
            .count()
    };
    let problem = |at: usize, field: &str, what: String| Problem {
        place: Some((path.to_owned(), line_at(at))),
        field: field.to_owned(),
        what,
    };
    let no_toml = |error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        SettingsError::Wrong(vec![problem(
            at,
            "",
            format!("this is not TOML: {}", error.message()),
        )])
    };
    let places = DeTable::parse(text).map_err(no_toml)?;
    let table: toml::Table = toml::from_str(text).map_err(no_toml)?;
    let value =
        serde_json::to_value(table).expect("TOML is JSON but for its dates, which become tables");
    let place = |field: &str| place_of(places.get_ref(), field);

    let mut problems = Vec::new();
    let mut whole = serde_json::to_value(Settings::default()).expect("settings are plain values");
    let mut settings = Settings::default();
    for (field, value) in leaves(&value) {
        match with(&whole, &field, value) {
            Ok(changed) => (whole, settings) = changed,
            Err(what) => problems.push(problem(place(&field), &field, what)),
        }
    }
    for (field, what) in check::problems(&settings) {
        problems.push(problem(place(field), field, what));
    }
    if problems.is_empty() {
        return Ok(settings);
    }
    problems.sort_by_key(|problem| problem.place.as_ref().map(|(_, line)| *line));
    Err(SettingsError::Wrong(problems))
}

/// The settings with one of them changed.
fn with(whole: &Value, field: &str, value: Value) -> Result<(Value, Settings), String> {
    let mut whole = whole.clone();
    let pointer = format!("/{}", field.replace('.', "/"));
    match whole.pointer_mut(&pointer) {
        Some(Value::Object(_)) => {
            return Err(format!(
                "holds settings of its own: write them below [{field}]"
            ));
        }
        Some(place) => *place = value.clone(),
        None => return Err(unknown(field)),
    }
    let settings = serde_json::from_value(whole.clone());
    let settings = settings.map_err(|error| format!("cannot be {value}: {error}"))?;
    Ok((whole, settings))
}

fn unknown(field: &str) -> String {
    let near = near(field, names());
    if near.is_empty() {
        return "there is no such setting; docs/jounce.toml shows them all".to_owned();
    }
    format!("there is no such setting; near it: {}", near.join(", "))
}

/// Every setting by its dotted name, in order.
pub(super) fn names() -> Vec<String> {
    let defaults = serde_json::to_value(Settings::default()).expect("settings are plain values");
    leaves(&defaults)
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

/// Where in the text a setting stands, or the part of it that the file has.
fn place_of(table: &DeTable<'_>, field: &str) -> usize {
    let (mut table, mut at) = (table, 0);
    for part in field.split('.') {
        let Some((key, value)) = table.get_key_value(part) else {
            return at;
        };
        at = key.span().start;
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => return at,
        }
    }
    at
}
