//! The inbox: messages put in by many at once until all are answered, beside the bare system calls for as
//! many bytes; and how long it takes to open one that holds many messages.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;
use ingest::inbox::{Inbox, Letter, Limits, Put, Slot};
use tokio::sync::mpsc;
use trip::{DeviceId, TripId};

fn main() {
    divan::main();
}

/// Bytes of a message. Source: 10 s of a phone at 60 Hz and browser quality, CBOR packed with zstd.
const MESSAGE_BYTES: usize = 2_000;

/// How many phones, and how many messages each has under way.
const PHONES: u16 = 500;
const WINDOW: u32 = 20;

fn letter(phone: u16, seq: u32) -> Letter {
    let mut trip = [0; 16];
    trip[..2].copy_from_slice(&phone.to_be_bytes());
    Letter::Message {
        trip: TripId::from_bytes(trip),
        seq,
        bye: false,
        claim: None,
        payload: Bytes::from(vec![phone as u8; MESSAGE_BYTES]),
    }
}

/// Puts a window of every phone in, and waits until all are answered.
async fn round(slot: &Slot, devices: &[Arc<DeviceId>], number: u32) {
    let (reply, mut answers) = mpsc::unbounded_channel();
    let mut count = 0;
    for seq in number * WINDOW..(number + 1) * WINDOW {
        for (phone, device) in (0..).zip(devices) {
            let put = Put {
                device: Arc::clone(device),
                received_us: 1_767_603_600_000_000,
                letter: letter(phone, seq),
                token: 0,
                reply: reply.clone(),
                room: None,
            };
            slot.put(put).await.expect("the inbox is open");
            count += 1;
        }
    }
    for _ in 0..count {
        answers.recv().await.expect("an answer to each");
    }
}

fn devices() -> Vec<Arc<DeviceId>> {
    let name = |n: u16| Arc::new(format!("d-{n}").parse().expect("a device id"));
    (0..PHONES).map(name).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    let builder = tokio::runtime::Builder::new_current_thread().build();
    builder.expect("a runtime")
}

#[divan::bench_group(sample_count = 20)]
mod put {
    use super::*;

    #[divan::bench(name = "10k of 2 kB from 500 phones, answered")]
    fn inbox(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().expect("a folder");
        let (_inbox, slot) = Inbox::open(folder.path(), Limits::default()).expect("an inbox");
        let (devices, runtime, mut number) = (devices(), runtime(), 0);
        bencher
            .counter(ItemsCount::new(PHONES as u32 * WINDOW))
            .bench_local(|| {
                runtime.block_on(round(&slot, &devices, number));
                number += 1;
            });
    }

    #[divan::bench(name = "baseline, as many bytes appended and one fdatasync each 500")]
    fn bare(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut file = std::fs::File::create(folder.path().join("log")).expect("a file");
        let bytes = vec![7; MESSAGE_BYTES * PHONES as usize];
        bencher
            .counter(ItemsCount::new(PHONES as u32 * WINDOW))
            .bench_local(|| {
                for _ in 0..WINDOW {
                    file.write_all(&bytes).expect("room");
                    file.sync_data().expect("a disk");
                }
            });
    }
}

/// Fills an inbox with so many messages.
fn filled(folder: &Path, messages: u32) {
    let (inbox, slot) = Inbox::open(folder, Limits::default()).expect("an inbox");
    let (devices, runtime) = (devices(), runtime());
    for number in 0..messages / (u32::from(PHONES) * WINDOW) {
        runtime.block_on(round(&slot, &devices, number));
    }
    drop(slot);
    inbox.close();
}

#[divan::bench_group(sample_count = 3)]
mod open {
    use super::*;

    fn read_all(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder.join("raw")).expect("segments");
        let read = |entry: std::fs::DirEntry| std::fs::read(entry.path()).map_or(0, |it| it.len());
        entries.flatten().map(read).sum()
    }

    #[divan::bench(name = "200k messages of 2 kB")]
    fn inbox(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().expect("a folder");
        filled(folder.path(), 200_000);
        bencher
            .counter(ItemsCount::new(200_000_u32))
            .bench_local(|| Inbox::read(folder.path(), Limits::default()).expect("an inbox"));
    }

    #[divan::bench(name = "baseline, the same files read")]
    fn bare(bencher: Bencher<'_, '_>) {
        let folder = tempfile::tempdir().expect("a folder");
        filled(folder.path(), 200_000);
        bencher
            .counter(ItemsCount::new(200_000_u32))
            .bench_local(|| read_all(folder.path()));
    }
}
