//! The wire: bytes to checked messages in SI units, and the types that collectors fill in.
//!
//! [`decode`] is the rim. It inflates, reads JSON or CBOR, holds every limit of the contract
//! (`WIRE.md`), turns foreign units into SI, and yields the project's own words; past it nothing is
//! checked again. A message is taken whole or refused whole, with a [`WireError`] whose
//! [`reason`](WireError::reason) is the code that the phone is told.
//!
//! ```
//! use ingest::wire::{self, Content, Incoming};
//!
//! let packet = br#"{"v":1,"type":"samples","trip":"00ff00000000000000000000000000a7","seq":3,
//!     "accel":{"unit":"g","t0_us":1767600000000000,"dt_us":[0,16667],"scale":0.001,
//!              "x":[0,10],"y":[0,-4],"z":[1000,1020]}}"#;
//! let Incoming::Message(message) = wire::decode(packet)? else { panic!("not a hello") };
//! let Content::Samples(batch) = message.content else { panic!("samples") };
//! assert_eq!(batch.samples[0].accel_mps2, [0.0, 0.0, 9.80665]);
//! assert_eq!(batch.samples[1].t_us, 1_767_600_000_016_667);
//!
//! let error = wire::decode(br#"{"v":1,"type":"telegram"}"#).unwrap_err();
//! assert_eq!(error.reason(), "unknown_type");
//! # Ok::<(), wire::WireError>(())
//! ```

mod body;
mod cbor;
mod check;
mod error;
mod glance;
mod header;
pub mod limits;
mod report;
mod samples;
mod schema;
mod strict;
#[cfg(test)]
mod tests;
pub mod v1;

use serde::de::DeserializeOwned;
use trip::{Batch, DeviceId, Generation, Kind, Position, Report, TripId, TripKey};

use body::Body;
pub use error::WireError;
pub use schema::schema;

/// What a phone may send.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// A numbered message of a trip: it is kept, and acked.
    Message(Message),
    /// A question what is kept: it is answered, and forgotten.
    Hello(Hello),
}

/// A numbered message of one trip, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The device that published it, where the message itself says so: only files do.
    pub device: Option<DeviceId>,
    /// When a server took it in, µs on the server's clock; only files say so.
    pub received_us: Option<i64>,
    /// The trip.
    pub trip: TripId,
    /// Its number within the trip.
    pub seq: u32,
    /// What it says.
    pub content: Content,
}

/// What a numbered message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Readings of the sensors.
    Samples(Batch),
    /// A person marked something.
    Mark(Mark),
    /// The trip is over.
    Bye(Bye),
    /// What a detector on the phone found.
    Report(Generation, Report),
}

/// A person marked something, by time or by place: at least one of the two is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// When, µs of the phone's clock.
    pub t_us: Option<i64>,
    /// What; `None` when the person did not say.
    pub kind: Option<Kind>,
    /// Where.
    pub position: Option<Position>,
    /// The 68 % radius of the place in metres, more than 0.
    pub accuracy_m: Option<f32>,
}

/// The trip is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bye {
    /// When recording ended, µs of the phone's clock.
    pub t_us: Option<i64>,
}

/// A phone came back and asks what is kept of its trips.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    /// The phone's clock as it sent, µs since the Unix epoch.
    pub now_us: i64,
    /// The trips it asks for.
    pub trips: Vec<TripId>,
}

impl Message {
    /// The message that a file without messages would have held, had its phone sent it.
    pub(crate) fn of_file(device: DeviceId, trip: TripId, batch: Batch) -> Self {
        Self {
            device: Some(device),
            received_us: None,
            trip,
            seq: batch.seq,
            content: Content::Samples(batch),
        }
    }

    /// Whose message it is; `None` when it does not name its device.
    pub fn key(&self) -> Option<TripKey> {
        Some(TripKey {
            device: self.device.clone()?,
            trip: self.trip,
        })
    }
}

/// One message as a phone sent it: JSON or CBOR, bare or packed with gzip or zstd.
///
/// # Errors
/// When anything of it breaks the contract; nothing of it is kept then.
pub fn decode(packet: &[u8]) -> Result<Incoming, WireError> {
    if packet.len() > limits::MAX_PACKET_BYTES {
        return Err(WireError::TooLarge);
    }
    read(&Body::of(packet)?)
}

