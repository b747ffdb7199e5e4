//! The whole way of a message, up to its trip's evidence and into the map, beside decoding it and
//! doing no more.

#[path = "made/drives.rs"]
mod drives;

use aggregator::{Mode, Store};
use divan::Bencher;
use divan::counter::ItemsCount;
use ingest::wire::{self, Incoming, v1};
use jounce::pipeline::{self, ClosedTrip, Pipeline};

fn main() {
    divan::main();
}

#[divan::bench_group]
mod feed {
    use super::*;

    fn run(bencher: Bencher<'_, '_>, feed: impl Fn(&[Vec<u8>]) -> usize) {
        let packets: Vec<Vec<u8>> = drives::messages(10.0)
            .iter()
            .map(v1::Message::to_json)
            .collect();
        let samples = drives::samples(&drives::batches(10.0));
        bencher
            .counter(ItemsCount::new(samples))
            .bench_local(|| feed(&packets));
    }

    /// The trips of packets, judged.
    fn closed(packets: &[Vec<u8>]) -> Vec<ClosedTrip> {
        let key = drives::key();
        let mut pipeline = Pipeline::new(detector::Config::default(), None);
        for packet in packets {
            if let Ok(Incoming::Message(message)) = wire::decode(packet) {
                pipeline.feed(&key, message);
            }
        }
        pipeline.close_all()
    }

    #[divan::bench(name = "10min@100hz")]
    fn pipeline(bencher: Bencher<'_, '_>) {
        run(bencher, |packets| closed(packets).len());
    }

    #[divan::bench(name = "10min@100hz into the map", sample_count = 20)]
    fn into_the_map(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().expect("a folder");
        let number = std::cell::Cell::new(0);
        run(bencher, |packets| {
            let evidence: Vec<_> = closed(packets).into_iter().map(|t| t.evidence).collect();
            number.set(number.get() + 1);
            let map = folder.path().join(format!("{}.duckdb", number.get()));
            let mut store = Store::open(map, Mode::Write).expect("a new map");
            pipeline::record(&mut store, &evidence).expect("room on the disk");
            store.project().expect("room on the disk");
            evidence.len()
        });
    }

    #[divan::bench(name = "10min@100hz baseline, decode alone")]
    fn baseline(bencher: Bencher<'_, '_>) {
        run(bencher, |packets| {
            packets
                .iter()
                .filter(|packet| wire::decode(packet).is_ok())
                .count()
        });
    }
}
