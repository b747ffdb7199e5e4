//! A quiet day: what goes up, and what comes back.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::SeqCst;

use bytes::Bytes;
use ingest::ack::Ack;
use ingest::inbox::Letter;
use rumqttc::{AsyncClient, Event, EventLoop, Packet, QoS};
use trip::{DeviceId, TripId};

use crate::broker::{Broker, Kind};
use crate::phone::{message, options};
use crate::server::{Bridge, Inbox};
use crate::until;

const UP: &str = "jounce/v1/d-1/up";

/// A foreign format: sound messages, one for each line.
fn lines(payload: Bytes, device: &DeviceId, received_us: i64) -> Vec<Letter> {
    let lines = payload.split(|byte| *byte == b'\n');
    let letter = |line| Letter::read(Bytes::copy_from_slice(line), device, received_us);
    lines.map(letter).collect()
}

/// A phone that has subscribed its acks.
async fn phone(port: u16) -> (AsyncClient, EventLoop) {
    let (client, mut events) = AsyncClient::new(options("d-1", "d-1", port), 64);
    let subscribed = client.subscribe("jounce/v1/d-1/ack", QoS::AtMostOnce).await;
    subscribed.unwrap();
    while !matches!(
        events.poll().await.unwrap(),
        Event::Incoming(Packet::SubAck(_))
    ) {}
    (client, events)
}

async fn next_ack(events: &mut EventLoop) -> Ack {
    loop {
        if let Event::Incoming(Packet::Publish(publish)) = events.poll().await.unwrap() {
            assert_eq!((publish.qos, publish.retain), (QoS::AtMostOnce, false));
            return serde_json::from_slice(&publish.payload).unwrap();
        }
    }
}

async fn quiet_day(kind: Kind) {
    let Some(broker) = Broker::start(kind, &["d-1"]).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    let bridge = Bridge::start(broker.port, &inbox, lines);
    bridge.connected().await;
    let (client, mut events) = phone(broker.port).await;
    let trip = TripId::from_bytes([5; 16]);
    let say = |qos, payload: Vec<u8>| client.publish(UP, qos, false, payload);

    // Three letters in one payload, then one that came before.
    let three = [0, 1, 2].map(|seq| message(trip, seq)).join(&b'\n');
    say(QoS::AtLeastOnce, three).await.unwrap();
    let ack = next_ack(&mut events).await;
    assert_eq!((ack.upto, ack.trip), (Some(2), Some(trip.to_string())));
    say(QoS::AtLeastOnce, message(trip, 1)).await.unwrap();
    assert_eq!(next_ack(&mut events).await.upto, Some(2), "acked again");
    assert_eq!(inbox.repeated.load(SeqCst), 1);

    // QoS 0 is passed on as well.
    say(QoS::AtMostOnce, message(trip, 4)).await.unwrap();
    assert_eq!(next_ack(&mut events).await.also, [[4, 4]]);

    // What is refused is told, and covered.
    let refused = format!(r#"{{"v":1,"type":"weather","trip":"{trip}","seq":3}}"#);
    say(QoS::AtLeastOnce, refused.into_bytes()).await.unwrap();
    let ack = next_ack(&mut events).await;
    assert_eq!((ack.upto, ack.nack[0].seq), (Some(4), Some(3)));
    assert_eq!(ack.nack[0].reason, "unknown_type");
    say(QoS::AtLeastOnce, b"pothole!".to_vec()).await.unwrap();
    let ack = next_ack(&mut events).await;
    assert_eq!(
        (ack.trip, ack.nack[0].reason.as_str()),
        (None, "not_a_message")
    );

    // `hello` is answered for each trip, with the server's clock.
    let other = TripId::from_bytes([6; 16]);
    let hello = format!(
        r#"{{"v":1,"type":"hello","now_us":1767603722150000,"trips":["{trip}","{other}"]}}"#
    );
    say(QoS::AtLeastOnce, hello.into_bytes()).await.unwrap();
    let (first, second) = (next_ack(&mut events).await, next_ack(&mut events).await);
    assert!(first.server_us.is_some() && second.server_us.is_some());
    let told: BTreeSet<_> = [(first.trip, first.upto), (second.trip, second.upto)].into();
    let expected = [
        (Some(trip.to_string()), Some(4)),
        (Some(other.to_string()), None),
    ];
    assert_eq!(told, expected.into());

    until("everything is acknowledged", || {
        bridge.counters.counts().acked == 5
    })
    .await;
    let counts = bridge.counters.counts();
    assert_eq!((counts.received, counts.stored, counts.repeated), (6, 4, 1));
    assert_eq!((counts.told, counts.untold, counts.hellos), (7, 0, 1));
    let refused = [("not_a_message", 1), ("unknown_type", 1)];
    assert_eq!(counts.refused, refused.into());
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_passes_messages_up_and_acks_down() {
    quiet_day(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_passes_messages_up_and_acks_down() {
    quiet_day(Kind::Nats).await;
}

/// Too large for the contract: whether the broker lets it through or not, the next message arrives,
/// and over the same connection.
async fn too_large(kind: Kind) {
    let Some(broker) = Broker::start(kind, &["d-1"]).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    let bridge = Bridge::start(broker.port, &inbox, lines);
    bridge.connected().await;
    let (client, mut events) = phone(broker.port).await;
    let huge = client.publish(UP, QoS::AtLeastOnce, false, vec![b'x'; 3_000_000]);
    huge.await.unwrap();
    // mosquitto cuts the phone; NATS passes it on, whatever its max_payload.
    if kind == Kind::Mosquitto {
        while events.poll().await.is_ok() {}
    } else {
        assert_eq!(next_ack(&mut events).await.nack[0].reason, "too_large");
    }
    let (client, mut events) = phone(broker.port).await;
    let mut largest = message(TripId::from_bytes([5; 16]), 0);
    largest.resize(256_000, b' ');
    let sent = client.publish(UP, QoS::AtLeastOnce, false, largest);
    sent.await.unwrap();
    assert_eq!(next_ack(&mut events).await.upto, Some(0));
    assert_eq!(bridge.counters.counts().connections, 1);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_too_large_stops_nothing_behind_mosquitto() {
    too_large(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_too_large_stops_nothing_behind_nats() {
    too_large(Kind::Nats).await;
}
