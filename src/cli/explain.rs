//! `jounce explain`

use std::path::PathBuf;

use clap::Args;

/// `jounce explain`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce explain drive.csv.gz --at 334.60
  jounce explain drive.csv.gz --at 334.60 --out why.svg
  zcat drive.csv.gz | jounce explain - --at 334.60 --seconds 60 --out why.svg

Says which bump or candidate lies within 1.5 s of the moment, its score against the threshold, and
what each feature added; or why there is none. The picture shows raw and vertical acceleration, the
spectrum, both channels against their usual values, their scores, speed, what was judged, the marks
of <trip>.labels.csv and everything that was found.")]
pub struct Explain {
    /// A trace, or - for standard input
    #[arg(value_name = "TRACE")]
    pub trace: PathBuf,
    /// The moment, in seconds of the trace's own clock, as detect and evaluate print it
    #[arg(long, value_name = "T", allow_hyphen_values = true, value_parser = at_s)]
    pub at: f64,
    /// Also draw it
    #[arg(long, value_name = "FILE.svg")]
    pub out: Option<PathBuf>,
    /// Length of time in the picture, s
    #[arg(long, default_value_t = 20.0, value_name = "S", value_parser = seconds)]
    pub seconds: f64,
    /// Numbers of the detector that differ from the shipped ones
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
}

fn at_s(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|t: &f64| t.abs() < 1e12);
    value.ok_or_else(|| "seconds on the clock of the trace".to_owned())
}

fn seconds(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|s| (2.0..=120.0).contains(s));
    value.ok_or_else(|| "seconds from 2 to 120".to_owned())
}
