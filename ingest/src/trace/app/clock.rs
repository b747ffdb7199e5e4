//! The clocks that apps write: each to µs.

use super::sheet::{Column, Row};
use crate::trace::refusal::Cause;

/// Where the time of a reading stands, and how it is written.
#[derive(Clone, Debug)]
pub(super) enum Clock {
    /// Whole nanoseconds since 1970.
    Nanoseconds(Column),
    /// Seconds, of any clock.
    Seconds(Column),
    /// Seconds of a clock that is so many µs behind that of 1970.
    Behind(Column, i64),
    /// Seconds of an experiment that may have been paused: from each of these times on, µs, so
    /// many µs are to be added. In order.
    Paused(Column, Vec<(i64, i64)>),
    /// Date and time with their zone.
    Text(Column),
}

impl Clock {
    /// The time on a row, µs.
    pub(super) fn t_us(&self, row: &Row<'_>) -> Result<i64, Cause> {
        match self {
            Self::Nanoseconds(column) => row.cell(*column).nanoseconds_us(),
            Self::Seconds(column) => row.cell(*column).seconds_us(),
            Self::Behind(column, by_us) => Ok(row.cell(*column).seconds_us()? + by_us),
            Self::Paused(column, starts) => {
                let t_us = row.cell(*column).seconds_us()?;
                let at = starts.partition_point(|&(from_us, _)| from_us <= t_us);
                let start = starts.get(at.saturating_sub(1));
                Ok(t_us + start.map_or(0, |&(_, by_us)| by_us))
            }
            Self::Text(column) => {
                let cell = row.cell(*column);
                let written = cell.text().and_then(written_us);
                match written {
                    Some((local_us, Some(zone_us))) => Ok(local_us - zone_us),
                    _ if cell.is_blank() => Err(cell.blank()),
                    _ => Err(cell.bad("a date and time with its zone".to_owned())),
                }
            }
        }
    }
}

/// A date and time like `2025-03-06T18:56:16.379-06:00`, as µs of the place's own clock, and what
/// its zone is ahead of UTC, µs, where that is written.
pub(super) fn written_us(text: &str) -> Option<(i64, Option<i64>)> {
    let (date, rest) = text.trim().split_at_checked(10)?;
    let mut date = date.split('-').map(str::parse::<i64>);
    let mut next = || date.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let rest = rest.strip_prefix(['T', ' '])?;
    let zone_at = rest.find(['Z', '+', '-', ' ']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone_at);
    let (hour, rest) = time.split_once(':')?;
    let (minute, second) = rest.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let second: f64 = second.parse().ok()?;
    let sound = (1970..2100).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0.0..61.0).contains(&second);
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60;
    let local_us = seconds * 1_000_000 + (second * 1e6).round() as i64;
    sound.then_some((local_us, zone_us(zone.trim())))
}

/// `Z`, `-06:00` or `-0600`: how much the zone is ahead of UTC, µs.
fn zone_us(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = zone.split_at_checked(1)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return None,
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sound = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    sound.then_some(sign * (hours * 3_600 + minutes * 60) * 1_000_000)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Source: Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms", `days_from_civil`.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_time_is_read_with_its_zone_or_without() {
        let check = |text: &str, expected| assert_eq!(written_us(text), expected, "{text}");
        let (local, hours) = (1_741_287_376_379_000, 3_600_000_000);
        check("2025-03-06T18:56:16.379Z", Some((local, Some(0))));
        check(
            "2025-03-06T18:56:16.379-06:00",
            Some((local, Some(-6 * hours))),
        );
        check(
            "2025-03-06 18:56:16.379 +0530",
            Some((local, Some(11 * hours / 2))),
        );
        check("2025-03-06 18:56:16.379", Some((local, None)));
        check("1970-01-01 00:00:00", Some((0, None)));
        check("2000-02-29 00:00:00", Some((951_782_400_000_000, None)));
        for text in [
            "",
            "2025-13-06T18:56:16",
            "2025-03-06",
            "2025-03-06T18:56",
            "×025-03-06T1:2:3",
        ] {
            check(text, None);
        }
    }
}
