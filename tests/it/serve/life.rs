//! kill -9 of a server in full flight, again and again.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::phones::{messages_of, shifted};
use super::running::Server;
use crate::support::{good, program, sample_files};

/// How many rounds: `JOUNCE_ROUNDS`, or few.
fn rounds(few: u64) -> u64 {
    let asked = std::env::var("JOUNCE_ROUNDS").ok();
    asked.map_or(few, |text| text.parse().expect("JOUNCE_ROUNDS is a number"))
}

/// A phone that keeps what has not been acked.
struct Phone {
    device: String,
    messages: Vec<Vec<u8>>,
    acked: usize,
}

impl Phone {
    /// Sends what is next, and forgets it when it is acked.
    fn send(&mut self, server: &Server, rng: &mut ChaCha8Rng) {
        let most = self.messages.len() - self.acked;
        let count = rng.random_range(1..=8).min(most);
        // Now and then once more what was acked already.
        let from = self.acked - rng.random_range(0..=2).min(self.acked);
        let body = self.messages[from..self.acked + count].join(&b'\n');
        let (code, text) = server.post_status(&self.device, "secret", &body);
        if code != 200 {
            return;
        }
        let Ok(answer) = serde_json::from_str::<serde_json::Value>(&text) else {
            return;
        };
        if let Some(upto) = answer["acks"][0]["upto"].as_u64() {
            self.acked = self.acked.max(upto as usize + 1);
        }
    }

    fn is_done(&self) -> bool {
        self.acked == self.messages.len()
    }
}

/// As many phones as there are rounds, so that there is always somebody who sends.
fn phones() -> Vec<Phone> {
    let traces = sample_files();
    (0..rounds(6) as u8)
        .map(|number| {
            let messages = messages_of(&traces[[1, 2, 4][usize::from(number) % 3]]);
            Phone {
                device: format!("phone-{number}"),
                messages: shifted(&messages, number + 1),
                acked: 0,
            }
        })
        .collect()
}

#[test]
fn a_server_that_is_killed_again_and_again_loses_nothing_and_counts_nothing_twice() {
    let place = tempfile::tempdir().unwrap();
    let undisturbed = Server::open(&place.path().join("undisturbed"));
    for phone in phones() {
        for batch in phone.messages.chunks(8) {
            undisturbed.post(&phone.device, &batch.join(&b'\n'));
        }
    }
    undisturbed.until("trips_judged_total", rounds(6));
    undisturbed.until_map_is_fresh();
    let expected = undisturbed.map(&["list", "--format", "geojson"]);
    undisturbed.stop();

    let data = place.path().join("killed");
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut phones = phones();
    let mut kills = 0;
    for round in 0..rounds(6) {
        let server = Server::open(&data);
        let wait = Duration::from_millis(rng.random_range(1..400));
        let mut sending: Vec<&mut Phone> = phones.iter_mut().filter(|it| !it.is_done()).collect();
        while sending.len() > 6 {
            sending.swap_remove(rng.random_range(0..sending.len()));
        }
        let seeds: Vec<u64> = sending.iter().map(|_| rng.random()).collect();
        std::thread::scope(|scope| {
            for (phone, seed) in sending.into_iter().zip(seeds) {
                let (server, mut rng) = (&server, ChaCha8Rng::seed_from_u64(seed));
                scope.spawn(move || {
                    let few = rng.random_range(1..6);
                    for _ in 0..few {
                        if !phone.is_done() {
                            phone.send(server, &mut rng);
                        }
                    }
                });
            }
            if round % 2 == 0 {
                std::thread::sleep(wait);
                server.kill_now();
            }
        });
        server.kill();
        kills += 1;
    }
    let server = Server::open(&data);
    for phone in &mut phones {
        // What was acked is there: the server says so itself.
        let hello = serde_json::json!({
            "v": 1, "type": "hello", "now_us": ingest::clock::now_us(),
            "trips": [serde_json::from_slice::<serde_json::Value>(&phone.messages[0]).unwrap()["trip"]],
        });
        let answer = server.post(&phone.device, hello.to_string().as_bytes());
        let upto = answer["acks"][0]["upto"]
            .as_u64()
            .map_or(0, |upto| upto as usize + 1);
        assert!(upto >= phone.acked, "{upto} < {} acked", phone.acked);
        while !phone.is_done() {
            phone.send(&server, &mut rng);
        }
    }
    server.until_map_is_fresh();
    let list = server.map(&["list", "--format", "geojson"]);
    assert_eq!(list, expected, "after {kills} kills");
    let all = names(&data).len();
    let sent: usize = phones.iter().map(|phone| phone.messages.len()).sum();
    assert_eq!(all, sent, "nothing missing");
    eprintln!("{kills} kills, {sent} messages, 0 missing, 0 twice");
}

#[test]
fn phones_that_speak_mqtt_outlive_the_kills_of_their_server() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let mut server = Server::open(&data);
    let address = server.mqtt.to_string();
    let mut phones = program();
    phones.args(["drive", "--broker", &format!("mqtt://{address}")]);
    phones.args([
        "--speedup",
        "12",
        "--resend",
        "0.1",
        "--seed",
        "7",
        "--json",
    ]);
    phones
        .args(["--flush-seconds", "300"])
        .args(&sample_files()[..6]);
    phones.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut phones = phones.spawn().unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut kills = 0;
    while kills < rounds(6) && phones.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(rng.random_range(200..2_000)));
        server.kill();
        kills += 1;
        server = Server::start_on(&data, &address, &["--open"]);
    }
    let output = phones.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}");
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let made = told["made"].as_u64().unwrap();
    assert_eq!(told["lost"], 0, "{told}");
    server.until_map_is_fresh();
    let names = names(&data);
    assert_eq!(names.len() as u64, made, "{kills} kills");
    eprintln!("{kills} kills, {made} messages, 0 missing, 0 twice");
}

/// Every message that is kept, by trip and number; none of them is there twice.
fn names(data: &Path) -> Vec<(String, u64)> {
    let export = good(&["inbox", "export", "--data", data.to_str().unwrap()]);
    let name = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).unwrap();
        (
            message["trip"].to_string(),
            message["seq"].as_u64().unwrap(),
        )
    };
    let mut names: Vec<(String, u64)> = export.lines().map(name).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(all, names.len(), "nothing twice");
    names
}
