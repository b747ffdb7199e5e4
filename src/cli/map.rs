//! The options of `jounce map …` that concern one hazard or tell the map something.

mod export;

use std::path::PathBuf;

use aggregator::{ActKind, HazardId};
use clap::{Args, ValueEnum};
use trip::{DeviceId, Kind, Position};

use super::{ListFormat, When};

/// `jounce map area`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map area town.duckdb area.toml     say it, before the first drive is replayed into the map
  jounce map area town.duckdb               show it

The file:
  [area]
  id = 'ahmedabad'                          a-z, 0-9 and hyphens
  time_zone = 'Asia/Kolkata'                IANA; days and weeks are counted there
  name = 'Ahmedabad'                        this and all that follows may be left out
  bbox = [72.4, 22.9, 72.8, 23.2]           west, south, east, north in degrees
  languages = ['gu', 'en']
  operator = 'Roads Department'
  contact = 'roads@example.org'
  licence = 'CC-BY-4.0'
  k = 3                                     drivers behind whatever is published, 3 or more
  retention_days = 90                       how long single passes are kept, 7 or more

A map of which nobody says it is of the area `default`, and its days are those of UTC. Once a map
holds facts its id and time zone stay; all else may change at any time.")]
pub struct MapArea {
    /// The map; made when there is none and an area is given
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The area
    #[arg(value_name = "AREA.toml")]
    pub area: Option<PathBuf>,
}

pub use export::{MapExport, MapSnapshot};

/// `jounce map coverage`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map coverage potholes.duckdb
  jounce map coverage potholes.duckdb --at 41.15012,-8.60977
  jounce map coverage potholes.duckdb --format geojson > coverage.geojson

Four different answers: not surveyed, surveyed long ago (90 days), surveyed and nothing found, hazard.
A pass surveys only if it would have felt a defect: fast enough, phone at rest in its mount.")]
pub struct MapCoverage {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    pub format: ListFormat,
    /// Only the cell (about 50 m wide) around this place, in degrees
    #[arg(long, value_name = "LAT,LON", value_parser = position, allow_hyphen_values = true)]
    pub at: Option<Position>,
}

/// `jounce map show`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map show potholes.duckdb h-44mxiekahas7lhin

An old name still finds the hazard that it was joined into. The weeks show before and after a repair.")]
pub struct MapShow {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The hazard
    #[arg(value_name = "ID")]
    pub id: HazardId,
    /// How to print
    #[arg(long, value_enum, default_value_t = ShowFormat::Table)]
    pub format: ShowFormat,
}

/// How `map show` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShowFormat {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For GIS (RFC 7946)
    Geojson,
    /// For programs, with its weeks and what the evidence did
    Json,
}

/// `jounce map history`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map history potholes.duckdb h-44mxiekahas7lhin --format csv

What people said is never changed. What the evidence did is told as all evidence known today tells
it: a message that comes late is filed under its own day.")]
pub struct MapHistory {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The hazard
    #[arg(value_name = "ID")]
    pub id: HazardId,
    /// How to print
    #[arg(long, value_enum, default_value_t = HistoryFormat::Table)]
    pub format: HistoryFormat,
}

/// How `map history` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
    /// For programs
    Json,
}

/// `jounce map act`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map act potholes.duckdb h-44mxiekahas7lhin triage --as Ana
  jounce map act potholes.duckdb h-44mxiekahas7lhin schedule --as Ana --order W-12
  jounce map act potholes.duckdb h-44mxiekahas7lhin repaired --as Ana
  jounce map act potholes.duckdb h-44mxiekahas7lhin dismiss --as Ana --reason below_criteria
  jounce map act potholes.duckdb h-44mxiekahas7lhin known --as Ana --owner 'water utility'

What is decided is on disk, in the map and in <map>.acts.jsonl, before the command returns. It moves
the work, never the evidence: after `repaired`, later drives verify the repair or contradict it.")]
pub struct MapAct {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The hazard
    #[arg(value_name = "ID")]
    pub id: HazardId,
    /// What was decided
    #[arg(value_enum)]
    pub act: ActWord,
    /// Who decided
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// The number of the order in another system
    #[arg(long, value_name = "NO")]
    pub order: Option<String>,
    /// Whose it is
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Why; of a dismissal one of not_ours, below_criteria, duplicate, cannot_fix, done
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// When, if not now
    #[arg(long, value_name = "TIME")]
    pub at: Option<When>,
}

/// `jounce map import-repairs`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map import-repairs potholes.duckdb repairs.csv --as 'crew 7'

The list has the columns lat,lon,utc and perhaps heading_deg,order. Each line is written down as
`map act … repaired` of the hazard that was scheduled under that order, else of the nearest open one;
lines without one are named. The same list twice changes nothing.")]
pub struct MapImportRepairs {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The list
    #[arg(value_name = "REPAIRS.csv")]
    pub repairs: PathBuf,
    /// Who says so
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// How far from a hazard a repair may be written down, metres
    #[arg(long, default_value_t = 15.0, value_name = "M", value_parser = within_m)]
    pub within: f64,
}

fn within_m(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|m| (1.0..=100.0).contains(m));
    value.ok_or_else(|| "metres from 1 to 100".to_owned())
}

