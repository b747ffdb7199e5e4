//! jounce as a library: the order of the stages, the commands, the simulator.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`pipeline`] | one message in, the map's changes out: the order of the stages, written once |
//! | [`replay`] | many traces at once through pipelines of their own, results in order |
//! | [`serve`] | the live server: its settings |
//! | [`cli`], [`commands`] | words in, text out |
//! | [`simulate`] | a made town, its drivers and the truth |
//! | [`drive`] | recorded trips played as phones would send them, and the contract checked |
//! | [`trim`] | the ends of a trip, cut |
//! | [`evaluate`] | how well a detector finds what people marked |
//! | [`evaluate_map`] | how well a map agrees with what really lies in the roads |
//! | [`explain`] | what the detector saw around one moment, in words and as a picture |
//! | [`plot`] | pictures as SVG |
//! | [`train`] | the detector's weights, learnt from what people marked |
//! | [`inspect`] | what a recording holds |
//! | [`render`] | how values look to people |
//!
//! ```
//! use jounce::pipeline::Pipeline;
//! use jounce::simulate::{self, Config};
//!
//! // One made drive, as its phone would publish it, through the stages up to its evidence.
//! let town = simulate::town(&Config { drivers: 1, minutes: 2.0, ..Config::default() });
//! let drive = town.trips().next().expect("one driver makes one trip");
//! let mut pipeline = Pipeline::new(detector::Config::default(), None);
//! for line in simulate::jsonl(&drive).split(|&byte| byte == b'\n').filter(|l| !l.is_empty()) {
//!     if let ingest::wire::Incoming::Message(message) = ingest::wire::decode(line)? {
//!         let key = trip::TripKey { device: drive.device.clone(), trip: message.trip };
//!         pipeline.feed(&key, message);
//!     }
//! }
//! let closed = pipeline.close_all();
//! assert_eq!(closed.len(), 1);
//! assert!(!closed[0].evidence.report.stretches.is_empty());
//! # Ok::<(), ingest::wire::WireError>(())
//! ```

pub mod cli;
pub mod commands;
mod descriptors;
mod dotted;
pub mod drive;
pub mod evaluate;
pub mod evaluate_map;
pub mod explain;
pub mod inspect;
mod packing;
mod parallel;
pub mod pipeline;
pub mod plot;
pub mod render;
pub mod replay;
pub mod serve;
pub mod simulate;
pub mod train;
pub mod trim;
