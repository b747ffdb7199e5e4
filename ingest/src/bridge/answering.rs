//! The answers of one connection: acknowledges to the broker, in order, and tells phones.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use rumqttc::{AsyncClient, Publish, QoS};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout_at};
use trip::DeviceId;

use super::counters::{Counters, one};
use super::tidings::Tidings;
use super::topic;
use crate::clock::now_us;
use crate::inbox::{Answer, Outcome};
use crate::wire::limits::MAX_PACKET_BYTES;

/// How long an ack waits for more to say of its trip: about one commit.
const GATHER: Duration = Duration::from_millis(10);

/// A message that the broker brought and that waits for its answers.
#[derive(Debug)]
pub(super) struct Arrival {
    /// Whose it is; `None` where the topic is no device's.
    pub(super) device: Option<Arc<DeviceId>>,
    /// The packet, without its payload: what is acknowledged.
    pub(super) packet: Publish,
    /// How many answers will come.
    pub(super) letters: usize,
}

/// One connection's answers on their way out.
pub(super) struct Answering {
    /// The connection that the arrivals came over: PUBACKs go there and nowhere else.
    pub(super) own: AsyncClient,
    /// The connection that stands now: acks to phones go there.
    pub(super) current: watch::Receiver<Option<AsyncClient>>,
    /// Where things are counted.
    pub(super) counters: Arc<Counters>,
    /// What has not been told yet, and when it must be.
    pub(super) tidings: Tidings,
    /// Until when tidings may wait.
    pub(super) due: Option<Instant>,
}

impl Answering {
    /// Walks through what arrived and what the inbox answered, both in the order of arrival, until
    /// nothing more arrives; then takes leave of the broker.
    pub(super) async fn walk(
        mut self,
        mut arrivals: mpsc::UnboundedReceiver<Arrival>,
        mut answers: mpsc::UnboundedReceiver<Answer>,
    ) {
        let mut trouble = false;
        while let Some(arrival) = self.next(&mut arrivals).await {
            for _ in 0..arrival.letters {
                let Some(answer) = self.next(&mut answers).await else {
                    // The connection ended before it had handed over the whole message.
                    trouble = true;
                    break;
                };
                if answer.outcome == Outcome::Trouble && !trouble {
                    // From here on the broker keeps everything, and brings it to the next
                    // connection in the same order.
                    trouble = true;
                    let _ = self.own.disconnect().await;
                }
                self.hear(arrival.device.as_ref(), answer.outcome);
            }
            if !trouble
                && arrival.packet.qos != QoS::AtMostOnce
                && self.own.ack(&arrival.packet).await.is_ok()
            {
                one(&self.counters.acked);
            }
        }
        self.tell().await;
        let _ = self.own.disconnect().await;
    }

    /// The next one. While there is none, phones are told.
    async fn next<T>(&mut self, from: &mut mpsc::UnboundedReceiver<T>) -> Option<T> {
        loop {
            let Some(due) = self.due else {
                return from.recv().await;
            };
            if Instant::now() < due
                && let Ok(next) = timeout_at(due, from.recv()).await
            {
                return next;
            }
            self.tell().await;
        }
    }

    fn hear(&mut self, device: Option<&Arc<DeviceId>>, outcome: Outcome) {
        match &outcome {
            Outcome::Stored { fresh: true, .. } => one(&self.counters.stored),
            Outcome::Stored { fresh: false, .. } => one(&self.counters.repeated),
            Outcome::Refused { reason, .. } => self.counters.refuse(reason),
            Outcome::Standing(_) => one(&self.counters.hellos),
            Outcome::Trouble => one(&self.counters.troubles),
        }
        let Some(device) = device else { return };
        self.tidings.hear(device, outcome, now_us());
        if self.due.is_none() && !self.tidings.is_empty() {
            self.due = Some(Instant::now() + GATHER);
        }
    }

    /// Publishes the acks. One that is lost is repaired by the next.
    async fn tell(&mut self) {
        self.due = None;
        for (device, ack) in self.tidings.take() {
            let current = self.current.borrow().clone();
            let json = ack.to_json();
            let told = match current {
                // Brokers close a connection over a payload that is too large for them.
                Some(client) if json.len() <= MAX_PACKET_BYTES => client
                    .publish(topic::ack_of(&device), QoS::AtMostOnce, false, json)
                    .await
                    .is_ok(),
                _ => false,
            };
            let counter = match told {
                true => &self.counters.told,
                false => &self.counters.untold,
            };
            counter.fetch_add(1, Relaxed);
        }
    }
}
