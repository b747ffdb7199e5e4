//! Who may come in: the question the door asks, and the answers it understands.

use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::watch;
use trip::DeviceId;

/// What knows the devices.
pub trait Gate: Send + Sync {
    /// Who that is. The door bounds the time ([`Limits::gate`](super::Limits::gate)).
    fn admit<'a>(&'a self, caller: Caller<'a>) -> Judgement<'a>;
}

/// The gate's answer, when it has it.
pub type Judgement<'a> = Pin<Box<dyn Future<Output = Result<Login, Denial>> + Send + 'a>>;

/// Who asks to be let in, as the CONNECT says it.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// The user, which is the device.
    pub user: Option<&'a str>,
    /// The secret; any bytes.
    pub password: Option<&'a [u8]>,
    /// How it calls itself; proves nothing.
    pub client_id: &'a str,
    /// Where it comes from.
    pub peer: IpAddr,
}

/// Nothing of it goes to a log.
impl fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Caller(…)")
    }
}

/// A device that is let in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The device: whose messages these are.
    pub device: Arc<DeviceId>,
    /// Its name in topics: `jounce/v1/<topic_name>/up` and `jounce/v1/<topic_name>/ack`.
    pub topic_name: String,
    /// Becomes true when the device is revoked: its connection is then cut. When the sender goes, the
    /// device stays.
    pub ended: watch::Receiver<bool>,
}

/// Why a caller is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// No such device, or not its secret; CONNACK 4.
    #[error("user or secret is wrong")]
    WrongSecret,
    /// The device may not come, or not any more; CONNACK 5.
    #[error("the device is not allowed in")]
    NotAllowed,
    /// Not now; CONNACK 3.
    #[error("the gate is busy, try again")]
    Busy,
}
