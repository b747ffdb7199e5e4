//! `jounce serve`: phones in, a map out, in one process.
//!
//! ```text
//! phones ─ MQTT, WebSocket ─► door ─┐                    ┌─► clerk ─► cartographer ─► map
//!        ─ POST /v1/batches ─► http ┼─► Slot ─► inbox ───┘
//! broker ─ MQTT ───────────► bridge ┘
//! ```
//!
//! | module | what it does |
//! | --- | --- |
//! | `settings` | `jounce.toml` |
//! | `clerk` | settles trips that ended, has them judged, brings them to the map |
//! | `settle` | what is kept of a trip |
//! | `cartographer` | the thread that has the map |
//! | `http` | batches, enrolment, WebSocket, figures |
//! | `control` | commands on a directory that a server holds |
//! | `desk` | what the server does with them |
//! | `forget` | what a driver withdraws |
//! | `backup` | a copy to go on from |
//! | `folder` | the data directory |

pub mod backup;
pub mod cartographer;
pub mod clerk;
pub mod control;
mod desk;
pub mod folder;
pub(crate) mod forget;
mod http;
mod run;
pub mod settings;
pub mod settle;
mod websocket;

pub use run::run;
