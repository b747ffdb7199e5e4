//! The options of `jounce map refer`.

use std::path::PathBuf;

use aggregator::HazardId;
use clap::Args;

use super::When;

/// `jounce map refer`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce map refer potholes.duckdb h-44mxiekahas7lhin --system 311 --ref 4711 --as Ana
  jounce map refer potholes.duckdb h-44mxiekahas7lhin --system 311 --ref 4711 --status closed --as Ana

A hazard may have many numbers in many systems; of each, the status and the link that were said last
count. The work is moved by `map act`, never by this.")]
pub struct MapRefer {
    /// The map
    #[arg(value_name = "FILE.duckdb")]
    pub file: PathBuf,
    /// The hazard
    #[arg(value_name = "ID")]
    pub id: HazardId,
    /// The other system
    #[arg(long, value_name = "NAME", value_parser = filled)]
    pub system: String,
    /// What the hazard is called there
    #[arg(long = "ref", value_name = "ID", value_parser = filled)]
    pub reference: String,
    /// Where it can be looked up
    #[arg(long, value_name = "URL", value_parser = url)]
    pub url: Option<String>,
    /// How it stands there
    #[arg(long, value_name = "TEXT", value_parser = filled)]
    pub status: Option<String>,
    /// Who says so
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// When, if not now
    #[arg(long, value_name = "TIME")]
    pub at: Option<When>,
}

fn filled(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("nothing but blanks".to_owned());
    }
    Ok(text.to_owned())
}

/// Links to the web alone: others would run something where they are shown.
fn url(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if !is_web || text.contains(char::is_whitespace) {
        return Err("a link begins with https:// or http:// and has no blanks".to_owned());
    }
    Ok(text.to_owned())
}
