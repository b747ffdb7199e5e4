//! Which files are traces: those that are named, and those below the directories that are named.
//!
//! A file that is named explicitly must be a trace: opening it will say if it is not. A directory
//! may hold anything; what is not a trace is *passed over* and listed with what it is.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use crate::trace::{self, Cause, FileKind, Refusal};

/// What lies under some paths.
#[derive(Debug, Default)]
pub struct Survey {
    /// The traces: in the order of the paths, and within a directory in the order of their names.
    pub traces: Vec<PathBuf>,
    /// What is something else, in the same order.
    pub passed_over: Vec<PassedOver>,
    /// What could not be looked at.
    pub refused: Vec<Unseen>,
}

/// A file that is not a trace.
#[derive(Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The file.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
}

/// A file or directory that could not be looked at.
#[derive(Debug)]
pub struct Unseen {
    /// Where it is, or was.
    pub path: PathBuf,
    /// Why it could not.
    pub refusal: Refusal,
}

/// Looks at every path, and below every directory at every file. The same tree gives the same
/// survey, whatever order the file system lists it in. Links to directories below a directory are
/// not followed, so there are no circles.
pub fn survey<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Survey {
    let mut survey = Survey::default();
    for path in paths {
        let path = path.as_ref();
        if path.is_dir() {
            survey.directory(path);
        } else {
            survey.traces.push(path.to_owned());
        }
    }
    survey
}

impl Unseen {
    /// A path at which there is nothing.
    pub fn missing(path: PathBuf) -> Self {
        let refusal = Refusal::file(Cause::Unreadable(std::io::ErrorKind::NotFound));
        Self { path, refusal }
    }
}

impl Survey {
    /// Adds what lies below one directory.
    fn directory(&mut self, root: &Path) {
        let mut ahead = vec![root.to_owned()];
        while let Some(path) = ahead.pop() {
            let found = fs::symlink_metadata(&path).and_then(|metadata| {
                if path == root || metadata.is_dir() {
                    listed(&path).map(Some)
                } else {
                    Ok(None)
                }
            });
            match found {
                // The last of the stack comes first.
                Ok(Some(entries)) => ahead.extend(entries.into_iter().rev()),
                Ok(None) if path.is_dir() => {}
                Ok(None) => self.file(path),
                Err(error) => {
                    let refusal = Refusal::file(Cause::Unreadable(error.kind()));
                    self.refused.push(Unseen { path, refusal });
                }
            }
        }
    }

    fn file(&mut self, path: PathBuf) {
        // Opening a pipe that nobody writes to would wait for ever.
        if fs::metadata(&path).is_ok_and(|metadata| !metadata.is_file()) {
            let kind = FileKind::Other;
            self.passed_over.push(PassedOver { path, kind });
            return;
        }
        match trace::recognise(&path) {
            Ok(kind) if kind.is_trace() => self.traces.push(path),
            Ok(kind) => self.passed_over.push(PassedOver { path, kind }),
            Err(refusal) => self.refused.push(Unseen { path, refusal }),
        }
    }
}

/// What a directory holds, by name.
fn listed(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
