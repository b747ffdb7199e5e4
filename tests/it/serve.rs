//! A whole server from outside: what phones send is on disk when they hear so, becomes a map, and is
//! nobody else's.

#[cfg(target_os = "linux")]
mod disk;
mod life;
mod mailing;
mod phones;
mod running;

use crate::support::{good, jounce, program, sample_files};
use phones::{messages_of, shifted};
use running::{Server, basic};

#[test]
fn what_phones_send_becomes_the_map_that_an_export_replays_to() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::open(&place.path().join("data"));
    let (mut sent, mut trips) = (0, 0);
    for (number, trace) in sample_files().iter().take(4).enumerate() {
        let messages = messages_of(trace);
        let device = format!("phone-{number}");
        for batch in messages.chunks(8) {
            let acks = server.post(&device, &batch.join(&b'\n'));
            assert_eq!(acks["acks"][0]["nack"], serde_json::Value::Null, "{acks}");
        }
        sent += messages.len();
        trips += 1;
    }
    server.until("trips_judged_total", trips);
    server.until_map_is_fresh();
    assert_eq!(server.figure("messages_accepted_total"), sent as f64);
    let live = server.map(&["list", "--format", "geojson"]);
    assert!(live.contains("\"Feature\""), "{live}");

    let export = place.path().join("export.jsonl");
    let data = server.data().to_str().unwrap();
    good(&[
        "inbox",
        "export",
        "--data",
        data,
        "--out",
        export.to_str().unwrap(),
    ]);
    let again = place.path().join("again.duckdb");
    good(&[
        "replay",
        export.to_str().unwrap(),
        "--map",
        again.to_str().unwrap(),
    ]);
    let replayed = good(&[
        "map",
        "list",
        again.to_str().unwrap(),
        "--format",
        "geojson",
    ]);
    assert_eq!(live, replayed, "byte for byte");
    server.stop();
    let stopped = good(&[
        "map",
        "list",
        place.path().join("data/map.duckdb").to_str().unwrap(),
        "--format",
        "geojson",
    ]);
    assert_eq!(stopped, replayed);
}

#[test]
fn a_message_that_comes_again_is_acked_again_and_counts_once() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::open(&place.path().join("data"));
    let messages = messages_of(&sample_files()[5]);
    let first = server.post("phone", &messages[0]);
    assert_eq!(first["acks"][0]["upto"], 0);
    for _ in 0..3 {
        assert_eq!(server.post("phone", &messages[0])["acks"], first["acks"]);
    }
    assert_eq!(server.figure("messages_accepted_total"), 1.0);
    assert_eq!(server.figure("messages_duplicate_total"), 3.0);
    // The same trip from somebody else is not theirs.
    let other = server.post("other", &messages[1]);
    assert_eq!(other["acks"][0]["nack"][0]["reason"], "not_yours");
    assert_eq!(other["acks"][0]["upto"], serde_json::Value::Null);
}

#[test]
fn what_is_wrong_is_refused_with_a_reason_and_the_rest_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::open(&place.path().join("data"));
    let sound = messages_of(&sample_files()[5]);
    let far = br#"{"v":1,"type":"samples","trip":"8f14e45fceea167a5a36dedd4bea2543","seq":7,"fixes":[{"t_us":1767603600000000,"lat":999,"lon":18}]}"#;
    let body = [&sound[0][..], far, b"{\"nonsense\":1}", &sound[1][..]].join(&b'\n');
    let answer = server.post("phone", &body);
    let acks = answer["acks"].as_array().unwrap();
    let reason = |i: usize| acks[i]["nack"][0]["reason"].as_str();
    assert_eq!(acks[0]["upto"], 1, "{answer}");
    assert_eq!(reason(1), Some("out_of_range"));
    assert_eq!(reason(2), Some("missing_field"));
    assert_eq!(server.post_status("phone", "secret", b"").0, 200);
    assert_eq!(server.status("POST", "/v1/batches", &[], b"{}"), 401);
    let huge = vec![b' '; 5 << 20];
    assert_eq!(server.post_status("phone", "x", &huge).0, 413);
    // It is not waited for either.
    let announced = [&basic("phone", "x")[..], "Content-Length: 99999999999"];
    assert_eq!(server.status("POST", "/v1/batches", &announced, b"{"), 413);
    let stranger = ["Content-Length: 99999999999"];
    assert_eq!(server.status("POST", "/v1/batches", &stranger, b"{"), 401);
    let times = [0_i64, 4_102_444_700_000_000];
    for t_us in times {
        let message = format!(
            r#"{{"v":1,"type":"mark","trip":"9f14e45fceea167a5a36dedd4bea2543","seq":{},"t_us":{t_us}}}"#,
            u32::from(t_us > 0)
        );
        server.post("phone", message.as_bytes());
    }
    let beyond = br#"{"v":1,"type":"mark","trip":"9f14e45fceea167a5a36dedd4bea2543","seq":9223372036854775808,"t_us":0}"#;
    let answer = server.post("phone", beyond);
    assert_eq!(
        answer["acks"][0]["nack"][0]["reason"], "wrong_type",
        "{answer}"
    );
}

