//! The file behind the registry: one line a change, on disk before anybody is told.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::RegistryError;
use super::row::Line;
use crate::disk::{owners, sync_folder};

/// The version of the format that this version writes and reads.
const FORMAT: u32 = 1;

/// A file of lines that grows at its end.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    /// How long it is up to the last line that is on disk.
    bytes: u64,
    /// Whether what lies behind `bytes` could not be taken back after a write that failed.
    is_stuck: bool,
}

/// What a journal holds.
pub(super) struct Held {
    /// The lines, in order.
    pub(super) lines: Vec<Line>,
    /// How many bytes of a line that was never finished were cut off.
    pub(super) torn_bytes: u64,
}

impl Journal {
    /// Opens the file, or makes a new one. A last line that was never finished was never answered
    /// either: it is cut off.
    pub(super) fn open(path: &Path) -> Result<(Self, Held), RegistryError> {
        match fs::read(path) {
            Ok(bytes) => Self::resume(path, &bytes).map_err(|error| error.at(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let held = Held {
                    lines: Vec::new(),
                    torn_bytes: 0,
                };
                Ok((Self::replace(path, &[])?, held))
            }
            Err(source) => Err(RegistryError::file(path, source)),
        }
    }

    fn resume(path: &Path, bytes: &[u8]) -> Result<(Self, Held), Trouble> {
        let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let mut lines = Vec::new();
        for (line, number) in bytes[..whole].split_inclusive(|&b| b == b'\n').zip(1..) {
            let line: Line = serde_json::from_slice(line).map_err(|_| Trouble::Line(number))?;
            match (number, line.format) {
                (1, Some(FORMAT)) => {}
                (1, Some(format)) => return Err(Trouble::Format(format)),
                (1, None) | (_, Some(_)) => return Err(Trouble::Line(number)),
                (_, None) => lines.push(line),
            }
        }
        if whole == 0 {
            // Not even its first line was finished.
            let torn_bytes = bytes.len() as u64;
            let journal = Self::replace(path, &[]).map_err(Trouble::Other)?;
            return Ok((journal, Held { lines, torn_bytes }));
        }
        let mut journal = Self {
            path: path.to_owned(),
            file: OpenOptions::new().append(true).open(path)?,
            bytes: whole as u64,
            is_stuck: false,
        };
        let torn_bytes = (bytes.len() - whole) as u64;
        if torn_bytes > 0 {
            journal.cut()?;
        }
        Ok((journal, Held { lines, torn_bytes }))
    }

    /// Puts other lines into the place of what the file holds, all of them or none.
    pub(super) fn replace(path: &Path, lines: &[Line]) -> Result<Self, RegistryError> {
        let format = Line {
            format: Some(FORMAT),
            ..Line::default()
        };
        let mut text = Vec::new();
        for line in std::iter::once(&format).chain(lines) {
            write_line(line, &mut text);
        }
        let written = || {
            let new = path.with_extension("jsonl.new");
            let mut file = owners()
                .write(true)
                .create(true)
                .truncate(true)
                .open(&new)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&new, path)?;
            sync_folder(path)?;
            OpenOptions::new().append(true).open(path)
        };
        Ok(Self {
            path: path.to_owned(),
            file: written().map_err(|source| RegistryError::file(path, source))?,
            bytes: text.len() as u64,
            is_stuck: false,
        })
    }

    /// Writes one line and waits until it is on disk. If that fails nothing of it stays.
    pub(super) fn append(&mut self, line: &Line) -> Result<(), RegistryError> {
        if self.is_stuck {
            self.cut()
                .map_err(|source| RegistryError::file(&self.path, source))?;
        }
        let mut text = Vec::new();
        write_line(line, &mut text);
        let written = self.file.write_all(&text);
        if let Err(source) = written.and_then(|()| self.file.sync_data()) {
            // What is left of the line must not stand before the next one.
            self.is_stuck = true;
            let _ = self.cut();
            return Err(RegistryError::file(&self.path, source));
        }
        self.bytes += text.len() as u64;
        Ok(())
    }

    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.bytes)?;
        self.file.sync_all()?;
        self.is_stuck = false;
        Ok(())
    }
}

/// What is wrong with a file, before it is said with which.
enum Trouble {
    Line(usize),
    Format(u32),
    File(io::Error),
    Other(RegistryError),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Trouble {
    fn at(self, path: &Path) -> RegistryError {
        let path = path.to_owned();
        match self {
            Self::Line(line) => RegistryError::Damaged { path, line },
            Self::Format(format) => RegistryError::Newer { path, format },
            Self::File(source) => RegistryError::File { path, source },
            Self::Other(error) => error,
        }
    }
}

fn write_line(line: &Line, text: &mut Vec<u8>) {
    serde_json::to_writer(&mut *text, line).expect("a line is plain numbers and text");
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_could_not_be_written_leaves_nothing_before_the_next_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("devices.jsonl");
        let (mut journal, _) = Journal::open(&path).unwrap();
        let line = Line::default();
        journal.append(&line).unwrap();
        // The disk takes half a line, and then nothing: neither the rest nor that it be taken back.
        let good = std::mem::replace(&mut journal.file, File::open(&path).unwrap());
        fs::write(&path, [&fs::read(&path).unwrap()[..], b"{\"dev"].concat()).unwrap();
        assert!(journal.append(&line).is_err() && journal.append(&line).is_err());
        journal.file = good;
        journal.append(&line).unwrap();
        drop(journal);
        let (_, held) = Journal::open(&path).unwrap();
        assert_eq!((held.lines.len(), held.torn_bytes), (2, 0));
    }
}
