//! What the detector makes of roads whose roughness is known: the source of its IRI estimate.

use detector::{Config, Detector};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use trip::{Batch, Fix, FixSource, Position, Sample, Speed};

use super::GRAVITY_MPS2;
use super::surface::{Profile, STEP_M, Synthesis, Unevenness, class};
use super::vehicle::{Car, Drive, State};

const STEP_S: f64 = 1.0 / 1600.0;

/// The phone stands this far before the centre of mass, m.
const AHEAD_M: f64 = 0.5;

/// A car over a road at a steady speed, as a phone at 50 Hz on its dashboard records it.
fn recorded(car: &Car, road: &Profile, speed_mps: f64) -> Batch {
    let end_m = (road.left_m.len() - 1) as f64 * STEP_M;
    let origin = Position::new(41.0, -10.0).expect("a place");
    let mut state = State::default();
    let mut batch = Batch::default();
    let mut sum = 0.0;
    for step in 0..((end_m - 5.0) / speed_mps / STEP_S) as i64 {
        let metres = 4.0 + step as f64 * STEP_S * speed_mps;
        let at = |heights: &[f32], back_m: f64| {
            let index = ((metres - back_m) / STEP_M) as usize;
            f64::from(heights[index.min(heights.len() - 1)])
        };
        let back_m = car.wheelbase_m();
        let road_m = [
            at(&road.left_m, 0.0),
            at(&road.right_m, 0.0),
            at(&road.left_m, back_m),
            at(&road.right_m, back_m),
        ];
        let motion = car.step(
            &mut state,
            &Drive {
                road_m,
                ..Drive::default()
            },
            STEP_S,
        );
        sum += motion.heave_mps2 + AHEAD_M * motion.pitch_radps2;
        if step % 32 == 31 {
            let t_us = (step as f64 * STEP_S * 1e6) as i64;
            let up = (GRAVITY_MPS2 + sum / 32.0) as f32;
            batch.samples.push(Sample {
                t_us,
                accel_mps2: [0.0, 0.0, up],
            });
            sum = 0.0;
        }
        if step % 1600 == 0 {
            batch.fixes.push(Fix {
                t_us: step / 1600 * 1_000_000,
                position: origin.moved(metres, 0.0),
                speed: Speed::from_mps(speed_mps).ok(),
                heading: None,
                accuracy_m: Some(3.0),
                source: FixSource::Gnss,
            });
        }
    }
    batch
}

/// ln IRI as the detector says it, and as the standard says it.
fn points() -> Vec<(f64, f64)> {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut synthesis = Synthesis::new();
    let mut points = Vec::new();
    for _ in 0..8 {
        let car = Car::draw(&mut rng);
        for density_m3 in [class::A_M3, class::B_M3, class::C_M3] {
            for speed_mps in [8.0, 11.0, 16.0] {
                let unevenness = Unevenness {
                    density_m3,
                    waviness: 2.0,
                };
                let road = synthesis.profile(unevenness, 1 << 15, &mut rng);
                let mut detector = Detector::new(Config::default());
                let mut report = detector.push(&recorded(&car, &road, speed_mps));
                report.append(detector.finish());
                let rough = report.stretches.iter().filter_map(|s| s.roughness);
                let index: Vec<f64> = rough
                    .filter_map(|r| r.iri_m_per_km)
                    .map(f64::from)
                    .collect();
                let iri = index.iter().sum::<f64>() / index.len() as f64;
                points.push((iri.ln(), (2.21 * (density_m3 / 16e-6).sqrt()).ln()));
            }
        }
    }
    points
}

/// The straight line through points by least squares: offset, slope, and R².
fn line(points: &[(f64, f64)]) -> (f64, f64, f64) {
    let n = points.len() as f64;
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.0), mean(&|p| p.1));
    let (xx, yy) = (mean(&|p| (p.0 - x).powi(2)), mean(&|p| (p.1 - y).powi(2)));
    let xy = mean(&|p| (p.0 - x) * (p.1 - y));
    let slope = xy / xx;
    (y - slope * x, slope, xy * xy / (xx * yy))
}

#[test]
fn the_detectors_roughness_index_is_that_of_made_cars_on_made_roads() {
    let (offset, slope, r2) = line(&points());
    eprintln!("ln IRI = {offset:.2} + {slope:.2} ln of the detector's, R² {r2:.2}");
    assert!(offset.abs() < 0.08, "{offset}");
    assert!((slope - 1.0).abs() < 0.05, "{slope}");
    assert!(r2 > 0.93, "{r2}");
}
