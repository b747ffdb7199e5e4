//! How values of the domain stand in `acts.jsonl`.

/// A word of a closed vocabulary, by its name.
pub(super) trait Word: Sized {
    fn word(&self) -> &'static str;
    fn of(word: &str) -> Option<Self>;
}

macro_rules! word {
    ($($name:ty),+) => {$(
        impl Word for $name {
            fn word(&self) -> &'static str {
                self.name()
            }

            fn of(word: &str) -> Option<Self> {
                Self::from_name(word)
            }
        }
    )+};
}
word!(trip::Kind, super::ActKind, super::CloseReason);

/// A word.
pub(super) mod name {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Word;

    pub(in super::super) fn serialize<T: Word, S: Serializer>(
        word: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(word.word())
    }

    pub(in super::super) fn deserialize<'de, T: Word, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let word = String::deserialize(deserializer)?;
        T::of(&word).ok_or_else(|| D::Error::custom("a word that is not in the vocabulary"))
    }
}

/// A word, or none.
pub(super) mod optional_name {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Word;

    pub(in super::super) fn serialize<T: Word, S: Serializer>(
        word: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        word.as_ref().map(Word::word).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, T: Word, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let unknown = || D::Error::custom("a word that is not in the vocabulary");
        let word = Option::<String>::deserialize(deserializer)?;
        word.map(|word| T::of(&word).ok_or_else(unknown))
            .transpose()
    }
}

/// A position as `{"lat": …, "lon": …}`, degrees.
pub(super) mod position {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use trip::Position;

    #[derive(Serialize, Deserialize)]
    struct Degrees {
        lat: f64,
        lon: f64,
    }

    pub(in super::super) fn serialize<S: Serializer>(
        position: &Position,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let (lat, lon) = (position.lat_deg(), position.lon_deg());
        Degrees { lat, lon }.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Position, D::Error> {
        let Degrees { lat, lon } = Degrees::deserialize(deserializer)?;
        Position::new(lat, lon).map_err(|_| D::Error::custom("a position out of range"))
    }
}

/// A heading in degrees, or none.
pub(super) mod heading {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use trip::Heading;

    pub(in super::super) fn serialize<S: Serializer>(
        heading: &Option<Heading>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        heading.map(Heading::deg).serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Heading>, D::Error> {
        let deg = Option::<f64>::deserialize(deserializer)?;
        deg.map(|deg| {
            Heading::from_deg(deg).map_err(|_| D::Error::custom("a heading out of range"))
        })
        .transpose()
    }
}
