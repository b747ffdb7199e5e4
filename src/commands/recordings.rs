//! Drives with their marks, and clips, from files: what `evaluate`, `sweep` and `diff` begin with.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use ingest::folder::Survey;
use ingest::trace::{Cause, FileKind};

use super::reading::{self, bytes, look, progress, stop_on_ctrl_c, tell_unseen};
use super::tell_refusals;
use crate::evaluate::Recording;
use crate::evaluate::clips::{self, Clip};
use crate::evaluate::recording::{self, TruthError};
use crate::parallel::{self, workers};
use crate::replay::Outcome;

/// What was read.
pub(super) struct Gathered<R> {
    /// What came of each recording, in the order of the paths.
    pub(super) drives: Vec<R>,
    /// Collections of clips.
    pub(super) clips: Vec<Collection>,
    /// Whether something was refused; it has been told.
    pub(super) refused: bool,
    /// Set when Ctrl-C comes; a gathering that it ended is not complete.
    pub(super) stopped: Arc<AtomicBool>,
}

/// A collection of clips.
pub(super) struct Collection {
    pub(super) file: PathBuf,
    /// The set: the folder it lies in.
    pub(super) set: String,
    pub(super) clips: Vec<Clip>,
}

/// Reads every trace below the paths with what lies beside it, several at once, and makes something
/// of each; and every collection of clips.
///
/// # Errors
/// When there is nothing to read.
pub(super) fn gather<R: Send>(
    paths: &[PathBuf],
    work: impl Fn(Recording) -> R + Sync,
) -> anyhow::Result<Gathered<R>> {
    let mut survey = look(paths);
    let clip_files = take_clips(&mut survey);
    leave_exports(&mut survey, paths);
    tell_unseen(&survey);
    check(&survey, &clip_files)?;
    let mut gathered = Gathered {
        drives: Vec::new(),
        clips: Vec::new(),
        refused: !survey.refused.is_empty(),
        stopped: stop_on_ctrl_c()?,
    };
    gathered.read_clips(clip_files);
    let sets = recording::sets(&survey.traces);
    let bar = progress(&survey.traces);
    let traces: Vec<(PathBuf, String)> = survey.traces.into_iter().zip(sets).collect();
    let read = |(path, set): &(PathBuf, String)| {
        let (outcome, recording) = Recording::read(path, set);
        (outcome, recording.map(|recording| recording.map(&work)))
    };
    parallel::in_order(&traces, workers(), read, |(path, _), (outcome, made)| {
        bar.suspend(|| gathered.take(path, &outcome, made));
        bar.inc(bytes(path));
        gathered.go_on()
    });
    bar.finish_and_clear();
    Ok(gathered)
}

fn check(survey: &Survey, clip_files: &[PathBuf]) -> anyhow::Result<()> {
    anyhow::ensure!(
        !survey.traces.is_empty() || !clip_files.is_empty(),
        "no traces found; nothing is scored. Name traces or folders of them, with \
         <trip>.labels.csv beside them: see `jounce help evaluate`"
    );
    anyhow::ensure!(
        !survey.traces.iter().any(|path| path == Path::new("-")),
        "no labels can lie beside standard input; name a file"
    );
    Ok(())
}

impl<R> Gathered<R> {
    /// Whether Ctrl-C has come.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether to go on with the next piece of work.
    pub(super) fn go_on(&self) -> ControlFlow<()> {
        reading::go_on(&self.stopped)
    }

    /// Takes what came of one trace.
    fn take(&mut self, path: &Path, outcome: &Outcome, made: Option<Result<R, TruthError>>) {
        tell_refusals(path, outcome);
        self.refused |= outcome.refused > 0;
        match made {
            Some(Ok(made)) => self.drives.push(made),
            Some(Err(error)) => {
                let error = anyhow::Error::from(error);
                eprintln!("{}: left out: {error:#}", path.display());
                self.refused = true;
            }
            None => {}
        }
    }

    fn read_clips(&mut self, files: Vec<PathBuf>) {
        let sets = recording::sets(&files);
        for (file, set) in files.into_iter().zip(sets) {
            match read_clips(&file) {
                Ok(clips) => self.clips.push(Collection { file, set, clips }),
                Err(error) => {
                    eprintln!("{}: {error:#}", file.display());
                    self.refused = true;
                }
            }
        }
    }
}

/// Leaves out what apps exported, unless it is named: nobody says of these in a folder that they are drives
/// without anything in the road, as a control is.
fn leave_exports(survey: &mut Survey, named: &[PathBuf]) {
    survey.traces.retain(|path| {
        let kind = || ingest::trace::Trace::open(path, None).map(|trace| trace.kind());
        named.contains(path) || !matches!(kind(), Ok(FileKind::Export(_)))
    });
}

/// Collections of clips among what was found below folders, and among what was named.
fn take_clips(survey: &mut Survey) -> Vec<PathBuf> {
    let of_folders = survey.passed_over.iter();
    let of_folders = of_folders.filter(|file| file.kind == FileKind::Clips);
    let mut files: Vec<PathBuf> = of_folders.map(|file| file.path.clone()).collect();
    let is_clips = |path: &PathBuf| {
        let refusal = ingest::trace::Trace::open(path, None).err();
        refusal.is_some_and(|it| it.cause == Cause::NotATrace(FileKind::Clips))
    };
    survey.traces.retain(|path| {
        // A pipe can be read only once.
        let clips = path.is_file() && is_clips(path);
        if clips {
            files.push(path.clone());
        }
        !clips
    });
    files
}

fn read_clips(path: &Path) -> anyhow::Result<Vec<Clip>> {
    let mut file = BufReader::new(File::open(path).context("the file cannot be opened")?);
    let packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let input: Box<dyn Read> = if packed {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(clips::read(input)?)
}
