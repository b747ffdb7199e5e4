//! Devices that were let in and do what they may not: each beside an honest phone.

use std::time::Duration;

use proptest::prelude::*;

use super::yard::*;
use crate::door::{Ending, Limits};
use crate::mqtt::packet::{Connect, Packet, Publish, Qos, SUBSCRIPTION_REFUSED};

/// A device says that and is hung up on; nothing is stored of it, and an honest phone is served beside it.
async fn check(said: &[u8], expected: Ending) {
    for over in [Over::Tcp, Over::Tls] {
        let yard = Yard::new(over);
        let mut device = yard.phone("d-1").await;
        device.say_bytes(said).await;
        device.is_hung_up_in_the_end().await;
        yard.counts(expected, 1).await;
        assert_eq!(yard.stored(), 0, "{expected:?}");
        yard.serves_an_honest_phone().await;
    }
}

fn bytes(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = bytes::BytesMut::new();
    packet.write(&mut bytes);
    bytes.to_vec()
}

#[tokio::test]
async fn no_topic_but_the_own_takes_messages() {
    for topic in [
        "jounce/v1/honest/up",
        "jounce/v1/honest/ack",
        "jounce/v1/d-1/ack",
        "jounce/v1/d-1/up/",
        "/jounce/v1/d-1/up",
        "jounce/v1/d-1",
        "jounce/v1/+/up",
        "jounce/v1/d-1/UP",
        "#",
        "$SYS/broker",
        "$share/g/jounce/v1/d-1/up",
        "é/x",
        "",
    ] {
        let forged = bytes(&publish(topic, Qos::AtLeastOnce(1), &message(0)));
        check(&forged, Ending::Topic).await;
    }
}

#[tokio::test]
async fn no_filter_but_the_own_is_granted_and_nothing_of_others_is_heard() {
    let yard = Yard::new(Over::Tcp);
    let mut device = yard.phone("d-1").await;
    for filter in [
        "#",
        "+/+/+/+",
        "jounce/#",
        "jounce/v1/+/ack",
        "jounce/v1/+/up",
        "jounce/v1/honest/ack",
        "jounce/v1/honest/up",
        "jounce/v1/d-1/up",
        "jounce/v1/d-1/#",
        "jounce/v1/d-1/ack/",
        "$share/g/#",
        "$share/g/jounce/v1/d-1/ack",
        "$SYS/#",
        "é",
        "",
    ] {
        assert_eq!(
            device.subscribe(filter).await,
            SUBSCRIPTION_REFUSED,
            "{filter}"
        );
    }
    yard.serves_an_honest_phone().await;
    device.say(&Packet::PingReq).await;
    device.hears(&Packet::PingResp).await;
    let filters = vec![("#", 0), ("jounce/v1/d-1/ack", 2), ("$share/g/#", 1)];
    device.say(&Packet::Subscribe { id: 8, filters }).await;
    let codes = vec![SUBSCRIPTION_REFUSED, 0, SUBSCRIPTION_REFUSED];
    device.hears(&Packet::SubAck { id: 8, codes }).await;
}

#[tokio::test]
async fn retained_empty_and_doubly_assured_messages_are_hung_up_on() {
    let payload = message(0);
    let retained = |payload| {
        let publish = Publish {
            topic: "jounce/v1/d-1/up",
            qos: Qos::AtMostOnce,
            retain: true,
            duplicate: false,
            payload,
        };
        bytes(&Packet::Publish(publish))
    };
    check(&retained(&payload), Ending::Retained).await;
    check(&retained(b""), Ending::Retained).await;
    let empty = bytes(&publish("jounce/v1/d-1/up", Qos::AtMostOnce, b""));
    check(&empty, Ending::Empty).await;
    let mut qos_two = bytes(&publish("jounce/v1/d-1/up", Qos::AtLeastOnce(1), &payload));
    qos_two[0] = 0x34;
    check(&qos_two, Ending::QosTwo).await;
    check(&[0x62, 2, 0, 1], Ending::QosTwo).await;
}

#[tokio::test]
async fn a_second_connect_and_packets_of_servers_are_hung_up_on() {
    check(&bytes(&connect("d-1")), Ending::SecondConnect).await;
    check(&bytes(&connect("d-2")), Ending::SecondConnect).await;
    check(&bytes(&Packet::PingResp), Ending::Direction).await;
    check(&[0x20, 2, 0, 0], Ending::Direction).await;
    check(&[0x90, 3, 0, 1, 0], Ending::Direction).await;
    check(&[0xb0, 2, 0, 1], Ending::Direction).await;
}

