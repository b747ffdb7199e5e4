//! What begins like CBOR is a message or refused; written as JSON it says the same.
#![no_main]

use ingest::wire::{self, Incoming};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut packet = vec![0xa1 | (bytes.first().copied().unwrap_or(0) & 0x1f)];
    packet.extend_from_slice(bytes.get(1..).unwrap_or_default());
    for packet in [bytes, &packet] {
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
