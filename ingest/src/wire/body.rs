//! The bytes of a message: what they are compressed with and encoded in, told by the first ones.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Read};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use trip::TripId;
use zstd::bulk::Decompressor;
use zstd::zstd_safe;

use super::strict::{Strict, Strictly};
use super::v1::{Envelope, Samples};
use super::{WireError, cbor, glance, limits};

/// One message, inflated, not yet read.
pub(super) struct Body<'a> {
    encoding: Encoding,
    bytes: Cow<'a, [u8]>,
}

#[derive(Clone, Copy)]
enum Encoding {
    Json,
    Cbor,
}

impl<'a> Body<'a> {
    /// Inflates what is compressed, and tells JSON from CBOR.
    pub(super) fn of(packet: &'a [u8]) -> Result<Self, WireError> {
        let bytes = match packet {
            [0x1f, 0x8b, ..] => Cow::Owned(inflated(flate2::read::MultiGzDecoder::new(packet))?),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Cow::Owned(unpacked_zstd(packet)?),
            _ => Cow::Borrowed(packet),
        };
        let encoding = match bytes.trim_ascii_start().first() {
            Some(b'{') => Encoding::Json,
            // A CBOR map, or the tag that says no more than "this is CBOR".
            Some(0xa0..=0xbf | 0xd9) => Encoding::Cbor,
            _ => {
                return Err(WireError::Syntax {
                    at: "byte 0".to_owned(),
                });
            }
        };
        Ok(Self { encoding, bytes })
    }

    /// A line of JSON, never compressed.
    pub(super) fn json(line: &'a [u8]) -> Self {
        Self {
            encoding: Encoding::Json,
            bytes: Cow::Borrowed(line),
        }
    }

    /// What the message begins with, without its readings.
    pub(super) fn envelope(&self) -> Result<Envelope, WireError> {
        let quick = self.cbor().and_then(cbor::envelope);
        quick.map_or_else(|| self.read(), Ok)
    }

    /// The trip and number of a plain `samples` message that breaks no limit.
    pub(super) fn glance(&self) -> Option<(TripId, u32)> {
        self.cbor().and_then(glance::samples)
    }

    /// What it begins with, and its readings, of a `samples` message without fields that nobody knows.
    pub(super) fn plain(&self) -> Option<(Envelope, Samples)> {
        self.cbor().and_then(cbor::samples)
    }

    /// Whether it came compressed.
    pub(super) fn is_packed(&self) -> bool {
        matches!(self.bytes, Cow::Owned(_))
    }

    /// CBOR, if it is that, without the tag that says so.
    fn cbor(&self) -> Option<&[u8]> {
        match self.encoding {
            Encoding::Cbor => Some(self.bytes.strip_prefix(TAG).unwrap_or(&self.bytes)),
            Encoding::Json => None,
        }
    }

    /// Reads the body, or the part of it that `T` knows.
    ///
    /// A body that cannot be read is read a second time to find out which field is at fault; what
    /// can be read does not pay for that.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, WireError> {
        match self.cbor() {
            None => self.read_json(),
            Some(bytes) => self.read_cbor(bytes),
        }
    }

    fn read_json<T: DeserializeOwned>(&self) -> Result<T, WireError> {
        let error = match serde_json::from_slice(&self.bytes) {
            Ok(Strictly(value)) => return Ok(value),
            Err(error) => error,
        };
        if error.is_data() {
            let mut deserializer = serde_json::Deserializer::from_slice(&self.bytes);
            if let Ok(Traced(Some(fault), _)) = Traced::<T>::deserialize(&mut deserializer) {
                return Err(fault);
            }
        }
        Err(WireError::Syntax {
            at: format!("line {}, column {}", error.line(), error.column()),
        })
    }

    fn read_cbor<T: DeserializeOwned>(&self, all: &[u8]) -> Result<T, WireError> {
        use ciborium::de::Error;

        let syntax = |at: usize| WireError::Syntax {
            at: format!("byte {at}"),
        };
        if let Some(value) = cbor::sound(all) {
            return Ok(value);
        }
        let mut rest = all;
        match ciborium::from_reader(&mut rest) {
            Ok(Strictly(value)) if rest.is_empty() => Ok(value),
            Ok(_) => Err(syntax(self.bytes.len() - rest.len())),
            Err(Error::Syntax(at)) => Err(syntax(at)),
            Err(Error::Semantic(..)) => match ciborium::from_reader(all) {
                Ok(Traced::<T>(Some(fault), _)) => Err(fault),
                _ => Err(syntax(all.len())),
            },
            Err(Error::Io(_) | Error::RecursionLimitExceeded) => Err(syntax(all.len())),
        }
    }
}

