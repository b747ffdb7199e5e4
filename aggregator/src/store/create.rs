//! A new map appears whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::{Mode, StoreError, open, schema};

/// Makes an empty map at `path`, where there is none: built under another name beside it, synced,
/// and only then given its own. A crash on the way leaves no file that is not a map yet.
pub(super) fn make(path: &Path) -> Result<(), StoreError> {
    let new = open::beside(path, ".new");
    let file_error = |source| StoreError::file(path, source);
    for left_behind in [&new, &open::beside(&new, ".wal")] {
        remove(left_behind).map_err(file_error)?;
    }
    let made = open::engine(&new, Mode::Write).map_err(StoreError::from);
    let made = made.and_then(|mut db| schema::make_tables(&mut db));
    let named = made.and_then(|()| name(&new, path).map_err(file_error));
    if named.is_err() {
        // What is left is in nobody's way, and goes with the next attempt.
        remove(&new).ok();
    }
    named
}

/// Gives the new map its name, unless somebody else has made one meanwhile.
fn name(new: &Path, path: &Path) -> io::Result<()> {
    File::open(new)?.sync_all()?;
    match fs::hard_link(new, path) {
        Ok(()) => fs::remove_file(new)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::remove_file(new)?,
        // Not every file system has links.
        Err(_) => fs::rename(new, path)?,
    }
    sync_folder(path)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in the folder of a file last: on Unix a folder is written like a file.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(open::folder_of(path))?.sync_all()?;
    }
    Ok(())
}
