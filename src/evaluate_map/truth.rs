//! What really lies in the roads: points of a GeoJSON file.

use serde_json::Value;
use trip::{Heading, Kind, Position};

/// Something in a road, as felt in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct TruePlace {
    /// Its number, by which passes call it.
    pub id: u64,
    /// What is felt from both directions has one site.
    pub site: u64,
    /// What it is, if somebody knows.
    pub kind: Option<Kind>,
    /// Where it is.
    pub position: Position,
    /// In which direction it is passed; `None`: any.
    pub heading: Option<Heading>,
    /// The class of its street; empty when unknown.
    pub road_class: String,
    /// Since when it lies there, µs since 1970 UTC; `None`: always.
    pub appears_us: Option<i64>,
    /// When it was repaired; `None`: never.
    pub repaired_us: Option<i64>,
    /// When somebody said that it was repaired.
    pub claimed_us: Option<i64>,
    /// Most drivers go around it.
    pub swerved: bool,
}

/// All that lies there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Truth {
    /// In the order of the file.
    pub places: Vec<TruePlace>,
    /// What could not be read, and why.
    pub refused: Vec<String>,
}

impl TruePlace {
    /// Whether it lies there at a time.
    pub fn stands_at(&self, t_us: i64) -> bool {
        self.appears_us.is_none_or(|from_us| from_us <= t_us) && !self.is_repaired_by(t_us)
    }

    /// Whether it was repaired by a time.
    pub fn is_repaired_by(&self, t_us: i64) -> bool {
        self.repaired_us
            .is_some_and(|repaired_us| repaired_us <= t_us)
    }
}

impl Truth {
    /// Reads a FeatureCollection of points. Of the properties `id`, `site`, `kind`, `heading_deg`,
    /// `road_class`, `appears_utc`, `repaired_utc`, `claimed_utc` and `swerved` none is needed. A
    /// feature that cannot be read is refused; the others count.
    ///
    /// # Errors
    /// When the text is no FeatureCollection: why.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: Value =
            serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
        let features = (file["features"].as_array())
            .filter(|_| file["type"] == "FeatureCollection")
            .ok_or("no GeoJSON FeatureCollection: one object with \"type\" and \"features\"")?;
        let mut truth = Self::default();
        for (number, feature) in (1..).zip(features) {
            match place(number, feature) {
                Ok(place) => truth.places.push(place),
                Err(why) => truth.refused.push(format!("feature {number}: {why}")),
            }
        }
        Ok(truth)
    }
}

fn place(number: u64, feature: &Value) -> Result<TruePlace, String> {
    let properties = &feature["properties"];
    let geometry = &feature["geometry"];
    if geometry["type"] != "Point" {
        return Err("its geometry is no Point".to_owned());
    }
    let coordinate = |index: usize| geometry["coordinates"][index].as_f64();
    let position = (coordinate(1).zip(coordinate(0)))
        .and_then(|(lat_deg, lon_deg)| Position::new(lat_deg, lon_deg).ok())
        .ok_or("coordinates are no [longitude, latitude] in degrees")?;
    let id = optional(properties, "id", "a whole number", Value::as_u64)?.unwrap_or(number);
    let kind = |value: &Value| Kind::from_name(value.as_str()?);
    let heading = |value: &Value| Heading::from_deg(value.as_f64()?).ok();
    let text = |value: &Value| Some(value.as_str()?.to_owned());
    let time = |value: &Value| {
        let time: jiff::Timestamp = value.as_str()?.parse().ok()?;
        Some(time.as_microsecond())
    };
    let when = |name| optional(properties, name, "a time as 2026-01-05T07:30:00Z", time);
    Ok(TruePlace {
        id,
        site: optional(properties, "site", "a whole number", Value::as_u64)?.unwrap_or(id),
        kind: optional(properties, "kind", "a kind of hazard", kind)?,
        position,
        heading: optional(properties, "heading_deg", "degrees from 0 to 360", heading)?,
        road_class: optional(properties, "road_class", "a text", text)?.unwrap_or_default(),
        appears_us: when("appears_utc")?,
        repaired_us: when("repaired_utc")?,
        claimed_us: when("claimed_utc")?,
        swerved: optional(properties, "swerved", "true or false", Value::as_bool)?.unwrap_or(false),
    })
}

/// A property that may be missing or null.
fn optional<T>(
    properties: &Value,
    name: &str,
    expected: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, String> {
    match &properties[name] {
        Value::Null => Ok(None),
        value => match read(value) {
            Some(value) => Ok(Some(value)),
            None => Err(format!("{name} is {value}, expected {expected}")),
        },
    }
}
