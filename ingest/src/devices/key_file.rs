//! The file of the registry's key, which also says who has the registry.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::RegistryError;
use super::secret::Random;
use crate::disk::{owners, sync_folder};
use crate::hex::{bytes_from_hex, hex};

/// `secret.key`, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
    file: File,
}

impl KeyFile {
    /// Takes the registry in a folder for this process. Folder and file are made if there are none; only
    /// their owner may read them.
    pub(super) fn hold(folder: &Path) -> Result<Self, RegistryError> {
        let path = folder.join("secret.key");
        let opened = || {
            make(folder)?;
            let mut options = owners();
            options.read(true).write(true).create(true).truncate(false);
            options.open(&path)
        };
        let file = opened().map_err(|source| RegistryError::file(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path, file }),
            Err(TryLockError::WouldBlock) => Err(RegistryError::Held { path }),
            Err(TryLockError::Error(source)) => Err(RegistryError::File { path, source }),
        }
    }

    /// The key; a new registry draws one.
    pub(super) fn read_or_draw(
        &mut self,
        is_new: bool,
        random: &Random,
    ) -> Result<[u8; 32], RegistryError> {
        let mut text = Vec::new();
        let read = self.file.read_to_end(&mut text);
        read.map_err(|source| RegistryError::file(&self.path, source))?;
        let digits = text.strip_suffix(b"\n").unwrap_or(&text);
        if let Some(key) = bytes_from_hex(digits) {
            return Ok(key);
        }
        // A key that was being drawn when the power went has hashed nothing yet.
        if !is_new {
            let path = self.path.clone();
            return Err(RegistryError::Key { path });
        }
        let key = random.key()?;
        let write = |file: &mut File| {
            file.set_len(0)?;
            io::Seek::rewind(file)?;
            file.write_all(format!("{}\n", hex(&key)).as_bytes())?;
            file.sync_all()
        };
        let written = write(&mut self.file).and_then(|()| sync_folder(&self.path));
        written.map_err(|source| RegistryError::file(&self.path, source))?;
        Ok(key)
    }
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
