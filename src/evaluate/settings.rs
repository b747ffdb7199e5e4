//! The detector's configuration as TOML, and the names of its numbers.

use detector::Config;
use serde_json::Value;

use crate::dotted::{leaves, near};

/// Why a text does not configure the detector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// It is not TOML.
    #[error("this is not TOML: {0}")]
    Toml(String),
    /// The configuration has no such number.
    #[error("the detector has no number `{key}`{}", nearest(near))]
    Unknown {
        /// The name.
        key: String,
        /// Names that are near to it, or that lie in the same part.
        near: Vec<String>,
    },
    /// The value is of another kind.
    #[error("`{key}` cannot be {value}: {why}")]
    Value {
        /// The name.
        key: String,
        /// The value.
        value: String,
        /// What is wrong with it.
        why: String,
    },
    /// A grid lists the values of each number.
    #[error("`{key}` is not a list of values; write [{value}] for a single one")]
    NotAList {
        /// The name.
        key: String,
        /// What stands there.
        value: String,
    },
    /// A list without values leaves no setting.
    #[error("the list of `{key}` is empty")]
    EmptyList {
        /// The name.
        key: String,
    },
    /// Nothing is varied.
    #[error("the grid names no number; write for instance `trigger.threshold = [1.6, 1.8]`")]
    EmptyGrid,
}

fn nearest(near: &[String]) -> String {
    if near.is_empty() {
        return "; `jounce evaluate --print-config` lists them all".to_owned();
    }
    format!("; near it: {}", near.join(", "))
}

/// Every number of the configuration by its dotted name, in order.
pub fn names() -> Vec<String> {
    leaves(&value(&Config::default()))
        .into_iter()
        .map(|(key, _)| key)
        .collect()
}

/// The configuration in TOML, every number of it.
pub fn to_toml(config: &Config) -> String {
    toml::to_string(config).expect("a configuration is tables of plain numbers")
}

/// The shipped configuration with the numbers that a TOML text names.
///
/// # Errors
/// When it is not TOML, names a number that there is not, or gives it a value it cannot have.
pub fn from_toml(text: &str) -> Result<Config, SettingError> {
    let mut setting = Setting::shipped();
    for (key, value) in leaves(&parse(text)?) {
        setting.set(&key, value)?;
    }
    Ok(setting.config)
}

/// A configuration that is being changed number by number.
#[derive(Clone, Debug)]
pub struct Setting {
    value: Value,
    /// The configuration as it stands.
    pub config: Config,
}

impl Setting {
    /// The shipped configuration.
    pub fn shipped() -> Self {
        Self::of(Config::default())
    }

    /// A configuration to begin with.
    pub fn of(config: Config) -> Self {
        let value = value(&config);
        Self { value, config }
    }

    /// Gives one number, named by its dotted name, another value.
    ///
    /// # Errors
    /// When there is no such number, or it cannot have that value.
    pub fn set(&mut self, key: &str, value: Value) -> Result<(), SettingError> {
        let pointer = format!("/{}", key.replace('.', "/"));
        let place = self.value.pointer_mut(&pointer);
        let Some(place) = place.filter(|place| !place.is_object()) else {
            return Err(SettingError::Unknown {
                key: key.to_owned(),
                near: near(key, names()),
            });
        };
        *place = value.clone();
        let config = serde_json::from_value(self.value.clone());
        self.config = config.map_err(|error| SettingError::Value {
            key: key.to_owned(),
            value: value.to_string(),
            why: error.to_string(),
        })?;
        Ok(())
    }
}

/// The numbers that a grid varies, in order of their names, each with its values in the order of the
/// file.
///
/// # Errors
/// When the text is no grid, or a value cannot be.
pub fn grid(text: &str) -> Result<Vec<(String, Vec<Value>)>, SettingError> {
    let mut grid = Vec::new();
    for (key, values) in leaves(&parse(text)?) {
        let Value::Array(values) = values else {
            Setting::shipped().set(&key, values.clone())?;
            let value = values.to_string();
            return Err(SettingError::NotAList { key, value });
        };
        for value in &values {
            Setting::shipped().set(&key, value.clone())?;
        }
        if values.is_empty() {
            return Err(SettingError::EmptyList { key });
        }
        grid.push((key, values));
    }
    if grid.is_empty() {
        return Err(SettingError::EmptyGrid);
    }
    Ok(grid)
}

fn value(config: &Config) -> Value {
    serde_json::to_value(config).expect("a configuration is plain numbers")
}

fn parse(text: &str) -> Result<Value, SettingError> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        SettingError::Toml(error.to_string().trim().to_owned())
    })?;
    serde_json::to_value(table).map_err(|error| SettingError::Toml(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_file_is_the_shipped_configuration() {
        assert_eq!(from_toml("").expect("sound"), Config::default());
        let printed = to_toml(&Config::default());
        assert_eq!(from_toml(&printed).expect("sound"), Config::default());
    }

    #[test]
    fn a_file_changes_what_it_names() {
        let text = "[trigger]\nthreshold = 2\n[gravity]\ngravity_mps2 = [7.0, 12.0]\n";
        let config = from_toml(text).expect("sound");
        assert_eq!(config.trigger.threshold, 2.0);
        assert_eq!(config.gravity.gravity_mps2, [7.0, 12.0]);
        assert_eq!(config.impact, Config::default().impact);
    }

    #[test]
    fn a_slip_is_answered_with_what_was_meant() {
        let check = |text: &str, says: &[&str]| {
            let error = from_toml(text).expect_err(text).to_string();
            for word in says {
                assert!(error.contains(word), "{word} is not in: {error}");
            }
        };
        check(
            "trigger.thresold = 1",
            &["trigger.thresold", "trigger.threshold"],
        );
        check("threshold = 1", &["`threshold`", "trigger.threshold"]);
        check("nonsense = 1", &["nonsense", "--print-config"]);
        check("trigger = 1", &["`trigger`"]);
        check("trigger.threshold = 'high'", &["trigger.threshold", "high"]);
        check("gravity.gravity_mps2 = [1]", &["gravity.gravity_mps2"]);
        check("trigger.threshold = ", &["not TOML"]);
    }

    #[test]
    fn a_grid_lists_values() {
        let text = "trigger.threshold = [1.6, 1.8]\n[gravity]\ngravity_mps2 = [[7, 12], [8, 11]]\n";
        let grid = grid(text).expect("sound");
        let keys: Vec<(&str, usize)> = (grid.iter())
            .map(|(key, values)| (key.as_str(), values.len()))
            .collect();
        assert_eq!(
            keys,
            [("gravity.gravity_mps2", 2), ("trigger.threshold", 2)]
        );
        for text in [
            "",
            "trigger.threshold = 1",
            "trigger.threshold = []",
            "x = [1]",
        ] {
            assert!(super::grid(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_number_has_a_name() {
        let names = names();
        assert!(names.len() > 50 && names.contains(&"trigger.threshold".to_owned()));
    }
}
