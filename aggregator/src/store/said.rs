//! What people said: first in a file of lines that survives the loss of the map, then in a table.

mod ids;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use duckdb::{Connection, params};
use serde::{Deserialize, Serialize};
use trip::Kind;

use super::rows::{rows, timestamp};
use super::{Store, StoreError, create, open};
use crate::area::AreaId;
use crate::said::{KnownFeature, Said, SaidId, What};

pub use ids::SaidIds;

impl Store {
    /// Takes in what people said that the map has lost: the file beside it outlives it.
    pub(super) fn recover_said(&mut self) -> Result<(), StoreError> {
        let said = self.journal().read()?;
        let entered = self.enter(&said)?;
        if entered > 0 {
            tracing::info!(
                entered,
                "took in what people said from the file beside the map"
            );
        }
        Ok(())
    }

    fn journal(&self) -> Journal<'_> {
        Journal::beside(&self.path, &self.area.id)
    }

    fn enter(&mut self, said: &[Said]) -> Result<usize, StoreError> {
        let transaction = self.db.transaction()?;
        let entered = enter(&transaction, said, &self.area.id)?;
        if entered > 0 {
            transaction.execute("UPDATE meta SET fact_revision = fact_revision + 1", [])?;
        }
        transaction.commit()?;
        self.hold()?;
        Ok(entered)
    }

    /// Takes in what somebody said. On return it is on disk, in the map and in a file of its own
    /// beside it. The projection is stale afterwards: see [`Store::project`].
    ///
    /// # Errors
    /// When the map was opened for reading, or the disk or the engine refuses.
    pub fn say(&mut self, said: &Said) -> Result<(), StoreError> {
        self.say_all(std::slice::from_ref(said))
    }

    /// Takes in all of what somebody said, as [`Store::say`].
    ///
    /// # Errors
    /// As [`Store::say`].
    pub fn say_all(&mut self, said: &[Said]) -> Result<(), StoreError> {
        self.must_write()?;
        if !said.is_empty() {
            let journal = self.journal();
            let before = journal.append(said)?;
            let path = self.path.clone();
            let area = self.area.id.clone();
            self.enter(said).inspect_err(|_| {
                // What was not acknowledged must not come back from the file.
                if let Err(error) = Journal::beside(&path, &area).cut(before) {
                    tracing::warn!(%error, "cannot take back what the map refused");
                }
            })?;
        }
        Ok(())
    }

    /// Names for what is going to be said next.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn said_ids(&self) -> Result<SaidIds, StoreError> {
        let sql = "SELECT id FROM said ORDER BY id DESC LIMIT 1";
        let last = rows(&self.db, sql, "said", |columns| {
            columns.word("id", |text| text.parse::<SaidId>().ok())
        })?;
        Ok(SaidIds::after(last.first().copied()))
    }

    /// Everything that people said, in order of time.
    ///
    /// # Errors
    /// When the map cannot be read.
    pub fn said(&self) -> Result<Vec<Said>, StoreError> {
        said(&self.db)
    }

    /// Takes a layer of known features in place of the one before. The projection is stale
    /// afterwards.
    ///
    /// # Errors
    /// When the map was opened for reading, or the disk or the engine refuses.
    pub fn know(&mut self, features: &[KnownFeature]) -> Result<(), StoreError> {
        self.must_write()?;
        let transaction = self.db.transaction()?;
        replace_features(&transaction, features, &self.area.id)?;
        transaction.execute("UPDATE meta SET fact_revision = fact_revision + 1", [])?;
        transaction.commit()?;
        self.hold()
    }
}

/// The file beside the map that keeps what people said, one JSON object a line.
#[derive(Debug)]
pub(super) struct Journal<'a> {
    path: PathBuf,
    area: &'a AreaId,
}

/// One thing that somebody said, and where; a line without an area is of a map without one.
#[derive(Serialize, Deserialize)]
struct Line<S> {
    #[serde(flatten)]
    said: S,
    #[serde(default, skip_serializing_if = "AreaId::is_default")]
    area: AreaId,
}

impl<'a> Journal<'a> {
    /// The file beside the map at `map`, which is of an area; made when first needed.
    pub(super) fn beside(map: &Path, area: &'a AreaId) -> Self {
        Self {
            path: open::beside(map, ".acts.jsonl"),
            area,
        }
    }

    /// Appends lines; on return they are on disk. Gives the length of the file before, in bytes.
    pub(super) fn append(&self, said: &[Said]) -> Result<u64, StoreError> {
        let lines: String = (said.iter())
            .map(|said| line(said, self.area) + "\n")
            .collect();
        let file_error = |source| StoreError::file(&self.path, source);
        let (mut file, before) = self.open().map_err(file_error)?;
        self.write(&mut file, &lines).map_err(|source| {
            // A part of it may be there. It was not acknowledged, and is not to come back.
            self.cut(before).ok();
            file_error(source)
        })?;
        Ok(before)
    }

