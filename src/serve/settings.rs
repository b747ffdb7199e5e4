//! What an operator may set: `jounce.toml`, and the command line over it.
//!
//! `docs/jounce.toml` shows every setting with its unit, its default and why; a test holds it to what
//! stands here. Relative paths are counted from the working directory.
//!
//! ```
//! use jounce::serve::settings::{self, Settings};
//!
//! let settings = settings::read("[privacy]\nraw_hours = 12\n", "jounce.toml".as_ref())?;
//! assert_eq!(settings.privacy.raw_hours, 12);
//! assert_eq!(settings.privacy.trim_m, Settings::default().privacy.trim_m);
//!
//! let slips = settings::read("[privacy]\nraw_hours = 48\ntrim = 300\n", "jounce.toml".as_ref());
//! let text = slips.expect_err("both are wrong").to_string();
//! assert!(text.contains("jounce.toml:2: privacy.raw_hours") && text.contains("jounce.toml:3: privacy.trim"));
//! # Ok::<(), jounce::serve::settings::SettingsError>(())
//! ```

mod check;
mod file;
mod stages;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use check::NoOperator;
pub use file::{Problem, SettingsError, read, read_file};

use crate::cli::Serve;

/// Everything that may be set. The defaults run a whole server on one machine, for that machine alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where it runs.
    pub server: Server,
    /// What the door takes.
    pub limits: Limits,
    /// Somebody else's broker.
    pub broker: Broker,
    /// Who answers for it.
    pub operator: Operator,
    /// What is cut, and how long things are kept.
    pub privacy: Privacy,
    /// When a trip is over, and how large it may get.
    pub trips: Trips,
    /// Who may send.
    pub devices: Devices,
    /// What is on its way to the disk.
    pub inbox: Inbox,
    /// The map.
    pub map: Map,
    /// The detector.
    pub detector: Detector,
}

/// `[server]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The folder that holds all of it.
    pub data: PathBuf,
    /// Where phones speak MQTT: address and port; port 0 takes a free one.
    pub mqtt: SocketAddr,
    /// Where HTTP, and MQTT over WebSocket at `/mqtt`, is spoken.
    pub http: SocketAddr,
    /// How phones outside reach `http`: what stands in an invite's link.
    pub url: Option<String>,
    /// The certificates that both ports show, PEM, the server's own first.
    pub tls_cert: Option<PathBuf>,
    /// Their key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Addresses and blocks that no limit holds.
    pub trusted_addresses: Vec<String>,
}

/// `[limits]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Connections altogether.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// For each step of a handshake, seconds.
    pub handshake_s: u64,
    /// How long a packet may stay half, seconds.
    pub half_packet_s: u64,
    /// How long a connection may be silent, seconds.
    pub silence_s: u64,
    /// Messages read of one connection and not yet on disk.
    pub unanswered: usize,
    /// The same in bytes.
    pub unanswered_bytes: usize,
    /// How long a phone may leave its answers unread, seconds.
    pub unread_s: u64,
    /// For what is under way when the server stops, seconds.
    pub farewell_s: u64,
}

/// `[broker]`
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    /// `mqtt://USER[:PASS]@HOST[:PORT]`; none: the door is the broker.
    pub url: Option<String>,
    /// The password, where it does not stand in the URL.
    pub password: Option<String>,
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Broker(…)")
    }
}

/// `[operator]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Who runs the survey, as volunteers are told.
    pub name: Option<String>,
    /// Where volunteers turn to.
    pub contact: Option<String>,
    /// Where they turn to about their data.
    pub privacy_contact: Option<String>,
    /// The version of the text that they agree to.
    pub consent_version: Option<String>,
    /// Where that text stands.
    pub consent_url: Option<String>,
}

/// `[privacy]`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Cut at either end of a trip, metres as the crow flies …
    pub trim_m: f64,
    /// … and seconds.
    pub trim_s: f64,
    /// How far the centre of the cut circle is moved away from the end, at most, metres.
    pub trim_extra_m: f64,
    /// What was cut is erased so many hours after the trip's end.
    pub raw_hours: u32,
    /// What one driver passed is kept so many days.
    pub retention_days: u32,
}

