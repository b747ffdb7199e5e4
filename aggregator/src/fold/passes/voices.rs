//! What each vehicle says of a spot that it passed.

use super::super::course::Voice;
use super::super::log::Said;
use super::super::roll::Roll;
use super::{Outcome, Passed};
use crate::config::Config;

/// Phones that pass a place faster after each other than cars can are one vehicle there.
pub(super) fn merge_close(here: &mut [Passed], headway_us: i64) {
    for index in 1..here.len() {
        if here[index].t_us.saturating_sub(here[index - 1].t_us) <= headway_us {
            here[index].who = here[index - 1].who;
        }
    }
}

/// What each vehicle says of a spot, in order of time.
pub(super) fn said(here: &[Passed], roll: &Roll, said: &mut Vec<Said>) {
    said.clear();
    let mut by_vehicle: Vec<&Passed> = here.iter().collect();
    by_vehicle.sort_by_key(|passed| passed.who);
    for vehicle in by_vehicle.chunk_by(|a, b| a.who == b.who) {
        let hits = (vehicle.iter()).filter(|passed| passed.outcome == Outcome::Hit);
        let hits = hits.count();
        let few = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        let last = vehicle[vehicle.len() - 1];
        let trip = roll.trip(last.rank);
        said.push(Said {
            driver: last.who.number,
            generation: trip.generation,
            hits: few(hits),
            misses: few(vehicle.len() - hits),
            at_us: (trip.stamp.dated_us(last.t_us, roll.zone())).unwrap_or(0),
        });
    }
    said.sort_by_key(|said| (said.at_us, said.driver));
}

/// The same, when everybody's word is worth as much as that of a driver of whom nothing is known.
pub(super) fn usual(said: &[Said], roll: &Roll, config: &Config) -> Vec<Voice> {
    let voice = |said: &Said| Voice {
        who: roll.who(said.driver),
        hits: said.hits.into(),
        misses: said.misses.into(),
        rate: config.rates.of_nobody(),
        at_us: said.at_us,
    };
    said.iter().map(voice).collect()
}