    /// The file, for appending, and its length in bytes.
    fn open(&self) -> io::Result<(File, u64)> {
        let file = OpenOptions::new()
            .append(true)
            .read(true)
            .create(true)
            .open(&self.path)?;
        // A crash may have torn the last line, which nobody was told of: what comes next takes its
        // place.
        let text = fs::read(&self.path)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n');
        let length = whole.map_or(0, |end| end as u64 + 1);
        if length < text.len() as u64 {
            file.set_len(length)?;
        }
        Ok((file, length))
    }

    fn write(&self, file: &mut File, lines: &str) -> io::Result<()> {
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        // Each time: whoever made the file may have been killed before its name was on disk.
        create::sync_folder(&self.path)
    }

    /// Takes back what was appended: the map refused it.
    pub(super) fn cut(&self, length: u64) -> io::Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        let file = OpenOptions::new().write(true).open(&self.path)?;
        file.set_len(length)?;
        file.sync_all()
    }

    /// Everything in the file. A last line that a crash tore or that a power loss left full of
    /// rubbish was never acknowledged and is passed over; any other line that does not read is an
    /// error that names it.
    pub(super) fn read(&self) -> Result<Vec<Said>, StoreError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(StoreError::file(&self.path, source)),
        };
        let mut said = Vec::new();
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        for (index, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.trim_ascii().is_empty())
        {
            match serde_json::from_slice::<Line<Said>>(line) {
                Ok(read) if read.area == *self.area => said.push(read.said),
                Ok(read) => {
                    return Err(StoreError::ActsArea {
                        path: self.path.clone(),
                        line: index + 1,
                        said: read.area,
                        map: self.area.clone(),
                    });
                }
                // Never acknowledged: it was not written to its end, or its bytes never came to
                // disk, and what is said has none of them.
                Err(_) if !line.ends_with(b"\n") || line.contains(&0) => {}
                Err(source) => {
                    return Err(StoreError::Acts {
                        path: self.path.clone(),
                        line: index + 1,
                        source,
                    });
                }
            }
        }
        Ok(said)
    }
}

/// What somebody said in an area, as it stands in the file and in the table.
fn line(said: &Said, area: &AreaId) -> String {
    let area = area.clone();
    serde_json::to_string(&Line { said, area }).expect("what was said is plain text and numbers")
}

/// Enters in the table what it does not hold yet; says how much that was.
fn enter(db: &Connection, said: &[Said], area: &AreaId) -> Result<usize, StoreError> {
    let sql = "SELECT id FROM said";
    let known = rows(db, sql, "said", |columns| {
        columns.word("id", |text| text.parse::<SaidId>().ok())
    })?;
    let mut known: BTreeSet<SaidId> = known.into_iter().collect();
    let mut entered = 0;
    for said in said {
        if !known.insert(said.id) {
            continue;
        }
        let what = match said.what {
            What::Act(_) => "act",
            What::Inspection(_) => "inspection",
            What::Report(_) => "report",
            What::Reference(_) => "reference",
        };
        db.execute(
            "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                said.id.to_string(),
                timestamp(Some(said.at_us)),
                said.by,
                what,
                said.hazard().map(|pin| pin.id.to_string()),
                line(said, area),
                area.as_str(),
            ],
        )?;
        entered += 1;
    }
    Ok(entered)
}

/// Everything that people said, in order.
pub(super) fn said(db: &Connection) -> Result<Vec<Said>, StoreError> {
    let sql = "SELECT line FROM said ORDER BY at_utc, id";
    rows(db, sql, "said", |columns| {
        columns.word("line", |line| serde_json::from_str(line).ok())
    })
}

/// Puts a layer of known features in the place of the one that stands.
fn replace_features(
    db: &Connection,
    features: &[KnownFeature],
    area: &AreaId,
) -> Result<(), StoreError> {
    db.execute_batch("DELETE FROM known_feature")?;
    let mut out = db.appender("known_feature")?;
    for feature in features {
        out.append_row(params![
            feature.id,
            feature.kind.name(),
            feature.owner,
            feature.at.lat_deg(),
            feature.at.lon_deg(),
            area.as_str(),
        ])?;
    }
    Ok(out.flush()?)
}

/// The layer of known features.
pub(super) fn features(db: &Connection) -> Result<Vec<KnownFeature>, StoreError> {
    let sql = "SELECT id, kind, owner, lat_deg, lon_deg FROM known_feature ORDER BY ALL";
    rows(db, sql, "known_feature", |columns| {
        Ok(KnownFeature {
            id: columns.take()?,
            kind: columns.word("kind", Kind::from_name)?,
            owner: columns.take()?,
            at: columns
                .position()?
                .ok_or_else(|| columns.strange("lat_deg"))?,
        })
    })
}
