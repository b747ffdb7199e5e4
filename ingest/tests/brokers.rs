//! The bridge against the real mosquitto and the real nats-server, with the very files of `deploy/`.
//!
//! A broker that is not installed is skipped out loud. `JOUNCE_ROUNDS` says how often brokers, servers
//! and networks fail in the middle (default 3).

#![expect(
    clippy::unwrap_used,
    reason = "a test says what went wrong by panicking"
)]

#[path = "brokers/access.rs"]
mod access;
#[path = "brokers/broker.rs"]
mod broker;
#[path = "brokers/faults.rs"]
mod faults;
#[path = "brokers/passage.rs"]
mod passage;
#[path = "brokers/phone.rs"]
mod phone;
#[path = "brokers/proxy.rs"]
mod proxy;
#[path = "brokers/server.rs"]
mod server;

use std::time::{Duration, Instant};

/// Waits until it is so.
async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let began = now();
    while !so() {
        assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests measure how long they take"
)]
fn now() -> Instant {
    Instant::now()
}

/// How often things fail in the middle.
fn rounds() -> u32 {
    let rounds = std::env::var("JOUNCE_ROUNDS").ok();
    rounds.map_or(3, |rounds| rounds.parse().expect("a number of rounds"))
}
