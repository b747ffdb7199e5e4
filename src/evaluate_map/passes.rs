//! Who drove over what really lies there: lines of a CSV file.

use std::collections::BTreeMap;
use std::io::BufRead;

/// A vehicle's day at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DriverDay {
    /// The first able pass of that day, µs since 1970 UTC.
    pub t_us: i64,
    /// Whose.
    pub driver: u64,
    /// Days since 1970.
    pub day: i64,
}

/// The able passes over every place: a driver counts once a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passes {
    of_place: BTreeMap<u64, Vec<DriverDay>>,
}

const DAY_US: i64 = 86_400_000_000;

/// The columns of the file.
const HEADER: &str = "hazard,driver,t_us,able,felt";

impl Passes {
    /// Reads lines of `hazard,driver,t_us,able,felt`.
    ///
    /// # Errors
    /// With the number of the first line that cannot be read, and why.
    pub fn read(lines: impl BufRead) -> Result<Self, String> {
        let mut passes = Self::default();
        for (number, line) in (1..).zip(lines.lines()) {
            let line = line.map_err(|error| format!("line {number}: {error}"))?;
            if number == 1 {
                if line.trim() != HEADER {
                    return Err(format!("line 1: expected the columns {HEADER}"));
                }
                continue;
            }
            passes.add(&line).ok_or_else(|| {
                format!("line {number}: expected whole numbers {HEADER}, able and felt 0 or 1")
            })?;
        }
        for days in passes.of_place.values_mut() {
            days.sort_unstable_by_key(|day| (day.day, day.driver, day.t_us));
            days.dedup_by_key(|day| (day.day, day.driver));
            days.sort_unstable();
        }
        Ok(passes)
    }

    fn add(&mut self, line: &str) -> Option<()> {
        let mut cells = line.trim_end().split(',');
        let place: u64 = cells.next()?.parse().ok()?;
        let driver: u64 = cells.next()?.parse().ok()?;
        let t_us: i64 = cells.next()?.parse().ok()?;
        let [able, felt] = [cells.next()?, cells.next()?];
        if cells.next().is_some() || ![able, felt].iter().all(|cell| ["0", "1"].contains(cell)) {
            return None;
        }
        if able == "1" {
            let day = t_us.div_euclid(DAY_US);
            let days = self.of_place.entry(place).or_default();
            days.push(DriverDay { t_us, driver, day });
        }
        Some(())
    }

    /// The driver-days at a place from one time to another, in order of time.
    pub fn between(&self, place: u64, from_us: i64, to_us: i64) -> &[DriverDay] {
        let days = self.of_place.get(&place).map_or(&[][..], Vec::as_slice);
        let from = days.partition_point(|day| day.t_us < from_us);
        let to = days.partition_point(|day| day.t_us <= to_us);
        &days[from..to.max(from)]
    }
}
