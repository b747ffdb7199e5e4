//! What people said, laid out on tiles.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::chapter::Chapter;
use crate::hazard::HazardId;
use crate::said::{ActKind, CitizenReport, KnownFeature, Said, SaidId, What, Work};
use crate::stamp::Stamp;
use crate::tile::{Point, Tile};
use crate::zone::Zone;

/// Everything that people said, in order, the layer of known features, and where it all is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    said: Vec<Said>,
    features: Vec<KnownFeature>,
    /// In which days are counted.
    zone: Zone,
    /// What was said of each hazard, in order.
    of_hazard: HashMap<HazardId, Vec<usize>>,
    /// What concerns each tile.
    on_tile: BTreeMap<Tile, OnTile>,
    /// The day up to which the map is sealed, and what was known to have been said before it.
    sealed: Option<(i32, BTreeSet<SaidId>)>,
}

#[derive(Clone, Debug, Default)]
struct OnTile {
    /// Those that pinned a hazard first.
    pins: Vec<usize>,
    reports: Vec<usize>,
    features: Vec<usize>,
}

/// What people said of one tile.
#[derive(Debug)]
pub(super) struct TileSaid<'a> {
    pins: Vec<PinHere>,
    reports: Vec<ReportHere>,
    features: Vec<(Point, &'a KnownFeature)>,
    /// The chapter that is told.
    chapter: Chapter,
}

/// A hazard whose name the outside has seen.
#[derive(Clone, Copy, Debug)]
pub(super) struct PinHere {
    pub(super) id: HazardId,
    pub(super) at: Point,
    pub(super) own: bool,
    pub(super) heading_deg: Option<f32>,
}

/// A citizen's report.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReportHere {
    pub(super) id: SaidId,
    pub(super) stamp: Stamp,
    pub(super) at: Point,
    pub(super) own: bool,
    pub(super) kind: trip::Kind,
    pub(super) at_us: i64,
    /// The chapter in which it is told.
    chapter: Chapter,
}

/// Something said of a hazard that is evidence, or asks for some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// A citizen reported it.
    Reported,
    /// The crew says that it is repaired.
    RepairClaimed,
    /// An inspector looked: found, or not.
    Inspected(bool),
}

impl Told {
    /// Puts what was said in order. With a moment, only what was said until then counts.
    pub(crate) fn new(
        mut said: Vec<Said>,
        features: Vec<KnownFeature>,
        until_us: Option<i64>,
    ) -> Self {
        said.retain(|said| until_us.is_none_or(|until_us| said.at_us <= until_us));
        said.sort_by_key(Said::order);
        let mut told = Self {
            said,
            features,
            ..Self::default()
        };
        let mut pinned = HashSet::new();
        for (index, said) in told.said.iter().enumerate() {
            if let Some(pin) = said.hazard() {
                told.of_hazard.entry(pin.id).or_default().push(index);
                if pinned.insert(pin.id) {
                    Tile::around(pin.at, |tile| {
                        told.on_tile.entry(tile).or_default().pins.push(index);
                    });
                }
            } else if let What::Report(report) = &said.what {
                Tile::around(report.at, |tile| {
                    told.on_tile.entry(tile).or_default().reports.push(index);
                });
            }
        }
        for (index, feature) in told.features.iter().enumerate() {
            Tile::around(feature.at, |tile| {
                told.on_tile.entry(tile).or_default().features.push(index);
            });
        }
        told
    }

    /// The same, where days are counted in `zone`.
    pub(crate) fn in_zone(self, zone: &Zone) -> Self {
        let zone = zone.clone();
        Self { zone, ..self }
    }

    /// In which days are counted.
    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The same in a map that is sealed up to a day, when these were known. What comes to light later
    /// about the days before counts from that day on.
    pub(crate) fn sealed(mut self, before: Option<i32>, known: BTreeSet<SaidId>) -> Self {
        self.sealed = before.map(|before| (before, known));
        self
    }

