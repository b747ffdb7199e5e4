//! A place that something was felt or reported at.

use serde::{Deserialize, Serialize};

use super::past::Past;
use super::rows::Felt;
use super::said::TileSaid;
use crate::config::PlaceRule;
use crate::hazard::HazardId;
use crate::tile::Point;

/// A place that something was felt or reported at. Its index in the list of spots tells which of
/// two was found first.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The name of the hazard there.
    pub(super) id: HazardId,
    /// Where what founded it was.
    pub(super) founded: Point,
    /// What founded it lies on the tile itself, not in its halo.
    pub(super) own: bool,
    /// The outside has seen its name.
    pub(super) pinned: bool,
    /// Its bumps: their indices among the tile's, in canonical order.
    pub(super) members: Vec<u32>,
    /// Its citizens' reports: their indices among the tile's, in order of time.
    pub(super) reports: Vec<u32>,
    /// What closed chapters left of it.
    pub(super) past: Option<Box<Past>>,
    /// Of its bumps.
    pub(super) felt: Sums,
    /// Of its pin and its reports.
    told: Sums,
}

/// Running sums over what was felt: integers, so that no order of adding matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sums {
    /// 10⁴ / σ², in m⁻².
    weight: i64,
    /// Weight times the offset from the founding place, mm.
    north_mm: i64,
    east_mm: i64,
    /// Components of the headings, millionths.
    heading_north: i64,
    heading_east: i64,
}

/// Weight of a bump with a σ of 1 m.
const WEIGHT_AT_1_M: f64 = 1e4;

impl Spot {
    pub(super) fn new(id: HazardId, founded: Point, own: bool) -> Self {
        Self {
            id,
            founded: founded.to_the_mm(),
            own,
            pinned: false,
            members: Vec::new(),
            reports: Vec::new(),
            past: None,
            felt: Sums::default(),
            told: Sums::default(),
        }
    }

    /// The spot as closed chapters left it, with the reports that it had.
    pub(super) fn resumed(past: Past, said: &TileSaid<'_>, report_sigma_m: f64) -> Self {
        let mut spot = Self::new(past.id, past.founded(), past.own);
        for (index, report) in said.reports_named(&past.reports) {
            spot.report(index, report.at, report_sigma_m);
        }
        spot.felt = past.felt;
        spot.past = Some(Box::new(past));
        spot
    }

    /// How many bumps it has, those of closed chapters with them.
    pub(super) fn bumps(&self) -> usize {
        let before = self.past.as_ref().map_or(0, |past| past.bumps as usize);
        before + self.members.len()
    }

    /// Whether nothing is known of it.
    pub(super) fn is_empty(&self) -> bool {
        self.bumps() == 0 && self.reports.is_empty()
    }

    /// Where it is, as far as what was added tells.
    pub(super) fn at(&self) -> Point {
        let mean_m = |sum_mm: i64| sum_mm as f64 / self.weight() / 1000.0;
        self.founded.moved(
            mean_m(self.felt.north_mm + self.told.north_mm),
            mean_m(self.felt.east_mm + self.told.east_mm),
        )
    }

    /// Standard deviation of that per axis, metres.
    pub(super) fn sigma_m(&self, rule: &PlaceRule) -> f64 {
        let fused_m = (WEIGHT_AT_1_M / self.weight()).sqrt();
        fused_m.max(rule.fused_sigma_min_m).min(rule.sigma_max_m)
    }

    fn weight(&self) -> f64 {
        (self.felt.weight + self.told.weight).max(1) as f64
    }

    /// Which way those went that felt it, degrees; as it was pinned while nobody did; `None` when
    /// nobody knew.
    pub(super) fn heading_deg(&self) -> Option<f32> {
        self.felt.heading_deg().or_else(|| self.told.heading_deg())
    }

    /// Adds a bump.
    pub(super) fn add(&mut self, index: u32, felt: &Felt) {
        let sigma_m = f64::from(felt.sigma_m);
        self.felt.weigh(self.founded.to(felt.at), sigma_m);
        if let Some(deg) = felt.heading_deg {
            self.felt.turn(f64::from(deg));
        }
        self.members.push(index);
    }

    /// Adds a report, which is known to be so far off.
    pub(super) fn report(&mut self, index: u32, at: Point, sigma_m: f64) {
        self.told.weigh(self.founded.to(at), sigma_m);
        self.reports.push(index);
    }

    /// Keeps its name and its direction whatever is felt there.
    pub(super) fn pin(&mut self, at: Point, heading_deg: Option<f32>, sigma_m: f64) {
        self.pinned = true;
        self.told.weigh(self.founded.to(at.to_the_mm()), sigma_m);
        if let Some(deg) = heading_deg {
            self.told.turn(f64::from(deg));
        }
    }

    /// Takes other bumps in place of those that it has.
    pub(super) fn regroup(&mut self, members: Vec<u32>, felt: &[Felt]) {
        self.members.clear();
        self.felt = (self.past.as_ref()).map_or_else(Sums::default, |past| past.felt);
        for index in members {
            self.add(index, &felt[index as usize]);
        }
    }
}

impl Sums {
    /// Adds the sums of a spot that was founded so far away, mm north and east.
    pub(super) fn absorb(&mut self, other: &Self, [north_mm, east_mm]: [i64; 2]) {
        self.weight += other.weight;
        self.north_mm += other.north_mm + other.weight * north_mm;
        self.east_mm += other.east_mm + other.weight * east_mm;
        self.heading_north += other.heading_north;
        self.heading_east += other.heading_east;
    }

    /// Where the bumps were on average: metres north and east of the founding place.
    pub(super) fn mean_m(&self) -> (f64, f64) {
        let mean_m = |sum_mm: i64| sum_mm as f64 / self.weight.max(1) as f64 / 1000.0;
        (mean_m(self.north_mm), mean_m(self.east_mm))
    }

    fn weigh(&mut self, (north_m, east_m): (f64, f64), sigma_m: f64) {
        let weight = (WEIGHT_AT_1_M / sigma_m.powi(2)).round().max(1.0) as i64;
        self.weight += weight;
        self.north_mm += weight * (north_m * 1000.0).round() as i64;
        self.east_mm += weight * (east_m * 1000.0).round() as i64;
    }

    fn turn(&mut self, heading_deg: f64) {
        let (east, north) = heading_deg.to_radians().sin_cos();
        self.heading_north += (north * 1e6).round() as i64;
        self.heading_east += (east * 1e6).round() as i64;
    }

    fn heading_deg(&self) -> Option<f32> {
        let (north, east) = (self.heading_north, self.heading_east);
        if (north, east) == (0, 0) {
            return None;
        }
        let deg = (east as f64).atan2(north as f64).to_degrees();
        Some(deg.rem_euclid(360.0) as f32)
    }
}
