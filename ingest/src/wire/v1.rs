//! Version 1 of the wire format, as it stands on the wire, field by field.
//!
//! These types are the contract that `WIRE.md` explains: JSON and CBOR are both written and read
//! through them, and `wire.schema.json` is generated from them. Whoever *makes* messages (a
//! collector, the simulator) fills them in and calls [`Message::to_json`] or [`Message::to_cbor`].
//! Whoever *takes* messages calls [`wire::decode`](crate::wire::decode), which checks every limit
//! and yields the project's own words in SI units; nobody else reads these types.

mod cut;
mod encode;
mod report;
mod samples;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits;
pub use cut::{Moment, Span};
pub use report::{
    Bump, Detector, KindProbability, Measured, PathPoint, Place, Report, Roughness, Skipped,
    Stretch,
};
pub use samples::{AccelUnit, Columns, Consent, Fix, GyroUnit, Header, Samples, Sensor, Trim};

/// The version that these types describe.
pub const VERSION: u8 = 1;

/// A numbered message of one trip. A collector keeps it until an ack covers its number.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
pub struct Message {
    /// The trip: 128 bits drawn at random by the phone when the journey began, as 32 lower-case
    /// hexadecimal digits.
    #[schemars(regex(pattern = r"^[0-9a-f]{32}$"))]
    pub trip: String,
    /// The message's number within its trip: 0, 1, 2 … without gaps, whatever its type.
    #[schemars(range(max = limits::MAX_SEQ))]
    pub seq: u32,
    /// Files only: the device that published the message. At a door it must equal the one that
    /// authenticated. 1 to 64 of `a-z`, `0-9`, `-`, not beginning with `-`.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub device: Option<String>,
    /// Files only: when a server took the message in, microseconds since 1970-01-01 UTC on the
    /// server's clock.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub received_us: Option<i64>,
    /// What the message says, named by its `type`.
    #[schemars(flatten)]
    pub content: Content,
}

/// What a numbered message says; `type` on the wire names the variant.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
#[schemars(tag = "type", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "made, written and dropped one at a time"
)]
pub enum Content {
    /// Readings of the phone's sensors.
    Samples(Samples),
    /// A person marked something on the road.
    Mark(Mark),
    /// The trip is over; no message with a higher number follows.
    Bye(Bye),
    /// What a detector on the phone found.
    Report(Report),
}

/// A person marked something: by time, by place, or both. At least one of the two is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    /// When the person pressed, microseconds of the phone's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub t_us: Option<i64>,
    /// What it is; left out when the person did not say. A closed vocabulary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "report::optional_kind_schema")]
    pub kind: Option<String>,
    /// Where it is: latitude, degrees WGS 84, north positive. With `lon` or not at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -90, max = 90))]
    pub lat: Option<f64>,
    /// Longitude, degrees WGS 84, east positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -180, max = 180))]
    pub lon: Option<f64>,
    /// Radius in metres that holds the true place with 68 %; 0 or left out: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_ACCURACY_M))]
    pub accuracy_m: Option<f64>,
}

/// The trip is over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bye {
    /// When recording ended, microseconds of the phone's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub t_us: Option<i64>,
}

/// A phone came (back) and asks what is stored. It belongs to no trip, takes no number, is
/// answered at once and kept nowhere.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
pub struct Hello {
    /// The phone's clock as it sends, microseconds since 1970-01-01 UTC; the offset between phone
    /// and server is measured with it.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub now_us: i64,
    /// The trips whose acks the phone asks for: those with messages not yet covered.
    #[serde(default)]
    #[schemars(length(max = limits::MAX_HELLO_TRIPS), inner(regex(pattern = r"^[0-9a-f]{32}$")))]
    pub trips: Vec<String>,
}

/// What every message begins with; read first, the rest by its `type`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Envelope {
    pub(super) v: Option<i64>,
    pub(super) r#type: Option<String>,
    pub(super) trip: Option<String>,
    pub(super) seq: Option<i64>,
    pub(super) device: Option<String>,
    pub(super) received_us: Option<i64>,
}