/// One message as a trace holds it: a line of JSON, which may be longer than a packet because a
/// packet may have come compressed or as CBOR.
///
/// # Errors
/// As [`decode`].
pub(crate) fn decode_line(line: &[u8]) -> Result<Incoming, WireError> {
    read(&Body::json(line))
}

/// Some other app's JSON, read as strictly as our own.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, WireError> {
    Body::json(bytes).read()
}

/// Which message a packet is that was refused, as far as it tells: a nack names it.
pub fn name_of(packet: &[u8]) -> Option<(TripId, u32)> {
    let envelope = Body::of(packet).ok()?.envelope().ok()?;
    let seq = seq(envelope.seq?).ok()?;
    Some((envelope.trip?.parse().ok()?, seq))
}

/// A sound message as it stands on the wire, field by field.
///
/// # Errors
/// As [`decode`]; a `hello` is none.
pub fn typed(packet: &[u8]) -> Result<v1::Message, WireError> {
    opened(packet).map(|opened| opened.message)
}

/// A sound message, field by field, and what else there is to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The message.
    pub message: v1::Message,
    /// Whether the packet is packed and holds nothing but what `message` says.
    pub is_packed_and_plain: bool,
}

/// As [`typed`], and whether the packet holds anything beside.
///
/// # Errors
/// As [`typed`].
pub fn opened(packet: &[u8]) -> Result<Opened, WireError> {
    let body = Body::of(packet)?;
    let (envelope, samples) = in_parts(&body)?;
    // A header may hold fields that nobody knows.
    let is_plain = samples.as_ref().is_some_and(|it| it.header.is_none());
    let content = match envelope.r#type.as_deref() {
        Some("samples") => v1::Content::Samples(samples.map_or_else(|| body.read(), Ok)?),
        Some("mark") => v1::Content::Mark(body.read()?),
        Some("bye") => v1::Content::Bye(body.read()?),
        Some("report") => v1::Content::Report(body.read()?),
        _ => return Err(WireError::Type),
    };
    let message = v1::Message {
        device: envelope.device,
        received_us: envelope.received_us,
        trip: envelope.trip.ok_or_else(|| missing("trip"))?,
        seq: seq(envelope.seq.ok_or_else(|| missing("seq"))?)?,
        content,
    };
    Ok(Opened {
        message,
        is_packed_and_plain: is_plain && body.is_packed(),
    })
}

/// What a message begins with, and, where that comes with it, its readings.
fn in_parts(body: &Body<'_>) -> Result<(v1::Envelope, Option<v1::Samples>), WireError> {
    match body.plain() {
        Some((envelope, samples)) => Ok((envelope, Some(samples))),
        None => Ok((body.envelope()?, None)),
    }
}

/// What a server knows of a packet that it may keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// A sound message.
    Message {
        /// The device that it names, if it does.
        device: Option<DeviceId>,
        /// The trip.
        trip: TripId,
        /// Its number.
        seq: u32,
        /// Whether it says that the trip is over.
        bye: bool,
        /// The hash of the trip's secret, where its header has one.
        claim: Option<[u8; 32]>,
    },
    /// A question what is kept.
    Hello(Hello),
}

/// Holds a packet to everything that [`decode`] does; what most packets are, without laying their
/// readings out.
///
/// # Errors
/// As [`decode`].
pub fn check(packet: &[u8]) -> Result<Checked, WireError> {
    if packet.len() > limits::MAX_PACKET_BYTES {
        return Err(WireError::TooLarge);
    }
    let body = Body::of(packet)?;
    if let Some((trip, seq)) = body.glance() {
        return Ok(Checked::Message {
            device: None,
            trip,
            seq,
            bye: false,
            claim: None,
        });
    }
    let message = match read(&body)? {
        Incoming::Hello(hello) => return Ok(Checked::Hello(hello)),
        Incoming::Message(message) => message,
    };
    let begins = message.seq == 0 && matches!(message.content, Content::Samples(_));
    Ok(Checked::Message {
        trip: message.trip,
        seq: message.seq,
        bye: matches!(message.content, Content::Bye(_)),
        claim: begins.then(|| claim(&body)).flatten(),
        device: message.device,
    })
}

/// The hash of the trip's secret, from the header of a sound message.
fn claim(body: &Body<'_>) -> Option<[u8; 32]> {
    let samples = match body.plain() {
        Some((_, samples)) => samples,
        None => body.read().ok()?,
    };
    let claim = samples.header?.claim?;
    crate::hex::bytes_from_hex(claim.as_bytes())
}

