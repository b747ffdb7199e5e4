//! Which bumps are of the same place.
//!
//! Trips come in canonical order, and what a trip founds depends on the trips before it alone: so
//! later evidence never changes the id of what earlier evidence founded. Within a trip, bumps that
//! follow each other closely are matched to the known spots together and in order, for they share
//! one GPS error: two holes 12 m apart stay two, however far the fixes of that pass were off.
//!
//! When all spots are founded, every bump is matched once more, now that it is known where they
//! are; and spots that turn out to be one are joined.

mod align;
mod join;
mod split;

use std::collections::HashMap;

use super::grid::{Grid, reach_m};
use super::jolt::{Jolt, runs};
use super::past::Past;
use super::place::{self, Settled};
use super::roll::Roll;
use super::rows::TileRows;
use super::said::TileSaid;
use super::spot::Spot;
use crate::config::Config;
use crate::hazard::HazardId;
use crate::identity::TripHash;
use align::{Standing, align};
pub(super) use join::Together;

/// The spots of a tile, and where they are.
pub(super) struct Spots {
    /// In the order in which they were founded: those of closed chapters first, then pins.
    pub(super) spots: Vec<Spot>,
    pub(super) settled: Vec<Settled>,
    /// Into which spot another was joined.
    pub(super) joined: Vec<Option<u32>>,
    /// How often passes felt two of them.
    pub(super) together: Together,
}

/// The spots of closed chapters when nothing more was felt or reported: they stay what they were.
pub(super) fn resume(
    rows: &TileRows,
    pasts: Vec<Past>,
    said: &TileSaid<'_>,
    roll: &Roll,
    config: &Config,
) -> Spots {
    let spots = found(rows, pasts, said, roll, config);
    Spots {
        settled: place::settle_all(&spots, rows, said, roll, config),
        joined: vec![None; spots.len()],
        together: Together::of(&spots),
        spots,
    }
}

/// The spots that the tile's bumps and reports gather at.
pub(super) fn associate(
    rows: &TileRows,
    pasts: Vec<Past>,
    said: &TileSaid<'_>,
    roll: &Roll,
    config: &Config,
) -> Spots {
    let mut spots = found(rows, pasts, said, roll, config);
    let mut settled = place::settle_all(&spots, rows, said, roll, config);
    let mut together = regroup(&mut spots, &settled, rows, config);
    settled = place::settle_all(&spots, rows, said, roll, config);
    let mut joined = vec![None; spots.len()];
    loop {
        let grown = join::join(
            &mut spots,
            &settled,
            &mut joined,
            &mut together,
            rows,
            config,
        );
        if grown.is_empty() {
            break;
        }
        for older in grown.into_iter().map(|older| older as usize) {
            settled[older] = place::settle(&spots[older], rows, said, roll, config);
        }
    }
    Spots {
        spots,
        settled,
        joined,
        together,
    }
}

/// Founds the spots: trip by trip, and every report before the trips of its day.
fn found(
    rows: &TileRows,
    pasts: Vec<Past>,
    said: &TileSaid<'_>,
    roll: &Roll,
    config: &Config,
) -> Vec<Spot> {
    let mut founding = Founding {
        spots: Vec::new(),
        numbers: HashMap::new(),
        grid: Grid::over(rows.tile),
        config,
    };
    for past in pasts {
        founding.enter(Spot::resumed(past, said, config.belief.citizen_sigma_m));
    }
    for pin in said.pins() {
        founding.pin(pin);
    }
    let mut reports = said.reports().peekable();
    runs(&rows.felt, &config.gate, |run| {
        let rank = rows.felt[run[0].bumps[0] as usize].rank;
        let stamp = roll.trip(rank).stamp;
        while let Some((index, report)) = reports.next_if(|(_, report)| report.stamp <= stamp) {
            founding.report(index, report);
        }
        founding.run(run, rows, roll);
    });
    reports.for_each(|(index, report)| founding.report(index, report));
    founding.spots
}

struct Founding<'c> {
    spots: Vec<Spot>,
    /// The number of each by its name.
    numbers: HashMap<HazardId, u32>,
    grid: Grid,
    config: &'c Config,
}

