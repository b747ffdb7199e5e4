//! Streets: a turned grid of two-way streets of three classes, some of them too narrow for two.

use rand::RngExt;
use trip::Position;

use super::chance::{Chance, Purpose};
use crate::simulate::plane::Point;
use crate::simulate::random::Span;

/// What a street is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Street {
    /// Through traffic.
    Arterial,
    /// From the houses to the arterials.
    Collector,
    /// Where people live.
    Residential,
}

impl Street {
    /// Every class, the busiest first.
    pub const ALL: [Self; 3] = [Self::Arterial, Self::Collector, Self::Residential];

    /// The class as files write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arterial => "arterial",
            Self::Collector => "collector",
            Self::Residential => "residential",
        }
    }

    /// Vehicles a day in both directions. Source: middle of the ranges for minor arterials, major
    /// collectors and local streets in cities, FHWA (2013), Highway Functional Classification,
    /// written down from memory.
    pub(super) fn vehicles_a_day(self) -> f64 {
        match self {
            Self::Arterial => 10_000.0,
            Self::Collector => 3_000.0,
            Self::Residential => 400.0,
        }
    }

    /// How fast people drive between corners, m/s. Source: made drives average 7.8 m/s with their
    /// stops.
    pub(super) fn speed_mps(self) -> f64 {
        match self {
            Self::Arterial => 12.0,
            Self::Collector => 9.5,
            Self::Residential => 7.5,
        }
    }

    /// How far right of the middle of the street a car goes, metres.
    fn aside_m(self) -> f64 {
        match self {
            Self::Arterial => 3.5,
            _ => 1.75,
        }
    }
}

/// Every so many streets one is an arterial; half-way between two of them lies a collector.
pub(super) const ARTERIAL_EVERY: u32 = 8;
const COLLECTOR_AT: u32 = ARTERIAL_EVERY / 2;

/// One residential street in so many is too narrow for two lanes.
const NARROW_EVERY: u64 = 10;

/// A block is about so long, metres, and never outside these bounds.
const BLOCK_M: Span = Span::new(80.0, 200.0);
const USUAL_BLOCK_M: f64 = 120.0;

/// The streets of a city: `lines` from west to east and as many from south to north.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Where the plane touches the globe: the city's middle.
    pub(super) origin: Position,
    /// Streets in each of the two directions.
    pub(super) lines: u32,
    /// From one street to the next, metres.
    pub(super) block_m: f64,
    lanes: Vec<Lane>,
}

/// One direction of a street.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lane {
    /// What the street is for.
    pub(super) street: Street,
    /// Whether the two directions share one lane.
    pub(super) narrow: bool,
    /// Which way it goes, radians counter-clockwise from east, and as a step of one metre.
    pub(super) direction_rad: f64,
    pub(super) along: Point,
    begin: Point,
}

/// A street, by its direction and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// 0: from west to east; 1: from south to north.
    pub(super) axis: u32,
    /// Its number, from south or from west.
    pub(super) number: u32,
}

impl Grid {
    /// A grid with about so many kilometres of lane.
    pub(super) fn new(lane_km: f64, chance: &Chance) -> Self {
        let mut rng = chance.stream(Purpose::Grid, 0);
        let lane_m = |parts: u32, block_m: f64| {
            let blocks = f64::from(ARTERIAL_EVERY * parts);
            4.0 * (blocks + 1.0) * blocks * block_m
        };
        // With fewer there is no way over an arterial.
        let mut parts = 2;
        while lane_m(parts + 1, USUAL_BLOCK_M) < lane_km * 1e3 {
            parts += 1;
        }
        let block_m = (lane_km * 1e3 / lane_m(parts, 1.0)).clamp(BLOCK_M.from, BLOCK_M.to);
        let lat_deg = Span::new(38.0, 44.0).draw(&mut rng);
        let lon_deg = Span::new(-10.5, -9.5).draw(&mut rng);
        let turn_rad = Span::new(0.1, 0.6).draw(&mut rng);
        let skip: u64 = rng.random_range(0..NARROW_EVERY);
        let lines = ARTERIAL_EVERY * parts + 1;
        let mut grid = Self {
            origin: Position::new(lat_deg, lon_deg).expect("within the globe"),
            lines,
            block_m,
            lanes: Vec::new(),
        };
        for axis in 0..2 {
            for number in 0..lines {
                for back in [false, true] {
                    let line = Line { axis, number };
                    grid.lanes.push(grid.lay(line, back, turn_rad, skip));
                }
            }
        }
        grid
    }

