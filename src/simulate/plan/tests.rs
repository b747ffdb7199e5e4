use rand::SeedableRng;

use super::*;
use crate::simulate::driver::Driver;
use crate::simulate::hazard;
use crate::simulate::motion::{Course, Instant};
use crate::simulate::random::{Dice, Purpose};
use crate::simulate::recipe::Recipe;
use crate::simulate::{Config, Preset};

struct Scene {
    route: Route,
    hazards: Vec<Hazard>,
    driver: Driver,
    plan: Plan,
}

fn scene(seed: u64) -> Scene {
    let config = Config {
        seed,
        ..Config::default()
    };
    let dice = Dice::of_town(&config);
    let mut rng = dice.stream(Purpose::Route, 0);
    let streets = Streets::draw(3_000.0, &mut rng);
    let hazards = hazard::draw(&streets, &Recipe::of(Preset::Town), &dice);
    let route = Route::draw(&streets, 3_000.0, &mut rng);
    let driver = Driver::draw(&mut rng);
    let plan = driver.plan(&route, &streets, &hazards, 200.0, &mut rng);
    Scene {
        route,
        hazards,
        driver,
        plan,
    }
}

fn driven(scene: &Scene) -> Vec<Instant> {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut course = Course::new(&scene.route, &scene.plan, scene.driver.pedals, &mut rng);
    let mut instants = Vec::new();
    while !course.is_over() {
        instants.push(course.step(0.01, &mut rng));
        assert!(instants.len() < 40_000, "the drive never ends");
    }
    instants
}

#[test]
fn a_drive_lasts_about_as_long_as_it_should_and_ends_standing() {
    for seed in 0..20 {
        let scene = scene(seed);
        let instants = driven(&scene);
        let secs = instants.len() as f64 * 0.01;
        assert!((160.0..240.0).contains(&secs), "{secs} s");
        assert_eq!(instants.last().expect("driven").speed_mps, 0.0);
    }
}

#[test]
fn nobody_drives_backwards_or_harder_than_the_pedals_allow() {
    for seed in 0..20 {
        let scene = scene(seed);
        let pedals = scene.driver.pedals;
        for pair in driven(&scene).windows(2) {
            assert!(pair[1].at_m >= pair[0].at_m);
            assert!(pair[1].speed_mps < 21.0);
            assert!(pair[1].forward_mps2 <= pedals.accelerate_mps2 + 1e-9);
            assert!(pair[1].forward_mps2 >= -1.3 * pedals.brake_mps2 - 1e-9);
            assert!(pair[1].left_mps2.abs() < 6.0, "{}", pair[1].left_mps2);
        }
    }
}

#[test]
fn the_car_stands_at_every_stop() {
    let scene = scene(4);
    let instants = driven(&scene);
    for stop in &scene.plan.stops {
        let stood = (instants.iter())
            .filter(|i| i.speed_mps == 0.0 && (i.at_m - stop.at_m).abs() < 1.0)
            .count();
        assert!(stood as f64 * 0.01 >= stop.secs - 0.1, "{stood}");
    }
}

#[test]
fn humps_are_taken_slowly_by_most() {
    let (mut slow, mut all) = (0, 0);
    for seed in 0..40 {
        let scene = scene(seed);
        for pass in &scene.plan.passes {
            if scene.hazards[pass.hazard].kind == trip::Kind::SpeedBump {
                all += 1;
                slow += usize::from(scene.plan.speed_at(pass.begin_m) < 10.4);
            }
        }
    }
    assert!(all > 50 && slow * 10 > all * 8, "{slow} of {all}");
}

#[test]
fn a_driver_who_swerves_misses_the_hole() {
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let scene = scene(3);
    let (pass, hazard) = (scene.plan.passes.iter())
        .map(|pass| (pass, &scene.hazards[pass.hazard]))
        .find(|(pass, hazard)| hazard.obstacle.half_width_m < 0.45 && pass.begin_m > 60.0)
        .expect("a pothole or a cover on the way");
    let mut plan = scene.plan.clone();
    plan.aside_m = wander_m(plan.aside_m.len(), &mut rng);
    plan.swerve(pass.begin_m - 3.0, pass.end_m + 3.0, 1.0);
    plan.settle_hits(&scene.hazards);
    let settled = (plan.passes.iter())
        .find(|settled| settled.begin_m == pass.begin_m)
        .expect("the same pass");
    assert_eq!(settled.hit, [false; 2], "{:?}", hazard.kind);
}
