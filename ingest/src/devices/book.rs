//! What the lines of the registry amount to.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use trip::DeviceId;

use super::row::{DeviceRow, InviteRow, Line};
use super::secret::KeyedHash;

/// The newest state of every device and invite.
#[derive(Default)]
pub(super) struct Book {
    pub(super) devices: BTreeMap<Arc<DeviceId>, Entry>,
    pub(super) invites: BTreeMap<KeyedHash, InviteRow>,
}

/// A device, and who waits for its end.
pub(super) struct Entry {
    pub(super) row: DeviceRow,
    /// Tells live sessions of the end; there is one once somebody listens.
    pub(super) ended: Option<watch::Sender<bool>>,
}

impl Book {
    /// Takes in what a line says.
    pub(super) fn take(&mut self, line: Line) {
        if let Some(row) = line.device {
            let ended = self.devices.get_mut(&row.id).and_then(|e| e.ended.take());
            if let Some(ended) = &ended {
                ended.send_replace(row.revoked_day.is_some());
            }
            self.devices
                .insert(Arc::clone(&row.id), Entry { row, ended });
        }
        if let Some(row) = line.invite {
            self.invites.insert(row.hash, row);
        }
    }

    /// Drops what was over more than so many days before today; says whether there was any.
    pub(super) fn drop_over(&mut self, today: i32, kept_days: u32) -> bool {
        let before = self.devices.len() + self.invites.len();
        let first = today.saturating_sub_unsigned(kept_days);
        self.devices
            .retain(|_, entry| first <= entry.row.last_day());
        self.invites.retain(|_, invite| today <= invite.expires_day);
        self.devices.len() + self.invites.len() < before
    }

    /// The lines that amount to this and no more.
    pub(super) fn lines(&self) -> Vec<Line> {
        let invites = self.invites.values().map(|row| Line {
            invite: Some(row.clone()),
            ..Line::default()
        });
        let devices = self.devices.values().map(|entry| Line {
            device: Some(entry.row.clone()),
            ..Line::default()
        });
        invites.chain(devices).collect()
    }
}
