//! Why a message is refused.

use super::limits;

/// Why a message is refused. Nothing of a refused message is kept.
///
/// The text names the field and never repeats a value: a position, a device or a trip that is
/// wrong in one digit is still somebody's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The message is larger than a packet may be.
    #[error("message is larger than {} bytes", limits::MAX_PACKET_BYTES)]
    TooLarge,
    /// The message is larger than 1 MB once inflated.
    #[error(
        "message is larger than {} bytes once inflated",
        limits::MAX_INFLATED_BYTES
    )]
    InflatedTooLarge,
    /// It begins like gzip or zstd and is not.
    #[error("gzip or zstd body is damaged")]
    Compression,
    /// It is neither a JSON object nor a CBOR map, or something follows it.
    #[error("message is not one JSON object or CBOR map: {at}")]
    Syntax {
        /// Where it stops being one.
        at: String,
    },
    /// A later version of the wire format, or none.
    #[error("v is not 1")]
    Version,
    /// A type that version 1 does not know.
    #[error("type is not one of samples, mark, hello, bye, report")]
    Type,
    /// A field that must be there is not.
    #[error("{field} is missing")]
    Missing {
        /// Path of the field.
        field: String,
    },
    /// A field holds another sort of value, or appears twice.
    #[error("{field}: {problem}")]
    Shape {
        /// Path of the field.
        field: String,
        /// What was expected there.
        problem: String,
    },
    /// A word that a closed vocabulary does not have.
    #[error("{field} is not a word of its vocabulary")]
    Word {
        /// Path of the field.
        field: String,
    },
    /// A trip, device or hash that is not written as one.
    #[error("{field} is not {expected}")]
    Id {
        /// Path of the field.
        field: String,
        /// How one is written.
        expected: &'static str,
    },
    /// A number outside its limits, or not finite.
    #[error("{field} is not {expected}")]
    Range {
        /// Path of the field.
        field: String,
        /// The limits.
        expected: String,
    },
    /// A list or text is longer than it may be.
    #[error("{field} is longer than {limit}")]
    TooLong {
        /// Path of the field.
        field: String,
        /// The most it may have: entries of a list, bytes of a text.
        limit: usize,
    },
    /// The columns of one sensor differ in length.
    #[error("{field}: dt_us, x, y and z differ in length")]
    Columns {
        /// The sensor.
        field: String,
    },
    /// Times of one column, list or pair run backwards.
    #[error("{field} is before the time it follows")]
    Backwards {
        /// Path of the time that is too early.
        field: String,
    },
    /// The times of one message lie too far apart.
    #[error(
        "times of one message lie more than {} s apart: sensors on different clocks?",
        limits::MAX_SPAN_US / 1_000_000
    )]
    Span,
    /// Two fields say the same thing.
    #[error("{field} is there twice, in two units")]
    Twice {
        /// What is said twice.
        field: String,
    },
}

impl WireError {
    /// The stable code of the refusal, as the nack carries it. Part of the contract: see
    /// `WIRE.md`.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge | Self::InflatedTooLarge => "too_large",
            Self::Compression => "bad_compression",
            Self::Syntax { .. } => "not_a_message",
            Self::Version => "unknown_version",
            Self::Type => "unknown_type",
            Self::Missing { .. } => "missing_field",
            Self::Shape { .. } => "wrong_type",
            Self::Word { .. } => "unknown_word",
            Self::Id { .. } => "bad_id",
            Self::Range { .. } => "out_of_range",
            Self::TooLong { .. } => "too_long",
            Self::Columns { .. } => "unequal_columns",
            Self::Backwards { .. } => "time_backwards",
            Self::Span => "clocks_apart",
            Self::Twice { .. } => "said_twice",
        }
    }
}
