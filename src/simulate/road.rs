//! The road under the wheels of one drive: the surface of every leg, the obstacles that this drive
//! really hits, seen through the tyre.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::hazard::Hazard;
use super::iri::GoldenCar;
use super::obstacle::{Obstacle, Shape, Tracks};
use super::plan::Pass;
use super::random::{Dice, Purpose, Span, count};
use super::recipe::Recipe;
use super::route::{Leg, Route};
use super::surface::{Profile, STEP_M, Synthesis, Unevenness, class};

/// The road of a route, as the tyres feel it.
pub(super) struct Road {
    profile: Profile,
}

/// Height and slope under the left and the right wheel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Footing {
    /// Heights, metres.
    pub(super) height_m: [f64; 2],
    /// Slopes, no unit.
    pub(super) slope: [f64; 2],
}

/// What is needed to make the surface of any lane.
pub(super) struct Ground<'a> {
    /// The town's dice: the same lane has the same surface in every drive.
    pub(super) dice: &'a Dice,
    /// What roads are made of.
    pub(super) recipe: &'a Recipe,
}

/// Over this distance the surface of one leg goes over into the next, metres.
const BLEND_M: f64 = 10.0;

/// The tyre's contact patch smooths the road over this distance, metres.
///
/// Source: moving average as the simplest enveloping model, Captain, Boghani & Wormley (1979),
/// "Analytical tire models for dynamic vehicle simulation"; 0.2–0.25 m for passenger car tyres.
const CONTACT_M: f64 = 0.22;

impl Road {
    /// The road of the first `length_m` metres of a route.
    pub(super) fn build(
        ground: &Ground<'_>,
        route: &Route,
        length_m: f64,
        hazards: &[Hazard],
        passes: &[Pass],
    ) -> Self {
        let points = (length_m / STEP_M) as usize + 1;
        let mut profile = Profile {
            left_m: vec![0.0; points],
            right_m: vec![0.0; points],
        };
        let mut synthesis = Synthesis::new();
        for leg in route.legs.iter().take_while(|leg| leg.begin_m < length_m) {
            let surface = ground.surface(&mut synthesis, leg);
            blend(&mut profile.left_m, &surface.left_m, leg);
            blend(&mut profile.right_m, &surface.right_m, leg);
        }
        for pass in passes {
            add(
                &mut profile,
                hazards[pass.hazard].obstacle.shape,
                pass.begin_m,
                pass.hit,
            );
        }
        envelop(&mut profile.left_m);
        envelop(&mut profile.right_m);
        Self { profile }
    }

    /// The International Roughness Index of each whole `length_m` of the road, m/km, the mean of both
    /// wheel paths. The tyre's mean over 0.22 m stands for the standard's over 0.25 m.
    pub(super) fn iri_m_per_km(&self, length_m: f64) -> Vec<f64> {
        let points = ((length_m / STEP_M).round() as usize).max(1);
        let paths = [&self.profile.left_m, &self.profile.right_m].map(|track_m| {
            let height_m = track_m.first().copied().unwrap_or_default();
            let mut car = GoldenCar::resting_at(f64::from(height_m));
            let pieces = track_m.chunks_exact(points);
            pieces
                .map(|piece| car.iri_m_per_km(piece))
                .collect::<Vec<f64>>()
        });
        let [left, right] = &paths;
        (left.iter().zip(right))
            .map(|(left, right)| f64::midpoint(*left, *right))
            .collect()
    }

    /// What lies under an axle `at_m` metres along the route; before its beginning and beyond its
    /// end the road is level.
    pub(super) fn under(&self, at_m: f64) -> Footing {
        let tracks = [&self.profile.left_m, &self.profile.right_m];
        let at = (at_m / STEP_M).clamp(0.0, (tracks[0].len() - 2) as f64);
        let index = at as usize;
        let share = at - index as f64;
        let pairs = tracks.map(|t| (f64::from(t[index]), f64::from(t[index + 1])));
        Footing {
            height_m: pairs.map(|(here, next)| here + (next - here) * share),
            slope: pairs.map(|(here, next)| (next - here) / STEP_M),
        }
    }
}

impl Ground<'_> {
    /// The surface of a leg with its small defects, and half a blend more on either side.
    fn surface(&self, synthesis: &mut Synthesis, leg: &Leg) -> Profile {
        let points = ((leg.length_m + BLEND_M) / STEP_M) as usize + 1;
        if leg.crossing {
            let mut rng = self.dice.stream(Purpose::Crossing, leg.lane as u32);
            let unevenness = Unevenness {
                density_m3: class::A_M3,
                waviness: 2.0,
            };
            return synthesis.profile(unevenness, points, &mut rng);
        }
        let mut rng = self.dice.stream(Purpose::Lane, leg.lane as u32);
        let unevenness = self.unevenness(leg.lane);
        let mut profile = synthesis.profile(unevenness, points, &mut rng);
        let per_km = self.recipe.defects_per_km.draw(&mut rng);
        for _ in 0..count(&mut rng, per_km, leg.length_m / 1000.0) {
            let defect = defect(&mut rng);
            let at_m = Span::new(BLEND_M, leg.length_m - BLEND_M).draw(&mut rng);
            add(&mut profile, defect.shape, at_m, defect.hit_by(0.0));
        }
        profile
    }

    /// How rough a street is, both of its lanes alike.
    fn unevenness(&self, lane: usize) -> Unevenness {
        // Streets take their classes by the golden ratio, not by chance: even a town of seven
        // streets then has about the shares it should have.
        const GOLDEN: f64 = 0.618_033_988_749_895;
        let street = (lane / 2) as u32;
        let begin = self.dice.stream(Purpose::Pavement, 0).random::<f64>();
        let mut left = (begin + GOLDEN * f64::from(street)).fract();
        let mut density_m3 = class::A_M3;
        for &(of_class_m3, share) in self.recipe.classes {
            density_m3 = of_class_m3;
            left -= share;
            if left <= 0.0 {
                break;
            }
        }
        let mut rng = self.dice.stream(Purpose::Pavement, 1 + street);
        // Within a class the density spreads by a factor of two to either side.
        let within = Span::new(-0.5, 0.5).draw(&mut rng).exp2();
        Unevenness {
            density_m3: density_m3 * within,
            waviness: self.recipe.waviness.draw(&mut rng),
        }
    }
}

