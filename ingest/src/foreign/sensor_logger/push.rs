//! The JSON of one message, as far as it means something here.
//!
//! What does not (other sensors, values of any shape) is passed over without being kept: `values` of
//! the test button is a list, pictures come as text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::wire::WireError;

/// One message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Push {
    pub(super) message_id: Option<i64>,
    pub(super) session_id: Option<String>,
    pub(super) payload: Vec<Item>,
}

/// What names a message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named {
    pub(super) message_id: Option<i64>,
    pub(super) session_id: Option<String>,
}

/// One reading of one sensor.
#[derive(Debug, Deserialize)]
pub(super) struct Item {
    pub(super) name: Name,
    time: Option<Nanoseconds>,
    #[serde(default)]
    pub(super) values: Values,
}

/// The sensors that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
pub(super) enum Name {
    Accelerometer,
    AccelerometerUncalibrated,
    Gravity,
    Gyroscope,
    Location,
    Test,
    TotalAcceleration,
    #[serde(other)]
    Other,
}

/// Unix time, as a number or as text.
#[derive(Clone, Copy, Debug)]
struct Nanoseconds(i64);

/// What a reading says: a vector, or a position.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Values {
    pub(super) x: Number,
    pub(super) y: Number,
    pub(super) z: Number,
    pub(super) latitude: Number,
    pub(super) longitude: Number,
    pub(super) speed: Number,
    pub(super) bearing: Number,
    pub(super) horizontal_accuracy: Number,
}

/// A value that should be a number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Number {
    /// It is one.
    Is(f64),
    /// It is not there, or null.
    #[default]
    Absent,
    /// It is something else.
    Other,
}

impl Push {
    /// The readings of one sensor, each with its place in the message.
    pub(super) fn of(&self, name: Name) -> impl Iterator<Item = (usize, &Item)> {
        let items = self.payload.iter().enumerate();
        items.filter(move |(_, item)| item.name == name)
    }
}

impl Item {
    /// When it was taken, µs; `i` is its place in the message.
    pub(super) fn t_us(&self, i: usize) -> Result<i64, WireError> {
        let field = || format!("payload[{i}].time");
        let time = self
            .time
            .ok_or_else(|| WireError::Missing { field: field() })?;
        Ok(time.0.div_euclid(1_000))
    }
}

impl Number {
    /// The number, if there is anything.
    pub(super) fn optional(self, field: impl fmt::Display) -> Result<Option<f64>, WireError> {
        match self {
            Self::Is(number) => Ok(Some(number)),
            Self::Absent => Ok(None),
            Self::Other => Err(WireError::Shape {
                field: field.to_string(),
                problem: "expected a number".to_owned(),
            }),
        }
    }

    /// The number.
    pub(super) fn required(self, field: impl fmt::Display) -> Result<f64, WireError> {
        self.optional(&field)?.ok_or_else(|| WireError::Missing {
            field: field.to_string(),
        })
    }
}

impl<'de> Deserialize<'de> for Nanoseconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Time;

        impl Visitor<'_> for Time {
            type Value = Nanoseconds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("whole nanoseconds")
            }

            fn visit_i64<E: Error>(self, time: i64) -> Result<Nanoseconds, E> {
                Ok(Nanoseconds(time))
            }

            fn visit_u64<E: Error>(self, time: u64) -> Result<Nanoseconds, E> {
                let time =
                    i64::try_from(time).map_err(|_| E::custom("expected an earlier time"))?;
                Ok(Nanoseconds(time))
            }

            /// A number that was written with a fraction or an exponent: what its sender had.
            fn visit_f64<E: Error>(self, time: f64) -> Result<Nanoseconds, E> {
                Ok(Nanoseconds(time as i64))
            }

            fn visit_str<E: Error>(self, time: &str) -> Result<Nanoseconds, E> {
                let time = time.parse();
                time.map(Nanoseconds)
                    .map_err(|_| E::custom("expected whole nanoseconds"))
            }
        }

        deserializer.deserialize_any(Time)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier, rename_all = "camelCase")]
        enum Key {
            X,
            Y,
            Z,
            Latitude,
            Longitude,
            Speed,
            Bearing,
            HorizontalAccuracy,
            #[serde(other)]
            Other,
        }

        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
                let mut values = Values::default();
                while let Some(key) = map.next_key()? {
                    let number = map.next_value()?;
                    match key {
                        Key::X => values.x = number,
                        Key::Y => values.y = number,
                        Key::Z => values.z = number,
                        Key::Latitude => values.latitude = number,
                        Key::Longitude => values.longitude = number,
                        Key::Speed => values.speed = number,
                        Key::Bearing => values.bearing = number,
                        Key::HorizontalAccuracy => values.horizontal_accuracy = number,
                        Key::Other => {}
                    }
                }
                Ok(values)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Values::default())
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Values, E> {
                Ok(Values::default())
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Values, E> {
                Ok(Values::default())
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Values, E> {
                Ok(Values::default())
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Values, E> {
                Ok(Values::default())
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Values, E> {
                Ok(Values::default())
            }

            fn visit_unit<E: Error>(self) -> Result<Values, E> {
                Ok(Values::default())
            }
        }

        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number::Is(number as f64))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number::Is(number as f64))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number::Is(number))
            }

            fn visit_unit<E: Error>(self) -> Result<Number, E> {
                Ok(Number::Absent)
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_str<E: Error>(self, _: &str) -> Result<Number, E> {
                Ok(Number::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Number, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Number::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Number::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}
