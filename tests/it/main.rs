//! The whole from outside: the program as people run it, and the library as its own tests cannot.

#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

mod accuracy;
mod area;
mod bad_input;
mod cli;
mod docs;
mod drive;
mod evaluate;
mod evaluate_map;
mod explain;
mod export;
#[cfg(target_os = "linux")]
mod faults;
mod fusion;
mod house;
mod invariance;
mod order;
mod people;
mod plots;
mod real;
mod redetect;
mod repairs;
mod reports;
mod retain;
mod samples;
mod serve;
mod stop;
mod support;
mod sweep;
mod train;
