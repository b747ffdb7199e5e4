//! The checks that several messages share. Each names the field and never repeats the value.

use std::fmt::Display;
use std::str::FromStr;

use trip::{Heading, Position, Speed};

use super::{WireError, limits};
use crate::unit::GivenSpeed;

/// A finite number from `lo` to `hi`.
pub(super) fn number(value: f64, lo: f64, hi: f64, field: impl Display) -> Result<f64, WireError> {
    if lo <= value && value <= hi {
        return Ok(value);
    }
    Err(WireError::Range {
        field: field.to_string(),
        expected: format!("a number from {lo} to {hi}"),
    })
}

/// A number above 0, up to `hi`, that is still above 0 in 32 bits.
pub(super) fn positive(value: f64, hi: f64, field: impl Display) -> Result<f64, WireError> {
    if f64::from(f32::MIN_POSITIVE) <= value && value <= hi {
        return Ok(value);
    }
    Err(WireError::Range {
        field: field.to_string(),
        expected: format!("a number above 0, at most {hi}"),
    })
}

/// A time within the limits.
pub(super) fn time(t_us: i64, field: impl Display) -> Result<i64, WireError> {
    if (limits::MIN_TIME_US..=limits::MAX_TIME_US).contains(&t_us) {
        return Ok(t_us);
    }
    Err(WireError::Range {
        field: field.to_string(),
        expected: "a time in microseconds before the year 2100".to_owned(),
    })
}

/// A time within the limits that is not before another one.
pub(super) fn later(t_us: i64, before_us: i64, field: impl Display) -> Result<i64, WireError> {
    if t_us < before_us {
        return Err(WireError::Backwards {
            field: field.to_string(),
        });
    }
    time(t_us, field)
}

/// A place on the globe; `field` names what holds `lat` and `lon`, with its dot.
pub(super) fn position(lat: f64, lon: f64, field: impl Display) -> Result<Position, WireError> {
    number(lat, -90.0, 90.0, format_args!("{field}lat"))?;
    number(lon, -180.0, 180.0, format_args!("{field}lon"))?;
    Ok(Position::new(lat, lon).expect("both were just found in range"))
}

/// A speed, given in either unit.
pub(super) fn speed(speed: GivenSpeed, field: impl Display) -> Result<Speed, WireError> {
    match speed.speed() {
        Ok(speed) if speed.mps() <= limits::MAX_SPEED_MPS => Ok(speed),
        _ => Err(WireError::Range {
            field: field.to_string(),
            expected: format!("a speed from 0 to {} m/s", limits::MAX_SPEED_MPS),
        }),
    }
}

/// A direction in degrees.
pub(super) fn heading(deg: f64, field: impl Display) -> Result<Heading, WireError> {
    let deg = number(deg, 0.0, 360.0, field)?;
    Ok(Heading::from_deg(deg).expect("it was just found from 0 to 360"))
}

/// A radius in metres, of which 0 says nothing.
pub(super) fn accuracy(metres: f64, field: impl Display) -> Result<Option<f32>, WireError> {
    let metres = number(metres, 0.0, limits::MAX_ACCURACY_M, field)? as f32;
    Ok((metres > 0.0).then_some(metres))
}

/// A list or text of at most `limit`.
pub(super) fn length(len: usize, limit: usize, field: impl Display) -> Result<(), WireError> {
    if len <= limit {
        return Ok(());
    }
    Err(WireError::TooLong {
        field: field.to_string(),
        limit,
    })
}

/// A free text, if there is one.
pub(super) fn text(text: Option<&String>, field: impl Display) -> Result<(), WireError> {
    length(text.map_or(0, String::len), limits::MAX_TEXT_BYTES, field)
}

/// A word of a closed vocabulary.
pub(super) fn word<T>(
    word: &str,
    from_name: impl Fn(&str) -> Option<T>,
    field: impl Display,
) -> Result<T, WireError> {
    from_name(word).ok_or_else(|| WireError::Word {
        field: field.to_string(),
    })
}

/// An identity.
pub(super) fn id<T: FromStr>(
    text: &str,
    expected: &'static str,
    field: impl Display,
) -> Result<T, WireError> {
    text.parse().map_err(|_| WireError::Id {
        field: field.to_string(),
        expected,
    })
}

/// A text of `digits` lower-case hexadecimal digits.
pub(super) fn hex(text: &str, digits: usize, field: impl Display) -> Result<(), WireError> {
    let legal = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == digits && text.bytes().all(legal) {
        return Ok(());
    }
    Err(WireError::Id {
        field: field.to_string(),
        expected: "the right number of lower-case hexadecimal digits",
    })
}
