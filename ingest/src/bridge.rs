//! The bridge: what phones send through somebody else's MQTT broker, into the inbox.
//!
//! Behind our own door a PUBACK means *on disk*. A broker's PUBACK means what that broker makes of
//! it, often "in memory"; so with a broker between, the ack topic alone carries the promise
//! (`WIRE.md`, Acks), and the bridge asks nothing of the broker but to pass messages on. What the
//! broker loses, a phone sends again; what it brings twice, the inbox drops and acks again.
//!
//! ```text
//! broker ─ jounce/v1/<device>/up ─▶ connection ─ Slot::put ─▶ inbox
//!    ▲ ▲                                │ arrivals              │ answers
//!    │ └──── PUBACK, in order ────── answering ◀────────────────┘
//!    └───── jounce/v1/<device>/ack ─────┘
//! ```
//!
//! `connection` drives one connection and hands over what arrives; `answering` walks through the
//! arrivals of that connection, waits for the inbox's answer to each, and only then acknowledges
//! it. A connection has a queue of its own to the broker, so that an acknowledgement can never
//! reach a later connection. While the inbox has no room the connection is not read, and the
//! broker holds what it has in flight.
//!
//! Every connection subscribes anew, because a broker that was killed may have forgotten. How to
//! set up mosquitto, NATS and RabbitMQ stands in `deploy/`.
//!
//! ```
//! use ingest::bridge::{Address, Config};
//!
//! let address: Address = "mqtt://server:secret@broker.example".parse()?;
//! let config = Config::new(address);
//! assert_eq!(config.keep_alive.as_secs(), 30);
//! # Ok::<(), ingest::bridge::AddressError>(())
//! ```

mod address;
mod answering;
mod connection;
mod counters;
mod loss;
mod pause;
mod tidings;
mod topic;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::MqttOptions;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use trip::DeviceId;

pub use address::{Address, AddressError};
pub use counters::{Counters, Counts};

use crate::inbox::{Letter, Slot};
use connection::{End, Line};
use loss::Loss;
use pause::Pause;

/// The largest packet that MQTT can carry, bytes (MQTT 3.1.1, 2.2.3). What is too large for us is
/// refused with a nack; a connection that broke over it would be sent it again, for ever.
const MAX_PACKET_BYTES: usize = 268_435_455;

/// What a payload is to the inbox: one letter, or several where a foreign format holds several.
pub type Read = fn(Bytes, &DeviceId, i64) -> Vec<Letter>;

/// Which broker, and how patiently.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the broker is, and as whom.
    pub address: Address,
    /// The name of the session that the broker keeps for us. By default it follows from user and
    /// password ([`Address::client_id`]). Whoever connects with it takes the session over.
    pub client_id: Option<String>,
    /// How often to tell a silent broker that we live, at least 1 s. Default 30 s.
    pub keep_alive: Duration,
    /// How long to wait before connecting again, the first time; doubled each time. Default 1 s.
    pub shortest_pause: Duration,
    /// The most that doubling comes to. Default 30 s.
    pub longest_pause: Duration,
    /// At the end, how long to wait for the answers of what is under way. Default 5 s.
    pub farewell: Duration,
}

impl Config {
    /// The defaults, for that broker.
    pub fn new(address: Address) -> Self {
        Self {
            address,
            client_id: None,
            keep_alive: Duration::from_secs(30),
            shortest_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            farewell: Duration::from_secs(5),
        }
    }

    fn options(&self) -> MqttOptions {
        let id = self.client_id.clone().filter(|id| !id.is_empty());
        let id = id.unwrap_or_else(|| self.address.client_id());
        let mut options = MqttOptions::new(id, self.address.host(), self.address.port());
        options
            .set_keep_alive(self.keep_alive.max(Duration::from_secs(1)))
            .set_clean_session(false)
            .set_manual_acks(true)
            .set_max_packet_size(MAX_PACKET_BYTES, MAX_PACKET_BYTES)
            .set_credentials(
                self.address.user(),
                self.address.password().unwrap_or_default(),
            );
        options
    }
}

/// Consumes from a broker until `stop` says so or the inbox is closed. Never fails: a broker that is
/// away is tried again and again, and `counters` tell how it goes.
pub async fn run(
    config: Config,
    slot: Slot,
    read: Read,
    counters: Arc<Counters>,
    mut stop: watch::Receiver<bool>,
) {
    let mut pause = Pause::new(config.shortest_pause, config.longest_pause);
    let line = Arc::new(Line {
        options: config.options(),
        slot,
        read,
        counters: Arc::clone(&counters),
        current: watch::Sender::new(None),
        farewell: config.farewell,
    });
    let mut answering = JoinSet::new();
    while !*stop.borrow() {
        let began = Instant::now();
        let mut polling = JoinSet::new();
        let answers = Arc::clone(&line).attend(stop.clone(), &mut polling);
        answering.spawn(answers);
        // A task that panicked is a connection that broke.
        let end = match polling.join_next().await {
            Some(Ok(end)) => end,
            _ => End::Lost(Loss::Broken),
        };
        line.current.send_replace(None);
        counters.gone();
        while answering.try_join_next().is_some() {}
        let lost = match end {
            End::Stopped | End::Closed => break,
            End::Trouble => Loss::Trouble,
            End::Lost(loss) => loss,
        };
        if lost != Loss::Trouble && began.elapsed() > config.longest_pause {
            pause.reset();
        }
        let wait = pause.next();
        tracing::warn!("broker: {lost}; again in {:.1} s", wait.as_secs_f64());
        let _ = timeout(wait, stopped(&mut stop)).await;
    }
    // What was under way is answered while the connection says goodbye; what is late is sent again.
    let rest = async { while answering.join_next().await.is_some() {} };
    let _ = timeout(Duration::from_millis(100), rest).await;
}

/// Waits for the stop; whoever could say it being gone is one as well.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
