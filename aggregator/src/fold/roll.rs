//! The roll of trips in canonical order: stamp day, then the trip's name.

use std::collections::HashMap;

use super::chapter::Chapter;
use crate::identity::{Driver, TripHash};
use crate::stamp::{Season, Stamp};
use crate::zone::Zone;

/// A driver in one season, numbered by first appearance: nothing of the pseudonym itself, which
/// depends on a secret key, reaches an order or an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Who {
    /// The chapter and the season of the pseudonym, numbered as they come.
    pub(crate) season: i32,
    /// The driver's number.
    pub(crate) number: u32,
}

/// A day on which a driver counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Day {
    /// Days since 1970-01-01.
    Dated(i32),
    /// The day of an undated trip, its own: the trip's rank.
    Undated(u32),
}

/// A trip before it has its place in the order.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) stamp: Stamp,
    pub(crate) trip: TripHash,
    pub(crate) driver: Driver,
    /// By what the caller finds its rows.
    pub(crate) number: u32,
    /// The latest time of any reading, µs of the phone's clock.
    pub(crate) last_us: i64,
    /// The detector that judged it, numbered by the caller.
    pub(crate) generation: u16,
}

/// A trip at its place in the order.
#[derive(Clone, Debug)]
pub(crate) struct Enrolled {
    pub(crate) stamp: Stamp,
    pub(crate) trip: TripHash,
    pub(crate) who: Who,
    /// The detector that judged it.
    pub(crate) generation: u16,
    /// The chapter in which it is told.
    pub(crate) chapter: Chapter,
}

/// The trips that are heard, in canonical order; a trip's index in it is its *rank*.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roll {
    trips: Vec<Enrolled>,
    /// Everybody, by their numbers.
    drivers: Vec<Who>,
    /// The rank of each of the caller's numbers; `UNHEARD` where there is none.
    ranks: Vec<u32>,
    /// In which days are counted.
    zone: Zone,
}

/// No rank: the trip is not heard.
const UNHEARD: u32 = u32::MAX;

impl Roll {
    /// Puts trips in order, where days are counted in `zone`. What comes too late for its own chapter
    /// is told in `first`, the first that is still open; what has no date, in the newest.
    pub(crate) fn of(mut entries: Vec<Entry>, first: Chapter, zone: &Zone) -> Self {
        entries.sort_unstable_by_key(|entry| (entry.stamp, entry.trip));
        let newest = newest(&entries).max(first);
        let mut seasons: HashMap<(Chapter, Season), i32> = HashMap::new();
        let mut numbers: HashMap<(i32, Driver), u32> = HashMap::new();
        let highest = entries.iter().map(|entry| entry.number as usize + 1).max();
        let mut roll = Self {
            trips: Vec::with_capacity(entries.len()),
            drivers: Vec::new(),
            ranks: vec![UNHEARD; highest.unwrap_or(0)],
            zone: zone.clone(),
        };
        for entry in entries {
            let chapter = match entry.stamp {
                Stamp::Day(day) => Chapter::of_day(day).max(first),
                Stamp::Undated => newest,
            };
            let next = i32::try_from(seasons.len()).unwrap_or(i32::MAX);
            let season = *(seasons.entry((chapter, entry.stamp.season()))).or_insert(next);
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            let number = *numbers.entry((season, entry.driver)).or_insert(next);
            let who = Who { season, number };
            if number == next {
                roll.drivers.push(who);
            }
            let rank = u32::try_from(roll.trips.len()).unwrap_or(u32::MAX);
            roll.ranks[entry.number as usize] = rank;
            roll.trips.push(Enrolled {
                stamp: entry.stamp,
                trip: entry.trip,
                who,
                generation: entry.generation,
                chapter,
            });
        }
        roll
    }

    /// The rank of the trip with the caller's number; `None` for one that is not heard.
    pub(crate) fn rank(&self, number: u32) -> Option<u32> {
        let rank = self.ranks.get(number as usize);
        rank.copied().filter(|&rank| rank != UNHEARD)
    }

    /// The driver with a number.
    pub(crate) fn who(&self, number: u32) -> Who {
        self.drivers[number as usize]
    }

    /// The trip of a rank.
    pub(crate) fn trip(&self, rank: u32) -> &Enrolled {
        &self.trips[rank as usize]
    }

    /// In which days are counted.
    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The day that a trip counts for.
    pub(crate) fn day(&self, rank: u32) -> Day {
        match self.trip(rank).stamp {
            Stamp::Day(day) => Day::Dated(day),
            Stamp::Undated => Day::Undated(rank),
        }
    }
}

/// The newest chapter that anything dated is of; the first of all when nothing is.
pub(super) fn newest(entries: &[Entry]) -> Chapter {
    let days = entries.iter().filter_map(|entry| entry.stamp.day());
    days.max().map_or(Chapter::FIRST, Chapter::of_day)
}
