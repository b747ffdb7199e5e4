//! Hazards: the obstacles that a driver would mark, each with its place in a lane.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use trip::Kind;

use super::obstacle::{Obstacle, Shape, Tracks, size};
use super::random::{Dice, Purpose, Span, count};
use super::recipe::Recipe;
use super::street::{Lane, Rank, Streets};

/// One hazard as it is met in one direction.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hazard {
    /// Its number in the town, from 1.
    pub(super) id: u32,
    /// The thing on the ground, from 1: a hump across the street is one site and two hazards.
    pub(super) site: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// The lane it lies in.
    pub(super) lane: usize,
    /// From the beginning of the lane to its first edge, metres.
    pub(super) at_m: f64,
    /// Its shape and tracks.
    pub(super) obstacle: Obstacle,
}

/// Distance from a hazard to the ends of its lane, metres: where nobody stops or turns.
const FROM_CROSSING_M: f64 = 25.0;

/// Least distance between two hazards of a lane, metres, so that each is felt alone.
const APART_M: f64 = 20.0;

/// Half the width of what crosses the whole street, metres: nobody gets round it.
const WHOLE_STREET_M: f64 = 10.0;

/// Half the width of a cover and a tyre, metres.
const COVER_HALF_WIDTH_M: f64 = 0.4;

/// Every hazard of a town, in order of lane and place.
pub(super) fn draw(streets: &Streets, recipe: &Recipe, dice: &Dice) -> Vec<Hazard> {
    let mut hazards = Vec::new();
    let mut sites = 0;
    for (number, street) in streets.lanes.chunks(2).enumerate() {
        let mut rng = dice.stream(Purpose::Hazards, number as u32);
        let mut plot = Plot {
            street,
            first_lane: 2 * number,
            found: Vec::new(),
            sites: &mut sites,
        };
        plot.fill(recipe, &mut rng);
        hazards.append(&mut plot.found);
    }
    hazards.sort_by(|a, b| a.lane.cmp(&b.lane).then(a.at_m.total_cmp(&b.at_m)));
    for (hazard, id) in hazards.iter_mut().zip(1..) {
        hazard.id = id;
    }
    hazards
}

/// One street while hazards are put on it.
struct Plot<'a> {
    street: &'a [Lane],
    first_lane: usize,
    found: Vec<Hazard>,
    sites: &'a mut u32,
}

impl Plot<'_> {
    fn fill(&mut self, recipe: &Recipe, rng: &mut ChaCha8Rng) {
        let km = self.street[0].length_m / 1000.0;
        let main = self.street[0].rank == Rank::Main;
        if main {
            for _ in 0..count(rng, recipe.rails_per_km, km) {
                let obstacle = rails(rng);
                self.across(Kind::Rail, obstacle, rng);
            }
            for _ in 0..count(rng, recipe.joints_per_km, km) {
                let obstacle = joint(rng);
                self.across(Kind::Joint, obstacle, rng);
            }
        } else {
            for _ in 0..count(rng, recipe.humps_per_km, km) {
                let obstacle = hump(recipe, rng);
                self.across(Kind::SpeedBump, obstacle, rng);
            }
        }
        for direction in 0..2 {
            for _ in 0..count(rng, recipe.potholes_per_km, km) {
                let obstacle = pothole(recipe, rng);
                self.within(direction, Kind::Pothole, obstacle, rng);
            }
            for _ in 0..count(rng, recipe.covers_per_km, km) {
                let obstacle = cover(rng);
                self.within(direction, Kind::Casting, obstacle, rng);
            }
        }
    }

    /// Puts an obstacle across both lanes.
    fn across(&mut self, kind: Kind, obstacle: Obstacle, rng: &mut ChaCha8Rng) {
        let length_m = obstacle.shape.length_m();
        let mirrored_m = |at_m: f64| self.street[0].length_m - at_m - length_m;
        let free = |at_m: &f64| self.is_free(0, *at_m) && self.is_free(1, mirrored_m(*at_m));
        let Some(at_m) = self.places_m(rng).into_iter().find(free) else {
            return;
        };
        let back_m = mirrored_m(at_m);
        *self.sites += 1;
        self.put(0, kind, at_m, obstacle);
        self.put(1, kind, back_m, obstacle);
    }

    /// Puts an obstacle into one lane.
    fn within(&mut self, direction: usize, kind: Kind, obstacle: Obstacle, rng: &mut ChaCha8Rng) {
        let free = |at_m: &f64| self.is_free(direction, *at_m);
        if let Some(at_m) = self.places_m(rng).into_iter().find(free) {
            *self.sites += 1;
            self.put(direction, kind, at_m, obstacle);
        }
    }

    fn put(&mut self, direction: usize, kind: Kind, at_m: f64, obstacle: Obstacle) {
        self.found.push(Hazard {
            id: 0,
            site: *self.sites,
            kind,
            lane: self.first_lane + direction,
            at_m,
            obstacle,
        });
    }

    /// A few places to try.
    fn places_m(&self, rng: &mut ChaCha8Rng) -> [f64; 8] {
        let room = Span::new(FROM_CROSSING_M, self.street[0].length_m - FROM_CROSSING_M);
        [(); 8].map(|()| room.draw(rng))
    }

    fn is_free(&self, direction: usize, at_m: f64) -> bool {
        let lane = self.first_lane + direction;
        (self.found.iter())
            .filter(|hazard| hazard.lane == lane)
            .all(|hazard| (hazard.at_m - at_m).abs() >= APART_M)
    }
}

