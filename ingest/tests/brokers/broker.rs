//! A real broker on a free port, set up as `deploy/` says.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::until;

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mosquitto,
    Nats,
}

/// The server's user in `deploy/`, and the phone that stands there as the example.
pub(crate) const SERVER: &str = "jounce-server";
const EXAMPLE: &str = "d-3f9a";

/// A broker that runs, with some phones enrolled.
pub(crate) struct Broker {
    pub(crate) port: u16,
    program: PathBuf,
    folder: TempDir,
    child: Option<Child>,
}

/// A phone's password, or the server's.
pub(crate) fn password(user: &str) -> String {
    format!("secret-of-{user}")
}

impl Broker {
    /// Starts one, or says why not.
    pub(crate) async fn start(kind: Kind, phones: &[&str]) -> Option<Self> {
        let name = match kind {
            Kind::Mosquitto => "mosquitto",
            Kind::Nats => "nats-server",
        };
        let Some(program) = find(name) else {
            eprintln!("SKIPPED: {name} is not installed");
            return None;
        };
        let mut broker = Self {
            port: free_port(),
            program,
            folder: TempDir::new().unwrap(),
            child: None,
        };
        match kind {
            Kind::Mosquitto => broker.set_up_mosquitto(phones),
            Kind::Nats => broker.set_up_nats(phones),
        }
        broker.revive().await;
        Some(broker)
    }

    fn set_up_mosquitto(&self, phones: &[&str]) {
        let folder = self.folder.path();
        let text = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let listener = format!("listener {} 127.0.0.1", self.port);
        let configuration = replaced(
            &deployed("mosquitto/mosquitto.conf"),
            &[
                ("listener 1883", &listener),
                ("/etc/mosquitto/jounce/passwords", &text("passwords")),
                ("/etc/mosquitto/jounce/acl", &text("acl")),
                ("/var/lib/mosquitto/", &format!("{}/", folder.display())),
            ],
        );
        // Started by root it would become a user who may not read here.
        let user = "\nuser root\n";
        fs::write(folder.join("broker.conf"), configuration + user).unwrap();
        fs::write(folder.join("acl"), deployed("mosquitto/acl")).unwrap();
        let passwords = folder.join("passwords");
        fs::write(&passwords, "").unwrap();
        let lines = phones.iter().chain([&SERVER]);
        let lines = lines.map(|user| format!("{user}:{}\n", password(user)));
        fs::write(&passwords, lines.collect::<String>()).unwrap();
        // Turns the plain passwords of a file into hashes.
        let hashed = Command::new(find("mosquitto_passwd").unwrap())
            .arg("-U")
            .arg(&passwords)
            .status();
        assert!(hashed.unwrap().success());
    }

    fn set_up_nats(&self, phones: &[&str]) {
        let folder = self.folder.path();
        let configuration = replaced(
            &deployed("nats/nats-server.conf"),
            &[
                ("port: 4222", &format!("port: {}", free_port())),
                ("host: 0.0.0.0", "host: 127.0.0.1"),
                ("port: 1883", &format!("port: {}", self.port)),
                ("/var/lib/nats", folder.join("js").to_str().unwrap()),
                // A test need not wait half a minute.
                ("ack_wait: \"30s\"", "ack_wait: \"2s\""),
            ],
        );
        fs::write(folder.join("broker.conf"), configuration).unwrap();
        let users = deployed("nats/users.conf").replace("\"CHANGE-ME\"", &quoted(SERVER));
        let example = users.lines().find(|line| line.contains(EXAMPLE)).unwrap();
        let lines: Vec<String> = phones
            .iter()
            .map(|phone| {
                let line = example.replace(EXAMPLE, phone);
                replaced(&line, &[("\"CHANGE-ME-TOO\"", &quoted(phone))])
            })
            .collect();
        let users = users.replace(example, &lines.join("\n"));
        fs::write(folder.join("users.conf"), users).unwrap();
    }

    /// Starts the program (again), where it ran before.
    pub(crate) async fn revive(&mut self) {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))
            .unwrap();
        let child = Command::new(&self.program)
            .arg("-c")
            .arg(self.folder.path().join("broker.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
        let began = crate::now();
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed().as_secs() < 30,
                "{}",
                self.log()
            );
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// kill -9.
    pub(crate) async fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        until("the broker is dead", || child.try_wait().unwrap().is_some()).await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A port that nobody listens at just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    folders
        .find(|folder| folder.join(program).is_file())
        .map(|folder| folder.join(program))
}

fn deployed(name: &str) -> String {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    fs::read_to_string(deploy.join(name)).unwrap()
}

fn replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    })
}

fn quoted(user: &str) -> String {
    format!("\"{}\"", password(user))
}
