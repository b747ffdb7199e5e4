//! Plain CBOR, read quickly.
//!
//! Nearly every message is a `samples` map whose columns are lists of integers, and the door reads each
//! before it is acknowledged. These readers take that form and nothing else: they give
//! `None` for whatever is odd, wrong or new, and the careful reader judges it. What they take they read
//! as the careful one does (a test and the fuzzer hold the two together).

use cbor4ii::core::dec::{Read as _, Reference};
use cbor4ii::core::utils::SliceReader;
use serde::Deserialize as _;
use serde::de::DeserializeOwned;

use super::limits;
use super::strict::Strictly;
use super::v1::{Columns, Envelope, Fix, Samples};

/// The value that sound CBOR holds, and nothing else.
pub(super) fn sound<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut reader = cbor4ii::serde::Deserializer::new(SliceReader::new(bytes));
    let Strictly(value) = Strictly::deserialize(&mut reader).ok()?;
    let mut rest = reader.into_inner();
    let is_all = matches!(rest.fill(1), Ok(Reference::Long([])));
    is_all.then_some(value)
}

/// What a message begins with; its readings are stepped over.
pub(super) fn envelope(bytes: &[u8]) -> Option<Envelope> {
    let mut envelope = Envelope::default();
    let rest = Steps(bytes).map(|key, steps| match envelope.take(key, steps)? {
        true => Some(()),
        false => steps.over().map(drop),
    })?;
    rest.is_empty().then_some(envelope)
}

/// What a message begins with, and its readings: all of a `samples` message that holds nothing else.
pub(super) fn samples(bytes: &[u8]) -> Option<(Envelope, Samples)> {
    let mut envelope = Envelope::default();
    let (mut header, mut accel, mut gyro, mut fixes) = (None, None, None, None);
    let rest = Steps(bytes).map(|key, steps| match key {
        "header" => once(&mut header, sound(steps.over()?)?),
        "accel" => once(&mut accel, steps.columns()?),
        "gyro" => once(&mut gyro, steps.columns()?),
        "fixes" => once(&mut fixes, steps.fixes()?),
        key => envelope.take(key, steps)?.then_some(()),
    })?;
    let is_samples = rest.is_empty() && envelope.r#type.as_deref() == Some("samples");
    is_samples.then(|| {
        let samples = Samples {
            header,
            accel,
            gyro,
            fixes: fixes.unwrap_or_default(),
        };
        (envelope, samples)
    })
}

impl Envelope {
    /// Takes the value of a field that is its own; `false` of any other field.
    fn take(&mut self, key: &str, steps: &mut Steps<'_>) -> Option<bool> {
        match key {
            "v" => once(&mut self.v, steps.integer()?)?,
            "type" => once(&mut self.r#type, steps.text()?.to_owned())?,
            "trip" => once(&mut self.trip, steps.text()?.to_owned())?,
            "seq" => once(&mut self.seq, steps.integer()?)?,
            "device" => once(&mut self.device, steps.text()?.to_owned())?,
            "received_us" => once(&mut self.received_us, steps.integer()?)?,
            _ => return Some(false),
        }
        Some(true)
    }
}

/// Sets what has not been set before.
pub(super) fn once<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

/// CBOR, item by item. Source: RFC 8949, 3.
pub(super) struct Steps<'a>(pub(super) &'a [u8]);

/// Major types.
pub(super) const UNSIGNED: u8 = 0;
pub(super) const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const LIST: u8 = 4;
const MAP: u8 = 5;
const SIMPLE: u8 = 7;

/// A map whose length is not told, and what ends it.
const OPEN_MAP: u8 = 0xbf;
const BREAK: u8 = 0xff;

