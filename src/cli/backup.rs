//! The options of `jounce backup` and `jounce restore`.

use std::path::PathBuf;

use clap::Args;

/// `jounce backup`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce backup /mnt/backup/2026-03-01
  jounce backup /mnt/backup/2026-03-01 --data /var/lib/jounce

  jounce backup /mnt/moving --whole

Also while the server runs. The folder must not be there yet. The inbox is not in it, on purpose: what is
erased here must not come back from there. Map, devices and what staff said are. A --whole backup holds
the inbox and the keys of trips as well: keep it as closely as the server itself, and not longer than a
trip may be readable.")]
pub struct Backup {
    /// The folder to write
    #[arg(value_name = "FOLDER")]
    pub to: PathBuf,
    /// With everything that phones sent and that can still be read
    #[arg(long)]
    pub whole: bool,
    /// The folder that the server holds, or held
    #[arg(long, value_name = "DIR", default_value = "jounce-data")]
    pub data: PathBuf,
}

/// `jounce restore`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce restore /mnt/backup/2026-03-01 --data /var/lib/jounce

Into a folder that is not there yet, or empty. What was forgotten since the backup must be forgotten
again.")]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FOLDER")]
    pub from: PathBuf,
    /// The folder to make
    #[arg(long, value_name = "DIR", default_value = "jounce-data")]
    pub data: PathBuf,
}
