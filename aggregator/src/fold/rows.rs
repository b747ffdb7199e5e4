//! What trips said of one tile, in rows as small as the fold needs them.

use std::collections::{BTreeMap, BTreeSet};

use trip::{Heading, Kind, PathPoint, Position};

use super::chapter::Chapter;
use super::leg::Leg;
use super::past::Past;
use super::roll::Roll;
use crate::config::Config;
use crate::tile::{Plane, Point, Tile, Tiles};
use crate::track;

/// A bump with a place.
#[derive(Clone, Debug)]
pub(super) struct Felt {
    /// Whose: the trip's rank.
    pub(super) rank: u32,
    /// Its number in the trip's report.
    pub(super) number: u32,
    pub(super) peak_us: i64,
    pub(super) at: Point,
    /// It lies on the tile itself, not in its halo.
    pub(super) own: bool,
    /// Within the bounds of [`crate::PlaceRule`].
    pub(super) sigma_m: f32,
    pub(super) heading_deg: Option<f32>,
    pub(super) severity_mps2: Option<f32>,
    /// The probability of each kind, in ten thousandths.
    pub(super) kinds: [u16; Kind::ALL.len()],
}

/// A stretch, as far as it lies on the tile.
#[derive(Clone, Debug)]
pub(super) struct Strip {
    /// Whose: the trip's rank.
    pub(super) rank: u32,
    /// Its number in the trip's report.
    pub(super) number: u32,
    pub(super) able: bool,
    pub(super) sigma_m: f32,
    /// Natural logarithm of its RMS in m/s², millionths.
    pub(super) log_rms_micro: Option<i32>,
    pub(super) speed_mmps: Option<i32>,
    /// Its legs: from, to.
    legs: (u32, u32),
}

/// A bump, as whoever holds the facts hands it over.
pub(crate) struct BumpRow {
    pub(crate) rank: u32,
    pub(crate) number: u32,
    pub(crate) peak_us: i64,
    pub(crate) position: Position,
    pub(crate) sigma_m: f32,
    pub(crate) heading: Option<Heading>,
    pub(crate) severity_mps2: Option<f32>,
    pub(crate) kind_probability: [f32; Kind::ALL.len()],
}

/// A stretch, as whoever holds the facts hands it over.
pub(crate) struct StretchRow<'a> {
    pub(crate) rank: u32,
    pub(crate) number: u32,
    pub(crate) able: bool,
    pub(crate) sigma_m: f32,
    pub(crate) rms_mps2: Option<f32>,
    pub(crate) speed_mps: Option<f64>,
    pub(crate) path: &'a [PathPoint],
}

/// The rows of one tile.
#[derive(Debug)]
pub(crate) struct TileRows {
    pub(super) tile: Tile,
    pub(super) plane: Plane,
    /// In canonical order once [`TileRows::settle`] was called: rank, time, number.
    pub(super) felt: Vec<Felt>,
    /// In canonical order: rank, number.
    pub(super) strips: Vec<Strip>,
    legs: Vec<Leg>,
    /// What sealed chapters left of its spots, in their order.
    pub(super) pasts: Vec<Past>,
}

/// The rows of some tiles.
#[derive(Debug)]
pub(crate) struct Rows<'c> {
    config: &'c Config,
    /// Only these are gathered.
    wanted: Tiles,
    tiles: BTreeMap<Tile, TileRows>,
    /// The legs of the stretch at hand.
    legs: Vec<track::Leg>,
}

impl<'c> Rows<'c> {
    /// The tiles that are gathered.
    pub(crate) fn wanted(&self) -> Tiles {
        self.wanted
    }

    /// No rows yet, of some tiles.
    pub(crate) fn of(config: &'c Config, wanted: Tiles) -> Self {
        Self {
            config,
            wanted,
            tiles: BTreeMap::new(),
            legs: Vec::new(),
        }
    }

    /// Adds a bump.
    pub(crate) fn bump(&mut self, row: &BumpRow) {
        let severity_mps2 = row.severity_mps2.filter(|value| value.is_finite());
        let sigma_m = self.config.place.bounded(row.sigma_m) as f32;
        let (wanted, own) = (self.wanted, Tile::of(row.position));
        Tile::around(row.position, |tile| {
            if !wanted.contain(tile) {
                return;
            }
            let rows = rows_of(&mut self.tiles, tile);
            rows.felt.push(Felt {
                own: tile == own,
                rank: row.rank,
                number: row.number,
                peak_us: row.peak_us,
                at: rows.plane.point(row.position),
                sigma_m,
                heading_deg: row.heading.map(|heading| heading.deg() as f32),
                severity_mps2,
                kinds: row.kind_probability.map(ten_thousandths),
            });
        });
    }

    /// Adds a stretch.
    pub(crate) fn stretch(&mut self, row: &StretchRow<'_>) {
        let strip = Strip {
            rank: row.rank,
            number: row.number,
            able: row.able,
            sigma_m: self.config.place.bounded(row.sigma_m) as f32,
            log_rms_micro: row.rms_mps2.and_then(log_micro),
            speed_mmps: row.speed_mps.map(|mps| (mps * 1e3).round() as i32),
            legs: (0, 0),
        };
        let wanted = self.wanted;
        let mut legs = std::mem::take(&mut self.legs);
        track::legs(row.path, &self.config.track, &mut legs);
        let positions = row.path.iter().map(|point| point.position);
        if let Some(tile) = Tile::alone(positions) {
            if wanted.contain(tile) && !legs.is_empty() {
                let rows = rows_of(&mut self.tiles, tile);
                legs.iter().for_each(|leg| rows.leg(&strip, leg));
            }
        } else {
            for leg in &legs {
                Tile::around(leg.middle(), |tile| {
                    if wanted.contain(tile) {
                        rows_of(&mut self.tiles, tile).leg(&strip, leg);
                    }
                });
            }
        }
        self.legs = legs;
    }

