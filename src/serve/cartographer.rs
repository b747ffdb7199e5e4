//! The thread that has the map: it takes evidence in, folds it, and lends the file to commands.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use aggregator::{Mode, Recorded, Store, StoreError, Taken, TripEvidence};
use ingest::causes::in_one_line;

use crate::pipeline;

/// The map, from any thread.
#[derive(Clone)]
pub struct Cartographer {
    path: Arc<Path>,
    jobs: SyncSender<Job>,
    standing: Arc<Standing>,
}

/// How the map stands.
#[derive(Debug, Default)]
pub struct Standing {
    /// Why nothing can be taken in at present.
    trouble: Mutex<Option<Trouble>>,
    /// Evidence is in that the hazards do not show yet.
    pub is_stale: AtomicBool,
    /// Trips taken in since the server started.
    pub trips: AtomicU64,
    /// How long the last fold took, ms.
    pub fold_ms: AtomicU64,
}

#[derive(Debug)]
struct Trouble {
    text: String,
    /// Whether it was writing that was refused: that it can be read says nothing of that.
    of_writing: bool,
}

enum Job {
    Record(Vec<TripEvidence>, Taken, SyncSender<Result<(), String>>),
    Taken(String, SyncSender<Result<Option<u64>, String>>),
    Lend(Box<dyn FnOnce() + Send>),
    Stop,
}

/// A fold takes the whole map; it may take a fifth of the time, and no more.
const FOLD_SHARE: u32 = 5;

/// How long after a refusal the map is opened again.
const RETRY: Duration = Duration::from_secs(1);

impl Cartographer {
    /// Opens the map, made when there is none, and starts its thread. Hazards follow the evidence
    /// after `fold_every` at the latest, or later when folding takes long.
    ///
    /// # Errors
    /// When the map cannot be opened.
    pub fn start(path: &Path, fold_every: Duration) -> Result<(Self, JoinHandle<()>), StoreError> {
        let store = Store::open(path, Mode::Write)?;
        let (jobs, queue) = sync_channel(16);
        let standing = Arc::new(Standing::default());
        // What was taken in before the last stop may not be folded yet.
        standing.is_stale.store(true, Ordering::Relaxed);
        let desk = Desk {
            path: path.to_owned(),
            store: Some(store),
            fold_every,
            folded_at: None,
            standing: Arc::clone(&standing),
        };
        let thread = std::thread::spawn(move || desk.run(&queue));
        let path = path.into();
        Ok((
            Self {
                path,
                jobs,
                standing,
            },
            thread,
        ))
    }

    /// Where the map is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How the map stands.
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Takes in evidence of whole trips; it is on disk when this returns.
    ///
    /// # Errors
    /// When the map refuses: nothing of it is in then, and it may be tried again.
    pub fn record(&self, evidence: Vec<TripEvidence>, taken: Taken) -> Result<(), String> {
        self.ask(|reply| Job::Record(evidence, taken, reply))
    }

    /// How far an inbox has been taken in.
    ///
    /// # Errors
    /// When the map refuses.
    pub fn taken(&self, inbox: &str) -> Result<Option<u64>, String> {
        self.ask(|reply| Job::Taken(inbox.to_owned(), reply))
    }

    /// Lets a command have the file: what it does happens between two takings in.
    ///
    /// # Errors
    /// When the server is going down.
    pub fn lend<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, String> {
        let (reply, answer) = sync_channel(1);
        let job = move || {
            // Whoever asked may be gone.
            let _ = reply.send(work());
        };
        self.jobs
            .send(Job::Lend(Box::new(job)))
            .map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())
    }

    /// Ends the thread once it has done what it was asked before.
    pub fn stop(&self) {
        // It may have ended already.
        let _ = self.jobs.send(Job::Stop);
    }

    fn ask<T>(&self, job: impl FnOnce(SyncSender<Result<T, String>>) -> Job) -> Result<T, String> {
        let (reply, answer) = sync_channel(1);
        self.jobs.send(job(reply)).map_err(|_| gone())?;
        answer.recv().map_err(|_| gone())?
    }
}

fn gone() -> String {
    "the server is going down".to_owned()
}

