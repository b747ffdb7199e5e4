//! The days, and whose trips are delivered on them.

use std::borrow::Cow;
use std::collections::VecDeque;

use rand::RngExt;
use trip::{Generation, TripId};

use super::chance::Purpose;
use super::driver::{Driver, OFFLINE_DAYS, near};
use super::felt::{Teller, Trip, TripNumber};
use super::hostile::{Hostility, NAMES};
use super::journey::Journey;
use super::route::Route;
use super::{BEGIN_US, City, DAY_US};
use crate::simulate::random::{Span, normal};

/// Every trip of every phone, in order of the day of delivery; within a day by driver.
#[derive(Clone, Debug)]
pub struct Trips<'a> {
    city: &'a City,
    day: u32,
    driver: u32,
    ready: VecDeque<Trip>,
}

/// Hours of the day at which people leave for work and for home, UTC. Assumed.
const TO_WORK_H: Span = Span::new(6.5, 9.0);
const HOME_H: Span = Span::new(15.5, 19.0);

/// Share of the trips that go somewhere else. Assumed.
const ELSEWHERE: f64 = 0.2;

/// When phones that are seldom online hand over, µs after midnight.
const EVENING_US: i64 = 21 * 3_600_000_000;

/// Clocks of two phones in one car differ by so much, standard deviation in seconds; at most a
/// second is left of it.
const CLOCK_S: f64 = 0.3;

impl<'a> Trips<'a> {
    pub(super) fn new(city: &'a City) -> Self {
        Self {
            city,
            day: 0,
            driver: 0,
            ready: VecDeque::new(),
        }
    }
}

impl Iterator for Trips<'_> {
    type Item = Trip;

    fn next(&mut self) -> Option<Trip> {
        // Whoever is seldom online hands over the rest after the last day.
        let last_day = self.city.options.days + OFFLINE_DAYS;
        while self.ready.is_empty() && self.day < last_day {
            self.city.deliver(self.driver, self.day, &mut self.ready);
            self.driver += 1;
            if self.driver == self.city.drivers {
                (self.driver, self.day) = (0, self.day + 1);
            }
        }
        self.ready.pop_front()
    }
}

impl City {
    /// What a driver's phones hand over on a day.
    fn deliver(&self, number: u32, day: u32, out: &mut VecDeque<Trip>) {
        let days = self.options.days;
        let hands_over = (day + number).is_multiple_of(OFFLINE_DAYS);
        // Without drawing the driver first: nearly everybody is online, or does not drive.
        let may = day < days && self.drives(number, day)
            || hands_over
            || day > 0 && day <= days && self.drives(number, day - 1);
        if !may {
            return;
        }
        let driver = self.driver(number);
        if driver.offline {
            if hands_over {
                for recorded in (day + 1).saturating_sub(OFFLINE_DAYS)..(day + 1).min(days) {
                    self.record(&driver, recorded, Some(day), out);
                }
            }
            return;
        }
        if day < days {
            self.record(&driver, day, None, out);
        }
        if driver.hostile == Some(Hostility::Replaying) && 0 < day && day < days {
            self.send_again(&driver, day, out);
        }
    }

    /// The trips of a day, handed over at once or on the evening of a later day.
    fn record(&self, driver: &Driver, day: u32, late: Option<u32>, out: &mut VecDeque<Trip>) {
        if !self.drives(driver.number, day) {
            return;
        }
        let before = out.len();
        let invented = self.invented_by(driver);
        for number in 0..2 {
            let trip = TripNumber {
                driver: driver.number,
                day,
                number,
            };
            let rng = &mut self.trip_stream(Purpose::Trip, trip);
            let route = self.way(driver, number == 1, rng);
            let hours = if number == 0 { TO_WORK_H } else { HOME_H };
            let begin_us = BEGIN_US + i64::from(day) * DAY_US + (hours.draw(rng) * 3.6e9) as i64;
            let journey = self.journey(driver, &route, begin_us, rng);
            self.tell_all(driver, trip, &journey, &invented, out);
        }
        if driver.hostile == Some(Hostility::ManyNames) {
            self.pretend(driver, day, &invented, out);
        }
        if let Some(late) = late {
            let evening_us = BEGIN_US + i64::from(late) * DAY_US + EVENING_US;
            for trip in out.iter_mut().skip(before) {
                trip.received_us = trip.received_us.max(evening_us);
            }
        }
    }