#[tokio::test]
async fn bytes_that_are_no_packet_are_hung_up_on() {
    check(&[0x00, 0], Ending::Malformed).await;
    check(&[0xf0, 0], Ending::Malformed).await;
    check(&[0x30, 3, 0, 9, b'j'], Ending::Malformed).await;
    check(&[0x30, 3, 0, 1, 0xff], Ending::Malformed).await;
    check(&[0x82, 2, 0, 1], Ending::Malformed).await;
    check(&[0x30, 0xff, 0xff, 0xff, 0xff, 0x7f], Ending::Malformed).await;
    check(&[0x30, 0xff, 0xff, 0xff, 0x7f], Ending::TooLarge).await;
    let huge = bytes(&publish(
        "jounce/v1/d-1/up",
        Qos::AtMostOnce,
        &[b' '; 260_000],
    ));
    check(&huge, Ending::TooLarge).await;
}

#[tokio::test]
async fn a_puback_that_nobody_asked_for_does_no_harm() {
    let yard = Yard::new(Over::Tcp);
    let mut device = yard.phone("d-1").await;
    device.say(&Packet::PubAck(77)).await;
    device.say(&Packet::PingReq).await;
    device.hears(&Packet::PingResp).await;
}

#[tokio::test]
async fn half_a_packet_is_hung_up_on_in_time_even_if_it_trickles() {
    let limits = Limits {
        half_packet: Duration::from_millis(300),
        ..Limits::default()
    };
    let whole = bytes(&publish("jounce/v1/d-1/up", Qos::AtMostOnce, &message(0)));
    for half in [1, 2, 20, whole.len() - 1] {
        let yard = Yard::with(Over::Tcp, limits.clone(), 1 << 20);
        let mut device = yard.phone("d-1").await;
        device.say_bytes(&whole[..half]).await;
        device.is_hung_up().await;
        yard.counts(Ending::HalfPacket, 1).await;
    }
    let yard = Yard::with(Over::Tls, limits, 1 << 20);
    let mut device = yard.phone("d-1").await;
    let trickle = async {
        for byte in whole.iter().cycle().take(whole.len() - 1) {
            device.say_bytes(&[*byte]).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::join!(trickle, yard.counts(Ending::HalfPacket, 1));
    yard.serves_an_honest_phone().await;
}

#[tokio::test]
async fn silence_is_cut_after_one_and_a_half_keep_alives_and_none_means_the_longest() {
    let limits = Limits {
        silence: Duration::from_millis(400),
        ..Limits::default()
    };
    let yard = Yard::with(Over::Tcp, limits, 1 << 20);
    for (count, keep_alive_s) in [(1, 0), (2, 65_535)] {
        let mut device = yard.stranger().await;
        let connect = Connect {
            keep_alive_s,
            ..plea("d-1")
        };
        device.say(&Packet::Connect(connect)).await;
        device.next().await.expect("CONNACK");
        device.is_hung_up().await;
        yard.counts(Ending::Silent, count).await;
    }
    let yard = Yard::new(Over::Tcp);
    let mut device = yard.stranger().await;
    let connect = Connect {
        keep_alive_s: 1,
        ..plea("d-1")
    };
    device.say(&Packet::Connect(connect)).await;
    device.next().await.expect("CONNACK");
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        device.say(&Packet::PingReq).await;
        device.hears(&Packet::PingResp).await;
    }
    device.is_hung_up().await;
    yard.counts(Ending::Silent, 1).await;
}

#[tokio::test]
async fn half_packets_of_many_devices_share_a_bounded_memory() {
    let limits = Limits {
        half_bytes: 300_000,
        ..Limits::default()
    };
    let yard = Yard::with(Over::Tcp, limits, 1 << 20);
    let half = &bytes(&publish(
        "jounce/v1/d-1/up",
        Qos::AtMostOnce,
        &[b' '; 200_000],
    ))[..100_000];
    let mut devices = Vec::new();
    for number in 0..10 {
        let mut device = yard.phone(&format!("d-{number}")).await;
        device.say_bytes(half).await;
        devices.push(device);
    }
    until(|| yard.door.counters().ended(Ending::HalvesFull) >= 6).await;
    assert!(yard.door.kept_bytes() < 400_000);
    yard.serves_an_honest_phone().await;
    drop(devices);
    until(|| yard.door.kept_bytes() == 0).await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_a_crowd_says_an_honest_phone_is_served(
        crowd in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 1..80)), 40),
        at in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let yard = Yard::new(Over::Tcp);
            let sound = bytes(&publish("jounce/v1/d-1/up", Qos::AtLeastOnce(3), &message(0)));
            for (number, (inside, noise)) in crowd.iter().enumerate() {
                let mut device = match inside {
                    true => yard.phone(&format!("d-{number}")).await,
                    false => yard.stranger().await,
                };
                let mut said = sound.clone();
                let at = at.index(said.len());
                said.splice(at..at, noise.iter().copied());
                device.say_bytes(&said).await;
            }
            yard.serves_an_honest_phone().await;
            let counters = yard.door.counters();
            until(|| counters.connections.load(std::sync::atomic::Ordering::Relaxed) == 0).await;
        });
    }
}