impl Founding<'_> {
    fn enter(&mut self, spot: Spot) -> u32 {
        let number = u32::try_from(self.spots.len()).unwrap_or(u32::MAX);
        self.grid.insert(number, spot.at());
        self.numbers.insert(spot.id, number);
        self.spots.push(spot);
        number
    }

    /// The name of what a bump founds. The name that is its by right may stand elsewhere: staff
    /// decided something about the hazard that it founded, which holds the name where that was then.
    fn name_by(&self, trip: TripHash, peak_us: i64) -> HazardId {
        let names = (0..).map(|more| HazardId::founded_by(trip, peak_us.wrapping_add(more)));
        let mut free = names.filter(|name| !self.numbers.contains_key(name));
        free.next().expect("some name is free")
    }

    fn pin(&mut self, pin: &super::said::PinHere) {
        let sigma_m = self.config.belief.citizen_sigma_m;
        if let Some(&number) = self.numbers.get(&pin.id) {
            let spot = &mut self.spots[number as usize];
            let before = spot.at();
            spot.pin(pin.at, pin.heading_deg, sigma_m);
            self.grid.moved(number, before, spot.at());
            return;
        }
        for past in self.spots.iter_mut().filter_map(|spot| spot.past.as_mut()) {
            past.names.retain(|name| *name != pin.id);
        }
        let mut spot = Spot::new(pin.id, pin.at, pin.own);
        spot.pin(pin.at, pin.heading_deg, sigma_m);
        self.enter(spot);
    }

    /// A report belongs to the spot that has the name of what it founds, since staff decided
    /// something about that; else to the nearest within its gate, whatever its direction; else it
    /// founds one.
    fn report(&mut self, index: u32, report: &super::said::ReportHere) {
        let sigma_m = self.config.belief.citizen_sigma_m;
        let mut nearest: Option<(f64, u32)> = None;
        let reach_m = reach_m(&self.config.gate);
        self.grid.near(report.at, reach_m, |number| {
            let spot = &self.spots[number as usize];
            let gate_m = self
                .config
                .gate
                .width_m(sigma_m, spot.sigma_m(&self.config.place));
            let distance_m = spot.at().distance_m(report.at);
            if distance_m <= gate_m && nearest.is_none_or(|best| (distance_m, number) < best) {
                nearest = Some((distance_m, number));
            }
        });
        let id = HazardId::reported_by(report.id);
        let named = self.numbers.get(&id).copied();
        let number = (named.or_else(|| nearest.map(|(_, number)| number)))
            .unwrap_or_else(|| self.enter(Spot::new(id, report.at, report.own)));
        let spot = &mut self.spots[number as usize];
        let before = spot.at();
        spot.report(index, report.at, sigma_m);
        self.grid.moved(number, before, spot.at());
    }

    fn run(&mut self, run: &[Jolt], rows: &TileRows, roll: &Roll) {
        let standing = self.standing(run);
        let matches = align(run, standing, self.config);
        for (jolt, matched) in run.iter().zip(matches) {
            let number = matched.unwrap_or_else(|| {
                let first = &rows.felt[jolt.bumps[0] as usize];
                let trip = roll.trip(first.rank).trip;
                let id = self.name_by(trip, first.peak_us);
                self.enter(Spot::new(id, jolt.at, first.own))
            });
            let spot = &mut self.spots[number as usize];
            let before = spot.at();
            for &bump in &jolt.bumps {
                spot.add(bump, &rows.felt[bump as usize]);
            }
            self.grid.moved(number, before, spot.at());
            let is_taken = |id| self.numbers.contains_key(&id);
            let spot = &self.spots[number as usize];
            if let Some(second) = split::split(spot, rows, roll, is_taken, self.config) {
                self.part(number, second, rows);
            }
        }
    }

    /// Makes two spots of one.
    fn part(&mut self, number: u32, second: split::Second, rows: &TileRows) {
        let spot = &mut self.spots[number as usize];
        let before = spot.at();
        spot.regroup(second.first, &rows.felt);
        self.grid.moved(number, before, spot.at());
        let founder = &rows.felt[second.second[0] as usize];
        let mut spot = Spot::new(second.id, founder.at, founder.own);
        spot.regroup(second.second, &rows.felt);
        self.enter(spot);
    }

    /// The spots that a run may be of.
    fn standing(&self, run: &[Jolt]) -> Vec<Standing> {
        let mut near = Vec::new();
        near_run(&self.grid, run, self.config, &mut near);
        let standing = near.into_iter().map(|number| {
            let spot = &self.spots[number as usize];
            Standing {
                number,
                at: spot.at(),
                sigma_m: spot.sigma_m(&self.config.place),
                heading_deg: spot.heading_deg(),
            }
        });
        standing.collect()
    }
}

/// The numbers of what lies near a run, each once and in order, in place of what `near` held.
fn near_run(grid: &Grid, run: &[Jolt], config: &Config, near: &mut Vec<u32>) {
    near.clear();
    for jolt in run {
        grid.near(jolt.at, reach_m(&config.gate), |number| near.push(number));
    }
    near.sort_unstable();
    near.dedup();
}

/// Matches every bump once more, to spots that are known to lie where they do. A jolt that none of
/// them explains stays where it was. Says how often passes felt two spots.
fn regroup(spots: &mut [Spot], settled: &[Settled], rows: &TileRows, config: &Config) -> Together {
    let mut was: Vec<u32> = vec![u32::MAX; rows.felt.len()];
    let mut grid = Grid::over(rows.tile);
    for (number, (spot, settled)) in (0..).zip(spots.iter().zip(settled)) {
        grid.insert(number, settled.at);
        for &member in &spot.members {
            was[member as usize] = number;
        }
    }
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); spots.len()];
    let mut together = Together::of(spots);
    let mut near = Vec::new();
    runs(&rows.felt, &config.gate, |run| {
        near_run(&grid, run, config, &mut near);
        let standing = (near.iter()).map(|&number| {
            let settled = &settled[number as usize];
            Standing {
                number,
                at: settled.at,
                sigma_m: settled.sigma_m,
                heading_deg: settled.heading_deg,
            }
        });
        let matches = align(run, standing.collect(), config);
        let mut passed: Vec<u32> = Vec::with_capacity(run.len());
        for (jolt, matched) in run.iter().zip(matches) {
            let number = matched.unwrap_or(was[jolt.bumps[0] as usize]);
            members[number as usize].extend(&jolt.bumps);
            passed.push(number);
        }
        together.note(&passed, settled);
    });
    for (spot, members) in spots.iter_mut().zip(members) {
        if spot.members != members {
            spot.regroup(members, &rows.felt);
        }
    }
    together
}
