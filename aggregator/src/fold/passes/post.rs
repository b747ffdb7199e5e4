//! What is asked of a spot whenever somebody goes by.

use super::super::place::Settled;
use super::super::roll::Day;
use crate::tile::Point;

/// What is asked of a spot whenever somebody goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    pub(super) at: Point,
    pub(super) sigma_m: f32,
    pub(super) heading_deg: Option<f32>,
    /// The first day on which it counts quiet passes: before it was first felt they say nothing
    /// about what was not there yet.
    since: i32,
    /// Undated passes count for it.
    undated: bool,
    /// It was dismissed: quiet passes say nothing new, and nobody who goes by is asked.
    pub(super) dismissed: bool,
}

impl Post {
    pub(super) fn new(settled: &Settled, since: Option<Day>) -> Self {
        let (since, undated) = match since {
            Some(Day::Dated(since)) => (since, true),
            Some(Day::Undated(_)) => (i32::MIN, true),
            None => (i32::MAX, false),
        };
        Self {
            at: settled.at,
            sigma_m: settled.sigma_m as f32,
            heading_deg: settled.heading_deg,
            since,
            undated,
            dismissed: false,
        }
    }

    /// Whether it counts quiet passes on a day.
    pub(super) fn counts(&self, day: Day) -> bool {
        match day {
            Day::Dated(day) => self.since <= day,
            Day::Undated(_) => self.undated,
        }
    }
}
