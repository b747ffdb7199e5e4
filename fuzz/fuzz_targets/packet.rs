//! Any bytes are a packet of MQTT, the beginning of one, or refused.
#![no_main]

use ingest::mqtt::packet::Packet;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    while let Ok(Some((_, length))) = Packet::read(rest, 256_512) {
        assert!(0 < length && length <= rest.len());
        rest = &rest[length..];
    }
});
