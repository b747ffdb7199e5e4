//! A phone can neither read nor write anything of another, nor throw anybody out.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, LastWill, MqttOptions, Packet, Publish, QoS,
    SubscribeReasonCode,
};
use tokio::time::{sleep, timeout};
use trip::TripId;

use crate::broker::{Broker, Kind, SERVER, password};
use crate::phone::{message, options};
use crate::server::{Bridge, Inbox, plain};
use crate::until;

/// What a curious phone `d-eve` asks for.
const CURIOUS: [&str; 22] = [
    "#",
    "+",
    "+/#",
    "+/+/+/+",
    "jounce/#",
    "jounce/v1/#",
    "jounce/v1/+/up",
    "jounce/v1/+/ack",
    "jounce/+/d-ann/+",
    "jounce/v1/d-ann/#",
    "jounce/v1/d-ann/+",
    "jounce/v1/d-ann/up",
    "jounce/v1/d-ann/ack",
    "jounce/v1/d-eve/up",
    "$SYS/#",
    "$share/g/#",
    "$share/g/jounce/v1/+/up",
    "$share/g/jounce/v1/d-ann/ack",
    "$MQTT/#",
    "$MQTT/sub/#",
    "$MQTT/msgs/#",
    "$JS/#",
];

/// Where a malicious phone `d-eve` writes.
const FORGED: [&str; 9] = [
    "jounce/v1/d-ann/up",
    "jounce/v1/d-ann/ack",
    "jounce/v1/d-eve/ack",
    "jounce/v1/jounce-server/up",
    "jounce/v1/d-eve/up/d-ann",
    "jounce/v1/d-eve/up/",
    "$SYS/broker/uptime",
    "$MQTT/msgs/jounce/v1/d-ann/up",
    "$JS/API/STREAM/PURGE/$MQTT_msgs",
];

/// A client that gathers what it is sent until it is asked.
struct Client {
    client: AsyncClient,
    events: EventLoop,
}

impl Client {
    fn new(options: MqttOptions) -> Self {
        let (client, events) = AsyncClient::new(options, 64);
        Self { client, events }
    }