impl<'a> Steps<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    /// The major type of the next item and its argument; `None` at an end or an indefinite length.
    pub(super) fn head(&mut self) -> Option<(u8, u64)> {
        let [first] = self.array()?;
        let argument = match first & 0x1f {
            small @ 0..=23 => small.into(),
            24 => u8::from_be_bytes(self.array()?).into(),
            25 => u16::from_be_bytes(self.array()?).into(),
            26 => u32::from_be_bytes(self.array()?).into(),
            27 => u64::from_be_bytes(self.array()?),
            _ => return None,
        };
        Some((first >> 5, argument))
    }

    fn of(&mut self, major: u8) -> Option<usize> {
        let (found, argument) = self.head()?;
        (found == major).then(|| argument.try_into().ok()).flatten()
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.of(TEXT)?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    pub(super) fn integer(&mut self) -> Option<i64> {
        match self.head()? {
            (UNSIGNED, value) => value.try_into().ok(),
            (NEGATIVE, value) => Some(-1 - i64::try_from(value).ok()?),
            _ => None,
        }
    }

    /// The length of a list, whose items follow.
    pub(super) fn list(&mut self) -> Option<usize> {
        self.of(LIST)
    }

    /// A number, written as an integer or as a float.
    pub(super) fn number(&mut self) -> Option<f64> {
        /// How floats of 16, 32 and 64 bits begin.
        const FLOATS: [u8; 3] = [0xf9, 0xfa, 0xfb];
        let float = match FLOATS.map(|first| self.is_next(first)) {
            [true, ..] => of_half(u16::from_be_bytes(self.array()?)),
            [_, true, _] => f32::from_be_bytes(self.array()?).into(),
            [.., true] => f64::from_be_bytes(self.array()?),
            _ => self.integer()? as f64,
        };
        // The careful reader knows no zero below zero.
        Some(float + 0.0)
    }

    /// Steps over one item with all that is in it; gives its bytes.
    pub(super) fn over(&mut self) -> Option<&'a [u8]> {
        let all = self.0;
        let mut left = 1_u64;
        while left > 0 {
            left -= 1;
            match self.head()? {
                (UNSIGNED | NEGATIVE | SIMPLE, _) => {}
                (BYTES | TEXT, length) => {
                    self.take(length.try_into().ok()?)?;
                }
                (LIST, items) => left = left.checked_add(items)?,
                (MAP, entries) => left = left.checked_add(entries.checked_mul(2)?)?,
                // A tag says something of the item after it.
                _ => left = left.checked_add(1)?,
            }
        }
        all.get(..all.len() - self.0.len())
    }

    /// A map, entry by entry; gives what stands after it.
    pub(super) fn map(
        mut self,
        mut entry: impl FnMut(&'a str, &mut Self) -> Option<()>,
    ) -> Option<&'a [u8]> {
        let entries = match self.is_next(OPEN_MAP) {
            true => None,
            false => Some(self.of(MAP)?),
        };
        let mut read = 0;
        while entries.map_or_else(|| !self.is_next(BREAK), |entries| read < entries) {
            read += 1;
            let key = self.text()?;
            entry(key, &mut self)?;
        }
        Some(self.0)
    }

    /// Takes the next byte if it is this one.
    fn is_next(&mut self, byte: u8) -> bool {
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn columns<U: DeserializeOwned>(&mut self) -> Option<Columns<U>> {
        let (mut unit, mut t0_us, mut dt_us, mut scale) = (None, None, None, None);
        let (mut x, mut y, mut z) = (None, None, None);
        self.0 = Steps(self.0).map(|key, steps| match key {
            "unit" => once(&mut unit, sound(steps.over()?)?),
            "t0_us" => once(&mut t0_us, steps.integer()?),
            "dt_us" => once(&mut dt_us, steps.column()?),
            "scale" => once(&mut scale, steps.number()?),
            "x" => once(&mut x, steps.column()?),
            "y" => once(&mut y, steps.column()?),
            "z" => once(&mut z, steps.column()?),
            _ => None,
        })?;
        Some(Columns {
            unit: unit?,
            t0_us: t0_us?,
            dt_us: dt_us?,
            scale: scale?,
            x: x?,
            y: y?,
            z: z?,
        })
    }

    fn fixes(&mut self) -> Option<Vec<Fix>> {
        let length = self.list()?;
        (length <= limits::MAX_FIXES).then_some(())?;
        (0..length).map(|_| self.fix()).collect()
    }

    pub(super) fn fix(&mut self) -> Option<Fix> {
        let (mut t_us, mut lat, mut lon, mut source) = (None, None, None, None);
        let (mut speed_mps, mut speed_kmh, mut bearing_deg, mut accuracy_m) = Default::default();
        self.0 = Steps(self.0).map(|key, steps| match key {
            "t_us" => once(&mut t_us, steps.integer()?),
            "lat" => once(&mut lat, steps.number()?),
            "lon" => once(&mut lon, steps.number()?),
            "speed_mps" => once(&mut speed_mps, steps.number()?),
            "speed_kmh" => once(&mut speed_kmh, steps.number()?),
            "bearing_deg" => once(&mut bearing_deg, steps.number()?),
            "accuracy_m" => once(&mut accuracy_m, steps.number()?),
            "source" => once(&mut source, steps.text()?.to_owned()),
            _ => None,
        })?;
        Some(Fix {
            t_us: t_us?,
            lat: lat?,
            lon: lon?,
            speed_mps,
            speed_kmh,
            bearing_deg,
            accuracy_m,
            source,
        })
    }

    /// A list of integers.
    fn column<T: TryFrom<i64>>(&mut self) -> Option<Vec<T>> {
        let length = self.list()?;
        if length > limits::MAX_READINGS {
            return None;
        }
        // An item takes a byte at least.
        let mut column = Vec::with_capacity(length.min(self.0.len()));
        for _ in 0..length {
            column.push(self.integer()?.try_into().ok()?);
        }
        Some(column)
    }
}

