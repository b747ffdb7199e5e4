//! Whatever a foreign app sends becomes letters, and never stops anybody.
#![no_main]

use bytes::Bytes;
use ingest::inbox::Letter;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let device = "d-1".parse().expect("a device id");
    for letter in ingest::foreign::read(Bytes::copy_from_slice(bytes), &device, 1_767_603_600_000_000) {
        if let Letter::Message { payload, .. } = letter {
            ingest::wire::decode(&payload).expect("what is passed on is a message");
        }
    }
});