/// Twice over the bytes, where they are no plain `samples`: the envelope first, because its `type` tells
/// what else to expect wherever it stands, then the fields of that type. Neither pass keeps what it does
/// not know.
fn read(body: &Body<'_>) -> Result<Incoming, WireError> {
    let (envelope, samples) = in_parts(body)?;
    match envelope.v {
        Some(v) if v == i64::from(v1::VERSION) => {}
        Some(_) => return Err(WireError::Version),
        None => return Err(missing("v")),
    }
    match envelope.r#type.as_deref() {
        Some("hello") => hello(&body.read()?).map(Incoming::Hello),
        Some(name) if v1::Content::TYPES.contains(&name) => {
            message(name, &envelope, samples, body).map(Incoming::Message)
        }
        Some(_) => Err(WireError::Type),
        None => Err(missing("type")),
    }
}

fn message(
    name: &str,
    envelope: &v1::Envelope,
    samples: Option<v1::Samples>,
    body: &Body<'_>,
) -> Result<Message, WireError> {
    let trip = envelope.trip.as_deref().ok_or_else(|| missing("trip"))?;
    let seq = seq(envelope.seq.ok_or_else(|| missing("seq"))?)?;
    let device = envelope.device.as_deref();
    let received_us = envelope.received_us;
    Ok(Message {
        device: device
            .map(|device| check::id(device, DEVICE_ID, "device"))
            .transpose()?,
        received_us: received_us
            .map(|t_us| check::time(t_us, "received_us"))
            .transpose()?,
        trip: check::id(trip, TRIP_ID, "trip")?,
        seq,
        content: match name {
            "samples" => {
                let samples = samples.map_or_else(|| body.read(), Ok)?;
                Content::Samples(samples::batch(seq, &samples)?)
            }
            "mark" => Content::Mark(mark(&body.read()?)?),
            "bye" => Content::Bye(bye(&body.read()?)?),
            "report" => {
                let (generation, report) = report::report(&body.read()?)?;
                Content::Report(generation, report)
            }
            _ => return Err(WireError::Type),
        },
    })
}

/// How a device is written.
const DEVICE_ID: &str = "1 to 64 of a-z, 0-9 and '-', beginning with a letter or digit";

/// How a trip is written.
const TRIP_ID: &str = "32 lower-case hexadecimal digits";

fn seq(seq: i64) -> Result<u32, WireError> {
    u32::try_from(seq)
        .ok()
        .filter(|&seq| seq <= limits::MAX_SEQ)
        .ok_or_else(|| {
            let expected = format!("a whole number from 0 to {}", limits::MAX_SEQ);
            WireError::Range {
                field: "seq".to_owned(),
                expected,
            }
        })
}

fn mark(mark: &v1::Mark) -> Result<Mark, WireError> {
    let position = match (mark.lat, mark.lon) {
        (Some(lat), Some(lon)) => Some(check::position(lat, lon, "")?),
        (None, None) if mark.t_us.is_some() => None,
        (None, None) => return Err(missing("t_us or lat and lon")),
        (None, Some(_)) => return Err(missing("lat")),
        (Some(_), None) => return Err(missing("lon")),
    };
    let kind = mark.kind.as_deref();
    let accuracy = mark.accuracy_m;
    Ok(Mark {
        t_us: mark
            .t_us
            .map(|t_us| check::time(t_us, "t_us"))
            .transpose()?,
        kind: kind
            .map(|kind| check::word(kind, Kind::from_name, "kind"))
            .transpose()?,
        position,
        accuracy_m: accuracy.map_or(Ok(None), |m| check::accuracy(m, "accuracy_m"))?,
    })
}

fn bye(bye: &v1::Bye) -> Result<Bye, WireError> {
    let t_us = bye.t_us.map(|t_us| check::time(t_us, "t_us")).transpose()?;
    Ok(Bye { t_us })
}

fn hello(hello: &v1::Hello) -> Result<Hello, WireError> {
    check::length(hello.trips.len(), limits::MAX_HELLO_TRIPS, "trips")?;
    let trips = hello.trips.iter().enumerate();
    Ok(Hello {
        now_us: check::time(hello.now_us, "now_us")?,
        trips: trips
            .map(|(i, trip)| check::id(trip, TRIP_ID, format_args!("trips[{i}]")))
            .collect::<Result<_, _>>()?,
    })
}

fn missing(field: &str) -> WireError {
    WireError::Missing {
        field: field.to_owned(),
    }
}
