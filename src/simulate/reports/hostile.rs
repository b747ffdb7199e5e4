//! Those who lie.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::City;
use super::driver::Driver;
use super::route::{Leg, Route};

/// How somebody lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hostility {
    /// Reports bumps at places where nothing is, on every pass.
    Inventing,
    /// Passes and never reports anything.
    Hiding,
    /// Sends each day's trips once more the day after, as new ones.
    Replaying,
    /// Drives past one place under ten names a day and reports a bump there.
    ManyNames,
}

/// Shares of the four. Assumed.
const SHARES: [(Hostility, f64); 4] = [
    (Hostility::Inventing, 0.4),
    (Hostility::Hiding, 0.3),
    (Hostility::Replaying, 0.2),
    (Hostility::ManyNames, 0.1),
];

/// Where on the way to work an inventor's places lie: shares of the way.
const INVENTED_AT: [f64; 2] = [0.37, 0.61];

/// How many names one has.
pub(super) const NAMES: u32 = 10;

/// How far before and after the place the drives under many names begin and end, metres.
const AROUND_M: f64 = 150.0;

impl Hostility {
    /// Every way of lying.
    pub const ALL: [Self; 4] = [
        Self::Inventing,
        Self::Hiding,
        Self::Replaying,
        Self::ManyNames,
    ];

    /// As files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inventing => "inventing",
            Self::Hiding => "hiding",
            Self::Replaying => "replaying",
            Self::ManyNames => "many_names",
        }
    }

    pub(super) fn draw(share: f64, rng: &mut ChaCha8Rng) -> Option<Self> {
        let is_hostile = rng.random_bool(share);
        let mut left = rng.random::<f64>();
        if !is_hostile {
            return None;
        }
        let drawn = SHARES.into_iter().find(|(_, share)| {
            left -= share;
            left < 0.0
        });
        Some(drawn.map_or(Self::ManyNames, |(hostility, _)| hostility))
    }
}

impl City {
    /// The lanes and places at which a driver says that something is, in metres along the lane.
    pub(super) fn invented_by(&self, driver: &Driver) -> Vec<(u32, f64)> {
        let places = match driver.hostile {
            Some(Hostility::Inventing) => &INVENTED_AT[..],
            Some(Hostility::ManyNames) => &INVENTED_AT[..1],
            _ => return Vec::new(),
        };
        let way = Route::to_work(&self.grid, driver, false);
        places
            .iter()
            .filter_map(|&share| way.place(share))
            .collect()
    }

    /// The short way around such a place.
    pub(super) fn way_past(&self, (lane, at_m): (u32, f64)) -> Route {
        let length_m = self.grid.length_m();
        Route {
            legs: vec![Leg {
                lane,
                from_m: (at_m - AROUND_M).max(0.0),
                to_m: (at_m + AROUND_M).min(length_m),
            }],
        }
    }
}
