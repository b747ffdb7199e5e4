//! What shakes a phone and is not the road: hands, doors, the engine.

use std::f64::consts::{PI, TAU};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use trip::{Fix, FixSource, Position, Rotation, Speed};

use super::*;

/// Adds a motion to the readings from `begin_us` on for so many seconds: m/s² along each axis at so
/// many seconds after its beginning.
fn shake(batch: &mut Batch, begin_us: i64, lasts_s: f64, motion: impl Fn(f64) -> [f64; 3]) {
    for sample in &mut batch.samples {
        let t_s = (sample.t_us - begin_us) as f64 / 1e6;
        if (0.0..lasts_s).contains(&t_s) {
            for (a, more) in sample.accel_mps2.iter_mut().zip(motion(t_s)) {
                *a += more as f32;
            }
        }
    }
}

/// A hand moves the phone along all axes: three tones of 1–5 Hz each, rising and falling, some
/// 4 m/s² at the most.
fn hand(batch: &mut Batch, begin_us: i64, lasts_s: f64, chance: &mut ChaCha8Rng) {
    let tones: [[[f64; 2]; 3]; 3] = std::array::from_fn(|_| {
        std::array::from_fn(|_| [chance.random_range(1.0..5.0), chance.random_range(0.0..TAU)])
    });
    shake(batch, begin_us, lasts_s, |t_s| {
        let swell = (PI * t_s / lasts_s).sin();
        let tone = |[hz, phase]: [f64; 2]| (TAU * hz * t_s + phase).sin();
        tones.map(|axis| 1.9 * swell * axis.into_iter().map(tone).sum::<f64>())
    });
}

/// The phone turns about an axis across gravity at 1.5 rad/s while the hand holds it.
fn turn(batch: &mut Batch, begin_us: i64, lasts_s: f64) {
    let [x, y, z] = batch.samples[0].accel_mps2;
    // Any axis across (x, y, z).
    let across = if x.abs() < 5.0 {
        [0.0, z, -y]
    } else {
        [y, -x, 0.0]
    };
    let length = across.iter().map(|a| a * a).sum::<f32>().sqrt();
    for rotation in &mut batch.rotations {
        let t_s = (rotation.t_us - begin_us) as f64 / 1e6;
        if (0.0..lasts_s).contains(&t_s) {
            rotation.gyro_radps = across.map(|a| 1.5 * a / length);
        }
    }
}

/// Hands on the phones of the made drives, one every 25 s where there is no bump anyway, and how
/// many of them make one.
fn hands(gyroscope: bool) -> (usize, usize) {
    let (mut hands, mut bumps) = (0, 0);
    for (seed, readings) in made().into_iter().enumerate() {
        let mut chance = ChaCha8Rng::seed_from_u64(seed as u64);
        let quiet = readings.judged();
        let mut batch = readings.batch;
        let (first_us, last_us) = batch.span_us().unwrap();
        let gyro_us = (first_us..last_us).step_by(20_000);
        batch.rotations = gyro_us
            .map(|t_us| Rotation {
                t_us,
                gyro_radps: [0.0; 3],
            })
            .filter(|_| gyroscope)
            .collect();
        let mut spans = Vec::new();
        for begin_us in (first_us + 30_000_000..last_us - 15_000_000).step_by(25_000_000) {
            let bump = |bump: &Bump| (bump.peak_us - begin_us).abs() < 6_000_000;
            if !quiet.bumps.iter().any(bump) {
                let lasts_s = chance.random_range(0.8..2.5);
                hand(&mut batch, begin_us, lasts_s, &mut chance);
                turn(&mut batch, begin_us, lasts_s);
                let end_us = begin_us + (lasts_s * 1e6) as i64;
                spans.push(begin_us - 1_500_000..end_us + 1_500_000);
            }
        }
        let report = judged(&batch);
        hands += spans.len();
        let made = |span: &&std::ops::Range<i64>| {
            report.bumps.iter().any(|bump| span.contains(&bump.peak_us))
        };
        bumps += spans.iter().filter(made).count();
    }
    (hands, bumps)
}

#[test]
fn a_hand_that_turns_the_phone_makes_no_bump() {
    let (hands, bumps) = hands(true);
    assert_eq!(bumps, 0, "of {hands} hands");
}

#[test]
fn nine_of_ten_hands_that_no_gyroscope_feels_make_no_bump() {
    let (hands, bumps) = hands(false);
    eprintln!("{bumps} of {hands} hands");
    assert!(hands > 80 && bumps * 9 <= hands, "{bumps} of {hands}");
}

/// A car that stands for three minutes.
#[derive(Clone, Copy)]
struct Standing {
    rate_hz: f64,
    /// Its receiver tells that it stands.
    gps: bool,
    /// When its engine starts, s.
    engine_s: f64,
    seed: u64,
}

impl Standing {
    const SECONDS: f64 = 180.0;