impl Standing {
    /// Why nothing can be taken in at present.
    pub fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().map(|trouble| trouble.text.clone())
    }

    /// Something went well: what was wrong of that kind is over.
    fn is_well(&self, of_writing: bool) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble
            .as_ref()
            .is_some_and(|it| of_writing || !it.of_writing)
        {
            tracing::warn!("the map can be written again");
            *trouble = None;
        }
    }

    fn refused(&self, text: &str, of_writing: bool) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.as_ref().is_none_or(|before| before.text != text) {
            tracing::error!("the map cannot be written: {text}");
        }
        let of_writing = of_writing || trouble.as_ref().is_some_and(|it| it.of_writing);
        *trouble = Some(Trouble {
            text: text.to_owned(),
            of_writing,
        });
    }
}

/// What the thread has.
struct Desk {
    path: PathBuf,
    /// `None` when the map refused and has not been opened again.
    store: Option<Store>,
    fold_every: Duration,
    folded_at: Option<Instant>,
    standing: Arc<Standing>,
}

impl Desk {
    fn run(mut self, queue: &Receiver<Job>) {
        loop {
            match queue.recv_timeout(self.patience()) {
                Ok(Job::Record(evidence, taken, reply)) => {
                    let done = self.record(&evidence, &taken);
                    let _ = reply.send(done);
                }
                Ok(Job::Taken(inbox, reply)) => {
                    let taken = self.with(false, |store| store.taken(&inbox));
                    let _ = reply.send(taken);
                }
                Ok(Job::Lend(work)) => {
                    // The engine's file has one owner: ours goes, the command opens its own.
                    self.store = None;
                    work();
                    // A command may have changed what is known, and folds for itself.
                    let _ = self.with(false, |_| Ok(()));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Job::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            self.fold_if_due();
        }
        self.fold();
    }

    fn patience(&self) -> Duration {
        let wait = self.fold_every.max(Duration::from_millis(100));
        if self.standing.is_stale.load(Ordering::Relaxed) {
            Duration::from_millis(100)
        } else {
            wait
        }
    }

    fn record(&mut self, evidence: &[TripEvidence], taken: &Taken) -> Result<(), String> {
        let recorded = self.with(true, |store| pipeline::take_in(store, evidence, taken))?;
        let trips = recorded.len() as u64;
        self.standing.trips.fetch_add(trips, Ordering::Relaxed);
        if recorded.into_iter().any(Recorded::changed) {
            self.standing.is_stale.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Does something with the map, which is opened when it is not open. After an error it is closed: the
    /// engine does not always recover from a full disk by itself.
    fn with<T>(
        &mut self,
        of_writing: bool,
        work: impl FnOnce(&mut Store) -> Result<T, StoreError>,
    ) -> Result<T, String> {
        if self.store.is_none() {
            match Store::open(&self.path, Mode::Write) {
                Ok(store) => self.store = Some(store),
                Err(error) => return Err(self.refused(&error, of_writing)),
            }
        }
        let Some(store) = &mut self.store else {
            return Err(gone());
        };
        match work(store) {
            Ok(value) => {
                self.standing.is_well(of_writing);
                Ok(value)
            }
            Err(error) => {
                self.store = None;
                Err(self.refused(&error, of_writing))
            }
        }
    }

    fn refused(&self, error: &StoreError, of_writing: bool) -> String {
        let text = in_one_line(error);
        self.standing.refused(&text, of_writing);
        std::thread::sleep(RETRY);
        text
    }

    fn fold_if_due(&mut self) {
        let took = Duration::from_millis(self.standing.fold_ms.load(Ordering::Relaxed));
        let rest = self.fold_every.max(FOLD_SHARE * took);
        if self.folded_at.is_none_or(|at| at.elapsed() >= rest) {
            self.fold();
        }
    }

    fn fold(&mut self) {
        if !self.standing.is_stale.load(Ordering::Relaxed) {
            return;
        }
        let began = Instant::now();
        if self.with(true, Store::project).is_ok() {
            self.standing.is_stale.store(false, Ordering::Relaxed);
        }
        let took = began.elapsed().as_millis() as u64;
        self.standing.fold_ms.store(took, Ordering::Relaxed);
        self.folded_at = Some(Instant::now());
    }
}
