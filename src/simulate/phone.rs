//! The phones of a town: which sensors they have, and where they sit in the car.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use trip::Mount;

use super::GRAVITY_MPS2;
use super::filter::Isolation;
use super::random::{Span, normal};
use super::turn::Turn;

/// A make of phone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Model {
    /// What its header calls the operating system.
    pub(super) os: &'static str,
    /// What its header calls the class.
    pub(super) class: &'static str,
    /// Rate of accelerometer and gyroscope, Hz.
    pub(super) rate_hz: f64,
    /// The highest rate it can be asked for, Hz.
    pub(super) most_hz: f64,
    /// Clips beyond ± this, m/s².
    pub(super) range_mps2: f64,
    /// Smallest step, m/s².
    pub(super) step_mps2: f64,
    /// Noise density, m/s² per √Hz.
    pub(super) noise_density: f64,
    /// +1: at rest the axis that points up reads +9.8 (Android); -1: -9.8 (iOS).
    pub(super) sign: f64,
    /// Smallest step of the gyroscope, rad/s; `None` where there is none.
    pub(super) gyro_step_radps: Option<f64>,
    /// Standard deviation of the time between two readings, as a share of it.
    pub(super) jitter: f64,
    /// Times are multiples of this, µs.
    pub(super) tick_us: i64,
    /// What its positions come from, as the wire says it.
    pub(super) source: &'static str,
    /// Whether its positions carry speed and bearing.
    pub(super) knows_speed: bool,
}

/// Where a phone sits and how it is held.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seat {
    /// What the trip's header calls it.
    pub(super) mount: Mount,
    /// From the car's centre of mass: forward, to the left, up, metres.
    pub(super) lever_m: [f64; 3],
    /// What lies between car and phone.
    pub(super) isolation: Isolation,
    /// How it is turned at first.
    pub(super) turn: Turn,
    /// How often somebody takes it up, per hour.
    pub(super) handled_per_hour: f64,
    /// How far a body sways with it, m/s²; 0 unless it is in a pocket.
    pub(super) sway_mps2: f64,
}

/// A phone in its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Phone {
    /// Its make.
    pub(super) model: &'static Model,
    /// Its rate, Hz.
    pub(super) rate_hz: f64,
    /// Where it sits.
    pub(super) seat: Seat,
    /// Error of each axis at zero, m/s².
    pub(super) bias_mps2: [f64; 3],
    /// Error of each axis, as a share of what it feels.
    pub(super) scale_error: [f64; 3],
    /// Error of the gyroscope at rest, rad/s.
    pub(super) gyro_bias_radps: [f64; 3],
}

/// m/s² in one millionth of standard gravity.
const MICRO_G: f64 = GRAVITY_MPS2 * 1e-6;

