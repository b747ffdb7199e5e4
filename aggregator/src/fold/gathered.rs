//! What the bumps of a spot amount to, those of closed chapters with them.

use trip::Kind;

use super::course::monday_of;
use super::past::{Severities, add_week};
use super::roll::{Day, Roll};
use super::rows::{Felt, TileRows};
use super::spot::Spot;

/// The bumps of the chapter at hand.
fn members<'a>(spot: &'a Spot, rows: &'a TileRows) -> impl Iterator<Item = &'a Felt> {
    let felt = |&member: &u32| &rows.felt[member as usize];
    spot.members.iter().map(felt)
}

/// The sum of the probabilities of each kind, ten thousandths.
pub(super) fn kinds(spot: &Spot, rows: &TileRows) -> [i64; Kind::ALL.len()] {
    let mut sums = (spot.past.as_ref()).map_or([0; Kind::ALL.len()], |past| past.kinds);
    for felt in members(spot, rows) {
        for (sum, probability) in sums.iter_mut().zip(felt.kinds) {
            *sum += i64::from(probability);
        }
    }
    sums
}

/// How hard they were.
pub(super) fn severities(spot: &Spot, rows: &TileRows) -> Severities {
    let past = spot.past.as_ref();
    let mut severities = past.map_or_else(Severities::default, |past| past.severities.clone());
    members(spot, rows).for_each(|felt| severities.add(felt));
    severities
}

/// Of each week's Monday, how many had a severity and the sum, mm/s²; in order of time.
pub(super) fn weeks(spot: &Spot, rows: &TileRows, roll: &Roll) -> Vec<(Option<i32>, u32, i64)> {
    let past = spot.past.as_ref();
    let mut weeks = past.map_or_else(Vec::new, |past| past.weeks.clone());
    for felt in members(spot, rows) {
        if let Some(severity_mps2) = felt.severity_mps2 {
            let monday = match roll.day(felt.rank) {
                Day::Dated(day) => Some(monday_of(day)),
                Day::Undated(_) => None,
            };
            let mmps2 = (f64::from(severity_mps2) * 1e3).round() as i64;
            add_week(&mut weeks, monday, 1, mmps2);
        }
    }
    weeks
}
