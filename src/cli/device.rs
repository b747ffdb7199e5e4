//! The options of `jounce device …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ingest::devices::Cohort;
use trip::DeviceId;

/// `jounce device …`
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// Make a device, and show its secret once
    Add(DeviceAdd),
    /// Every device, and how many may still come
    List(DeviceList),
    /// Shut a device out for good, or end an invite
    Revoke(DeviceRevoke),
    /// Make a code for a poster, that phones trade for a device each
    Invite(DeviceInvite),
    /// Give a device another secret; the old one may finish
    Renew(DeviceRenew),
}

/// Whose devices.
#[derive(Debug, Args)]
pub struct DeviceData {
    /// The folder that the server holds, or held [default: jounce-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The server's settings
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
}

/// `jounce device add`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce device add
  jounce device add --cohort street-cleaning --days 90

For phones that are set up by hand. The secret is shown this once; only a keyed hash of it is kept.")]
pub struct DeviceAdd {
    /// How it came: 1 to 40 of a-z, 0-9 and hyphens, and nobody's name
    #[arg(long, value_name = "NAME")]
    pub cohort: Option<Cohort>,
    /// For how many days it is let in
    #[arg(long, value_name = "D", default_value_t = 365)]
    pub days: u32,
    /// Whose devices
    #[command(flatten)]
    pub data: DeviceData,
}

/// `jounce device list`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce device list
  jounce device list --data /var/lib/jounce

Days are those of UTC; a device is let in to the end of its last one.")]
pub struct DeviceList {
    /// Whose devices
    #[command(flatten)]
    pub data: DeviceData,
}

/// `jounce device revoke`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce device revoke d-8m3k2v9xq4t7w1zc
  jounce device revoke --invite ABCD-EFGH-JKMN          nobody comes by that poster any more

A revoked device is cut off at once and never let in again. What it sent before stays;
`jounce map forget` takes that out.")]
pub struct DeviceRevoke {
    /// The device
    #[arg(
        value_name = "DEVICE",
        required_unless_present = "invite",
        conflicts_with = "invite"
    )]
    pub device: Option<DeviceId>,
    /// The code of an invite
    #[arg(long, value_name = "CODE")]
    pub invite: Option<String>,
    /// Whose devices
    #[command(flatten)]
    pub data: DeviceData,
}

/// `jounce device invite`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce device invite                                   one phone, within two weeks
  jounce device invite --uses 200 --days 30 --cohort library-poster
  jounce device invite --uses 200 --paper > poster.txt

Prints the code, and a square for cameras. Whoever has the code may enrol: hang it where those whom you
ask pass by. The code is shown this once. All who come by it are one cohort, which counts as so many
independent drivers at most.")]
pub struct DeviceInvite {
    /// For how many phones
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub uses: u32,
    /// For how many days
    #[arg(long, value_name = "D", default_value_t = 14)]
    pub days: u32,
    /// What those who come by it have in common: 1 to 40 of a-z, 0-9 and hyphens, and nobody's name
    #[arg(long, value_name = "NAME")]
    pub cohort: Option<Cohort>,
    /// Where phones reach the server, in place of the setting server.url
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Draw the square for black ink on paper, not for a dark terminal
    #[arg(long)]
    pub paper: bool,
    /// Whose devices
    #[command(flatten)]
    pub data: DeviceData,
}

/// `jounce device renew`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce device renew d-8m3k2v9xq4t7w1zc

The secret before it is good for a week more, so that trips under way may finish. For a phone that was
lost, `jounce device revoke` is right.")]
pub struct DeviceRenew {
    /// The device
    #[arg(value_name = "DEVICE")]
    pub device: DeviceId,
    /// Whose devices
    #[command(flatten)]
    pub data: DeviceData,
}

impl DeviceCommand {
    /// Whose devices.
    pub fn data(&self) -> &DeviceData {
        match self {
            Self::Add(args) => &args.data,
            Self::List(args) => &args.data,
            Self::Revoke(args) => &args.data,
            Self::Invite(args) => &args.data,
            Self::Renew(args) => &args.data,
        }
    }
}
