//! What begins like CBOR is a message or refused; written as JSON it says the same.
#![no_main]

use ingest::wire::{self, Checked, Content, Incoming};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut packet = vec![0xa1 | (bytes.first().copied().unwrap_or(0) & 0x1f)];
    packet.extend_from_slice(bytes.get(1..).unwrap_or_default());
    for packet in [bytes, &packet] {
        check(packet);
        if let Ok(Incoming::Message(message)) = wire::decode(packet) {
            let typed = wire::typed(packet).expect("what is a message can be read as one");
            let json = wire::decode(&typed.to_json());
            // Packed, a message may be longer than a packet.
            if typed.to_json().len() < wire::limits::MAX_PACKET_BYTES {
                assert_eq!(json, Ok(Incoming::Message(message)));
            }
        }
    }
});

/// What the door looks at is what is read later.
fn check(packet: &[u8]) {
    match (wire::check(packet), wire::decode(packet)) {
        (Ok(Checked::Message { trip, seq, bye, .. }), Ok(Incoming::Message(message))) => {
            let is_bye = matches!(message.content, Content::Bye(_));
            assert_eq!((trip, seq, bye), (message.trip, message.seq, is_bye));
        }
        (Ok(Checked::Hello(_)), Ok(Incoming::Hello(_))) => {}
        (Err(checked), Err(read)) => assert_eq!(checked, read),
        (checked, read) => panic!("{checked:?} but {read:?}"),
    }
}
