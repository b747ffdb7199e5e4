//! One connection to a broker, from CONNECT until it ends.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Outgoing, Packet, Publish, QoS,
    SubscribeReasonCode,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::answering::{Answering, Arrival};
use super::counters::{Counters, one};
use super::loss::Loss;
use super::tidings::Tidings;
use super::{Read, stopped, topic};
use crate::clock::now_us;
use crate::inbox::{Answer, Closed, Put, Slot};

/// How many packets to the broker wait for the connection to write them.
const QUEUE: usize = 1024;

/// What all connections of a bridge share.
pub(super) struct Line {
    /// How to connect.
    pub(super) options: MqttOptions,
    /// Where messages go.
    pub(super) slot: Slot,
    /// What a payload is.
    pub(super) read: Read,
    /// Where things are counted.
    pub(super) counters: Arc<Counters>,
    /// The connection that stands, for acks to phones.
    pub(super) current: watch::Sender<Option<AsyncClient>>,
    /// How long to wait for answers at the end.
    pub(super) farewell: Duration,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As asked.
    Stopped,
    /// The inbox is closed.
    Closed,
    /// The inbox could not take a message: the broker must bring it again.
    Trouble,
    /// It broke.
    Lost(Loss),
}

/// What a connection hands on; dropped when it takes no more.
struct Intake {
    arrivals: mpsc::UnboundedSender<Arrival>,
    reply: mpsc::UnboundedSender<Answer>,
}

impl Line {
    /// Connects, in a task of its own: driving a connection must never be cut short, and never wait
    /// for what only itself can send. Gives the other half, which answers what arrives.
    pub(super) fn attend(
        self: Arc<Self>,
        stop: watch::Receiver<bool>,
        tasks: &mut JoinSet<End>,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (client, events) = AsyncClient::new(self.options.clone(), QUEUE);
        let (arrivals_in, arrivals) = mpsc::unbounded_channel();
        let (reply, answers) = mpsc::unbounded_channel();
        let answering = Answering {
            own: client.clone(),
            current: self.current.subscribe(),
            counters: Arc::clone(&self.counters),
            tidings: Tidings::default(),
            due: None,
        };
        let intake = Intake {
            arrivals: arrivals_in,
            reply,
        };
        tasks.spawn(self.drive(client, events, intake, stop));
        answering.walk(arrivals, answers)
    }

    async fn drive(
        self: Arc<Self>,
        client: AsyncClient,
        mut events: EventLoop,
        intake: Intake,
        mut stop: watch::Receiver<bool>,
    ) -> End {
        events.network_options.set_tcp_nodelay(true);
        loop {
            // Only the stop cuts a poll short; what it loses then is brought again.
            let event = tokio::select! {
                biased;
                () = stopped(&mut stop) => break,
                event = events.poll() => event,
            };
            match self.meet(event, &client) {
                Ok(None) => {}
                Ok(Some(publish)) => tokio::select! {
                    biased;
                    taken = self.take(publish, &intake) => if taken.is_err() {
                        return End::Closed;
                    },
                    () = stopped(&mut stop) => break,
                },
                Err(end) => return end,
            }
        }
        // Nothing more is taken in, so that the other half comes to its end and says goodbye.
        drop(intake);
        let until = Instant::now() + self.farewell;
        while let Ok(Ok(event)) = timeout_at(until, events.poll()).await {
            if event == Event::Outgoing(Outgoing::Disconnect) {
                break;
            }
        }
        End::Stopped
    }

    /// What an event is to us: a message, nothing, or the end.
    fn meet(
        &self,
        event: Result<Event, ConnectionError>,
        client: &AsyncClient,
    ) -> Result<Option<Publish>, End> {
        match event.map_err(|error| End::Lost(error.into()))? {
            Event::Incoming(Packet::ConnAck(_)) => {
                // Whatever the broker says it remembers: one that was killed may have forgotten.
                client
                    .try_subscribe(topic::ALL_UP, QoS::AtLeastOnce)
                    .map_err(|_| End::Lost(Loss::Broken))?;
                self.current.send_replace(Some(client.clone()));
                Ok(None)
            }
            Event::Incoming(Packet::SubAck(granted)) => {
                let granted = granted.return_codes.first();
                if !matches!(granted, Some(SubscribeReasonCode::Success(_))) {
                    return Err(End::Lost(Loss::Subscription));
                }
                self.counters.here();
                tracing::info!("broker: connected");
                Ok(None)
            }
            Event::Incoming(Packet::Publish(publish)) => Ok(Some(publish)),
            // Said by the other half alone, when the inbox is in trouble.
            Event::Outgoing(Outgoing::Disconnect) => Err(End::Trouble),
            _ => Ok(None),
        }
    }

    /// Hands a message over, waiting for room. What waits here holds up the broker.
    async fn take(&self, mut packet: Publish, intake: &Intake) -> Result<(), Closed> {
        one(&self.counters.received);
        let payload = std::mem::replace(&mut packet.payload, Bytes::new());
        let bytes = payload.len() as u64;
        self.counters.received_bytes.fetch_add(bytes, Relaxed);
        let device = topic::device_of(&packet.topic).map(Arc::new);
        let received_us = now_us();
        let letters = match &device {
            Some(device) => (self.read)(payload, device, received_us),
            None => {
                one(&self.counters.foreign_topics);
                Vec::new()
            }
        };
        let arrival = Arrival {
            device: device.clone(),
            packet,
            letters: letters.len(),
        };
        // Before the letters, so that no answer comes to an arrival that is not known. The other
        // half is gone only if it panicked; then the broker brings this again.
        let _ = intake.arrivals.send(arrival);
        let Some(device) = device else { return Ok(()) };
        for (token, letter) in letters.into_iter().enumerate() {
            let put = Put {
                device: Arc::clone(&device),
                received_us,
                letter,
                token: token as u64,
                reply: intake.reply.clone(),
                room: None,
            };
            self.slot.put(put).await?;
        }
        Ok(())
    }
}
