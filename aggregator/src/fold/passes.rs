//! Who passed a spot, and whether they felt it: the days of a tile, one after the other.

mod post;
mod voices;

use super::associate::Spots;
use super::chapter::Chapter;
use super::course::{Condensed, Course, Voice};
use super::grid::{Grid, reach_m};
use super::log::{Log, Said};
use super::past::Past;
use super::rates::Rate;
use super::roll::{Day, Roll, Who};
use super::rows::{Strip, TileRows, turn_deg};
use super::said::Word;
use super::vehicle::{convoys, micros};
use crate::config::Config;
use post::Post;
use voices::{merge_close, said};

/// One pass of one trip through the gate of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Passed {
    pub(super) spot: u32,
    pub(super) who: Who,
    /// The trip's rank.
    pub(super) rank: u32,
    pub(super) t_us: i64,
    pub(super) outcome: Outcome,
}

/// What a pass says of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    /// It was felt.
    Hit,
    /// It would have been felt, and was not.
    Miss,
}

/// What the days told of one spot.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) log: Log,
    /// The first and the last time it was felt, and the last time anybody able passed, µs since
    /// 1970 UTC.
    pub(super) first_us: Option<i64>,
    pub(super) last_us: Option<i64>,
    pub(super) last_pass_us: Option<i64>,
    /// What would be believed if everybody's word were worth the same, when the chapter is over.
    pub(super) usual: Option<Condensed>,
}

/// A moment of a trip within the gate of a spot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Visit {
    spot: u32,
    t_us: i64,
    hit: bool,
    able: bool,
}

/// Goes through the trips of a tile in canonical order.
struct Walk<'a, 'c> {
    rows: &'a TileRows,
    roll: &'a Roll,
    config: &'c Config,
    grid: Grid,
    /// The spot of each bump.
    spot_of: Vec<u32>,
    /// Of each spot, what is asked of every leg that goes by.
    posts: Vec<Post>,
    told: Vec<Told>,
    /// What would be believed if everybody's word were worth the same: it tells which spots are
    /// dismissed.
    courses: Vec<Course<'c>>,
    /// What people said of each spot, the next word first.
    words: Vec<std::slice::Iter<'a, (i64, Word)>>,
    /// The first day of the chapter, days since 1970.
    begins: i32,
    /// Everything that passed on the day at hand.
    day: Vec<Passed>,
    /// What is said of the spot at hand, and by voices that are all worth the same.
    said: Vec<Said>,
    voices: Vec<Voice>,
    nobody: Rate,
    /// The moments of the trip at hand.
    visits: Vec<Visit>,
}

/// Hears every trip of the tile, all of one chapter. `words` is what people said of each spot, in
/// order.
pub(super) fn hear(
    rows: &TileRows,
    roll: &Roll,
    places: &Spots,
    words: &[Vec<(i64, Word)>],
    chapter: Chapter,
    config: &Config,
) -> Vec<Told> {
    let mut walk = Walk::new(rows, roll, places, words, config);
    walk.go_on(places, chapter);
    let (dated, undated): (Vec<Trip>, Vec<Trip>) =
        (trips(rows).into_iter()).partition(|trip| matches!(roll.day(trip.rank), Day::Dated(_)));
    for trip in &undated {
        walk.trip(trip);
        walk.end_undated();
    }
    for day in dated.chunk_by(|a, b| roll.day(a.rank) == roll.day(b.rank)) {
        day.iter().for_each(|trip| walk.wake(trip));
        day.iter().for_each(|trip| walk.trip(trip));
        if let Day::Dated(day) = roll.day(day[0].rank) {
            walk.end_day(day);
        }
    }
    walk.close(chapter)
}

/// The rows of one trip.
struct Trip {
    rank: u32,
    felt: (usize, usize),
    strips: (usize, usize),
}

/// The trips of a tile with their rows, in canonical order.
fn trips(rows: &TileRows) -> Vec<Trip> {
    let (mut felt, mut strips) = (0, 0);
    let mut trips = Vec::new();
    loop {
        let ranks = [
            rows.felt.get(felt).map(|felt| felt.rank),
            rows.strips.get(strips).map(|strip| strip.rank),
        ];
        let Some(rank) = ranks.into_iter().flatten().min() else {
            return trips;
        };
        let felts = rows.felt[felt..]
            .iter()
            .take_while(|felt| felt.rank == rank);
        let (felt_from, strips_from) = (felt, strips);
        felt += felts.count();
        let of_trip = rows.strips[strips..].iter();
        strips += of_trip.take_while(|strip| strip.rank == rank).count();
        trips.push(Trip {
            rank,
            felt: (felt_from, felt),
            strips: (strips_from, strips),
        });
    }
}

