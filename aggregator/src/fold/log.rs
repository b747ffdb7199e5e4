//! What was heard of one spot, day by day: small enough to be kept until the worth of everybody's
//! word is known.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::course::{Condensed, Course, Voice};
use super::rates::{Rate, Rates};
use super::roll::Roll;
use super::said::Word;
use crate::config::Config;

/// Everything that was heard of a spot, in canonical order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Log {
    /// What came of the chapters that were sealed.
    sealed: Option<Box<Outcome>>,
    taught: Taught,
    /// How many of the days have taught what there is to learn.
    #[serde(skip)]
    taught_days: usize,
    #[serde(skip)]
    days: Vec<Heard>,
    #[serde(skip)]
    voices: Vec<Said>,
}

/// What is left of the days that were sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Outcome {
    /// What is believed after them.
    course: Condensed,
    /// What people said before this day is in it, days since 1970.
    heeded: i32,
}

/// What those who learn from it need to know of the chapters before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Taught {
    /// How many drivers felt it, chapter by chapter.
    pub(super) felt_by: u32,
    /// How often somebody did not.
    pub(super) quiet: u32,
}

/// One day, or one undated trip.
#[derive(Clone, Copy, Debug)]
struct Heard {
    day: Option<i32>,
    /// The first day of the chapter in which it is told: what people said before it comes first.
    chapter: i32,
    /// Up to where the voices are of this day.
    until: u32,
    leaning: Leaning,
}

/// What is believed of a spot after a day, when everybody's word is worth the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaning {
    /// Something is there.
    Stands,
    /// Nothing is there.
    Empty,
    /// … and quiet passes are counted no longer, until it is felt again.
    Dismissed,
    /// Nobody can tell.
    Open,
}

/// One day of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogDay<'a> {
    /// Since 1970; `None` for an undated trip.
    pub(super) day: Option<i32>,
    pub(super) leaning: Leaning,
    /// In order of time.
    pub(super) voices: &'a [Said],
}

/// What one vehicle said, in the name of one driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The driver's number in the roll.
    pub(super) driver: u32,
    /// The detector's number.
    pub(super) generation: u16,
    pub(super) hits: u8,
    pub(super) misses: u8,
    /// When the last of them was, µs since 1970 UTC.
    pub(super) at_us: i64,
}

impl Said {
    /// What is said when the driver's word is worth so much.
    pub(super) fn voice(&self, rate: Rate, roll: &Roll) -> Voice {
        Voice {
            who: roll.who(self.driver),
            hits: self.hits.into(),
            misses: self.misses.into(),
            rate,
            at_us: self.at_us,
        }
    }
}

impl Log {
    /// What those who learn need to know of the chapters before, and the days since.
    pub(super) fn untaught(&self) -> (Taught, impl Iterator<Item = LogDay<'_>>) {
        (self.taught, self.days().skip(self.taught_days))
    }

    /// What all of it so far taught is learnt.
    pub(super) fn is_learnt(&mut self) {
        let (mut taught, days) = self.untaught();
        let mut drivers = BTreeSet::new();
        let dated = days.filter(|of_day| of_day.day.is_some());
        for said in dated.flat_map(|of_day| of_day.voices) {
            if said.hits > 0 {
                drivers.insert(said.driver);
            } else {
                taught.quiet += 1;
            }
        }
        taught.felt_by += u32::try_from(drivers.len()).unwrap_or(u32::MAX);
        (self.taught, self.taught_days) = (taught, self.days.len());
    }

    /// Keeps what comes of it and forgets who said it. `words` is what people said before the day
    /// `heeded`, which is in it then.
    pub(super) fn seal(
        &mut self,
        words: &[(i64, Word)],
        heeded: i32,
        rates: &Rates<'_>,
        roll: &Roll,
        config: &Config,
    ) {
        let words: Vec<(i64, Word)> = (words.iter().copied())
            .filter(|(said_us, _)| roll.zone().day_of(*said_us) < heeded)
            .collect();
        let course = self.course(&words, rates, roll, config).condensed();
        *self = Self {
            sealed: Some(Box::new(Outcome { course, heeded })),
            taught: self.taught,
            ..Self::default()
        };
    }

    /// Adds a day of a chapter that begins with the day `chapter`: the voices come in order of time.
    pub(super) fn add(
        &mut self,
        day: Option<i32>,
        chapter: i32,
        voices: &[Said],
        leaning: Leaning,
    ) {
        self.voices.extend(voices);
        let until = u32::try_from(self.voices.len()).unwrap_or(u32::MAX);
        self.days.push(Heard {
            day,
            chapter,
            until,
            leaning,
        });
    }

    /// The days with what was said on each.
    pub(super) fn days(&self) -> impl Iterator<Item = LogDay<'_>> {
        self.heard().map(|(heard, voices)| LogDay {
            day: heard.day,
            leaning: heard.leaning,
            voices,
        })
    }

    fn heard(&self) -> impl Iterator<Item = (Heard, &[Said])> {
        let mut from = 0;
        self.days.iter().map(move |heard| {
            let voices = &self.voices[from..heard.until as usize];
            from = heard.until as usize;
            (*heard, voices)
        })
    }

    /// What is to be believed after all of it, when everybody's word is worth its rate. `words` is
    /// what people said, in order of time.
    pub(super) fn course<'c>(
        &self,
        words: &[(i64, Word)],
        rates: &Rates<'_>,
        roll: &Roll,
        config: &'c Config,
    ) -> Course<'c> {
        let sealed = self.sealed.as_ref();
        let mut course = sealed.map_or_else(
            || Course::new(config),
            |sealed| Course::resumed(config, &sealed.course),
        );
        let heeded = sealed.map_or(i32::MIN, |sealed| sealed.heeded);
        let said_on = |said_us| roll.zone().day_of(said_us);
        let mut words = (words.iter())
            .map(|&(said_us, word)| (said_on(said_us), said_us, word))
            .filter(|&(day, ..)| day >= heeded)
            .peekable();
        let mut voices = Vec::new();
        for (heard, said) in self.heard() {
            voices.clear();
            voices.extend(said.iter().map(|said| {
                let rate = rates.of(said.driver, said.generation, heard.day);
                said.voice(rate, roll)
            }));
            while let Some((day, said_us, word)) = words.next_if(|(day, ..)| *day < heard.chapter) {
                course.heed(day, said_us, word);
            }
            let Some(day) = heard.day else {
                course.hear_undated(&voices);
                if heard.leaning == Leaning::Dismissed {
                    course.dismiss(0);
                }
                continue;
            };
            for voice in &voices {
                let is_before = |(_, said_us, _): &(i32, i64, Word)| *said_us < voice.at_us;
                while let Some((day, said_us, word)) = words.next_if(is_before) {
                    course.heed(day, said_us, word);
                }
                course.hear(day, std::slice::from_ref(voice));
            }
            if heard.leaning == Leaning::Dismissed {
                course.dismiss(voices.last().map_or(0, |voice| voice.at_us));
            }
        }
        words.for_each(|(day, said_us, word)| course.heed(day, said_us, word));
        course
    }
}
