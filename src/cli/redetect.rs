//! The options of `jounce redetect`.

use clap::Args;

use super::Replay;

/// `jounce redetect`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce redetect drives/ --map potholes.duckdb                      after an update of jounce
  jounce redetect drives/ --map potholes.duckdb --config mine.toml   by other numbers

New evidence takes the place of what a trip had said: one detector counts per trip. Trips that the
map does not hold are left alone and named; `replay` takes them in. Trips that only the phone's own
detector judged cannot be judged again. The map keeps no raw readings: they come from the traces.")]
pub struct Redetect {
    /// Where the readings are, and how to judge them
    #[command(flatten)]
    pub replay: Replay,
}
