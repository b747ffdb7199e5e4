//! A mosquitto of our own, and a consumer behind it that acks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use ingest::mqtt::packet::{Connect, Packet, Publish, Qos};

use super::server::Server;

/// A broker on a port of its own.
pub(super) struct Mosquitto {
    process: Child,
    pub(super) port: u16,
    _folder: tempfile::TempDir,
}

impl Mosquitto {
    /// Starts one; `None`, said aloud, where there is none to start.
    pub(super) fn start() -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("mosquitto.conf");
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
        );
        std::fs::write(&config, text).unwrap();
        let paths = ["mosquitto", "/usr/sbin/mosquitto"];
        let start = |path: &&str| {
            let mut command = Command::new(path);
            command.arg("-c").arg(&config);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().ok()
        };
        let Some(process) = paths.iter().find_map(start) else {
            eprintln!("SKIPPED: there is no mosquitto");
            return None;
        };
        let started = Self {
            process,
            port,
            _folder: folder,
        };
        let patience = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < patience, "mosquitto does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(started)
    }

    pub(super) fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Hears what phones publish, hands it to a server and publishes its acks.
pub(super) struct Consumer {
    thread: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

impl Consumer {
    pub(super) fn attach(port: u16, server: &Arc<Mutex<Server>>) -> Self {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(50)))
            .unwrap();
        let mut out = BytesMut::new();
        Packet::Connect(Connect {
            client_id: "consumer",
            keep_alive_s: 600,
            clean_session: true,
            will: None,
            user: None,
            password: None,
        })
        .write(&mut out);
        Packet::Subscribe {
            id: 1,
            filters: vec![("jounce/v1/+/up", 1)],
        }
        .write(&mut out);
        stream.write_all(&out).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let (server, flag) = (Arc::clone(server), Arc::clone(&stop));
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut heard = BytesMut::new();
            let mut chunk = [0; 65_536];
            while !flag.load(Ordering::Relaxed) {
                let Ok(length) = stream.read(&mut chunk) else {
                    continue;
                };
                if length == 0 {
                    break;
                }
                heard.extend_from_slice(&chunk[..length]);
                let mut out = BytesMut::new();
                while let Some((packet, length)) = Packet::read(&heard, 1 << 20).unwrap() {
                    match packet {
                        Packet::SubAck { .. } => ready.send(()).unwrap(),
                        Packet::Publish(publish) => answer(&publish, &server, &mut out),
                        _ => {}
                    }
                    let _ = heard.split_to(length);
                }
                stream.write_all(&out).unwrap();
            }
        });
        is_ready.recv_timeout(Duration::from_secs(20)).unwrap();
        Self { thread, stop }
    }

    pub(super) fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

fn answer(publish: &Publish<'_>, server: &Mutex<Server>, out: &mut BytesMut) {
    let device = publish.topic.split('/').nth(2).unwrap();
    let acks = server.lock().unwrap().take(device, publish.payload);
    for ack in acks {
        Packet::Publish(Publish {
            topic: &format!("jounce/v1/{device}/ack"),
            qos: Qos::AtMostOnce,
            retain: false,
            duplicate: false,
            payload: &ack.to_json(),
        })
        .write(out);
    }
    if let Qos::AtLeastOnce(id) = publish.qos {
        Packet::PubAck(id).write(out);
    }
}
