//! A tile, chapter by chapter.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble;
use super::associate::{self, Spots};
use super::chapter::Chapter;
use super::gathered::{kinds, severities, weeks};
use super::passes;
use super::past::Past;
use super::place;
use super::rates::Lessons;
use super::roll::{Day, Roll};
use super::rows::TileRows;
use super::said::{TileSaid, Told, Word};
use super::spot::Spot;
use crate::config::Config;
use crate::hazard::HazardId;

/// A tile at the end of a chapter.
pub(super) struct Chaptered<'a> {
    chapter: Chapter,
    /// What trips said in the chapter; `None`: all that the tile holds is of it.
    pub(super) part: Option<TileRows>,
    pub(super) said: TileSaid<'a>,
    pub(super) places: Spots,
    /// What people said of each spot, in order.
    pub(super) words: Vec<Vec<(i64, Word)>>,
    pub(super) heard: Vec<passes::Told>,
}

/// What a tile says at the end of the last chapter that anything was said in.
pub(super) fn last<'a>(
    rows: &mut TileRows,
    roll: &Roll,
    lessons: &mut Lessons,
    told: &'a Told,
    config: &Config,
) -> Chaptered<'a> {
    let pasts = std::mem::take(&mut rows.pasts);
    let mut chapters = chapters(rows, roll, told);
    let Some(last) = chapters.pop_last() else {
        let said = told.of_tile(rows.tile, Chapter::FIRST);
        let places = associate::resume(rows, pasts, &said, roll, config);
        return Chaptered::heard(
            (Chapter::FIRST, None),
            rows,
            said,
            places,
            roll,
            told,
            config,
        );
    };
    let is_one = chapters.is_empty();
    let pasts = close_each(rows, pasts, chapters, roll, lessons, told, config);
    let part = (!is_one).then(|| rows.of_chapter(last, roll));
    Chaptered::of((last, part), rows, pasts, roll, told, config)
}

/// What is left of the spots of a tile when every chapter before one is closed.
pub(super) fn close(
    rows: &mut TileRows,
    before: Chapter,
    roll: &Roll,
    lessons: &mut Lessons,
    told: &Told,
    config: &Config,
) -> Vec<Past> {
    let pasts = std::mem::take(&mut rows.pasts);
    let chapters = chapters(rows, roll, told);
    let chapters = chapters.into_iter().filter(|chapter| *chapter < before);
    close_each(rows, pasts, chapters.collect(), roll, lessons, told, config)
}

/// The chapters in which something is said of a tile.
fn chapters(rows: &TileRows, roll: &Roll, told: &Told) -> BTreeSet<Chapter> {
    let mut chapters = rows.chapters(roll);
    chapters.extend(told.chapters(rows.tile));
    chapters
}

/// Tells chapters one after the other; says what the last of them leaves.
fn close_each(
    rows: &TileRows,
    mut pasts: Vec<Past>,
    chapters: BTreeSet<Chapter>,
    roll: &Roll,
    lessons: &mut Lessons,
    told: &Told,
    config: &Config,
) -> Vec<Past> {
    for chapter in chapters {
        let part = Some(rows.of_chapter(chapter, roll));
        let chaptered = Chaptered::of((chapter, part), rows, pasts, roll, told, config);
        pasts = chaptered.into_pasts(rows, roll, config);
        for past in &mut pasts {
            if past.own {
                lessons.learn(&past.log, &config.rates);
            }
            past.log.is_learnt();
        }
    }
    pasts
}

impl<'a> Chaptered<'a> {
    fn of(
        (chapter, part): (Chapter, Option<TileRows>),
        rows: &TileRows,
        pasts: Vec<Past>,
        roll: &Roll,
        told: &'a Told,
        config: &Config,
    ) -> Self {
        let said = told.of_tile(rows.tile, chapter);
        let here = part.as_ref().unwrap_or(rows);
        let places = associate::associate(here, pasts, &said, roll, config);
        Self::heard((chapter, part), rows, said, places, roll, told, config)
    }

