//! What is handed to the inbox, and what it answers.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use trip::{DeviceId, TripId};

use crate::ack::SeqSet;
use crate::wire::{self, Checked, WireError};

/// One message on its way to the disk. Whoever puts it in hears of it once, through `reply`, when what
/// it says is on disk: the answers to one `reply` come in the order of the puts.
#[derive(Debug)]
pub struct Put {
    /// Whose it is: the authenticated device.
    pub device: Arc<DeviceId>,
    /// When it came, µs since 1970 on the server's clock.
    pub received_us: i64,
    /// What came.
    pub letter: Letter,
    /// Given back in the answer: a packet identifier, or an index.
    pub token: u64,
    /// Where the answer goes. A listener that is gone costs nothing.
    pub reply: mpsc::UnboundedSender<Answer>,
    /// Its share of the memory for what waits; given back when the message is on disk.
    pub room: Option<OwnedSemaphorePermit>,
}

/// What came, after the rim has read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Letter {
    /// A sound message.
    Message {
        /// The trip.
        trip: TripId,
        /// Its number.
        seq: u32,
        /// Whether it says that the trip is over.
        bye: bool,
        /// The hash of the trip's secret, where its header has one.
        claim: Option<[u8; 32]>,
        /// The message as it came.
        payload: Bytes,
    },
    /// A message that the rim refused.
    Refused {
        /// The trip and number, where it told them.
        of: Option<(TripId, u32)>,
        /// A code of `WIRE.md`.
        reason: &'static str,
    },
    /// A `hello`: what is there of these trips?
    Hello {
        /// The phone's clock less the server's, µs.
        ahead_us: i64,
        /// The trips it asks for.
        trips: Vec<TripId>,
    },
}

/// What became of a [`Put`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The token of the put.
    pub token: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a message. But for [`Outcome::Trouble`], the phone is told and may delete it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is on disk, now (`fresh`) or since before; what there is of its trip.
    Stored {
        /// The trip.
        trip: TripId,
        /// The first time it came.
        fresh: bool,
        /// What there is of the trip.
        standing: SeqSet,
    },
    /// It is refused, and that is on disk.
    Refused {
        /// The trip and number, where it told them.
        of: Option<(TripId, u32)>,
        /// A code of `WIRE.md`.
        reason: &'static str,
        /// What there is of the trip; empty where the device has no such trip.
        standing: SeqSet,
    },
    /// The answer to `hello`: what there is of each trip asked for.
    Standing(Vec<(TripId, SeqSet)>),
    /// The disk does not take it: no ack and no PUBACK; the phone keeps it and sends it again.
    Trouble,
}

impl Letter {
    /// What a message is to the inbox; the rim's half of the work.
    pub fn read(payload: Bytes, device: &DeviceId, received_us: i64) -> Self {
        match wire::check(&payload) {
            Ok(Checked::Message {
                device: Some(named),
                ..
            }) if named != *device => Self::Refused {
                of: None,
                reason: "not_yours",
            },
            Ok(Checked::Message {
                trip,
                seq,
                bye,
                claim,
                ..
            }) => Self::Message {
                trip,
                seq,
                bye,
                claim,
                payload,
            },
            Ok(Checked::Hello(hello)) => Self::Hello {
                ahead_us: hello.now_us.saturating_sub(received_us),
                trips: hello.trips,
            },
            Err(error) => Self::refused(&payload, &error),
        }
    }

    fn refused(payload: &[u8], error: &WireError) -> Self {
        Self::Refused {
            of: wire::name_of(payload),
            reason: error.reason(),
        }
    }

    /// How much memory it takes while it waits, bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Message { payload, .. } => 256 + payload.len(),
            _ => 256,
        }
    }
}

/// The slot through which messages go into an inbox: as many as fit into its memory, then whoever
/// puts one more waits. Nothing is ever dropped.
#[derive(Clone, Debug)]
pub struct Slot {
    queue: mpsc::Sender<Put>,
    room: Arc<Semaphore>,
    most: usize,
}

/// The inbox is closed: the server is going down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the inbox is closed")]
pub struct Closed;

impl Slot {
    /// A slot with room for so many bytes, and the end where they come out.
    pub fn new(bytes: usize) -> (Self, mpsc::Receiver<Put>) {
        let (queue, out) = mpsc::channel(16_384);
        let room = Arc::new(Semaphore::new(bytes));
        (
            Self {
                queue,
                room,
                most: bytes,
            },
            out,
        )
    }

    /// Puts a message in, waiting for room.
    ///
    /// # Errors
    /// When the inbox is closed.
    pub async fn put(&self, mut put: Put) -> Result<(), Closed> {
        let size = put.letter.size().min(self.most) as u32;
        let room = Arc::clone(&self.room).acquire_many_owned(size).await;
        put.room = Some(room.map_err(|_| Closed)?);
        self.queue.send(put).await.map_err(|_| Closed)
    }

    /// How many bytes wait.
    pub fn waiting_bytes(&self) -> usize {
        self.most - self.room.available_permits().min(self.most)
    }
}
