//! All that is known of a hazard, put together.

use trip::{Heading, Kind};

use super::associate::Spots;
use super::course::Belief;
use super::gathered::{kinds, severities, weeks};
use super::grid::{Grid, REACH_M};
use super::log::Log;
use super::passes;
use super::past;
use super::place::Settled;
use super::rates::Rates;
use super::roll::Roll;
use super::rows::{TileRows, turn_deg};
use super::said::{TileSaid, Told, Word};
use super::spot::Spot;
use super::tell::Chaptered;
use crate::cells::{self, ORDER};
use crate::config::{Config, Gate};
use crate::hazard::{EvidenceState, FeltWeek, Hazard, HazardId, Remark};
use crate::said::{SaidId, Work, WorkState};

/// What people said of each spot that is evidence or asks for some, in order of time.
pub(super) fn words(places: &Spots, said: &TileSaid<'_>, told: &Told) -> Vec<Vec<(i64, Word)>> {
    let words_of = |spot: &Spot| {
        let mut words = told.words(spot.id);
        let mute = spot.past.as_ref().map_or(&[][..], |past| &past.mute);
        let reports = spot.reports.iter().map(|&number| said.report(number));
        let reports = reports.filter(|report| !mute.contains(&report.id));
        words.extend(reports.map(|report| (report.at_us, Word::Reported)));
        words.sort_by_key(|&(at_us, _)| at_us);
        words
    };
    places.spots.iter().map(words_of).collect()
}

/// A hazard of which all is known but what to believe of it.
#[derive(Debug)]
pub(super) struct Draft {
    hazard: Hazard,
    pub(super) log: Log,
    words: Vec<(i64, Word)>,
    /// How hard it was felt, by week.
    severe: Vec<FeltWeek>,
    /// The reports of it.
    reports: Vec<SaidId>,
}

impl Draft {
    /// The citizens' reports of it, each with its name.
    pub(super) fn reported(&self) -> impl Iterator<Item = (SaidId, HazardId)> {
        self.reports.iter().map(|&report| (report, self.hazard.id))
    }

    /// The hazard, when it is known how much everybody's word is worth.
    pub(super) fn hazard(
        self,
        rates: &Rates<'_>,
        roll: &Roll,
        as_of_day: Option<i32>,
        config: &Config,
    ) -> Hazard {
        let course = self.log.course(&self.words, rates, roll, config);
        let belief = course.on(as_of_day);
        let remark = remark(&self.hazard.work, &belief, self.hazard.last_us);
        let mut weeks = belief.weeks;
        for severe in self.severe {
            if let Some(week) = weeks.iter_mut().find(|week| week.monday == severe.monday) {
                week.severities = severe.severities;
                week.severity_sum_mmps2 = severe.severity_sum_mmps2;
            }
        }
        Hazard {
            confidence: belief.confidence,
            evidence_state: belief.state,
            remark,
            hits: belief.hits,
            passes: belief.passes,
            drivers: belief.drivers,
            reports: belief.reports,
            detection: belief.detection,
            moves: belief.moves,
            weeks,
            ..self.hazard
        }
    }
}

/// The hazards of the tile itself, in spatial order, and which names were joined into which.
pub(super) fn drafts(
    last: Chaptered<'_>,
    all: &TileRows,
    roll: &Roll,
    told: &Told,
    config: &Config,
) -> (Vec<Draft>, Vec<(HazardId, HazardId)>) {
    let rows = last.part.as_ref().unwrap_or(all);
    let (places, said, heard, words) = (&last.places, &last.said, last.heard, last.words);
    let context = Context {
        rows,
        said,
        told,
        config,
    };
    let sites = sites(&context, places);
    let mut drafts = Vec::new();
    let mut joined = Vec::new();
    for (number, (heard, words)) in heard.into_iter().zip(words).enumerate() {
        let spot = &places.spots[number];
        let names = spot.past.iter().flat_map(|past| &past.names);
        joined.extend(names.map(|&name| (name, spot.id)));
        if !spot.own {
            continue;
        }
        if let Some(into) = places.joined[number] {
            joined.push((spot.id, places.spots[into as usize].id));
            continue;
        }
        if spot.is_empty() && !spot.pinned {
            continue;
        }
        let draft = Draft {
            hazard: context.hazard(spot, &places.settled[number], &heard, sites[number]),
            log: heard.log,
            words,
            severe: past::felt_weeks(weeks(spot, rows, roll)),
            reports: (spot.reports.iter())
                .map(|&report| said.report(report).id)
                .collect(),
        };
        drafts.push((cells::cell_of(draft.hazard.position, ORDER), draft));
    }
    drafts.sort_by_key(|(cell, draft)| (*cell, draft.hazard.id));
    joined.sort_unstable();
    (drafts.into_iter().map(|(_, draft)| draft).collect(), joined)
}

struct Context<'a> {
    rows: &'a TileRows,
    said: &'a TileSaid<'a>,
    told: &'a Told,
    config: &'a Config,
}