    /// Whether the broker grants a subscription; `None` if it cuts the connection over it.
    async fn granted(&mut self, filter: &str, qos: QoS) -> Option<bool> {
        self.client.subscribe(filter, qos).await.unwrap();
        loop {
            match self.events.poll().await {
                Ok(Event::Incoming(Packet::SubAck(ack))) => {
                    let granted = ack.return_codes[0];
                    return Some(matches!(granted, SubscribeReasonCode::Success(_)));
                }
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Waits for the broker's word on a publish, whatever it is.
    async fn puback(&mut self) {
        let word = async {
            while let Ok(event) = self.events.poll().await {
                if matches!(event, Event::Incoming(Packet::PubAck(_))) {
                    break;
                }
            }
        };
        let _ = timeout(Duration::from_millis(300), word).await;
    }

    /// What comes until nothing has come for a while.
    async fn messages(&mut self) -> Vec<Publish> {
        let mut messages = Vec::new();
        while let Ok(Ok(event)) = timeout(Duration::from_millis(300), self.events.poll()).await {
            if let Event::Incoming(Packet::Publish(publish)) = event {
                messages.push(publish);
            }
        }
        messages
    }
}

/// Eve with a session that outlives her connections.
fn persistent(port: u16) -> MqttOptions {
    let mut options = options("d-eve", "d-eve", port);
    options.set_clean_session(false);
    options
}

async fn curious(kind: Kind) {
    let Some(broker) = Broker::start(kind, &["d-ann", "d-eve"]).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    let bridge = Bridge::start(broker.port, &inbox, plain);
    bridge.connected().await;
    let (ann_trip, eve_trip) = (TripId::from_bytes([1; 16]), TripId::from_bytes([2; 16]));

    // Eve asks for everything; where the broker cuts her off, she comes back and goes on.
    let mut eve = Client::new(persistent(broker.port));
    for filter in CURIOUS {
        for qos in [QoS::AtMostOnce, QoS::AtLeastOnce] {
            match eve.granted(filter, qos).await {
                // mosquitto grants any filter, and asks the list when it delivers.
                Some(granted) => assert!(!granted || kind == Kind::Mosquitto, "{filter}"),
                None => eve = Client::new(persistent(broker.port)),
            }
        }
    }
    let ann = Client::new(options("d-ann", "d-ann", broker.port));
    speak(ann, ann_trip, 0).await;
    until("ann's message is acked", || {
        bridge.counters.counts().told == 1
    })
    .await;
    let heard = eve.messages().await;
    assert!(heard.is_empty(), "{}", heard[0].topic);
    drop(eve);

    // Eve writes where she must not. Whatever the broker says to her, nobody hears of it.
    let before = bridge.counters.counts().received;
    let mut ann = Client::new(options("d-ann", "d-ann", broker.port));
    let granted = ann.granted("jounce/v1/d-ann/ack", QoS::AtMostOnce);
    assert_eq!(granted.await, Some(true));
    for topic in FORGED {
        for retain in [false, true] {
            let mut eve = Client::new(options("d-eve", "d-eve", broker.port));
            let forged = eve
                .client
                .publish(topic, QoS::AtLeastOnce, retain, message(eve_trip, 0));
            forged.await.unwrap();
            eve.puback().await;
        }
    }
    let mut will = options("d-eve", "d-eve", broker.port);
    will.set_last_will(LastWill::new(
        "jounce/v1/d-ann/ack",
        "{}",
        QoS::AtLeastOnce,
        true,
    ));
    drop_connected(Client::new(will)).await;
    assert!(ann.messages().await.is_empty());
    assert_eq!(bridge.counters.counts().received, before, "forged");
    drop(ann);

    // And her own topic is hers.
    let eve = Client::new(options("d-eve", "d-eve", broker.port));
    speak(eve, eve_trip, 0).await;
    until("her own is stored", || {
        let name = ("d-eve".parse().unwrap(), eve_trip, 0);
        inbox.stored.lock().unwrap().contains_key(&name)
    })
    .await;
    let names: Vec<_> = inbox.stored.lock().unwrap().keys().cloned().collect();
    for (device, trip, _) in names {
        assert_eq!(device.as_str() == "d-eve", trip == eve_trip);
    }
    bridge.stop().await;
}

/// Publishes one message and waits for the broker's word.
async fn speak(mut client: Client, trip: TripId, seq: u32) {
    let topic = match trip.bytes()[0] {
        1 => "jounce/v1/d-ann/up",
        _ => "jounce/v1/d-eve/up",
    };
    let sent = client
        .client
        .publish(topic, QoS::AtLeastOnce, false, message(trip, seq));
    sent.await.unwrap();
    while !matches!(
        client.events.poll().await.unwrap(),
        Event::Incoming(Packet::PubAck(_))
    ) {}
}

/// Connects and vanishes, so that a will is carried out.
async fn drop_connected(mut client: Client) {
    while let Ok(event) = client.events.poll().await {
        if matches!(event, Event::Incoming(Packet::ConnAck(_))) {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_mosquitto_a_phone_reaches_nothing_of_another() {
    curious(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn behind_nats_a_phone_reaches_nothing_of_another() {
    curious(Kind::Nats).await;
}

async fn refused(options: MqttOptions) {
    let mut client = Client::new(options);
    match client.events.poll().await {
        Err(ConnectionError::ConnectionRefused(_) | ConnectionError::MqttState(_)) => {}
        other => panic!("admitted: {other:?}"),
    }
}

/// Nobody without a name, with a wrong secret, or with the server's name; nor may a phone take the
/// server's session by calling itself like it.
async fn impostors(kind: Kind) {
    let Some(broker) = Broker::start(kind, &["d-eve"]).await else {
        return;
    };
    let inbox = Inbox::open(1 << 20);
    let bridge = Bridge::start(broker.port, &inbox, plain);
    bridge.connected().await;

    refused(MqttOptions::new("nobody", "127.0.0.1", broker.port)).await;
    for user in [SERVER, "d-eve", "d-nobody"] {
        let mut wrong = options(user, "wrong", broker.port);
        wrong.set_credentials(user, "a guess");
        refused(wrong).await;
    }
    let ours = format!("mqtt://{SERVER}:{}@localhost", password(SERVER));
    let ours: ingest::bridge::Address = ours.parse().unwrap();
    // mosquitto is told to take the user for the id; elsewhere the id cannot be guessed.
    let ids = [SERVER.to_owned(), "jounce".to_owned(), ours.client_id()];
    let known = if kind == Kind::Mosquitto { 3 } else { 2 };
    for id in &ids[..known] {
        for clean in [true, false] {
            let mut eve = options("d-eve", id, broker.port);
            eve.set_clean_session(clean);
            let mut eve = Client::new(eve);
            let granted = eve.granted("jounce/v1/+/up", QoS::AtLeastOnce).await;
            assert!(granted != Some(true) || kind == Kind::Mosquitto);
        }
    }
    sleep(Duration::from_millis(200)).await;
    let counts = bridge.counters.counts();
    assert!(counts.connected && counts.connections == 1, "thrown out");
    assert_eq!(inbox.repeated.load(SeqCst), 0);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mosquitto_admits_nobody_without_a_secret_and_no_phone_takes_the_servers_place() {
    impostors(Kind::Mosquitto).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_admits_nobody_without_a_secret_and_no_phone_takes_the_servers_place() {
    impostors(Kind::Nats).await;
}
