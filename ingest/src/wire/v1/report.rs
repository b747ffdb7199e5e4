//! `report`: what a detector on the phone found. The shape mirrors `trip::Report`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::wire::limits;

/// What a detector on the phone found, judged and skipped since the report before it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Which detector said it.
    pub detector: Detector,
    /// Jolts that the detector holds for the road's, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::MAX_FINDINGS))]
    pub bumps: Vec<Bump>,
    /// Road driven and judged, in order of time: the evidence that there was no bump.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::MAX_FINDINGS))]
    pub stretches: Vec<Stretch>,
    /// Time that was not judged, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::MAX_FINDINGS))]
    pub skipped: Vec<Skipped>,
}

/// Which detector, with which configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Detector {
    /// Its name.
    #[schemars(length(min = 1, max = limits::MAX_TEXT_BYTES))]
    pub name: String,
    /// Its version.
    #[schemars(length(min = 1, max = limits::MAX_TEXT_BYTES))]
    pub version: String,
    /// The first 16 hexadecimal digits of the SHA-256 of its configuration.
    #[schemars(regex(pattern = r"^[0-9a-f]{16}$"))]
    pub config_hash: String,
}

/// A jolt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bump {
    /// When it began, microseconds of the phone's clock.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub begin_us: i64,
    /// When its score was highest; not before `begin_us`.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub peak_us: i64,
    /// When it was over; not before `peak_us`.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub end_us: i64,
    /// How far it stands out, on the detector's own scale.
    #[schemars(range(min = -limits::MAX_NUMBER, max = limits::MAX_NUMBER))]
    pub score: f64,
    /// The calibrated probability that a person would have marked it, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub probability: f64,
    /// Which view of the signal found it. A closed vocabulary.
    #[schemars(schema_with = "channel_schema")]
    pub channel: String,
    /// The likeliest kind. A closed vocabulary.
    #[schemars(schema_with = "kind_schema")]
    pub kind: String,
    /// The probability of each kind. Left out: the detector does not tell kinds apart, and `kind`
    /// is certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_probability: Option<KindProbability>,
    /// Peak vertical acceleration in m/s² brought to 40 km/h, 0 or more; left out without a speed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_ACCEL_MPS2))]
    pub severity_mps2: Option<f64>,
    /// The sensor clipped: severity is a lower bound.
    #[serde(default)]
    pub saturated: bool,
    /// Where it was; left out without fixes near enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What was measured, before anything was concluded.
    pub measured: Measured,
}

/// The probability of each kind; they sum to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(
    missing_docs,
    reason = "the vocabulary of kinds; each is a share from 0 to 1"
)]
pub struct KindProbability {
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub pothole: f64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub speed_bump: f64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub casting: f64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub rail: f64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub joint: f64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub rough: f64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 1))]
    pub other: f64,
}

/// A place with its own uncertainty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// Latitude, degrees WGS 84, north positive.
    #[schemars(range(min = -90, max = 90))]
    pub lat: f64,
    /// Longitude, degrees WGS 84, east positive.
    #[schemars(range(min = -180, max = 180))]
    pub lon: f64,
    /// Standard deviation per axis in metres, more than 0.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = limits::MAX_ACCURACY_M))]
    pub sigma_m: f64,
    /// Direction of travel, degrees clockwise from north, 0 to 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 360))]
    pub heading_deg: Option<f64>,
}

/// What was measured of a bump.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Measured {
    /// Largest magnitude of the vertical acceleration, gravity taken out, m/s².
    #[schemars(range(min = 0, max = limits::MAX_ACCEL_MPS2))]
    pub peak_mps2: f64,
    /// Width of the jolt at half its peak, seconds.
    #[schemars(range(min = 0, max = limits::MAX_NUMBER))]
    pub width_s: f64,
    /// Speed of the vehicle there, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_SPEED_MPS))]
    pub speed_mps: Option<f64>,
    /// The rate at which the phone sampled, Hz.
    #[schemars(range(min = 0, max = limits::MAX_NUMBER))]
    pub rate_hz: f64,
    /// RMS of the vertical acceleration in m/s² within 0.4–1.2, 1.2–2.5, 2.5–5, 5–12 and 12–22 Hz;
    /// null where the phone's rate cannot show the band.
    #[schemars(schema_with = "bands_schema")]
    pub band_rms_mps2: [Option<f64>; 5],
    /// Score of the body-bounce channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -limits::MAX_NUMBER, max = limits::MAX_NUMBER))]
    pub body_score: Option<f64>,
    /// Score of the impact channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -limits::MAX_NUMBER, max = limits::MAX_NUMBER))]
    pub impact_score: Option<f64>,
    /// Horizontal over vertical RMS between 0.4 and 3 Hz, no unit.
    #[schemars(range(min = 0, max = limits::MAX_NUMBER))]
    pub horizontal_ratio: f64,
}

