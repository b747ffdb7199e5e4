//! What can go wrong with the files of an inbox.

use std::io;
use std::path::{Path, PathBuf};

/// Why an inbox cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError {
    /// A file or folder refuses.
    #[error("{}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what its name says.
    #[error("{} is not {expected}; move it away, or restore it from a backup", path.display())]
    Foreign {
        /// Which one.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
    /// A later version wrote it.
    #[error("{} was written by a newer jounce (format {found}; this one reads {known})", path.display())]
    Newer {
        /// Which one.
        path: PathBuf,
        /// Its format.
        found: u8,
        /// The newest that is known.
        known: u8,
    },
    /// What was written cannot be read back.
    #[error("{} is damaged at byte {offset}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        offset: u64,
    },
}

impl InboxError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    /// Whether it says that the disk is full.
    pub fn is_full(&self) -> bool {
        let Self::File { source, .. } = self else {
            return false;
        };
        matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        )
    }
}
