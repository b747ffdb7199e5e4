//! Sensor Logger's zip: one table per sensor, `time,seconds_elapsed,…`.
//!
//! - `time` is Unix time in whole nanoseconds.
//! - Vectors stand in the order z, y, x: columns are found by name.
//! - `TotalAcceleration` (Android) has gravity. Without it, `Accelerometer` (linear) and `Gravity` are
//!   added; without that, `AccelerometerUncalibrated` has gravity, in g or m/s² as the platform
//!   speaks it; else `Accelerometer` is read without gravity.
//! - A negative speed, bearing or accuracy is not known.
//! - Tables that are empty are as good as absent; other sensors are not read.

use trip::Gravity;

use super::Opened;
use super::clock::Clock;
use super::sheet::Header;
use super::sum::Summed;
use super::table::{Axes, Fixes, Layout, Table};
use super::tables::{Tables, filled, folder_of, sheet};
use crate::gravity::unit_of;
use crate::trace::archive::{Archive, Member};
use crate::trace::refusal::Refusal;
use crate::wire::v1::AccelUnit;

const TOTAL: &str = "TotalAcceleration.csv";
const LINEAR: &str = "Accelerometer.csv";
const GRAVITY: &str = "Gravity.csv";
const UNCALIBRATED: &str = "AccelerometerUncalibrated.csv";
const GYROSCOPE: &str = "Gyroscope.csv";
const LOCATION: &str = "Location.csv";

/// Whether an archive is one: a table of it has that name and that header.
pub(super) fn is_one(archive: &Archive) -> bool {
    archive.members().iter().any(|it| is_table(archive, it))
}

fn is_table(archive: &Archive, member: &Member) -> bool {
    let names = [TOTAL, LINEAR, GRAVITY, UNCALIBRATED, GYROSCOPE, LOCATION];
    names.contains(&&*member.name)
        && match sheet(archive, member) {
            Ok(Some(sheet)) => sheet.header.all(["time", "seconds_elapsed"]).is_some(),
            Ok(None) => false,
            // Reading it will say what is wrong.
            Err(_) => true,
        }
}

/// Opens one.
pub(super) fn open(archive: &Archive) -> Result<Opened, Refusal> {
    let of_app = archive.members().iter().filter(|it| is_table(archive, it));
    let folder = folder_of(of_app)?;
    let member = |name: &str| {
        let mut members = archive.members().iter();
        members.find(|it| *it.name == *name && it.folder == folder)
    };
    let table = |name: &str, unit: AccelUnit| -> Result<Option<(Member, Table)>, Refusal> {
        let Some(member) = member(name) else {
            return Ok(None);
        };
        let Some(sheet) = filled(archive, member)? else {
            return Ok(None);
        };
        let Some(layout) = layout(name, &sheet.header, unit) else {
            return Ok(None);
        };
        Ok(Some((member.clone(), Table::new(sheet, layout))))
    };
    let si = AccelUnit::MetrePerSecondSquared;
    let mut tables = Tables::new(archive);
    if let Some((total, table)) = table(TOTAL, si)? {
        tables.accel([total], table, Gravity::With);
    } else {
        match (
            table(LINEAR, si)?,
            table(GRAVITY, si)?,
            table(UNCALIBRATED, si)?,
        ) {
            (Some((linear, a)), Some((gravity, b)), _) => {
                let sum = Summed::new(a, b);
                tables.accel([linear, gravity], sum, Gravity::With);
            }
            (_, _, Some((uncalibrated, in_either_unit))) => {
                let unit = in_either_unit.median_length().map_or(si, unit_of);
                if let Some((_, table)) = table(UNCALIBRATED, unit)? {
                    tables.accel([uncalibrated], table, Gravity::With);
                }
            }
            (Some((linear, table)), None, None) => {
                tables.accel([linear], table, Gravity::Without);
            }
            (None, _, None) => {}
        }
    }
    if let Some((gyroscope, table)) = table(GYROSCOPE, si)? {
        tables.gyro(gyroscope, table);
    }
    if let Some((location, table)) = table(LOCATION, si)? {
        tables.fixes(location, table);
    }
    tables.opened()
}

/// What stands where in a table of that name.
fn layout(name: &str, header: &Header, unit: AccelUnit) -> Option<Layout> {
    let [time] = header.all(["time"])?;
    let clock = Clock::Nanoseconds(time);
    let mut layout = Layout::default();
    match name {
        LOCATION => {
            let [lat, lon] = header.all(["latitude", "longitude"])?;
            layout.fixes = Some(Fixes {
                clock,
                lat,
                lon,
                speed: header.column("speed"),
                accuracy: header.column("horizontalAccuracy"),
                bearing: header.column("bearing"),
                changes: vec![],
            });
        }
        GYROSCOPE => layout.gyro = Some(Axes::gyro(clock, header.all(["x", "y", "z"])?)),
        _ => layout.accel = Some(Axes::accel(clock, header.all(["x", "y", "z"])?, unit)),
    }
    Some(layout)
}
