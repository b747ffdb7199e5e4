//! The area that a map is of: whose roads they are, and in which time zone its days are counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::query::Bbox;
use crate::zone::Zone;

/// The area that a map is of. Given once, when the map is made, and never guessed: a map of which
/// nobody says it is of the area `default`, and its days are those of UTC.
///
/// Every fact of the map carries the area; two areas never lie in one map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its name among machines.
    pub id: AreaId,
    /// The time zone in which its days and weeks are counted.
    pub time_zone: Zone,
    /// Its name among people.
    #[serde(default)]
    pub name: Option<String>,
    /// The box that it lies in.
    #[serde(default, with = "corners")]
    pub bbox: Option<Bbox>,
    /// What is spoken there, BCP 47 tags, the first one first.
    #[serde(default, deserialize_with = "tags")]
    pub languages: Vec<String>,
    /// Who runs the survey.
    #[serde(default)]
    pub operator: Option<String>,
    /// Where people turn to: an address of any kind.
    #[serde(default)]
    pub contact: Option<String>,
    /// Under which licence its data are given away, as SPDX names it.
    #[serde(default)]
    pub licence: Option<String>,
    /// So many distinct drivers stand behind whatever is published; `None` where nobody says
    /// otherwise than this version does. At least 3. Source: Street Bump, SmartRoadSense and
    /// SharedStreets publish from three on.
    #[serde(default, deserialize_with = "at_least_3")]
    pub k: Option<u32>,
    /// What one driver passed is kept so many days; `None` as for `k`. At least 7, one week.
    #[serde(default, deserialize_with = "at_least_7")]
    pub retention_days: Option<u32>,
}

/// The name of an area among machines: 1 to 40 of a–z, 0–9 and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaId(String);

/// The text is not the name of an area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of an area: 1 to 40 of a-z, 0-9 and hyphens")]
pub struct AreaIdError;

/// The area of a map of which nobody says it.
const DEFAULT: &str = "default";

impl AreaId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nobody gave the area a name.
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT
    }
}

impl Default for AreaId {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl fmt::Display for AreaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for AreaId {
    type Err = AreaIdError;

    fn from_str(text: &str) -> Result<Self, AreaIdError> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if (1..=40).contains(&text.len()) && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(AreaIdError)
    }
}

impl Serialize for AreaId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AreaId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let tags = Vec::<String>::deserialize(deserializer)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match tags
        .iter()
        .find(|tag| tag.is_empty() || !tag.chars().all(is_plain))
    {
        Some(tag) => Err(de::Error::custom(format!(
            "`{tag}` is not a language such as pt or zh-Hant"
        ))),
        None => Ok(tags),
    }
}

fn at_least_3<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    at_least(3, deserializer)
}

fn at_least_7<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    at_least(7, deserializer)
}

fn at_least<'de, D: Deserializer<'de>>(
    least: u32,
    deserializer: D,
) -> Result<Option<u32>, D::Error> {
    let value = Option::<u32>::deserialize(deserializer)?;
    if value.is_some_and(|value| value < least) {
        return Err(de::Error::custom(format!("at least {least} is needed")));
    }
    Ok(value)
}

/// A box as `[west, south, east, north]`, degrees.
mod corners {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::query::Bbox;

    pub(super) fn serialize<S: Serializer>(
        bbox: &Option<Bbox>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        bbox.map(Bbox::degrees).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Bbox>, D::Error> {
        let degrees = Option::<[f64; 4]>::deserialize(deserializer)?;
        degrees
            .map(Bbox::from_degrees)
            .transpose()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_reads_what_it_writes() {
        let area = Area {
            id: "ahmedabad".parse().unwrap(),
            time_zone: "Asia/Kolkata".parse().unwrap(),
            name: Some("Ahmedabad".to_owned()),
            bbox: Some("72.4,22.9,72.8,23.2".parse().unwrap()),
            languages: vec!["gu".to_owned(), "en".to_owned()],
            k: Some(5),
            ..Area::default()
        };
        let text = serde_json::to_string(&area).unwrap();
        assert_eq!(serde_json::from_str::<Area>(&text).unwrap(), area);
    }

    #[test]
    fn what_no_area_can_have_is_refused_with_the_reason() {
        for (text, why) in [
            (r#"{"id":"x"}"#, "missing field `time_zone`"),
            (r#"{"id":"x","time_zone":"Calcutta"}"#, "IANA"),
            (r#"{"id":"São Paulo","time_zone":"UTC"}"#, "a-z, 0-9"),
            (r#"{"id":"x","time_zone":"UTC","k":2}"#, "at least 3"),
            (
                r#"{"id":"x","time_zone":"UTC","retention_days":1}"#,
                "at least 7",
            ),
            (
                r#"{"id":"x","time_zone":"UTC","bbox":[1,5,3,4]}"#,
                "south edge",
            ),
            (
                r#"{"id":"x","time_zone":"UTC","languages":["pt en"]}"#,
                "is not a language",
            ),
            (
                r#"{"id":"x","time_zone":"UTC","zone":"UTC"}"#,
                "unknown field `zone`",
            ),
        ] {
            let refused = serde_json::from_str::<Area>(text).unwrap_err().to_string();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn an_id_is_plain() {
        for text in ["", "Town", "a b", "a_b", &"a".repeat(41)] {
            assert_eq!(text.parse::<AreaId>(), Err(AreaIdError), "{text}");
        }
        assert!("default".parse::<AreaId>().unwrap().is_default());
        assert!(!"porto-2".parse::<AreaId>().unwrap().is_default());
    }
}
