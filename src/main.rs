//! Parse, run, print the chain of causes, exit code.

use std::process::ExitCode;

use clap::Parser;

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
