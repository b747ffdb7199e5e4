//! The header of a trip, checked: what a phone says of itself, and of its sensors in SI units.

use trip::{Gravity, Header, Mount, Vehicle};

use super::{WireError, check, limits, v1};
use crate::unit::Unit;

/// What the stages need of the header. The rest is checked, and kept in the message's own bytes.
pub(super) fn header(header: &v1::Header) -> Result<Header, WireError> {
    check::text(header.app.as_ref(), "header.app")?;
    check::text(header.app_version.as_ref(), "header.app_version")?;
    check::text(header.os.as_ref(), "header.os")?;
    check::text(header.phone_class.as_ref(), "header.phone_class")?;
    check::text(header.vehicle.as_ref(), "header.vehicle")?;
    check::text(header.mount.as_ref(), "header.mount")?;
    if let Some(consent) = &header.consent {
        checked_consent(consent)?;
    }
    if let Some(claim) = &header.claim {
        check::hex(claim, 64, "header.claim")?;
    }
    if let Some(v1::Trim { ends_s, ends_m }) = &header.trim {
        for (value, name) in [(ends_s, "ends_s"), (ends_m, "ends_m")] {
            let field = format_args!("header.trim.{name}");
            check::number(value.unwrap_or(0.0), 0.0, limits::MAX_NUMBER, field)?;
        }
    }
    if let Some(gyro) = &header.gyro {
        sensor(gyro, "header.gyro")?;
    }
    let accel = header
        .accel
        .as_ref()
        .map(|accel| sensor(accel, "header.accel"))
        .transpose()?;
    let accel = accel.unwrap_or_default();
    let word = |word: &Option<String>| word.clone().unwrap_or_default();
    Ok(Header {
        vehicle: Vehicle::from_name(&word(&header.vehicle)).unwrap_or_default(),
        mount: Mount::from_name(&word(&header.mount)).unwrap_or_default(),
        gravity: accel.gravity,
        range_mps2: accel.range,
        resolution_mps2: accel.resolution,
    })
}

fn checked_consent(consent: &v1::Consent) -> Result<(), WireError> {
    check::text(Some(&consent.version), "header.consent.version")?;
    let purposes = &consent.purposes;
    check::length(
        purposes.len(),
        limits::MAX_PURPOSES,
        "header.consent.purposes",
    )?;
    for (i, purpose) in purposes.iter().enumerate() {
        check::text(Some(purpose), format_args!("header.consent.purposes[{i}]"))?;
    }
    Ok(())
}

/// What is known of a sensor, in SI units.
#[derive(Default)]
struct Known {
    gravity: Gravity,
    range: Option<f32>,
    resolution: Option<f32>,
}

fn sensor<U: Unit>(sensor: &v1::Sensor<U>, field: &str) -> Result<Known, WireError> {
    check::text(sensor.gravity.as_ref(), format_args!("{field}.gravity"))?;
    let positive = |value: Option<f64>, name: &str| {
        let field = format_args!("{field}.{name}");
        value
            .map(|value| check::positive(value, limits::MAX_NUMBER, field))
            .transpose()
    };
    positive(sensor.rate_asked_hz, "rate_asked_hz")?;
    let range = positive(sensor.range, "range")?;
    let resolution = positive(sensor.resolution, "resolution")?;
    let si = |value: Option<f64>| Some((value? * sensor.unit?.in_si()) as f32);
    let gravity = sensor.gravity.as_deref().and_then(Gravity::from_name);
    Ok(Known {
        gravity: gravity.unwrap_or_default(),
        range: si(range),
        resolution: si(resolution),
    })
}
