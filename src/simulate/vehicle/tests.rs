use rand::SeedableRng;

use super::*;

const DT_S: f64 = 1.0 / 1600.0;

fn car() -> Car {
    Car {
        body_kg: 1200.0,
        pitch_kgm2: 1200.0 * 1.3 * 1.3,
        roll_kgm2: 350.0,
        wheel_kg: 40.0,
        spring_npm: [20_000.0; 2],
        damper_nspm: [400.0; 2],
        friction_n: 0.0,
        tyre_npm: 200_000.0,
        axle_m: [1.3, -1.3],
        track_m: 1.5,
    }
}

/// Heights of the body's centre while a road passes below.
fn ride(car: &Car, state: State, secs: f64, drive: impl Fn(f64) -> Drive) -> Vec<(State, Motion)> {
    let mut state = state;
    (0..(secs / DT_S) as usize)
        .map(|i| {
            let motion = car.step(&mut state, &drive(i as f64 * DT_S), DT_S);
            (state, motion)
        })
        .collect()
}

#[test]
fn a_car_at_rest_stays_at_rest() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..50 {
        let car = Car::draw(&mut rng);
        let still = ride(&car, State::default(), 2.0, |_| Drive::default());
        let (state, motion) = still.last().expect("two seconds");
        assert_eq!((*state, *motion), (State::default(), Motion::default()));
    }
}

#[test]
fn a_car_that_was_pushed_settles_again() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    for _ in 0..50 {
        let car = Car::draw(&mut rng);
        let pushed = State {
            heave_m: -0.05,
            pitch_rad: 0.02,
            roll_rad: -0.03,
            ..State::default()
        };
        let (end, _) = *ride(&car, pushed, 10.0, |_| Drive::default())
            .last()
            .expect("ten seconds");
        assert!(
            end.heave_m.abs() < 2e-3 && end.heave_mps.abs() < 1e-3,
            "{end:?}"
        );
        assert!(end.wheel_mps.iter().all(|v| v.abs() < 1e-3), "{end:?}");
    }
}

#[test]
fn the_body_bounces_at_the_frequency_of_its_springs() {
    let pushed = State {
        heave_m: 0.02,
        ..State::default()
    };
    let path = ride(&car(), pushed, 6.0, |_| Drive::default());
    let crossings: Vec<usize> = (1..path.len())
        .filter(|&i| path[i - 1].0.heave_m > 0.0 && path[i].0.heave_m <= 0.0)
        .collect();
    let period_s = (crossings[2] - crossings[0]) as f64 * DT_S / 2.0;
    // Spring and tyre in series under a quarter of the body.
    let series_npm = 20_000.0 * 200_000.0 / 220_000.0;
    let natural_hz = (series_npm / 300.0f64).sqrt() / std::f64::consts::TAU;
    assert!(
        (1.0 / period_s / natural_hz - 1.0).abs() < 0.03,
        "{period_s} s"
    );
}

#[test]
fn a_wheel_hops_between_tyre_and_spring() {
    let lifted = State {
        wheel_m: [0.005; 4],
        ..State::default()
    };
    let path = ride(&car(), lifted, 0.5, |_| Drive::default());
    let crossings: Vec<usize> = (1..path.len())
        .filter(|&i| path[i - 1].0.wheel_m[0] > 0.0 && path[i].0.wheel_m[0] <= 0.0)
        .collect();
    let hop_hz = 1.0 / ((crossings[1] - crossings[0]) as f64 * DT_S);
    let natural_hz = (220_000.0f64 / 40.0).sqrt() / std::f64::consts::TAU;
    assert!((hop_hz / natural_hz - 1.0).abs() < 0.1, "{hop_hz} Hz");
}

/// A drop of 40 mm over 0.6 m, at 10 m/s, under the left wheels.
fn hole(t_s: f64) -> Drive {
    let depth_m = |at_m: f64| {
        if (0.0..0.6).contains(&at_m) {
            -0.04
        } else {
            0.0
        }
    };
    let at_m = 10.0 * (t_s - 0.5);
    Drive {
        road_m: [depth_m(at_m), 0.0, depth_m(at_m - 2.6), 0.0],
        ..Drive::default()
    }
}

#[test]
fn a_hole_is_felt_twice_one_wheelbase_apart() {
    let path = ride(&car(), State::default(), 2.0, hole);
    let strongest_s = |from_s: f64, to_s: f64, wheel: usize| {
        let (from, to) = ((from_s / DT_S) as usize, (to_s / DT_S) as usize);
        let lowest = (from..to)
            .min_by(|&a, &b| path[a].0.wheel_m[wheel].total_cmp(&path[b].0.wheel_m[wheel]));
        lowest.expect("not empty") as f64 * DT_S
    };
    let lag_s = strongest_s(0.5, 1.5, 2) - strongest_s(0.5, 1.5, 0);
    assert!((lag_s - 0.26).abs() < 0.01, "{lag_s} s");
    let peak = |from_s: f64, to_s: f64| {
        (path[(from_s / DT_S) as usize..(to_s / DT_S) as usize].iter())
            .fold(0.0f64, |peak, (_, motion)| {
                peak.max(motion.heave_mps2.abs())
            })
    };
    assert!(peak(0.0, 0.5) == 0.0 && peak(0.5, 0.7) > 0.5 && peak(0.76, 0.96) > 0.5);
    let roll_rad = path[(0.6 / DT_S) as usize].0.roll_rad;
    assert!(roll_rad < 0.0, "the left side dips: {roll_rad}");
}

#[test]
fn a_tyre_over_a_deep_hole_leaves_the_ground_and_falls_no_faster_than_weight_and_spring_pull() {
    let drop = |_| Drive {
        road_m: [-1.0; 4],
        ..Drive::default()
    };
    let (after, _) = *ride(&car(), State::default(), 0.05, drop)
        .last()
        .expect("some");
    // Nothing holds the car: its centre of mass falls freely, g t² / 2.
    let (body_kg, wheel_kg) = (1200.0, 40.0);
    let mean_m = (body_kg * after.heave_m + wheel_kg * after.wheel_m.iter().sum::<f64>())
        / (body_kg + 4.0 * wheel_kg);
    let fall_m = -GRAVITY_MPS2 * 0.05f64.powi(2) / 2.0;
    assert!(
        (mean_m / fall_m - 1.0).abs() < 0.05,
        "{mean_m} m against {fall_m} m"
    );
}

#[test]
fn braking_dips_the_nose_and_a_left_turn_leans_to_the_right() {
    let braking = |_| Drive {
        forward_mps2: -3.0,
        left_mps2: 2.0,
        ..Drive::default()
    };
    let (end, _) = *ride(&car(), State::default(), 5.0, braking)
        .last()
        .expect("some");
    assert!((-0.05..-0.005).contains(&end.pitch_rad), "{end:?}");
    assert!((0.005..0.08).contains(&end.roll_rad), "{end:?}");
}
