//! The tables of facts: one trip's evidence in several tables, written and read whole.

mod load;
mod save;

pub(super) use load::{editions, facts};
pub(super) use save::{forget, save};
