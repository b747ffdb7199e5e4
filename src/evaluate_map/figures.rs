//! The figures of a map against the truth.

mod course;
mod measure;

use std::collections::BTreeMap;

use aggregator::{EvidenceState, Hazard};
use serde::Serialize;

use super::is_believed;
use super::pairing::{Near, Pairing, Rule, pair};
use super::passes::Passes;
use super::truth::TruePlace;

pub use course::{Confirmations, Repairs};
pub use measure::{Median, Share};

/// How well a map agrees with the truth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The version of this object; fields are only ever added.
    pub format: u32,
    /// How far a hazard may lie from its place, metres.
    pub gate_m: f64,
    /// True places, and those of them that lie there at the map's moment.
    pub places: u64,
    /// … at the map's moment.
    pub standing: u64,
    /// Hazards by what the map says of them.
    pub hazards: BTreeMap<&'static str, u64>,
    /// Of the hazards that the map believes in (confirmed, fading, reopened).
    pub believed: Believed,
    /// Standing places that the map believes in, all of them.
    pub recall: Share,
    /// … by how many able driver-days passed them while they stood; empty without passes.
    pub recall_by_passes: Vec<(String, Share)>,
    /// … with at least eight able driver-days, those apart that most drivers go around.
    pub recall_8: Option<Share>,
    /// … that most drivers go around.
    pub recall_8_swerved: Option<Share>,
    /// … by class of road, with at least eight.
    pub recall_8_by_road: Vec<(String, Share)>,
    /// … by kind, with at least eight.
    pub recall_8_by_kind: Vec<(String, Share)>,
    /// How far hazards lie from their places, metres.
    pub place_m: Median,
    /// … by how many driver-days felt them.
    pub place_m_by_hits: Vec<(String, Median)>,
    /// Places within 2.45 σ of their hazards: 95 % when the map knows how sure it is.
    pub place_within_sigma: Share,
    /// From appearance to confirmation.
    pub confirmations: Confirmations,
    /// Repairs that somebody claimed, from the claim on.
    pub repairs_claimed: Repairs,
    /// Repairs that nobody claimed, from the repair on.
    pub repairs_unclaimed: Repairs,
    /// Standing places, once confirmed, that were ever said to be gone.
    pub gone_while_standing: Share,
    /// … within 60 passes from confirmation, of those that had as many.
    pub gone_within_60: Share,
    /// … of those whose repair was claimed and false.
    pub gone_after_false_claim: Share,
    /// Neighbours that the map tells apart, of those it found both of.
    pub kept_apart: Vec<(&'static str, Share)>,
    /// Objects felt in both directions that the map has as one site, of those found in both.
    pub sites: Share,
    /// What places are (true kind), and what the map calls them.
    pub kinds: BTreeMap<&'static str, BTreeMap<&'static str, u64>>,
}

/// What the hazards are that a map believes in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Believed {
    /// Those at a true place, standing or repaired since, second ones included.
    pub precision: Share,
    /// The same of the confirmed and reopened alone.
    pub precision_confirmed: Share,
    /// At a place that stands.
    pub standing: u64,
    /// At a place that was repaired, which the map has not noticed yet.
    pub repaired: u64,
    /// At a place that another hazard is.
    pub second: u64,
    /// Where nothing is or was.
    pub nothing: u64,
    /// Hazards per true place at which the map believes in any.
    pub per_place: f64,
}

/// The figures of the hazards of a map, seen from `as_of_us`, against the true places. Without
/// passes what depends on them is left out.
pub fn figures(
    hazards: &[Hazard],
    as_of_us: i64,
    places: &[TruePlace],
    passes: Option<&Passes>,
    rule: Rule,
) -> Figures {
    let scene = Scene {
        hazards,
        as_of_us,
        places,
        passes,
        pairing: pair(hazards, places, rule),
    };
    let mut states = BTreeMap::new();
    for hazard in hazards {
        *states.entry(hazard.evidence_state.name()).or_default() += 1;
    }
    let [all, swerved] = [false, true].map(|swerved| {
        passes.map(|_| scene.recall(|place, days| days >= 8 && place.swerved == swerved))
    });
    Figures {
        format: 1,
        gate_m: rule.gate_m,
        places: places.len() as u64,
        standing: scene.standing().count() as u64,
        hazards: states,
        believed: scene.believed(),
        recall: scene.recall(|_, _| true),
        recall_by_passes: scene.recall_by_passes(),
        recall_8: all,
        recall_8_swerved: swerved,
        recall_8_by_road: scene.recall_by(|place| place.road_class.clone()),
        recall_8_by_kind: scene.recall_by(|place| kind_name(place).to_owned()),
        place_m: Median::of(scene.pairs().map(|pair| pair.apart_m)),
        place_m_by_hits: scene.place_by_hits(),
        place_within_sigma: scene.within_sigma(),
        confirmations: scene.confirmations(),
        repairs_claimed: scene.repairs(true),
        repairs_unclaimed: scene.repairs(false),
        gone_while_standing: scene.gone_while_standing(false, None),
        gone_within_60: scene.gone_while_standing(false, Some(60)),
        gone_after_false_claim: scene.gone_while_standing(true, None),
        kept_apart: scene.kept_apart(rule),
        sites: scene.sites(),
        kinds: scene.kinds(),
    }
}

