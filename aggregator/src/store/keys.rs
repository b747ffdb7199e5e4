//! The season keys, in a file of their own beside the map.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use trip::DeviceId;

use super::{StoreError, create, open};
use crate::identity::{Driver, SeasonKeys, bytes_from_hex, hex};
use crate::stamp::Season;

/// The keys of a map: read once, and written whenever a new season needs one.
#[derive(Debug)]
pub(super) struct KeyFile {
    path: PathBuf,
    keys: SeasonKeys,
    is_written: bool,
}

impl KeyFile {
    /// The keys that lie beside the map at `map`; none when there is no such file yet.
    pub(super) fn read(map: &Path) -> Result<Self, StoreError> {
        let path = open::beside(map, ".keys");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(StoreError::File { path, source }),
        };
        let keys = (text.lines().zip(1..))
            .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
            .map(|(line, number)| {
                entry(line).ok_or_else(|| StoreError::Keys {
                    path: path.clone(),
                    line: number,
                })
            })
            .collect::<Result<SeasonKeys, _>>()?;
        Ok(Self {
            path,
            keys,
            is_written: true,
        })
    }

    /// The pseudonym of a device in a season. A new season draws its key from the system.
    pub(super) fn driver(
        &mut self,
        season: Season,
        device: &DeviceId,
    ) -> Result<Driver, StoreError> {
        self.is_written &= self.keys.knows(season);
        let key = self.keys.key_or_draw(season, draw)?;
        Ok(Driver::of(device, key))
    }

    /// Every pseudonym that a device has under the keys that there are.
    pub(super) fn drivers(&self, device: &DeviceId) -> Vec<Driver> {
        let keys = self.keys.iter();
        keys.map(|(_, key)| Driver::of(device, key)).collect()
    }

    /// Deletes the keys of the seasons that lie wholly before a day; says of how many.
    pub(super) fn delete_before(&mut self, day: i32) -> Result<usize, StoreError> {
        let is_over = |season: Season| season.ends().is_some_and(|ends| ends <= day);
        let deleted = self.keys.delete(is_over);
        self.is_written &= deleted == 0;
        self.save()?;
        Ok(deleted)
    }

    /// How many keys lie wholly before a day.
    pub(super) fn count_before(&self, day: i32) -> usize {
        let is_over = |season: Season| season.ends().is_some_and(|ends| ends <= day);
        let seasons = self.keys.iter().map(|(season, _)| season);
        seasons.filter(|&season| is_over(season)).count()
    }

    /// Makes sure that every key is on disk, before the map holds pseudonyms under it.
    pub(super) fn save(&mut self) -> Result<(), StoreError> {
        if self.is_written {
            return Ok(());
        }
        replace(&self.path, &self.text()).map_err(|source| StoreError::file(&self.path, source))?;
        self.is_written = true;
        Ok(())
    }

    fn text(&self) -> String {
        let head = "# Season keys of the map beside this file. Secret: with them, and a device's \
                    name, its trips\n# can be found. Without them, a device that goes on driving \
                    counts as another one.\n";
        self.keys
            .iter()
            .fold(head.to_owned(), |mut text, (season, key)| {
                writeln!(text, "{season} {}", hex(key)).expect("writing to a string cannot fail");
                text
            })
    }
}

/// A season and its key.
fn entry(line: &str) -> Option<(Season, [u8; 32])> {
    let (season, key) = line.split_once(' ')?;
    Some((season.parse().ok()?, bytes_from_hex(key)?))
}

/// A key of the system's own randomness.
fn draw() -> Result<[u8; 32], StoreError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(StoreError::Random)?;
    Ok(key)
}

/// Puts a text into a file that only its owner may read, all of it or nothing.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = open::beside(path, ".new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    create::sync_folder(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const Q1: Season = Season::Quarter {
        year: 2026,
        quarter: 1,
    };

    #[test]
    fn a_device_keeps_its_pseudonym_as_long_as_the_file_lives() {
        let folder = tempfile::tempdir().unwrap();
        let map = folder.path().join("m.duckdb");
        let device = "phone-1".parse().unwrap();
        let mut keys = KeyFile::read(&map).unwrap();
        let driver = keys.driver(Q1, &device).unwrap();
        keys.save().unwrap();
        let mut again = KeyFile::read(&map).unwrap();
        assert_eq!(again.driver(Q1, &device).unwrap(), driver);
        assert_ne!(again.driver(Season::Undated, &device).unwrap(), driver);
        let other = folder.path().join("other.duckdb");
        assert_ne!(
            KeyFile::read(&other).unwrap().driver(Q1, &device).unwrap(),
            driver
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_keys() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mut keys = KeyFile::read(&folder.path().join("m.duckdb")).unwrap();
        keys.driver(Q1, &"phone-1".parse().unwrap()).unwrap();
        keys.save().unwrap();
        let metadata = fs::metadata(folder.path().join("m.duckdb.keys")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_key_is_refused_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let map = folder.path().join("m.duckdb");
        fs::write(folder.path().join("m.duckdb.keys"), "# keys\n2026Q1 00ff\n").unwrap();
        let refused = KeyFile::read(&map).unwrap_err();
        assert!(
            matches!(refused, StoreError::Keys { line: 2, .. }),
            "{refused}"
        );
    }
}