fn pothole(recipe: &Recipe, rng: &mut ChaCha8Rng) -> Obstacle {
    let deep = rng.random_bool(recipe.deep_share);
    let depth_m = if deep {
        recipe.deep_m
    } else {
        recipe.pothole_depth_m
    }
    .draw(rng);
    Obstacle {
        shape: Shape::Step {
            length_m: size::POTHOLE_LENGTH_M.draw(rng),
            height_m: -depth_m,
            ramp_m: size::POTHOLE_RAMP_M.draw(rng),
        },
        tracks: one_track(rng),
        half_width_m: size::POTHOLE_HALF_WIDTH_M.draw(rng),
    }
}

fn cover(rng: &mut ChaCha8Rng) -> Obstacle {
    let raised = rng.random_bool(0.3);
    let depth_m = size::COVER_DEPTH_M.draw(rng);
    Obstacle {
        shape: Shape::Step {
            length_m: size::COVER_LENGTH_M,
            height_m: if raised { depth_m } else { -depth_m },
            ramp_m: 0.05,
        },
        tracks: one_track(rng),
        half_width_m: COVER_HALF_WIDTH_M,
    }
}

fn hump(recipe: &Recipe, rng: &mut ChaCha8Rng) -> Obstacle {
    let shape = if rng.random_bool(recipe.short_share) {
        Shape::Short {
            length_m: size::BUMP_LENGTH_M.draw(rng),
            height_m: size::BUMP_HEIGHT_M.draw(rng),
        }
    } else {
        Shape::Round {
            length_m: size::HUMP_LENGTH_M,
            height_m: size::HUMP_HEIGHT_M.draw(rng),
        }
    };
    across_street(shape)
}

fn joint(rng: &mut ChaCha8Rng) -> Obstacle {
    let length_m = size::JOINT_LENGTH_M.draw(rng);
    across_street(Shape::Step {
        length_m,
        height_m: -size::JOINT_DEPTH_M.draw(rng),
        ramp_m: length_m / 4.0,
    })
}

fn rails(rng: &mut ChaCha8Rng) -> Obstacle {
    let sunk = rng.random_bool(0.5);
    let height_m = size::RAIL_HEIGHT_M.draw(rng);
    across_street(Shape::Rails {
        height_m: if sunk { -height_m } else { height_m },
    })
}

fn across_street(shape: Shape) -> Obstacle {
    Obstacle {
        shape,
        tracks: Tracks::Both,
        half_width_m: WHOLE_STREET_M,
    }
}

/// Seven in ten lie in the right track, where water stands and buses stop.
fn one_track(rng: &mut ChaCha8Rng) -> Tracks {
    if rng.random_bool(0.7) {
        Tracks::Right
    } else {
        Tracks::Left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{Config, Preset};

    fn town(preset: Preset) -> (Streets, Vec<Hazard>) {
        let config = Config {
            preset,
            ..Config::default()
        };
        let dice = Dice::of_town(&config);
        let streets = Streets::draw(60_000.0, &mut dice.stream(Purpose::Streets, 0));
        let hazards = draw(&streets, &Recipe::of(preset), &dice);
        (streets, hazards)
    }

    #[test]
    fn hazards_keep_their_distance_and_stay_off_the_crossings() {
        let (streets, hazards) = town(Preset::Town);
        assert!(hazards.len() > 200, "{}", hazards.len());
        for pair in hazards
            .windows(2)
            .filter(|pair| pair[0].lane == pair[1].lane)
        {
            assert!(pair[1].at_m - pair[0].at_m >= APART_M);
        }
        for hazard in &hazards {
            let end_m = hazard.at_m + hazard.obstacle.shape.length_m();
            assert!(hazard.at_m > 15.0 && end_m < streets.lanes[hazard.lane].length_m - 15.0);
        }
    }

    #[test]
    fn a_hump_is_one_site_at_one_place_in_both_directions() {
        let (streets, hazards) = town(Preset::Town);
        let humps: Vec<&Hazard> = (hazards.iter())
            .filter(|hazard| hazard.kind == Kind::SpeedBump)
            .collect();
        for hump in &humps {
            let twin = (humps.iter())
                .find(|other| other.site == hump.site && other.id != hump.id)
                .expect("the other direction");
            let middle = |h: &Hazard| {
                let at_m = h.at_m + h.obstacle.shape.length_m() / 2.0;
                streets.lanes[h.lane].point(at_m, 0.0)
            };
            assert!((middle(hump) - middle(twin)).length_m() < 3.6);
        }
    }

    #[test]
    fn the_sharp_town_has_nothing_but_deep_holes_and_short_bumps() {
        let (_, hazards) = town(Preset::Sharp);
        for hazard in &hazards {
            let shape = hazard.obstacle.shape;
            match hazard.kind {
                Kind::Pothole => {
                    assert!(shape.peak_m() <= -0.05 && hazard.obstacle.tracks != Tracks::Both);
                }
                kind => assert!(kind == Kind::SpeedBump && shape.length_m() < 1.0),
            }
        }
    }
}
