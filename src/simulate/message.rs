//! What a phone would publish of a drive: wire messages of ten seconds.

use ingest::wire::v1;
use trip::{DeviceId, Position, TripId};

use super::gps::RawFix;
use super::phone::Phone;
use super::sensor::Reading;

/// Who speaks, and on which clock.
pub(super) struct Voice<'a> {
    /// The journey.
    pub(super) trip: TripId,
    /// The phone's mailbox.
    pub(super) device: &'a DeviceId,
    /// The phone.
    pub(super) phone: &'a Phone,
    /// Where the plane of the town lies.
    pub(super) origin: Position,
    /// When the recording began, µs since 1970.
    pub(super) begin_us: i64,
}

/// One message covers this long, µs.
const MESSAGE_US: i64 = 10_000_000;

/// No message has more readings than this: far within the limits of the wire.
const MOST_READINGS: usize = 2_500;

impl Voice<'_> {
    /// Every message of a drive, and a `bye`.
    pub(super) fn messages(
        &self,
        readings: &[Reading],
        fixes: &[RawFix],
        duration_s: f64,
    ) -> Vec<v1::Message> {
        let mut messages = Vec::new();
        let (mut readings, mut fixes) = (readings, fixes);
        let end_us = (duration_s * 1e6) as i64;
        let mut from_us = 0;
        while from_us < end_us || !readings.is_empty() {
            let in_time = readings.partition_point(|r| r.t_us < from_us + MESSAGE_US);
            let taken = in_time.min(MOST_READINGS);
            let (now, later) = readings.split_at(taken);
            // Fixes go with the readings of their time.
            let to_us = match later.first() {
                Some(first) if taken < in_time => first.t_us,
                _ => from_us + MESSAGE_US,
            };
            let (now_fixes, later_fixes) =
                fixes.split_at(fixes.partition_point(|fix| us(fix.t_s) < to_us));
            let seq = messages.len() as u32;
            messages
                .push(self.message(seq, v1::Content::Samples(self.samples(seq, now, now_fixes))));
            (readings, fixes, from_us) = (later, later_fixes, to_us);
        }
        let bye = v1::Bye {
            t_us: Some(self.begin_us + end_us),
        };
        messages.push(self.message(messages.len() as u32, v1::Content::Bye(bye)));
        messages
    }

    fn message(&self, seq: u32, content: v1::Content) -> v1::Message {
        v1::Message {
            trip: self.trip.to_string(),
            seq,
            device: Some(self.device.as_str().to_owned()),
            received_us: None,
            content,
        }
    }

    fn samples(&self, seq: u32, readings: &[Reading], fixes: &[RawFix]) -> v1::Samples {
        let model = self.phone.model;
        let accel = self.columns(
            v1::AccelUnit::MetrePerSecondSquared,
            model.step_mps2,
            readings.iter().map(|r| (r.t_us, r.accel_steps)),
        );
        let gyro = model.gyro_step_radps.map(|step_radps| {
            self.columns(
                v1::GyroUnit::RadianPerSecond,
                step_radps,
                readings.iter().map(|r| (r.t_us, r.gyro_steps)),
            )
        });
        v1::Samples {
            header: (seq == 0).then(|| self.header()),
            accel: (!readings.is_empty()).then_some(accel),
            gyro: gyro.filter(|_| !readings.is_empty()),
            fixes: fixes.iter().map(|fix| self.fix(fix)).collect(),
        }
    }

    /// The integers of a sensor as they are, in columns.
    fn columns<U>(
        &self,
        unit: U,
        scale: f64,
        readings: impl Iterator<Item = (i64, [i32; 3])>,
    ) -> v1::Columns<U> {
        let readings = readings.map(|(t_us, steps)| {
            let value = steps.map(|steps| f64::from(steps) * scale);
            (self.begin_us + t_us, value)
        });
        v1::Columns::from_readings(unit, scale, readings)
    }

    fn header(&self) -> v1::Header {
        let Phone { model, seat, .. } = self.phone;
        let text = |text: &str| Some(text.to_owned());
        v1::Header {
            app: text("jounce simulate"),
            app_version: text(env!("CARGO_PKG_VERSION")),
            os: text(model.os),
            phone_class: text(model.class),
            vehicle: text("car"),
            mount: text(seat.mount.name()),
            accel: Some(v1::Sensor {
                unit: Some(v1::AccelUnit::MetrePerSecondSquared),
                gravity: text("with"),
                range: Some(model.range_mps2),
                resolution: Some(model.step_mps2),
                rate_asked_hz: Some(self.phone.rate_hz),
            }),
            gyro: model.gyro_step_radps.map(|step_radps| v1::Sensor {
                unit: Some(v1::GyroUnit::RadianPerSecond),
                resolution: Some(step_radps),
                rate_asked_hz: Some(self.phone.rate_hz),
                ..v1::Sensor::default()
            }),
            ..v1::Header::default()
        }
    }

    fn fix(&self, fix: &RawFix) -> v1::Fix {
        let model = self.phone.model;
        let position = fix.point.on_globe(self.origin);
        v1::Fix {
            t_us: self.begin_us + us(fix.t_s),
            lat: rounded(position.lat_deg(), 7),
            lon: rounded(position.lon_deg(), 7),
            speed_mps: model.knows_speed.then(|| rounded(fix.speed_mps, 2)),
            bearing_deg: (fix.bearing_deg)
                .filter(|_| model.knows_speed)
                .map(|deg| rounded(deg, 1)),
            accuracy_m: Some(rounded(fix.accuracy_m, 1)),
            source: Some(model.source.to_owned()),
            ..v1::Fix::default()
        }
    }
}

/// A time as receivers state it, in whole milliseconds, µs.
fn us(t_s: f64) -> i64 {
    (t_s * 1e3).round() as i64 * 1_000
}

/// A number with so many decimals: what a receiver says, not what the computer knows.
pub(super) fn rounded(value: f64, decimals: i32) -> f64 {
    let factor = 10f64.powi(decimals);
    (value * factor).round() / factor
}
