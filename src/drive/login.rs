//! Logins: as whom each phone comes, and the topics that go with it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde::Deserialize;
use trip::DeviceId;

use super::target::Target;

/// As whom one phone comes.
#[derive(Clone)]
pub struct Login {
    /// Its mailbox, and its client id.
    pub device: Arc<str>,
    /// The user; as a rule the device.
    pub user: Arc<str>,
    /// The secret.
    pub secret: Arc<str>,
    /// Where its messages go.
    pub up: Arc<str>,
    /// Where its acks come from.
    pub ack: Arc<str>,
}

/// A row of a file of credentials.
#[derive(Deserialize)]
struct Row {
    device: String,
    secret: String,
}

/// What a server answers to who trades in an invitation.
#[derive(Deserialize)]
pub(super) struct Enrolled {
    id: String,
    secret: String,
    up: String,
    ack: String,
}

impl Login {
    /// A phone that makes up its own name, for servers that let in anybody.
    ///
    /// # Errors
    /// When the prefix is none of a device.
    pub fn open(target: &Target, prefix: &str, number: u32, phones: u32) -> anyhow::Result<Self> {
        let device = match &target.user {
            // One phone with a user is that device.
            Some(user) if phones == 1 => user.clone(),
            _ => format!("{prefix}{number:05}"),
        };
        let user = target.user.clone().unwrap_or_else(|| device.clone());
        let secret = match target.secret.as_str() {
            "" => "open",
            secret => secret,
        };
        Self::of(&device, &user, secret)
    }

    /// The logins of a file: CSV with the columns `device` and `secret`.
    ///
    /// # Errors
    /// When the file cannot be read, or has a device twice or one that is none.
    pub fn read(path: &Path) -> anyhow::Result<Vec<Self>> {
        let cannot = || format!("cannot read the credentials in {}", path.display());
        let mut rows = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .with_context(cannot)?;
        let (mut logins, mut seen) = (vec![], BTreeSet::new());
        for (index, row) in rows.deserialize().enumerate() {
            let row: Row = row.with_context(cannot)?;
            let line = index + 2;
            let login = Self::of(&row.device, &row.device, &row.secret)
                .with_context(|| format!("line {line}"))
                .with_context(cannot)?;
            anyhow::ensure!(seen.insert(row.device), "line {line} names a device again");
            logins.push(login);
        }
        Ok(logins)
    }

    fn of(device: &str, user: &str, secret: &str) -> anyhow::Result<Self> {
        let id: DeviceId = device.parse()?;
        Ok(Self {
            user: user.into(),
            secret: secret.into(),
            up: format!("jounce/v1/{}/up", id.as_str()).into(),
            ack: format!("jounce/v1/{}/ack", id.as_str()).into(),
            device: id.as_str().into(),
        })
    }
}

impl From<Enrolled> for Login {
    fn from(enrolled: Enrolled) -> Self {
        Self {
            user: enrolled.id.as_str().into(),
            device: enrolled.id.into(),
            secret: enrolled.secret.into(),
            up: enrolled.up.into(),
            ack: enrolled.ack.into(),
        }
    }
}
