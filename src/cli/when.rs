//! A moment as people write it: a time, or a whole day where the map is.

use std::str::FromStr;

use aggregator::Zone;
use jiff::civil::Date;

/// A moment as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// An RFC 3339 time, µs since 1970 UTC.
    At(i64),
    /// A date counts to its end, in the zone of the map's area.
    EndOf(Date),
}

impl When {
    /// The moment in µs since 1970 UTC, for a map whose days are counted in `zone`.
    pub fn us(self, zone: &Zone) -> i64 {
        match self {
            Self::At(t_us) => t_us,
            // The last day of the calendar ends with it.
            Self::EndOf(date) => zone.end_us(date).unwrap_or(i64::MAX),
        }
    }
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(time) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::At(time.as_microsecond()));
        }
        let date = text.parse().map(Self::EndOf);
        date.map_err(|_| "a time like 2026-02-01T12:00:00Z or a date like 2026-02-01")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_counts_to_its_end_where_the_map_is() {
        let us = |text: &str, zone: &str| {
            let when: When = text.parse().unwrap();
            when.us(&zone.parse().unwrap())
        };
        assert_eq!(us("1970-01-02", "UTC"), 2 * 86_400_000_000 - 1);
        let half_past_five_us = (5 * 60 + 30) * 60_000_000;
        assert_eq!(
            us("1970-01-02", "Asia/Kolkata"),
            2 * 86_400_000_000 - 1 - half_past_five_us
        );
        assert_eq!(us("1970-01-01T00:00:01Z", "Asia/Kolkata"), 1_000_000);
        assert_eq!(us("9999-12-31", "UTC"), i64::MAX);
        assert!("yesterday".parse::<When>().is_err());
    }
}
