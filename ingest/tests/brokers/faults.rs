//! Nothing acked is missing, nothing is counted twice, and everything arrives in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use rumqttc::{AsyncClient, Event, Outgoing, Packet, QoS};
use tokio::task::JoinSet;
use trip::{DeviceId, TripId};

use crate::broker::{Broker, Kind};
use crate::phone::{Drive, message, options};
use crate::proxy::Network;
use crate::server::{Bridge, Inbox, plain};
use crate::{now, rounds, until};

const PHONES: [&str; 4] = ["d-1", "d-2", "d-3", "d-4"];

/// Messages of each phone for each round.
const MESSAGES: u32 = 60;

/// Four phones on the road.
struct Traffic {
    inbox: Arc<Inbox>,
    sent: Arc<AtomicU64>,
    total: usize,
    phones: JoinSet<()>,
    began: std::time::Instant,
}

impl Traffic {
    fn start(port: u16, inbox: &Arc<Inbox>) -> Self {
        let messages = MESSAGES * (rounds() + 1);
        let sent = Arc::new(AtomicU64::new(0));
        let mut phones = JoinSet::new();
        for (i, name) in PHONES.into_iter().enumerate() {
            let drive = Drive {
                device: name.parse().unwrap(),
                trip: TripId::from_bytes([i as u8 + 1; 16]),
                messages,
                sent: Arc::clone(&sent),
            };
            phones.spawn(drive.run(port, Arc::clone(inbox)));
        }
        Self {
            inbox: Arc::clone(inbox),
            sent,
            total: PHONES.len() * messages as usize,
            phones,
            began: now(),
        }
    }

    /// Waits until that round's share is stored: something is always under way then.
    async fn reach(&self, round: u32) {
        let share = self.total * round as usize / (rounds() as usize + 1);
        until("traffic goes on", || self.inbox.stored_count() >= share).await;
    }

    /// Waits until every phone has heard of every message, and counts.
    async fn arrive(mut self, what: &str) {
        let all = async { while self.phones.join_next().await.transpose().unwrap().is_some() {} };
        tokio::time::timeout(Duration::from_secs(120), all)
            .await
            .expect("every message is acked in the end");
        let stored = self.inbox.stored.lock().unwrap();
        assert_eq!(stored.len(), self.total, "stored");
        let twice = stored.values().filter(|count| **count > 1).count();
        assert_eq!(twice, 0, "counted twice");
        eprintln!(
            "{what}: {} rounds, {} messages sent {} times, all acked, lost 0, stored twice 0, dropped as repeats {}, {:.1} s",
            rounds(),
            self.total,
            self.sent.load(SeqCst),
            self.inbox.repeated.load(SeqCst),
            self.began.elapsed().as_secs_f64()
        );
    }
}

