//! The options of `jounce evaluate-map`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `jounce evaluate-map`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce evaluate-map city.duckdb --truth city/hazards.geojson --passes city/passes.csv
  jounce evaluate-map town.duckdb --truth inspected.geojson --gate 15 --format json

The truth is GeoJSON with one Point for each place and direction; of the properties kind, heading_deg,
road_class, appears_utc, repaired_utc, claimed_utc and site none is needed. Without times everything
always stood there. Passes (hazard,driver,t_us,able,felt) tell how many drivers could have felt a
place; `jounce simulate --reports --passes` writes them.")]
pub struct EvaluateMap {
    /// The map
    pub file: PathBuf,
    /// What really lies in the roads, as GeoJSON
    #[arg(long, value_name = "GEOJSON")]
    pub truth: PathBuf,
    /// Who drove over it, as CSV
    #[arg(long, value_name = "CSV")]
    pub passes: Option<PathBuf>,
    /// How far a hazard may lie from its place, metres
    #[arg(long, default_value_t = 10.0, value_name = "M", value_parser = gate_m)]
    pub gate: f64,
    /// Also what clusters of the same bumps would say (DBSCAN, 5 m and 15 m)
    #[arg(long)]
    pub dbscan: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = EvaluateMapFormat::Table)]
    pub format: EvaluateMapFormat,
}

/// How `evaluate-map` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EvaluateMapFormat {
    /// For people
    Table,
    /// For a page
    Markdown,
    /// For machines: one object
    Json,
}

fn gate_m(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|m| (1.0..=50.0).contains(m));
    value.ok_or_else(|| "metres from 1 to 50".to_owned())
}
