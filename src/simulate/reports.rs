//! A made city at report level: what the detectors of very many phones would say, drawn from the
//! detector's own statistics and not computed from signals. A million drivers and ten million bumps
//! are possible, with exact truth.
//!
//! ```text
//! Options ─► City (streets, hazards, drivers) ─► trips(): Trip, Trip, … in order of delivery ─► wire
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `statistics` | every number about detectors and phones, with what it was measured on |
//! | `grid` | streets of three classes, two-way or narrow |
//! | `hazard`, `layout` | what lies on them, when it appears and is repaired; where |
//! | `ease` | how easily it is felt |
//! | `driver`, `route` | who drives, with which phone, along which way |
//! | `journey` | one journey: the road as the phone sees it |
//! | `felt` | what its detector says of it |
//! | `hostile` | those who lie |
//! | `delivery` | the days, and whose trips arrive on them |
//! | `message` | trips as wire messages |
//! | `truth` | the truth as files |
//! | `chance` | streams of chance |
//!
//! Pure, and one set of options makes the same city, trip by trip, byte for byte. What it leaves out:
//! streets are straight, one lane per direction, GPS errors are those of the signal-level simulator
//! (no street canyons), false alarms fall anywhere.

mod chance;
mod delivery;
mod driver;
mod ease;
mod felt;
mod grid;
mod hazard;
mod hostile;
mod journey;
mod layout;
mod message;
mod route;
mod statistics;
#[cfg(test)]
mod tests;
mod truth;

use trip::{Generation, Position};

use chance::{Chance, Purpose};
use ease::Ease;
use grid::Grid;
use hazard::Hazards;
use route::Route;

pub use delivery::Trips;
pub use felt::{Pass, Trip};
pub use grid::Street;
pub use hazard::Hazard;
pub use hostile::Hostility;
pub use statistics::{DETECTION, FALSE_ALARMS_PER_KM};
pub use truth::{Counts, PASSES_HEADER};

/// What city to make. Numbers out of range are brought back into it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Where chance begins.
    pub seed: u64,
    /// How many objects lie in its roads, from 1 to 10 million: what is felt from both directions is
    /// one. The city has as much road as they need.
    pub hazards: u32,
    /// How many drivers have a phone with them; `None`: as many as `participation` makes.
    pub drivers: Option<u32>,
    /// Share of the traffic that has a phone, 0 to 1; counts only without `drivers`.
    pub participation: f64,
    /// How many days are driven, 1 to 3660.
    pub days: u32,
    /// Share of the potholes that are repaired within the period, 0 to 1.
    pub repaired: f64,
    /// Share of the devices that lie, 0 to 1.
    pub hostile: f64,
    /// The mean chance that an able pass over a hazard is felt by today's detector, 0.05 to 0.98.
    pub detection: f64,
    /// Bumps per km where there is nothing, 0 to 20.
    pub false_alarms_per_km: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            hazards: 1000,
            drivers: None,
            participation: 0.01,
            days: 60,
            repaired: 0.2,
            hostile: 0.0,
            detection: DETECTION,
            false_alarms_per_km: FALSE_ALARMS_PER_KM,
        }
    }
}

impl Options {
    fn within_limits(self) -> Self {
        let default = Self::default();
        let within = |value: f64, from: f64, to: f64, else_value: f64| {
            let value = if value.is_finite() { value } else { else_value };
            value.clamp(from, to)
        };
        Self {
            hazards: self.hazards.clamp(1, 10_000_000),
            drivers: self.drivers.map(|n| n.clamp(1, 10_000_000)),
            participation: within(self.participation, 0.0, 1.0, default.participation),
            days: self.days.clamp(1, 3660),
            repaired: within(self.repaired, 0.0, 1.0, default.repaired),
            hostile: within(self.hostile, 0.0, 1.0, default.hostile),
            detection: within(self.detection, 0.05, 0.98, default.detection),
            false_alarms_per_km: within(
                self.false_alarms_per_km,
                0.0,
                20.0,
                default.false_alarms_per_km,
            ),
            ..self
        }
    }
}

/// The first day on which anybody drives, a Monday: 2026-01-05T00:00:00Z in µs.
pub const BEGIN_US: i64 = 1_767_571_200_000_000;

/// A day, µs.
const DAY_US: i64 = 86_400_000_000;

