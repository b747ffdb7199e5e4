//! The closed chapters without their evidence.

use std::collections::{BTreeMap, BTreeSet};

use super::Evidence;
use super::chapter::Chapter;
use super::coverage;
use super::past::Past;
use super::rates::{self, Lesson, Lessons};
use super::roll::{self, Roll};
use super::rows::Rows;
use super::said::Told;
use super::tell;
use crate::config::Config;
use crate::coverage::Coverage;
use crate::said::SaidId;
use crate::tile::Tile;

/// What is known of the evidence that was sealed, but for places and coverage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sealed {
    /// Everything stamped before this day was sealed, days since 1970: the beginning of a chapter.
    /// `None`: nothing was.
    pub(crate) before: Option<i32>,
    /// The newest dated evidence that was sealed, µs since 1970 UTC.
    pub(crate) newest_us: Option<i64>,
    /// What it taught of detectors: the detector, numbered as the entries are, and the week.
    pub(crate) lessons: Vec<(u16, i32, Lesson)>,
}

impl Sealed {
    /// The first chapter that is still open.
    pub(super) fn first_open(&self) -> Chapter {
        self.before.map_or(Chapter::FIRST, Chapter::of_day)
    }
}

/// What closed chapters leave when their evidence is sealed.
#[derive(Debug, Default)]
pub(crate) struct Settlement {
    /// Trips without a date are sealed as well: they were told in the newest chapter.
    pub(crate) undated: bool,
    /// Of every tile, what is left of its spots, in their order.
    pub(crate) pasts: Vec<(Tile, Past)>,
    /// What was taught of detectors, everything that was sealed before with it.
    pub(crate) lessons: Vec<(u16, i32, Lesson)>,
    /// Of which reports, acts and inspections the pasts know.
    pub(crate) said: BTreeSet<SaidId>,
    /// Which road was passed, without what was sealed before.
    pub(crate) coverage: Vec<Coverage>,
}

/// What is left of the evidence of chapters before the one that begins with the day `before`, with
/// what is left of those that were sealed already. The map is the same when it is folded from there.
///
/// # Errors
/// When the evidence cannot be read.
pub(crate) fn seal<E: Evidence>(
    evidence: &E,
    told: &Told,
    before: i32,
    config: &Config,
) -> Result<Settlement, E::Error> {
    let mut entries = evidence.entries()?;
    let sealed = evidence.sealed()?;
    let until = Chapter::of_day(before);
    let undated = roll::newest(&entries).max(sealed.first_open()) < until;
    entries.retain(|entry| entry.stamp.day().map_or(undated, |day| day < before));
    let roll = Roll::of(entries, sealed.first_open(), told.zone());
    let mut lessons = Lessons::resumed(&sealed.lessons);
    let mut settlement = Settlement {
        undated,
        said: told.known_before(before).collect(),
        ..Settlement::default()
    };
    for tiles in evidence.groups()? {
        let mut rows = Rows::of(config, tiles);
        told.tiles().for_each(|tile| rows.tile(tile));
        evidence.gather(&roll, &mut rows)?;
        for mut rows in rows.tiles() {
            let coverage = coverage::fold(&rows, &roll, config);
            settlement.coverage.extend(coverage);
            rates::judged(&rows, &roll, &mut lessons);
            let pasts = tell::close(&mut rows, until, &roll, &mut lessons, told, config);
            let tile = rows.tile;
            (settlement.pasts).extend(pasts.into_iter().map(|past| (tile, past)));
        }
    }
    settlement.lessons = lessons.of_detectors();
    let rates = lessons.rates(&config.rates);
    for (_, past) in &mut settlement.pasts {
        let words = std::mem::take(&mut past.words);
        past.log.seal(&words, past.heeded, &rates, &roll, config);
    }
    Ok(settlement)
}

/// Adds what is known of the same cells, directions and weeks together; in spatial order. Drivers
/// do not add up: the most in any part stand.
pub(crate) fn add(coverage: impl IntoIterator<Item = Coverage>) -> Vec<Coverage> {
    let mut sums: BTreeMap<_, Coverage> = BTreeMap::new();
    for more in coverage {
        let key = (more.cell, more.octant, more.week);
        let Some(sum) = sums.get_mut(&key) else {
            sums.insert(key, more);
            continue;
        };
        sum.passes += more.passes;
        sum.able_passes += more.able_passes;
        sum.drivers = sum.drivers.max(more.drivers);
        sum.rough_passes += more.rough_passes;
        sum.log_rms_sum_micro += more.log_rms_sum_micro;
        sum.speed_passes += more.speed_passes;
        sum.speed_sum_mmps += more.speed_sum_mmps;
    }
    sums.into_values().collect()
}