    /// At 25, 50 and 100 Hz, five times each.
    fn each(gps: bool, engine_s: f64) -> impl Iterator<Item = Self> {
        let rates = [25.0, 50.0, 100.0].into_iter();
        rates.flat_map(move |rate_hz| {
            (0..5).map(move |seed| Self {
                rate_hz,
                gps,
                engine_s,
                seed,
            })
        })
    }

    /// The phone's noise, and the engine's shaking once it runs.
    fn batch(self, chance: &mut ChaCha8Rng) -> Batch {
        let samples = (0..(Self::SECONDS * self.rate_hz) as i64).map(|i| {
            let t_s = i as f64 / self.rate_hz;
            let idle = if t_s < self.engine_s { 0.0 } else { 0.15 };
            let mut axis = |still: f64, hz: f64| {
                let noise: f64 = (0..4).map(|_| chance.random_range(-0.02..0.02)).sum();
                (still + noise + idle * (TAU * hz * t_s).sin()) as f32
            };
            Sample {
                t_us: (t_s * 1e6) as i64,
                accel_mps2: [axis(0.3, 12.3), axis(0.3, 13.3), axis(9.8, 14.3)],
            }
        });
        let fix = |second: i64| Fix {
            t_us: second * 1_000_000,
            position: Position::new(41.0, -8.0).unwrap(),
            speed: Speed::from_mps(0.0).ok(),
            heading: None,
            accuracy_m: Some(4.0),
            source: FixSource::Gnss,
        };
        Batch {
            samples: samples.collect(),
            fixes: (0..180).filter(|_| self.gps).map(fix).collect(),
            ..Batch::default()
        }
    }
}

/// A door every 10–25 s: a blow of 2–8 m/s² that rings at 12–35 Hz, and the body sways after it.
fn doors(batch: &mut Batch, chance: &mut ChaCha8Rng) -> usize {
    let (mut doors, mut at_s) = (0, 40.0);
    while at_s < Standing::SECONDS - 10.0 {
        let [ring_hz, blow, fades_s] =
            [12.0..35.0, 2.0..8.0, 0.05..0.15].map(|of| chance.random_range(of));
        let [sway_hz, sway] = [1.0..2.0, 0.2..0.6].map(|of| chance.random_range(of));
        let along: [f64; 3] = std::array::from_fn(|_| chance.random_range(-1.0..1.0));
        shake(batch, (at_s * 1e6) as i64, 3.0, |t_s| {
            let ring = blow * (-t_s / fades_s).exp() * (TAU * ring_hz * t_s).cos();
            let after = sway * (-t_s / 0.8).exp() * (TAU * sway_hz * t_s).sin();
            along.map(|share| share * (ring + after))
        });
        doors += 1;
        at_s += chance.random_range(10.0..25.0);
    }
    doors
}

/// How many doors, and how many bumps they make.
fn slammed(gps: bool) -> (usize, usize) {
    let each = Standing::each(gps, 0.0).map(|car| {
        let mut chance = ChaCha8Rng::seed_from_u64(car.seed);
        let mut batch = car.batch(&mut chance);
        (doors(&mut batch, &mut chance), judged(&batch).bumps.len())
    });
    each.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
}

/// How many bumps engines make that start 90 s into the recording, after a second of cranking.
fn started(gps: bool) -> usize {
    let each = Standing::each(gps, 90.0).map(|car| {
        let mut batch = car.batch(&mut ChaCha8Rng::seed_from_u64(car.seed));
        shake(&mut batch, 88_800_000, 1.2, |t_s| {
            let swell = (PI * t_s / 1.2).sin();
            [5.0, 6.0, 7.0].map(|hz| 1.2 * swell * (TAU * hz * t_s).sin())
        });
        judged(&batch).bumps.len()
    });
    each.sum()
}

#[test]
fn a_standing_car_makes_no_bump() {
    for gps in [true, false] {
        for car in Standing::each(gps, 0.0) {
            let report = judged(&car.batch(&mut ChaCha8Rng::seed_from_u64(car.seed)));
            assert!(report.bumps.is_empty(), "{:?}", report.bumps);
            let slow_s = seconds(&report, SkipReason::Slow);
            assert!(slow_s > 170.0, "{slow_s}");
        }
    }
}

#[test]
fn doors_and_engines_of_a_car_that_is_known_to_stand_make_no_bump() {
    let (doors, bumps) = slammed(true);
    assert_eq!((bumps, started(true)), (0, 0), "{doors} doors");
}

#[test]
fn of_forty_doors_at_most_one_makes_a_bump_where_no_speed_is_known() {
    let (doors, bumps) = slammed(false);
    eprintln!("{bumps} of {doors} doors");
    assert!(doors > 100 && bumps * 40 <= doors, "{bumps} of {doors}");
}

#[test]
fn a_starting_engine_makes_no_bump_where_no_speed_is_known() {
    assert_eq!(started(false), 0, "of 15 engines");
}
