//! What the lines of the registry amount to.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use trip::DeviceId;

use super::Cohort;
use super::row::{DeviceRow, InviteRow, Line};
use super::secret::KeyedHash;

/// The newest state of every device and invite.
#[derive(Default)]
pub(super) struct Book {
    pub(super) devices: BTreeMap<Arc<DeviceId>, Entry>,
    pub(super) invites: BTreeMap<KeyedHash, InviteRow>,
    /// How many devices there are of each cohort.
    pub(super) cohorts: BTreeMap<Cohort, usize>,
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
            let before = self.devices.remove(&row.id);
            if let (None, Some(cohort)) = (&before, &row.cohort) {
                *self.cohorts.entry(cohort.clone()).or_default() += 1;
            }
            let ended = before.and_then(|entry| entry.ended);
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
        let cohorts = &mut self.cohorts;
        self.devices.retain(|_, entry| {
            let stays = first <= entry.row.last_day();
            let cohort = entry.row.cohort.as_ref().filter(|_| !stays);
            if let Some(count) = cohort.and_then(|cohort| cohorts.get_mut(cohort)) {
                *count -= 1;
            }
            stays
        });
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