/// A piece of road driven and judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stretch {
    /// When it began, microseconds of the phone's clock.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub begin_us: i64,
    /// When it ended; not before `begin_us`.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub end_us: i64,
    /// The track, in order of time; left out without fixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::MAX_PATH_POINTS))]
    pub path: Vec<PathPoint>,
    /// Standard deviation per axis of the track in metres, 0 or more.
    #[schemars(range(min = 0, max = limits::MAX_ACCURACY_M))]
    pub sigma_m: f64,
    /// Mean direction of travel, degrees clockwise from north, 0 to 360.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 360))]
    pub heading_deg: Option<f64>,
    /// Mean speed, m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_SPEED_MPS))]
    pub speed_mps: Option<f64>,
    /// Whether a defect would have shown here.
    pub able: bool,
    /// How rough it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roughness: Option<Roughness>,
}

/// A point of a track.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathPoint {
    /// When, microseconds of the phone's clock.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub t_us: i64,
    /// Latitude, degrees WGS 84, north positive.
    #[schemars(range(min = -90, max = 90))]
    pub lat: f64,
    /// Longitude, degrees WGS 84, east positive.
    #[schemars(range(min = -180, max = 180))]
    pub lon: f64,
}

/// How rough a stretch felt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Roughness {
    /// RMS of the vertical acceleration from 0.7 to 20 Hz in m/s², brought to 40 km/h where a
    /// speed is known.
    #[schemars(range(min = 0, max = limits::MAX_ACCEL_MPS2))]
    pub rms_mps2: f64,
    /// RMS in m/s² within 0.4–1.2, 1.2–2.5, 2.5–5, 5–12 and 12–22 Hz, as measured; null where the
    /// phone's rate cannot show the band.
    #[schemars(schema_with = "bands_schema")]
    pub band_rms_mps2: [Option<f64>; 5],
    /// Estimated International Roughness Index, m/km.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_NUMBER))]
    pub iri_m_per_km: Option<f64>,
    /// Road class after ISO 8608, `A` to `H`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "class_schema")]
    pub class: Option<String>,
}

/// Time that was not judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// From here, microseconds of the phone's clock.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub begin_us: i64,
    /// To here; not before `begin_us`.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub end_us: i64,
    /// Why. A closed vocabulary.
    #[schemars(schema_with = "reason_schema")]
    pub reason: String,
}

pub(super) fn optional_kind_schema(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [kind_schema(generator), { "type": "null" }] })
}

fn kind_schema(_: &mut SchemaGenerator) -> Schema {
    words(trip::Kind::ALL.iter().map(|kind| kind.name()))
}

fn channel_schema(_: &mut SchemaGenerator) -> Schema {
    words(trip::Channel::ALL.iter().map(|channel| channel.name()))
}

fn reason_schema(_: &mut SchemaGenerator) -> Schema {
    words(trip::SkipReason::ALL.iter().map(|reason| reason.name()))
}

fn class_schema(_: &mut SchemaGenerator) -> Schema {
    let class = words(["A", "B", "C", "D", "E", "F", "G", "H"].into_iter());
    json_schema!({ "anyOf": [class, { "type": "null" }] })
}

fn words(words: impl Iterator<Item = &'static str>) -> Schema {
    let words: Vec<_> = words.collect();
    json_schema!({ "type": "string", "enum": words })
}

fn bands_schema(_: &mut SchemaGenerator) -> Schema {
    let rms = json_schema!({
        "type": ["number", "null"], "minimum": 0, "maximum": limits::MAX_ACCEL_MPS2
    });
    json_schema!({ "type": "array", "items": rms, "minItems": 5, "maxItems": 5 })
}
