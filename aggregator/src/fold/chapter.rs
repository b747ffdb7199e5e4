//! Chapters: the evidence is told season by season.
//!
//! What is known at the end of a chapter of a place is settled into numbers ([`super::past`]), and
//! the next chapter goes on from there, whether or not the evidence of the one before still lies in
//! the map. So nothing changes on the day on which that evidence is sealed.
//!
//! A chapter is as long as a pseudonym lives: nobody needs to be known from one to the next. Trips
//! without a date are told in the newest chapter, and sealed with it.

use jiff::Span;
use jiff::civil::{Date, date};

use super::course::monday_of;
use crate::stamp::Stamp;

/// A season in whole weeks: the weeks whose Monday lies in the same quarter of a year. In order of
/// time, what has no date last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Chapter(i32);

impl Chapter {
    /// Before all evidence.
    pub(crate) const FIRST: Self = Self(i32::MIN);
    /// Everything without a date.
    pub(crate) const UNDATED: Self = Self(i32::MAX);

    /// The chapter of a day's evidence.
    pub(crate) fn of(stamp: Stamp) -> Self {
        stamp.day().map_or(Self::UNDATED, Self::of_day)
    }

    /// The chapter of a day, days since 1970-01-01.
    pub(crate) fn of_day(day: i32) -> Self {
        let monday = i64::from(monday_of(day));
        let monday = EPOCH.saturating_add(Span::new().days(monday.clamp(-MOST_DAYS, MOST_DAYS)));
        Self(4 * i32::from(monday.year()) + i32::from(monday.month() - 1) / 3)
    }

    /// The Monday it begins with, days since 1970-01-01; `None` when it has no beginning in time.
    pub(crate) fn begins(self) -> Option<i32> {
        let year = i16::try_from(self.0.div_euclid(4)).ok()?;
        let month = 3 * self.0.rem_euclid(4) + 1;
        let first = Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
        let day = first.since(EPOCH).ok()?.get_days();
        Some(monday_of(day + 6))
    }

    /// The Monday after it; `None` when it has no end.
    pub(crate) fn ends(self) -> Option<i32> {
        Self(self.0.checked_add(1)?).begins()
    }
}

const EPOCH: Date = date(1970, 1, 1);

/// Beyond this the calendar ends, days.
const MOST_DAYS: i64 = 2_900_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> i32 {
        text.parse::<Date>()
            .unwrap()
            .since(EPOCH)
            .unwrap()
            .get_days()
    }

    #[test]
    fn a_chapter_begins_with_the_first_monday_of_its_quarter() {
        for (of, begins, ends) in [
            ("2026-01-05", "2026-01-05", "2026-04-06"),
            ("2026-04-05", "2026-01-05", "2026-04-06"),
            ("2026-04-06", "2026-04-06", "2026-07-06"),
            ("2026-01-04", "2025-10-06", "2026-01-05"),
        ] {
            let chapter = Chapter::of_day(day(of));
            assert_eq!(chapter.begins(), Some(day(begins)), "{of}");
            assert_eq!(chapter.ends(), Some(day(ends)), "{of}");
        }
    }

    #[test]
    fn every_day_lies_in_its_chapter_and_every_chapter_begins_with_a_monday() {
        for day in (11_000..40_000).step_by(3) {
            let chapter = Chapter::of_day(day);
            let (begins, ends) = (chapter.begins().unwrap(), chapter.ends().unwrap());
            assert!(begins <= day && day < ends, "{day}");
            assert_eq!(monday_of(begins), begins);
            assert!((84..=98).contains(&(ends - begins)), "{day}");
        }
    }

    #[test]
    fn what_has_no_date_comes_last_and_never_ends() {
        assert!(Chapter::of(Stamp::Day(i32::MAX)) < Chapter::of(Stamp::Undated));
        assert_eq!(Chapter::UNDATED.ends(), None);
        assert_eq!(
            (Chapter::FIRST.begins(), Chapter::UNDATED.begins()),
            (None, None)
        );
    }
}
