//! Drives: recorded trips played as phones would send them, and the contract checked.
//!
//! Every phone is a task that makes messages when they are due, keeps them in an [`ingest::outbox`] and
//! connects, breaks off and comes back as its habits say. At the end nothing may be lost: what was made is
//! acked or nacked, or [`Summary::lost`] says how much is not.
//!
//! | module | what it does | pure |
//! | --- | --- | --- |
//! | [`track`], [`quality`] | traces, cut anew into the messages of a phone | reads files |
//! | [`mould`] | a message encoded once for all phones, filled in for one | yes |
//! | [`journey`] | what one phone has to say and when | yes |
//! | [`phone`] | a phone: journey, outbox, habits | yes |
//! | `mqtt`, `line` | a phone on MQTT | sockets |
//! | `post` | a phone on HTTP | sockets |
//! | [`raw`], `storm` | the door alone under load | sockets |
//! | [`login`], [`enrolment`] | as whom phones come | sockets |
//! | [`tally`], [`spread`], [`summary`] | what they did, and what is told of it | yes |

pub mod clock;
pub mod enrolment;
pub mod journey;
mod line;
pub mod login;
pub mod mould;
mod mqtt;
pub mod phone;
mod post;
pub mod quality;
pub mod raw;
mod run;
pub mod socket;
pub mod spread;
mod storm;
pub mod summary;
pub mod tally;
pub mod target;
pub mod track;

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use clock::Clock;
use journey::{Course, Journey};
use login::Login;
use phone::{Habits, Phone};
use run::Run;
use socket::Route;
use summary::{Ledger, Summary};
use tally::Tally;
use target::{Protocol, Target};
use track::Track;

use crate::descriptors;

/// What is driven.
#[derive(Clone, Debug)]
pub struct Drive {
    /// The door.
    pub target: Target,
    /// As whom phones come.
    pub logins: Logins,
    /// How many there are.
    pub phones: u32,
    /// Source addresses; see [`Route::sources`].
    pub sources: u8,
    /// How many times faster than it was recorded a track is sent.
    pub speedup: f64,
    /// How long trips follow one another, µs; without it each phone makes one.
    pub length_us: Option<i64>,
    /// What phones do on purpose.
    pub habits: Habits,
    /// Decides about everything that is left to chance.
    pub seed: u64,
    /// A phone that has said all waits so long for an ack after the last one, µs.
    pub flush_us: i64,
    /// Threads that drive phones.
    pub threads: usize,
}

/// As whom phones come.
#[derive(Clone, Debug)]
pub enum Logins {
    /// Under names of their own, which begin so.
    Open(String),
    /// As a file says.
    File(std::path::PathBuf),
    /// As the server says that gave the invitation: the code, and where to trade it in.
    Invitation(String, Target),
}

/// What is asked of the phones.
#[derive(Clone, Debug)]
pub enum Task {
    /// To play tracks.
    Play(Vec<Track>),
    /// To publish as fast as the door takes it.
    Raw(raw::Raw),
    /// To connect at once, all of them, and go.
    Storm,
}

/// A stop ends trips; acks are waited for so long after it, µs.
const FLUSH_AFTER_STOP_US: i64 = 5_000_000;

/// A door that does not let a phone in within this time is tried again.
const PATIENCE_TO_CONNECT: Duration = Duration::from_secs(30);

