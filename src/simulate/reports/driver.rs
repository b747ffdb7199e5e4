//! A driver: the way to work, the car, the phones in it.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use trip::{DeviceId, Vehicle};

use super::chance::Purpose;
use super::grid::{Grid, Line, Street, street};
use super::hostile::Hostility;
use super::{City, statistics as stats};
use crate::simulate::random::{Span, normal};

/// A driver.
#[derive(Clone, Debug)]
pub(super) struct Driver {
    pub(super) number: u32,
    pub(super) home: Spot,
    pub(super) work: Spot,
    /// Bits that choose between equally good ways.
    pub(super) taste: u32,
    /// How fast: a normal number.
    pub(super) haste: f64,
    pub(super) vehicle: Vehicle,
    pub(super) phones: Vec<Phone>,
    /// Hands over what it recorded once in [`OFFLINE_DAYS`].
    pub(super) offline: bool,
    /// The day from which the phones have today's detector.
    pub(super) updated_on: u32,
    /// A device name lasts so many days, and the first one began so many days before the city did.
    name_days: u32,
    name_age_days: u32,
    pub(super) hostile: Option<Hostility>,
}

/// A phone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phone {
    /// Standard deviation per axis of its places, metres.
    pub(super) sigma_m: f64,
    /// Log odds of a hit more than the mean phone.
    pub(super) ease: f64,
    /// Its rate, Hz.
    pub(super) rate_hz: f32,
}

/// A place on a street: blocks from its west or south end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) line: Line,
    pub(super) at: f64,
}

/// On working days, and on Saturdays and Sundays, a driver drives with this chance. Assumed.
const DRIVES: [f64; 2] = [0.8, 0.4];

/// Share of all days on which a driver drives.
pub(super) const WEEK_SHARE: f64 = (5.0 * DRIVES[0] + 2.0 * DRIVES[1]) / 7.0;

/// Work is at most so many blocks from home in each direction: 5 km. Assumed.
const WORK_BLOCKS: u32 = 40;

/// Shares: a second phone in the car, phones that are seldom online, phones that still have the
/// generation before today's detector at the beginning, vans. Assumed.
const SECOND_PHONE: f64 = 0.05;
const OFFLINE: f64 = 0.05;
const OLDER: f64 = 0.3;
const VAN: f64 = 0.1;

/// Phones that are seldom online hand over what they have once in so many days.
pub(super) const OFFLINE_DAYS: u32 = 5;

/// How long a device keeps its name, days. Assumed: credentials rotate monthly, or with a new phone.
const NAME_DAYS: [u32; 2] = [25, 90];

/// Rates of the phones, Hz. Source: the signal-level simulator's.
const RATES_HZ: [f32; 4] = [50.0, 60.0, 100.0, 100.0];

impl City {
    /// A driver, by number.
    pub(super) fn driver(&self, number: u32) -> Driver {
        let rng = &mut self.chance.stream(Purpose::Driver, number.into());
        let home = home(&self.grid, rng);
        let work = near(&self.grid, home, rng);
        let phones = 1 + u32::from(rng.random_bool(SECOND_PHONE));
        Driver {
            number,
            home,
            work,
            taste: rng.random(),
            haste: normal(rng),
            vehicle: if rng.random_bool(VAN) {
                Vehicle::Van
            } else {
                Vehicle::Car
            },
            phones: (0..phones).map(|_| phone(rng)).collect(),
            offline: rng.random_bool(OFFLINE),
            updated_on: if rng.random_bool(OLDER) {
                rng.random_range(0..=self.options.days)
            } else {
                0
            },
            name_days: rng.random_range(NAME_DAYS[0]..=NAME_DAYS[1]),
            name_age_days: rng.random_range(0..NAME_DAYS[1]),
            hostile: Hostility::draw(self.options.hostile, rng),
        }
    }

    /// Whether a driver drives on a day.
    pub(super) fn drives(&self, driver: u32, day: u32) -> bool {
        let weekend = day % 7 >= 5;
        let chance = DRIVES[usize::from(weekend)];
        let number = u64::from(driver) << 16 | u64::from(day);
        self.chance.share(Purpose::Day, number) < chance
    }

    /// The name under which a driver's phone publishes on a day.
    pub(super) fn device(&self, driver: &Driver, phone: u32, day: u32) -> DeviceId {
        let epoch = (day + driver.name_age_days) / driver.name_days;
        self.name(driver.number, phone, epoch)
    }

    /// A device name of a driver.
    pub(super) fn name(&self, driver: u32, phone: u32, epoch: u32) -> DeviceId {
        let number = u64::from(driver) << 32 | u64::from(phone) << 24 | u64::from(epoch);
        let bits = self.chance.bits(Purpose::Device, number);
        let name = format!("d-{bits:016x}");
        name.parse().expect("letters, digits and a dash")
    }
}

fn phone(rng: &mut ChaCha8Rng) -> Phone {
    let more = rng.random::<f64>();
    Phone {
        sigma_m: stats::SIGMA_M + stats::SIGMA_MORE_M * more * more,
        ease: stats::PHONE_SPREAD * normal(rng),
        rate_hz: RATES_HZ[rng.random_range(0..RATES_HZ.len())],
    }
}

/// A place where somebody lives.
pub(super) fn home(grid: &Grid, rng: &mut ChaCha8Rng) -> Spot {
    let axis = rng.random_range(0..2);
    let number = loop {
        let number = rng.random_range(0..grid.lines);
        if street(number) == Street::Residential {
            break number;
        }
    };
    let at = Span::new(0.3, f64::from(grid.lines - 1) - 0.3).draw(rng);
    Spot {
        line: Line { axis, number },
        at,
    }
}

/// Another place like it, not too far away, on a street of the same direction.
pub(super) fn near(grid: &Grid, home: Spot, rng: &mut ChaCha8Rng) -> Spot {
    let last = grid.lines - 1;
    let from = home.line.number.saturating_sub(WORK_BLOCKS);
    let to = (home.line.number + WORK_BLOCKS).min(last);
    let number = loop {
        let number = rng.random_range(from..=to);
        if street(number) == Street::Residential {
            break number;
        }
    };
    let reach = f64::from(WORK_BLOCKS);
    let span = Span::new(
        (home.at - reach).max(0.3),
        (home.at + reach).min(f64::from(last) - 0.3),
    );
    Spot {
        line: Line {
            number,
            ..home.line
        },
        at: span.draw(rng),
    }
}
