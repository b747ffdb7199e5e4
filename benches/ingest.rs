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

#[divan::bench_group]
mod packet {
    use super::*;
    use divan::counter::ItemsCount;
    use ingest::mqtt::packet::Packet;

    /// 64 publishes of 2 kB, as they come out of a socket.
    fn stream() -> Vec<u8> {
        let topic = b"jounce/v1/d-8m3k2v9xq4t7w1zc/up";
        let mut stream = Vec::new();
        for number in 1..=64_u16 {
            let length = 2 + topic.len() + 2 + 2_000;
            stream.extend([0x32, (length % 128) as u8 | 0x80, (length / 128) as u8]);
            stream.extend((topic.len() as u16).to_be_bytes());
            stream.extend(topic);
            stream.extend(number.to_be_bytes());
            stream.extend(std::iter::repeat_n(7, 2_000));
        }
        stream
    }

    #[divan::bench(name = "64 publishes of 2 kB")]
    fn read(bencher: Bencher<'_, '_>) {
        let stream = stream();
        bencher.counter(ItemsCount::new(64_u32)).bench_local(|| {
            let mut rest = &stream[..];
            while let Ok(Some((packet, length))) = Packet::read(rest, 300_000) {
                divan::black_box(packet);
                rest = &rest[length..];
            }
        });
    }

    #[divan::bench(name = "64 publishes of 2 kB baseline, copied")]
    fn baseline(bencher: Bencher<'_, '_>) {
        let stream = stream();
        bencher
            .counter(ItemsCount::new(64_u32))
            .bench_local(|| divan::black_box(stream.clone()));
    }
}
