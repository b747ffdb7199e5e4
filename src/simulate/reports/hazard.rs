//! What lies in the roads of the city.

use trip::{Heading, Kind, Position};

use super::ease::Ease;
use super::grid::Street;

/// Something in the road, as it is felt in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Hazard {
    /// Its number, from 1 on.
    pub id: u32,
    /// The object: what is felt from both directions has one number.
    pub site: u32,
    /// What it is.
    pub kind: Kind,
    /// Where it is, in its wheel track or in the middle of its lane.
    pub position: Position,
    /// Which way the vehicles go that feel it.
    pub heading: Heading,
    /// The class of its street.
    pub street: Street,
    /// When it came to be, µs since 1970; `None`: it was there before the city was.
    pub appears_us: Option<i64>,
    /// When it was patched; `None`: never within the period.
    pub repaired_us: Option<i64>,
    /// When the department said that it was patched, true or not.
    pub claimed_us: Option<i64>,
    /// The mean chance that an able pass feels it, with today's detector and when it is grown.
    pub detectability: f64,
    /// Most drivers swerve around it.
    pub swerved: bool,
    /// The lane, and how far along and left of its middle, metres.
    pub(super) lane: u32,
    pub(super) at_m: f64,
    pub(super) left_m: f64,
    /// Log odds of a hit more than the city's mean.
    pub(super) ease: f64,
    /// Natural logarithm of its severity in m/s² at 40 km/h when it is grown.
    pub(super) severity_ln: f64,
}

impl Hazard {
    /// Whether it is there at a time.
    pub fn stands_at(&self, t_us: i64) -> bool {
        self.appears_us.is_none_or(|from_us| from_us <= t_us)
            && self.repaired_us.is_none_or(|to_us| t_us < to_us)
    }
}

/// All hazards, findable by lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Hazards {
    all: Vec<Hazard>,
    /// Their numbers in `all` in order of lane and distance along it.
    order: Vec<u32>,
    /// Where each lane begins in `order`; one more than there are lanes.
    begins: Vec<u32>,
}

impl Hazards {
    /// Hazards on so many lanes.
    pub(super) fn new(all: Vec<Hazard>, lanes: usize) -> Self {
        let mut order: Vec<u32> = (0..all.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let (a, b) = (&all[a as usize], &all[b as usize]);
            (a.lane.cmp(&b.lane))
                .then(a.at_m.total_cmp(&b.at_m))
                .then(a.id.cmp(&b.id))
        });
        let begins = (0..=lanes as u32)
            .map(|lane| order.partition_point(|&n| all[n as usize].lane < lane) as u32)
            .collect();
        Self { all, order, begins }
    }

    pub(super) fn all(&self) -> &[Hazard] {
        &self.all
    }

    /// Those of a lane from one place to another, in order.
    pub(super) fn between(
        &self,
        lane: u32,
        from_m: f64,
        to_m: f64,
    ) -> impl Iterator<Item = &Hazard> + '_ {
        let lane = lane as usize;
        let of_lane = &self.order[self.begins[lane] as usize..self.begins[lane + 1] as usize];
        let first = of_lane.partition_point(|&n| self.all[n as usize].at_m < from_m);
        let hazards = of_lane[first..].iter().map(|&n| &self.all[n as usize]);
        hazards.take_while(move |hazard| hazard.at_m < to_m)
    }

    /// Writes down how easily each is felt.
    pub(super) fn tell_detectability(&mut self, ease: &Ease) {
        for hazard in &mut self.all {
            hazard.detectability = ease.detectability(hazard);
        }
    }
}