#[test]
fn commands_on_a_map_that_a_server_holds_go_through_it() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::open(&place.path().join("data"));
    let ran = jounce(&["map", "summary", server.map_file().to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ran = jounce(&["map", "show", server.map_file().to_str().unwrap(), "h-none"]);
    assert_ne!(ran.code, 0);
    assert!(!ran.err.is_empty());
    // A relative path is counted from where the command was given.
    let mut backup = program();
    backup.current_dir(place.path());
    backup.args(["backup", "copy", "--data"]).arg(server.data());
    assert!(backup.output().unwrap().status.success());
    assert!(place.path().join("copy/map.duckdb").exists());
    assert!(
        !place.path().join("copy/inbox").exists(),
        "what is erased must not come back"
    );
}

#[test]
fn whoever_withdraws_is_gone_from_inbox_and_map() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::open(&place.path().join("data"));
    let messages = messages_of(&sample_files()[1]);
    for (device, number) in [("phone-a", 1), ("phone-b", 2)] {
        let own = shifted(&messages, number);
        own.chunks(8).for_each(|batch| {
            server.post(device, &batch.join(&b'\n'));
        });
    }
    server.until("trips_judged_total", 2);
    server.until_map_is_fresh();
    server.map(&["forget", "phone-a"]);
    let data = server.data().to_str().unwrap().to_owned();
    let left = good(&["inbox", "export", "--data", &data]);
    assert!(!left.contains("phone-a") && left.contains("phone-b"));
    let stats = server.map(&["summary", "--format", "json"]);
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    assert_eq!(stats["trips"], 1, "{stats}");
    // Sent again, it is acked, and taken in no more.
    shifted(&messages, 1).chunks(8).for_each(|batch| {
        server.post("phone-a", &batch.join(&b'\n'));
    });
    server.until("trips_judged_total", 3);
    server.until_map_is_fresh();
    let stats = server.map(&["summary", "--format", "json"]);
    let stats: serde_json::Value = serde_json::from_str(&stats).unwrap();
    assert_eq!(stats["trips"], 1, "{stats}");
}

#[test]
fn a_whole_backup_made_while_serving_goes_on_elsewhere() {
    let place = tempfile::tempdir().unwrap();
    let server = Server::open(&place.path().join("data"));
    let messages = messages_of(&sample_files()[1]);
    let half = messages.len() / 2;
    for batch in messages[..half].chunks(8) {
        server.post("phone", &batch.join(&b'\n'));
    }
    let (copy, new) = (place.path().join("copy"), place.path().join("new"));
    let paths = [&copy, &new].map(|path| path.to_str().unwrap().to_owned());
    let data = server.data().to_str().unwrap().to_owned();
    good(&["backup", &paths[0], "--whole", "--data", &data]);
    server.stop();
    good(&["restore", &paths[0], "--data", &paths[1]]);
    let server = Server::open(&new);
    let answer = server.post("phone", &messages[half - 1]);
    assert_eq!(answer["acks"][0]["upto"], half - 1, "{answer}");
    for batch in messages[half..].chunks(8) {
        server.post("phone", &batch.join(&b'\n'));
    }
    server.until("trips_judged_total", 1);
    assert_eq!(
        server.figure("messages_accepted_total"),
        (messages.len() - half) as f64
    );
}

#[test]
fn a_directory_of_something_else_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("letter.txt"), "dear").unwrap();
    let ran = jounce(&["serve", "--open", "--data", place.path().to_str().unwrap()]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("holds other things"), "{}", ran.err);
    let files = std::fs::read_dir(place.path()).unwrap().count();
    assert_eq!(files, 1);
}
