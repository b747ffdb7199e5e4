//! The data directory: everything that a server keeps.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// What the file `format` says.
const FORMAT: &str = "jounce data 1";

/// A data directory.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Opens the directory, or makes it where there is nothing.
    ///
    /// # Errors
    /// When something else is there, or a newer version made it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("cannot make the data directory {shown}"))?;
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot find the data directory {shown}"))?;
        let format = path.join("format");
        match std::fs::read_to_string(&format) {
            Ok(text) if text.trim() == FORMAT => return Ok(Self { path }),
            Ok(text) if text.starts_with("jounce data ") => {
                bail!(
                    "{shown} was made by another jounce ({}); this one knows {FORMAT}",
                    text.trim()
                )
            }
            Ok(_) => bail!("{shown} holds a file `format` that is not ours; choose another --data"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).context(format.display().to_string()),
        }
        let mut entries = std::fs::read_dir(&path).with_context(|| shown.to_string())?;
        if entries.next().is_some() {
            bail!("{shown} holds other things; choose an empty or new directory with --data");
        }
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&format)?;
            writeln!(file, "{FORMAT}")?;
            file.sync_all()?;
            File::open(&path)?.sync_all()
        };
        write().with_context(|| format!("cannot write to {shown}"))?;
        Ok(Self { path })
    }

    /// Opens the directory where it exists.
    ///
    /// # Errors
    /// When it does not, and as [`Folder::open`].
    pub fn existing(path: &Path) -> anyhow::Result<Self> {
        if !path.join("format").exists() {
            bail!("{} is no data directory of a jounce server", path.display());
        }
        Self::open(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The inbox.
    pub fn inbox(&self) -> PathBuf {
        self.path.join("inbox")
    }

    /// Who may send.
    pub fn devices(&self) -> PathBuf {
        self.path.join("devices")
    }

    /// The map.
    pub fn map(&self) -> PathBuf {
        self.path.join("map.duckdb")
    }
}
