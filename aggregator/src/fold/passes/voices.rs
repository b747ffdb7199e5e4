//! What each vehicle says of a spot that it passed.

use super::super::log::Said;
use super::super::roll::Roll;
use super::{Outcome, Passed};

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
    if let [alone] = here {
        said.push(word(&[alone], roll));
        return;
    }
    let mut by_vehicle: Vec<&Passed> = here.iter().collect();
    by_vehicle.sort_by_key(|passed| passed.who);
    let vehicles = by_vehicle.chunk_by(|a, b| a.who == b.who);
    said.extend(vehicles.map(|vehicle| word(vehicle, roll)));
    said.sort_by_key(|said| (said.at_us, said.driver));
}

/// What the passes of one vehicle say, in order of time.
fn word(vehicle: &[&Passed], roll: &Roll) -> Said {
    let hits = (vehicle.iter()).filter(|passed| passed.outcome == Outcome::Hit);
    let hits = hits.count();
    let few = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let last = vehicle[vehicle.len() - 1];
    let trip = roll.trip(last.rank);
    Said {
        driver: last.who.number,
        generation: trip.generation,
        hits: few(hits),
        misses: few(vehicle.len() - hits),
        at_us: (trip.stamp.dated_us(last.t_us, roll.zone())).unwrap_or(0),
    }
}
