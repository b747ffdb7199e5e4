//! One map, one place in this process.
//!
//! The engine locks a file against other processes only: a second instance in the same process
//! opens it and corrupts it. And POSIX drops a process's locks on a file when the process closes
//! *any* handle of it. So a map is claimed before anybody touches its file.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Mode, StoreError};

/// The right to open a map, as long as it lives.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
}

/// Who has a map in this process.
#[derive(Debug)]
enum Holders {
    Writer,
    Readers(usize),
}

static HELD: Mutex<BTreeMap<PathBuf, Holders>> = Mutex::new(BTreeMap::new());

impl Claim {
    /// Claims the map at `path`: alone for writing, beside other readers for reading.
    pub(super) fn on(path: &Path, mode: Mode) -> Result<Self, StoreError> {
        let absolute = absolute(path).map_err(|source| StoreError::File {
            path: path.to_owned(),
            source,
        })?;
        let mut held = held();
        match (held.get_mut(&absolute), mode) {
            (None, Mode::Write) => {
                held.insert(absolute.clone(), Holders::Writer);
            }
            (None, Mode::Read) => {
                held.insert(absolute.clone(), Holders::Readers(1));
            }
            (Some(Holders::Readers(readers)), Mode::Read) => *readers += 1,
            (Some(_), _) => {
                return Err(StoreError::Locked {
                    path: path.to_owned(),
                    pid: Some(std::process::id()),
                });
            }
        }
        Ok(Self { path: absolute })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut held = held();
        match held.get_mut(&self.path) {
            Some(Holders::Readers(readers)) if *readers > 1 => *readers -= 1,
            _ => {
                held.remove(&self.path);
            }
        }
    }
}

fn held() -> MutexGuard<'static, BTreeMap<PathBuf, Holders>> {
    // A thread that panicked between two map operations left nothing half done.
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one path of a file that may not exist yet: links and dots resolved.
fn absolute(path: &Path) -> io::Result<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Ok(path);
    }
    let absolute = std::path::absolute(path)?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Ok(absolute);
    };
    Ok(folder
        .canonicalize()
        .map(|folder| folder.join(name))
        .unwrap_or(absolute))
}
