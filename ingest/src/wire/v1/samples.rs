//! `samples`: readings in columns, and the header that begins a trip.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::limits;

/// Readings of the phone's sensors. Every part may be missing; a phone that has nothing to say
/// still sends its number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Samples {
    /// What the phone says of itself and of the trip: on the message with `seq` 0, ignored on any
    /// other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The accelerometer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel: Option<Columns<AccelUnit>>,
    /// The gyroscope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gyro: Option<Columns<GyroUnit>>,
    /// Positions, in order of time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::MAX_FIXES))]
    pub fixes: Vec<Fix>,
}

/// What a phone says once per trip. All of it is optional; missing means unknown, never a default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Header {
    /// The collector's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub app: Option<String>,
    /// The collector's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub app_version: Option<String>,
    /// The phone's operating system, coarse: `android 15`, `ios 18`, `browser`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub os: Option<String>,
    /// What sort of phone, too coarse to tell one owner from another: `midrange 2022`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub phone_class: Option<String>,
    /// What drove: `car`, `van`, `bus`, `truck`, `motorcycle`, `bicycle`, `unknown`. Other words
    /// read as `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub vehicle: Option<String>,
    /// How the phone sat: `holder`, `mat`, `cup`, `pocket`, `bag`, `unknown`. Other words read as
    /// `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub mount: Option<String>,
    /// The accelerometer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accel: Option<Sensor<AccelUnit>>,
    /// The gyroscope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gyro: Option<Sensor<GyroUnit>>,
    /// What the volunteer agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// SHA-256 of the trip's secret, 64 lower-case hexadecimal digits. Whoever shows the secret
    /// may see, fetch or delete the trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
    pub claim: Option<String>,
    /// What the phone cuts from the trip before anything leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trim: Option<Trim>,
}

/// What a phone says of one of its sensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sensor<U> {
    /// The unit of `range` and `resolution`; without it neither is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<U>,
    /// Accelerometer only. `with`: at rest the vector is 9.8 m/s² long. `without`: the platform
    /// took gravity out. `unknown`. Other words read as `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub gravity: Option<String>,
    /// The sensor clips beyond ± this much, in `unit`; more than 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = limits::MAX_NUMBER))]
    pub range: Option<f64>,
    /// The smallest step the source can show, in `unit`; more than 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = limits::MAX_NUMBER))]
    pub resolution: Option<f64>,
    /// How many readings a second the collector asked for, Hz; more than 0. What came stands in
    /// the times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0), range(max = limits::MAX_NUMBER))]
    pub rate_asked_hz: Option<f64>,
}

/// What the volunteer agreed to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// Which text was shown.
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub version: String,
    /// What for, word by word as that text names its purposes.
    #[serde(default)]
    #[schemars(length(max = limits::MAX_PURPOSES), inner(length(max = limits::MAX_TEXT_BYTES)))]
    pub purposes: Vec<String>,
}

/// What the phone cuts from both ends of a trip before anything leaves it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trim {
    /// Seconds of driving cut at each end, 0 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_NUMBER))]
    pub ends_s: Option<f64>,
    /// Metres cut at each end, 0 or more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_NUMBER))]
    pub ends_m: Option<f64>,
}

/// Readings of a three-axis sensor, one column per quantity, all four of one length.
///
/// Reading `i` was taken at `t0_us + dt_us[0] + … + dt_us[i]` and says
/// `(x[i], y[i], z[i]) × scale` in `unit`, in the phone's own axes and with the platform's sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Columns<U> {
    /// What `scale` × an integer is measured in. Never left out: a value without a unit is not a
    /// measurement.
    pub unit: U,
    /// When the first reading was taken, microseconds of the phone's clock: since 1970-01-01 UTC
    /// where the phone knows the date, else since any start of its own.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub t0_us: i64,
    /// Microseconds since the reading before; the first is 0. Never negative.
    #[schemars(
        length(max = limits::MAX_READINGS),
        inner(range(min = 0, max = limits::MAX_SPAN_US))
    )]
    pub dt_us: Vec<i64>,
    /// What one step of the integers is worth in `unit`; more than 0.
    #[schemars(extend("exclusiveMinimum" = 0), range(max = limits::MAX_NUMBER))]
    pub scale: f64,
    /// Along (accelerometer) or about (gyroscope) the phone's x axis, in steps of `scale`.
    #[schemars(length(max = limits::MAX_READINGS))]
    pub x: Vec<i32>,
    /// The y axis.
    #[schemars(length(max = limits::MAX_READINGS))]
    pub y: Vec<i32>,
    /// The z axis.
    #[schemars(length(max = limits::MAX_READINGS))]
    pub z: Vec<i32>,
}

/// Units of acceleration on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AccelUnit {
    /// Metres per second squared.
    #[serde(rename = "m/s2")]
    MetrePerSecondSquared,
    /// Standard gravity, 9.80665 m/s² exactly.
    #[serde(rename = "g")]
    StandardGravity,
}

/// Units of rotation on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GyroUnit {
    /// Radians per second.
    #[serde(rename = "rad/s")]
    RadianPerSecond,
    /// Degrees per second.
    #[serde(rename = "deg/s")]
    DegreePerSecond,
}

/// One position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// When the position was true, microseconds of the same clock as the sensors.
    #[schemars(range(min = limits::MIN_TIME_US, max = limits::MAX_TIME_US))]
    pub t_us: i64,
    /// Latitude, degrees WGS 84, north positive.
    #[schemars(range(min = -90, max = 90))]
    pub lat: f64,
    /// Longitude, degrees WGS 84, east positive.
    #[schemars(range(min = -180, max = 180))]
    pub lon: f64,
    /// Speed over ground in m/s, 0 or more. Left out when the receiver does not know it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_SPEED_MPS))]
    pub speed_mps: Option<f64>,
    /// The same in km/h, for sources that speak it. Never both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_SPEED_MPS * 3.6))]
    pub speed_kmh: Option<f64>,
    /// Direction of travel, degrees clockwise from north, 0 to 360. Left out when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 360))]
    pub bearing_deg: Option<f64>,
    /// Radius in metres that holds the true place with 68 %; 0 or left out: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = limits::MAX_ACCURACY_M))]
    pub accuracy_m: Option<f64>,
    /// What gave the position: `gnss`, `fused`, `network`, `unknown`. Other words read as
    /// `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::MAX_TEXT_BYTES))]
    pub source: Option<String>,
}

impl<U> Default for Sensor<U> {
    fn default() -> Self {
        Self {
            unit: None,
            gravity: None,
            range: None,
            resolution: None,
            rate_asked_hz: None,
        }
    }
}

impl<U> Columns<U> {
    /// Columns out of readings `(t_us, [x, y, z])`, values in `unit`, each rounded to the nearest
    /// step of `scale`. Times must not run backwards, or the message will be refused.
    pub fn from_readings(
        unit: U,
        scale: f64,
        readings: impl IntoIterator<Item = (i64, [f64; 3])>,
    ) -> Self {
        let mut columns = Self {
            unit,
            t0_us: 0,
            dt_us: vec![],
            scale,
            x: vec![],
            y: vec![],
            z: vec![],
        };
        let mut before_us = None;
        for (t_us, value) in readings {
            if before_us.is_none() {
                columns.t0_us = t_us;
            }
            columns
                .dt_us
                .push(t_us.saturating_sub(before_us.unwrap_or(t_us)));
            before_us = Some(t_us);
            let [x, y, z] = value.map(|axis| (axis / scale).round() as i32);
            columns.x.push(x);
            columns.y.push(y);
            columns.z.push(z);
        }
        columns
    }
}