/// What staff can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ActWord {
    /// Seen and accepted
    Triage,
    /// Work is ordered
    Schedule,
    /// The crew says that it is repaired
    Repaired,
    /// Closed without work
    Dismiss,
    /// Closed: it belongs there, and to somebody
    Known,
    /// Open again
    Reopen,
}

impl From<ActWord> for ActKind {
    fn from(word: ActWord) -> Self {
        match word {
            ActWord::Triage => Self::Triage,
            ActWord::Schedule => Self::Schedule,
            ActWord::Repaired => Self::Repaired,
            ActWord::Dismiss => Self::Dismiss,
            ActWord::Known => Self::Known,
            ActWord::Reopen => Self::Reopen,
        }
    }
}

/// `jounce map inspect`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map inspect potholes.duckdb h-44mxiekahas7lhin --found yes --kind casting --depth-mm 18 --as Rui

An inspector's word settles the evidence of that day; later drives may contradict it.")]
pub struct MapInspect {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The hazard
    #[arg(value_name = "ID")]
    pub id: HazardId,
    /// Whether it was there
    #[arg(long, value_enum)]
    pub found: Found,
    /// What it was
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Option<Kind>,
    /// How deep, or high, in millimetres
    #[arg(long, value_name = "D")]
    pub depth_mm: Option<f64>,
    /// How wide in millimetres
    #[arg(long, value_name = "W")]
    pub width_mm: Option<f64>,
    /// Whose it is
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// In the inspector's words
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Who looked
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// When, if not now
    #[arg(long = "at", value_name = "TIME")]
    pub date: Option<When>,
}

/// Whether an inspector found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Found {
    /// It was there
    Yes,
    /// It was not there
    No,
}

impl Found {
    /// Whether it was there.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

/// `jounce map report`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map report potholes.duckdb --at 41.15012,-8.60977 --kind pothole --note 'deep, by the kerb'

A report counts as evidence. It joins the hazard there, or founds one that nobody has felt yet.")]
pub struct MapReport {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// Where, in degrees
    #[arg(long, value_name = "LAT,LON", value_parser = position, allow_hyphen_values = true)]
    pub at: Position,
    /// What
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Kind,
    /// In the citizen's words
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// When, if not now
    #[arg(long = "on", value_name = "TIME")]
    pub date: Option<When>,
}

/// `jounce map import-known`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map import-known potholes.duckdb castings.geojson

A FeatureCollection of points with the properties kind (pothole, speed_bump, casting, rail, joint,
rough, other), owner and id. It takes the place of the layer imported before. A hazard within 8 m of
a feature is labelled with it and its owner; nothing is thrown away.")]
pub struct MapImportKnown {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The layer
    #[arg(value_name = "FEATURES.geojson")]
    pub features: PathBuf,
}

/// `jounce map retain`
#[derive(Debug, Args)]
#[command(after_help = "\
Example, and as a line for cron, every Monday at 4:
  jounce map retain potholes.duckdb --dry-run
  0 4 * * 1  jounce map retain /srv/potholes.duckdb

A season (a quarter of a year, in whole weeks) is sealed when its last day is old enough: what its
trips said stays in sums, per place and per cell, direction and week; bumps, tracks and trips are
deleted and the file is written anew without them; the season's key is deleted. What the map says
does not change. Trips without a date go with the newest season.")]
pub struct MapRetain {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// Count ages from this moment [default: the newest evidence]
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<When>,
    /// How many days old the last day of a season must be [default: as the area says, else 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    pub pass_days: Option<i32>,
    /// Only say what would be deleted
    #[arg(long)]
    pub dry_run: bool,
}

/// `jounce map forget`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map forget potholes.duckdb phone-7

Hazards and coverage are folded anew without its trips. What stays is a hash of each, so that the
same trip is not taken in again.")]
pub struct MapForget {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The device
    #[arg(value_name = "DEVICE")]
    pub device: DeviceId,
}

/// `jounce map sql`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map sql potholes.duckdb 'SELECT kind, count(*) AS hazards FROM hazard GROUP BY kind'

One SELECT, read-only: neither files nor the network nor settings can be reached. The tables and
their units stand in aggregator/SCHEMA.md.")]
pub struct MapSql {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The question
    #[arg(value_name = "SELECT …")]
    pub question: String,
    /// At most this many rows
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub rows: usize,
    /// At most this long
    #[arg(long, value_name = "S", default_value_t = 30)]
    pub seconds: u64,
    /// How to print
    #[arg(long, value_enum, default_value_t = SqlFormat::Table)]
    pub format: SqlFormat,
}

/// How `map sql` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SqlFormat {
    /// For people
    Table,
    /// For spreadsheets
    Csv,
}

/// `jounce map rebuild`
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  jounce map rebuild potholes.duckdb

Folds hazards and coverage anew from the facts. The result is what is in the map already, unless
this version judges otherwise than the one that made it.")]
pub struct MapRebuild {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
}

fn kind(text: &str) -> Result<Kind, String> {
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    Kind::from_name(text).ok_or_else(|| format!("one of {}", words.join(", ")))
}

fn position(text: &str) -> Result<Position, String> {
    let wrong = || "a position is LAT,LON in degrees, such as 41.15012,-8.60977".to_owned();
    let (lat, lon) = text.split_once(',').ok_or_else(wrong)?;
    let degrees = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
    Position::new(degrees(lat)?, degrees(lon)?).map_err(|_| wrong())
}
