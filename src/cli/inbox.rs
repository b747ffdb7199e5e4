//! The options of `jounce inbox …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use trip::{DeviceId, TripId};

/// `jounce inbox …`
#[derive(Debug, Subcommand)]
pub enum InboxCommand {
    /// Write what phones sent as traces, one message a line
    Export(InboxExport),
    /// How much there is, of how many trips, and how old
    Stats(InboxStats),
}

/// `jounce inbox export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce inbox export > all.jsonl                        everything that can still be read
  jounce inbox export --device d-8m3k2v9xq4t7w1zc -o one.jsonl
  jounce inbox export | jounce replay - --map again.duckdb

Lines hold devices and positions: they are for whoever answers for the data, and nobody else. Of a trip
that is over the ends are cut; what was erased is not there.")]
pub struct InboxExport {
    /// The folder that the server holds, or held
    #[arg(long, value_name = "DIR", default_value = "jounce-data")]
    pub data: PathBuf,
    /// Only of this device
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<DeviceId>,
    /// Only of this trip
    #[arg(long, value_name = "TRIP")]
    pub trip: Option<TripId>,
    /// Where to, in place of standard output; only its owner may read it
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `jounce inbox stats`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce inbox stats
  jounce inbox stats --data /var/lib/jounce --json")]
pub struct InboxStats {
    /// The folder that the server holds, or held
    #[arg(long, value_name = "DIR", default_value = "jounce-data")]
    pub data: PathBuf,
    /// For machines
    #[arg(long)]
    pub json: bool,
}