/// A small defect that nobody would mark: a crack, a patch or a sag, 3 to 15 mm.
fn defect(rng: &mut ChaCha8Rng) -> Obstacle {
    let (length_m, height_m, ramp) = match rng.random_range(0..4u32) {
        0 => (Span::new(0.05, 0.2), Span::new(-0.015, -0.005), 0.3),
        1 => (Span::new(0.5, 2.5), Span::new(0.003, 0.015), 0.1),
        _ => (Span::new(2.0, 8.0), Span::new(-0.015, -0.005), 0.5),
    };
    let length_m = length_m.draw(rng);
    let tracks = match rng.random_range(0..4u32) {
        0 => Tracks::Left,
        1 => Tracks::Right,
        _ => Tracks::Both,
    };
    Obstacle {
        shape: Shape::Step {
            length_m,
            height_m: height_m.draw(rng),
            ramp_m: ramp * length_m,
        },
        tracks,
        half_width_m: 1.0,
    }
}

/// Adds the surface of a leg, fading in and out so that the power stays the same.
fn blend(track_m: &mut [f32], surface_m: &[f32], leg: &Leg) {
    let first = ((leg.begin_m - BLEND_M / 2.0) / STEP_M).round() as i64;
    let last = surface_m.len() - 1;
    let fade = BLEND_M / STEP_M;
    for (i, height_m) in surface_m.iter().enumerate() {
        let Some(point) = usize::try_from(first + i as i64)
            .ok()
            .and_then(|p| track_m.get_mut(p))
        else {
            continue;
        };
        let inside = (i.min(last - i) as f64 / fade).min(1.0);
        *point += height_m * (inside * std::f64::consts::FRAC_PI_2).sin() as f32;
    }
}

/// Adds an obstacle to the tracks that it lies in.
fn add(profile: &mut Profile, shape: Shape, begin_m: f64, hit: [bool; 2]) {
    let tracks = [&mut profile.left_m, &mut profile.right_m];
    for (track_m, _) in tracks.into_iter().zip(hit).filter(|(_, hit)| *hit) {
        let first = (begin_m / STEP_M).ceil().max(0.0) as usize;
        let last = ((begin_m + shape.length_m()) / STEP_M) as usize;
        for (i, point) in track_m.iter_mut().enumerate().take(last + 1).skip(first) {
            *point += shape.height_m(i as f64 * STEP_M - begin_m) as f32;
        }
    }
}

/// What a tyre feels of a track: its mean over the contact patch.
fn envelop(track_m: &mut [f32]) {
    let half = (CONTACT_M / STEP_M / 2.0) as usize;
    let width = (2 * half + 1) as f64;
    let at = |track_m: &[f32], i: usize| f64::from(track_m[i.min(track_m.len() - 1)]);
    let original = track_m.to_vec();
    let mut sum_m = (0..2 * half + 1)
        .map(|i| at(&original, i.saturating_sub(half)))
        .sum::<f64>();
    for (i, point) in track_m.iter_mut().enumerate() {
        *point = (sum_m / width) as f32;
        sum_m += at(&original, i + half + 1) - at(&original, i.saturating_sub(half));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tyre_feels_a_narrow_crack_less_deep_and_wider() {
        let mut track_m = vec![0.0f32; 500];
        track_m[250..253].fill(-0.01);
        envelop(&mut track_m);
        let lowest = track_m.iter().fold(0.0f32, |low, &h| low.min(h));
        let wide = track_m.iter().filter(|&&h| h < -1e-6).count();
        assert!((lowest + 0.01 * 3.0 / 11.0).abs() < 1e-5, "{lowest}");
        assert_eq!(wide, 13);
    }

    #[test]
    fn blending_two_legs_keeps_the_road_as_rough_as_either() {
        let legs = [(0.0, 50.0), (50.0, 50.0)].map(|(begin_m, length_m)| Leg {
            lane: 0,
            crossing: false,
            begin_m,
            length_m,
        });
        // Weights of the two legs at the seam, squared, sum to one.
        let mut power = vec![0.0f32; 5000];
        for leg in &legs {
            let mut weight = vec![0.0f32; 5000];
            let points = ((leg.length_m + BLEND_M) / STEP_M) as usize + 1;
            blend(&mut weight, &vec![1.0; points], leg);
            power.iter_mut().zip(weight).for_each(|(p, w)| *p += w * w);
        }
        for at in [1000, 2260, 2400, 2500, 2600, 2740, 4000] {
            assert!((power[at] - 1.0).abs() < 0.01, "{at}: {}", power[at]);
        }
    }

    #[test]
    fn beyond_its_ends_the_road_goes_on() {
        let road = Road {
            profile: Profile {
                left_m: vec![0.0, 0.1, 0.2],
                right_m: vec![0.0; 3],
            },
        };
        assert_eq!(road.under(-5.0).height_m[0], 0.0);
        assert!(road.under(5.0).height_m[0].is_finite());
        assert!((road.under(0.01).height_m[0] - 0.05).abs() < 1e-6);
    }
}