/// Tag 55799, "self-described CBOR". Source: RFC 8949, 3.4.6.
const TAG: &[u8] = &[0xd9, 0xd9, 0xf7];

fn inflated(reader: impl Read) -> Result<Vec<u8>, WireError> {
    let mut bytes = Vec::new();
    let limit = limits::MAX_INFLATED_BYTES;
    reader
        .take(limit as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| WireError::Compression)?;
    if bytes.len() > limit {
        return Err(WireError::InflatedTooLarge);
    }
    Ok(bytes)
}

thread_local! {
    /// One decompressor a thread: making one costs as much as unpacking a message.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> =
        RefCell::new(Decompressor::new().ok());
}

fn unpacked_zstd(packet: &[u8]) -> Result<Vec<u8>, WireError> {
    unpacked_at_once(packet).map_or_else(|| unpacked_by_and_by(packet), Ok)
}

/// What a packet holds that says how long that is.
fn unpacked_at_once(packet: &[u8]) -> Option<Vec<u8>> {
    let length = zstd_safe::get_frame_content_size(packet).ok()??;
    let length = usize::try_from(length).ok()?;
    (length <= limits::MAX_INFLATED_BYTES).then_some(())?;
    DECOMPRESSOR.with_borrow_mut(|it| it.as_mut()?.decompress(packet, length).ok())
}

fn unpacked_by_and_by(packet: &[u8]) -> Result<Vec<u8>, WireError> {
    /// A frame may ask its reader for this much memory and no more: 2²³ bytes, what every reader
    /// is asked to support. Source: RFC 8878, 3.1.1.1.2.
    const MAX_WINDOW_LOG: u32 = 23;
    let decoder = || -> io::Result<_> {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(packet)?;
        decoder.window_log_max(MAX_WINDOW_LOG)?;
        Ok(decoder)
    };
    inflated(decoder().map_err(|_| WireError::Compression)?)
}

/// The field at which reading a `T` fails, if it fails.
///
/// It is a value rather than an error so that the same few lines serve JSON and CBOR: ciborium
/// lends its deserializer to nobody but a [`Deserialize`].
struct Traced<T>(Option<WireError>, PhantomData<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Traced<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fault = serde_path_to_error::deserialize::<_, T>(Strict(deserializer))
            .err()
            .map(|error| fault(&error.path().to_string(), &error.inner().to_string()));
        Ok(Self(fault, PhantomData))
    }
}

/// What serde says, without the values that it repeats: they may be positions or names.
fn fault(path: &str, text: &str) -> WireError {
    // ciborium prints its errors as Rust would: Semantic(None, "missing field `seq`")
    let text = match text.strip_prefix("Semantic(") {
        Some(inside) => inside.split_once('"').map_or(inside, |(_, text)| text),
        None => text,
    };
    let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
    let within = |field: String| match path {
        "." => field,
        path => format!("{path}.{field}"),
    };
    let field = match path {
        "." => "message".to_owned(),
        path => path.to_owned(),
    };
    if text.starts_with("missing field") {
        return WireError::Missing {
            field: within(quoted(text)),
        };
    }
    if text.starts_with("duplicate field") {
        let problem = "is there twice".to_owned();
        return WireError::Shape {
            field: within(quoted(text)),
            problem,
        };
    }
    if text.starts_with("unknown variant") {
        return WireError::Word { field };
    }
    let expected = text
        .rsplit_once("expected ")
        .map_or("another value", |(_, expected)| expected);
    let expected = expected.split(" at line ").next().unwrap_or(expected);
    let expected = in_words(expected.trim_end_matches("\")"));
    WireError::Shape {
        field,
        problem: format!("expected {expected}"),
    }
}

/// What serde expects, in words of people.
fn in_words(expected: &str) -> &str {
    match expected {
        text if text.starts_with("struct ") => "an object",
        text if text.starts_with('f') && text[1..].parse::<u8>().is_ok() => "a number",
        text if text.starts_with(['i', 'u']) && text[1..].parse::<u8>().is_ok() => "a whole number",
        "a sequence" => "a list",
        "a string" => "text",
        text => text,
    }
}
