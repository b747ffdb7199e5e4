//! Parse, run, print the chain of causes, exit code.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// The door's threads allocate what the inbox's thread frees: under load glibc's allocator spends a
/// quarter of the time on its locks then.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    jounce::commands::start_log();
    let cli = jounce::cli::Cli::parse();
    match jounce::commands::run(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
