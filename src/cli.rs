//! Commands and options, in words.

mod backup;
mod device;
mod drive;
mod evaluate_map;
mod explain;
mod inbox;
mod map;
mod place;
mod redetect;
mod refer;
mod score;
mod serve;
mod simulate;
mod train;
mod when;

use std::path::PathBuf;

use aggregator::Bbox;
use clap::{Args, Parser, Subcommand, ValueEnum};
use trip::DeviceId;

pub use backup::{Backup, Restore};
pub use device::{
    DeviceAdd, DeviceCommand, DeviceData, DeviceInvite, DeviceList, DeviceRenew, DeviceRevoke,
};
pub use drive::Drive;
pub use evaluate_map::{EvaluateMap, EvaluateMapFormat};
pub use explain::Explain;
pub use inbox::{InboxCommand, InboxExport, InboxStats};
pub use map::{
    ActWord, Found, HistoryFormat, MapAct, MapArea, MapCoverage, MapExport, MapForget, MapHistory,
    MapImportKnown, MapImportRepairs, MapInspect, MapRebuild, MapReport, MapRetain, MapShow,
    MapSnapshot, MapSql, ShowFormat, SqlFormat,
};
pub use redetect::Redetect;
pub use refer::MapRefer;
pub use score::{By, DetectorName, Diff, DiffFormat, Evaluate, EvaluateFormat, Marks, Sweep};
pub use serve::Serve;
pub use simulate::{Preset, ReportOptions, Simulate};
pub use train::Train;
pub use when::When;

/// Road survey by volunteers' phones: recorded drives in, a pothole map out.
#[derive(Debug, Parser)]
#[command(
    name = "jounce",
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  jounce replay sample-traces --map potholes.duckdb   build a map from recorded drives
  jounce map list potholes.duckdb                     what drivers felt, and how sure that is
  jounce detect drive.csv.gz                          the bumps of one drive
  jounce inspect drive.csv.gz                         what the recording holds

Exit codes: 0 all good · 1 something was refused, the rest is done · 2 wrong usage · 130 stopped by Ctrl-C"
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build or extend a map from recorded drives
    Replay(Replay),
    /// Judge the trips of a map anew, by other numbers or another version
    Redetect(Redetect),
    /// List the bumps of one recorded drive
    Detect(Detect),
    /// Make drives over a made town, or reports of a whole city, with the exact truth beside them
    Simulate(Simulate),
    /// Play recorded drives to a server as phones would, and check that nothing is lost
    Drive(Box<Drive>),
    /// Ask a map
    #[command(subcommand)]
    Map(MapCommand),
    /// Say what a recording holds: rate, gaps, axes, gravity, GPS
    Inspect(Inspect),
    /// Score a detector against what people marked
    Evaluate(Evaluate),
    /// Score a map against what really lies in the roads
    EvaluateMap(EvaluateMap),
    /// Score many configurations of the detector, one row each
    Sweep(Sweep),
    /// Show event by event what changes between two configurations
    Diff(Diff),
    /// Say and draw why a moment is a bump, or is none
    Explain(Explain),
    /// Learn the detector's weights from marked drives
    Train(Train),
    /// Take in what phones send, live
    Serve(Serve),
    /// Who may send: devices and invites
    #[command(subcommand)]
    Device(DeviceCommand),
    /// What phones sent
    #[command(subcommand)]
    Inbox(InboxCommand),
    /// Copy a server's folder to a safe place
    Backup(Backup),
    /// Make a server's folder from a backup
    Restore(Restore),
}

/// `jounce replay`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce replay drives/ --map potholes.duckdb         every trace below the folder
  jounce replay a.csv.gz b.jsonl --map potholes.duckdb
  zcat a.csv.gz | jounce replay - --map potholes.duckdb
  jounce replay drives/ --map mine.duckdb --config mine.toml

A trace that is in the map already changes nothing, whatever its name; judged by other numbers it
takes the place of what stands. A longer reading of a trip takes the place of a shorter one. What
Sensor Logger, phyphox, SensorLog and Physics Toolbox export is a trace as it is (docs/PHONES.md).
Labels, catalogues and clip collections in a folder are passed over and listed.")]
pub struct Replay {
    /// Traces (.csv, .jsonl, apps' exports), folders of them, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The map to build or extend
    #[arg(long, value_name = "FILE.duckdb")]
    pub map: PathBuf,
    /// The device that recorded traces which do not name one
    #[arg(long, value_name = "ID")]
    pub device: Option<DeviceId>,
    /// Cut the first and last 300 m and 60 s of every trip, as a server does
    #[arg(long)]
    pub trim: bool,
    /// Numbers of the detector that differ from the shipped ones
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
}

