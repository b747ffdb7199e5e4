//! Sensor Logger's live messages, over MQTT or HTTP alike.
//!
//! `{"messageId":0,"sessionId":"…","deviceId":"…","payload":[{"name":"gyroscope","time":…,"values":{…}},…]}`
//!
//! | theirs | ours |
//! | --- | --- |
//! | `messageId` | `seq` |
//! | `sessionId` | `trip`: the 128 bits of a UUID, else of the SHA-256 of device and text |
//! | `deviceId` | left out: the mailbox is who authenticated |
//! | `time`, Unix nanoseconds as a number or text | µs, read exactly |
//! | `totalacceleration` (Android), else `accelerometer` + `gravity`, else `accelerometeruncalibrated`, else `accelerometer` | `accel`, with gravity or, the last, without |
//! | `gyroscope` | `gyro` |
//! | `location`, negative = not known | `fixes` |
//!
//! Readings of several sensors come interleaved and out of order: each sensor is put in order. Signs
//! and axes stay as the platform gives them. Values that are not calibrated are in g on iOS and in
//! m/s² on Android: their length tells. All else (other sensors, pictures, the test button's
//! `test`) is left out.

mod push;

use sha2::{Digest as _, Sha256};
use trip::{DeviceId, TripId};

use crate::gravity::{NEAR_US, REMEMBERED_US, median_length, unit_of};
use crate::wire::v1::{self, AccelUnit, GyroUnit};
use crate::wire::{self, WireError, limits};
use push::{Item, Name, Push};

/// A reading: µs, and a vector in whatever unit.
type Reading = (i64, [f64; 3]);

/// One `samples` message of ours that says the same; `None` for the test button's.
pub(super) fn translated(
    payload: &[u8],
    device: &DeviceId,
) -> Result<Option<v1::Message>, WireError> {
    if payload.len() > super::MAX_BYTES {
        return Err(WireError::InflatedTooLarge);
    }
    let push: Push = wire::read_json(payload)?;
    let is_test = |item: &Item| item.name == Name::Test;
    if !push.payload.is_empty() && push.payload.iter().all(is_test) {
        return Ok(None);
    }
    let seq = seq(push.message_id)?;
    let trip = trip(push.session_id.as_deref(), device)?;
    let (accel, gravity) = accel(&push)?;
    let gyro = readings(&push, Name::Gyroscope)?;
    let begin_us = accel.as_ref().map(|it| it.t0_us);
    let begin_us = begin_us.or_else(|| gyro.first().map(|it| it.0));
    let samples = v1::Samples {
        header: (seq == 0).then(|| v1::Header {
            app: Some("sensor-logger".to_owned()),
            accel: gravity.map(|gravity| v1::Sensor {
                gravity: Some(gravity.to_owned()),
                ..v1::Sensor::default()
            }),
            ..v1::Header::default()
        }),
        accel,
        gyro: columns(GyroUnit::RadianPerSecond, GYRO_STEP_RADPS, gyro),
        fixes: fixes(&push, begin_us)?,
    };
    Ok(Some(v1::Message {
        trip: trip.to_string(),
        seq,
        device: None,
        received_us: None,
        content: v1::Content::Samples(samples),
    }))
}

/// Which message a payload is that was refused, as far as it tells.
pub(super) fn name_of(payload: &[u8], device: &DeviceId) -> Option<(TripId, u32)> {
    let named: push::Named = wire::read_json(payload).ok()?;
    let trip = trip(named.session_id.as_deref(), device).ok()?;
    Some((trip, seq(named.message_id).ok()?))
}

/// Finer than any phone's sensor (16 bits over ±4 g: 1.2 mm/s²), m/s².
const ACCEL_STEP_MPS2: f64 = 1e-3;
/// The same in g.
const ACCEL_STEP_G: f64 = 1e-4;
/// Finer than any phone's sensor (16 bits over ±2000 °/s: 1.07 mrad/s), rad/s.
const GYRO_STEP_RADPS: f64 = 1e-4;

fn seq(message_id: Option<i64>) -> Result<u32, WireError> {
    let field = || "messageId".to_owned();
    let id = message_id.ok_or_else(|| WireError::Missing { field: field() })?;
    let seq = u32::try_from(id).ok().filter(|&seq| seq <= limits::MAX_SEQ);
    seq.ok_or_else(|| WireError::Range {
        field: field(),
        expected: format!("a whole number from 0 to {}", limits::MAX_SEQ),
    })
}

