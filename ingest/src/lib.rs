//! Bytes to batches, in order, each once.

pub mod labels;
mod name;
mod unit;
pub mod wire;
