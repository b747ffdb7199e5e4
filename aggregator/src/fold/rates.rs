//! How much a driver's word is worth, week by week.
//!
//! A place that enough others felt teaches how often a driver feels what is there; a bump where
//! nothing is, for enough others passed quietly, was a false alarm. The rates of a week come from
//! the weeks before it: nobody's word of a week is weighed by what came after. A driver of whom
//! little is known is taken for the usual one with the same detector.
//!
//! Source: confusion of observers after Dawid & Skene (1979), one step, with priors.

use std::cell::RefCell;
use std::collections::HashMap;

use super::log::{Leaning, Log, LogDay, Said};
use super::roll::{Day, Roll};
use super::rows::TileRows;
use crate::config::{RateRule, likelihood};
use crate::tile::HALO_M;

/// How much a driver's word is worth in one week, in integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// The probability that an able pass over a hazard is felt, thousandths.
    pub(crate) detection_milli: u16,
    /// Minus the logarithm of false alarms per metre, thousandths.
    pub(crate) quiet_log_milli: u16,
}

/// What passes taught, in sums that add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lesson {
    /// Days on which what others felt was felt too.
    pub(crate) felt: u32,
    /// … and on which it was not.
    pub(crate) missed: u32,
    /// Days on which something was felt where nothing is.
    pub(crate) alone: u32,
    /// Metres judged and able.
    pub(crate) able_m: u64,
}

/// What everybody's passes taught, by driver or detector and week.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lessons {
    drivers: HashMap<(u32, i32), Lesson>,
    generations: HashMap<(u16, i32), Lesson>,
}

/// What everybody's word is worth.
#[derive(Debug)]
pub(super) struct Rates<'c> {
    rule: &'c RateRule,
    /// What was learnt up to the end of a week, in order of weeks.
    drivers: HashMap<u32, Vec<(i32, Lesson)>>,
    generations: HashMap<u16, Vec<(i32, Lesson)>>,
    /// What was worked out before, by driver: detector, week, rate.
    known: RefCell<Vec<Vec<(u16, i32, Rate)>>>,
}

/// The week of a day: Mondays since the first one after 1970-01-01, a Thursday.
pub(crate) fn week_of(day: i32) -> i32 {
    (day - 4).div_euclid(7)
}

/// The Monday of such a week, days since 1970-01-01.
pub(crate) fn monday_of_week(week: i32) -> i32 {
    7 * week + 4
}

impl Lessons {
    /// What sealed chapters taught of detectors, week by week: nobody knows any more of whom.
    pub(super) fn resumed(sealed: &[(u16, i32, Lesson)]) -> Self {
        let of_week =
            |&(generation, week, lesson): &(u16, i32, Lesson)| ((generation, week), lesson);
        Self {
            drivers: HashMap::new(),
            generations: sealed.iter().map(of_week).collect(),
        }
    }

    /// What was learnt of detectors, week by week.
    pub(super) fn of_detectors(&self) -> Vec<(u16, i32, Lesson)> {
        let mut lessons: Vec<(u16, i32, Lesson)> = (self.generations.iter())
            .map(|(&(generation, week), &lesson)| (generation, week, lesson))
            .collect();
        lessons.sort_unstable_by_key(|&(generation, week, _)| (generation, week));
        lessons
    }

    /// Adds what a driver's detector judged on a day.
    pub(super) fn judged(&mut self, driver: u32, generation: u16, day: i32, able_m: u64) {
        self.add(driver, generation, week_of(day), |lesson| {
            lesson.able_m += able_m;
        });
    }