/// Objects per km of lane. Source: 2 to 5 of the kinds that are felt in the signal-level simulator's
/// town, its shallow holes left out.
const HAZARDS_PER_LANE_KM: f64 = 4.0;

/// Drivers whose ways tell how far a driver goes in a day.
const SAMPLED_DRIVERS: u32 = 500;

/// A made city.
#[derive(Clone, Debug)]
pub struct City {
    options: Options,
    chance: Chance,
    grid: Grid,
    hazards: Hazards,
    ease: Ease,
    drivers: u32,
    km_a_day: f64,
    /// Today's detector and the one before it.
    generations: [Generation; 2],
}

/// The city of some options.
///
/// ```
/// use jounce::simulate::reports::{Options, city};
///
/// let city = city(Options { hazards: 20, drivers: Some(30), days: 5, ..Options::default() });
/// assert!(city.hazards().len() >= 20);
/// let trips: Vec<_> = city.trips().collect();
/// assert!(trips.iter().any(|trip| !trip.report.bumps.is_empty()));
/// assert_eq!(trips.len(), city.trips().count());
/// ```
pub fn city(options: Options) -> City {
    let options = options.within_limits();
    let chance = Chance::new(options.seed);
    let grid = Grid::new(f64::from(options.hazards) / HAZARDS_PER_LANE_KM, &chance);
    let hazards = layout::lay(&options, &grid, &chance);
    let ease = Ease::of(&hazards, options.detection);
    let mut city = City {
        options,
        chance,
        grid,
        hazards,
        ease,
        drivers: SAMPLED_DRIVERS,
        km_a_day: 0.0,
        generations: generations(),
    };
    city.km_a_day = city.mean_km_a_day();
    city.drivers = options.drivers.unwrap_or_else(|| city.drivers_needed());
    city.hazards.tell_detectability(&city.ease);
    city
}

/// Today's detector, and a made-up one before it.
fn generations() -> [Generation; 2] {
    let today = detector::Config::default().generation();
    let older = Generation {
        version: "0.0.9".to_owned(),
        config_hash: "0123456789abcdef".to_owned(),
        ..today.clone()
    };
    [today, older]
}

impl City {
    /// What it was made with, within its limits.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Everything that lies in its roads, once for each direction in which it is felt.
    pub fn hazards(&self) -> &[Hazard] {
        self.hazards.all()
    }

    /// How many drivers have a phone with them.
    pub fn drivers(&self) -> u32 {
        self.drivers
    }

    /// Where its middle lies.
    pub fn middle(&self) -> Position {
        self.grid.origin
    }

    /// Kilometres of lane of a class of streets.
    pub fn lane_km(&self, street: Street) -> f64 {
        self.grid.lane_km(street)
    }

    /// Share of the traffic that has a phone: of the kilometres that all vehicles drive.
    pub fn participation(&self) -> f64 {
        f64::from(self.drivers) * self.km_a_day / self.traffic_km_a_day()
    }

    /// Every trip of every phone, in order of the day on which it is delivered.
    pub fn trips(&self) -> Trips<'_> {
        Trips::new(self)
    }

    /// All vehicles' kilometres in a day.
    fn traffic_km_a_day(&self) -> f64 {
        let km = |street: Street| street.vehicles_a_day() / 2.0 * self.lane_km(street);
        Street::ALL.into_iter().map(km).sum()
    }

    fn drivers_needed(&self) -> u32 {
        let km_a_day = self.options.participation * self.traffic_km_a_day();
        ((km_a_day / self.km_a_day).round() as u32).clamp(1, 10_000_000)
    }

    /// What a driver drives in a day, all days of the week together, kilometres.
    fn mean_km_a_day(&self) -> f64 {
        let km = (0..SAMPLED_DRIVERS).map(|number| {
            let driver = self.driver(number);
            let way = Route::to_work(&self.grid, &driver, false);
            2.0 * way.length_m() / 1e3 * driver::WEEK_SHARE
        });
        km.sum::<f64>() / f64::from(SAMPLED_DRIVERS)
    }

    /// The stream of a trip: of a driver, on a day, there or back.
    fn trip_stream(&self, purpose: Purpose, trip: felt::TripNumber) -> rand_chacha::ChaCha8Rng {
        let day = u64::from(trip.driver) << 12 | u64::from(trip.day);
        self.chance
            .stream(purpose, (day << 8) | u64::from(trip.number))
    }
}