/// A map beside the truth.
struct Scene<'a> {
    hazards: &'a [Hazard],
    as_of_us: i64,
    places: &'a [TruePlace],
    passes: Option<&'a Passes>,
    pairing: Pairing,
}

/// Neighbours are places no farther apart than this, metres: the two holes 12 m apart, and the
/// other lane.
const NEIGHBOURS_M: f64 = 15.0;

/// 95 % of a circular normal error lie within so many σ.
const SIGMAS_95: f64 = 2.45;

fn kind_name(place: &TruePlace) -> &'static str {
    place.kind.map_or("unknown", |kind| kind.name())
}

impl Scene<'_> {
    fn standing(&self) -> impl Iterator<Item = (usize, &TruePlace)> {
        let places = self.places.iter().enumerate();
        places.filter(|(_, place)| place.stands_at(self.as_of_us))
    }

    /// The hazard that a place is, if the map believes in it.
    fn found(&self, place: usize) -> Option<&Hazard> {
        let hazard = &self.hazards[self.pairing.of_place[place]?.hazard];
        is_believed(hazard).then_some(hazard)
    }

    /// The pairs whose hazard the map believes in.
    fn pairs(&self) -> impl Iterator<Item = &super::pairing::Pair> {
        let pairs = self.pairing.of_place.iter().flatten();
        pairs.filter(|pair| is_believed(&self.hazards[pair.hazard]))
    }

    /// Able driver-days at a place while it stands.
    fn days(&self, place: &TruePlace) -> usize {
        let from_us = place.appears_us.unwrap_or(i64::MIN);
        let to_us = place.repaired_us.unwrap_or(self.as_of_us);
        (self.passes).map_or(0, |passes| passes.between(place.id, from_us, to_us).len())
    }

    fn believed(&self) -> Believed {
        let (mut standing, mut repaired, mut second, mut nothing) = (0, 0, 0, 0);
        let (mut sure, mut sure_right) = (0, 0);
        for (index, hazard) in self.hazards.iter().enumerate() {
            if !is_believed(hazard) {
                continue;
            }
            let place = self.pairing.of_hazard[index].map(|pair| &self.places[pair.place]);
            let is_sure = hazard.evidence_state != EvidenceState::Fading;
            let is_right = place.is_some() || self.pairing.second[index].is_some();
            sure += u64::from(is_sure);
            sure_right += u64::from(is_sure && is_right);
            match place {
                Some(place) if place.is_repaired_by(self.as_of_us) => repaired += 1,
                Some(_) => standing += 1,
                None if is_right => second += 1,
                None => nothing += 1,
            }
        }
        let right = standing + repaired + second;
        Believed {
            precision: Share::of(right, right + nothing),
            precision_confirmed: Share::of(sure_right, sure),
            standing,
            repaired,
            second,
            nothing,
            per_place: right as f64 / (standing + repaired).max(1) as f64,
        }
    }

    /// Of the standing places that are asked for, those the map believes in.
    fn recall(&self, asked: impl Fn(&TruePlace, usize) -> bool) -> Share {
        let places = self
            .standing()
            .filter(|(_, place)| asked(place, self.days(place)));
        Share::count(places.map(|(index, _)| self.found(index).is_some()))
    }

    fn recall_by_passes(&self) -> Vec<(String, Share)> {
        const FROM: [usize; 8] = [0, 1, 3, 5, 8, 15, 30, 60];
        if self.passes.is_none() {
            return Vec::new();
        }
        let bounds = FROM.iter().zip(FROM.iter().skip(1).chain([&usize::MAX]));
        let share = |(&from, &below): (&usize, &usize)| {
            let name = match below {
                usize::MAX => format!("{from} and more"),
                below if below == from + 1 => from.to_string(),
                below => format!("{from} to {}", below - 1),
            };
            (name, self.recall(|_, days| (from..below).contains(&days)))
        };
        bounds.map(share).collect()
    }

    /// Of the standing places with enough passes, by a property.
    fn recall_by(&self, property: impl Fn(&TruePlace) -> String) -> Vec<(String, Share)> {
        let mut found: BTreeMap<String, Vec<bool>> = BTreeMap::new();
        for (index, place) in self.standing() {
            if self.passes.is_none() || self.days(place) >= 8 && !place.swerved {
                let of = found.entry(property(place)).or_default();
                of.push(self.found(index).is_some());
            }
        }
        let share = |(name, found): (String, Vec<bool>)| (name, Share::count(found.into_iter()));
        found
            .into_iter()
            .filter(|(name, _)| !name.is_empty())
            .map(share)
            .collect()
    }

    fn place_by_hits(&self) -> Vec<(String, Median)> {
        const HITS: [(u32, u32); 6] = [(1, 1), (2, 3), (4, 6), (7, 12), (13, 30), (31, u32::MAX)];
        let median = |(from, to): (u32, u32)| {
            let pairs = self.pairing.of_place.iter().flatten();
            let pairs = pairs.filter(|pair| (from..=to).contains(&self.hazards[pair.hazard].hits));
            let name = match to {
                u32::MAX => format!("{from} and more"),
                to if to == from => from.to_string(),
                to => format!("{from} to {to}"),
            };
            (name, Median::of(pairs.map(|pair| pair.apart_m)))
        };
        HITS.into_iter().map(median).collect()
    }

    fn within_sigma(&self) -> Share {
        let within = self
            .pairs()
            .map(|pair| pair.apart_m <= SIGMAS_95 * self.hazards[pair.hazard].sigma_m);
        Share::count(within)
    }

    /// Neighbours in one direction, in opposite ones, and on crossing roads.
    fn kept_apart(&self, rule: Rule) -> Vec<(&'static str, Share)> {
        const NAMES: [&str; 3] = ["one direction", "opposite lanes", "crossing roads"];
        let mut apart: [Vec<bool>; 3] = Default::default();
        let near = Near::of(self.places.iter().map(|place| place.position));
        for (index, place) in self.standing() {
            let others = near.around(place.position).filter(|&other| {
                let there = &self.places[other];
                other > index
                    && there.site != place.site
                    && there.stands_at(self.as_of_us)
                    && place.position.distance_m(there.position) <= NEIGHBOURS_M
            });
            for other in others {
                let there = &self.places[other];
                let turn_deg = match (place.heading, there.heading) {
                    (Some(a), Some(b)) => a.turn_deg(b),
                    _ => 0.0,
                };
                let class = match turn_deg {
                    turn_deg if turn_deg <= rule.heading_deg => 0,
                    turn_deg if turn_deg >= 180.0 - rule.heading_deg => 1,
                    _ => 2,
                };
                // Either is found at all, by a hazard of its own or by the other's.
                let [a, b] = [index, other].map(|place| self.found(place).is_some());
                if a || b {
                    apart[class].push(a && b);
                }
            }
        }
        let share =
            |(name, apart): (&'static str, Vec<bool>)| (name, Share::count(apart.into_iter()));
        NAMES.into_iter().zip(apart).map(share).collect()
    }

    fn sites(&self) -> Share {
        let mut of_site: BTreeMap<u64, Vec<&Hazard>> = BTreeMap::new();
        for (index, place) in self.places.iter().enumerate() {
            if let Some(hazard) = self.found(index) {
                of_site.entry(place.site).or_default().push(hazard);
            }
        }
        let both = of_site.values().filter(|hazards| hazards.len() == 2);
        Share::count(both.map(|hazards| hazards[0].site == hazards[1].site))
    }

    fn kinds(&self) -> BTreeMap<&'static str, BTreeMap<&'static str, u64>> {
        let mut kinds: BTreeMap<_, BTreeMap<_, u64>> = BTreeMap::new();
        for pair in self.pairs() {
            let said = self.hazards[pair.hazard].kind.name();
            let row = kinds
                .entry(kind_name(&self.places[pair.place]))
                .or_default();
            *row.entry(said).or_default() += 1;
        }
        kinds
    }
}
