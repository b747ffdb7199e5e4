//! Why nothing left the map.

use std::io;
use std::path::PathBuf;

use super::super::StoreError;
use crate::release::{Audience, Layer};

/// Why nothing left the map. No file was written, and none that was there was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// The audience may not have the layer.
    #[error("{}", not_for(*layer, *audience))]
    NotFor {
        /// What was asked for.
        layer: Layer,
        /// For whom.
        audience: Audience,
    },
    /// The public would see single days.
    #[error(
        "the public sees a map from the end of a week only, because two maps a day apart tell what \
         was driven in between: name a week, such as 2026-W05"
    )]
    TooFine,
    /// A file of that name is there.
    #[error("{} is there already; name another file, or give --force to put the new one in its place", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to the map, or is a database that is no snapshot.
    #[error("{} is a map, belongs to one or is another database, and was left as it is; name another file", path.display())]
    IsMap {
        /// The file.
        path: PathBuf,
    },
    /// The path is a folder.
    #[error("{} is a folder; name a file", path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The folder that the file should lie in is not there.
    #[error("there is no folder {}", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("the disk is full: {} was not written; make room, or name a file on another disk", path.display())]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The system refuses to write.
    #[error("cannot write {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The engine could not write.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: StoreError,
    },
    /// The map cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why an audience may not have a layer, and what to ask for instead.
fn not_for(layer: Layer, audience: Audience) -> String {
    match layer {
        Layer::Bumps => {
            "a bump is what one phone felt at one moment, so bumps are never public; ask \
             for --audience research or staff, or for hazards, which many drivers make"
                .to_owned()
        }
        Layer::Acts => format!(
            "who decided what is for --audience staff, not {audience}; hazards say how far the work is"
        ),
        _ => format!("{layer} are not for --audience {audience}"),
    }
}
