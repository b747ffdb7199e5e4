//! The fold: what was felt, passed and said in, hazards and coverage out. Pure.
//!
//! The globe is folded tile by tile; what a tile says depends on the evidence on it and in its halo
//! alone. Within a tile everything is walked in canonical order (stamp day, trip, time), so the
//! map is the same whatever order the facts came in, however often, and whoever holds them:
//!
//! | module | says |
//! | --- | --- |
//! | `roll` | which trip comes when, and whose it is |
//! | `chapter`, `tell` | the evidence season by season |
//! | `past`, `gathered` | what closed chapters leave of a place, and what its bumps amount to |
//! | `seal` | the closed chapters without their evidence |
//! | `rows`, `leg` | what trips said of one tile; pieces of their tracks |
//! | `said` | what people said of it |
//! | `jolt`, `spot`, `grid` | the bumps of one pass over one object; a place; what lies near what |
//! | `associate` | which bumps are of the same place |
//! | `place` | where that is |
//! | `passes`, `vehicle` | who passed it, and whether they felt it |
//! | `log` | what was heard of it, kept until everybody's worth is known |
//! | `course`, `rates` | what to believe of it, day by day; how much a driver's word is worth |
//! | `assemble` | all that is known of a hazard, put together |
//! | `coverage` | which road was passed at all |

mod assemble;
mod associate;
mod chapter;
mod course;
mod coverage;
mod gathered;
mod grid;
mod jolt;
mod leg;
mod log;
mod passes;
mod past;
mod place;
mod rates;
mod roll;
mod rows;
mod said;
mod seal;
mod spot;
mod tell;
mod vehicle;

use crate::config::Config;
use crate::coverage::Coverage;
use crate::hazard::{Hazard, HazardId};
use crate::said::SaidId;
use crate::tile::Tiles;

use assemble::Draft;
use rates::Lessons;

pub(crate) use chapter::Chapter;
pub(crate) use past::Past;
pub(crate) use rates::{Lesson, monday_of_week, week_of};
pub(crate) use roll::{Entry, Roll};
use rows::TileRows;
#[cfg(test)]
pub(crate) use rows::turn_deg;
pub(crate) use rows::{BumpRow, Rows, StretchRow};
pub(crate) use said::Told;
pub(crate) use seal::{Sealed, Settlement, add, seal};

/// Whoever holds what trips said.
pub(crate) trait Evidence {
    /// Why it cannot be read.
    type Error;

    /// Every trip, in any order.
    fn entries(&self) -> Result<Vec<Entry>, Self::Error>;

    /// What is left of the evidence that was sealed. What it left of spots comes with the rows, what
    /// it left of coverage is added by the caller.
    fn sealed(&self) -> Result<Sealed, Self::Error>;

    /// The tiles in groups that are folded one after the other, in their order. Together they are all
    /// tiles that anything lies in.
    fn groups(&self) -> Result<Vec<Tiles>, Self::Error>;

    /// Hands over what the trips of the roll said of the tiles that `rows` wants, and what sealed
    /// chapters left of the spots there, in their order; more does no harm.
    fn gather(&self, roll: &Roll, rows: &mut Rows<'_>) -> Result<(), Self::Error>;
}

/// What the evidence says, seen from one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// The moment: µs since 1970 UTC; `None` when no evidence has a date.
    pub as_of_us: Option<i64>,
    /// Every hazard, tile by tile, in spatial order.
    pub hazards: Vec<Hazard>,
    /// Names that were joined into others: which, into which.
    pub joined: Vec<(HazardId, HazardId)>,
    /// Which hazard each citizen's report is of, in order of the reports' names.
    pub reported: Vec<(SaidId, HazardId)>,
    /// Every cell that anybody passed, in spatial order.
    pub coverage: Vec<Coverage>,
}

/// What the evidence stamped up to the day of `as_of_us` says, seen from that moment; without one,
/// what all of it says, seen from the newest dated evidence. Undated evidence always counts.
///
/// # Errors
/// When the evidence cannot be read.
pub(crate) fn project<E: Evidence>(
    evidence: &E,
    told: &Told,
    as_of_us: Option<i64>,
    config: &Config,
) -> Result<Projection, E::Error> {
    let mut entries = evidence.entries()?;
    let (zone, sealed) = (told.zone(), evidence.sealed()?);
    let dated_us = |entry: &Entry| entry.stamp.dated_us(entry.last_us, zone);
    let newest_us = || {
        let open_us = entries.iter().filter_map(dated_us).max();
        open_us.max(sealed.newest_us)
    };
    let as_of_us = as_of_us.or_else(|| newest_us().max(told.newest_seen_us()));
    let as_of_day = as_of_us.map(|as_of_us| zone.day_of(as_of_us));
    entries.retain(|entry| entry.stamp.day().is_none_or(|day| Some(day) <= as_of_day));
    let roll = Roll::of(entries, sealed.first_open(), zone);
    let mut lessons = Lessons::resumed(&sealed.lessons);
    let mut drafts = Vec::new();
    let mut projection = Projection {
        as_of_us,
        ..Projection::default()
    };
    for tiles in evidence.groups()? {
        let mut rows = Rows::of(config, tiles);
        told.tiles().for_each(|tile| rows.tile(tile));
        evidence.gather(&roll, &mut rows)?;
        for mut rows in rows.tiles() {
            let folded = tile(&mut rows, &roll, &mut lessons, told, config);
            rates::judged(&rows, &roll, &mut lessons);
            for draft in &folded.drafts {
                lessons.learn(&draft.log, &config.rates);
            }
            (projection.reported).extend(folded.drafts.iter().flat_map(Draft::reported));
            drafts.extend(folded.drafts);
            projection.joined.extend(folded.joined);
            projection.coverage.extend(folded.coverage);
        }
    }
    let rates = lessons.rates(&config.rates);
    let hazard = |draft: Draft| draft.hazard(&rates, &roll, as_of_day, config);
    projection.hazards = drafts.into_iter().map(hazard).collect();
    projection.reported.sort_unstable();
    (projection.coverage).sort_by_key(|cell| (cell.cell, cell.octant, cell.week));
    Ok(projection)
}

/// What is known of one tile.
#[derive(Debug)]
struct Folded {
    /// Its hazards, in spatial order.
    drafts: Vec<Draft>,
    /// Names that were joined into others: which, into which.
    joined: Vec<(HazardId, HazardId)>,
    /// Its cells, week by week.
    coverage: Vec<Coverage>,
}

/// Folds one tile.
fn tile(
    rows: &mut TileRows,
    roll: &Roll,
    lessons: &mut Lessons,
    told: &Told,
    config: &Config,
) -> Folded {
    let coverage = coverage::fold(rows, roll, config);
    let last = tell::last(rows, roll, lessons, told, config);
    let (drafts, joined) = assemble::drafts(last, rows, roll, told, config);
    Folded {
        drafts,
        joined,
        coverage,
    }
}
