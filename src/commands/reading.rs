//! What commands that read many traces share: which ones, how far they are, and when to stop.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use ingest::folder::{self, Survey, Unseen};

/// What lies under the paths; a path that does not exist is refused before anything is made.
pub(super) fn look(paths: &[PathBuf]) -> Survey {
    let mut survey = folder::survey(paths);
    let (traces, missing) = std::mem::take(&mut survey.traces)
        .into_iter()
        .partition(|path| path == Path::new("-") || path.exists());
    survey.traces = traces;
    let missing: Vec<PathBuf> = missing;
    survey
        .refused
        .extend(missing.into_iter().map(Unseen::missing));
    survey
}

pub(super) fn tell_unseen(survey: &Survey) {
    for unseen in &survey.refused {
        eprintln!("{}: {}", unseen.path.display(), unseen.refusal);
    }
}

/// Whether to go on: until Ctrl-C has set the flag.
pub(super) fn go_on(stopped: &AtomicBool) -> ControlFlow<()> {
    if stopped.load(Ordering::Relaxed) {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

/// A flag that the first Ctrl-C sets; the second one ends the program at once.
pub(super) fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stopped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stopped);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        eprintln!("stopping after the traces under way; press Ctrl-C again to stop at once");
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")?;
    Ok(stopped)
}

/// A bar over the bytes of the traces, on a terminal only.
pub(super) fn progress(traces: &[PathBuf]) -> ProgressBar {
    let bar = ProgressBar::new(traces.iter().map(|path| bytes(path)).sum());
    let style = "{bar:40} {bytes} of {total_bytes}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar
}

pub(super) fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}
