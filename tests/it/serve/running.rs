//! A server that runs for a test: on free ports, in a directory of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::support::{good, program};

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Server {
    child: Child,
    data: PathBuf,
    pub(crate) mqtt: SocketAddr,
    pub(crate) http: SocketAddr,
}

impl Server {
    /// A server for whoever comes.
    pub(crate) fn open(data: &Path) -> Self {
        Self::start(data, &["--open"])
    }

    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        Self::start_on(data, "127.0.0.1:0", more)
    }

    /// A server whose phones find it where one was before.
    pub(crate) fn start_on(data: &Path, mqtt: &str, more: &[&str]) -> Self {
        let mut command = program();
        command.args(["serve", "--mqtt", mqtt, "--http", "127.0.0.1:0", "--data"]);
        command
            .arg(data)
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the server starts");
        let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
        let (mut phones, mut http, mut said) = (None, None, Vec::new());
        while phones.is_none() || http.is_none() {
            let Some(Ok(line)) = lines.next() else {
                panic!("the server did not start:\n{}", said.join("\n"));
            };
            let address = |scheme: &str| {
                let from = line.find(scheme)? + scheme.len();
                let text: String = line[from..]
                    .chars()
                    .take_while(|it| it.is_ascii_digit() || ".:".contains(*it))
                    .collect();
                text.parse::<SocketAddr>().ok()
            };
            if line.contains("phones") {
                phones = address("mqtt://").or_else(|| address("mqtts://"));
            } else if line.contains("people") {
                http = address("http://").or_else(|| address("https://"));
            }
            said.push(line);
        }
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            data: data.to_owned(),
            mqtt: phones.expect("found"),
            http: http.expect("found"),
        }
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    pub(crate) fn map_file(&self) -> PathBuf {
        self.data.join("map.duckdb")
    }

    /// What `jounce map WORD FILE …` prints.
    pub(crate) fn map(&self, words: &[&str]) -> String {
        let file = self.map_file();
        let mut args = vec!["map", words[0], file.to_str().expect("text")];
        args.extend(&words[1..]);
        good(&args)
    }

    /// Sends messages as a device and gives the acks.
    pub(crate) fn post(&self, device: &str, body: &[u8]) -> serde_json::Value {
        let (code, text) = self.post_status(device, "secret", body);
        assert_eq!(code, 200, "{text}");
        serde_json::from_str(&text).expect("acks")
    }

    pub(crate) fn post_status(&self, device: &str, secret: &str, body: &[u8]) -> (u16, String) {
        self.request("POST", "/v1/batches", &[&basic(device, secret)], body)
    }

    pub(crate) fn status(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> u16 {
        self.request(method, path, headers, body).0
    }

    /// One HTTP request over a connection of its own.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &[u8],
    ) -> (u16, String) {
        let Ok(mut stream) = TcpStream::connect(self.http) else {
            // It has been killed.
            return (0, String::new());
        };
        stream.set_read_timeout(Some(PATIENCE)).expect("a time");
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        for header in headers {
            head += &format!("{header}\r\n");
        }
        if !headers.iter().any(|it| it.starts_with("Content-Length")) {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        // A request that is too large is answered before it is read to its end.
        let _ = stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(body));
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let code = answer.get(9..12).and_then(|code| code.parse().ok());
        let text = answer.split_once("\r\n\r\n").map_or("", |(_, text)| text);
        (code.unwrap_or(0), text.to_owned())
    }

    /// A figure of `/metrics`, without the prefix of its name.
    pub(crate) fn figure(&self, name: &str) -> f64 {
        let (code, text) = self.request("GET", "/metrics", &[], b"");
        assert_eq!(code, 200, "{text}");
        let name = format!("jounce_{name} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        line.and_then(|value| value.parse().ok())
            .unwrap_or_else(|| panic!("no {name}in\n{text}"))
    }

    /// Waits until a figure is so high.
    pub(crate) fn until(&self, name: &str, least: u64) {
        self.wait(name, |server| server.figure(name) >= least as f64);
    }

    /// Waits until the map shows all that was taken in.
    pub(crate) fn until_map_is_fresh(&self) {
        self.wait("a fresh map", |server| {
            server.figure("map_lag_trips") == 0.0
                && server.figure("trips_open") == 0.0
                && server.figure("map_stale") == 0.0
        });
    }

    fn wait(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Stops it as an operator does.
    pub(crate) fn stop(mut self) {
        let id = self.child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-TERM", &id]).status().expect("kill").success());
        let ended = self.child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(0));
    }

    /// kill -9, while others still speak to it.
    pub(crate) fn kill_now(&self) {
        let id = self.child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-KILL", &id]).status().expect("kill").success());
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().ok();
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `Authorization` says.
pub(crate) fn basic(device: &str, secret: &str) -> String {
    let text = BASE64_STANDARD.encode(format!("{device}:{secret}"));
    format!("Authorization: Basic {text}")
}
