//! Strangers: what comes before a device is let in.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::yard::*;
use crate::door::{Ending, Limits};
use crate::mqtt::packet::{Connect, ConnectCode, Packet, Qos, Will};

fn hasty() -> Limits {
    Limits {
        handshake: Duration::from_millis(300),
        gate: Duration::from_millis(300),
        ..Limits::default()
    }
}

/// A stranger says that, hears that, and is hung up on; an honest phone is served beside them.
async fn check(said: &[u8], heard: &[u8], expected: Ending) {
    for over in [Over::Tcp, Over::Tls] {
        let yard = Yard::with(over, hasty(), 1 << 20);
        let mut stranger = yard.stranger().await;
        stranger.say_bytes(said).await;
        yard.serves_an_honest_phone().await;
        let mut all = Vec::new();
        let reading = stranger.io.read_to_end(&mut all);
        let read = tokio::time::timeout(PATIENCE, reading).await;
        let _ = read.expect("it is hung up on");
        assert_eq!(all, heard, "{expected:?} {over:?}");
        yard.counts(expected, 1).await;
    }
}

fn bytes(packet: &Packet<'_>) -> Vec<u8> {
    let mut bytes = bytes::BytesMut::new();
    packet.write(&mut bytes);
    bytes.to_vec()
}

#[tokio::test]
async fn a_silent_stranger_and_half_a_connect_are_hung_up_on_in_time() {
    check(b"", b"", Ending::SlowHandshake).await;
    let connect = bytes(&connect("d-1"));
    for half in [1, 2, 10, connect.len() - 1] {
        check(&connect[..half], b"", Ending::SlowHandshake).await;
    }
}

#[tokio::test]
async fn a_connect_that_trickles_is_hung_up_on_in_time() {
    let yard = Yard::with(Over::Tcp, hasty(), 1 << 20);
    let mut stranger = yard.tcp().await;
    let trickle = async {
        for byte in bytes(&connect("d-1")) {
            if stranger.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::join!(trickle, yard.counts(Ending::SlowHandshake, 1));
    yard.serves_an_honest_phone().await;
}

#[tokio::test]
async fn other_protocols_and_other_packets_before_connect_are_hung_up_on() {
    check(b"GET / HTTP/1.1\r\n\r\n", b"", Ending::NoConnect).await;
    check(&[0x16, 3, 1, 0, 5], b"", Ending::Malformed).await;
    check(&[0; 64], b"", Ending::NoConnect).await;
    check(&[0xff; 64], b"", Ending::NoConnect).await;
    check(&bytes(&Packet::PingReq), b"", Ending::NoConnect).await;
    let publish = publish("jounce/v1/honest/up", Qos::AtMostOnce, b"{}");
    check(&bytes(&publish), b"", Ending::NoConnect).await;
    let huge = [0x10, 0xff, 0xff, 0xff, 0x7f];
    check(&huge, b"", Ending::TooLarge).await;
    check(
        &[0x10, 0xff, 0xff, 0xff, 0xff, 0x7f],
        b"",
        Ending::Malformed,
    )
    .await;
}

#[tokio::test]
async fn older_and_newer_versions_are_told_so() {
    let v3_1 = b"\x10\x11\0\x06MQIsdp\x03\x02\0\x3c\0\x03d-1";
    check(v3_1, &[0x20, 2, 0, 1], Ending::Version).await;
    let v5 = b"\x10\x10\0\x04MQTT\x05\x02\0\x3c\0\0\x03d-1";
    check(v5, &[0x20, 3, 0, 0x84, 0], Ending::Version).await;
}

#[tokio::test]
async fn who_may_not_come_is_told_why() {
    let refused = |code: ConnectCode| [0x20, 2, 0, code as u8];
    let wrong = Connect {
        password: Some(b"guess"),
        ..plea("d-1")
    };
    let denied = refused(ConnectCode::BadCredentials);
    check(
        &bytes(&Packet::Connect(wrong)),
        &denied,
        Ending::WrongSecret,
    )
    .await;
    let nameless = Connect {
        user: None,
        password: None,
        ..plea("d-1")
    };
    check(
        &bytes(&Packet::Connect(nameless)),
        &denied,
        Ending::WrongSecret,
    )
    .await;
    let barred = refused(ConnectCode::NotAuthorized);
    check(&bytes(&connect("barred-1")), &barred, Ending::NotAllowed).await;
    let busy = refused(ConnectCode::Unavailable);
    check(&bytes(&connect("late-1")), &busy, Ending::Busy).await;
    for topic in ["jounce/v1/d-1/up", "é/x", "#"] {
        let will = Will {
            topic,
            payload: b"gone",
            qos: 1,
            retain: true,
        };
        let testator = Connect {
            will: Some(will),
            ..plea("d-1")
        };
        check(&bytes(&Packet::Connect(testator)), &barred, Ending::Will).await;
    }
}

#[tokio::test]
async fn a_refusal_is_heard_although_more_was_said_meanwhile() {
    let yard = Yard::new(Over::Tcp);
    let mut stranger = yard.stranger().await;
    let mut said = bytes(&connect("barred-1"));
    said.extend([0xc0, 0].repeat(50_000));
    stranger.say_bytes(&said).await;
    stranger.hears(&welcome(ConnectCode::NotAuthorized)).await;
}

#[tokio::test]
async fn half_a_tls_handshake_is_hung_up_on_and_holds_nobody_up() {
    let yard = Yard::with(Over::Tls, hasty(), 1 << 20);
    let mut silent = yard.tcp().await;
    let mut half = yard.tcp().await;
    half.write_all(&[0x16, 3, 1, 2]).await.expect("taken");
    let mut plain = yard.tcp().await;
    plain
        .write_all(&bytes(&connect("d-1")))
        .await
        .expect("taken");
    yard.serves_an_honest_phone().await;
    for stranger in [&mut silent, &mut half, &mut plain] {
        let mut all = Vec::new();
        // An alert may come, or the connection be reset.
        let _ = tokio::time::timeout(PATIENCE, stranger.read_to_end(&mut all))
            .await
            .expect("it is hung up on");
    }
    yard.counts(Ending::SlowHandshake, 2).await;
    yard.counts(Ending::Tls, 1).await;
}

#[tokio::test]
async fn two_thousand_silent_strangers_hold_nobody_up() {
    let yard = Yard::new(Over::Tcp);
    let mut silent = Vec::new();
    for _ in 0..2_000 {
        match tokio::net::TcpStream::connect(yard.address).await {
            Ok(stream) => silent.push(stream),
            // This machine has no more descriptors.
            Err(_) => break,
        }
    }
    if silent.len() < 2_000 {
        eprintln!("skipped: only {} sockets to be had", silent.len());
        return;
    }
    yard.serves_an_honest_phone().await;
}

#[tokio::test]
async fn a_full_door_hangs_up_and_serves_again_when_somebody_has_left() {
    let limits = Limits {
        connections: 3,
        ..Limits::default()
    };
    let yard = Yard::with(Over::Tcp, limits, 1 << 20);
    let phones = [
        yard.phone("d-1").await,
        yard.phone("d-2").await,
        yard.phone("d-3").await,
    ];
    let mut late = yard.stranger().await;
    late.is_hung_up().await;
    yard.counts(Ending::Full, 1).await;
    drop(phones);
    yard.counts(Ending::Gone, 3).await;
    yard.serves_an_honest_phone().await;
}
