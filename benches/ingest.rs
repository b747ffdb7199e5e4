//! Decoding: the packets of a minute at 100 Hz, beside reading the same JSON without a check.

#[path = "made/drives.rs"]
mod drives;

use divan::Bencher;
use divan::counter::BytesCount;
use ingest::wire::{self, v1};

fn main() {
    divan::main();
}

#[divan::bench_group]
mod decode {
    use super::*;

    fn packets(pack: impl Fn(&v1::Message) -> Vec<u8>) -> Vec<Vec<u8>> {
        drives::messages(1.0).iter().map(pack).collect()
    }

    fn run<T>(bencher: Bencher<'_, '_>, packets: &[Vec<u8>], decode: impl Fn(&[u8]) -> T) {
        let bytes: usize = packets.iter().map(Vec::len).sum();
        bencher.counter(BytesCount::new(bytes)).bench_local(|| {
            packets
                .iter()
                .for_each(|packet| drop(divan::black_box(decode(packet))));
        });
    }

    #[divan::bench(name = "1min@100hz json")]
    fn json(bencher: Bencher<'_, '_>) {
        run(bencher, &packets(v1::Message::to_json), wire::decode);
    }

    #[divan::bench(name = "1min@100hz cbor")]
    fn cbor(bencher: Bencher<'_, '_>) {
        run(bencher, &packets(v1::Message::to_cbor), wire::decode);
    }

    #[divan::bench(name = "1min@100hz baseline, json unchecked")]
    fn baseline(bencher: Bencher<'_, '_>) {
        run(bencher, &packets(v1::Message::to_json), |packet| {
            serde_json::from_slice::<serde_json::Value>(packet)
        });
    }
}
