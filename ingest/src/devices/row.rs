//! What the registry writes of a device and of an invite.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use trip::DeviceId;

use super::secret::KeyedHash;
use super::{Cohort, Credential, Device, Secret, State};

/// One line of the registry: the whole new state of what changed. A later line about the same device
/// or invite takes the place of an earlier one.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// On the first line alone: the version of the format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) format: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) device: Option<DeviceRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) invite: Option<InviteRow>,
}

/// A device. Days are counted from 1970-01-01 UTC; whatever ends on a day is good to the end of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeviceRow {
    #[serde(serialize_with = "write_id", deserialize_with = "read_id")]
    pub(super) id: Arc<DeviceId>,
    pub(super) hash: KeyedHash,
    pub(super) made_day: i32,
    pub(super) expires_day: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cohort: Option<Cohort>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revoked_day: Option<i32>,
    /// The secret before the last renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) old: Option<OldSecret>,
}

/// A secret that was renewed, and may finish.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OldSecret {
    pub(super) hash: KeyedHash,
    pub(super) until_day: i32,
}

/// An invite.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InviteRow {
    pub(super) hash: KeyedHash,
    pub(super) expires_day: i32,
    pub(super) uses_left: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cohort: Option<Cohort>,
}

impl DeviceRow {
    /// What its phone is told.
    pub(super) fn told(&self, secret: Secret) -> Credential {
        Credential {
            id: Arc::clone(&self.id),
            secret,
            expires_day: self.expires_day,
        }
    }

    /// The device on a day, as an operator sees it.
    pub(super) fn seen_on(&self, today: i32) -> Device {
        let state = match (self.revoked_day, self.old) {
            (Some(day), _) => State::Revoked { day },
            (None, _) if self.expires_day < today => State::Expired,
            (None, Some(old)) if today <= old.until_day => State::Renewed {
                old_until_day: old.until_day,
            },
            _ => State::Valid,
        };
        Device {
            id: Arc::clone(&self.id),
            cohort: self.cohort.clone(),
            made_day: self.made_day,
            expires_day: self.expires_day,
            state,
        }
    }

    /// The last day on which any of its secrets opens.
    pub(super) fn last_day(&self) -> i32 {
        self.revoked_day
            .map_or(self.expires_day, |day| day.min(self.expires_day))
    }
}

fn write_id<S: Serializer>(id: &DeviceId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(id.as_str())
}

fn read_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<DeviceId>, D::Error> {
    let text = <&str>::deserialize(deserializer)?;
    text.parse().map(Arc::new).map_err(de::Error::custom)
}