/// `jounce detect`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce detect drive.csv.gz
  jounce detect drive.csv.gz --format csv --candidates > candidates.csv
  zcat drive.csv.gz | jounce detect - --format ndjson
  jounce detect drive.csv.gz --skipped                why this and that second gave no bump

CSV columns: t (s, the trace's own clock), score, kind, severity (m/s² at 40 km/h, blank without
speed), lat, lon (degrees, blank without fixes), sigma_m (standard deviation per axis).")]
pub struct Detect {
    /// A trace, or - for standard input
    #[arg(value_name = "TRACE")]
    pub trace: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = DetectFormat::Table)]
    pub format: DetectFormat,
    /// Also those below the threshold, for a precision/recall curve
    #[arg(long)]
    pub candidates: bool,
    /// Instead of bumps, the time that was not judged and why
    #[arg(long, conflicts_with = "candidates")]
    pub skipped: bool,
    /// Numbers of the detector that differ from the shipped ones
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
}

/// How `detect` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DetectFormat {
    /// For people
    Table,
    /// t,score,kind,severity,lat,lon,sigma_m
    Csv,
    /// One array with everything that was measured and concluded
    Json,
    /// The same, one object per line
    Ndjson,
}

/// `jounce map …`
#[derive(Debug, Subcommand)]
pub enum MapCommand {
    /// Every hazard in every state
    List(MapList),
    /// What the map holds, in numbers
    Summary(MapSummary),
    /// Whose roads they are and where their days begin: show it, or say it of a new map
    Area(MapArea),
    /// Which road was surveyed, and what was found
    Coverage(MapCoverage),
    /// One hazard in plain words
    Show(MapShow),
    /// What happened to a hazard: what people said, what the evidence did
    History(MapHistory),
    /// Write down what staff decided about a hazard
    Act(MapAct),
    /// Write down what an inspector found
    Inspect(MapInspect),
    /// Write down what a citizen reported
    Report(MapReport),
    /// Write down what a hazard is called in another system
    Refer(MapRefer),
    /// Take in a layer of castings, humps, rails and joints that the city knows of
    ImportKnown(MapImportKnown),
    /// Take in a crew's list of repairs
    ImportRepairs(MapImportRepairs),
    /// Write a layer of the map to a file, for everybody, staff or research
    Export(MapExport),
    /// Write what an audience may have to a DuckDB file of its own
    Snapshot(MapSnapshot),
    /// Seal old seasons: sums stay, tracks and trips go
    Retain(MapRetain),
    /// Take everything that a device said out of the map
    Forget(MapForget),
    /// Ask in SQL; the tables stand in SCHEMA.md
    Sql(MapSql),
    /// Fold hazards and coverage anew from the facts
    Rebuild(MapRebuild),
}

/// `jounce map list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map list potholes.duckdb --min-confidence 0.9
  jounce map list potholes.duckdb --bbox -8.70,41.10,-8.55,41.20 --format geojson > potholes.geojson
  jounce map list potholes.duckdb --as-of 2026-02-01

Without options every hazard is listed, candidates of a single pass included. A hazard is confirmed
when at least three drivers felt it and it is 99 % sure. --as-of shows the map as the evidence stood
then: an RFC 3339 time, or a date, which counts to its end in the time zone of the map's area (UTC
unless it has one). A box whose west lies east of its east spans the date line.")]
pub struct MapList {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    /// Only inside this box: west,south,east,north in degrees
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub bbox: Option<Bbox>,
    /// Only with at least this confidence, 0 to 1
    #[arg(long, value_name = "P", value_parser = share)]
    pub min_confidence: Option<f64>,
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// As the evidence stood at this time
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<When>,
}

/// How `map list` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For GIS (RFC 7946)
    Geojson,
    /// For programs
    Json,
}

/// `jounce map summary`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map summary potholes.duckdb")]
pub struct MapSummary {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = SummaryFormat::Table)]
    pub format: SummaryFormat,
}

/// How `map summary` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SummaryFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

/// `jounce inspect`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce inspect drive.csv.gz
  zcat drive.csv.gz | jounce inspect -")]
pub struct Inspect {
    /// A trace, or - for standard input
    #[arg(value_name = "TRACE")]
    pub trace: PathBuf,
}

fn share(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|p| (0.0..=1.0).contains(p));
    value.ok_or_else(|| "a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_commands_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_box_west_of_greenwich_is_no_option() {
        let list = [
            "jounce",
            "map",
            "list",
            "m.duckdb",
            "--bbox",
            "-8.7,41.1,-8.5,41.2",
        ];
        assert!(Cli::try_parse_from(list).is_ok());
        let upside_down = ["jounce", "map", "list", "m.duckdb", "--bbox", "1,5,3,4"];
        assert!(Cli::try_parse_from(upside_down).is_err());
    }
}