/// The makes, in the order in which the first drivers get them.
///
/// Source: noise densities 70–220 µg/√Hz of BMI160, LSM6DS and ICM-206xx class parts and 218 of the
/// LIS3DH (data sheets); steps of range / 2^15, of older 12-bit parts 16 times that. Browser: 60 Hz
/// and 0.1 m/s², 0.1 °/s, measured in Chromium 156 (w3c/sensors issue 367 states the cap). Sign:
/// Android `SensorEvent`, Apple `CMAccelerometerData`.
static MODELS: [Model; 6] = [
    Model {
        os: "android 15",
        class: "midrange 2023",
        rate_hz: 100.0,
        most_hz: 800.0,
        range_mps2: 8.0 * GRAVITY_MPS2,
        step_mps2: 8.0 * GRAVITY_MPS2 / 32_768.0,
        noise_density: 120.0 * MICRO_G,
        sign: 1.0,
        gyro_step_radps: Some(0.001),
        jitter: 0.02,
        tick_us: 10,
        source: "gnss",
        knows_speed: true,
    },
    Model {
        os: "browser",
        class: "midrange 2021",
        rate_hz: 60.0,
        most_hz: 60.0,
        range_mps2: 4.0 * GRAVITY_MPS2,
        step_mps2: 0.1,
        noise_density: 150.0 * MICRO_G,
        sign: 1.0,
        gyro_step_radps: None,
        jitter: 0.03,
        tick_us: 100,
        source: "fused",
        knows_speed: true,
    },
    Model {
        os: "android 9",
        class: "entry 2017",
        rate_hz: 50.0,
        most_hz: 100.0,
        range_mps2: 2.0 * GRAVITY_MPS2,
        step_mps2: 2.0 * GRAVITY_MPS2 / 2_048.0,
        noise_density: 218.0 * MICRO_G,
        sign: 1.0,
        gyro_step_radps: None,
        jitter: 0.15,
        tick_us: 1_000,
        source: "gnss",
        knows_speed: true,
    },
    Model {
        os: "ios 18",
        class: "flagship 2023",
        rate_hz: 100.0,
        most_hz: 100.0,
        range_mps2: 8.0 * GRAVITY_MPS2,
        step_mps2: 0.005,
        noise_density: 100.0 * MICRO_G,
        sign: -1.0,
        gyro_step_radps: None,
        jitter: 0.005,
        tick_us: 10,
        source: "fused",
        knows_speed: true,
    },
    Model {
        os: "browser",
        class: "flagship 2022",
        rate_hz: 60.0,
        most_hz: 60.0,
        range_mps2: 8.0 * GRAVITY_MPS2,
        step_mps2: 0.1,
        noise_density: 100.0 * MICRO_G,
        sign: -1.0,
        gyro_step_radps: Some(0.1 * std::f64::consts::PI / 180.0),
        jitter: 0.03,
        tick_us: 100,
        source: "fused",
        knows_speed: true,
    },
    Model {
        os: "android 6",
        class: "entry 2014",
        rate_hz: 25.0,
        most_hz: 50.0,
        range_mps2: 2.0 * GRAVITY_MPS2,
        step_mps2: 2.0 * GRAVITY_MPS2 / 256.0,
        noise_density: 300.0 * MICRO_G,
        sign: 1.0,
        gyro_step_radps: None,
        jitter: 0.15,
        tick_us: 1_000,
        source: "gnss",
        knows_speed: false,
    },
];

impl Phone {
    /// The phone of a driver: the makes and the places go round, so that a few drivers already
    /// show all of them. The third always sits steeply rotated.
    pub(super) fn draw(driver: u32, rate_hz: Option<f64>, rng: &mut ChaCha8Rng) -> Self {
        let model = &MODELS[driver as usize % MODELS.len()];
        let seat = match driver % 7 {
            0 | 3 | 5 => Seat::holder(rng),
            1 | 4 => Seat::mat(rng),
            2 => Seat::askew(rng),
            _ if rng.random_bool(0.5) => Seat::cup(rng),
            _ => Seat::pocket(rng),
        };
        Self {
            model,
            rate_hz: rate_hz.unwrap_or(model.rate_hz).min(model.most_hz),
            seat,
            bias_mps2: [(); 3].map(|()| 15_000.0 * MICRO_G * normal(rng)),
            scale_error: [(); 3].map(|()| 0.005 * normal(rng)),
            gyro_bias_radps: [(); 3].map(|()| 0.005 * normal(rng)),
        }
    }
}

/// Source of the mounts' frequencies and dampings: holders and seats measured as second-order
/// transmissibilities of 14–45 Hz, ζ 0.08–0.35, cup holders 6–12 Hz and well damped; a pocket passes
/// little above 4 Hz.
impl Seat {
    /// A holder at the windscreen, upright, turned a little to the driver.
    fn holder(rng: &mut ChaCha8Rng) -> Self {
        let upright = Turn::about([1.0, 0.0, 0.0], Span::new(-1.4, -0.9).draw(rng));
        let aside = Turn::about([0.0, 0.0, 1.0], Span::new(-0.5, 0.5).draw(rng));
        Self {
            mount: Mount::Holder,
            lever_m: lever_m(rng),
            isolation: Isolation {
                natural_hz: Span::new(14.0, 35.0).draw(rng),
                damping: Span::new(0.12, 0.35).draw(rng),
                damper_pulls: true,
            },
            turn: upright.after(Turn::FLAT).after(aside),
            handled_per_hour: 2.0,
            sway_mps2: 0.0,
        }
    }