/// `[trips]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trips {
    /// A trip without a `bye` is over so many minutes after its last message.
    pub idle_minutes: u32,
    /// A trip is over after so many hours, whatever comes.
    pub max_hours: u32,
    /// A trip takes no more bytes than that.
    pub max_bytes: u64,
    /// A device has no more trips under way than that.
    pub max_open_per_device: u32,
}

/// `[devices]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Devices {
    /// So many of a cohort count as independent drivers, at most.
    pub cohort_weight: u32,
    /// A phone is let in for so many days after it enrolled or renewed.
    pub device_days: u32,
    /// The secret before a renewal is good for so many days more.
    pub old_secret_days: u32,
    /// The most phones one invite is for.
    pub most_invite_uses: u32,
    /// The most days an invite is good for.
    pub most_invite_days: u32,
    /// So many phones enrol from one address in an hour, at most.
    pub enrolments_per_hour: u32,
    /// So many wrong secrets, or codes, of one address within a minute are slips.
    pub slips: u32,
    /// The longest pause after more of them, seconds.
    pub longest_pause_s: u32,
}

/// `[inbox]`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// Memory for messages that wait for the disk, bytes.
    pub queue_bytes: usize,
    /// How long a file of the inbox gets, bytes.
    pub segment_bytes: u64,
}

/// `[map]`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Map {
    /// New evidence shows in the map after so many seconds, at most.
    pub fold_every_s: u32,
    /// The area of a new map, a file as `jounce map area` reads it.
    pub area: Option<PathBuf>,
}

/// `[detector]`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detector {
    /// Numbers of the detector that differ from the shipped ones, a file as `jounce detect` reads it.
    pub config: Option<PathBuf>,
}

impl Settings {
    /// What a command line says: the file that it names, if any, and its own options over that.
    ///
    /// # Errors
    /// When the file cannot be read, or something is set that cannot be; all of it is named.
    pub fn of(args: &Serve) -> Result<Self, SettingsError> {
        let mut settings = match &args.config {
            Some(path) => file::read_file(path)?,
            None => Self::default(),
        };
        let server = &mut settings.server;
        let paths = [
            (&mut server.tls_cert, &args.tls_cert),
            (&mut server.tls_key, &args.tls_key),
        ];
        for (setting, said) in paths {
            if said.is_some() {
                setting.clone_from(said);
            }
        }
        if let Some(data) = &args.data {
            server.data.clone_from(data);
        }
        server.mqtt = args.mqtt.unwrap_or(server.mqtt);
        server.http = args.http.unwrap_or(server.http);
        if args.broker.is_some() {
            settings.broker.url.clone_from(&args.broker);
        }
        let problems = check::problems(&settings);
        if problems.is_empty() {
            return Ok(settings);
        }
        Err(SettingsError::of_command_line(problems))
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            data: "jounce-data".into(),
            mqtt: SocketAddr::from(([127, 0, 0, 1], 1883)),
            http: SocketAddr::from(([127, 0, 0, 1], 8080)),
            url: None,
            tls_cert: None,
            tls_key: None,
            trusted_addresses: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 100_000,
            connections_per_address: 10_000,
            handshake_s: 5,
            half_packet_s: 30,
            silence_s: 1200,
            unanswered: 64,
            unanswered_bytes: 512_000,
            unread_s: 30,
            farewell_s: 5,
        }
    }
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            trim_m: 300.0,
            trim_s: 60.0,
            trim_extra_m: 100.0,
            raw_hours: 20,
            retention_days: 90,
        }
    }
}

impl Default for Trips {
    fn default() -> Self {
        Self {
            idle_minutes: 10,
            max_hours: 12,
            max_bytes: 64_000_000,
            max_open_per_device: 32,
        }
    }
}

impl Default for Devices {
    fn default() -> Self {
        let terms = ingest::devices::Terms::default();
        let rules = ingest::devices::slow::Rules::default();
        Self {
            cohort_weight: 20,
            device_days: terms.device_days,
            old_secret_days: terms.old_secret_days,
            most_invite_uses: terms.most_invite_uses,
            most_invite_days: terms.most_invite_days,
            enrolments_per_hour: 300,
            slips: rules.slips,
            longest_pause_s: rules.longest_s,
        }
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self {
            queue_bytes: 64_000_000,
            segment_bytes: 64_000_000,
        }
    }
}

impl Default for Map {
    fn default() -> Self {
        Self {
            fold_every_s: 10,
            area: None,
        }
    }
}

#[cfg(test)]
mod tests;