impl Drive {
    /// Drives to the end; `watch` is called twice a second, and once `stop` is set the phones
    /// come to an end.
    ///
    /// # Errors
    /// When it cannot begin: the door has no address, or there are too few logins.
    pub fn run(
        &self,
        task: Task,
        stop: watch::Receiver<bool>,
        watch: impl FnMut(&Tally),
    ) -> anyhow::Result<(Summary, Ledger)> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads.max(1))
            .enable_all()
            .build()
            .context("cannot start the threads of the drive")?;
        let driven = runtime.block_on(self.drive(task, stop, watch));
        // Nobody waits for a name server that does not answer.
        runtime.shutdown_background();
        driven
    }

    async fn drive(
        &self,
        task: Task,
        stop: watch::Receiver<bool>,
        mut watch: impl FnMut(&Tally),
    ) -> anyhow::Result<(Summary, Ledger)> {
        let descriptors = descriptors::raise(u64::MAX);
        let tally = Arc::new(Tally::default());
        let route = self.route(&self.target).await?;
        let logins = self.logins(&tally).await?;
        let run = Run {
            clock: Clock::start(),
            route,
            tally: Arc::clone(&tally),
            stop,
            flush_us: self.flush_us,
            flush_after_stop_us: FLUSH_AFTER_STOP_US,
            patience_to_connect: PATIENCE_TO_CONNECT,
        };
        let driving = async {
            match task {
                Task::Play(tracks) => self.play(tracks, logins, &run).await,
                Task::Raw(raw) => raw::all(&raw, logins, &run, self.seed).await,
                Task::Storm => storm::all(logins, &run).await,
            }
        };
        let mut driving = std::pin::pin!(driving);
        let mut ticks = tokio::time::interval(Duration::from_millis(500));
        let ledger = loop {
            tokio::select! {
                ledger = &mut driving => break ledger,
                _ = ticks.tick() => watch(&tally),
            }
        };
        let summary = Summary::of(self, &ledger, &run, descriptors);
        Ok((summary, ledger))
    }

    async fn play(&self, tracks: Vec<Track>, logins: Vec<Login>, run: &Run) -> Ledger {
        let course = Arc::new(Course::new(tracks, self.speedup, self.seed));
        let begin_us = run.clock.now_us();
        let until_us = self.length_us.map(|length_us| begin_us + length_us);
        let mut phones = JoinSet::new();
        for (number, login) in (0..).zip(logins) {
            // Phones begin one after the other within one message, so that they do not beat in step.
            let message_us = course.tracks[0].legs[0].at_us as f64 / self.speedup;
            let share = f64::from(number) / f64::from(self.phones);
            let begin_us = begin_us + (message_us * share) as i64;
            let journey = Journey::new(Arc::clone(&course), number, begin_us, until_us);
            let phone = Phone::new(
                journey,
                self.habits,
                course.chance(number, phone::FOR_HABITS),
                Arc::clone(&run.tally),
            );
            let (run, protocol) = (run.clone(), self.target.protocol);
            phones.spawn(async move {
                run.until(begin_us).await;
                let device = Arc::clone(&login.device);
                let phone = match protocol {
                    Protocol::Mqtt => mqtt::play(phone, login, number, &run).await,
                    Protocol::Http => post::play(phone, login, number, &run).await,
                };
                (device, phone.into_trips())
            });
        }
        let mut ledger = Ledger::default();
        while let Some(played) = phones.join_next().await {
            match played {
                Ok((device, trips)) => ledger.add(device, trips),
                // What such a phone made stays without an ack, and is told as lost.
                Err(_) => run.tally.trouble("a phone broke"),
            }
        }
        ledger
    }

    async fn route(&self, target: &Target) -> anyhow::Result<Route> {
        let found = tokio::net::lookup_host(&target.address).await;
        let found = found.ok().and_then(|mut found| found.next());
        Ok(Route {
            to: found.with_context(|| format!("{} has no address", target.address))?,
            sources: self.sources,
        })
    }

    async fn logins(&self, tally: &Arc<Tally>) -> anyhow::Result<Vec<Login>> {
        let mut logins = match &self.logins {
            Logins::Open(prefix) => (0..self.phones)
                .map(|number| Login::open(&self.target, prefix, number, self.phones))
                .collect::<Result<_, _>>()?,
            Logins::File(path) => Login::read(path)?,
            Logins::Invitation(code, server) => {
                let route = self.route(server).await?;
                enrolment::enrol(&route, code, self.phones, tally).await?
            }
        };
        let phones = self.phones as usize;
        anyhow::ensure!(
            phones <= logins.len(),
            "there are {} logins for {phones} phones",
            logins.len()
        );
        logins.truncate(phones);
        // What enrolling took is no part of the drive.
        tally.sent_bytes.store(0, Relaxed);
        tally.heard_bytes.store(0, Relaxed);
        Ok(logins)
    }
}
