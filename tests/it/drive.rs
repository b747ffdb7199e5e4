//! `jounce drive` against servers that keep the contract, and servers that make it hard.

mod broker;
mod post;
mod server;

use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::{CSV, good, jounce, sample_files};
use broker::{Consumer, Mosquitto};
use post::Door;
use server::{Moods, Server};

/// What `drive --json` told, and its exit code.
struct Told {
    code: i32,
    summary: Value,
    err: String,
}

impl Told {
    fn number(&self, name: &str) -> u64 {
        let number = self.summary[name].as_u64();
        number.unwrap_or_else(|| panic!("{name} in {}", self.summary))
    }
}

fn drive(args: &[&str]) -> Told {
    let ran = jounce(&[&["drive", "--json", "--seed", "7"], args].concat());
    let summary = serde_json::from_str(&ran.out);
    Told {
        code: ran.code,
        summary: summary.unwrap_or_else(|_| panic!("{}\n{}", ran.out, ran.err)),
        err: ran.err,
    }
}

fn shared(moods: Moods) -> Arc<Mutex<Server>> {
    Arc::new(Mutex::new(Server::new(moods)))
}

fn short_trip(folder: &Path) -> String {
    let path = folder.join("drive.csv");
    CSV.write(&path);
    path.to_string_lossy().into_owned()
}

#[test]
fn a_lossy_network_behind_a_broker_loses_no_message_and_stores_none_twice() {
    let Some(mosquitto) = Mosquitto::start() else {
        return;
    };
    let server = shared(Moods {
        drops: 0.2,
        refuses: Some(5),
    });
    let consumer = Consumer::attach(mosquitto.port, &server);
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger.csv");
    let mut args: Vec<String> = vec!["--broker".into(), mosquitto.url()];
    args.extend(["--phones", "12", "--speedup", "100", "--resend", "0.2"].map(String::from));
    args.extend(["--reconnect-every", "1", "--ledger"].map(String::from));
    args.push(ledger.to_string_lossy().into_owned());
    args.extend((sample_files().iter().take(3)).map(|path| path.to_string_lossy().into_owned()));
    let told = drive(&args.iter().map(String::as_str).collect::<Vec<_>>());
    consumer.stop();

    let server = server.lock().unwrap();
    assert_eq!(told.code, 0, "{}\n{}", told.summary, told.err);
    assert_eq!(told.number("lost"), 0);
    assert_eq!(told.number("trips"), 12);
    assert_eq!(told.number("made"), server.settled(), "once each");
    let nacked = told.summary["nacked"]["out_of_range"].as_u64().unwrap_or(0);
    assert!(nacked > 0, "{}", told.summary);
    assert_eq!(told.number("acked") + nacked, told.number("made"));
    assert!(told.number("resent") > 0 && told.number("repeated") > 0);
    assert!(
        server.duplicates > 0 && server.hellos > 12,
        "{}",
        server.hellos
    );
    assert!(server.unsound.is_empty(), "{:?}", server.unsound);
    // Every trip is whole: from its header to its bye, and its times end as it was sent.
    for trip in server.trips.values() {
        assert!(trip.bye.is_some() && trip.header, "{trip:?}");
        assert_eq!(trip.stored.len(), u64::from(trip.bye.unwrap()) + 1);
        let late_s = (trip.heard_us - trip.last_us) as f64 / 1e6;
        assert!((-1.0..60.0).contains(&late_s), "{late_s}");
    }
    let text = std::fs::read_to_string(ledger).unwrap();
    assert_eq!(text.lines().count(), 13, "{text}");
    assert!(text.starts_with("device,trip,made,acked,nacked\ndrive-00000,"));
}

#[test]
fn a_server_that_acks_nothing_is_told_as_loss() {
    let Some(mosquitto) = Mosquitto::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (url, trip) = (mosquitto.url(), short_trip(folder.path()));
    let args = ["--speedup", "1000", "--flush-seconds", "0.2", "--broker"];
    let told = drive(&[&args[..], &[&url, &trip]].concat());
    assert_eq!(told.code, 1);
    assert!(told.number("made") > 10);
    assert_eq!(told.number("lost"), told.number("made"));
}

#[test]
fn phones_that_are_away_send_what_has_piled_up() {
    let server = shared(Moods::default());
    let door = Door::open(&server, post::Whims::default());
    let folder = tempfile::tempdir().unwrap();
    let trip = short_trip(folder.path());
    let args = ["--phones", "3", "--speedup", "30", "--minutes", "0.1"];
    let told = drive(
        &[
            &args[..],
            &["--offline", "0.4", "--post", &door.url(), &trip],
        ]
        .concat(),
    );
    assert_eq!(told.code, 0, "{}\n{}", told.summary, told.err);
    let server = server.lock().unwrap();
    assert_eq!(told.number("made"), server.settled());
    assert!(told.number("trips") > 3, "one after the other");
    assert!(server.unsound.is_empty(), "{:?}", server.unsound);
}

#[test]
fn a_busy_and_a_strict_server_get_everything_by_post() {
    let server = shared(Moods::default());
    let whims = post::Whims {
        busy: 2,
        most_messages: 1,
    };
    let door = Door::open(&server, whims);
    let folder = tempfile::tempdir().unwrap();
    let trip = short_trip(folder.path());
    let told = drive(&["--speedup", "1000", "--post", &door.url(), &trip]);
    assert_eq!(told.code, 0, "{}\n{}", told.summary, told.err);
    assert_eq!(told.summary["troubles"]["busy: 503"], 2);
    assert_eq!(told.summary["troubles"]["too large: 413"], 1);
    assert_eq!(told.number("lost"), 0);
    assert_eq!(told.number("made"), server.lock().unwrap().settled());
}

#[test]
fn a_wrong_secret_ends_a_phone_at_once() {
    let server = shared(Moods::default());
    let door = Door::open(&server, post::Whims::default());
    let folder = tempfile::tempdir().unwrap();
    let trip = short_trip(folder.path());
    let url = door.url().replace("http://", "http://:wrong@");
    let told = drive(&["--speedup", "1000", "--post", &url, &trip]);
    assert_eq!(told.code, 1);
    assert_eq!(told.summary["troubles"]["refused: 401"], 1);
}

#[test]
fn phones_storm_a_broker_and_raw_messages_are_counted_by_their_last_ack() {
    let Some(mosquitto) = Mosquitto::start() else {
        return;
    };
    let url = mosquitto.url();
    let told = drive(&["--broker", &url, "--storm", "100"]);
    assert_eq!(told.code, 0, "{}\n{}", told.summary, told.err);
    assert_eq!(told.summary["storm"]["connected"], 100);

    let server = shared(Moods::default());
    let consumer = Consumer::attach(mosquitto.port, &server);
    let args = [
        "--raw-publishes",
        "2000",
        "--connections",
        "7",
        "--window",
        "5",
    ];
    let told = drive(&[&["--broker", &url], &args[..]].concat());
    consumer.stop();
    assert_eq!(told.code, 0, "{}\n{}", told.summary, told.err);
    assert_eq!(told.number("pubacked"), 2_000);
    assert_eq!(told.number("acked"), 2_000);
    let server = server.lock().unwrap();
    assert_eq!((server.settled(), server.duplicates), (2_000, 0));
    assert!(server.unsound.is_empty(), "{:?}", server.unsound);
}

#[test]
fn help_tells_how_phones_are_played() {
    insta::assert_snapshot!("help-drive", good(&["drive", "--help"]));
}
