//! The options of `jounce map export` and `jounce map snapshot`.

use std::path::PathBuf;

use aggregator::{Audience, Bbox, Format, Layer, ReleaseRule, Week};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::super::When;

/// `jounce map export`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map export potholes.duckdb --what hazards --format geojson --out potholes.geojson
  jounce map export potholes.duckdb --what coverage --format geoparquet --out coverage.parquet
  jounce map export potholes.duckdb --what hazards --format csv --out week.csv --as-of 2026-W05
  jounce map export potholes.duckdb --what acts --format csv --out acts.csv --audience staff
  jounce map export potholes.duckdb --what bumps --format parquet --out bumps.parquet --audience research

public is for everybody: only what at least three drivers say and is no candidate, or what staff vouch
for (found by an inspector, or work on it accepted); counts in ranges (few, 3-5, 6-10, 11-25, 26+), ISO
weeks for times, places to a metre; nobody's name. Publish once a week, with --as-of the week that is
over: two maps a day apart tell what was driven in between. staff adds candidates, exact times and who
decided; research adds bumps as measured, their drivers numbered for this one file. No file holds a
device, a trip or a pseudonym. The columns stand in aggregator/SCHEMA.md; all formats carry the same.

GeoPackage: ogr2ogr potholes.gpkg potholes.geojson")]
pub struct MapExport {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// What to export
    #[arg(long, value_name = "LAYER", value_parser = layer())]
    pub what: Layer,
    /// How to write it
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub format: Format,
    /// The file to write; it appears when it is whole
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
    /// For whom
    #[arg(long, value_name = "AUDIENCE", value_parser = audience(), default_value = "public")]
    pub audience: Audience,
    /// Only inside this box: west,south,east,north in degrees
    #[arg(long, value_name = "W,S,E,N", allow_hyphen_values = true)]
    pub bbox: Option<Bbox>,
    /// As the evidence stood at this time, or at the end of this week; for the public a week
    #[arg(long, value_name = "TIME|WEEK", value_parser = moment)]
    pub as_of: Option<When>,
    /// Tell the public only what so many drivers say, at least 3
    #[arg(long, value_name = "N", value_parser = k(), default_value_t = ReleaseRule::LEAST_K)]
    pub k: u32,
    /// Put it in the place of a file that is there
    #[arg(long)]
    pub force: bool,
}

/// `jounce map snapshot`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map snapshot potholes.duckdb --out public.duckdb
  jounce map snapshot potholes.duckdb --out office.duckdb --audience staff --force

A database of its own with what `map export` gives the audience, in the tables hazard, coverage, history
(and act for staff, bump for research); the table meta tells what it is. Any DuckDB from 1.5 on opens
it, also while the map is being written.")]
pub struct MapSnapshot {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The database to write; it appears when it is whole
    #[arg(long, value_name = "COPY.duckdb")]
    pub out: PathBuf,
    /// For whom
    #[arg(long, value_name = "AUDIENCE", value_parser = audience(), default_value = "public")]
    pub audience: Audience,
    /// Tell the public only what so many drivers say, at least 3
    #[arg(long, value_name = "N", value_parser = k(), default_value_t = ReleaseRule::LEAST_K)]
    pub k: u32,
    /// Put it in the place of a snapshot that is there
    #[arg(long)]
    pub force: bool,
}

/// One of several words, each with what it stands for.
fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
    help: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let values = all
        .iter()
        .map(move |&word| PossibleValue::new(name(word)).help(help(word)));
    PossibleValuesParser::new(values).try_map(move |text| {
        let found = all.iter().copied().find(|&word| name(word) == text);
        found.ok_or("none of the words")
    })
}

fn layer() -> impl TypedValueParser<Value = Layer> {
    words(Layer::ALL, Layer::name, |layer| match layer {
        Layer::Hazards => "What drivers together say is there",
        Layer::Coverage => "Which road was surveyed, and what was found",
        Layer::History => "How each hazard was felt, week by week",
        Layer::Bumps => "What single phones felt; never for the public",
        Layer::Acts => "What people said and decided; for staff",
    })
}

fn audience() -> impl TypedValueParser<Value = Audience> {
    words(Audience::ALL, Audience::name, |audience| match audience {
        Audience::Public => "Everybody",
        Audience::Staff => "The road department",
        Audience::Research => "Those who study how it works, under an agreement",
    })
}

fn format() -> impl TypedValueParser<Value = Format> {
    words(Format::ALL, Format::name, |format| match format {
        Format::GeoJson => "RFC 7946; opens in QGIS and GDAL as it is",
        Format::GeoParquet => "Version 1.1, for geopandas and the like",
        Format::Parquet => "Without geometry",
        Format::Csv => "For spreadsheets",
    })
}

fn k() -> impl TypedValueParser<Value = u32> {
    clap::value_parser!(u32).range(i64::from(ReleaseRule::LEAST_K)..)
}

/// A time, the end of a date, or the end of an ISO week.
fn moment(text: &str) -> Result<When, String> {
    if let Some(sunday) = text.parse::<Week>().ok().and_then(Week::sunday) {
        return Ok(When::EndOf(sunday));
    }
    let when = text.parse::<When>();
    when.map_err(|way| format!("{way}, or a week like 2026-W05"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_counts_to_its_sunday() {
        assert_eq!(moment("2026-W02"), moment("2026-01-11"));
        assert_eq!(moment("2020-W53"), moment("2021-01-03"));
        for text in ["2021-W53", "W05", "2026-05"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
