//! The command that learns.

use std::path::PathBuf;

use clap::Args;

use super::Marks;

/// `jounce train`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce train drives/city                              what the shipped weights came out of
  jounce train drives/ --out mine.toml                  weights of your own drives
  jounce evaluate other/ --config mine.toml             what they are worth elsewhere

Learns the weights of the body channel: candidates of the detector, those on marks against the
others, by a logistic regression with a ridge; six rounds, since candidates depend on weights.
Nothing is random, so there is no seed: the same drives give the same weights. Average precision
and F1 are said three ways: of the weights that were learnt, of rides that were left out (all
phones of a ride together, which is the figure to believe), and of the weights to begin with.
Sets without a wanted mark, and traces without labels, are passed over and said.")]
pub struct Train {
    /// Traces, folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which marks count
    #[command(flatten)]
    pub marks: Marks,
    /// Weight of the ridge: how far weights are held towards 0, each in standard deviations of its
    /// feature
    #[arg(long, default_value_t = 3.0, value_name = "X", value_parser = ridge)]
    pub ridge: f64,
    /// Numbers of the detector that differ from the shipped ones
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// Also write the weights into a file that --config takes
    #[arg(long, value_name = "WEIGHTS.toml")]
    pub out: Option<PathBuf>,
}

fn ridge(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|x| (0.0..=1e6).contains(x));
    value.ok_or_else(|| "a number from 0 to 1000000".to_owned())
}