    fn heard(
        (chapter, part): (Chapter, Option<TileRows>),
        rows: &TileRows,
        said: TileSaid<'a>,
        places: Spots,
        roll: &Roll,
        told: &'a Told,
        config: &Config,
    ) -> Self {
        let words = assemble::words(&places, &said, told);
        let here = part.as_ref().unwrap_or(rows);
        let heard = passes::hear(here, roll, &places, &words, chapter, config);
        Self {
            chapter,
            part,
            said,
            places,
            words,
            heard,
        }
    }

    /// What is left of every spot.
    fn into_pasts(self, all: &TileRows, roll: &Roll, config: &Config) -> Vec<Past> {
        let (mut names, mut beside) = (self.names(), self.beside());
        let mut pasts = Vec::with_capacity(self.places.spots.len());
        for (number, spot) in self.places.spots.iter().enumerate() {
            if self.places.joined[number].is_none() && (spot.pinned || !spot.is_empty()) {
                pasts.push(Past {
                    names: std::mem::take(&mut names[number]),
                    beside: std::mem::take(&mut beside[number]),
                    ..self.past(number, all, roll, config)
                });
            }
        }
        pasts
    }

    fn past(&self, number: usize, all: &TileRows, roll: &Roll, config: &Config) -> Past {
        let rows = self.part.as_ref().unwrap_or(all);
        let spot = &self.places.spots[number];
        let (heard, words) = (&self.heard[number], &self.words[number]);
        let usual = heard.usual.clone();
        let usual = usual.expect("a chapter that is over was closed");
        let before = spot.past.as_deref();
        let felt_days =
            spot.members
                .iter()
                .map(|&member| match roll.day(rows.felt[member as usize].rank) {
                    Day::Dated(day) => day,
                    Day::Undated(_) => i32::MIN,
                });
        let said_day = words.first().map(|&(at_us, _)| roll.zone().day_of(at_us));
        let since = felt_days
            .chain(said_day)
            .chain(before.and_then(|past| past.since));
        let reports = spot
            .reports
            .iter()
            .map(|&report| self.said.report(report).id);
        Past {
            reports: reports.collect(),
            mute: before.map_or_else(Vec::new, |past| past.mute.clone()),
            since: since.min(),
            heeded: self.chapter.ends().unwrap_or(i32::MIN),
            bumps: u32::try_from(spot.bumps()).unwrap_or(u32::MAX),
            readings: place::most_precise(spot, rows, roll, &config.place),
            kinds: kinds(spot, rows),
            severities: severities(spot, rows),
            weeks: weeks(spot, rows, roll),
            times_us: [heard.first_us, heard.last_us, heard.last_pass_us],
            words: words.clone(),
            ..Past::new(spot, usual, heard.log.clone())
        }
    }

    /// The names that were joined into each spot.
    fn names(&self) -> Vec<Vec<HazardId>> {
        let past = |spot: &Spot| spot.past.as_ref().map(|past| past.names.clone());
        let names = self
            .places
            .spots
            .iter()
            .map(|spot| past(spot).unwrap_or_default());
        let mut names: Vec<Vec<HazardId>> = names.collect();
        for (spot, into) in self.places.spots.iter().zip(&self.places.joined) {
            if let (Some(into), true) = (into, spot.own) {
                names[*into as usize].push(spot.id);
            }
        }
        names.iter_mut().for_each(|names| names.sort_unstable());
        names
    }

    /// How often passes felt each spot and an older one.
    fn beside(&self) -> Vec<Vec<(HazardId, u32)>> {
        let stands = |number: u32| self.places.joined[number as usize].unwrap_or(number);
        let mut counts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for (a, b, count) in self.places.together.pairs() {
            let (a, b) = (stands(a), stands(b));
            if a != b {
                *counts.entry((a.min(b), a.max(b))).or_default() += count;
            }
        }
        let mut beside = vec![Vec::new(); self.places.spots.len()];
        for ((older, younger), count) in counts {
            beside[younger as usize].push((self.places.spots[older as usize].id, count));
        }
        beside
    }
}
