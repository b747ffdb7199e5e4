//! The door: an MQTT 3.1.1 server for phones, and for nothing else.
//!
//! A phone may publish on its own `jounce/v1/<name>/up` and hear acks on its own
//! `jounce/v1/<name>/ack`: two fixed texts per device, compared as a whole. There are no other topics,
//! so that nobody can read or write anything of another; no wildcards, retained messages, wills,
//! QoS 2, or sessions. What comes in goes to the [inbox](crate::inbox), and a PUBACK is written only when
//! the inbox answers that the message is on disk.
//!
//! | module | what it does |
//! | --- | --- |
//! | `listen` | accepts connections, TLS |
//! | `threshold` | CONNECT, and the question to the [`Gate`] |
//! | `session` | one connection: waits for packets, answers, time |
//! | `talk` | what is said on it, without I/O: packets in, messages and packets out |
//! | `line`, `kept` | bytes: an idle connection has no buffer |
//! | `places` | limits per address, and who is in: a device that comes again takes over |
//!
//! When the inbox is behind, sockets are not read: what is under way waits in the phones, and nothing
//! is dropped. A connection that breaks the rules is closed without a word beyond what the standard
//! has for it, and [counted](Counters) by its [`Ending`].

mod counters;
mod ending;
mod gate;
mod kept;
mod limits;
mod line;
mod listen;
mod places;
mod session;
mod talk;
#[cfg(test)]
mod tests;
mod threshold;
mod trusted;

use std::fmt;
use std::future::{Future, pending};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use trip::DeviceId;

use counters::add;
use kept::Kept;
use line::Line;
use places::{Place, Places};
use session::Session;
use talk::{Talk, Topics};

pub use counters::Counters;
pub use ending::Ending;
pub use gate::{Caller, Denial, Gate, Judgement, Login};
pub use limits::Limits;
pub use listen::{bind, listen};
pub use trusted::{NotANetwork, Trusted};

use crate::inbox::{Letter, Slot};

/// How a payload becomes what is put into the inbox: its bytes, whose they are, when they came (µs since
/// 1970, the server's clock). [`read_one`] unless the app translates foreign formats first. A payload
/// without letters is acknowledged and forgotten.
pub type Reading = dyn Fn(Bytes, &DeviceId, i64) -> Vec<Letter> + Send + Sync;

/// The door's own [`Reading`]: one payload is one message of the wire.
pub fn read_one(payload: Bytes, device: &DeviceId, received_us: i64) -> Vec<Letter> {
    vec![Letter::read(payload, device, received_us)]
}

/// A door: shared by all its connections.
pub struct Door {
    gate: Box<dyn Gate>,
    slot: Slot,
    reading: Box<Reading>,
    limits: Limits,
    trusted: Trusted,
    counters: Counters,
    places: Places,
    /// Bytes kept for all connections together.
    kept: AtomicUsize,
    stop: watch::Sender<bool>,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door")
            .field("limits", &self.limits)
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Door {
    /// A door that asks `gate` who may come, and puts what they bring into `slot`.
    pub fn new(gate: Box<dyn Gate>, slot: Slot) -> Self {
        Self {
            gate,
            slot,
            reading: Box::new(read_one),
            limits: Limits::default(),
            trusted: Trusted::default(),
            counters: Counters::default(),
            places: Places::default(),
            kept: AtomicUsize::new(0),
            stop: watch::Sender::new(false),
        }
    }

    /// With other limits than the default ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits, trusted: Trusted) -> Self {
        self.limits = limits;
        self.trusted = trusted;
        self
    }

    /// With another way of reading payloads.
    #[must_use]
    pub fn with_reading(mut self, reading: Box<Reading>) -> Self {
        self.reading = reading;
        self
    }

    /// What it has counted.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Bytes of half packets that it keeps now.
    pub fn kept_bytes(&self) -> usize {
        self.kept.load(Ordering::Relaxed)
    }

    /// Stops: nobody is let in any more, nothing more is read, what is under way is answered for
    /// [`Limits::farewell`], then connections close. [`listen`] returns when that is done.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        self.places.clear();
    }

    /// Returns once the door stops.
    pub async fn stopping(&self) {
        let mut stop = self.stop.subscribe();
        // The sender is a field of the door itself.
        let _ = stop.wait_for(|stop| *stop).await;
    }

    fn halves_are_full(&self) -> bool {
        self.kept_bytes() > self.limits.half_bytes
    }

    fn take_place(&self, peer: IpAddr) -> Result<Place<'_>, Ending> {
        self.places.take(peer, &self.limits, &self.trusted)
    }

    /// Counts a connection while it is there, and why it found no place.
    async fn count(&self, connection: impl Future<Output = Result<(), Ending>>) {
        add(&self.counters.connections_total, 1);
        add(&self.counters.connections, 1);
        let guard = Leaving(self);
        if let Err(ending) = connection.await {
            self.counters.end(ending);
        }
        drop(guard);
    }

    /// Serves a connection that has its place.
    async fn serve<S>(&self, io: S, peer: IpAddr, place: Place<'_>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let mut line = Line::new(io, Kept::new(&self.kept), &self.counters);
        let admitted = tokio::select! {
            admitted = threshold::cross(&mut line, peer, self) => admitted,
            () = self.stopping() => Err(Ending::Stopping),
        };
        let ending = match admitted {
            Ok((login, silence)) => {
                add(&self.counters.admitted, 1);
                let (entry, told) = self.places.enter(Arc::clone(&login.device));
                let (reply, answers) = mpsc::unbounded_channel();
                let topics = Topics::of(&login.topic_name);
                let mut talk = Talk::new(self, login.device, topics, reply);
                // Packets may have come together with CONNECT.
                talk.waiting = line.kept_bytes() > 0;
                let session = Session {
                    door: self,
                    line: &mut line,
                    talk,
                    answers,
                    told: Some(told),
                    silence,
                    farewell: None,
                    paused: false,
                };
                let ending = session.run(revoked(login.ended)).await;
                drop(entry);
                ending
            }
            Err(ending) => ending,
        };
        self.counters.end(ending);
        tracing::debug!(reason = ending.name(), "connection ended");
        if ending != Ending::Gone {
            line.close().await;
        }
        drop(place);
    }
}

/// Serves one connection from its first byte of MQTT to its end: over TCP, TLS, or WebSocket frames made a
/// stream, from `peer`. It holds a place within the limits; whoever runs handshakes before this one bounds
/// their time.
pub async fn serve_connection<S>(io: S, peer: IpAddr, door: &Door)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let connection = async {
        let place = door.take_place(peer)?;
        door.serve(io, peer, place).await;
        Ok(())
    };
    door.count(connection).await;
}

/// A connection that is counted as open.
struct Leaving<'d>(&'d Door);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.counters.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Returns once the device is revoked.
async fn revoked(mut ended: watch::Receiver<bool>) {
    if ended.wait_for(|ended| *ended).await.is_err() {
        pending::<()>().await;
    }
}
