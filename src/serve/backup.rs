//! A copy of a data directory that can be gone on from, made while the server works.
//!
//! A backup holds the map with what staff said, the devices and the server's keys, but not the inbox: a
//! trip that is erased here must not come back from there. A *whole* one holds the inbox and the keys of
//! trips as well. The map comes first and the inbox after it, so that whatever the map has not taken in
//! yet is in the inbox of the copy.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::folder::Folder;
use crate::render;

/// What of a data directory belongs to no backup: it is of the process that runs, or of the moment.
const LEFT_OUT: [&str; 4] = ["control.sock", "inbox/lock", "inbox/probe", "lock"];

/// Copies what the map is made of; nobody may write it meanwhile.
///
/// # Errors
/// When the copy is there already, or a file refuses.
pub fn copy_map(from: &Folder, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        bail!("{} exists already; a backup is made anew", to.display());
    }
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    copy_files_of_map(from.path(), to)
}

fn copy_files_of_map(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut of_map = files(from)?;
    of_map.retain(|path| is_of_map(path));
    of_map.iter().try_for_each(|path| copy(from, path, to))
}

/// Says how large a copy is.
///
/// # Errors
/// When nobody reads it.
pub fn tell(bytes: u64, done: &str, to: &Path, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{} {done} to {}", render::bytes(bytes), to.display())
}

/// Copies all else, with the inbox if the copy is to be `whole`; the server may go on meanwhile. Gives how
/// many bytes the copy has.
///
/// # Errors
/// When a file refuses.
pub fn copy_rest(from: &Folder, to: &Path, whole: bool) -> anyhow::Result<u64> {
    let mut rest = files(from.path())?;
    rest.retain(|path| {
        !is_of_map(path) && !is_left_out(path) && (whole || !path.starts_with("inbox"))
    });
    // Segments before the keys that open them; `format` last: a copy without it is none.
    rest.sort_by_key(|path| {
        (
            path == Path::new("format"),
            path.ends_with("keys"),
            path.clone(),
        )
    });
    for path in &rest {
        copy(from.path(), path, to)?;
    }
    let written = files(to)?;
    let length = |path: &PathBuf| fs::metadata(to.join(path)).map_or(0, |it| it.len());
    Ok(written.iter().map(length).sum())
}

/// Makes a data directory of a backup, where there is none.
///
/// # Errors
/// When something is there, the backup is none, or a file refuses.
pub fn restore(from: &Path, to: &Path) -> anyhow::Result<u64> {
    let backup = Folder::existing(from).context("not a backup")?;
    if to.exists()
        && fs::read_dir(to)
            .with_context(|| to.display().to_string())?
            .next()
            .is_some()
    {
        bail!(
            "{} is not empty; a backup is restored into a new directory",
            to.display()
        );
    }
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    copy_files_of_map(backup.path(), to)?;
    copy_rest(&backup, to, true)
}

fn is_of_map(path: &Path) -> bool {
    path.to_string_lossy().starts_with("map.duckdb")
}

fn is_left_out(path: &Path) -> bool {
    LEFT_OUT.iter().any(|name| path == Path::new(name))
}

/// Every regular file below a folder, relative to it, in order of names.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(inside) = folders.pop() {
        let path = folder.join(&inside);
        for entry in fs::read_dir(&path).with_context(|| path.display().to_string())? {
            let entry = entry.with_context(|| path.display().to_string())?;
            let kind = entry
                .file_type()
                .with_context(|| path.display().to_string())?;
            let name = inside.join(entry.file_name());
            if kind.is_dir() {
                folders.push(name);
            } else if kind.is_file() {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn copy(from: &Path, path: &Path, to: &Path) -> anyhow::Result<()> {
    let (source, target) = (from.join(path), to.join(path));
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    match fs::copy(&source, &target) {
        Ok(_) => {}
        // A segment whose time had come meanwhile.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot copy {}", source.display()));
        }
    }
    File::open(&target)
        .and_then(|file| file.sync_all())
        .with_context(|| target.display().to_string())
}
