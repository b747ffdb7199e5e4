//! Physics Toolbox's wide CSV: `time;ax;ay;az;wx;wy;wz;Latitude;Longitude;Speed (m/s);…`.
//!
//! - Time is in seconds from the start: such a recording has no date.
//! - Acceleration is in m/s², gyroscope in rad/s. Whether gravity is in the values is measured: the
//!   app takes it out of these columns.
//! - The last position is repeated on every row: a new one differs in a cell. Before the first
//!   it is 0, 0.

use trip::Gravity;

use super::clock::Clock;
use super::not_one;
use super::sheet::{Column, Header, Sheet};
use super::table::{Axes, Fixes, Layout, Table};
use crate::gravity::gravity_of;
use crate::trace::refusal::Refusal;
use crate::trace::source::Source;
use crate::wire::v1::AccelUnit;

/// Whether a table is one.
pub(super) fn is_one(header: &Header) -> bool {
    layout(header).is_some()
}

/// Opens one.
pub(super) fn open(file: &Source) -> Result<(Table, Gravity), Refusal> {
    let table = || {
        let sheet = Sheet::open(file.inflated()?, None)?.ok_or_else(not_one)?;
        let layout = layout(&sheet.header).ok_or_else(not_one)?;
        Ok(Table::new(sheet, layout))
    };
    let gravity = table()?
        .median_length()
        .map_or(Gravity::Unknown, gravity_of);
    Ok((table()?, gravity))
}

fn layout(header: &Header) -> Option<Layout> {
    let [time] = header.all(["time"])?;
    let clock = Clock::Seconds(time);
    let accel = header.all(["ax", "ay", "az"])?;
    let gyro = header.all(["wx", "wy", "wz"]);
    let place = header.all(["Latitude", "Longitude"]);
    let speed = header.column("Speed (m/s)");
    let accel = Axes::accel(clock.clone(), accel, AccelUnit::MetrePerSecondSquared);
    Some(Layout {
        accel: Some(accel),
        gyro: gyro.map(|axes| Axes::gyro(clock.clone(), axes)),
        fixes: place.map(|[lat, lon]| Fixes {
            clock,
            lat,
            lon,
            speed,
            accuracy: Column::ABSENT,
            bearing: Column::ABSENT,
            changes: vec![lat, lon, speed, header.column("Altitude (m)")],
        }),
    })
}
