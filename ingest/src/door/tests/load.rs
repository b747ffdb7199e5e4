//! How much the door carries. Run by hand, alone on the machine:
//! `cargo test --release -p ingest door::tests::load -- --ignored --nocapture --test-threads 1`.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::yard::*;
use crate::ack::SeqSet;
use crate::door::{Door, Reading, bind, listen, read_one, serve_connection};
use crate::inbox::{Answer, Letter, Outcome, Put, Slot};
use crate::mqtt::packet::{ConnectCode, Packet, Qos};

const WINDOW: u32 = 20;

/// What stands behind the door.
#[derive(Clone, Copy, Debug)]
enum Behind {
    /// A file: whatever has come is appended, with one `fdatasync` for all of it, and then answered.
    Disk,
    /// Nothing: the door alone is measured.
    Nothing,
}

fn append(mut puts: mpsc::Receiver<Put>, behind: Behind) {
    let mut file = tempfile::tempfile().expect("a file");
    let trip = trip();
    let mut standing = SeqSet::default();
    standing.insert(0);
    let mut batch: Vec<Put> = Vec::new();
    let mut bytes = Vec::new();
    while let Some(first) = puts.blocking_recv() {
        batch.push(first);
        while bytes.len() < 8_000_000 {
            let Some(put) = batch.last() else { break };
            if let Letter::Message { payload, .. } = &put.letter {
                bytes.extend_from_slice(payload);
            }
            let Ok(next) = puts.try_recv() else { break };
            batch.push(next);
        }
        if let Behind::Disk = behind {
            file.write_all(&bytes).expect("written");
            file.sync_data().expect("on disk");
        }
        bytes.clear();
        for put in batch.drain(..) {
            let outcome = Outcome::Stored {
                trip,
                fresh: true,
                standing: standing.clone(),
            };
            let token = put.token;
            let _ = put.reply.send(Answer { token, outcome });
        }
    }
}

/// A payload of 2 kB: a sound message, or bytes that nobody reads.
fn payload() -> Vec<u8> {
    let numbers = |value: i32| vec![value.to_string(); 190].join(",");
    let text = format!(
        r#"{{"v":1,"type":"samples","trip":"{}","seq":1,"accel":{{"unit":"m/s2","t0_us":1767603600000000,"dt_us":[0,{}],"scale":0.01,"x":[{}],"y":[{}],"z":[{}]}}}}"#,
        trip(),
        vec!["1"; 189].join(","),
        numbers(1),
        numbers(2),
        numbers(981),
    );
    let mut bytes = text.into_bytes();
    assert!(bytes.len() <= 2_048, "{}", bytes.len());
    bytes.resize(2_048, b' ');
    bytes
}

fn unread(payload: Bytes, _: &trip::DeviceId, _: i64) -> Vec<Letter> {
    vec![Letter::Message {
        trip: trip::TripId::from_bytes([7; 16]),
        seq: 0,
        bye: false,
        claim: None,
        payload,
    }]
}

fn door(reading: Box<Reading>, behind: Behind) -> (Arc<Door>, std::net::SocketAddr) {
    let (slot, puts) = Slot::new(64_000_000);
    tokio::task::spawn_blocking(move || append(puts, behind));
    let door = Arc::new(Door::new(Box::new(Everybody), slot).with_reading(reading));
    let listener = bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(listen(listener, None, Arc::clone(&door)));
    (door, address)
}

/// One phone that keeps its window full until it has so many PUBACKs.
async fn drive(address: std::net::SocketAddr, number: u32, count: u32, payload: Arc<Vec<u8>>) {
    let mut stream = TcpStream::connect(address).await.expect("accepted");
    stream.set_nodelay(true).expect("a socket");
    let user = format!("d-{number}");
    let topic = format!("jounce/v1/{user}/up");
    let mut out = BytesMut::new();
    connect(&user).write(&mut out);
    stream.write_all(&out).await.expect("taken");
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.expect("CONNACK");
    assert_eq!(answer, [0x20, 2, 0, 0]);
    let (mut sent, mut heard) = (0, 0);
    let mut answers = [0; 4 * WINDOW as usize];
    let mut part = 0;
    while heard < count {
        out.clear();
        while sent < count && sent < heard + WINDOW {
            let id = (sent % 60_000) as u16 + 1;
            publish(&topic, Qos::AtLeastOnce(id), &payload).write(&mut out);
            sent += 1;
        }
        stream.write_all(&out).await.expect("taken");
        let read = stream.read(&mut answers).await.expect("PUBACKs");
        assert!(read > 0, "not hung up on");
        part += read;
        heard += part as u32 / 4;
        part %= 4;
    }
}

