//! What an honest phone gets.

use bytes::BytesMut;

use super::yard::*;
use crate::door::{Ending, Limits};
use crate::mqtt::packet::{Connect, ConnectCode, Packet, Publish, Qos};

#[tokio::test]
async fn a_phone_is_served_over_tcp_and_over_tls() {
    for over in [Over::Tcp, Over::Tls] {
        let yard = Yard::new(over);
        yard.serves_an_honest_phone().await;
        yard.counts(Ending::Goodbye, 1).await;
        assert_eq!(yard.stored(), 1);
    }
}

/// CONNECT, three messages and a ping.
fn whole_visit(user: &str) -> BytesMut {
    let mut bytes = BytesMut::new();
    connect(user).write(&mut bytes);
    let topic = format!("jounce/v1/{user}/up");
    for seq in 0..3 {
        let payload = message(seq);
        publish(&topic, Qos::AtLeastOnce(seq as u16 + 1), &payload).write(&mut bytes);
    }
    Packet::PingReq.write(&mut bytes);
    bytes
}

#[tokio::test]
async fn packets_may_come_byte_by_byte_or_all_at_once() {
    let yard = Yard::new(Over::Tcp);
    let mut at_once = yard.stranger().await;
    at_once.say_bytes(&whole_visit("d-1")).await;
    let mut slowly = yard.stranger().await;
    for byte in whole_visit("d-2") {
        slowly.say_bytes(&[byte]).await;
    }
    for phone in [&mut at_once, &mut slowly] {
        phone.hears(&welcome(ConnectCode::Accepted)).await;
        let mut heard = Vec::new();
        for _ in 0..4 {
            heard.push(phone.next().await.expect("an answer"));
        }
        // The inbox answers messages, the door the ping: which comes first is not said.
        heard.retain(|bytes| bytes[0] != 0xd0);
        let ids: Vec<u8> = heard.iter().map(|bytes| bytes[3]).collect();
        assert_eq!(ids, [1, 2, 3]);
    }
    assert_eq!(yard.door.kept_bytes(), 0);
}

#[tokio::test]
async fn acks_say_what_is_stored_and_what_was_refused_and_a_hello_asks_for_them() {
    let yard = Yard::new(Over::Tcp);
    let mut phone = yard.listener("d-1").await;
    phone.publish("d-1", 1, &message(0)).await;
    phone.hears(&Packet::PubAck(1)).await;
    assert_eq!(phone.hears_ack("d-1").await.upto, Some(0));
    phone
        .publish("d-1", 2, b"{\"v\":1,\"type\":\"telegram\"}")
        .await;
    phone.hears(&Packet::PubAck(2)).await;
    assert_eq!(phone.hears_ack("d-1").await.nack[0].reason, "unknown_type");
    let hello = format!(
        r#"{{"v":1,"type":"hello","now_us":5,"trips":["{}"]}}"#,
        trip()
    );
    phone.publish("d-1", 3, hello.as_bytes()).await;
    phone.hears(&Packet::PubAck(3)).await;
    let ack = phone.hears_ack("d-1").await;
    assert!(ack.upto == Some(0) && ack.server_us > Some(0) && ack.trip == Some(trip().to_string()));
    let topic = "jounce/v1/d-1/ack";
    let filters = vec![topic];
    phone.say(&Packet::Unsubscribe { id: 6, filters }).await;
    phone.hears(&Packet::UnsubAck(6)).await;
    phone.publish("d-1", 4, &message(1)).await;
    phone.hears(&Packet::PubAck(4)).await;
    phone.say(&Packet::PingReq).await;
    phone.hears(&Packet::PingResp).await;
}

#[tokio::test]
async fn qos_zero_is_stored_without_an_answer_also_when_goodbye_follows_at_once() {
    let yard = Yard::new(Over::Tcp);
    for (user, topic) in [("d-1", "jounce/v1/d-1/up"), ("d-2", "sensor-logger")] {
        let mut phone = yard.phone(user).await;
        let mut bytes = BytesMut::new();
        for seq in 0..5 {
            publish(topic, Qos::AtMostOnce, &message(seq)).write(&mut bytes);
        }
        Packet::Disconnect.write(&mut bytes);
        phone.say_bytes(&bytes).await;
        phone.is_hung_up().await;
    }
    until(|| yard.stored() == 10).await;
}