    fn lay(&self, line: Line, back: bool, turn_rad: f64, skip: u64) -> Lane {
        let street = street(line.number);
        let narrow = street == Street::Residential
            && (u64::from(line.number) + skip).is_multiple_of(NARROW_EVERY);
        let half_m = self.length_m() / 2.0;
        let aside_m = f64::from(line.number) * self.block_m - half_m;
        let quarters = f64::from(line.axis) + if back { 2.0 } else { 0.0 };
        let direction_rad = turn_rad + quarters * std::f64::consts::FRAC_PI_2;
        let along = Point::toward(direction_rad);
        // Left of the lane's own direction is the side of higher numbers for west-east forward and
        // south-north backward.
        let sign = if (line.axis == 0) == back { -1.0 } else { 1.0 };
        let right_m = if narrow { 0.0 } else { street.aside_m() };
        let begin = along * -half_m + along.left() * (sign * aside_m - right_m);
        Lane {
            street,
            narrow,
            direction_rad,
            along,
            begin,
        }
    }

    /// From one end of a street to the other, metres.
    pub(super) fn length_m(&self) -> f64 {
        f64::from(self.lines - 1) * self.block_m
    }

    /// The number of a lane.
    pub(super) fn lane_number(&self, line: Line, back: bool) -> u32 {
        (line.axis * self.lines + line.number) * 2 + u32::from(back)
    }

    /// A lane.
    pub(super) fn lane(&self, number: u32) -> &Lane {
        &self.lanes[number as usize]
    }

    /// Every lane, in order of their numbers.
    pub(super) fn lanes(&self) -> &[Lane] {
        &self.lanes
    }

    /// Kilometres of lane of a class.
    pub(super) fn lane_km(&self, street: Street) -> f64 {
        let lanes = self.lanes.iter().filter(|lane| lane.street == street);
        lanes.count() as f64 * self.length_m() / 1e3
    }
}

impl Lane {
    /// The place so far along the lane and so far left of its middle, metres.
    pub(super) fn point(&self, at_m: f64, left_m: f64) -> Point {
        self.begin + self.along * at_m + self.along.left() * left_m
    }
}

/// What a street with that number is for.
pub(super) fn street(number: u32) -> Street {
    match number % ARTERIAL_EVERY {
        0 => Street::Arterial,
        COLLECTOR_AT => Street::Collector,
        _ => Street::Residential,
    }
}

/// The nearest streets of a class to either side of a place on the scale of street numbers.
pub(super) fn neighbours(street: Street, at: f64, lines: u32) -> [u32; 2] {
    let offset = match street {
        Street::Collector => f64::from(COLLECTOR_AT),
        _ => 0.0,
    };
    let every = f64::from(ARTERIAL_EVERY);
    let last = ((f64::from(lines - 1) - offset) / every).floor();
    let below = ((at - offset) / every).floor();
    [below, below + 1.0].map(|n| (n.clamp(0.0, last) * every + offset) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_directions_of_a_street_pass_each_other_on_the_right() {
        let grid = Grid::new(100.0, &Chance::new(3));
        for number in (0..grid.lanes().len() as u32).step_by(2) {
            let (there, back) = (grid.lane(number), grid.lane(number + 1));
            let apart = back.point(grid.length_m() - 100.0, 0.0) - there.point(100.0, 0.0);
            let expected_m = if there.narrow {
                0.0
            } else {
                2.0 * there.street.aside_m()
            };
            let left_m = apart.east_m * there.along.left().east_m
                + apart.north_m * there.along.left().north_m;
            assert!((left_m - expected_m).abs() < 1e-6, "{number}: {left_m}");
            assert!((apart.length_m() - expected_m).abs() < 1e-6);
        }
    }

    #[test]
    fn streets_cross_where_their_numbers_say() {
        let grid = Grid::new(100.0, &Chance::new(3));
        let lane = |axis, number| *grid.lane(grid.lane_number(Line { axis, number }, false));
        let (east, north) = (lane(0, 5), lane(1, 3));
        let apart = east.point(3.0 * grid.block_m, 0.0) - north.point(5.0 * grid.block_m, 0.0);
        assert!(apart.length_m() < 5.0, "{apart:?}");
    }

    #[test]
    fn collectors_lie_between_arterials() {
        assert_eq!(neighbours(Street::Arterial, 5.2, 17), [0, 8]);
        assert_eq!(neighbours(Street::Collector, 5.2, 17), [4, 12]);
        assert_eq!(neighbours(Street::Collector, 1.0, 17), [4, 4]);
        assert_eq!(neighbours(Street::Collector, 15.0, 17), [12, 12]);
        assert_eq!(street(12), Street::Collector);
    }
}
