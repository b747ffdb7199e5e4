//! The fold: what was felt, passed and said in, hazards and coverage out. Pure.
//!
//! The globe is folded tile by tile; what a tile says depends on the evidence on it and in its halo
//! alone. Within a tile everything is walked in canonical order (stamp day, trip, time), so the
//! map is the same whatever order the facts came in, however often, and whoever holds them:
//!
//! | module | says |
//! | --- | --- |
//! | `roll` | which trip comes when, and whose it is |
//! | `rows` | what trips said of one tile |
//! | `said` | what people said of it |
//! | `jolt`, `spot`, `grid` | the bumps of one pass over one object; a place; what lies near what |
//! | `associate` | which bumps are of the same place |
//! | `place` | where that is |
//! | `passes`, `vehicle` | who passed it, and whether they felt it |
//! | `course`, `rates` | what to believe of it, day by day; how much a driver's word is worth |
//! | `assemble` | all that is known of a hazard, put together |
//! | `coverage` | which road was passed at all |

mod assemble;
mod associate;
mod course;
mod coverage;
mod grid;
mod jolt;
mod passes;
mod place;
mod rates;
mod roll;
mod rows;
mod said;
mod spot;
mod vehicle;

use crate::config::Config;
use crate::coverage::Coverage;
use crate::hazard::{Hazard, HazardId};

pub(crate) use roll::{Entry, Roll};
pub(crate) use rows::{BumpRow, Rows, StretchRow, TileRows};
pub(crate) use said::Told;

/// What is known of one tile.
#[derive(Debug, Default)]
pub(crate) struct Folded {
    /// Its hazards, in spatial order.
    pub(crate) hazards: Vec<Hazard>,
    /// Names that were joined into others: which, into which.
    pub(crate) joined: Vec<(HazardId, HazardId)>,
    /// Its cells, in the order of cell, direction and week.
    pub(crate) coverage: Vec<Coverage>,
}

/// Folds one tile, as seen at the end of `as_of_day`.
pub(crate) fn tile(
    rows: &TileRows,
    roll: &Roll,
    told: &Told,
    as_of_day: Option<i32>,
    config: &Config,
) -> Folded {
    let said = told.of_tile(rows.tile);
    let places = associate::associate(rows, &said, roll, config);
    let words = assemble::words(&places, &said, told);
    let heard = passes::hear(rows, roll, &places, words, config);
    let (hazards, joined) =
        assemble::hazards((rows, roll), &places, heard, &said, told, as_of_day, config);
    Folded {
        hazards,
        joined,
        coverage: coverage::fold(rows, roll, config),
    }
}
