//! Sensor Logger's combined CSV: all sensors on one row, resampled by the app.
//!
//! `seconds_elapsed`, then `<sensor>_<value>` and `<sensor>_local_time` of each. The local times have
//! their zone and are what the sensor said; without them time counts from the start. Which
//! acceleration is read is decided as in the zip ([`sensor_logger`](super::sensor_logger)).

use trip::Gravity;

use super::clock::Clock;
use super::not_one;
use super::sheet::{Column, Header, Sheet};
use super::table::{Axes, Fixes, Layout, Table};
use crate::gravity::unit_of;
use crate::trace::refusal::Refusal;
use crate::trace::source::Source;
use crate::wire::v1::AccelUnit;

const TOTAL: [&str; 3] = [
    "totalAcceleration_x",
    "totalAcceleration_y",
    "totalAcceleration_z",
];
const LINEAR: [&str; 3] = ["accelerometer_x", "accelerometer_y", "accelerometer_z"];
const GRAVITY: [&str; 3] = ["gravity_x", "gravity_y", "gravity_z"];
const UNCALIBRATED: [&str; 3] = [
    "accelerometerUncalibrated_x",
    "accelerometerUncalibrated_y",
    "accelerometerUncalibrated_z",
];
const GYROSCOPE: [&str; 3] = ["gyroscope_x", "gyroscope_y", "gyroscope_z"];

/// Whether a table is one.
pub(super) fn is_one(header: &Header) -> bool {
    layout(header).is_some()
}

/// Opens one.
pub(super) fn open(file: &Source) -> Result<(Table, Gravity), Refusal> {
    let sheet = || Sheet::open(file.inflated()?, None)?.ok_or_else(not_one);
    let first = sheet()?;
    let Layouts {
        mut layout,
        gravity,
        in_either_unit,
    } = layout(&first.header).ok_or_else(not_one)?;
    if in_either_unit {
        let median = Table::new(first, layout.clone()).median_length();
        let unit = median.map_or(AccelUnit::MetrePerSecondSquared, unit_of);
        layout.accel = layout.accel.map(|accel| accel.in_unit(unit));
    }
    Ok((Table::new(sheet()?, layout), gravity))
}

struct Layouts {
    layout: Layout,
    gravity: Gravity,
    in_either_unit: bool,
}

fn layout(header: &Header) -> Option<Layouts> {
    let [elapsed] = header.all(["seconds_elapsed"])?;
    let clock = |local_time: &'static str| match header.all([local_time]) {
        Some([column]) => Clock::Text(column),
        None => Clock::Seconds(elapsed),
    };
    let accel = |axes: [Column; 3], local_time| {
        let unit = AccelUnit::MetrePerSecondSquared;
        Axes::accel(clock(local_time), axes, unit)
    };
    let (mut gravity, mut in_either_unit) = (Gravity::With, false);
    let sum = header.all(LINEAR).zip(header.all(GRAVITY));
    let accel = if let Some(axes) = header.all(TOTAL) {
        Some(accel(axes, "totalAcceleration_local_time"))
    } else if let Some((linear, beside)) = sum {
        Some(accel(linear, "accelerometer_local_time").plus(beside))
    } else if let Some(axes) = header.all(UNCALIBRATED) {
        in_either_unit = true;
        Some(accel(axes, "accelerometerUncalibrated_local_time"))
    } else {
        gravity = Gravity::Without;
        let axes = header.all(LINEAR);
        axes.map(|axes| accel(axes, "accelerometer_local_time"))
    };
    let gyro = header.all(GYROSCOPE);
    let place = header.all(["location_latitude", "location_longitude"]);
    let layout = Layout {
        accel,
        gyro: gyro.map(|axes| Axes::gyro(clock("gyroscope_local_time"), axes)),
        fixes: place.map(|[lat, lon]| Fixes {
            clock: clock("location_local_time"),
            lat,
            lon,
            speed: header.column("location_speed"),
            accuracy: header.column("location_horizontalAccuracy"),
            bearing: header.column("location_bearing"),
            changes: match header.all(["location_local_time"]) {
                Some(_) => vec![],
                None => vec![lat, lon, header.column("location_speed")],
            },
        }),
    };
    let something = layout.accel.is_some() || layout.fixes.is_some();
    something.then_some(Layouts {
        layout,
        gravity,
        in_either_unit,
    })
}