impl<'a, 'c> Walk<'a, 'c> {
    fn new(
        rows: &'a TileRows,
        roll: &'a Roll,
        places: &'a Spots,
        words: &'a [Vec<(i64, Word)>],
        config: &'c Config,
    ) -> Self {
        let mut grid = Grid::over(rows.tile);
        let mut spot_of = vec![u32::MAX; rows.felt.len()];
        let mut posts = Vec::with_capacity(places.spots.len());
        for (number, (spot, settled)) in (0..).zip(places.spots.iter().zip(&places.settled)) {
            if places.joined[number as usize].is_none() {
                grid.insert(number, settled.at);
            }
            for &member in &spot.members {
                spot_of[member as usize] = number;
            }
            let felt = spot.members.iter();
            let felt = felt
                .map(|&member| roll.day(rows.felt[member as usize].rank))
                .min();
            let said = words[number as usize]
                .first()
                .map(|&(at_us, _)| Day::Dated(roll.zone().day_of(at_us)));
            let before = spot.past.as_ref().and_then(|past| past.since);
            let since = [felt, said, before.map(Day::Dated)];
            let since = since.into_iter().flatten().min();
            posts.push(Post::new(settled, since));
        }
        Self {
            rows,
            roll,
            config,
            grid,
            spot_of,
            posts,
            told: places.spots.iter().map(|_| Told::default()).collect(),
            courses: vec![Course::new(config); places.spots.len()],
            words: words.iter().map(|words| words.iter()).collect(),
            begins: i32::MIN,
            day: Vec::new(),
            said: Vec::new(),
            voices: Vec::new(),
            nobody: config.rates.of_nobody(),
            visits: Vec::new(),
        }
    }

    /// Goes on from where closed chapters left the spots.
    fn go_on(&mut self, places: &Spots, chapter: Chapter) {
        self.begins = chapter.begins().unwrap_or(i32::MIN);
        for (number, spot) in places.spots.iter().enumerate() {
            let Some(past) = &spot.past else {
                continue;
            };
            self.told[number] = Told::resumed(past);
            self.courses[number] = Course::resumed(self.config, &past.usual);
            let zone = self.roll.zone();
            let is_heeded = |(said_us, _): &&(i64, Word)| zone.day_of(*said_us) < past.heeded;
            let heeded = self.words[number].as_slice().iter().take_while(is_heeded);
            let heeded = heeded.count();
            self.words[number] = self.words[number].as_slice()[heeded..].iter();
            self.heed_until(number, self.begins);
            self.dismiss(number as u32, self.courses[number].is_dismissed());
        }
    }

    /// Notes whether a spot is dismissed: one that is stands in nobody's way.
    fn dismiss(&mut self, number: u32, is_dismissed: bool) {
        let post = &mut self.posts[number as usize];
        if std::mem::replace(&mut post.dismissed, is_dismissed) == is_dismissed {
            return;
        }
        if is_dismissed {
            self.grid.remove(number, post.at);
        } else {
            self.grid.insert(number, post.at);
        }
    }

    /// What people said before a day is heeded.
    fn heed_until(&mut self, number: usize, day: i32) {
        while let Some(&(said_us, word)) = self.words[number].as_slice().first() {
            let said_on = self.roll.zone().day_of(said_us);
            if said_on >= day {
                break;
            }
            self.words[number].next();
            self.courses[number].heed(said_on, said_us, word);
        }
    }

    /// The chapter is over.
    fn close(mut self, chapter: Chapter) -> Vec<Told> {
        for number in 0..self.courses.len() {
            self.heed_until(number, chapter.ends().unwrap_or(i32::MIN));
        }
        for (told, course) in self.told.iter_mut().zip(self.courses) {
            told.usual = Some(course.condensed().without_history());
        }
        self.told
    }

    /// What a trip feels counts all passes of its day, dismissed or not: three false alarms among
    /// hundreds of quiet passes are not three drivers who agree.
    fn wake(&mut self, trip: &Trip) {
        for index in trip.felt.0..trip.felt.1 {
            let spot = self.spot_of[index];
            if spot != u32::MAX {
                self.dismiss(spot, false);
            }
        }
    }

    /// Adds the passes of one trip to the day.
    fn trip(&mut self, trip: &Trip) {
        let mut visits = std::mem::take(&mut self.visits);
        visits.clear();
        for strip in &self.rows.strips[trip.strips.0..trip.strips.1] {
            self.drive_by(strip, &mut visits);
        }
        for index in trip.felt.0..trip.felt.1 {
            let spot = self.spot_of[index];
            if spot != u32::MAX {
                visits.push(Visit {
                    spot,
                    t_us: self.rows.felt[index].peak_us,
                    hit: true,
                    able: true,
                });
            }
        }
        visits.sort_unstable();
        let soon_us = self.config.gate.same_pass_us();
        let is_same =
            |a: &Visit, b: &Visit| a.spot == b.spot && b.t_us.saturating_sub(a.t_us) <= soon_us;
        let who = self.roll.trip(trip.rank).who;
        for visits in visits.chunk_by(is_same) {
            if let Some((t_us, outcome)) = outcome(visits) {
                self.day.push(Passed {
                    spot: visits[0].spot,
                    who,
                    rank: trip.rank,
                    t_us,
                    outcome,
                });
            }
        }
        self.visits = visits;
    }

