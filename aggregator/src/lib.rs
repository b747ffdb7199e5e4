//! Reports of many drivers to hazards on a map.
//!
//! One phone's bump is a rumour. This crate keeps what every trip said, felt and *unfelt*, and
//! folds it into what many drivers together say is there:
//!
//! ```text
//! TripEvidence ─► Store::record ─► facts ─► Ledger ─► hazards, coverage ─► queries, GeoJSON
//! ```
//!
//! - **Facts** are the evidence of whole trips, each trip once. Recording the same again changes
//!   nothing; a longer reading or another detector's replaces ([`Edition::verdict_on`]).
//! - **The projection** (hazards and coverage) is folded from the facts in canonical order: stamp
//!   day, trip, time. Any order of recording, any number of repeats gives the same bytes.
//! - **Evidence time is the only clock.** Belief is seen from a moment, by default that of the
//!   newest dated evidence. Undated trips are mapped, never fade and prove no repair.
//! - **Nobody is in the map.** Trips are hashes, devices are pseudonyms of one season, under keys
//!   that lie in another file ([`SeasonKeys`]).
//!
//! | module | holds |
//! | --- | --- |
//! | `evidence` | [`TripEvidence`], [`Fact`]: what a trip said |
//! | `identity` | [`TripHash`], [`Driver`]: who said it, as the map may know |
//! | `stamp`, `zone` | [`Stamp`], [`Season`], [`Week`]: when it counts; [`Zone`]: where days begin |
//! | `area` | [`Area`]: whose roads they are |
//! | `config` | [`Config`]: every number the map judges by |
//! | `ledger` | [`Ledger`]: facts in memory (pure) |
//! | `fold` | what facts say, tile by tile (pure) |
//! | `said` | [`Said`]: what people said |
//! | `hazard` | [`Hazard`]: what is believed to be there |
//! | `cells`, `tile`, `track` | the globe in cells and in tiles, tracks in legs |
//! | `query` | [`HazardQuery`], [`Bbox`]: questions to a map |
//! | `survey` | [`survey()`]: was this road surveyed, and what was found? |
//! | `release` | [`Layer`], [`Audience`]: what leaves the house, and for whom (pure) |
//! | `store` | [`Store`]: the DuckDB file; tables in `SCHEMA.md` |
//! | [`geojson`] | hazards for desktop tools |

mod area;
mod cells;
mod config;
mod coverage;
mod evidence;
mod fold;
pub mod geojson;
mod hazard;
mod identity;
mod ledger;
mod query;
mod release;
mod said;
mod stamp;
mod store;
#[cfg(test)]
mod street;
mod survey;
mod tile;
mod track;
mod zone;

pub use area::{Area, AreaId, AreaIdError};
pub use config::{
    BeliefRule, Config, Gate, PlaceRule, RateRule, ReleaseRule, RetentionRule, SurveyRule,
    TrackRule, VehicleRule,
};
pub use coverage::Coverage;
pub use evidence::{Edition, Fact, Recorded, TripEvidence};
pub use hazard::{EvidenceState, FeltWeek, Hazard, HazardId, HazardIdError, Move, Remark};
pub use identity::{Driver, HashError, SeasonKeys, TripHash};
pub use ledger::{Ledger, Projection};
pub use query::{Bbox, BboxError, HazardQuery, rank};
pub use release::{Audience, Layer};
pub use said::{
    Act, ActKind, CitizenReport, CloseReason, Inspection, KnownFeature, OutsideReference, Pin,
    Reference, Said, SaidId, SaidIdError, What, Work, WorkState,
};
pub use stamp::{Season, SpanError, Stamp, Week};
pub use store::{
    Answered, Export, Exported, Format, Mode, ReleaseError, Retained, SaidIds, Store, StoreError,
    Summary, Taken,
};
pub use survey::{Answer, Survey, cell_at, survey};
pub use zone::{Zone, ZoneError};
