//! Commands that score detectors against marks.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Which marks count, and how near an event must be to one.
#[derive(Debug, Args)]
pub struct Marks {
    /// Kinds of marks that should be found
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "pothole,speed_bump",
        value_name = "KINDS"
    )]
    pub kinds: Vec<String>,
    /// An event may be so many seconds before or after a mark
    #[arg(long, default_value_t = 1.0, value_name = "S", value_parser = tolerance_s)]
    pub tolerance: f64,
    /// Kinds of marks on which events count neither as hits nor as false alarms
    #[arg(long, value_delimiter = ',', value_name = "KINDS")]
    pub ignore: Vec<String>,
}

/// `jounce evaluate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce evaluate drives/                               every set below the folder
  jounce evaluate drives/ --detector stdev_z            a published detector on the same drives
  jounce evaluate drives/city --by trip                 where it goes wrong
  jounce evaluate drives/ --config mine.toml --format json > mine.json
  jounce evaluate drives/ --resample 50,25,15           as if the phones had been slower
  jounce evaluate --print-config > mine.toml            the numbers of the detector, to be changed
  jounce evaluate drives/ --format markdown --detector jounce,stdev_z,sta_lta
  jounce evaluate drives/ --detector jounce,sta_lta --plots pictures/

A set is a folder of traces with <trip>.labels.csv (t_start,t_end,kind in s) beside them.
An event is on a mark from t_start - tolerance to t_end + tolerance. Average precision: by
falling score each event takes the nearest free mark; area under the monotone envelope.
Precision, recall and F1: as many pairs of one event and one mark as there can be. Intervals
are 95 %, by 1000 draws of rides (the name of a trace up to its first _ is its ride: phones in
one vehicle stay together). Sets without a wanted mark are negative controls: their alarms are
counted and listed. Traces without labels among labelled ones are left out. Collections of
clips (columns clip,kind,t,az) are scored clip by clip.")]
pub struct Evaluate {
    /// Traces, folders of them, collections of clips
    #[arg(required_unless_present = "print_config", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which marks count
    #[command(flatten)]
    pub marks: Marks,
    /// Who is scored; several, to stand beside each other
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "jounce",
        value_name = "NAMES"
    )]
    pub detector: Vec<DetectorName>,
    /// The score from which on an event is one; without it, the detector's own
    #[arg(long, value_name = "X", allow_hyphen_values = true, value_parser = finite)]
    pub threshold: Option<f64>,
    /// What a row of figures is of
    #[arg(long, value_enum, default_value_t = By::Set)]
    pub by: By,
    /// As if every phone had sampled at these rates in Hz, one row each; traces that are slower than
    /// the fastest are left out
    #[arg(long, value_delimiter = ',', value_name = "HZ", conflicts_with_all = ["by", "plots"], value_parser = rate_hz)]
    pub resample: Vec<f64>,
    /// … and in steps of so many m/s²; browsers round to 0.1
    #[arg(long, value_name = "STEP", requires = "resample", value_parser = step_mps2)]
    pub quantum: Option<f64>,
    /// How to print
    #[arg(long, value_enum, default_value_t = EvaluateFormat::Table)]
    pub format: EvaluateFormat,
    /// Numbers of the detector that differ from the shipped ones
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// Also draw, for each set: precision against recall, said against observed probability, and
    /// for made drives how far places and roughness lie from the truth
    #[arg(long, value_name = "DIR")]
    pub plots: Option<PathBuf>,
    /// Print every number of the detector as TOML instead
    #[arg(long)]
    pub print_config: bool,
}

/// `jounce sweep`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce sweep grid.toml drives/ --out sweep.csv
  jounce sweep grid.toml drives/ --config mine.toml     the grid around another configuration

grid.toml lists values for any numbers of the detector; all combinations are scored:
  trigger.threshold = [-1.5, -0.8, -0.3]
  [body]
  baseline_s = [300, 600]

Columns: the numbers of the grid, config_hash, then for each set its average_precision, f1 at
the configuration's own threshold, best_f1 and best_threshold, false_alarms_per_h; the
controls' alarms_per_h; the auc of each collection of clips. Drives are read once and kept in
memory, some 50 bytes a reading. Ctrl-C keeps the rows that are done.")]
pub struct Sweep {
    /// Values for numbers of the detector; see below
    #[arg(value_name = "GRID.toml")]
    pub grid: PathBuf,
    /// Traces, folders of them, collections of clips
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which marks count
    #[command(flatten)]
    pub marks: Marks,
    /// Where the rows go; without it, standard output
    #[arg(long, value_name = "FILE.csv")]
    pub out: Option<PathBuf>,
    /// Numbers of the detector that differ from the shipped ones in every row
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
}

/// `jounce diff`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce diff /dev/null mine.toml drives/               the shipped configuration against mine
  jounce diff a.toml b.toml drives/city --format json > changes.json

An empty file is the shipped configuration. Each configuration finds what reaches its own threshold;
peaks within 0.5 s of each other are one event.")]
pub struct Diff {
    /// Numbers of the detector that differ from the shipped ones
    #[arg(value_name = "A.toml")]
    pub a: PathBuf,
    /// The same, of the other configuration
    #[arg(value_name = "B.toml")]
    pub b: PathBuf,
    /// Traces or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which marks count
    #[command(flatten)]
    pub marks: Marks,
    /// How to print
    #[arg(long, value_enum, default_value_t = DiffFormat::Table)]
    pub format: DiffFormat,
}

/// How `diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Table,
    /// One object
    Json,
}

/// What a row of figures is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// Each set
    Set,
    /// Each trace
    Trip,
    /// Each kind of mark, the others ignored
    Kind,
    /// Phones of about the same sampling rate
    Rate,
}

/// Who is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum DetectorName {
    /// The product's own
    Jounce,
    /// STDEV(Z) against the trip's own (Mednis 2011, Carlos 2018)
    StdevZ,
    /// Z-THRESH (Mednis 2011)
    ZThresh,
    /// Short-term over long-term average (Withers 1998)
    StaLta,
    /// Pothole Patrol (Eriksson 2008)
    PotholePatrol,
    /// Median deviations of the trip (Iglewicz & Hoaglin 1993)
    MadZ,
}

/// How `evaluate` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvaluateFormat {
    /// For people
    Table,
    /// An object with all figures, the curve and the alarms; a list of them for several detectors
    Json,
    /// Short tables, one row for each set and detector
    Markdown,
}

fn tolerance_s(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|s| (0.0..=60.0).contains(s));
    value.ok_or_else(|| "seconds from 0 to 60".to_owned())
}

fn rate_hz(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|hz| (1.0..=1000.0).contains(hz));
    value.ok_or_else(|| "a rate from 1 to 1000 Hz".to_owned())
}

fn step_mps2(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x| (1e-6..=10.0).contains(x));
    value.ok_or_else(|| "a step from 0.000001 to 10 m/s²".to_owned())
}

fn finite(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x: &f64| x.is_finite());
    value.ok_or_else(|| "a number".to_owned())
}
