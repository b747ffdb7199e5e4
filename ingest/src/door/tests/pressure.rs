//! An inbox that is behind, and phones that do not read.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::yard::*;
use crate::door::{Door, Ending, Limits, Trusted, serve_connection};
use crate::inbox::{Answer, Letter, Outcome, Slot};
use crate::mqtt::packet::{ConnectCode, Packet, Qos};

#[tokio::test]
async fn a_puback_waits_for_the_inbox_and_a_ping_does_not() {
    let yard = Yard::new(Over::Tcp);
    yard.mood.send_replace(Mood::Stalled);
    let mut phone = yard.phone("d-1").await;
    for id in 1..=10 {
        phone.publish("d-1", id, &message(id.into())).await;
    }
    phone.say(&Packet::PingReq).await;
    phone.hears(&Packet::PingResp).await;
    assert_eq!(yard.door.counters().pubacks.load(Ordering::Relaxed), 0);
    yard.mood.send_replace(Mood::Well);
    for id in 1..=10 {
        phone.hears(&Packet::PubAck(id)).await;
    }
}

#[tokio::test]
async fn a_stalled_inbox_stops_the_reading_and_loses_nothing() {
    const MESSAGES: u32 = 20_000;
    let limits = Limits {
        half_packet: Duration::from_millis(200),
        silence: Duration::from_millis(200),
        ..Limits::default()
    };
    let yard = Yard::with(Over::Tcp, limits, 100_000);
    yard.mood.send_replace(Mood::Stalled);
    let Phone { io, .. } = yard.phone("d-1").await;
    let (mut from, mut to) = tokio::io::split(io);
    let sending = tokio::spawn(async move {
        let mut bytes = BytesMut::new();
        for seq in 0..MESSAGES {
            let mut payload = message(seq);
            payload.resize(500, b' ');
            let id = (seq % 60_000) as u16 + 1;
            publish("jounce/v1/d-1/up", Qos::AtLeastOnce(id), &payload).write(&mut bytes);
        }
        to.write_all(&bytes).await.expect("all is taken in the end");
        to
    });
    let counters = yard.door.counters();
    let publishes = || counters.publishes.load(Ordering::Relaxed);
    // It comes to rest: the window is full, and stays so for longer than silence is allowed.
    until(|| publishes() == 64).await;
    let _ = timeout(Duration::from_millis(600), until(|| publishes() > 64)).await;
    assert_eq!(publishes(), 64);
    let read = counters.bytes_in.load(Ordering::Relaxed);
    assert!(read < 200_000, "{read} bytes were read");
    assert!(!sending.is_finished(), "the rest waits in the phone");
    yard.mood.send_replace(Mood::Well);
    let mut answers = vec![0; 4 * MESSAGES as usize];
    let reading = tokio::io::AsyncReadExt::read_exact(&mut from, &mut answers);
    timeout(PATIENCE, reading)
        .await
        .expect("in time")
        .expect("all PUBACKs");
    let ids = answers
        .chunks(4)
        .map(|puback| u16::from_be_bytes([puback[2], puback[3]]));
    assert!(
        ids.eq((0..MESSAGES).map(|seq| (seq % 60_000) as u16 + 1)),
        "in order"
    );
    assert_eq!(yard.stored(), MESSAGES as usize);
    assert_eq!(yard.door.kept_bytes(), 0);
    drop(sending.await.expect("sent"));
}

#[tokio::test]
async fn a_phone_that_does_not_read_is_not_read_either_and_cut_in_the_end() {
    let limits = Limits {
        unread: Duration::from_millis(300),
        ..Limits::default()
    };
    let yard = Yard::with(Over::Tcp, limits, 1 << 20);
    let mut phone = yard.phone("d-1").await;
    let pings = [0xc0, 0].repeat(32_768);
    let flood = async { while phone.io.write_all(&pings).await.is_ok() {} };
    let cut = timeout(PATIENCE, flood).await;
    assert!(cut.is_ok(), "cut");
    yard.counts(Ending::NotReading, 1).await;
    let counters = yard.door.counters();
    assert_eq!(counters.connections.load(Ordering::Relaxed), 0);
    yard.serves_an_honest_phone().await;
}

#[tokio::test]
async fn one_payload_may_be_several_letters_or_none_and_is_acknowledged_after_the_last() {
    let (slot, mut puts) = Slot::new(1 << 20);
    let gate = Box::new(Everybody);
    let door = Door::new(gate, slot).with_limits(Limits::default(), Trusted::default());
    let door = door.with_reading(Box::new(|payload, _, _| {
        let refused = Letter::Refused {
            of: None,
            reason: "too_long",
        };
        vec![refused; payload.len() - 1]
    }));
    let (mine, theirs) = tokio::io::duplex(1 << 16);
    let serving = async {
        let peer = "127.0.0.1".parse().expect("an address");
        serve_connection(theirs, peer, &door).await;
    };
    let talking = async move {
        let mut phone = Phone::on(mine);
        phone.say(&connect("d-1")).await;
        phone.hears(&welcome(ConnectCode::Accepted)).await;
        for (id, payload) in [(1, "three"), (2, "-"), (3, "--")] {
            phone.publish("d-1", id, payload.as_bytes()).await;
        }
        for left in (0..5).rev() {
            let put = puts.recv().await.expect("a put");
            phone.say(&Packet::PingReq).await;
            phone.hears(&Packet::PingResp).await;
            let outcome = Outcome::Refused {
                of: None,
                reason: "too_long",
                standing: Default::default(),
            };
            let token = put.token;
            put.reply
                .send(Answer { token, outcome })
                .expect("still there");
            if left == 1 {
                phone.hears(&Packet::PubAck(1)).await;
                phone.hears(&Packet::PubAck(2)).await;
            }
        }
        phone.hears(&Packet::PubAck(3)).await;
    };
    tokio::join!(serving, talking);
}
