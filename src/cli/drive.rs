//! The options of `jounce drive`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::share;
use crate::drive::target::Target;

/// `jounce drive`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("door").required(true).args(["broker", "post"]),
    after_help = "\
Examples:
  jounce drive drives/ --broker mqtt://127.0.0.1:1883              every trip once, as fast as it was driven
  jounce drive drives/ --broker mqtt://127.0.0.1:1883 --speedup 60
  jounce drive drives/ --post http://127.0.0.1:8080 --phones 100 --minutes 10
  jounce drive drives/ --broker mqtt://127.0.0.1:1883 --phones 20 --offline 0.2 --resend 0.1 --reconnect-every 45
  jounce drive --broker mqtt://127.0.0.1:1883 --storm 5000
  jounce drive --broker mqtt://127.0.0.1:1883 --raw-publishes 1000000 --connections 500

Trips are played as phones would send them: under trip ids of their own, moved in time so that they
end now, each message kept until an ack covers it and sent again until then. At the end stands what was
made, acked, sent again and refused. A server that is not open wants --credentials or --invite.

Exit codes: 0 every message is acked or refused with a reason · 1 some are neither · 130 stopped by Ctrl-C, nothing lost"
)]
pub struct Drive {
    /// Traces (.csv, .jsonl, also .gz and .zst), or folders of them
    #[arg(value_name = "PATH", required_unless_present_any = ["storm", "raw_publishes"], conflicts_with_all = ["storm", "raw_publishes"])]
    pub paths: Vec<PathBuf>,
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "brackets of an address, as people read them"
    )]
    /// Send by MQTT 3.1.1: mqtt://[USER[:SECRET]@]HOST:PORT
    #[arg(long, value_name = "URL")]
    pub broker: Option<Target>,
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "brackets of an address, as people read them"
    )]
    /// Send by POST /v1/batches: http://[USER[:SECRET]@]HOST:PORT
    #[arg(long, value_name = "URL")]
    pub post: Option<Target>,
    /// Phones; without it one for each trip
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub phones: Option<u32>,
    /// Phones make one trip after the other for so long, the first from anywhere in its middle
    #[arg(long, value_name = "M", value_parser = minutes)]
    pub minutes: Option<f64>,
    /// Send so many times faster than it was driven; the times of the readings stay
    #[arg(long, default_value_t = 1.0, value_name = "X", value_parser = speedup)]
    pub speedup: f64,
    /// How much of a drive one message holds
    #[arg(long, default_value_t = 10.0, value_name = "S", value_parser = batch)]
    pub batch_seconds: f64,
    /// Sense as a page in a browser does: at most 60 Hz in steps of 0.1 m/s²
    #[arg(long)]
    pub browser: bool,
    /// Seed of everything random, such as trip ids; without it each run has its own
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Print the account for programs
    #[arg(long)]
    pub json: bool,
    /// Write what became of every trip: device, trip, made, acked, nacked
    #[arg(long, value_name = "FILE.csv")]
    pub ledger: Option<PathBuf>,
    /// How phones behave
    #[command(flatten)]
    pub habits: Habits,
    /// As whom phones come
    #[command(flatten)]
    pub logins: Logins,
    /// Load on the door
    #[command(flatten)]
    pub load: Load,
}

/// How phones behave.
#[derive(Debug, Args)]
#[command(next_help_heading = "Trouble on the road")]
pub struct Habits {
    /// Share of the time that a phone is offline, in gaps of about 30 s
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = offline)]
    pub offline: f64,
    /// Share of the messages that are sent twice
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share)]
    pub resend: f64,
    /// Break the connection about so often
    #[arg(long, value_name = "S", value_parser = seconds)]
    pub reconnect_every: Option<f64>,
    /// Wait so long for an ack after the last one when all is said
    #[arg(long, default_value_t = 60.0, value_name = "S", value_parser = seconds)]
    pub flush_seconds: f64,
}

/// As whom phones come.
#[derive(Debug, Args)]
#[command(next_help_heading = "Who the phones are")]
pub struct Logins {
    /// What the names of phones begin with, where the server lets in anybody
    #[arg(long, default_value = "drive-", value_name = "TEXT")]
    pub device_prefix: String,
    /// Come as these devices: CSV with the columns device and secret
    #[arg(long, value_name = "FILE.csv", conflicts_with = "invite")]
    pub credentials: Option<PathBuf>,
    /// Enrol every phone by this invitation first
    #[arg(long, value_name = "CODE")]
    pub invite: Option<String>,
    /// Where the invitation is traded in, if it is not where --post leads
    #[arg(long, value_name = "URL", requires = "invite")]
    pub http: Option<Target>,
}

/// Load on the door.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load on the door")]
pub struct Load {
    /// Connect from so many addresses 127.0.0.2 …: one reaches a door over 28,000 ports
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u8).range(..=250))]
    pub sources: u8,
    /// Threads that drive phones
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub threads: u8,
    /// Instead of trips: connect so many phones at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000), requires = "broker", conflicts_with = "raw_publishes")]
    pub storm: Option<u32>,
    /// Instead of trips: publish so many messages as fast as the door takes them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), requires = "broker")]
    pub raw_publishes: Option<u64>,
    /// Size of a raw message in bytes
    #[arg(long, default_value_t = 2048, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=200_000), requires = "raw_publishes")]
    pub payload_bytes: u32,
    /// Connections that publish
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000), requires = "raw_publishes")]
    pub connections: u32,
    /// Raw messages under way on each connection
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000), requires = "raw_publishes")]
    pub window: u16,
}

fn within(text: &str, from: f64, to: f64, words: &str) -> Result<f64, String> {
    let value = text
        .parse()
        .ok()
        .filter(|value| (from..=to).contains(value));
    value.ok_or_else(|| words.to_owned())
}

fn minutes(text: &str) -> Result<f64, String> {
    within(text, 0.05, 10_000.0, "minutes from 0.05 to 10000")
}

fn speedup(text: &str) -> Result<f64, String> {
    within(text, 0.01, 1e6, "a factor from 0.01 to 1000000")
}

fn batch(text: &str) -> Result<f64, String> {
    within(text, 0.1, 60.0, "seconds from 0.1 to 60")
}

fn offline(text: &str) -> Result<f64, String> {
    within(text, 0.0, 0.95, "a number from 0 to 0.95")
}

fn seconds(text: &str) -> Result<f64, String> {
    within(text, 0.1, 1e6, "seconds from 0.1 to 1000000")
}
