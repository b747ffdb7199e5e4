//! The server's side: a bridge, and an inbox that only remembers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ingest::ack::SeqSet;
use ingest::bridge::{self, Config, Counters};
use ingest::inbox::{Answer, Letter, Outcome, Put, Slot};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use trip::{DeviceId, TripId};

use crate::broker::{SERVER, password};

/// Which message: (device, trip, seq).
pub(crate) type Name = (DeviceId, TripId, u32);

/// An inbox that remembers what it stored, and does as it is told.
pub(crate) struct Inbox {
    pub(crate) slot: Slot,
    /// How often each message was stored; more than once would be a fault.
    pub(crate) stored: Mutex<BTreeMap<Name, u32>>,
    /// How often a message came that was there.
    pub(crate) repeated: AtomicU64,
    /// Takes messages in, but answers nothing.
    pub(crate) silent: AtomicBool,
    /// Answers every so many-th message with [`Outcome::Trouble`]; 0 for never.
    pub(crate) trouble_every: AtomicU64,
    pub(crate) troubles: AtomicU64,
    /// What a commit takes, ms.
    pub(crate) commit_ms: AtomicU64,
}

impl Inbox {
    /// An inbox with room for so many waiting bytes.
    pub(crate) fn open(bytes: usize) -> Arc<Self> {
        let (slot, puts) = Slot::new(bytes);
        let inbox = Arc::new(Self {
            slot,
            stored: Mutex::default(),
            repeated: AtomicU64::default(),
            silent: AtomicBool::default(),
            trouble_every: AtomicU64::default(),
            troubles: AtomicU64::default(),
            commit_ms: AtomicU64::new(2),
        });
        tokio::spawn(write(Arc::clone(&inbox), puts));
        inbox
    }

    pub(crate) fn stored_count(&self) -> usize {
        self.stored.lock().unwrap().len()
    }
}

/// Commits what is there, and answers in order.
async fn write(inbox: Arc<Inbox>, mut puts: mpsc::Receiver<Put>) {
    let mut standing: BTreeMap<(DeviceId, TripId), SeqSet> = BTreeMap::new();
    let (mut batch, mut unanswered) = (Vec::new(), Vec::new());
    let mut count = 0;
    while puts.recv_many(&mut batch, 256).await > 0 {
        tokio::time::sleep(Duration::from_millis(inbox.commit_ms.load(SeqCst))).await;
        if inbox.silent.load(SeqCst) {
            // Whoever waits for these waits in vain.
            unanswered.append(&mut batch);
            continue;
        }
        for put in batch.drain(..) {
            count += 1;
            let every = inbox.trouble_every.load(SeqCst);
            let outcome = if every > 0 && count % every == 0 {
                inbox.troubles.fetch_add(1, SeqCst);
                Outcome::Trouble
            } else {
                outcome(&inbox, &mut standing, &put)
            };
            let _ = put.reply.send(Answer {
                token: put.token,
                outcome,
            });
        }
    }
}

fn outcome(
    inbox: &Inbox,
    standing: &mut BTreeMap<(DeviceId, TripId), SeqSet>,
    put: &Put,
) -> Outcome {
    let device = DeviceId::clone(&put.device);
    match &put.letter {
        Letter::Message { trip, seq, .. } => {
            let set = standing.entry((device.clone(), *trip)).or_default();
            let fresh = set.insert(*seq);
            if fresh {
                let mut stored = inbox.stored.lock().unwrap();
                *stored.entry((device, *trip, *seq)).or_default() += 1;
            } else {
                inbox.repeated.fetch_add(1, SeqCst);
            }
            Outcome::Stored {
                trip: *trip,
                fresh,
                standing: set.clone(),
            }
        }
        Letter::Refused { of, reason } => {
            let standing = of.map(|(trip, seq)| {
                let set = standing.entry((device, trip)).or_default();
                set.insert(seq);
                set.clone()
            });
            Outcome::Refused {
                of: *of,
                reason,
                standing: standing.unwrap_or_default(),
            }
        }
        Letter::Hello { trips, .. } => {
            let of = |trip: &TripId| standing.get(&(device.clone(), *trip)).cloned();
            let each = trips
                .iter()
                .map(|trip| (*trip, of(trip).unwrap_or_default()));
            Outcome::Standing(each.collect())
        }
    }
}

/// A bridge that runs.
pub(crate) struct Bridge {
    pub(crate) counters: Arc<Counters>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// A payload is one letter.
pub(crate) fn plain(payload: Bytes, device: &DeviceId, received_us: i64) -> Vec<Letter> {
    vec![Letter::read(payload, device, received_us)]
}

impl Bridge {
    /// To the broker at that port, with short pauses.
    pub(crate) fn start(port: u16, inbox: &Inbox, read: bridge::Read) -> Self {
        let address = format!("mqtt://{SERVER}:{}@127.0.0.1:{port}", password(SERVER));
        let mut config = Config::new(address.parse().unwrap());
        config.shortest_pause = Duration::from_millis(20);
        config.longest_pause = Duration::from_millis(200);
        let counters = Arc::new(Counters::default());
        let (stop, stopped) = watch::channel(false);
        let slot = inbox.slot.clone();
        let run = bridge::run(config, slot, read, Arc::clone(&counters), stopped);
        let task = tokio::spawn(run);
        Self {
            counters,
            stop,
            task,
        }
    }

    pub(crate) async fn connected(&self) {
        crate::until("the bridge is connected", || {
            self.counters.counts().connected
        })
        .await;
    }

    /// Stops in good order.
    pub(crate) async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }

    /// Goes as a process goes that is killed.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
