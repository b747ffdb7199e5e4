//! Any bytes are a message or refused; what is a message can be cut and is one still.
#![no_main]

use ingest::wire::{self, Incoming};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = wire::name_of(bytes);
    if let Ok(Incoming::Message(_)) = wire::decode(bytes) {
        let mut message = wire::typed(bytes).expect("what is a message can be read as one");
        message.keep_within(&[(1_767_600_000_000_000, 1_767_700_000_000_000)]);
        wire::decode(&message.to_cbor()).expect("what is kept of a message is one");
    }
});
