//! The map file: facts and their projection in DuckDB.
//!
//! One process has the file at a time, and one connection writes it. What is written is written in
//! whole transactions: a crash, a full disk or a refusal leaves the map as it was before. The
//! projection is rebuilt from the facts, in one transaction, whenever they changed.
//!
//! | module | holds |
//! | --- | --- |
//! | `answers` | what a map answers |
//! | `area` | whose roads they are |
//! | `arrow` | columns to and from Arrow |
//! | `ask` | questions in SQL |
//! | `claim` | one map, one place in this process |
//! | `create` | a new map: whole or not at all |
//! | `open` | opening, without harm to what is not a map; mending a torn log |
//! | `keys` | the season keys in their own file |
//! | `facts` | trips, bumps, stretches and skipped time, in and out |
//! | `said` | what people said, in a file of its own and in and out of its table |
//! | `export` | what leaves the map, layer by layer |
//! | `press` | the engine that lays layers out as tables and files |
//! | `out` | files that are named when they are whole |
//! | `projection` | hazards and coverage, in and out |
//! | `schema` | the tables: made, recognised, brought up to date |
//! | `retain`, `rewrite` | sealing what is old, and erasing it from the file |
//! | `summary` | the map in a few numbers |
//! | `redetect` | other evidence of trips that the map holds |
//! | `taken` | how far an inbox has been taken in |
//! | `withdraw` | what a driver withdraws |
//! | `rows` | values of the domain to and from columns |
//! | `error` | what can go wrong |

mod answers;
mod area;
mod arrow;
mod ask;
mod claim;
mod create;
mod error;
mod export;
mod facts;
mod keys;
mod open;
mod out;
mod press;
mod projection;
mod redetect;
mod retain;
mod rewrite;
mod rows;
mod said;
mod schema;
mod summary;
mod taken;
mod withdraw;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use duckdb::{Connection, params};
use sha2::{Digest, Sha256};

use crate::area::Area;
use crate::config::{Config, ReleaseRule, RetentionRule};
use crate::evidence::{Edition, Fact, Recorded, TripEvidence};
use crate::fold::{self, Projection};
use crate::identity::{TripHash, hex};
use claim::Claim;
use facts::{Facts, Known, Sift};
use keys::KeyFile;

pub use ask::Answered;
pub use error::StoreError;
pub use export::{Export, Exported, Format, ReleaseError};
pub use retain::Retained;
pub use said::SaidIds;
pub use summary::Summary;
pub use taken::Taken;

/// A map in a DuckDB file.
///
/// ```no_run
/// use aggregator::{HazardQuery, Mode, Store};
///
/// # fn evidence_of_a_drive() -> Vec<aggregator::TripEvidence> { Vec::new() }
/// let mut map = Store::open("town.duckdb", Mode::Write)?;
/// let recorded = map.record(&evidence_of_a_drive())?;
/// map.project()?;
/// for hazard in map.hazards(&HazardQuery::default())? {
///     println!("{} {:?}", hazard.id, hazard.position);
/// }
/// # assert!(recorded.is_empty());
/// # Ok::<(), aggregator::StoreError>(())
/// ```
#[derive(Debug)]
pub struct Store {
    db: Connection,
    path: PathBuf,
    config: Config,
    area: Area,
    /// `None` when the map is open for reading: a reader needs no secret.
    keys: Option<KeyFile>,
    /// Which trips it may hold; made when trips are first recorded.
    sift: Option<Sift>,
    /// Given back when the connection above is closed: fields go in this order.
    _claim: Claim,
}

/// What a map is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For reading: nothing is made, written or mended, and several may read at once.
    Read,
    /// For writing: the file is made when there is none, and nobody else may have it.
    Write,
}

/// How many bumps and points of tracks are folded at a time: about 1 GB.
const MOST_ROWS: u64 = 8_000_000;

impl Store {
    /// Opens the map at `path`, judging by the default configuration.
    ///
    /// # Errors
    /// When there is no map to read, the file is something else (which is left as it is), another
    /// process has it, or a newer version made it.
    pub fn open(path: impl AsRef<Path>, mode: Mode) -> Result<Self, StoreError> {
        Self::open_with(path, mode, Config::default())
    }

