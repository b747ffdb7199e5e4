//! Bytes to batches, in order, each once.

mod unit;
pub mod wire;
