use bytes::BytesMut;
use proptest::prelude::*;

use super::*;

const MOST: usize = 100_000;

fn bytes_of(packet: &Packet<'_>) -> BytesMut {
    let mut bytes = BytesMut::new();
    packet.write(&mut bytes);
    bytes
}

/// What a packet is made of, owned, so that proptest can draw it.
#[derive(Clone, Debug)]
struct Words {
    texts: [String; 3],
    blob: Vec<u8>,
    id: u16,
    small: u8,
    flags: [bool; 4],
}

fn words() -> impl Strategy<Value = Words> {
    let text = || "[a-z/#+$é✓]{0,20}";
    let blob = prop::collection::vec(any::<u8>(), 0..300);
    let flags = any::<[bool; 4]>();
    ([text(), text(), text()], blob, 1_u16.., 0..=2_u8, flags).prop_map(
        |(texts, blob, id, small, flags)| Words {
            texts,
            blob,
            id,
            small,
            flags,
        },
    )
}

fn packets(words: &Words) -> Vec<Packet<'_>> {
    let [a, b, c] = words.texts.each_ref().map(String::as_str);
    let [first, second, third, fourth] = words.flags;
    let (id, blob) = (words.id, words.blob.as_slice());
    let will = Will {
        topic: b,
        payload: blob,
        qos: words.small,
        retain: second,
    };
    vec![
        Packet::Connect(Connect {
            client_id: a,
            keep_alive_s: id,
            clean_session: third,
            will: first.then_some(will),
            user: (second || fourth).then_some(c),
            password: fourth.then_some(blob),
        }),
        Packet::ConnAck {
            session_present: first,
            code: ConnectCode::NotAuthorized,
        },
        Packet::Publish(Publish {
            topic: a,
            qos: match second {
                true => Qos::AtLeastOnce(id),
                false => Qos::AtMostOnce,
            },
            retain: first,
            duplicate: third,
            payload: blob,
        }),
        Packet::PubAck(id),
        Packet::Subscribe {
            id,
            filters: vec![(a, words.small), (b, 0)],
        },
        Packet::SubAck {
            id,
            codes: vec![SUBSCRIPTION_REFUSED, words.small],
        },
        Packet::Unsubscribe {
            id,
            filters: vec![a, b, c],
        },
        Packet::UnsubAck(id),
        Packet::PingReq,
        Packet::PingResp,
        Packet::Disconnect,
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read_and_no_part_of_it_is(words in words(), cut in any::<prop::sample::Index>()) {
        for packet in packets(&words) {
            let mut bytes = bytes_of(&packet);
            let whole = bytes.len();
            prop_assert_eq!(Packet::read(&bytes[..cut.index(whole)], MOST), Ok(None));
            bytes.extend_from_slice(b"whatever follows");
            prop_assert_eq!(length(&bytes, MOST), Ok(Some(whole)));
            prop_assert_eq!(Packet::read(&bytes, MOST), Ok(Some((packet, whole))));
        }
    }

    #[test]
    fn any_bytes_are_a_packet_or_its_beginning_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_total(&bytes)?;
    }

    #[test]
    fn a_damaged_packet_is_a_packet_or_its_beginning_or_refused(
        words in words(), at in any::<prop::sample::Index>(), byte in any::<u8>(),
    ) {
        for packet in packets(&words) {
            let mut bytes = bytes_of(&packet);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            check_total(&bytes)?;
        }
    }
}

/// What is read can be written, and reads the same again.
fn check_total(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(Some((packet, taken))) = Packet::read(bytes, MOST) {
        prop_assert!(2 <= taken && taken <= bytes.len());
        let again = bytes_of(&packet);
        prop_assert_eq!(Packet::read(&again, MOST), Ok(Some((packet, again.len()))));
    }
    Ok(())
}

fn check(bytes: &[u8], expected: Malformed) {
    assert_eq!(Packet::read(bytes, MOST), Err(expected), "{bytes:x?}");
}

#[test]
fn what_breaks_the_standard_is_refused_by_name() {
    check(&[0x00, 0], Malformed::Type(0));
    check(&[0xf0], Malformed::Type(15));
    check(b"GET /mqtt HTTP/1.1", Malformed::Flags);
    check(&[0x16, 3, 1], Malformed::Flags); // a TLS hello
    check(&[0x80, 2, 0, 1], Malformed::Flags);
    check(&[0x30, 0x80, 0x80, 0x80, 0x80, 1], Malformed::Length);
    let too_large = Malformed::TooLarge { most: MOST };
    check(&[0x30, 0xff, 0xff, 0xff, 0x7f], too_large);
    check(&[0x40, 1, 7], Malformed::Short);
    check(&[0x40, 3, 0, 7, 0], Malformed::Long);
    check(&[0x40, 2, 0, 0], Malformed::ZeroId);
    check(&[0x30, 3, 0, 1, 0], Malformed::Text);
    check(&[0x30, 3, 0, 1, 0xff], Malformed::Text);
    check(&[0x30, 3, 0, 9, b'a'], Malformed::Short);
    check(&[0x34], Malformed::Qos(2));
    check(&[0x36], Malformed::Qos(3));
    check(&[0x62, 2, 0, 1], Malformed::Qos(2));
    check(&[0x82, 2, 0, 1], Malformed::Filters);
    check(&[0x82, 6, 0, 1, 0, 1, b'a', 3], Malformed::Qos(3));
}

#[test]
fn a_request_names_no_more_filters_than_the_limit() {
    let filters = |count| Packet::Unsubscribe {
        id: 1,
        filters: vec!["a"; count],
    };
    let most = bytes_of(&filters(MAX_FILTERS));
    assert!(matches!(Packet::read(&most, MOST), Ok(Some(_))));
    check(&bytes_of(&filters(MAX_FILTERS + 1)), Malformed::Filters);
}

#[test]
fn other_versions_are_told_from_other_protocols() {
    let connect = |name: &[u8], level: u8, flags: u8| {
        let mut body = vec![0, name.len() as u8];
        body.extend_from_slice(name);
        body.extend_from_slice(&[level, flags, 0, 60, 0, 0]);
        let mut bytes = vec![0x10, body.len() as u8];
        bytes.append(&mut body);
        bytes
    };
    assert!(Packet::read(&connect(b"MQTT", 4, 2), MOST).is_ok());
    check(&connect(b"MQTT", 5, 2), Malformed::Version(5));
    check(&connect(b"MQIsdp", 3, 2), Malformed::Version(3));
    check(&connect(b"AMQP", 4, 2), Malformed::Protocol);
    for contradiction in [0x03, 0x42, 0x1e, 0x0a, 0x22] {
        check(&connect(b"MQTT", 4, contradiction), Malformed::ConnectFlags);
    }
}

#[test]
fn the_limit_is_on_the_whole_packet() {
    let packet = Packet::PubAck(7);
    let bytes = bytes_of(&packet);
    assert_eq!(Packet::read(&bytes, 4), Ok(Some((packet, 4))));
    let refused = Malformed::TooLarge { most: 3 };
    assert_eq!(
        Packet::read(&bytes[..2], 3),
        Err(refused),
        "before it has come"
    );
}

#[test]
fn a_connect_prints_neither_name_nor_secret() {
    let connect = Connect {
        client_id: "anna",
        keep_alive_s: 60,
        clean_session: true,
        will: None,
        user: Some("anna"),
        password: Some(b"anna"),
    };
    let text = format!("{connect:?}");
    assert!(!text.contains("anna") && !text.contains("97"), "{text}");
}
