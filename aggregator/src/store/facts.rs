//! The tables of facts: one trip's evidence in several tables. Whole trips go in, rows of a region
//! come out.
//!
//! A trip has a number in the map, its `trip_no`; a later reading of the same trip keeps it.

mod gather;
mod save;
mod sift;
mod trips;

pub(super) use gather::{Facts, bump_places};
pub(super) use save::{forget, save};
pub(super) use sift::Sift;
pub(super) use trips::{Known, known, names, next_number, save_lessons};
