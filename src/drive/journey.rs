//! What one phone has to say and when: one trip after the other over the tracks. Pure.

use std::sync::Arc;

use bytes::Bytes;
use ingest::wire::v1;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use trip::TripId;

use super::mould::{EPOCH_US, Mould};
use super::track::Track;
use crate::packing::packed;

/// What all phones of a run share.
#[derive(Debug)]
pub struct Course {
    /// What they play; never empty.
    pub tracks: Vec<Track>,
    /// The end of a trip.
    pub bye: Mould,
    /// How many times faster than it was recorded a track is sent.
    pub speedup: f64,
    /// Decides about everything that is left to chance.
    pub seed: u64,
}

impl Course {
    /// A course over these tracks.
    pub fn new(tracks: Vec<Track>, speedup: f64, seed: u64) -> Self {
        let bye = v1::Bye {
            t_us: Some(EPOCH_US),
        };
        Self {
            tracks,
            bye: Mould::new(v1::Content::Bye(bye)),
            speedup,
            seed,
        }
    }

    /// A stream of chance for a phone, another one for each purpose.
    pub fn chance(&self, phone: u32, purpose: u32) -> ChaCha8Rng {
        let mut chance = ChaCha8Rng::seed_from_u64(self.seed);
        chance.set_stream(u64::from(purpose) << 32 | u64::from(phone));
        chance
    }
}

/// A message that a phone has just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its trip.
    pub trip: TripId,
    /// Its number.
    pub seq: u32,
    /// As it is sent.
    pub payload: Bytes,
    /// How much of the drive it covers, µs.
    pub span_us: i64,
}

/// The trips of one phone.
#[derive(Debug)]
pub struct Journey {
    course: Arc<Course>,
    phone: u32,
    /// When the last trip ends, µs; without it the phone makes one trip.
    until_us: Option<i64>,
    /// How many trips have begun.
    trips: u32,
    now: Option<Driving>,
}

/// The trip that a phone is on.
#[derive(Debug)]
struct Driving {
    trip: TripId,
    track: usize,
    /// The next leg; as many as there are legs for `bye`.
    leg: usize,
    seq: u32,
    begin_us: i64,
    /// Where in the track the trip begins and ends, µs.
    from_us: i64,
    to_us: i64,
    /// By how much the times of the track are shifted.
    shift_us: i64,
}

/// The purposes of a phone's streams of chance.
const FOR_BEGIN: u32 = 2;
const FOR_TRIPS: u32 = 3;

impl Journey {
    /// The trips of a phone from now on: one, or one after the other until that time. A phone with a time
    /// begins anywhere in its first track, and none begins when another does.
    pub fn new(course: Arc<Course>, phone: u32, begin_us: i64, until_us: Option<i64>) -> Self {
        let mut journey = Self {
            course,
            phone,
            until_us,
            trips: 0,
            now: None,
        };
        let mut chance = journey.course.chance(phone, FOR_BEGIN);
        let share: f64 = match until_us {
            Some(_) => chance.random(),
            None => 0.0,
        };
        journey.begin(begin_us, share);
        journey
    }

    /// When the next message is made, µs; `None` when there is none to come.
    pub fn next_us(&self) -> Option<i64> {
        let now = self.now.as_ref()?;
        if now.seq == 0 {
            return Some(now.begin_us);
        }
        let at_us = match self.leg() {
            Some(leg) => leg,
            None => now.to_us,
        };
        Some(now.begin_us + ((at_us - now.from_us) as f64 / self.course.speedup) as i64)
    }

    /// Makes the next message, if its time has come.
    pub fn make(&mut self, now_us: i64) -> Option<Made> {
        let due_us = self.next_us().filter(|&due_us| due_us <= now_us)?;
        let at_us = self.leg();
        let now = self.now.as_mut()?;
        let track = &self.course.tracks[now.track];
        let (trip, seq) = (now.trip, now.seq);
        now.seq += 1;
        let (bytes, span_us) = match at_us {
            _ if seq == 0 => (track.header.fill(trip, seq, 0), 0),
            Some(_) => {
                let leg = &track.legs[now.leg];
                now.leg += 1;
                (leg.mould.fill(trip, seq, now.shift_us), leg.span_us)
            }
            None => {
                let shift_us = now.shift_us + now.to_us;
                let bytes = self.course.bye.fill(trip, seq, shift_us);
                let goes_on = self.until_us.is_some_and(|until_us| due_us < until_us);
                self.now = None;
                if goes_on {
                    self.begin(due_us, 0.0);
                }
                (bytes, 0)
            }
        };
        Some(Made {
            trip,
            seq,
            payload: packed(bytes),
            span_us,
        })
    }

    /// Ends the trip here: what comes next is `bye`, and nothing after it.
    pub fn stop(&mut self, now_us: i64) {
        self.until_us = None;
        let Some(now) = self.now.as_mut() else {
            return;
        };
        if now.seq == 0 {
            self.now = None;
            return;
        }
        let driven_us = ((now_us - now.begin_us) as f64 * self.course.speedup) as i64;
        let driven_us = driven_us.max(0).saturating_add(now.from_us);
        now.to_us = now.to_us.min(driven_us);
    }

    /// How many trips have begun.
    pub fn trips(&self) -> u32 {
        self.trips
    }

    /// When in the track the next leg is sent, µs, if there is one before the trip's end.
    fn leg(&self) -> Option<i64> {
        let now = self.now.as_ref()?;
        let leg = self.course.tracks[now.track].legs.get(now.leg)?;
        Some(leg.at_us).filter(|&at_us| at_us <= now.to_us)
    }

    fn begin(&mut self, begin_us: i64, share: f64) {
        let course = &self.course;
        let number = self.phone as usize + self.trips as usize;
        let track = number % course.tracks.len();
        let legs = &course.tracks[track].legs;
        let leg = (share * legs.len() as f64) as usize;
        let from_us = leg.checked_sub(1).map_or(0, |before| legs[before].at_us);
        let length_us = course.tracks[track].length_us();
        let to_us = match self.until_us {
            Some(until_us) => {
                let left_us = ((until_us - begin_us) as f64 * course.speedup) as i64;
                length_us.min(from_us.saturating_add(left_us))
            }
            None => length_us,
        };
        let mut chance = course.chance(self.phone, FOR_TRIPS);
        chance.set_word_pos(u128::from(self.trips) * 4);
        let trip = TripId::from_bytes(chance.random());
        let sending_us = ((to_us - from_us) as f64 / course.speedup) as i64;
        self.trips += 1;
        self.now = Some(Driving {
            trip,
            track,
            leg,
            seq: 0,
            begin_us,
            from_us,
            to_us,
            // The end of the trip is when its last message is sent.
            shift_us: begin_us + sending_us - to_us - EPOCH_US,
        });
    }
}