    /// Adds what one spot teaches in a chapter. A lesson belongs to the week at whose end it could be
    /// learnt; what a chapter leaves open teaches nothing.
    pub(super) fn learn(&mut self, log: &Log, rule: &RateRule) {
        let (taught, days) = log.untaught();
        let days: Vec<(i32, LogDay<'_>)> = days
            .filter_map(|of_day| Some((of_day.day?, of_day)))
            .collect();
        let mut felt_by = Drivers {
            before: taught.felt_by as usize,
            ..Drivers::default()
        };
        let mut untold: Vec<Said> = Vec::new();
        let mut quiet = taught.quiet;
        for week in days.chunk_by(|a, b| week_of(a.0) == week_of(b.0)) {
            for said in week.iter().flat_map(|(_, of_day)| of_day.voices) {
                if said.hits > 0 {
                    felt_by.insert(said.driver);
                    untold.push(*said);
                } else {
                    quiet += 1;
                }
            }
            let number = week_of(week[0].0);
            match week[week.len() - 1].1.leaning {
                Leaning::Stands => {
                    self.felt_with_others(number, week, &felt_by, rule);
                    untold.clear();
                }
                Leaning::Empty | Leaning::Dismissed if quiet >= rule.silent_passes => {
                    for said in untold.drain(..) {
                        self.add(said.driver, said.generation, number, |lesson| {
                            lesson.alone += 1;
                        });
                    }
                }
                Leaning::Empty | Leaning::Dismissed | Leaning::Open => {}
            }
        }
    }

    /// Who felt what enough others felt, as long as somebody else still felt it later that week: a
    /// place that was repaired teaches nothing.
    fn felt_with_others(
        &mut self,
        week: i32,
        days: &[(i32, LogDay<'_>)],
        felt_by: &Drivers,
        rule: &RateRule,
    ) {
        let last_felt = |except: u32| {
            let felt = |said: &Said| said.hits > 0 && said.driver != except;
            let felt = |(_, of_day): &&(i32, LogDay<'_>)| of_day.voices.iter().any(felt);
            days.iter().rev().find(felt).map(|(day, _)| *day)
        };
        for (day, of_day) in days {
            for said in of_day.voices {
                let others = felt_by.count() - usize::from(felt_by.has(said.driver));
                let stands = last_felt(said.driver).is_some_and(|last| last >= *day);
                if others >= rule.teachers && stands {
                    self.add(said.driver, said.generation, week, |lesson| {
                        lesson.felt += u32::from(said.hits > 0);
                        lesson.missed += u32::from(said.hits == 0);
                    });
                }
            }
        }
    }

    fn add(&mut self, driver: u32, generation: u16, week: i32, add: impl Fn(&mut Lesson)) {
        add(self.drivers.entry((driver, week)).or_default());
        add(self.generations.entry((generation, week)).or_default());
    }

    /// What everybody's word is worth.
    pub(super) fn rates(self, rule: &RateRule) -> Rates<'_> {
        Rates {
            rule,
            drivers: summed(self.drivers),
            generations: summed(self.generations),
            known: RefCell::default(),
        }
    }
}

/// Adds how much road everybody's detector judged and could, on the tile itself.
pub(super) fn judged(rows: &TileRows, roll: &Roll, lessons: &mut Lessons) {
    let half_m = rows.tile.half_m();
    let [half_height_m, half_width_m] = [half_m.0, half_m.1].map(|half_m| half_m - HALO_M);
    for strips in rows.strips.chunk_by(|a, b| a.rank == b.rank) {
        let able = strips.iter().filter(|strip| strip.able);
        let legs = able.flat_map(|strip| rows.legs_of(strip));
        let able_m = legs.map(|leg| {
            let (north_m, east_m) = leg.from.to(leg.to);
            let middle = leg.from.moved(north_m / 2.0, east_m / 2.0);
            let is_own = f64::from(middle.north_m).abs() <= half_height_m
                && f64::from(middle.east_m).abs() <= half_width_m;
            if is_own {
                (north_m * north_m + east_m * east_m).sqrt()
            } else {
                0.0
            }
        });
        let able_m = able_m.sum::<f64>().round() as u64;
        let trip = roll.trip(strips[0].rank);
        if let Day::Dated(day) = roll.day(strips[0].rank) {
            lessons.judged(trip.who.number, trip.generation, day, able_m);
        }
    }
}

/// Distinct drivers, in order, and how many there were in sealed chapters.
#[derive(Clone, Debug, Default)]
struct Drivers {
    numbers: Vec<u32>,
    before: usize,
}

impl Drivers {
    fn insert(&mut self, driver: u32) {
        if let Err(index) = self.numbers.binary_search(&driver) {
            self.numbers.insert(index, driver);
        }
    }

    fn has(&self, driver: u32) -> bool {
        self.numbers.binary_search(&driver).is_ok()
    }

    fn count(&self) -> usize {
        self.before + self.numbers.len()
    }
}

/// The lessons of each up to the end of each of its weeks.
fn summed<K: Copy + Eq + std::hash::Hash>(
    lessons: HashMap<(K, i32), Lesson>,
) -> HashMap<K, Vec<(i32, Lesson)>> {
    let mut sums: HashMap<K, Vec<(i32, Lesson)>> = HashMap::new();
    for ((key, week), lesson) in lessons {
        sums.entry(key).or_default().push((week, lesson));
    }
    for weeks in sums.values_mut() {
        weeks.sort_unstable_by_key(|(week, _)| *week);
        let mut sum = Lesson::default();
        for (_, lesson) in weeks {
            sum.felt += lesson.felt;
            sum.missed += lesson.missed;
            sum.alone += lesson.alone;
            sum.able_m += lesson.able_m;
            *lesson = sum;
        }
    }
    sums
}

impl Rates<'_> {
    /// What a driver's word is worth on a day; undated, what a driver's is of whom nothing is known.
    pub(super) fn of(&self, driver: u32, generation: u16, day: Option<i32>) -> Rate {
        let Some(week) = day.map(week_of) else {
            return self.rule.of_nobody();
        };
        let mut known = self.known.borrow_mut();
        let index = driver as usize;
        if known.len() <= index {
            known.resize_with(index + 1, Vec::new);
        }
        let is_it = |&&(of, on, _): &&(u16, i32, Rate)| (of, on) == (generation, week);
        if let Some(&(.., rate)) = known[index].iter().find(is_it) {
            return rate;
        }
        let rate = self.of_week(driver, generation, week);
        known[index].push((generation, week, rate));
        rate
    }

    fn of_week(&self, driver: u32, generation: u16, week: i32) -> Rate {
        let before = |weeks: Option<&Vec<(i32, Lesson)>>| {
            let weeks = weeks?;
            let count = weeks.partition_point(|(learnt, _)| *learnt < week);
            Some(weeks[count.checked_sub(1)?].1)
        };
        let usual = before(self.generations.get(&generation)).unwrap_or_default();
        let own = before(self.drivers.get(&driver)).unwrap_or_default();
        self.rule.rate(&usual, &own)
    }
}

/// The two numbers of a rate.
#[derive(Clone, Copy, Debug)]
struct Worth {
    detection: f64,
    false_alarms_per_m: f64,
}

impl RateRule {
    /// What is believed of a driver of whom nothing is known.
    pub(crate) fn of_nobody(&self) -> Rate {
        self.rate(&Lesson::default(), &Lesson::default())
    }

    /// What is believed of a driver after some lessons, and after what was learnt of everybody with
    /// the same detector.
    fn rate(&self, usual: &Lesson, own: &Lesson) -> Rate {
        let nobody = Worth {
            detection: self.detection,
            false_alarms_per_m: self.false_alarms_per_m,
        };
        let worth = self.taught(self.taught(nobody, usual), own);
        Rate {
            detection_milli: (likelihood(worth.detection) * 1e3).round() as u16,
            quiet_log_milli: (-likelihood(worth.false_alarms_per_m).ln() * 1e3).round() as u16,
        }
    }

    /// What was believed before, and what a lesson adds.
    fn taught(&self, before: Worth, lesson: &Lesson) -> Worth {
        let (felt, missed) = (f64::from(lesson.felt), f64::from(lesson.missed));
        let expected = before.false_alarms_per_m * self.false_alarm_metres;
        Worth {
            detection: (before.detection * self.detection_passes + felt)
                / (self.detection_passes + felt + missed),
            false_alarms_per_m: (expected + f64::from(lesson.alone))
                / (self.false_alarm_metres + lesson.able_m as f64),
        }
    }
}

impl Rate {
    /// The probability that an able pass over a hazard is felt.
    pub(crate) fn detection(self) -> f64 {
        f64::from(self.detection_milli) / 1e3
    }

    /// The probability of a false alarm within a gate.
    pub(crate) fn false_alarm(self, gate_m: f64) -> f64 {
        likelihood((-f64::from(self.quiet_log_milli) / 1e3).exp() * gate_m)
    }
}

#[cfg(test)]
mod tests;
