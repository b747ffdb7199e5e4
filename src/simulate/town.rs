//! A town: its streets and hazards, and the drives that its drivers make.

use trip::{DeviceId, Position, TripId};

use rand::RngExt;

use super::drive::{Drive, Driven};
use super::driver::Driver;
use super::gps::Receiver;
use super::hazard::{self, Hazard};
use super::phone::Phone;
use super::random::{Dice, Purpose, Span};
use super::recipe::Recipe;
use super::street::Streets;
use super::vehicle::Car;
use super::{Config, truth};

/// A made town with its drivers, and the truth about its hazards.
pub struct Town {
    pub(super) config: Config,
    pub(super) dice: Dice,
    pub(super) names: Dice,
    pub(super) recipe: Recipe,
    pub(super) origin: Position,
    pub(super) streets: Streets,
    pub(super) hazards: Vec<Hazard>,
}

/// Somebody with a car and a phone.
pub(super) struct Participant {
    pub(super) driver: Driver,
    pub(super) car: Car,
    pub(super) phone: Phone,
    pub(super) receiver: Receiver,
    pub(super) device: DeviceId,
}

/// Average speed in town with all its stops, m/s: what a drive covers.
const AVERAGE_MPS: f64 = 7.0;

/// How often a lane is driven in a town that is sized to its drivers.
const PASSES_PER_LANE: f64 = 6.0;

/// No town has more street than this, metres; with more driving its lanes are passed more often.
const MOST_STREET_M: f64 = 100_000.0;

/// The least and the most that a trip lasts, minutes.
const MINUTES: Span = Span::new(0.1, 600.0);

/// Where towns lie: in the Atlantic west of Porto, where no road can be mistaken for theirs.
/// Degrees of latitude and longitude.
const LAT_DEG: Span = Span::new(40.5, 41.5);
const LON_DEG: Span = Span::new(-11.0, -10.0);

impl Town {
    /// The town of a configuration: the same for the same configuration. See [`super::town()`].
    pub(super) fn new(config: &Config) -> Self {
        let config = config.within_limits(MINUTES);
        let dice = Dice::of_town(&config);
        let recipe = Recipe::of(config.preset);
        let mut rng = dice.stream(Purpose::Streets, 0);
        let origin = Position::new(LAT_DEG.draw(&mut rng), LON_DEG.draw(&mut rng))
            .expect("both spans lie on the globe");
        let driven_m = f64::from(config.drivers) * config.minutes * 60.0 * AVERAGE_MPS;
        // A street has two lanes.
        let street_m = (driven_m / PASSES_PER_LANE / 2.0).min(MOST_STREET_M);
        let streets = Streets::draw(street_m, &mut rng);
        let hazards = hazard::draw(&streets, &recipe, &dice);
        Self {
            names: Dice::of_names(&config),
            config,
            dice,
            recipe,
            origin,
            streets,
            hazards,
        }
    }

    /// Every drive, one after the other; only one is in memory at a time.
    pub fn trips(&self) -> impl ExactSizeIterator<Item = Drive> + '_ {
        (0..self.config.drivers as usize).map(|number| self.trip(number as u32))
    }

    /// The hazards as GeoJSON (RFC 7946), one feature per hazard and direction, in a fixed order.
    ///
    /// Properties: `id` and `site` (a hump across the street is one site and two features), `kind`,
    /// `track` (`left`, `right`, `both`), `heading_deg` of the lane, `length_m` along it, and
    /// `depth_m` or `height_m`. The point lies in the wheel track, or in the middle of the lane for
    /// both.
    pub fn hazards_geojson(&self) -> String {
        truth::geojson(self)
    }

    /// How much street the town has, metres, both lanes of a street counted once.
    pub fn street_m(&self) -> f64 {
        self.streets.length_m()
    }

    /// The drive of one driver.
    fn trip(&self, number: u32) -> Drive {
        let participant = self.participant(number);
        let driven = Driven::new(self, &participant, number);
        driven.into_drive(self, participant, number)
    }

    fn participant(&self, number: u32) -> Participant {
        let mut rng = self.dice.stream(Purpose::Driver, number);
        let (driver, car) = (Driver::draw(&mut rng), Car::draw(&mut rng));
        let mut rng = self.dice.stream(Purpose::Phone, number);
        let receiver = Receiver::draw(&mut rng);
        Participant {
            driver,
            car,
            phone: Phone::draw(number, self.config.rate_hz, &mut rng),
            receiver,
            device: self.device(number),
        }
    }

    /// A name that no other driver of this or another town has.
    fn device(&self, number: u32) -> DeviceId {
        let bits: u64 = self.names.stream(Purpose::Identity, number).random();
        (format!("sim-{bits:016x}").parse()).expect("letters, digits and a dash, short enough")
    }

    /// The 128 bits of a driver's trip.
    pub(super) fn trip_id(&self, number: u32) -> TripId {
        let mut rng = self.names.stream(Purpose::Identity, number);
        // The first 64 bits are the device's.
        rng.random::<u64>();
        TripId::from_bytes(rng.random())
    }
}

#[cfg(test)]
mod tests;