    /// What is known to have been said before a day, and counts before it.
    pub(crate) fn known_before(&self, day: i32) -> impl Iterator<Item = SaidId> + '_ {
        let before = move |said: &&Said| self.zone.day_of(self.heard_us(said)) < day;
        self.said.iter().filter(before).map(|said| said.id)
    }

    /// When it counts.
    fn heard_us(&self, said: &Said) -> i64 {
        match &self.sealed {
            Some((before, known)) if !known.contains(&said.id) => {
                said.at_us.max(self.zone.begin_us(*before))
            }
            _ => said.at_us,
        }
    }

    /// The chapters in which reports of one tile are told.
    pub(super) fn chapters(&self, tile: Tile) -> impl Iterator<Item = Chapter> + '_ {
        let first = (self.sealed.as_ref()).map_or(Chapter::FIRST, |(day, _)| Chapter::of_day(*day));
        let reports = self
            .on_tile
            .get(&tile)
            .into_iter()
            .flat_map(|here| &here.reports);
        let chapter = |&index: &usize| self.chapter_of(self.heard_us(&self.said[index]));
        reports
            .map(chapter)
            .filter(move |chapter| *chapter >= first)
    }

    /// The chapter of a time, µs since 1970 UTC.
    fn chapter_of(&self, at_us: i64) -> Chapter {
        Chapter::of(Stamp::of(at_us, &self.zone))
    }

    /// The tiles that something was said of.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = Tile> + '_ {
        (self.on_tile.iter())
            .filter(|(_, here)| !here.pins.is_empty() || !here.reports.is_empty())
            .map(|(&tile, _)| tile)
    }

    /// The latest moment at which something was seen on the road, µs since 1970 UTC.
    pub(crate) fn newest_seen_us(&self) -> Option<i64> {
        let seen = |said: &&Said| matches!(said.what, What::Inspection(_) | What::Report(_));
        self.said.iter().filter(seen).map(|said| said.at_us).max()
    }

    /// What was said of one tile, as it is told in a chapter.
    pub(super) fn of_tile(&self, tile: Tile, chapter: Chapter) -> TileSaid<'_> {
        let plane = tile.plane();
        let empty = OnTile::default();
        let here = self.on_tile.get(&tile).unwrap_or(&empty);
        let pins = here.pins.iter().filter_map(|&index| {
            let pin = self.said[index].hazard()?;
            Some(PinHere {
                id: pin.id,
                at: plane.point(pin.at),
                own: Tile::of(pin.at) == tile,
                heading_deg: pin.heading.map(|heading| heading.deg() as f32),
            })
        });
        let reports = here.reports.iter().filter_map(|&index| {
            let said = &self.said[index];
            let What::Report(CitizenReport { at, kind, .. }) = said.what else {
                return None;
            };
            let at_us = self.heard_us(said);
            Some(ReportHere {
                id: said.id,
                stamp: Stamp::of(at_us, &self.zone),
                at: plane.point(at),
                own: Tile::of(at) == tile,
                kind,
                at_us,
                chapter: self.chapter_of(at_us),
            })
        });
        let features = (here.features.iter())
            .map(|&index| (plane.point(self.features[index].at), &self.features[index]));
        TileSaid {
            pins: pins.collect(),
            reports: reports.collect(),
            features: features.collect(),
            chapter,
        }
    }

    /// Where a hazard stands with people.
    pub(super) fn work(&self, hazard: HazardId) -> Work {
        Work::after(self.of(hazard))
    }

    /// What was said of a hazard that is evidence or asks for some, with its times, in order.
    pub(super) fn words(&self, hazard: HazardId) -> Vec<(i64, Word)> {
        (self.of(hazard))
            .filter_map(|said| {
                let word = match &said.what {
                    What::Act(act) if act.act == ActKind::Repaired => Word::RepairClaimed,
                    What::Inspection(inspection) => Word::Inspected(inspection.found),
                    _ => return None,
                };
                Some((self.heard_us(said), word))
            })
            .collect()
    }

    fn of(&self, hazard: HazardId) -> impl Iterator<Item = &Said> {
        let none: &[usize] = &[];
        let indices = self.of_hazard.get(&hazard).map_or(none, Vec::as_slice);
        indices.iter().map(|&index| &self.said[index])
    }
}

impl<'a> TileSaid<'a> {
    pub(super) fn pins(&self) -> impl Iterator<Item = &PinHere> {
        self.pins.iter()
    }

    /// The reports of the chapter with their numbers, in order of time.
    pub(super) fn reports(&self) -> impl Iterator<Item = (u32, &ReportHere)> {
        (0..)
            .zip(&self.reports)
            .filter(|(_, report)| report.chapter == self.chapter)
    }

    /// The reports with these names, with their numbers.
    pub(super) fn reports_named(&self, names: &[SaidId]) -> Vec<(u32, &ReportHere)> {
        let numbered = (0..).zip(&self.reports);
        let is_named = |(_, report): &(u32, &ReportHere)| names.contains(&report.id);
        match names {
            [] => Vec::new(),
            _ => numbered.filter(is_named).collect(),
        }
    }

    pub(super) fn report(&self, number: u32) -> &ReportHere {
        &self.reports[number as usize]
    }

    /// The known feature nearest to a place, if one is that near.
    pub(super) fn feature(&self, at: Point, within_m: f64) -> Option<&'a KnownFeature> {
        let near = (self.features.iter()).map(|(point, feature)| (point.distance_m(at), feature));
        let nearest =
            near.min_by(|(a, this), (b, other)| a.total_cmp(b).then(this.id.cmp(&other.id)));
        let (distance_m, feature) = nearest?;
        (distance_m <= within_m).then_some(*feature)
    }
}
