//! A phone that keeps the contract: it sends a message until an ack covers it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use ingest::ack::Ack;
use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet, QoS};
use tokio::time::{Instant, sleep, timeout};
use trip::{DeviceId, TripId};

use crate::broker::password;
use crate::server::Inbox;

/// As many messages may be under way without an ack.
const WINDOW: usize = 8;

/// After so long a message is sent again. (A real phone waits 15 s.)
const AGAIN: Duration = Duration::from_millis(500);

/// Options of a client that is not the server.
pub(crate) fn options(user: &str, client_id: &str, port: u16) -> MqttOptions {
    let mut options = MqttOptions::new(client_id, "127.0.0.1", port);
    options
        .set_credentials(user, password(user))
        .set_max_packet_size(1 << 22, 1 << 22)
        .set_keep_alive(Duration::from_secs(20));
    options
}

/// A message of a trip that says nothing, some 500 bytes long.
pub(crate) fn message(trip: TripId, seq: u32) -> Vec<u8> {
    let filling = "x".repeat(400);
    format!(r#"{{"v":1,"type":"samples","trip":"{trip}","seq":{seq},"filling":"{filling}"}}"#)
        .into_bytes()
}

/// One drive of one phone.
pub(crate) struct Drive {
    pub(crate) device: DeviceId,
    pub(crate) trip: TripId,
    pub(crate) messages: u32,
    /// Messages sent, all phones of a test together.
    pub(crate) sent: Arc<AtomicU64>,
}

impl Drive {
    /// Drives until every message is acked. An ack for what the inbox has not is a lie, and panics.
    pub(crate) async fn run(self, port: u16, inbox: Arc<Inbox>) {
        let mut kept: BTreeMap<u32, Option<Instant>> =
            (0..self.messages).map(|seq| (seq, None)).collect();
        while !kept.is_empty() {
            // A library's session holds on to what it thinks is under way: a new one each time.
            let name = self.device.as_str();
            let (client, mut events) = AsyncClient::new(options(name, name, port), 64);
            kept.values_mut().for_each(|sent| *sent = None);
            if self
                .converse(&client, &mut events, &mut kept, &inbox)
                .await
                .is_err()
            {
                sleep(Duration::from_millis(20)).await;
            }
        }
    }

    async fn converse(
        &self,
        client: &AsyncClient,
        events: &mut EventLoop,
        kept: &mut BTreeMap<u32, Option<Instant>>,
        inbox: &Inbox,
    ) -> Result<(), ConnectionError> {
        let name = self.device.as_str();
        let mut heard = false;
        while !kept.is_empty() {
            if heard {
                self.send_what_is_due(client, kept);
            }
            let Ok(event) = timeout(AGAIN / 4, events.poll()).await else {
                continue;
            };
            match event? {
                Event::Incoming(Packet::ConnAck(_)) => {
                    let topic = format!("jounce/v1/{name}/ack");
                    client.try_subscribe(topic, QoS::AtMostOnce).unwrap();
                }
                Event::Incoming(Packet::SubAck(_)) => heard = true,
                Event::Incoming(Packet::Publish(publish)) => {
                    let ack: Ack = serde_json::from_slice(&publish.payload).unwrap();
                    self.hear(&ack, kept, inbox);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn send_what_is_due(&self, client: &AsyncClient, kept: &mut BTreeMap<u32, Option<Instant>>) {
        for (seq, sent) in kept.iter_mut().take(WINDOW) {
            if sent.is_some_and(|sent| sent.elapsed() < AGAIN) {
                continue;
            }
            let topic = format!("jounce/v1/{}/up", self.device.as_str());
            let payload = message(self.trip, *seq);
            if client
                .try_publish(topic, QoS::AtLeastOnce, false, payload)
                .is_ok()
            {
                self.sent.fetch_add(1, SeqCst);
                *sent = Some(Instant::now());
            }
        }
    }

    fn hear(&self, ack: &Ack, kept: &mut BTreeMap<u32, Option<Instant>>, inbox: &Inbox) {
        assert_eq!(ack.trip, Some(self.trip.to_string()));
        let stored = inbox.stored.lock().unwrap();
        kept.retain(|seq, _| {
            let covered = ack.covers(*seq);
            let name = (self.device.clone(), self.trip, *seq);
            assert!(!covered || stored.contains_key(&name), "acked, not stored");
            !covered
        });
    }
}
