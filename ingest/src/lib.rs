//! Bytes to batches, in order, each once.
//!
//! What a phone sends, or a file holds, comes in here and leaves as the project's own words, in SI
//! units, checked: nobody behind this crate asks again whether a latitude is one.
//!
//! | module | what it does | pure |
//! | --- | --- | --- |
//! | [`wire`] | one message: inflate, read JSON or CBOR, hold the limits, convert to SI; and the types that collectors fill in ([`wire::v1`]). The contract is `WIRE.md` | yes |
//! | [`ack`] | what a server says it has of a trip | yes |
//! | [`bridge`] | what comes through somebody else's MQTT broker, into the inbox | sockets |
//! | [`inbox`] | what phones sent, on disk before anybody is told so | files, two threads |
//! | [`outbox`] | a collector's side of the contract: what it keeps, sends, and sends again until an ack covers it | yes |
//! | [`foreign`] | what other apps send live, translated into the wire | yes |
//! | [`mqtt`] | packets of MQTT 3.1.1 to and from bytes | yes |
//! | [`door`] | the MQTT server for phones: who may come, two topics a device, PUBACK when a message is on disk | sockets |
//! | [`intake`] | the messages of a trip in order, each once; what is missing is declared a gap | yes |
//! | [`devices`] | who may send: credentials, invites, and who is slowed down | keeps files |
//! | [`causes`] | an error and what caused it, in one line | yes |
//! | [`clock`] | the server's clock, and its days | the clock |
//! | [`trace`] | a file (`.jsonl`, `.csv`, or what a sensor app exports) as the messages it holds, with what was refused and where | reads files |
//! | [`folder`] | which files below a directory are traces, and what the others are | reads files |
//! | [`labels`] | what people marked beside a trace | yes |
//! | [`road`] | how rough the road beside a trace truly is | yes |
//!
//! The walk of a message, live or replayed:
//!
//! ```text
//! bytes ─ wire::decode ─▶ Message ─ intake.admit ─▶ Messages whose turn it is ─▶ detector
//! file  ─ trace::Trace ─▶ Message ─┘
//! ```
//!
//! **Where do g and km/h become m/s² and m/s?** In `unit.rs`, called by [`wire::decode`] and by
//! the readers of apps' exports; the CSV format is SI as it stands. **What happens to a message that arrives twice?** [`intake`] drops
//! and counts it: a message is (device, trip, seq), and the first one counts.
//!
//! ```
//! use ingest::intake::Intake;
//! use ingest::trace::Trace;
//!
//! let file = "t,ax,ay,az\n0.00,0.1,0.2,9.8\n0.02,0.1,0.3,9.9\n";
//! let mut intake = Intake::default();
//! for message in Trace::read("drive.csv".as_ref(), file.as_bytes(), None)? {
//!     let message = message?;
//!     let key = message.key().expect("a trace names its device");
//!     assert_eq!(intake.admit(&key, message.clone()).ready.len(), 1);
//!     assert_eq!(intake.admit(&key, message).tally.duplicates, 1);
//! }
//! # Ok::<(), ingest::trace::Refusal>(())
//! ```

pub mod ack;
pub mod bridge;
pub mod causes;
pub mod clock;
pub mod devices;
mod disk;
pub mod door;
pub mod folder;
pub mod foreign;
mod gravity;
mod hex;
pub mod inbox;
pub mod intake;
pub mod labels;
pub mod mqtt;
mod name;
pub mod outbox;
pub mod road;
pub mod trace;
mod unit;
pub mod wire;
