//! Everything behind the sockets, in one process: what phones sent, read at the rim, stored, settled,
//! judged and mapped. It says how many phones' worth of driving two processors keep up with, where the
//! time goes, and how many bytes a driven hour takes on disk.
//!
//! Not a bench of many rounds: one run over `JOUNCE_TRIPS` trips (300) of 20 minutes at 60 Hz and browser
//! quality. CPU time is counted, because that is what a busy machine does not change; making the messages
//! is not counted. The baseline is the same messages decoded and nothing more.

#![allow(clippy::print_stdout, reason = "what it measured is what it is for")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ingest::clock::now_us;
use ingest::inbox::{Inbox, Letter, Limits, Outcome, Put, Slot};
use ingest::wire;
use jounce::drive::journey::{Course, Journey, Made};
use jounce::drive::quality::Quality;
use jounce::drive::track;
use jounce::serve::cartographer::Cartographer;
use jounce::serve::clerk::{Clerk, Progress};
use jounce::serve::settle::Cut;
use jounce::simulate::{self, Config};
use jounce::trim::{TrimRule, Veil};
use mimalloc::MiMalloc;
use tokio::sync::mpsc;
use trip::DeviceId;

/// As the program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Made drives that the trips are copies of.
const DRIVES: u32 = 8;

/// Length of each, minutes.
const MINUTES: f64 = 20.0;

/// What one message covers, seconds.
const BATCH_S: i64 = 10;

/// Messages under way at once.
const WINDOW: usize = 4_096;

fn main() {
    let trips: u32 = std::env::var("JOUNCE_TRIPS").map_or(300, |text| {
        text.parse().expect("JOUNCE_TRIPS is a number of trips")
    });
    let folder = tempfile::tempdir().expect("a folder");
    let messages = made(trips, folder.path());
    let driven_s: f64 = messages.iter().map(|(_, it)| it.span_us as f64 / 1e6).sum();
    let count = messages.len() as f64;
    println!(
        "{trips} trips, {count} messages, {:.1} h driven",
        driven_s / 3_600.0
    );
    let say = |what: &str, cpu_s: f64| {
        println!(
            "{what:<44} {:7.1} µs of CPU a message {:9.0} phones' worth on two processors",
            cpu_s / count * 1e6,
            2.0 * driven_s / cpu_s,
        );
    };

    let begin_s = cpu_s();
    let sound = messages
        .iter()
        .filter(|(_, it)| wire::decode(&it.payload).is_ok());
    assert_eq!(sound.count(), messages.len());
    say("baseline, decoded alone", cpu_s() - begin_s);

    let (inbox, slot) =
        Inbox::open(&folder.path().join("inbox"), Limits::default()).expect("an inbox");
    let begin_s = cpu_s();
    put(&slot, messages);
    let stored_s = cpu_s() - begin_s;
    say("read at the rim and stored", stored_s);

    let begin_s = cpu_s();
    let inbox = Arc::new(inbox);
    mapped(&inbox, folder.path(), u64::from(trips));
    let mapped_s = cpu_s() - begin_s;
    say("settled, judged and mapped", mapped_s);
    say("all in", stored_s + mapped_s);
    let (raw, kept) = inbox.disk_bytes();
    let map = std::fs::metadata(folder.path().join("map.duckdb")).map_or(0, |it| it.len());
    let per_hour = |bytes: u64| bytes as f64 / 1e6 / (driven_s / 3_600.0);
    println!(
        "MB on disk a driven hour: {:.2} as it came (for a day), {:.2} kept, {:.3} in the map",
        per_hour(raw),
        per_hour(kept),
        per_hour(map),
    );
}

/// The messages of so many phones, one trip each, as they would come: all trips at the same time.
fn made(trips: u32, folder: &std::path::Path) -> Vec<(Arc<DeviceId>, Made)> {
    let config = Config {
        drivers: DRIVES,
        minutes: MINUTES,
        rate_hz: Some(60.0),
        ..Config::default()
    };
    let mut paths = Vec::new();
    for (number, drive) in simulate::town(&config).trips().enumerate() {
        let path = folder.join(format!("{number}.jsonl"));
        let lines: Vec<Vec<u8>> = drive
            .messages
            .iter()
            .map(wire::v1::Message::to_json)
            .collect();
        std::fs::write(&path, lines.join(&b'\n')).expect("room on the disk");
        paths.push(path);
    }
    let quality = Quality {
        batch_us: BATCH_S * 1_000_000,
        browser: true,
    };
    let course = Arc::new(Course::new(
        track::load(&paths, &quality, |_, _| {}),
        1.0,
        1,
    ));
    let begin_us = now_us() - (MINUTES * 60e6) as i64;
    let mut messages = Vec::new();
    for phone in 0..trips {
        let device: Arc<DeviceId> = Arc::new(format!("p-{phone}").parse().expect("a device"));
        let mut journey = Journey::new(Arc::clone(&course), phone, begin_us, None);
        while let Some(made) = journey.make(i64::MAX) {
            messages.push((Arc::clone(&device), made));
        }
    }
    messages.sort_by_key(|(_, made)| made.seq);
    messages
}

/// Puts messages in as the door does, and waits until all are answered.
fn put(slot: &Slot, messages: Vec<(Arc<DeviceId>, Made)>) {
    let builder = tokio::runtime::Builder::new_current_thread().build();
    builder.expect("a runtime").block_on(async {
        let (reply, mut answers) = mpsc::unbounded_channel();
        let (mut sent, mut answered) = (0, 0);
        let all = messages.len();
        for (device, made) in messages {
            let received_us = now_us();
            let put = Put {
                letter: Letter::read(made.payload, &device, received_us),
                device,
                received_us,
                token: 0,
                reply: reply.clone(),
                room: None,
            };
            slot.put(put).await.expect("the inbox is open");
            sent += 1;
            while answered < all && (sent - answered > WINDOW || sent == all) {
                let answer = answers.recv().await.expect("an answer to each");
                assert!(matches!(
                    answer.outcome,
                    Outcome::Stored { fresh: true, .. }
                ));
                answered += 1;
            }
        }
    });
}

/// Lets the clerk work until all trips are in the map.
fn mapped(inbox: &Arc<Inbox>, folder: &std::path::Path, trips: u64) {
    let (map, thread) =
        Cartographer::start(&folder.join("map.duckdb"), Duration::from_secs(10)).expect("a map");
    let progress = Arc::new(Progress::default());
    let clerk = Clerk {
        inbox: Arc::clone(inbox),
        map: map.clone(),
        cut: Cut {
            rule: TrimRule::default(),
            veil: Veil { metres: 100.0 },
        },
        detector: detector::Config::default(),
        witness: Arc::new(|_| None),
        idle_us: 600_000_000,
        raw_us: 72_000_000_000,
        retention_days: 90,
        progress: Arc::clone(&progress),
    };
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    let clerk = std::thread::spawn(move || clerk.run(&stopping));
    while progress.judged.load(Ordering::Relaxed) < trips {
        std::thread::sleep(Duration::from_millis(50));
    }
    stop.store(true, Ordering::Relaxed);
    clerk.join().expect("the clerk ends");
    map.stop();
    thread.join().expect("the map ends");
}

/// CPU time of this process, user and system, s. Source: proc(5), fields 14 and 15, in hundredths.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("a Linux system");
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .map(|it| it.parse::<f64>().expect("a number"))
        .sum::<f64>()
        / 100.0
}
