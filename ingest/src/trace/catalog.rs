//! `catalog.csv`: which device recorded the traces that lie beside it.
//!
//! Columns `name` (of a trace, with or without what tells format and compression) and `device`;
//! others are ignored. A catalogue without a `device` column, or without a row for a trace, says
//! nothing of it.

use std::fs::File;
use std::path::Path;

use trip::DeviceId;

use super::refusal::{Cause, Refusal};
use crate::name;

/// The device that the catalogue beside a trace names for it.
///
/// # Errors
/// When the row names something that cannot be a device.
pub(super) fn device_of(trace: &Path) -> Result<Option<DeviceId>, Refusal> {
    let beside = trace.with_file_name("catalog.csv");
    let Ok(file) = File::open(beside) else {
        return Ok(None);
    };
    let wanted = name::stem(trace);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(file);
    let Ok(header) = reader.headers().cloned() else {
        return Ok(None);
    };
    let place = |column: &str| header.iter().position(|name| name == column);
    let (Some(name), Some(device)) = (place("name"), place("device")) else {
        return Ok(None);
    };
    for row in reader.records().map_while(Result::ok) {
        let names_it = |row: &csv::StringRecord| {
            row.get(name)
                .is_some_and(|name| name::stem(Path::new(name)) == wanted)
        };
        let Some(device) = row.get(device).filter(|device| !device.is_empty()) else {
            continue;
        };
        if names_it(&row) {
            let line = row.position().map_or(0, csv::Position::line);
            let bad = |_| Refusal::file(Cause::Catalog { line });
            return device.parse().map(Some).map_err(bad);
        }
    }
    Ok(None)
}
