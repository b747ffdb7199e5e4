//! What was heard of one spot, day by day: small enough to be kept until the worth of everybody's
//! word is known.

use super::course::{Course, Voice};
use super::rates::Rates;
use super::roll::Roll;
use super::said::Word;
use crate::config::Config;

/// Everything that was heard of a spot, in canonical order.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    days: Vec<Heard>,
    voices: Vec<Said>,
}

/// One day, or one undated trip.
#[derive(Clone, Copy, Debug)]
struct Heard {
    day: Option<i32>,
    /// The time of the last pass.
    at_us: i64,
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
    /// Nobody can tell.
    Open,
}

/// One day of a log.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogDay<'a> {
    /// Since 1970; `None` for an undated trip.
    pub(super) day: Option<i32>,
    pub(super) leaning: Leaning,
    /// In order of the drivers' numbers.
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
}

impl Log {
    /// Adds a day: the voices come in order of the drivers' numbers.
    pub(super) fn add(&mut self, day: Option<i32>, at_us: i64, voices: &[Said], leaning: Leaning) {
        self.voices.extend(voices);
        let until = u32::try_from(self.voices.len()).unwrap_or(u32::MAX);
        self.days.push(Heard {
            day,
            at_us,
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
    /// what people said, in order of time: a word counts after the passes of its day.
    pub(super) fn course<'c>(
        &self,
        words: &[(i64, Word)],
        rates: &Rates<'_>,
        roll: &Roll,
        config: &'c Config,
    ) -> Course<'c> {
        let mut course = Course::new(config);
        let mut words = words.iter().peekable();
        let said_on = |said_us| roll.zone().day_of(said_us);
        let mut voices = Vec::new();
        for (heard, said) in self.heard() {
            voices.clear();
            voices.extend(said.iter().map(|said| Voice {
                who: roll.who(said.driver),
                hits: said.hits.into(),
                misses: said.misses.into(),
                rate: rates.of(said.driver, said.generation, heard.day),
            }));
            let Some(day) = heard.day else {
                course.hear_undated(&voices);
                continue;
            };
            while let Some((said_us, word)) = words.next_if(|(said_us, _)| said_on(*said_us) < day)
            {
                course.heed(said_on(*said_us), *said_us, *word);
            }
            course.hear(day, heard.at_us, &voices);
        }
        words.for_each(|(said_us, word)| course.heed(said_on(*said_us), *said_us, *word));
        course
    }
}