/// The number that 16 bits say. Source: RFC 8949, appendix D.
fn of_half(bits: u16) -> f64 {
    let mantissa = f64::from(bits & 0x3ff);
    let size = match bits >> 10 & 0x1f {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (mantissa + 1024.0) * 2_f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    use crate::wire::v1;

    /// Readings of every kind, the numbers of all sizes.
    pub(in crate::wire) fn message(header: Option<v1::Header>) -> v1::Message {
        let readings = (0..40_i64).map(|i| {
            let big = 5e-5 * (i * i * i * i) as f64;
            (1_767_600_000_000_000 + 16_667 * i, [big, -big, 9.81])
        });
        let samples = Samples {
            header,
            accel: Some(Columns::from_readings(
                v1::AccelUnit::StandardGravity,
                1e-6,
                readings.clone(),
            )),
            gyro: Some(Columns::from_readings(
                v1::GyroUnit::DegreePerSecond,
                2.0,
                readings,
            )),
            fixes: vec![v1::Fix {
                t_us: 1_767_600_000_000_000,
                lat: 52.5,
                lon: -13.25,
                speed_mps: Some(11.0),
                source: Some("gnss".to_owned()),
                ..v1::Fix::default()
            }],
        };
        v1::Message {
            trip: "00ff00000000000000000000000000a7".to_owned(),
            seq: 70_000,
            device: None,
            received_us: None,
            content: v1::Content::Samples(samples),
        }
    }

    fn careful<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
        let Strictly(value) = ciborium::from_reader(bytes).ok()?;
        Some(value)
    }

    fn first() -> v1::Message {
        message(Some(v1::Header {
            claim: Some("ab".repeat(32)),
            ..v1::Header::default()
        }))
    }

    #[test]
    fn sixteen_bits_say_what_the_standard_says() {
        let told = [
            0x0000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0x3e00, 0x7bff, 0x7c00, 0xc400,
        ];
        let numbers = [
            0.0,
            5.960_464_477_539_063e-8,
            6.097_555_160_522_461e-5,
            6.103_515_625e-5,
            1.0,
            1.5,
            65_504.0,
            f64::INFINITY,
            -4.0,
        ];
        assert_eq!(told.map(of_half), numbers);
        assert!(of_half(0x7e00).is_nan());
    }

    #[test]
    fn our_own_messages_are_read_quickly() {
        let message = first();
        let v1::Content::Samples(samples) = &message.content else {
            panic!("samples")
        };
        let bytes = message.to_cbor();
        let (envelope, quick) = super::samples(&bytes).expect("plain");
        assert_eq!(quick, *samples);
        assert_eq!(envelope.trip.as_ref(), Some(&message.trip));
        assert_eq!(envelope.seq, Some(70_000));
    }

    proptest! {
        /// Whatever a few flipped bytes make of a message, quick is never other than careful.
        #[test]
        fn what_is_read_quickly_is_what_the_careful_reader_reads(
            flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        ) {
            let mut bytes = first().to_cbor();
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Some((_, quick)) = super::samples(&bytes) {
                prop_assert_eq!(format!("{:?}", Some(quick)), format!("{:?}", careful::<Samples>(&bytes)));
            }
            // What an envelope steps over is for the reader of that to judge.
            if let (Some(quick), Some(careful)) = (envelope(&bytes), careful::<Envelope>(&bytes)) {
                prop_assert_eq!(format!("{quick:?}"), format!("{careful:?}"));
            }
        }
    }
}