    /// Adds the moments at which a stretch went by spots, in their direction.
    ///
    /// The track must go on beyond the spot: a drive that ends short of it did not pass it.
    fn drive_by(&self, strip: &Strip, visits: &mut Vec<Visit>) {
        let day = self.roll.day(strip.rank);
        let sigma_m = f64::from(strip.sigma_m);
        let reach_m = reach_m(&self.config.gate);
        for leg in self.rows.legs_of(strip) {
            self.grid.within(leg.from, leg.to, reach_m, |number| {
                let post = &self.posts[number as usize];
                let is_along = post.heading_deg.is_none_or(|deg| {
                    turn_deg(deg, leg.heading_deg) <= self.config.gate.heading_deg
                });
                if !is_along || !post.counts(day) {
                    return;
                }
                let gate_m = self.config.gate.width_m(sigma_m, f64::from(post.sigma_m));
                if let Some(t_us) = leg.abeam_us(post.at, gate_m) {
                    visits.push(Visit {
                        spot: number,
                        t_us,
                        hit: false,
                        able: strip.able,
                    });
                }
            });
        }
    }

    /// The day is over: its vehicles speak.
    fn end_day(&mut self, day: i32) {
        let mut passed = std::mem::take(&mut self.day);
        passed.sort_unstable_by_key(Passed::order);
        let convoys = convoys(&passed, &self.config.vehicle);
        for here in passed.chunk_by_mut(|a, b| a.spot == b.spot) {
            let number = here[0].spot as usize;
            self.note_times(here);
            self.heed_until(number, day);
            for passed in here.iter_mut() {
                passed.who = convoys.speaker(passed.who);
            }
            merge_close(here, micros(self.config.vehicle.headway_s));
            self.speak(here, Some(day));
        }
        passed.clear();
        self.day = passed;
    }

    /// An undated trip is over: it was a day of its own.
    fn end_undated(&mut self) {
        let mut passed = std::mem::take(&mut self.day);
        passed.sort_unstable_by_key(Passed::order);
        for here in passed.chunk_by(|a, b| a.spot == b.spot) {
            self.speak(here, None);
        }
        passed.clear();
        self.day = passed;
    }

    /// What passed a spot on a day, or in an undated trip, is heard and kept.
    fn speak(&mut self, here: &[Passed], day: Option<i32>) {
        let spot = here[0].spot;
        let course = &mut self.courses[spot as usize];
        said(here, self.roll, &mut self.said);
        self.voices.clear();
        let said = self.said.iter();
        (self.voices).extend(said.map(|said| said.voice(self.nobody, self.roll)));
        match day {
            Some(day) => course.hear(day, &self.voices),
            None => course.hear_undated(&self.voices),
        }
        let log = &mut self.told[spot as usize].log;
        log.add(day, self.begins, &self.said, course.leaning());
        let is_dismissed = course.is_dismissed();
        self.dismiss(spot, is_dismissed);
    }

    fn note_times(&mut self, here: &[Passed]) {
        let told = &mut self.told[here[0].spot as usize];
        for passed in here {
            let stamp = self.roll.trip(passed.rank).stamp;
            let Some(t_us) = stamp.dated_us(passed.t_us, self.roll.zone()) else {
                continue;
            };
            told.last_pass_us = told.last_pass_us.max(Some(t_us));
            if passed.outcome == Outcome::Hit {
                told.last_us = told.last_us.max(Some(t_us));
                told.first_us = Some(told.first_us.map_or(t_us, |first_us| first_us.min(t_us)));
            }
        }
    }
}

/// When a pass was, and what it says: a hit when anything was felt, a miss only when all of it was
/// able; in doubt nothing.
fn outcome(visits: &[Visit]) -> Option<(i64, Outcome)> {
    if let Some(hit) = visits.iter().find(|visit| visit.hit) {
        return Some((hit.t_us, Outcome::Hit));
    }
    let is_able = visits.iter().all(|visit| visit.able);
    is_able.then_some((visits[0].t_us, Outcome::Miss))
}

impl Told {
    /// What closed chapters told.
    fn resumed(past: &Past) -> Self {
        let [first_us, last_us, last_pass_us] = past.times_us;
        Self {
            log: past.log.clone(),
            first_us,
            last_us,
            last_pass_us,
            usual: None,
        }
    }
}

impl Passed {
    /// The order of place and time.
    pub(super) fn order(&self) -> (u32, i64, u32, Outcome) {
        (self.spot, self.t_us, self.rank, self.outcome)
    }
}