async fn measure(name: &str, phones: u32, each: u32, reading: Box<Reading>, behind: Behind) {
    let (door, address) = door(reading, behind);
    let payload = Arc::new(payload());
    let start = Instant::now();
    let cpu = cpu_s();
    let driving: Vec<_> = (0..phones)
        .map(|number| tokio::spawn(drive(address, number, each, Arc::clone(&payload))))
        .collect();
    for phone in driving {
        phone.await.expect("a phone");
    }
    let seconds = start.elapsed().as_secs_f64();
    let count = f64::from(phones * each);
    eprintln!(
        "{name}, {behind:?}: {phones} phones, {} B: {:.0} publishes/s, {:.1} µs CPU each, generator included",
        payload.len(),
        count / seconds,
        (cpu_s() - cpu) / count * 1e6,
    );
    door.stop();
}

/// Processor time of this process so far, s; 0 where the system does not tell.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks = fields
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// Memory of this process, bytes; 0 where the system does not tell.
fn rss_bytes() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: Option<f64> = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or_default() * 4096.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures: run by hand"]
async fn durable_publishes_a_second() {
    for behind in [Behind::Nothing, Behind::Disk] {
        for phones in [50, 500, 2_000] {
            let each = 400_000 / phones;
            measure("not read", phones, each, Box::new(unread), behind).await;
        }
        measure("read as the wire", 500, 200, Box::new(read_one), behind).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures: run by hand"]
async fn memory_of_an_idle_connection() {
    const PHONES: u32 = 4_500;
    let (door, address) = door(Box::new(unread), Behind::Nothing);
    let (end, _) = tokio::io::duplex(1);
    let peer = "127.0.0.1".parse().expect("an address");
    let task = size_of_val(&serve_connection(end, peer, &door));
    eprintln!("{task} B is the state of a connection's task");
    let mut phones = Vec::new();
    let before = rss_bytes();
    for number in 0..PHONES {
        let mut stream = TcpStream::connect(address).await.expect("accepted");
        let user = format!("d-{number}");
        let topic = format!("jounce/v1/{user}/up");
        let ack = format!("jounce/v1/{user}/ack");
        let mut out = BytesMut::new();
        connect(&user).write(&mut out);
        let filters = vec![(ack.as_str(), 0)];
        Packet::Subscribe { id: 1, filters }.write(&mut out);
        publish(&topic, Qos::AtLeastOnce(1), &[b'-'; 2_048]).write(&mut out);
        stream.write_all(&out).await.expect("taken");
        let mut answer = [0; 4 + 5 + 4];
        stream
            .read_exact(&mut answer)
            .await
            .expect("CONNACK, SUBACK, PUBACK");
        phones.push(stream);
    }
    let grown = rss_bytes() - before;
    eprintln!(
        "{:.0} B per idle connection that has published, its other end included",
        grown / f64::from(PHONES)
    );
    drop(phones);
    door.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures: run by hand"]
async fn five_thousand_phones_come_at_once() {
    const PHONES: u32 = 5_000;
    let (door, address) = door(Box::new(unread), Behind::Nothing);
    let start = Instant::now();
    let coming: Vec<_> = (0..PHONES)
        .map(|number| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.expect("accepted");
                let mut out = BytesMut::new();
                connect(&format!("d-{number}")).write(&mut out);
                stream.write_all(&out).await.expect("taken");
                let mut answer = [0; 4];
                stream.read_exact(&mut answer).await.expect("CONNACK");
                assert_eq!(answer[3], ConnectCode::Accepted as u8);
                stream
            })
        })
        .collect();
    let mut inside = Vec::new();
    for phone in coming {
        inside.push(phone.await.expect("a phone"));
    }
    let took: Duration = start.elapsed();
    eprintln!(
        "{PHONES} phones were let in within {:.2} s",
        took.as_secs_f64()
    );
    drop(inside);
    door.stop();
}

/// For clients of other makers: `DOOR_SECONDS=60 … a_door_for_others`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves: run by hand"]
async fn a_door_for_others() {
    let seconds = std::env::var("DOOR_SECONDS").ok();
    let seconds = seconds.and_then(|text| text.parse().ok()).unwrap_or(1);
    let (door, address) = door(Box::new(read_one), Behind::Disk);
    eprintln!("{address}");
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    eprintln!("{:?} {:?}", door.counters(), door.counters().endings());
    door.stop();
}
