use trip::{FixSource, Position, Speed};

use super::*;

/// Speed of a vehicle in town, m/s, and its acceleration: a made-up course without repetition.
fn course(t_s: f64) -> (f64, f64) {
    let waves = [
        (0.31, 2.5, 0.0),
        (0.173, 3.0, 1.0),
        (0.53, 1.2, 2.0),
        (1.13, 1.0, 0.5),
    ];
    waves.iter().fold((10.0, 0.0), |(v, a), (w, size, phase)| {
        let angle = w * t_s + phase;
        (v + size * angle.sin(), a + size * w * angle.cos())
    })
}

/// Between −1 and 1, without pattern.
fn noise(i: i64) -> f64 {
    let hash = (i
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407))
        >> 33;
    hash as f64 / f64::from(1 << 30) - 1.0
}

/// How the phone lies: what it reads of forward, left and up.
type Attitude = fn([f64; 3]) -> [f64; 3];

const UPRIGHT: Attitude = |[x, y, z]| [x, y, z];
const LYING: Attitude = |[x, y, z]| [-y, 0.6 * z - 0.8 * x, 0.8 * z + 0.6 * x];

struct Drive {
    late_s: f64,
    seconds: i64,
    rate_hz: i64,
    attitude: Attitude,
    moving: bool,
}

const DRIVE: Drive = Drive {
    late_s: 0.8,
    seconds: 300,
    rate_hz: 50,
    attitude: UPRIGHT,
    moving: true,
};

impl Drive {
    fn samples(&self) -> Vec<Sample> {
        let sample = |i: i64| {
            let t_s = i as f64 / self.rate_hz as f64;
            let forward = if self.moving { course(t_s).1 } else { 0.0 };
            let felt = [
                forward + 0.3 * noise(i),
                0.5 * (0.4 * t_s).sin(),
                9.8 + noise(-i),
            ];
            Sample {
                t_us: i * 1_000_000 / self.rate_hz,
                accel_mps2: (self.attitude)(felt).map(|a| a as f32),
            }
        };
        (0..self.seconds * self.rate_hz).map(sample).collect()
    }

    fn fixes(&self) -> Vec<Fix> {
        let fix = |second: i64| {
            let now = course(second as f64 - self.late_s).0;
            let mps = if self.moving { now } else { 10.0 } + 0.2 * noise(7 * second);
            Fix {
                t_us: second * 1_000_000,
                position: Position::new(41.0, -8.0).expect("valid"),
                speed: Speed::from_mps(mps).ok(),
                heading: None,
                accuracy_m: None,
                source: FixSource::Unknown,
            }
        };
        (0..self.seconds).map(fix).collect()
    }

    /// What is known at the end, when `learn_until` is called every `step_s`.
    fn learnt(&self, step_s: i64) -> Latency {
        let mut estimator = LatencyEstimator::new(&LocateConfig::default());
        self.fixes().iter().for_each(|fix| estimator.hear(fix));
        self.samples()
            .iter()
            .for_each(|sample| estimator.feel(&[*sample]));
        for second in (0..=self.seconds).step_by(step_s as usize) {
            estimator.learn_until(second * 1_000_000);
        }
        estimator.estimate()
    }
}

fn check(drive: &Drive) {
    let Latency { mean_s, sigma_s } = drive.learnt(1);
    assert!(
        (mean_s - drive.late_s).abs() < 0.08,
        "{mean_s} for {}",
        drive.late_s
    );
    assert!((0.02..0.12).contains(&sigma_s), "{sigma_s}");
}

#[test]
fn a_late_receiver_is_known_after_five_minutes_of_town() {
    for late_s in [-0.2, 0.1, 0.33, 0.5, 0.9, 1.3] {
        check(&Drive { late_s, ..DRIVE });
    }
}

#[test]
fn neither_attitude_nor_sign_nor_rate_matters() {
    let negated: Attitude = |felt| LYING(felt).map(|a| -a);
    for (attitude, rate_hz) in [(LYING, 50), (negated, 100), (UPRIGHT, 5)] {
        check(&Drive {
            attitude,
            rate_hz,
            ..DRIVE
        });
    }
}

#[test]
fn at_a_steady_speed_what_is_known_of_receivers_stands() {
    let Latency { mean_s, sigma_s } = Drive {
        moving: false,
        ..DRIVE
    }
    .learnt(1);
    assert!(
        (mean_s - 0.5).abs() < 0.15 && sigma_s > 0.15,
        "{mean_s} {sigma_s}"
    );
}

#[test]
fn a_phone_that_is_turned_keeps_what_it_learnt() {
    let (mut samples, fixes) = (DRIVE.samples(), DRIVE.fixes());
    let turned = Drive {
        attitude: LYING,
        ..DRIVE
    }
    .samples();
    let half = samples.len() / 2;
    samples[half..].copy_from_slice(&turned[half..]);
    let mut estimator = LatencyEstimator::new(&LocateConfig::default());
    fixes.iter().for_each(|fix| estimator.hear(fix));
    estimator.feel(&samples);
    estimator.learn_until(152_000_000);
    let before = estimator.estimate();
    estimator.learn_until(300_000_000);
    let after = estimator.estimate();
    assert!((after.mean_s - 0.8).abs() < 0.08, "{after:?}");
    assert!(
        after.sigma_s <= before.sigma_s + 0.01,
        "{before:?} {after:?}"
    );
}

#[test]
fn what_is_learnt_does_not_hang_on_how_often_it_is_asked() {
    assert_eq!(DRIVE.learnt(1), DRIVE.learnt(3));
    assert_eq!(DRIVE.learnt(1), DRIVE.learnt(300));
}

#[test]
fn a_pause_of_the_accelerometer_teaches_nothing_and_breaks_nothing() {
    let mut samples = DRIVE.samples();
    samples.drain(5_000..6_000);
    let mut estimator = LatencyEstimator::new(&LocateConfig::default());
    DRIVE.fixes().iter().for_each(|fix| estimator.hear(fix));
    estimator.feel(&samples);
    estimator.learn_until(300_000_000);
    assert!((estimator.estimate().mean_s - 0.8).abs() < 0.08);
}

#[test]
fn what_comes_later_changes_nothing() {
    let mut samples = DRIVE.samples();
    samples.truncate(8_000);
    let learnt = |samples: &[Sample]| {
        let mut estimator = LatencyEstimator::new(&LocateConfig::default());
        DRIVE.fixes().iter().for_each(|fix| estimator.hear(fix));
        estimator.feel(samples);
        estimator.learn_until(150_000_000);
        estimator.estimate()
    };
    let mut longer = samples.clone();
    longer.extend_from_slice(&DRIVE.samples()[12_000..]);
    assert_eq!(learnt(&samples), learnt(&longer));
}

#[test]
fn memory_does_not_grow_with_the_trip_or_with_an_outage() {
    let mut estimator = LatencyEstimator::new(&LocateConfig::default());
    let fixes = DRIVE.fixes();
    for (second, samples) in DRIVE.samples().chunks(50).enumerate() {
        if second < 100 {
            estimator.hear(&fixes[second]);
        }
        estimator.feel(samples);
        estimator.learn_until(second as i64 * 1_000_000);
        assert!(estimator.felt.len() < 120 && estimator.ahead.len() < 4);
    }
}
