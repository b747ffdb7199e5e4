//! The inbox: what phones sent, on disk before anybody is told so.

mod put;

pub use put::{Answer, Closed, Letter, Outcome, Put, Slot};
