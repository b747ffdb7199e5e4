//! A device and an invite, as phones and operators see them.

use std::sync::Arc;

use trip::DeviceId;

use super::{Cohort, Secret};

/// What a phone is told once, and nobody later.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its name: the MQTT user, and the word in its topics.
    pub id: Arc<DeviceId>,
    /// Its password.
    pub secret: Secret,
    /// The last day on which it is good, days from 1970-01-01 UTC.
    pub expires_day: i32,
}

/// A device as an operator sees it.
#[derive(Clone, Debug)]
pub struct Device {
    /// Its name.
    pub id: Arc<DeviceId>,
    /// By which way it came.
    pub cohort: Option<Cohort>,
    /// The day on which it was made, days from 1970-01-01 UTC.
    pub made_day: i32,
    /// The last day on which it is let in.
    pub expires_day: i32,
    /// How it stands.
    pub state: State,
}

/// How a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is let in.
    Valid,
    /// It is let in, and until the end of that day by its old secret as well.
    Renewed {
        /// The last day of the old secret.
        old_until_day: i32,
    },
    /// Its days are over.
    Expired,
    /// The operator revoked it.
    Revoked {
        /// When.
        day: i32,
    },
}

/// An invite as an operator sees it: its code is not known any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// The cohort of whoever comes by it.
    pub cohort: Option<Cohort>,
    /// How many phones may still come.
    pub uses_left: u32,
    /// The last day on which it is good, days from 1970-01-01 UTC.
    pub expires_day: i32,
}
