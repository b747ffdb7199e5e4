//! A disk that is full, under a server: no ack, an alarm, and on it goes when there is room.

use std::time::{Duration, Instant};

use super::phones::messages_of;
use super::running::Server;
use crate::faults::disk::Disk;
use crate::support::sample_files;

#[test]
fn nothing_is_acked_while_the_disk_is_full_and_nothing_is_lost() {
    let Some(disk) = Disk::of_megabytes(64) else {
        return;
    };
    let server = Server::open(&disk.path("data"));
    let messages = messages_of(&sample_files()[1]);
    let half = messages.len() / 2;
    for batch in messages[..half].chunks(4) {
        server.post("phone", &batch.join(&b'\n'));
    }
    disk.fill(0);
    let (code, text) = server.post_status("phone", "secret", &messages[half]);
    assert_eq!(code, 503, "{text}");
    let (code, text) = server.request("GET", "/readyz", &[], b"");
    assert_eq!(code, 503, "{text}");
    assert!(text.contains("inbox: the disk is full"), "{text}");
    // It is not acked by asking either.
    let hello = r#"{"v":1,"type":"hello","now_us":0,"trips":[]}"#;
    assert_eq!(
        server.post_status("phone", "secret", hello.as_bytes()).0,
        503
    );
    disk.make_room();
    let began = Instant::now();
    while server.post_status("phone", "secret", &messages[half]).0 != 200 {
        assert!(began.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.status("GET", "/readyz", &[], b""), 200);
    for batch in messages[half..].chunks(4) {
        server.post("phone", &batch.join(&b'\n'));
    }
    let last = server.post("phone", messages.last().unwrap());
    assert_eq!(last["acks"][0]["upto"], messages.len() - 1);
    server.until("trips_judged_total", 1);
    server.until_map_is_fresh();
    server.stop();
}
