//! Which road was passed at all: unknown road is not good road.

use std::collections::BTreeMap;

use h3o::CellIndex;
use trip::Stretch;

use super::witness::{Drivers, Witness};
use crate::cells::{self, COVERAGE};
use crate::config::Config;
use crate::stamp::Week;
use crate::track;

/// How one cell was passed in one direction during one week.
///
/// Sums are of integers and add up over weeks and maps; drivers do not: take the maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The H3 cell, resolution 11.
    pub cell: CellIndex,
    /// The direction of travel: 0 north, 1 north-east, … 7 north-west.
    pub octant: u8,
    /// The ISO week; `None` for all evidence without a date.
    pub week: Option<Week>,
    /// How many times a trip passed.
    pub passes: u32,
    /// Passes that would have shown a defect.
    pub able_passes: u32,
    /// Distinct drivers, the most in any season that the week touches.
    pub drivers: u32,
    /// Passes of known roughness.
    pub rough_passes: u32,
    /// Sum over them of the natural logarithm of the RMS in m/s², millionths.
    pub log_rms_sum_micro: i64,
    /// Passes of known speed.
    pub speed_passes: u32,
    /// Sum over them of the speed, mm/s.
    pub speed_sum_mmps: i64,
}

/// Where coverage is counted. The order is that of the table.
type Key = (CellIndex, u8, Option<Week>);

#[derive(Debug, Default)]
struct Tally {
    passes: u32,
    able_passes: u32,
    drivers: Drivers,
    rough: Sum,
    speed: Sum,
}

/// A count and a sum of integers.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u32,
    sum: i64,
}

/// The time that one stretch spent in a cell.
#[derive(Clone, Copy, Debug)]
struct Stay {
    begin_us: i64,
    end_us: i64,
    /// The number of the stretch in its report.
    stretch: usize,
}

/// The coverage that the witnesses give, in the order of cell, direction and week.
pub(super) fn fold(witnesses: &[Witness<'_>], config: &Config) -> Vec<Coverage> {
    let soon_us = config.gate.same_pass_us();
    let mut tallies: BTreeMap<Key, Tally> = BTreeMap::new();
    for witness in witnesses {
        let week = witness.fact.stamp.week();
        for ((cell, octant), stays) in stays(witness, config) {
            let tally = tallies.entry((cell, octant, week)).or_default();
            tally.drivers.insert(witness.who);
            for pass in stays.chunk_by(|a, b| b.begin_us.saturating_sub(a.end_us) <= soon_us) {
                tally.add(pass, &witness.fact.report.stretches);
            }
        }
    }
    tallies
        .into_iter()
        .map(|(key, tally)| tally.coverage(key))
        .collect()
}

/// The stays of a trip in each cell that it passed, by direction, in order of time.
fn stays(witness: &Witness<'_>, config: &Config) -> BTreeMap<(CellIndex, u8), Vec<Stay>> {
    let soon_us = config.gate.same_pass_us();
    let mut cells: BTreeMap<_, Vec<Stay>> = BTreeMap::new();
    for (number, stretch) in witness.fact.report.stretches.iter().enumerate() {
        for leg in track::legs(&stretch.path, &config.track) {
            for point in leg.middles(config.track.step_m) {
                let cell = cells::cell_of(point.position, COVERAGE);
                let stays = cells.entry((cell, leg.heading.octant())).or_default();
                match stays.last_mut() {
                    Some(stay)
                        if stay.stretch == number
                            && point.t_us.saturating_sub(stay.end_us) <= soon_us =>
                    {
                        stay.end_us = point.t_us;
                    }
                    _ => stays.push(Stay {
                        begin_us: point.t_us,
                        end_us: point.t_us,
                        stretch: number,
                    }),
                }
            }
        }
    }
    cells
}

impl Tally {
    /// Adds one pass: able when all of it was, as rough and as fast as its stretches on average.
    fn add(&mut self, pass: &[Stay], stretches: &[Stretch]) {
        let passed = || pass.iter().map(|stay| &stretches[stay.stretch]);
        self.passes += 1;
        self.able_passes += u32::from(passed().all(|stretch| stretch.able));
        let log_rms_micro = |stretch: &Stretch| {
            let rms_mps2 = f64::from(stretch.roughness?.rms_mps2);
            let is_loggable = rms_mps2.is_finite() && rms_mps2 > 0.0;
            is_loggable.then(|| (rms_mps2.ln() * 1e6).round() as i64)
        };
        let speed_mmps = |stretch: &Stretch| {
            stretch
                .speed
                .map(|speed| (speed.mps() * 1e3).round() as i64)
        };
        self.rough.add(mean(passed().filter_map(log_rms_micro)));
        self.speed.add(mean(passed().filter_map(speed_mmps)));
    }

    fn coverage(self, (cell, octant, week): Key) -> Coverage {
        Coverage {
            cell,
            octant,
            week,
            passes: self.passes,
            able_passes: self.able_passes,
            drivers: self.drivers.count(),
            rough_passes: self.rough.count,
            log_rms_sum_micro: self.rough.sum,
            speed_passes: self.speed.count,
            speed_sum_mmps: self.speed.sum,
        }
    }
}

impl Sum {
    fn add(&mut self, value: Option<i64>) {
        if let Some(value) = value {
            self.count += 1;
            self.sum = self.sum.saturating_add(value);
        }
    }
}

/// The mean of integers, rounded towards zero; `None` of none.
fn mean(values: impl Iterator<Item = i64>) -> Option<i64> {
    let (count, sum) = values.fold((0_i64, 0_i64), |(count, sum), value| {
        (count + 1, sum.saturating_add(value))
    });
    (count > 0).then(|| sum / count)
}
