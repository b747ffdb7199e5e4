//! The options of `jounce simulate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::share;

/// `jounce simulate`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce simulate --out made --seed 7
  jounce simulate --out made --drivers 20 --minutes 10 --preset sharp
  jounce simulate --reports --out city --hazards 2000 --days 60 --participation 0.005
  jounce replay city --map city.duckdb

Writes for every trip <trip>.jsonl.gz and its truth: <trip>.labels.csv (when which hazard was hit, and
where it is) and <trip>.road.csv (true roughness of every 100 m); for the town hazards.geojson. The
same seed writes the same bytes.

With --reports no signals are made: what the detectors of a whole city's phones say is drawn from the
detector's measured statistics. Writes one delivered-<date>.jsonl.zst of wire messages for each day of
delivery, hazards.geojson (with appears_utc, repaired_utc, claimed_utc), repairs.csv (what the
department says it repaired) and city.json (what was asked for and what came of it).")]
pub struct Simulate {
    /// The folder to write into; it is made when it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Seed of everything random
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub seed: u64,
    /// Drivers, each with a phone and one trip (8); with --reports, drivers who have a phone with them
    /// (as many as --participation makes)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub drivers: Option<u32>,
    /// Length of a trip in minutes
    #[arg(long, default_value_t = 6.0, value_name = "M", value_parser = minutes, conflicts_with = "reports")]
    pub minutes: f64,
    /// Sampling rate of every phone in Hz; without it each phone has its own
    #[arg(long, value_name = "R", value_parser = rate_hz, conflicts_with = "reports")]
    pub rate_hz: Option<f64>,
    /// The kind of town
    #[arg(long, value_enum, default_value_t = Preset::Town, conflicts_with = "reports")]
    pub preset: Preset,
    /// A city at report level instead
    #[arg(long)]
    pub reports: bool,
    /// What that city is like
    #[command(flatten)]
    pub city: ReportOptions,
}

/// What `jounce simulate --reports` makes.
#[derive(Debug, Args)]
#[command(next_help_heading = "With --reports")]
pub struct ReportOptions {
    /// Objects in its roads; the city has as much road as they need
    #[arg(long, default_value_t = 1000, value_name = "N", requires = "reports", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub hazards: u32,
    /// Share of the traffic that has a phone, 0 to 1
    #[arg(long, default_value_t = 0.01, value_name = "P", requires = "reports", conflicts_with = "drivers", value_parser = share)]
    pub participation: f64,
    /// Days that are driven
    #[arg(long, default_value_t = 60, value_name = "D", requires = "reports", value_parser = clap::value_parser!(u32).range(1..=3660))]
    pub days: u32,
    /// Share of the potholes that are repaired within these days; half of the repairs are claimed
    #[arg(long, default_value_t = 0.2, value_name = "P", requires = "reports", value_parser = share)]
    pub repaired: f64,
    /// Share of the devices that lie
    #[arg(long, default_value_t = 0.0, value_name = "P", requires = "reports", value_parser = share)]
    pub hostile: f64,
    /// Mean chance that an able pass over a hazard is felt, 0.05 to 0.98
    #[arg(long, default_value_t = crate::simulate::reports::DETECTION, value_name = "P", requires = "reports", value_parser = detection)]
    pub detection: f64,
    /// Bumps where nothing is, per km
    #[arg(long, default_value_t = crate::simulate::reports::FALSE_ALARMS_PER_KM, value_name = "N", requires = "reports", value_parser = alarms_per_km)]
    pub false_alarms: f64,
    /// Also passes.csv: every pass over a hazard's place, felt or not (large)
    #[arg(long, requires = "reports")]
    pub passes: bool,
}

/// The kind of town that `simulate` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// Realistic: shallow and deep holes, patches, castings, humps on roads of class A to C
    Town,
    /// Deep single-wheel holes and short bumps on class A–B road, no small defects
    Sharp,
}

fn minutes(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|m| (0.1..=600.0).contains(m));
    value.ok_or_else(|| "minutes from 0.1 to 600".to_owned())
}

fn rate_hz(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|r| (1.0..=400.0).contains(r));
    value.ok_or_else(|| "a rate from 1 to 400 Hz".to_owned())
}

fn detection(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|p| (0.05..=0.98).contains(p));
    value.ok_or_else(|| "a number from 0.05 to 0.98".to_owned())
}

fn alarms_per_km(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|n| (0.0..=20.0).contains(n));
    value.ok_or_else(|| "a number from 0 to 20".to_owned())
}
