//! How easily hazards are felt: the chance of a hit by hazard, phone, speed and detector.

use trip::Kind;

use super::chance::logistic;
use super::grid::Street;
use super::hazard::{Hazard, Hazards};
use super::statistics as stats;

/// The chance of a hit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ease {
    /// Log odds that everything has in common.
    middle: f64,
}

/// What makes passes over one hazard differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct PassedBy {
    /// Log odds of the phone.
    pub(super) phone: f64,
    /// Speed of the car, m/s.
    pub(super) speed_mps: f64,
    /// Whether the detector is the generation before today's.
    pub(super) older: bool,
    /// When, µs since 1970.
    pub(super) t_us: i64,
}

/// How far speeds lie around what is usual on a street: standard deviation of the logarithm.
/// Assumed.
pub(super) const SPEED_SPREAD: f64 = 0.12;

/// Places and weights at which a normal number is looked at. Source: Gauss–Hermite quadrature of
/// five points (Abramowitz & Stegun 25.10, for weight exp(−x²/2)).
const NORMAL: [(f64, f64); 5] = [
    (-2.856_970, 0.011_257),
    (-1.355_626, 0.222_076),
    (0.0, 0.533_333),
    (1.355_626, 0.222_076),
    (2.856_970, 0.011_257),
];

/// The middle is sought over at most so many hazards.
const LOOKED_AT: usize = 2_000;

impl Ease {
    /// With which the mean chance over all hazards that nobody swerves around is `detection`.
    pub(super) fn of(hazards: &Hazards, detection: f64) -> Self {
        let every = (hazards.all().len() / LOOKED_AT).max(1);
        let straight = hazards.all().iter().filter(|hazard| !hazard.swerved);
        let looked_at: Vec<&Hazard> = straight.step_by(every).collect();
        let (mut low, mut high) = (-8.0, 8.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let ease = Self { middle };
            let sum: f64 = looked_at.iter().map(|h| ease.detectability(h)).sum();
            if sum < detection * looked_at.len() as f64 {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self { middle: low }
    }

    /// The mean chance that an able pass feels a hazard, over phones and speeds.
    pub(super) fn detectability(&self, hazard: &Hazard) -> f64 {
        let usual_mps = hazard.street.speed_mps();
        let mut mean = 0.0;
        for (phone, phone_weight) in NORMAL {
            for (fast, fast_weight) in NORMAL {
                let speed_mps = usual_mps * (SPEED_SPREAD * fast).exp();
                let log_odds = self.middle + hazard.ease + stats::PHONE_SPREAD * phone
                    - stats::speed_loss(hazard.kind, speed_mps);
                mean += phone_weight * fast_weight * logistic(log_odds);
            }
        }
        if hazard.swerved {
            mean *= stats::SWERVED_SHARE;
        }
        mean
    }

    /// The chance that one pass, whose wheels ran over it, feels a hazard.
    pub(super) fn hit(&self, hazard: &Hazard, by: PassedBy) -> f64 {
        let older = if by.older { stats::OLDER_LOSS } else { 0.0 };
        logistic(
            self.middle + hazard.ease + by.phone
                - older
                - stats::speed_loss(hazard.kind, by.speed_mps)
                - stats::YOUNG_LOSS * youth(hazard, by.t_us),
        )
    }
}

/// How young a pothole still is: 1 when it appears, 0 when it is grown or was always there.
pub(super) fn youth(hazard: &Hazard, t_us: i64) -> f64 {
    let Some(appears_us) = hazard.appears_us.filter(|_| hazard.kind == Kind::Pothole) else {
        return 0.0;
    };
    let days = (t_us - appears_us) as f64 / super::DAY_US as f64;
    (1.0 - days / stats::GROWN_DAYS).clamp(0.0, 1.0)
}

/// A street's speed times what a driver makes of it.
pub(super) fn speed_mps(street: Street, normal: f64) -> f64 {
    street.speed_mps() * (SPEED_SPREAD * normal.clamp(-2.5, 2.5)).exp()
}
