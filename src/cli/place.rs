//! Which files a command speaks of: where a server may hold them, and seen from which folder.

use std::path::{Path, PathBuf};

use super::{Command, InboxCommand, MapCommand};

impl MapCommand {
    /// The map.
    pub fn map(&self) -> &Path {
        match self {
            Self::List(it) => &it.file,
            Self::Summary(it) => &it.file,
            Self::Area(it) => &it.file,
            Self::Coverage(it) => &it.file,
            Self::Show(it) => &it.file,
            Self::History(it) => &it.file,
            Self::Act(it) => &it.file,
            Self::Inspect(it) => &it.file,
            Self::Report(it) => &it.file,
            Self::Refer(it) => &it.file,
            Self::ImportKnown(it) => &it.file,
            Self::ImportRepairs(it) => &it.file,
            Self::Export(it) => &it.file,
            Self::Snapshot(it) => &it.file,
            Self::Retain(it) => &it.file,
            Self::Forget(it) => &it.file,
            Self::Sql(it) => &it.file,
            Self::Rebuild(it) => &it.file,
        }
    }

    /// The folder that the map lies in: a server's data directory, perhaps.
    pub fn folder(&self) -> &Path {
        match self.map().parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Every path of the command.
    fn paths(&mut self) -> Vec<&mut PathBuf> {
        match self {
            Self::List(it) => vec![&mut it.file],
            Self::Summary(it) => vec![&mut it.file],
            Self::Area(it) => std::iter::once(&mut it.file).chain(&mut it.area).collect(),
            Self::Coverage(it) => vec![&mut it.file],
            Self::Show(it) => vec![&mut it.file],
            Self::History(it) => vec![&mut it.file],
            Self::Act(it) => vec![&mut it.file],
            Self::Inspect(it) => vec![&mut it.file],
            Self::Report(it) => vec![&mut it.file],
            Self::Refer(it) => vec![&mut it.file],
            Self::ImportKnown(it) => vec![&mut it.file, &mut it.features],
            Self::ImportRepairs(it) => vec![&mut it.file, &mut it.repairs],
            Self::Export(it) => vec![&mut it.file, &mut it.out],
            Self::Snapshot(it) => vec![&mut it.file, &mut it.out],
            Self::Retain(it) => vec![&mut it.file],
            Self::Forget(it) => vec![&mut it.file],
            Self::Sql(it) => vec![&mut it.file],
            Self::Rebuild(it) => vec![&mut it.file],
        }
    }
}

impl Command {
    /// The same command, given in that folder: relative paths are counted from there.
    pub fn seen_from(&mut self, folder: &Path) {
        let paths = match self {
            Self::Map(command) => command.paths(),
            Self::Backup(args) => vec![&mut args.to],
            Self::Inbox(InboxCommand::Export(args)) => args.out.iter_mut().collect(),
            _ => Vec::new(),
        };
        for path in paths {
            *path = folder.join(&*path);
        }
    }
}
