//! When evidence counts: its day, week and season.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use jiff::tz::TimeZone;

use crate::zone::{Zone, date_of_day};

/// The day that a trip's evidence is filed under: the day of its last sample, in the zone of the area.
///
/// Dated days come in order of time; evidence without a date comes after all of them, so that
/// importing an old undated recording never disturbs what dated evidence founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stamp {
    /// Days since 1970-01-01.
    Day(i32),
    /// The phone's clock knew no date. Each such trip is a day of its own.
    Undated,
}

/// The span over which a device keeps one pseudonym: a quarter of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Season {
    /// A quarter of a year.
    Quarter {
        /// The year.
        year: i16,
        /// 1 to 4.
        quarter: i8,
    },
    /// All evidence without a date.
    Undated,
}

/// An ISO 8601 week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week {
    /// The year the week belongs to, which near New Year is not always the calendar's.
    pub year: i16,
    /// 1 to 53.
    pub week: i8,
}

/// The text is not a season or a week as [`Season`] and [`Week`] print them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a quarter such as 2026Q1 nor an ISO week such as 2026-W03")]
pub struct SpanError;

/// Microseconds in one day.
pub(crate) const DAY_US: i64 = 86_400 * 1_000_000;

impl Stamp {
    /// The stamp of a trip whose last sample was taken at `last_us`, µs of the phone's clock, where
    /// days are counted in `zone`.
    ///
    /// A clock beyond the year 9999 knows the date as little as one that counts from boot.
    pub fn of(last_us: i64, zone: &Zone) -> Self {
        if knows_date(last_us) {
            Self::Day(zone.day_of(last_us))
        } else {
            Self::Undated
        }
    }

    /// Days since 1970-01-01; `None` without a date.
    pub fn day(self) -> Option<i32> {
        match self {
            Self::Day(day) => Some(day),
            Self::Undated => None,
        }
    }

    /// The season whose pseudonyms the evidence carries.
    pub fn season(self) -> Season {
        self.date().map_or(Season::Undated, |date| Season::Quarter {
            year: date.year(),
            quarter: (date.month() - 1) / 3 + 1,
        })
    }

    /// The ISO week; `None` without a date.
    pub fn week(self) -> Option<Week> {
        self.date().map(|date| {
            let week = date.iso_week_date();
            Week {
                year: week.year(),
                week: week.week(),
            }
        })
    }

    /// A time of this day's evidence as a date knows it: `t_us` itself, or the day's beginning
    /// where the phone's clock had no date yet; `None` without a date.
    pub fn dated_us(self, t_us: i64, zone: &Zone) -> Option<i64> {
        let day = self.day()?;
        Some(if knows_date(t_us) {
            t_us
        } else {
            zone.begin_us(day)
        })
    }

    fn date(self) -> Option<Date> {
        date_of_day(self.day()?)
    }
}

/// Whether a phone's clock knew the date when it gave this time.
fn knows_date(t_us: i64) -> bool {
    trip::is_dated(t_us) && Timestamp::from_microsecond(t_us).is_ok()
}

impl Week {
    /// Its last day; `None` where its year has no such week.
    pub fn sunday(self) -> Option<Date> {
        let sunday = ISOWeekDate::new(self.year, self.week, Weekday::Sunday).ok()?;
        Some(sunday.date())
    }
}

impl Season {
    /// The first day after it, days since 1970-01-01; `None` when it has no end.
    pub(crate) fn ends(self) -> Option<i32> {
        let Self::Quarter { year, quarter } = self else {
            return None;
        };
        let (year, month) = if quarter < 4 {
            (year, 3 * quarter + 1)
        } else {
            (year.checked_add(1)?, 1)
        };
        let first = Date::new(year, month, 1).ok()?;
        let midnight = first.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Zone::UTC.day_of(midnight.as_microsecond()))
    }
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quarter { year, quarter } => write!(f, "{year:04}Q{quarter}"),
            Self::Undated => f.write_str("undated"),
        }
    }
}