    /// A mat on the dashboard, flat, any way round.
    fn mat(rng: &mut ChaCha8Rng) -> Self {
        let round = Turn::about([0.0, 0.0, 1.0], Span::new(-3.0, 3.0).draw(rng));
        let slope = Turn::about([0.0, 1.0, 0.0], Span::new(0.05, 0.3).draw(rng));
        Self {
            mount: Mount::Mat,
            isolation: Isolation {
                natural_hz: Span::new(25.0, 45.0).draw(rng),
                damping: Span::new(0.2, 0.35).draw(rng),
                damper_pulls: true,
            },
            turn: round.after(Turn::FLAT).after(slope),
            handled_per_hour: 4.0,
            ..Self::holder(rng)
        }
    }

    /// A holder bent so far that no axis of the phone is near the vertical.
    fn askew(rng: &mut ChaCha8Rng) -> Self {
        let steep = Turn::about([1.0, 0.3, 0.0], Span::new(0.75, 0.95).draw(rng));
        let rolled = Turn::about([0.0, 1.0, 0.0], Span::new(0.7, 0.9).draw(rng));
        Self {
            turn: rolled.after(steep).after(Turn::FLAT),
            ..Self::holder(rng)
        }
    }

    /// A cup holder.
    fn cup(rng: &mut ChaCha8Rng) -> Self {
        Self {
            mount: Mount::Cup,
            isolation: Isolation {
                natural_hz: Span::new(6.0, 12.0).draw(rng),
                damping: Span::new(0.4, 0.7).draw(rng),
                damper_pulls: true,
            },
            turn: Turn::any(rng),
            handled_per_hour: 6.0,
            ..Self::holder(rng)
        }
    }

    /// The driver's pocket.
    fn pocket(rng: &mut ChaCha8Rng) -> Self {
        Self {
            mount: Mount::Pocket,
            isolation: Isolation {
                natural_hz: 4.0,
                damping: 0.5,
                damper_pulls: false,
            },
            turn: Turn::any(rng),
            handled_per_hour: 6.0,
            sway_mps2: 0.15,
            ..Self::holder(rng)
        }
    }
}

/// A place around the dashboard: 0.2–1 m ahead of the centre of mass, up to 0.4 m aside, above it.
fn lever_m(rng: &mut ChaCha8Rng) -> [f64; 3] {
    [
        Span::new(0.2, 1.0).draw(rng),
        Span::new(-0.4, 0.4).draw(rng),
        Span::new(0.2, 0.6).draw(rng),
    ]
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    fn phones() -> Vec<Phone> {
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        (0..42).map(|i| Phone::draw(i, None, &mut rng)).collect()
    }

    #[test]
    fn the_third_phone_has_no_axis_near_the_vertical() {
        for seed in 0..50 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let turn = Phone::draw(2, None, &mut rng).seat.turn;
            let most = (turn.apply([0.0, 0.0, 1.0]).iter()).fold(0.0f64, |m, v| m.max(v.abs()));
            assert!(most < 0.85, "{most}");
        }
    }

    #[test]
    fn a_few_drivers_already_have_different_phones_and_places() {
        let phones = phones();
        assert!(phones[..3].iter().any(|p| p.model.os == "browser"));
        assert!(phones[..8].iter().any(|p| p.model.sign < 0.0));
        assert!(
            phones[..8]
                .iter()
                .any(|p| p.model.gyro_step_radps.is_some())
        );
        for mount in [Mount::Holder, Mount::Mat, Mount::Cup, Mount::Pocket] {
            assert!(phones.iter().any(|p| p.seat.mount == mount), "{mount}");
        }
    }

    #[test]
    fn a_browser_never_gives_more_than_60_hz() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(Phone::draw(1, Some(400.0), &mut rng).rate_hz, 60.0);
        assert_eq!(Phone::draw(0, Some(400.0), &mut rng).rate_hz, 400.0);
    }
}
