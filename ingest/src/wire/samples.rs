//! `samples`, checked: columns and fixes to a [`Batch`] in SI units.

use trip::{Batch, Fix, FixSource, Rotation, Sample};

use super::header::header;
use super::{WireError, check, limits, v1};
use crate::unit::{GivenSpeed, Unit};

/// The batch that a `samples` message carries.
pub(super) fn batch(seq: u32, samples: &v1::Samples) -> Result<Batch, WireError> {
    let header = samples.header.as_ref().map(header).transpose()?;
    let mut batch = Batch {
        seq,
        header: header.filter(|_| seq == 0),
        ..Batch::default()
    };
    if let Some(accel) = &samples.accel {
        batch.samples = readings(
            accel,
            limits::MAX_ACCEL_MPS2,
            "accel",
            |t_us, accel_mps2| Sample { t_us, accel_mps2 },
        )?;
    }
    if let Some(gyro) = &samples.gyro {
        batch.rotations = readings(gyro, limits::MAX_GYRO_RADPS, "gyro", |t_us, gyro_radps| {
            Rotation { t_us, gyro_radps }
        })?;
    }
    batch.fixes = fixes(&samples.fixes)?;
    match batch.span_us() {
        Some((first, last)) if last - first > limits::MAX_SPAN_US => Err(WireError::Span),
        _ => Ok(batch),
    }
}

/// The readings of one sensor: integers × scale × unit, each at the sum of the differences so far.
fn readings<U: Unit, T>(
    columns: &v1::Columns<U>,
    max_si: f64,
    sensor: &str,
    reading: impl Fn(i64, [f32; 3]) -> T,
) -> Result<Vec<T>, WireError> {
    let v1::Columns { dt_us, x, y, z, .. } = columns;
    let length = dt_us.len();
    check::length(length, limits::MAX_READINGS, format_args!("{sensor}.dt_us"))?;
    if [x, y, z].iter().any(|column| column.len() != length) {
        return Err(WireError::Columns {
            field: sensor.to_owned(),
        });
    }
    check::time(columns.t0_us, format_args!("{sensor}.t0_us"))?;
    let scale = check::positive(
        columns.scale,
        limits::MAX_NUMBER,
        format_args!("{sensor}.scale"),
    )?;
    let si_per_step = scale * columns.unit.in_si();
    let largest = [x, y, z].into_iter().flatten().map(|it| it.unsigned_abs());
    let largest = f64::from(largest.max().unwrap_or(0)) * si_per_step;
    let mut t_us = columns.t0_us;
    let mut readings = Vec::with_capacity(length);
    for i in 0..length {
        t_us += difference(dt_us[i], i, sensor)?;
        let mut si = [0.0; 3];
        for (si, (steps, axis)) in si.iter_mut().zip([(x[i], 'x'), (y[i], 'y'), (z[i], 'z')]) {
            let value = f64::from(steps) * si_per_step;
            if largest > max_si {
                // One of them is; which, is told.
                let field = format_args!("{sensor}.{axis}[{i}] (in SI units)");
                check::number(value, -max_si, max_si, field)?;
            }
            *si = value as f32;
        }
        readings.push(reading(t_us, si));
    }
    Ok(readings)
}

/// Entry `i` of a column of time differences.
fn difference(dt_us: i64, i: usize, sensor: &str) -> Result<i64, WireError> {
    let field = || format!("{sensor}.dt_us[{i}]");
    if i == 0 && dt_us != 0 {
        return Err(WireError::Range {
            field: field(),
            expected: "0".to_owned(),
        });
    }
    if dt_us < 0 {
        return Err(WireError::Backwards { field: field() });
    }
    if dt_us > limits::MAX_SPAN_US {
        return Err(WireError::Span);
    }
    Ok(dt_us)
}

fn fixes(list: &[v1::Fix]) -> Result<Vec<Fix>, WireError> {
    check::length(list.len(), limits::MAX_FIXES, "fixes")?;
    let mut before_us = i64::MIN;
    let mut fixes = Vec::with_capacity(list.len());
    for (i, fix) in list.iter().enumerate() {
        fixes.push(checked_fix(fix, before_us, i)?);
        before_us = fix.t_us;
    }
    Ok(fixes)
}

/// One fix, not before another time; `i` is its place in the list.
pub(super) fn checked_fix(fix: &v1::Fix, before_us: i64, i: usize) -> Result<Fix, WireError> {
    check::text(fix.source.as_ref(), format_args!("fixes[{i}].source"))?;
    let speed = match (fix.speed_mps, fix.speed_kmh) {
        (Some(_), Some(_)) => {
            return Err(WireError::Twice {
                field: format!("fixes[{i}] speed"),
            });
        }
        (Some(mps), None) => Some((GivenSpeed::Mps(mps), "speed_mps")),
        (None, Some(kmh)) => Some((GivenSpeed::Kmh(kmh), "speed_kmh")),
        (None, None) => None,
    };
    let speed = speed
        .map(|(speed, name)| check::speed(speed, format_args!("fixes[{i}].{name}")))
        .transpose()?;
    let heading = fix
        .bearing_deg
        .map(|deg| check::heading(deg, format_args!("fixes[{i}].bearing_deg")))
        .transpose()?;
    let accuracy_m = fix
        .accuracy_m
        .map(|metres| check::accuracy(metres, format_args!("fixes[{i}].accuracy_m")))
        .transpose()?
        .flatten();
    Ok(Fix {
        t_us: check::later(fix.t_us, before_us, format_args!("fixes[{i}].t_us"))?,
        position: check::position(fix.lat, fix.lon, format_args!("fixes[{i}]."))?,
        speed,
        heading,
        accuracy_m,
        source: fix.source.as_deref().map_or(FixSource::Unknown, source),
    })
}

fn source(word: &str) -> FixSource {
    match word {
        "gnss" => FixSource::Gnss,
        "fused" => FixSource::Fused,
        "network" => FixSource::Network,
        _ => FixSource::Unknown,
    }
}
