use rand::SeedableRng;
use realfft::RealFftPlanner;

use super::*;
use crate::simulate::iri::GoldenCar;

fn road(density_m3: f64, waviness: f64, seed: u64) -> Profile {
    let unevenness = Unevenness {
        density_m3,
        waviness,
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Synthesis::new().profile(unevenness, 1 << 16, &mut rng)
}

/// The mean of Gd(n) (n / n0)^w over a band, by a plain periodogram: Gd(n0) if the law holds.
fn measured_density_m3(heights_m: &[f32], waviness: f64, band_per_m: (f64, f64)) -> f64 {
    let transform = RealFftPlanner::<f32>::new().plan_fft_forward(heights_m.len());
    let mut spectrum = transform.make_output_vec();
    transform
        .process(&mut heights_m.to_vec(), &mut spectrum)
        .expect("lengths agree");
    let n = heights_m.len() as f64;
    let spacing_per_m = 1.0 / (n * STEP_M);
    let lines: Vec<f64> = (spectrum.iter().enumerate())
        .map(|(k, line)| (k as f64 * spacing_per_m, f64::from(line.norm_sqr())))
        .filter(|(frequency, _)| band_per_m.0 <= *frequency && *frequency < band_per_m.1)
        .map(|(frequency, power)| {
            2.0 * power / (n * n * spacing_per_m) * (frequency / 0.1).powf(waviness)
        })
        .collect();
    lines.iter().sum::<f64>() / lines.len() as f64
}

#[test]
fn a_made_road_has_the_density_of_its_class_in_every_octave() {
    for (density_m3, waviness) in [(class::A_M3, 2.0), (class::C_M3, 1.8), (class::B_M3, 2.8)] {
        let profile = road(density_m3, waviness, 7);
        for heights_m in [&profile.left_m, &profile.right_m] {
            for octave in 0..7 {
                let from = 0.02 * f64::from(1 << octave);
                let ratio =
                    measured_density_m3(heights_m, waviness, (from, 2.0 * from)) / density_m3;
                assert!((0.6..1.6).contains(&ratio), "octave from {from}: {ratio}");
            }
        }
    }
}

#[test]
fn long_waves_lift_both_tracks_and_short_ones_one() {
    let both = |profile: &Profile, sign: f32| -> Vec<f32> {
        (profile.left_m.iter().zip(&profile.right_m))
            .map(|(l, r)| l + sign * r)
            .collect()
    };
    let profile = road(class::B_M3, 2.0, 3);
    let (sum, difference) = (both(&profile, 1.0), both(&profile, -1.0));
    let ratio =
        |band| measured_density_m3(&difference, 2.0, band) / measured_density_m3(&sum, 2.0, band);
    // (1 - c) / (1 + c)
    assert!(ratio((0.02, 0.05)) < 0.05);
    assert!((ratio((1.0, 2.0)) - 0.9).abs() < 0.15);
}

/// IRI = 2.21 sqrt(Gd(n0) / 16e-6) for w = 2. Source: Kropáč & Múčka (2005).
#[test]
fn the_roughness_index_of_each_class_is_the_published_one() {
    for density_m3 in [class::A_M3, class::B_M3, class::C_M3, class::D_M3] {
        let expected = 2.21 * (density_m3 / 16e-6).sqrt();
        let found = GoldenCar::default().iri_m_per_km(&road(density_m3, 2.0, 11).left_m);
        assert!(
            (found / expected - 1.0).abs() < 0.1,
            "{found} for {expected}"
        );
    }
}