    /// Where a trip goes.
    fn way(&self, driver: &Driver, home: bool, rng: &mut rand_chacha::ChaCha8Rng) -> Route {
        if rng.random_bool(ELSEWHERE) {
            let to = near(&self.grid, driver.home, rng);
            return Route::between(&self.grid, driver.home, to, rng.random(), home);
        }
        Route::to_work(&self.grid, driver, home)
    }

    /// What every phone in the car says of a journey.
    fn tell_all(
        &self,
        driver: &Driver,
        trip: TripNumber,
        journey: &Journey<'_>,
        invented: &[(u32, f64)],
        out: &mut VecDeque<Trip>,
    ) {
        if journey.pieces.is_empty() {
            return;
        }
        for (phone, number) in driver.phones.iter().zip(0_u8..) {
            let rng = &mut self.trip_stream(
                Purpose::Phone,
                TripNumber {
                    number: trip.number + 2 * number,
                    ..trip
                },
            );
            let ahead_s = (CLOCK_S * normal(rng)).clamp(-0.5, 0.5);
            let teller = Teller {
                city: self,
                driver,
                phone: *phone,
                device: self.device(driver, number.into(), trip.day),
                older: trip.day < driver.updated_on,
                ahead_us: (ahead_s * 1e6) as i64,
                invented: match driver.hostile {
                    Some(Hostility::Inventing) => Cow::Borrowed(invented),
                    _ => Cow::Borrowed(&[]),
                },
                silent: driver.hostile == Some(Hostility::Hiding),
            };
            out.push_back(teller.tell(journey, rng));
        }
    }

    /// One place driven past under many names.
    fn pretend(
        &self,
        driver: &Driver,
        day: u32,
        invented: &[(u32, f64)],
        out: &mut VecDeque<Trip>,
    ) {
        let Some(&place) = invented.first() else {
            return;
        };
        let route = self.way_past(place);
        for name in 0..NAMES {
            let trip = TripNumber {
                driver: driver.number,
                day,
                number: 100 + name as u8,
            };
            let rng = &mut self.trip_stream(Purpose::Phone, trip);
            let hour = Span::new(TO_WORK_H.from, HOME_H.to).draw(rng);
            let begin_us = BEGIN_US + i64::from(day) * DAY_US + (hour * 3.6e9) as i64;
            let journey = self.journey(driver, &route, begin_us, rng);
            if journey.pieces.is_empty() {
                continue;
            }
            let teller = Teller {
                city: self,
                driver,
                phone: driver.phones[0],
                device: self.name(driver.number, 16 + name, 0),
                older: false,
                ahead_us: 0,
                invented: Cow::Borrowed(invented),
                silent: true,
            };
            let mut told = teller.tell(&journey, rng);
            told.passes.clear();
            out.push_back(told);
        }
    }

    /// The trips of the day before once more, under new names and a day later.
    fn send_again(&self, driver: &Driver, day: u32, out: &mut VecDeque<Trip>) {
        let mut again = VecDeque::new();
        self.record(driver, day - 1, None, &mut again);
        for (mut trip, number) in again.into_iter().zip(200_u8..) {
            let of = TripNumber {
                driver: driver.number,
                day,
                number,
            };
            let rng = &mut self.trip_stream(Purpose::Phone, of);
            trip.key.trip = TripId::from_bytes(rng.random());
            trip.key.device = self.device(driver, 0, day);
            trip.passes.clear();
            trip.received_us += DAY_US;
            later(&mut trip.report, DAY_US);
            out.push_back(trip);
        }
    }

    /// The detector that phones have.
    pub(super) fn generation(&self, older: bool) -> Generation {
        self.generations[usize::from(older)].clone()
    }
}

/// Moves everything that a report says to a later time.
fn later(report: &mut trip::Report, by_us: i64) {
    for bump in &mut report.bumps {
        for t_us in [&mut bump.begin_us, &mut bump.peak_us, &mut bump.end_us] {
            *t_us += by_us;
        }
    }
    for stretch in &mut report.stretches {
        stretch.begin_us += by_us;
        stretch.end_us += by_us;
        stretch
            .path
            .iter_mut()
            .for_each(|point| point.t_us += by_us);
    }
    for skipped in &mut report.skipped {
        skipped.begin_us += by_us;
        skipped.end_us += by_us;
    }
}
