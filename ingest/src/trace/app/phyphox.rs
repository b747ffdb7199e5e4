//! phyphox's zip: one table per set of the experiment, and `meta/time.csv`.
//!
//! - Names of files and columns are in the app's language; the units in them are not. `(s)` and three
//!   `(m/s^2)` are an accelerometer, `(s)` and three `(rad/s)` a gyroscope, `(s)` and two `(°)` positions.
//! - Cells are separated as the user chose. `NaN` is no value.
//! - The first column is the experiment's time, which stands still while the experiment is paused.
//!   `meta/time.csv` tells when it was started each time; without it the recording has no date.
//! - Whether gravity is in the values is measured, since names are not the same everywhere; of two
//!   accelerometers the one with gravity is read.

use trip::Gravity;

use super::Opened;
use super::clock::Clock;
use super::sheet::{Column, Header};
use super::table::{Axes, Fixes, Layout, Table};
use super::tables::{Tables, filled, folder_of, sheet};
use crate::gravity::gravity_of;
use crate::trace::archive::{Archive, Member};
use crate::trace::refusal::Refusal;
use crate::wire::limits;
use crate::wire::v1::AccelUnit;

/// Whether an archive is one: it has one of the files beside the tables, or a table whose columns
/// are named with their units.
pub(super) fn is_one(archive: &Archive) -> bool {
    let members = archive.members();
    members.iter().any(is_beside) || members.iter().any(|it| is_table(archive, it))
}

/// Whether a member tells of the others.
fn is_beside(member: &Member) -> bool {
    let folder = &member.folder;
    (folder == "meta" || folder.ends_with("/meta"))
        && matches!(&*member.name, "time.csv" | "device.csv")
}

fn is_table(archive: &Archive, member: &Member) -> bool {
    let clock = |time| Clock::Paused(time, vec![]);
    matches!(sheet(archive, member), Ok(Some(sheet)) if layout(&sheet.header, clock).is_some())
}

/// Opens one.
pub(super) fn open(archive: &Archive) -> Result<Opened, Refusal> {
    let members = archive.members().iter();
    let of_app: Vec<&Member> = members.filter(|it| is_table(archive, it)).collect();
    folder_of(of_app.iter().copied())?;
    let mut tables = Tables::new(archive);
    let beside = archive.members().iter();
    let mut beside = beside.filter(|it| is_beside(it) && &*it.name == "time.csv");
    let starts = match beside.next() {
        Some(member) => {
            tables.beside(member.clone());
            starts(archive, member)?
        }
        None => vec![],
    };
    let table = |member: &Member| -> Result<Option<(Table, Layout)>, Refusal> {
        let clock = |time| Clock::Paused(time, starts.clone());
        let sheet = filled(archive, member)?;
        let found = sheet.and_then(|sheet| Some((layout(&sheet.header, clock)?, sheet)));
        Ok(found.map(|(layout, sheet)| (Table::new(sheet, layout.clone()), layout)))
    };
    let mut accel: Option<(&Member, Gravity)> = None;
    let (mut has_gyro, mut has_fixes) = (false, false);
    for member in of_app {
        let Some((found, layout)) = table(member)? else {
            continue;
        };
        if layout.accel.is_some() {
            let gravity = found.median_length().map_or(Gravity::Unknown, gravity_of);
            if accel.is_none() || gravity == Gravity::With {
                accel = accel.filter(|(_, it)| *it == Gravity::With);
                accel.get_or_insert((member, gravity));
            }
        } else if layout.gyro.is_some() && !has_gyro {
            has_gyro = true;
            tables.gyro(member.clone(), found);
        } else if layout.fixes.is_some() && !has_fixes {
            has_fixes = true;
            tables.fixes(member.clone(), found);
        }
    }
    if let Some((member, gravity)) = accel
        && let Some((found, _)) = table(member)?
    {
        tables.accel([member.clone()], found, gravity);
    }
    tables.opened()
}

/// What stands where in a table with that header.
fn layout(header: &Header, clock: impl FnOnce(Column) -> Clock) -> Option<Layout> {
    let units: Vec<&str> = header.names().iter().map(|name| unit(name)).collect();
    if units.first() != Some(&"s") {
        return None;
    }
    let clock = clock(Column::at(Some(0), "time"));
    let places = |wanted: &[&str]| -> Vec<usize> {
        let all = units.iter().enumerate();
        all.filter(|(_, unit)| wanted.contains(unit))
            .map(|(place, _)| place)
            .collect()
    };
    let axes = |places: &[usize]| match *places {
        [x, y, z, ..] => {
            Some([(x, "x"), (y, "y"), (z, "z")].map(|(place, name)| Column::at(Some(place), name)))
        }
        _ => None,
    };
    let angles = places(&["°", "deg", "\u{fffd}"]);
    let metres = places(&["m"]);
    let mut layout = Layout::default();
    if let [lat, lon, ..] = *angles {
        let column = |place: Option<&usize>, name| Column::at(place.copied(), name);
        layout.fixes = Some(Fixes {
            clock,
            lat: column(Some(&lat), "latitude"),
            lon: column(Some(&lon), "longitude"),
            speed: column(places(&["m/s"]).first(), "velocity"),
            // Height comes first.
            accuracy: column(metres.get(1), "horizontal accuracy"),
            bearing: column(angles.get(2), "direction"),
            changes: vec![],
        });
    } else if let Some(axes) = axes(&places(&["m/s^2", "m/s²"])) {
        let unit = AccelUnit::MetrePerSecondSquared;
        layout.accel = Some(Axes::accel(clock, axes, unit));
    } else if let Some(axes) = axes(&places(&["rad/s"])) {
        layout.gyro = Some(Axes::gyro(clock, axes));
    } else {
        return None;
    }
    Some(layout)
}

/// The unit in the name of a column: `Velocity (m/s)` → `m/s`.
fn unit(name: &str) -> &str {
    let inside = name
        .rsplit_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    inside.unwrap_or_default()
}

/// When the experiment was started: from each experiment time on, µs, what is to be added to it to
/// have Unix time, µs.
fn starts(archive: &Archive, member: &Member) -> Result<Vec<(i64, i64)>, Refusal> {
    /// Nobody pauses more often; the rest of such a file is not read.
    const MOST: usize = 10_000;
    let mut starts = vec![];
    let Some(mut sheet) = sheet(archive, member)? else {
        return Ok(starts);
    };
    let [event, experiment, system] =
        ["event", "experiment time", "system time"].map(|name| sheet.header.column(name));
    while let Some(row) = sheet.next() {
        let Some(row) = row? else { continue };
        if row.cell(event).text != b"START" || starts.len() == MOST {
            continue;
        }
        let refused = |cause| Refusal::line(row.line, cause).within(Some(member.name.clone()));
        let at_us = row.cell(experiment).seconds_us().map_err(refused)?;
        let unix_us = row.cell(system).seconds_us().map_err(refused)?;
        starts.push((at_us, (unix_us - at_us).clamp(0, limits::MAX_TIME_US)));
    }
    starts.sort_unstable();
    Ok(starts)
}
