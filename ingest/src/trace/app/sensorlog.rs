//! SensorLog's wide CSV (iOS): units in the names of the columns.
//!
//! - Acceleration is in g with gravity, and with the sign of iOS.
//! - Accelerometer and gyroscope have a clock that counts from boot; the rows have the date of the
//!   phone's place, without a zone; positions have Unix time. The zone is what brings the first two
//!   of these together with the third, in quarters of an hour; the boot is when the least delay
//!   between a reading and its row makes it. Without a position there is no date.
//! - The last position is repeated on every row: a new one has a new time.
//! - `-9999` and `-1` are no value.

use trip::Gravity;

use super::clock::{Clock, written_us};
use super::not_one;
use super::sheet::{Header, Sheet};
use super::table::{Axes, Fixes, Layout, Table};
use crate::trace::refusal::Refusal;
use crate::trace::source::Source;
use crate::wire::v1::AccelUnit;

const LOGGED: &str = "loggingTime(txt)";
const FIXED: &str = "locationTimestamp_since1970(s)";
const ACCEL_TIME: &str = "accelerometerTimestamp_sinceReboot(s)";

/// Whether a table is one.
pub(super) fn is_one(header: &Header) -> bool {
    let something = |layout: Layout| layout.accel.is_some() || layout.fixes.is_some();
    header.all([LOGGED]).is_some() && something(layout(header, 0))
}

/// Opens one.
pub(super) fn open(file: &Source) -> Result<(Table, Gravity), Refusal> {
    let sheet = || Sheet::open(file.inflated()?, None)?.ok_or_else(not_one);
    let boot_us = boot_us(sheet()?).unwrap_or(0);
    let sheet = sheet()?;
    let layout = layout(&sheet.header, boot_us);
    Ok((Table::new(sheet, layout), Gravity::With))
}

fn layout(header: &Header, boot_us: i64) -> Layout {
    let since_boot = |name| Clock::Behind(header.column(name), boot_us);
    let accel = header.all([
        "accelerometerAccelerationX(G)",
        "accelerometerAccelerationY(G)",
        "accelerometerAccelerationZ(G)",
    ]);
    let gyro = header.all([
        "gyroRotationX(rad/s)",
        "gyroRotationY(rad/s)",
        "gyroRotationZ(rad/s)",
    ]);
    let place = header.all(["locationLatitude(WGS84)", "locationLongitude(WGS84)"]);
    Layout {
        accel: accel
            .map(|axes| Axes::accel(since_boot(ACCEL_TIME), axes, AccelUnit::StandardGravity)),
        gyro: gyro.map(|axes| Axes::gyro(since_boot("gyroTimestamp_sinceReboot(s)"), axes)),
        fixes: place.map(|[lat, lon]| Fixes {
            clock: Clock::Seconds(header.column(FIXED)),
            lat,
            lon,
            speed: header.column("locationSpeed(m/s)"),
            accuracy: header.column("locationHorizontalAccuracy(m)"),
            bearing: header.column("locationCourse(°)"),
            changes: vec![],
        }),
    }
}

/// When the phone was started, Unix µs, as far as the first rows tell.
fn boot_us(mut sheet: Sheet) -> Option<i64> {
    /// So many rows are looked at: the least delay of a hundred seconds at 10 Hz is 3 ms from that
    /// of a whole drive.
    const ROWS: usize = 1_000;
    const QUARTER_US: i64 = 900_000_000;
    let [logged, read, fixed] = [LOGGED, ACCEL_TIME, FIXED].map(|name| sheet.header.column(name));
    let (mut zone_us, mut local_boot_us) = (None, None);
    for _ in 0..ROWS {
        let Some(row) = sheet.next() else { break };
        let Ok(Some(row)) = row else { continue };
        let written = row.cell(logged).text().and_then(written_us);
        let Some((local_us, zone)) = written else {
            continue;
        };
        if let Ok(read_us) = row.cell(read).seconds_us() {
            let boot_us = local_us - read_us;
            local_boot_us = Some(local_boot_us.map_or(boot_us, |least: i64| least.min(boot_us)));
        }
        if zone_us.is_none()
            && let Ok(fixed_us) = row.cell(fixed).seconds_us()
            && trip::is_dated(fixed_us)
        {
            let ahead_us = local_us - fixed_us;
            let quarters = (ahead_us + QUARTER_US / 2).div_euclid(QUARTER_US);
            zone_us = zone.or(Some(quarters * QUARTER_US));
        }
    }
    Some(local_boot_us? - zone_us?)
}