async fn killed_broker(kind: Kind) {
    let Some(mut broker) = Broker::start(kind, &PHONES).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    let bridge = Bridge::start(broker.port, &inbox, plain);
    bridge.connected().await;
    let traffic = Traffic::start(broker.port, &inbox);
    for round in 1..=rounds() {
        traffic.reach(round).await;
        broker.kill().await;
        broker.revive().await;
    }
    traffic.arrive(&format!("{kind:?} killed -9")).await;
    assert!(bridge.counters.counts().connections > u64::from(rounds()));
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_mosquitto_is_killed() {
    killed_broker(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_nats_is_killed() {
    killed_broker(Kind::Nats).await;
}

/// The server is killed, or stopped, and started again; every second time in good order.
async fn restarted_server(kind: Kind) {
    let Some(broker) = Broker::start(kind, &PHONES).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    let mut bridge = Bridge::start(broker.port, &inbox, plain);
    bridge.connected().await;
    let traffic = Traffic::start(broker.port, &inbox);
    for round in 1..=rounds() {
        traffic.reach(round).await;
        match round % 2 {
            0 => bridge.stop().await,
            _ => bridge.kill().await,
        }
        bridge = Bridge::start(broker.port, &inbox, plain);
    }
    traffic.arrive(&format!("{kind:?}, server restarted")).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_server_behind_mosquitto_starts_again() {
    restarted_server(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_server_behind_nats_starts_again() {
    restarted_server(Kind::Nats).await;
}

/// The network is cut; meanwhile the inbox is slow, and has room for a few messages only.
async fn cut_network(kind: Kind) {
    let Some(broker) = Broker::start(kind, &PHONES).await else {
        return;
    };
    let inbox = Inbox::open(10_000);
    inbox.commit_ms.store(20, SeqCst);
    let network = Network::to(broker.port).await;
    let bridge = Bridge::start(network.port, &inbox, plain);
    bridge.connected().await;
    let traffic = Traffic::start(broker.port, &inbox);
    for round in 1..=rounds() {
        traffic.reach(round).await;
        network.cut();
    }
    traffic
        .arrive(&format!("{kind:?}, network cut, slow inbox"))
        .await;
    assert!(bridge.counters.counts().connections > u64::from(rounds()));
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_network_to_mosquitto_is_cut_and_the_inbox_is_slow() {
    cut_network(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_the_network_to_nats_is_cut_and_the_inbox_is_slow() {
    cut_network(Kind::Nats).await;
}

/// What a phone that never sends anything twice published, once each.
async fn publish_once(port: u16, messages: u32) -> (DeviceId, TripId) {
    let trip = TripId::from_bytes([9; 16]);
    let (client, mut events) = AsyncClient::new(options("d-1", "d-1", port), 64);
    let sender = client.clone();
    let sending = tokio::spawn(async move {
        for seq in 0..messages {
            let sent = sender.publish(
                "jounce/v1/d-1/up",
                QoS::AtLeastOnce,
                false,
                message(trip, seq),
            );
            sent.await.unwrap();
        }
    });
    let mut acknowledged = 0;
    while acknowledged < messages {
        if let Event::Incoming(Packet::PubAck(_)) = events.poll().await.unwrap() {
            acknowledged += 1;
        }
    }
    sending.await.unwrap();
    client.disconnect().await.unwrap();
    while events.poll().await.unwrap() != Event::Outgoing(Outgoing::Disconnect) {}
    ("d-1".parse().unwrap(), trip)
}

/// The broker brings again what the inbox did not take, and what was not answered when the server was
/// killed: the phone sends nothing twice here, so that only the broker can.
async fn brought_again(kind: Kind) {
    let Some(broker) = Broker::start(kind, &PHONES).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    inbox.silent.store(true, SeqCst);
    let bridge = Bridge::start(broker.port, &inbox, plain);
    bridge.connected().await;
    let messages = 100;
    publish_once(broker.port, messages).await;
    until("messages are under way", || {
        bridge.counters.counts().received > 10
    })
    .await;
    assert_eq!(bridge.counters.counts().acked, 0, "acknowledged unanswered");
    bridge.kill().await;

    inbox.silent.store(false, SeqCst);
    inbox.trouble_every.store(17, SeqCst);
    let began = now();
    let bridge = Bridge::start(broker.port, &inbox, plain);
    until("all is stored", || {
        inbox.stored_count() == messages as usize
    })
    .await;
    let troubles = inbox.troubles.load(SeqCst);
    assert!(troubles >= 3, "{troubles}");
    inbox.trouble_every.store(0, SeqCst);
    assert!(
        inbox
            .stored
            .lock()
            .unwrap()
            .values()
            .all(|count| *count == 1)
    );
    eprintln!(
        "{kind:?}, troubled inbox: {messages} messages sent once, all stored after {troubles} troubles and a kill, repeats {}, {:.1} s",
        inbox.repeated.load(SeqCst),
        began.elapsed().as_secs_f64()
    );
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_brings_again_what_the_inbox_did_not_take() {
    brought_again(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_brings_again_what_the_inbox_did_not_take() {
    brought_again(Kind::Nats).await;
}