#[tokio::test]
async fn a_session_to_be_kept_begins_afresh_and_an_empty_client_id_is_fine() {
    let yard = Yard::new(Over::Tcp);
    for (client_id, clean_session, code) in [
        ("mine", false, ConnectCode::Accepted),
        ("", true, ConnectCode::Accepted),
        ("", false, ConnectCode::IdRejected),
    ] {
        let mut phone = yard.stranger().await;
        let connect = Connect {
            client_id,
            clean_session,
            ..plea("d-1")
        };
        phone.say(&Packet::Connect(connect)).await;
        phone.hears(&welcome(code)).await;
    }
    yard.counts(Ending::ClientId, 1).await;
}

#[tokio::test]
async fn a_device_that_comes_again_takes_over_and_others_stay() {
    let yard = Yard::new(Over::Tcp);
    let mut bystander = yard.phone("d-2").await;
    let mut older = yard.phone("d-1").await;
    let mut newer = yard.phone("d-1").await;
    older.is_hung_up().await;
    yard.counts(Ending::TakenOver, 1).await;
    let mut thief = yard.stranger().await;
    let connect = Connect {
        password: Some(b"guess"),
        ..plea("d-1")
    };
    thief.say(&Packet::Connect(connect)).await;
    thief.hears(&welcome(ConnectCode::BadCredentials)).await;
    thief.is_hung_up().await;
    for (phone, name) in [(&mut newer, "d-1"), (&mut bystander, "d-2")] {
        phone.publish(name, 1, &message(0)).await;
        phone.hears(&Packet::PubAck(1)).await;
    }
}

#[tokio::test]
async fn a_device_of_the_same_client_id_as_another_takes_nothing_over() {
    let yard = Yard::new(Over::Tcp);
    let mut victim = yard.phone("d-1").await;
    let mut other = yard.stranger().await;
    let connect = Connect {
        client_id: "d-1",
        ..plea("d-2")
    };
    other.say(&Packet::Connect(connect)).await;
    other.hears(&welcome(ConnectCode::Accepted)).await;
    victim.say(&Packet::PingReq).await;
    victim.hears(&Packet::PingResp).await;
}

#[tokio::test]
async fn a_revoked_device_is_cut_also_while_the_inbox_stands_still() {
    let yard = Yard::with(Over::Tcp, Limits::default(), 300);
    let mut first = yard.phone("d-1").await;
    let mut second = yard.phone("d-2").await;
    yard.revoke("d-1");
    first.is_hung_up().await;
    yard.mood.send_replace(Mood::Stalled);
    for id in 1..5 {
        second.publish("d-2", id, &message(id.into())).await;
    }
    yard.revoke("d-2");
    second.is_hung_up().await;
    yard.counts(Ending::Revoked, 2).await;
    yard.mood.send_replace(Mood::Well);
    yard.serves_an_honest_phone().await;
}

#[tokio::test]
async fn a_stop_answers_what_is_under_way_and_lets_nobody_in() {
    let yard = Yard::new(Over::Tls);
    let mut idle = yard.phone("d-1").await;
    let mut busy = yard.phone("d-2").await;
    yard.mood.send_replace(Mood::Stalled);
    busy.publish("d-2", 1, &message(0)).await;
    until(|| {
        yard.door
            .counters()
            .publishes
            .load(std::sync::atomic::Ordering::Relaxed)
            == 1
    })
    .await;
    yard.door.stop();
    idle.is_hung_up().await;
    yard.mood.send_replace(Mood::Well);
    busy.hears(&Packet::PubAck(1)).await;
    busy.is_hung_up().await;
    yard.listening.await.expect("the listener returns");
    assert_eq!(yard.door.counters().ended(Ending::Stopping), 2);
    assert!(tokio::net::TcpStream::connect(yard.address).await.is_err());
}

#[tokio::test]
async fn an_inbox_in_trouble_acknowledges_nothing_and_the_phone_comes_again() {
    let yard = Yard::new(Over::Tcp);
    let mut phone = yard.phone("d-1").await;
    phone.publish("d-1", 1, &message(0)).await;
    phone.hears(&Packet::PubAck(1)).await;
    yard.mood.send_replace(Mood::Trouble);
    phone.publish("d-1", 2, &message(1)).await;
    phone.is_hung_up().await;
    yard.counts(Ending::Trouble, 1).await;
    yard.mood.send_replace(Mood::Well);
    let mut phone = yard.phone("d-1").await;
    let payload = message(1);
    let again = Publish {
        topic: "jounce/v1/d-1/up",
        qos: Qos::AtLeastOnce(2),
        retain: false,
        duplicate: true,
        payload: &payload,
    };
    phone.say(&Packet::Publish(again)).await;
    phone.hears(&Packet::PubAck(2)).await;
    assert_eq!(yard.stored(), 2);
}