impl FromStr for Season {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        if text == "undated" {
            return Ok(Self::Undated);
        }
        let (year, quarter) = text.split_once('Q').ok_or(SpanError)?;
        let quarter = quarter.parse().map_err(|_| SpanError)?;
        if !(1..=4).contains(&quarter) {
            return Err(SpanError);
        }
        let year = year.parse().map_err(|_| SpanError)?;
        Ok(Self::Quarter { year, quarter })
    }
}

impl fmt::Display for Week {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

impl FromStr for Week {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let (year, week) = text.split_once("-W").ok_or(SpanError)?;
        let week = week.parse().map_err(|_| SpanError)?;
        if !(1..=53).contains(&week) {
            return Err(SpanError);
        }
        let year = year.parse().map_err(|_| SpanError)?;
        Ok(Self { year, week })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-05T12:00:00Z, a Monday.
    const MONDAY_NOON_US: i64 = 1_767_614_400 * 1_000_000;

    #[test]
    fn a_monday_in_january_is_of_the_first_quarter_and_the_second_week() {
        let stamp = Stamp::of(MONDAY_NOON_US, &Zone::UTC);
        assert_eq!(stamp.season().to_string(), "2026Q1");
        assert_eq!(stamp.week().unwrap().to_string(), "2026-W02");
        assert_eq!(stamp.day(), Some(20_458));
    }

    #[test]
    fn sunday_night_in_utc_is_next_week_in_india() {
        let india = "Asia/Kolkata".parse().unwrap();
        let sunday_night_us = MONDAY_NOON_US - 12 * 3_600_000_000 - 30 * 60_000_000;
        let (there, here) = (
            Stamp::of(sunday_night_us, &india),
            Stamp::of(sunday_night_us, &Zone::UTC),
        );
        assert_eq!((there.day(), here.day()), (Some(20_458), Some(20_457)));
        assert_eq!(there.week().unwrap().to_string(), "2026-W02");
        assert_eq!(here.week().unwrap().to_string(), "2026-W01");
        let begin_us = there.dated_us(5, &india);
        assert_eq!(
            begin_us,
            Some(20_458 * DAY_US - 5 * 3_600_000_000 - 30 * 60_000_000)
        );
    }

    #[test]
    fn a_clock_that_counts_from_boot_or_runs_past_the_calendar_has_no_date() {
        for t_us in [0, -1, 36_000_000_000, i64::MAX, i64::MIN] {
            let stamp = Stamp::of(t_us, &Zone::UTC);
            assert_eq!(stamp, Stamp::Undated);
            assert_eq!(stamp.season(), Season::Undated);
            assert_eq!(
                (stamp.week(), stamp.dated_us(t_us, &Zone::UTC)),
                (None, None)
            );
        }
    }

    #[test]
    fn undated_evidence_comes_after_every_day() {
        assert!(Stamp::Day(i32::MAX) < Stamp::Undated);
    }

    #[test]
    fn a_bump_before_the_clock_was_set_counts_from_the_beginning_of_its_day() {
        let stamp = Stamp::of(MONDAY_NOON_US, &Zone::UTC);
        assert_eq!(stamp.dated_us(5, &Zone::UTC), Some(20_458 * DAY_US));
        assert_eq!(
            stamp.dated_us(MONDAY_NOON_US, &Zone::UTC),
            Some(MONDAY_NOON_US)
        );
    }

    #[test]
    fn a_season_ends_with_the_first_day_of_the_next() {
        let ends = |text: &str| text.parse::<Season>().unwrap().ends();
        assert_eq!(ends("2025Q4"), Some(20_454), "2026-01-01");
        assert_eq!(ends("2026Q1"), Some(20_544), "2026-04-01");
        assert_eq!(ends("undated"), None);
    }

    #[test]
    fn seasons_and_weeks_read_what_they_write() {
        for text in ["2026Q1", "1999Q4", "undated"] {
            assert_eq!(text.parse::<Season>().unwrap().to_string(), text);
        }
        assert_eq!("2026-W53".parse::<Week>().unwrap().to_string(), "2026-W53");
        assert_eq!("2026Q5".parse::<Season>(), Err(SpanError));
        assert_eq!("2026-W54".parse::<Week>(), Err(SpanError));
    }
}