    /// Opens the map at `path`, judging by `config`. A projection by another configuration counts
    /// as stale.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(
        path: impl AsRef<Path>,
        mode: Mode,
        config: Config,
    ) -> Result<Self, StoreError> {
        let mut store = Self::open_quietly(path.as_ref(), mode, config)?;
        if mode == Mode::Write {
            store.recover()?;
        }
        Ok(store)
    }

    /// Opens the map at `path` for writing and says which area it is of.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::set_area`].
    pub fn open_area(path: impl AsRef<Path>, area: Area) -> Result<Self, StoreError> {
        let mut store = Self::open_quietly(path.as_ref(), Mode::Write, Config::default())?;
        store.set_area(area)?;
        store.recover()?;
        Ok(store)
    }

    /// Makes up for what a crash left undone.
    fn recover(&mut self) -> Result<(), StoreError> {
        self.hold()?;
        self.recover_said()?;
        rewrite::clear(&self.path);
        self.erase()
    }

    /// Opens a map without making up for what a crash left undone.
    fn open_quietly(path: &Path, mode: Mode, config: Config) -> Result<Self, StoreError> {
        let claim = Claim::on(path, mode)?;
        let keys = match mode {
            Mode::Read => None,
            Mode::Write => Some(KeyFile::read(path)?),
        };
        let mut db = open::connect(path, mode)?;
        schema::settle(&mut db, path, mode)?;
        let area = area::read(&db)?;
        Ok(Self {
            db,
            path: path.to_owned(),
            config,
            area,
            keys,
            sift: None,
            _claim: claim,
        })
    }

    /// Folds hazards and coverage anew, whether or not they are up to date.
    ///
    /// # Errors
    /// As [`Store::project`].
    pub fn rebuild(&mut self) -> Result<(), StoreError> {
        self.must_write()?;
        self.db
            .execute("UPDATE meta SET projected_revision = NULL", [])?;
        self.project()
    }

    /// Where the map is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in the evidence of whole trips, all of it or, on an error, nothing. Says of each what
    /// became of it. The projection is stale afterwards if anything changed: see
    /// [`Store::project`].
    ///
    /// # Errors
    /// When the map was opened for reading, or the disk or the engine refuses.
    pub fn record(&mut self, evidence: &[TripEvidence]) -> Result<Vec<Recorded>, StoreError> {
        self.record_with(evidence, None)
    }

    fn record_with(
        &mut self,
        evidence: &[TripEvidence],
        taken: Option<&Taken>,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.must_write()?;
        let trips: Vec<TripHash> = evidence.iter().map(|e| TripHash::of(&e.key)).collect();
        let known = self.known(&trips)?;
        let (withdrawn, sealed) = (self.withdrawn()?, self.sealed_of(&trips)?);
        let edition = |(trip, known): (&TripHash, &Known)| (*trip, known.edition.clone());
        let mut standing: BTreeMap<TripHash, Edition> = known.iter().map(edition).collect();
        let mut recorded = Vec::with_capacity(evidence.len());
        let mut changed: BTreeMap<TripHash, &TripEvidence> = BTreeMap::new();
        for (trip, evidence) in trips.into_iter().zip(evidence) {
            if withdrawn.contains(&trip) {
                recorded.push(Recorded::Withdrawn);
                continue;
            }
            if sealed.contains(&trip) {
                recorded.push(Recorded::Sealed);
                continue;
            }
            let edition = evidence.edition();
            let verdict = standing
                .get(&trip)
                .map_or(Recorded::Added, |standing| standing.verdict_on(&edition));
            if verdict.changed() {
                standing.insert(trip, edition);
                changed.insert(trip, evidence);
            }
            recorded.push(verdict);
        }
        if !changed.is_empty() {
            self.write_facts(&changed, &known, taken)?;
        } else if let Some(taken) = taken {
            taken::save(&self.db, taken)?;
        }
        Ok(recorded)
    }

    /// What stands of those of some trips that the map holds.
    fn known(&mut self, trips: &[TripHash]) -> Result<BTreeMap<TripHash, Known>, StoreError> {
        if self.sift.is_none() {
            let names = facts::names(&self.db)?;
            let mut sift = Sift::with_room_for(names.len());
            names.into_iter().for_each(|name| {
                sift.enter(name);
            });
            self.sift = Some(sift);
        }
        let sift = self.sift.as_ref();
        let may_hold = |trip: &TripHash| sift.is_none_or(|sift| sift.may_hold(*trip));
        let likely: Vec<TripHash> = trips.iter().copied().filter(may_hold).collect();
        facts::known(&self.db, &likely)
    }

    /// Rebuilds hazards and coverage from the facts, in one transaction; does nothing when they
    /// are up to date.
    ///
    /// # Errors
    /// When the map was opened for reading, or the disk or the engine refuses.
    pub fn project(&mut self) -> Result<(), StoreError> {
        self.must_write()?;
        if self.is_projected()? {
            return Ok(());
        }
        let projection = self.fold(None)?;
        let config_hash = config_hash(&self.config);
        let transaction = self.db.transaction()?;
        projection::save(&transaction, &projection)?;
        transaction.execute(
            "UPDATE meta SET projected_revision = fact_revision, projected_config = ?, \
             as_of_utc = ?",
            params![config_hash, rows::timestamp(projection.as_of_us)],
        )?;
        transaction.commit()?;
        self.hold()
    }

    /// What the facts say, seen from a moment or, without one, from the newest dated evidence.
    fn fold(&self, as_of_us: Option<i64>) -> Result<Projection, StoreError> {
        self.must_be_open(as_of_us)?;
        let told = self.told(as_of_us)?;
        let mut projection = fold::project(&self.facts(), &told, as_of_us, &self.config)?;
        let sealed = projection::coverage(&self.db, "sealed_coverage")?;
        if !sealed.is_empty() {
            let coverage = std::mem::take(&mut projection.coverage);
            projection.coverage = fold::add(coverage.into_iter().chain(sealed));
        }
        Ok(projection)
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            db: &self.db,
            most_rows: MOST_ROWS,
        }
    }

    /// Writes the evidence of trips in the place of what the `known` ones said before.
    fn write_facts(
        &mut self,
        changed: &BTreeMap<TripHash, &TripEvidence>,
        known: &BTreeMap<TripHash, Known>,
        taken: Option<&Taken>,
    ) -> Result<(), StoreError> {
        let keys = self.keys.as_mut().ok_or(StoreError::ReadOnly)?;
        let zone = &self.area.time_zone;
        let mut next_number = facts::next_number(&self.db)?;
        let (mut facts, mut replaced) = (Vec::with_capacity(changed.len()), Vec::new());
        for (trip, evidence) in changed {
            let season = evidence.stamp(zone).season();
            let witness = evidence.counts_as.as_ref().unwrap_or(&evidence.key.device);
            let driver = keys.driver(season, witness)?;
            let number = known.get(trip).map_or(next_number, |known| known.number);
            if number == next_number {
                next_number += 1;
            } else {
                replaced.push(number);
            }
            facts.push((number, Fact::new(evidence, driver, zone)));
        }
        keys.save()?;
        let transaction = self.db.transaction()?;
        facts::forget(&transaction, &replaced)?;
        facts::save(&transaction, &facts, &self.area)?;
        transaction.execute("UPDATE meta SET fact_revision = fact_revision + 1", [])?;
        if let Some(taken) = taken {
            taken::save(&transaction, taken)?;
        }
        transaction.commit()?;
        if let Some(sift) = self.sift.as_mut() {
            let has_room = changed.keys().fold(true, |_, &trip| sift.enter(trip));
            // A larger one is made from the table.
            self.sift = self.sift.take().filter(|_| has_room);
        }
        self.hold()
    }

    /// Makes what was committed last: the engine syncs its log, but the log is a new file now and
    /// then, and its name has to be on disk as well.
    fn hold(&self) -> Result<(), StoreError> {
        create::sync_folder(&self.path).map_err(|source| StoreError::file(&self.path, source))
    }

    /// Whether the stored projection is of these facts and this configuration.
    fn is_projected(&self) -> Result<bool, StoreError> {
        let sql = "SELECT projected_revision IS NOT DISTINCT FROM fact_revision \
                   AND projected_config IS NOT DISTINCT FROM ? FROM meta";
        let config_hash = config_hash(&self.config);
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.query_row(params![config_hash], |row| row.get(0))?)
    }

    fn must_write(&self) -> Result<(), StoreError> {
        if self.keys.is_none() {
            return Err(StoreError::ReadOnly);
        }
        Ok(())
    }
}

/// Names what a configuration says of the fold: the first 16 hexadecimal digits of the SHA-256 of
/// its JSON. What may be told of the outcome and how long evidence is kept change nothing in it.
fn config_hash(config: &Config) -> String {
    let folding = Config {
        release: ReleaseRule::default(),
        retention: RetentionRule::default(),
        ..config.clone()
    };
    let json = serde_json::to_vec(&folding).expect("a configuration is plain numbers");
    hex(&Sha256::digest(json)[..8])
}

#[cfg(test)]
mod tests;
