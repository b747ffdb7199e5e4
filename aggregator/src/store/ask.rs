//! Questions in SQL, for analysts: they read, they end, and they reach nothing but the map.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{Store, StoreError};

/// What a question was answered with, everything as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answered {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows; `None` for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// There were more rows than were asked for.
    pub has_more: bool,
}

impl Store {
    /// Answers one SELECT with at most `rows` rows. Neither files nor the network nor settings can
    /// be reached, and a map that was opened for reading cannot be written.
    ///
    /// # Errors
    /// When the question is none, or takes longer than `within`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the store is an edge: the engine blocks, so whoever watches it needs a thread"
    )]
    pub fn ask(&self, sql: &str, rows: usize, within: Duration) -> Result<Answered, StoreError> {
        let question = |source: duckdb::Error| StoreError::Question {
            why: source.to_string(),
        };
        self.lock_up()?;
        let sql = sql.trim().trim_end_matches(';');
        // A subquery can only be a SELECT; as text every type can be shown.
        let sql = format!(
            "SELECT COLUMNS(*)::VARCHAR FROM ({sql}\n) LIMIT {}",
            rows + 1
        );
        let handle = self.db.interrupt_handle();
        let (done, waits) = mpsc::channel::<()>();
        let watch = thread::spawn(move || {
            let is_late = waits.recv_timeout(within) == Err(mpsc::RecvTimeoutError::Timeout);
            if is_late {
                handle.interrupt();
            }
            is_late
        });
        let answered = self.answer(&sql, rows);
        drop(done);
        let was_late = watch.join().unwrap_or(false);
        match answered {
            Err(_) if was_late => Err(StoreError::TooLong {
                seconds: within.as_secs(),
            }),
            answered => answered.map_err(question),
        }
    }

    /// Shuts files, network and settings off, once for the life of the connection.
    fn lock_up(&self) -> Result<(), StoreError> {
        let sql = "SELECT current_setting('lock_configuration')::BOOLEAN";
        if self.db.query_row(sql, [], |row| row.get(0))? {
            return Ok(());
        }
        let sql = "SET enable_external_access = false; SET lock_configuration = true";
        Ok(self.db.execute_batch(sql)?)
    }

    fn answer(&self, sql: &str, rows: usize) -> duckdb::Result<Answered> {
        let mut statement = self.db.prepare(sql)?;
        let mut answer = statement.query([])?;
        let mut answered = Answered::default();
        while let Some(row) = answer.next()? {
            if answered.rows.len() == rows {
                answered.has_more = true;
                break;
            }
            let count = row.as_ref().column_count();
            let values = (0..count).map(|index| row.get(index));
            answered.rows.push(values.collect::<duckdb::Result<_>>()?);
        }
        drop(answer);
        answered.columns = statement.column_names();
        Ok(answered)
    }
}