fn trip(session_id: Option<&str>, device: &DeviceId) -> Result<TripId, WireError> {
    let text = session_id.unwrap_or_default();
    if text.is_empty() {
        let field = "sessionId".to_owned();
        return Err(WireError::Missing { field });
    }
    let uuid = text.replace('-', "").to_ascii_lowercase().parse();
    Ok(uuid.unwrap_or_else(|_| {
        let mut hash = Sha256::new();
        hash.update(device.as_str());
        hash.update([0]);
        hash.update(text);
        let digest: [u8; 32] = hash.finalize().into();
        let (first_half, _) = digest.split_at(16);
        TripId::from_bytes(first_half.try_into().expect("16 bytes were split off"))
    }))
}

/// The accelerometer, and whether gravity is in it, in the word of our header.
fn accel(push: &Push) -> Result<(Option<v1::Columns<AccelUnit>>, Option<&'static str>), WireError> {
    let si = AccelUnit::MetrePerSecondSquared;
    let total = readings(push, Name::TotalAcceleration)?;
    let linear = readings(push, Name::Accelerometer)?;
    let summed = sum(&linear, &readings(push, Name::Gravity)?);
    let uncalibrated = readings(push, Name::AccelerometerUncalibrated)?;
    let (unit, step, readings, gravity) = if !total.is_empty() {
        (si, ACCEL_STEP_MPS2, total, "with")
    } else if !summed.is_empty() {
        (si, ACCEL_STEP_MPS2, summed, "with")
    } else if !uncalibrated.is_empty() {
        let vectors = uncalibrated.iter().map(|it| it.1.map(|axis| axis as f32));
        let unit = median_length(vectors).map_or(si, unit_of);
        let step = match unit {
            AccelUnit::StandardGravity => ACCEL_STEP_G,
            AccelUnit::MetrePerSecondSquared => ACCEL_STEP_MPS2,
        };
        (unit, step, uncalibrated, "with")
    } else {
        (si, ACCEL_STEP_MPS2, linear, "without")
    };
    let columns = columns(unit, step, readings);
    let gravity = columns.is_some().then_some(gravity);
    Ok((columns, gravity))
}

fn columns<U>(unit: U, step: f64, readings: Vec<Reading>) -> Option<v1::Columns<U>> {
    let some = !readings.is_empty();
    some.then(|| v1::Columns::from_readings(unit, step, readings))
}

/// What one sensor says, in order of time.
fn readings(push: &Push, name: Name) -> Result<Vec<Reading>, WireError> {
    let mut readings = vec![];
    for (i, item) in push.of(name) {
        let axis = |axis: &str, value: push::Number| {
            let value = value.required(format_args!("payload[{i}].values.{axis}"))?;
            Ok::<f64, WireError>(value)
        };
        let values = &item.values;
        let vector = [
            axis("x", values.x)?,
            axis("y", values.y)?,
            axis("z", values.z)?,
        ];
        readings.push((item.t_us(i)?, vector));
    }
    readings.sort_by_key(|it| it.0);
    Ok(readings)
}

/// Acceleration without gravity and the gravity nearest to it; without gravity near, none.
fn sum(linear: &[Reading], gravity: &[Reading]) -> Vec<Reading> {
    let nearest = |t_us: i64| {
        let at = gravity.partition_point(|it| it.0 <= t_us);
        let around = gravity.get(at.saturating_sub(1)..gravity.len().min(at + 1))?;
        let near = around.iter().min_by_key(|it| it.0.abs_diff(t_us))?;
        (near.0.abs_diff(t_us) <= NEAR_US.unsigned_abs()).then_some(near.1)
    };
    let sum = |&(t_us, a): &Reading| {
        let b = nearest(t_us)?;
        Some((t_us, [a[0] + b[0], a[1] + b[1], a[2] + b[2]]))
    };
    linear.iter().filter_map(sum).collect()
}

/// The positions, in order of time, but for those from long before the first other reading.
fn fixes(push: &Push, begin_us: Option<i64>) -> Result<Vec<v1::Fix>, WireError> {
    let mut fixes = vec![];
    for (i, item) in push.of(Name::Location) {
        let values = &item.values;
        let known = |value: push::Number, name: &str| {
            let value = value.optional(format_args!("payload[{i}].values.{name}"))?;
            Ok::<_, WireError>(value.filter(|value| *value >= 0.0))
        };
        let fix = v1::Fix {
            t_us: item.t_us(i)?,
            lat: values
                .latitude
                .required(format_args!("payload[{i}].values.latitude"))?,
            lon: values
                .longitude
                .required(format_args!("payload[{i}].values.longitude"))?,
            speed_mps: known(values.speed, "speed")?,
            bearing_deg: known(values.bearing, "bearing")?,
            accuracy_m: known(values.horizontal_accuracy, "horizontalAccuracy")?,
            ..v1::Fix::default()
        };
        if begin_us.is_none_or(|begin_us| begin_us.saturating_sub(fix.t_us) <= REMEMBERED_US) {
            fixes.push(fix);
        }
    }
    fixes.sort_by_key(|it| it.t_us);
    Ok(fixes)
}