    /// Adds what sealed chapters left of a spot: those of a tile come in their order.
    pub(crate) fn past(&mut self, tile: Tile, past: Past) {
        if self.wanted.contain(tile) {
            rows_of(&mut self.tiles, tile).pasts.push(past);
        }
    }

    /// The tiles in order, their rows in canonical order.
    pub(crate) fn tiles(self) -> impl Iterator<Item = TileRows> {
        self.tiles.into_values().map(TileRows::settle)
    }

    /// Makes sure that a tile is folded, whether or not trips said anything of it.
    pub(crate) fn tile(&mut self, tile: Tile) {
        if self.wanted.contain(tile) {
            rows_of(&mut self.tiles, tile);
        }
    }
}

fn rows_of(tiles: &mut BTreeMap<Tile, TileRows>, tile: Tile) -> &mut TileRows {
    tiles.entry(tile).or_insert_with(|| TileRows {
        tile,
        plane: tile.plane(),
        felt: Vec::new(),
        strips: Vec::new(),
        legs: Vec::new(),
        pasts: Vec::new(),
    })
}

impl TileRows {
    fn leg(&mut self, strip: &Strip, leg: &track::Leg) {
        let next = u32::try_from(self.legs.len()).unwrap_or(u32::MAX);
        let is_same = (self.strips.last())
            .is_some_and(|last| (last.rank, last.number) == (strip.rank, strip.number));
        if !is_same {
            self.strips.push(Strip {
                legs: (next, next),
                ..strip.clone()
            });
        }
        self.legs.push(Leg {
            from: self.plane.point(leg.from.position),
            to: self.plane.point(leg.to.position),
            from_us: leg.from.t_us,
            to_us: leg.to.t_us,
            heading_deg: leg.heading_deg,
            opens: leg.opens,
            closes: leg.closes,
        });
        let last = self.strips.last_mut().expect("one was just added");
        last.legs.1 = next + 1;
    }

    /// Puts the rows in canonical order.
    fn settle(mut self) -> Self {
        (self.felt).sort_unstable_by_key(|felt| (felt.rank, felt.peak_us, felt.number));
        (self.strips).sort_unstable_by_key(|strip| (strip.rank, strip.number));
        self
    }

    /// The chapters in which its trips are told, each once and in order.
    pub(super) fn chapters(&self, roll: &Roll) -> BTreeSet<Chapter> {
        let felt = self.felt.chunk_by(|a, b| a.rank == b.rank);
        let felt = felt.map(|of_trip| of_trip[0].rank);
        let driven = self.strips.chunk_by(|a, b| a.rank == b.rank);
        let driven = driven.map(|of_trip| of_trip[0].rank);
        felt.chain(driven)
            .map(|rank| roll.trip(rank).chapter)
            .collect()
    }

    /// What its trips say in one chapter.
    pub(super) fn of_chapter(&self, chapter: Chapter, roll: &Roll) -> Self {
        let within = |rank: u32| roll.trip(rank).chapter == chapter;
        let mut part = Self {
            tile: self.tile,
            plane: self.plane,
            felt: (self.felt.iter().filter(|felt| within(felt.rank)).cloned()).collect(),
            strips: Vec::new(),
            legs: Vec::new(),
            pasts: Vec::new(),
        };
        for strip in self.strips.iter().filter(|strip| within(strip.rank)) {
            let from = u32::try_from(part.legs.len()).unwrap_or(u32::MAX);
            part.legs.extend_from_slice(self.legs_of(strip));
            let until = u32::try_from(part.legs.len()).unwrap_or(u32::MAX);
            part.strips.push(Strip {
                legs: (from, until),
                ..strip.clone()
            });
        }
        part
    }

    /// The legs of a strip, in order of time.
    pub(super) fn legs_of(&self, strip: &Strip) -> &[Leg] {
        &self.legs[strip.legs.0 as usize..strip.legs.1 as usize]
    }
}

fn ten_thousandths(probability: f32) -> u16 {
    // What is no number becomes 0.
    (f64::from(probability).clamp(0.0, 1.0) * 1e4).round() as u16
}

fn log_micro(rms_mps2: f32) -> Option<i32> {
    let rms_mps2 = f64::from(rms_mps2);
    let is_loggable = rms_mps2.is_finite() && rms_mps2 > 0.0;
    is_loggable.then(|| (rms_mps2.ln() * 1e6).round() as i32)
}

/// Whether two headings are one direction; an unknown one may be any.
pub(super) fn same_direction(a: Option<f32>, b: Option<f32>, within_deg: f64) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => turn_deg(a, b) <= within_deg,
        _ => true,
    }
}

/// By how much two headings differ, degrees, 0 to 180.
pub(crate) fn turn_deg(a: f32, b: f32) -> f64 {
    let apart = (f64::from(a) - f64::from(b)).abs();
    apart.min(360.0 - apart)
}