impl Context<'_> {
    /// What is known of a spot without what to believe of it.
    fn hazard(
        &self,
        spot: &Spot,
        settled: &Settled,
        heard: &passes::Told,
        site: HazardId,
    ) -> Hazard {
        let work = self.told.work(spot.id);
        let feature = self.said.feature(settled.at, self.config.gate.feature_m);
        let (kind, kind_probability) = self.kind(spot, settled);
        let heading = settled.heading_deg.map(f64::from);
        Hazard {
            id: spot.id,
            kind,
            kind_probability,
            position: self.rows.plane.position(settled.at),
            sigma_m: settled.sigma_m,
            heading: heading.and_then(|deg| Heading::from_deg(deg.rem_euclid(360.0)).ok()),
            confidence: 0.0,
            evidence_state: EvidenceState::Candidate,
            remark: None,
            work,
            site,
            feature: feature.cloned(),
            hits: 0,
            passes: 0,
            drivers: 0,
            severity_mps2: severities(spot, self.rows).median_mps2(),
            first_us: heard.first_us,
            last_us: heard.last_us,
            last_pass_us: heard.last_pass_us,
            reports: 0,
            detection: 0.0,
            moves: Vec::new(),
            weeks: Vec::new(),
        }
    }

    /// What it is: as an inspector or a known feature says, else what is likeliest.
    fn kind(&self, spot: &Spot, settled: &Settled) -> (Kind, f64) {
        let known = self.told.work(spot.id).kind.or_else(|| {
            let feature = self.said.feature(settled.at, self.config.gate.feature_m);
            feature.map(|feature| feature.kind)
        });
        known.map_or_else(|| self.likeliest_kind(spot), |kind| (kind, 1.0))
    }

    /// The kind with the highest mean probability, and that probability. What nobody felt is what
    /// most citizens call it.
    fn likeliest_kind(&self, spot: &Spot) -> (Kind, f64) {
        let mut sums = kinds(spot, self.rows);
        if spot.bumps() == 0 {
            for &report in &spot.reports {
                let kind = self.said.report(report).kind;
                let index = Kind::ALL.iter().position(|other| *other == kind);
                sums[index.unwrap_or(Kind::ALL.len() - 1)] += 1;
            }
        }
        let total: i64 = sums.iter().sum();
        if total == 0 {
            return (Kind::Other, 0.0);
        }
        // The first of equals: `max_by_key` alone would take the last.
        let (best, sum) = (sums.iter().enumerate().rev())
            .max_by_key(|(_, sum)| **sum)
            .expect("there are kinds");
        (Kind::ALL[best], *sum as f64 / total as f64)
    }
}

/// The site of each spot: the name of the older of two that are one object felt from both
/// directions, else its own.
fn sites(context: &Context<'_>, places: &Spots) -> Vec<HazardId> {
    let mut grid = Grid::over(context.rows.tile);
    let mut sites: Vec<HazardId> = places.spots.iter().map(|spot| spot.id).collect();
    let mut taken = vec![false; sites.len()];
    let of_spot = places.spots.iter().zip(&places.settled);
    let across: Vec<bool> = of_spot
        .map(|(spot, settled)| reaches_across(context.kind(spot, settled).0))
        .collect();
    for (number, settled) in (0..).zip(&places.settled) {
        let index = number as usize;
        if places.joined[index].is_some() {
            continue;
        }
        let mut best: Option<(f64, u32)> = None;
        grid.near(settled.at, REACH_M, |other| {
            let there = &places.settled[other as usize];
            let both_across = across[index] && across[other as usize];
            if !taken[other as usize]
                && is_other_side(settled, there, both_across, &context.config.gate)
            {
                let near = (settled.at.distance_m(there.at), other);
                if best.is_none_or(|best| near < best) {
                    best = Some(near);
                }
            }
        });
        if let Some((_, other)) = best {
            sites[index] = sites[other as usize];
            (taken[index], taken[other as usize]) = (true, true);
        }
        grid.insert(number, settled.at);
    }
    sites
}

/// Whether such an object lies across the whole road.
fn reaches_across(kind: Kind) -> bool {
    matches!(kind, Kind::SpeedBump | Kind::Rail | Kind::Joint)
}

/// Whether two places may be one object felt from both directions: opposite headings, within a gate
/// along the road, as far as their uncertainties allow, and across it no further than half a lane or,
/// if both reach across, than the road is wide.
fn is_other_side(a: &Settled, b: &Settled, both_across: bool, gate: &Gate) -> bool {
    let (Some(a_deg), Some(b_deg)) = (a.heading_deg, b.heading_deg) else {
        return false;
    };
    if turn_deg(a_deg, b_deg) < 180.0 - gate.heading_deg {
        return false;
    }
    let (north_m, east_m) = a.at.to(b.at);
    let (east, north) = f64::from(a_deg).to_radians().sin_cos();
    let along_m = (north_m * north + east_m * east).abs();
    let aside_m = (east_m * north - north_m * east).abs();
    let widest_m = if both_across {
        gate.site_across_m
    } else {
        gate.site_aside_m
    };
    along_m <= gate.width_m(a.sigma_m, b.sigma_m) && aside_m <= widest_m
}

/// What people and evidence say together.
fn remark(work: &Work, belief: &Belief, last_us: Option<i64>) -> Option<Remark> {
    use EvidenceState::{Confirmed, Fading, Reopened, VerifiedGone};
    let is_felt_since = |since_us: i64| last_us.is_some_and(|last_us| last_us > since_us);
    let stands = matches!(belief.state, Confirmed | Reopened);
    let since_us = work.since_us.unwrap_or(i64::MAX);
    match work.state {
        WorkState::Scheduled | WorkState::Triaged if belief.state == VerifiedGone => {
            Some(Remark::ScheduledNoLongerFelt)
        }
        WorkState::Closed if stands && is_felt_since(since_us) => Some(Remark::ClosedStillFelt),
        WorkState::RepairClaimed if belief.state == VerifiedGone => Some(Remark::RepairVerified),
        WorkState::RepairClaimed if matches!(belief.state, Confirmed | Fading | Reopened) => {
            Some(if stands && is_felt_since(since_us) {
                Remark::RepairStillFelt
            } else {
                Remark::RepairUnverified
            })
        }
        _ => match work.inspected {
            Some((at_us, false)) if stands && is_felt_since(at_us) => {
                Some(Remark::InspectedStillFelt)
            }
            _ => None,
        },
    }
}
