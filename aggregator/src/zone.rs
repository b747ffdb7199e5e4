//! The time zone in which days and weeks are counted.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::stamp::DAY_US;

/// The time zone in which days and weeks are counted: a drive at half past eleven on Sunday night in
/// UTC is one of Monday in India.
///
/// Its rules come with the program, never from the system it runs on: the same facts give the same
/// days everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The text names no time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone of the IANA database, such as Europe/Lisbon, Asia/Kolkata or UTC")]
pub struct ZoneError;

impl Zone {
    /// Coordinated universal time, where nobody says otherwise.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The day of a time in µs since 1970 UTC, in days since 1970-01-01.
    pub fn day_of(&self, t_us: i64) -> i32 {
        let offset_us = Timestamp::from_microsecond(t_us).map_or(0, |time| {
            i64::from(self.0.to_offset(time).seconds()) * 1_000_000
        });
        let day = t_us.saturating_add(offset_us).div_euclid(DAY_US);
        i32::try_from(day).expect("i64 microseconds span fewer than 2³¹ days")
    }

    /// When a day begins, µs since 1970 UTC: at midnight, or right after the hour that was left out
    /// there.
    pub fn begin_us(&self, day: i32) -> i64 {
        let begin = date_of_day(day).and_then(|date| date.to_zoned(self.0.clone()).ok());
        begin.map_or_else(
            || i64::from(day) * DAY_US,
            |begin| begin.timestamp().as_microsecond(),
        )
    }

    /// The last microsecond of a date, µs since 1970 UTC; `None` for a date that has no morrow.
    pub fn end_us(&self, date: Date) -> Option<i64> {
        let next = date.tomorrow().ok()?.to_zoned(self.0.clone()).ok()?;
        Some(next.timestamp().as_microsecond() - 1)
    }

    /// The date of a time in µs since 1970 UTC; `None` beyond the calendar.
    pub fn date_of(&self, t_us: i64) -> Option<Date> {
        let time = Timestamp::from_microsecond(t_us).ok()?;
        Some(self.0.to_datetime(time).date())
    }
}

/// The date of a day since 1970-01-01; `None` beyond the calendar.
pub(crate) fn date_of_day(day: i32) -> Option<Date> {
    let midnight = Timestamp::from_second(i64::from(day) * 86_400).ok()?;
    Some(TimeZone::UTC.to_datetime(midnight).date())
}

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Self, ZoneError> {
        let zone = TimeZoneDatabase::bundled().get(name);
        let zone = zone.ok().filter(|zone| !zone.is_unknown());
        zone.map(Self).ok_or(ZoneError)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(time: &str) -> i64 {
        time.parse::<Timestamp>().unwrap().as_microsecond()
    }

    #[test]
    fn days_are_counted_where_the_zone_is() {
        let (utc, india): (Zone, Zone) = (Zone::UTC, "Asia/Kolkata".parse().unwrap());
        let night_us = us("2026-01-04T23:30:00Z");
        assert_eq!(
            (utc.day_of(night_us), india.day_of(night_us)),
            (20_457, 20_458)
        );
        assert_eq!(utc.day_of(-1), -1);
        assert_eq!(india.begin_us(20_458), us("2026-01-04T18:30:00Z"));
        assert_eq!(utc.begin_us(20_458), 20_458 * DAY_US);
        let date = india.date_of(night_us).unwrap();
        assert_eq!(india.end_us(date), Some(us("2026-01-05T18:30:00Z") - 1));
    }

    #[test]
    fn a_day_of_23_or_of_25_hours_is_one_day() {
        let lisbon: Zone = "Europe/Lisbon".parse().unwrap();
        for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)] {
            let day = lisbon.day_of(us(&format!("{date}T12:00:00Z")));
            let (begin_us, end_us) = (lisbon.begin_us(day), lisbon.begin_us(day + 1));
            assert_eq!(end_us - begin_us, hours * 3_600_000_000, "{date}");
            assert_eq!(lisbon.day_of(begin_us), day);
            assert_eq!(
                (lisbon.day_of(begin_us - 1), lisbon.day_of(end_us)),
                (day - 1, day + 1)
            );
        }
    }

    #[test]
    fn a_day_without_a_midnight_begins_when_it_begins() {
        // Clocks in Santiago went from 24:00 on the 5th to 01:00 on the 6th of September 2026.
        let santiago: Zone = "America/Santiago".parse().unwrap();
        let day = santiago.day_of(us("2026-09-06T16:00:00Z"));
        assert_eq!(santiago.day_of(santiago.begin_us(day)), day);
        assert_eq!(santiago.day_of(santiago.begin_us(day) - 1), day - 1);
    }

    #[test]
    fn times_beyond_the_calendar_do_no_harm() {
        let india: Zone = "Asia/Kolkata".parse().unwrap();
        for t_us in [i64::MIN, i64::MAX] {
            assert_eq!(india.day_of(t_us), Zone::UTC.day_of(t_us));
            assert_eq!(india.date_of(t_us), None);
        }
        assert_eq!(india.begin_us(i32::MAX), i64::from(i32::MAX) * DAY_US);
    }

    #[test]
    fn a_zone_reads_what_it_writes_and_nothing_else() {
        for name in ["UTC", "Asia/Kolkata", "America/Argentina/Buenos_Aires"] {
            assert_eq!(name.parse::<Zone>().unwrap().to_string(), name);
        }
        for name in ["", "Kolkata", "Asia/Calcuta", "+05:30", "Etc/Unknown"] {
            assert_eq!(name.parse::<Zone>(), Err(ZoneError), "{name}");
        }
    }
}
