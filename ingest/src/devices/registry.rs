//! The registry: which devices there are, and which invites.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard};

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use trip::DeviceId;

use super::book::Book;
use super::journal::Journal;
use super::key_file::KeyFile;
use super::row::{DeviceRow, InviteRow, Line, OldSecret};
use super::secret::{Code, Key, KeyedHash, Random};
use super::{
    CheckError, Cohort, Credential, Device, EnrolError, Invite, RegistryError, RenewError, Terms,
};
use crate::clock::day_of;

/// The devices and invites of a server, in a folder of their own: `devices.jsonl`, which grows by a line a
/// change, and `secret.key`. One process has it at a time.
///
/// A change is on disk when its call returns; changes wait for each other, while [`Registry::check`] waits
/// for none. It is a few microseconds of work without the disk, the rest may take as long as a disk takes.
pub struct Registry {
    key: Key,
    terms: Terms,
    random: Random,
    changes: Mutex<Journal>,
    book: RwLock<Book>,
    /// Locked as long as the registry is open.
    _held: KeyFile,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

impl Registry {
    /// Opens the registry in a folder, which is made if there is none. What has been over for longer than
    /// the terms say is dropped here.
    ///
    /// # Errors
    /// When another process has it, a file cannot be read or written, a line within is damaged, or the key
    /// is gone.
    pub fn open(folder: &Path, terms: Terms, now_us: i64) -> Result<Self, RegistryError> {
        let mut key = KeyFile::hold(folder)?;
        let path = folder.join("devices.jsonl");
        let (mut journal, found) = Journal::open(&path)?;
        if found.torn_bytes > 0 {
            tracing::warn!(
                file = %path.display(),
                bytes = found.torn_bytes,
                "the last line was never finished, and is cut off"
            );
        }
        let random = Random::new();
        let is_new = found.lines.is_empty();
        let bytes = key.read_or_draw(is_new, &random)?;
        let lines = found.lines.len();
        let mut book = Book::default();
        found.lines.into_iter().for_each(|line| book.take(line));
        let dropped = book.drop_over(day_of(now_us), terms.kept_days);
        let live = book.devices.len() + book.invites.len();
        if dropped || lines > 2 * live + 1000 {
            journal = Journal::replace(&path, &book.lines())?;
        }
        Ok(Self {
            key: Key::of(&bytes),
            terms,
            random,
            changes: Mutex::new(journal),
            book: RwLock::new(book),
            _held: key,
        })
    }

    /// Makes a device that is let in for so many days.
    ///
    /// # Errors
    /// When that are no days, or it cannot be written down.
    pub fn add(
        &self,
        cohort: Option<Cohort>,
        days: u32,
        now_us: i64,
    ) -> Result<Credential, RegistryError> {
        /// A hundred years; more is a slip.
        const MOST: u32 = 36_525;
        if !(1..=MOST).contains(&days) {
            return Err(RegistryError::DeviceDays { most: MOST });
        }
        let mut changes = self.changes();
        let (credential, row) = self.made(cohort, days, now_us)?;
        self.write(&mut changes, device_line(row))?;
        Ok(credential)
    }

    /// Makes a code that so many phones may trade for a device each, for so many days.
    ///
    /// # Errors
    /// When that is for nobody, for too many, or cannot be written down.
    pub fn invite(
        &self,
        uses: u32,
        days: u32,
        cohort: Option<Cohort>,
        now_us: i64,
    ) -> Result<Code, RegistryError> {
        let (most, most_days) = (self.terms.most_invite_uses, self.terms.most_invite_days);
        if !(1..=most).contains(&uses) {
            return Err(RegistryError::Uses { most });
        }
        if !(1..=most_days).contains(&days) {
            return Err(RegistryError::InviteDays { most: most_days });
        }
        let code = self.random.code()?;
        let invite = InviteRow {
            hash: self.key.hash_of_code(&code),
            expires_day: after(now_us, days),
            uses_left: uses,
            cohort,
        };
        self.write(&mut self.changes(), invite_line(invite))?;
        Ok(code)
    }

    /// Ends an invite: nobody comes by it any more. Whoever came stays.
    ///
    /// # Errors
    /// When there is no such invite, or it cannot be written down.
    pub fn withdraw(&self, code: &str, now_us: i64) -> Result<(), RegistryError> {
        let mut changes = self.changes();
        let invite = self.invite_of(code).ok_or(RegistryError::UnknownInvite)?;
        let over = InviteRow {
            uses_left: 0,
            expires_day: invite.expires_day.min(day_of(now_us)),
            ..invite
        };
        self.write(&mut changes, invite_line(over))
    }

    /// Trades a code for a device.
    ///
    /// # Errors
    /// When the code is wrong, expired or used up, or it cannot be written down.
    pub fn enrol(&self, code: &str, now_us: i64) -> Result<Credential, EnrolError> {
        let mut changes = self.changes();
        let mut invite = self.invite_of(code).ok_or(EnrolError::UnknownCode)?;
        if invite.expires_day < day_of(now_us) {
            return Err(EnrolError::Expired);
        }
        invite.uses_left = (invite.uses_left.checked_sub(1)).ok_or(EnrolError::UsedUp)?;
        let cohort = invite.cohort.clone();
        let (credential, row) = self.made(cohort, self.terms.device_days, now_us)?;
        let line = Line {
            device: Some(row),
            invite: Some(invite),
            format: None,
        };
        self.write(&mut changes, line)?;
        Ok(credential)
    }

    /// Gives a phone a new secret, and days anew. The one that it shows is good for a while longer, so that
    /// what is under way may finish; a phone that never heard the answer asks again with the old one.
    ///
    /// # Errors
    /// When the device is not let in with that secret, or it cannot be written down.
    pub fn renew(
        &self,
        id: &DeviceId,
        secret: &[u8],
        now_us: i64,
    ) -> Result<Credential, RenewError> {
        let mut changes = self.changes();
        self.check(id, secret, now_us)?;
        let mut row = self.row_of(id).ok_or(CheckError::WrongSecret)?;
        // A phone that never heard of its last renewal has but the secret before it, which stays.
        if self.key.is_secret(id, secret, &row.hash) {
            self.retire(&mut row, now_us);
        }
        Ok(self.renewed(&mut changes, row, now_us)?)
    }

    /// Gives a device a new secret at the operator's word, as [`Registry::renew`] does at the phone's.
    ///
    /// # Errors
    /// When there is no such device, it is revoked, or it cannot be written down.
    pub fn reissue(&self, id: &DeviceId, now_us: i64) -> Result<Credential, RegistryError> {
        let mut changes = self.changes();
        let mut row = self.row_of(id).ok_or(RegistryError::UnknownDevice)?;
        self.retire(&mut row, now_us);
        self.renewed(&mut changes, row, now_us)
    }

    /// Shuts a device out for good and ends its live sessions. Once more changes nothing.
    ///
    /// # Errors
    /// When there is no such device, or it cannot be written down.
    pub fn revoke(&self, id: &DeviceId, now_us: i64) -> Result<(), RegistryError> {
        let mut changes = self.changes();
        let mut row = self.row_of(id).ok_or(RegistryError::UnknownDevice)?;
        if row.revoked_day.is_some() {
            return Ok(());
        }
        row.revoked_day = Some(day_of(now_us));
        row.old = None;
        self.write(&mut changes, device_line(row))
    }

    /// Whether a device with that secret is let in. A wrong secret takes as long as an unknown device.
    ///
    /// # Errors
    /// Why it is not.
    pub fn check(
        &self,
        id: &DeviceId,
        secret: &[u8],
        now_us: i64,
    ) -> Result<Arc<DeviceId>, CheckError> {
        let today = day_of(now_us);
        let Some(row) = self.row_of(id) else {
            // As much work as for a device that there is.
            self.key.is_secret(id, secret, &KeyedHash::NOBODY);
            return Err(CheckError::WrongSecret);
        };
        let is_secret = |hash| self.key.is_secret(id, secret, hash);
        let until_day = if is_secret(&row.hash) {
            row.expires_day
        } else {
            match row.old {
                Some(old) if is_secret(&old.hash) => old.until_day,
                _ => return Err(CheckError::WrongSecret),
            }
        };
        match row.revoked_day {
            Some(_) => Err(CheckError::Revoked),
            None if until_day < today => Err(CheckError::Expired),
            None => Ok(row.id),
        }
    }

    /// Becomes true when the device is revoked, for whoever serves a session of it. `None` where there is
    /// no such device.
    pub fn ended(&self, id: &DeviceId) -> Option<watch::Receiver<bool>> {
        let mut book = self.book.write().expect("nobody panics over the book");
        let entry = book.devices.get_mut(id)?;
        let is_over = entry.row.revoked_day.is_some();
        let ended = entry
            .ended
            .get_or_insert_with(|| watch::Sender::new(is_over));
        Some(ended.subscribe())
    }

    /// By which way a device came.
    pub fn cohort_of(&self, id: &DeviceId) -> Option<Cohort> {
        self.book().devices.get(id)?.row.cohort.clone()
    }

    /// As whose witness a device counts, where no more than `most` of its cohort are independent: one of so
    /// many names that the cohort shares. `None`: its own.
    ///
    /// Whoever hangs up one poster and enrols a hundred phones by it still is no crowd.
    pub fn witness_of(&self, id: &DeviceId, most: u32) -> Option<DeviceId> {
        let book = self.book();
        let cohort = book.devices.get(id)?.row.cohort.as_ref()?;
        if *book.cohorts.get(cohort)? <= most as usize {
            return None;
        }
        let hash = Sha256::digest(id.as_str());
        let number = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]) % most.max(1);
        format!("cohort-{}-{number}", cohort.as_str()).parse().ok()
    }

    /// Every device, by its name.
    pub fn list(&self, now_us: i64) -> Vec<Device> {
        let today = day_of(now_us);
        let book = self.book();
        let rows = book.devices.values().map(|entry| &entry.row);
        rows.map(|row| row.seen_on(today)).collect()
    }

    /// The invites by which somebody may still come.
    pub fn invites(&self, now_us: i64) -> Vec<Invite> {
        let today = day_of(now_us);
        let mut open: Vec<Invite> = (self.book().invites.values())
            .filter(|invite| today <= invite.expires_day && 0 < invite.uses_left)
            .map(|invite| Invite {
                cohort: invite.cohort.clone(),
                uses_left: invite.uses_left,
                expires_day: invite.expires_day,
            })
            .collect();
        open.sort_by_key(|invite| (invite.expires_day, invite.cohort.clone(), invite.uses_left));
        open
    }

    /// A device that there was not before; not yet written down.
    fn made(
        &self,
        cohort: Option<Cohort>,
        days: u32,
        now_us: i64,
    ) -> Result<(Credential, DeviceRow), RegistryError> {
        let id = Arc::new(self.random.device()?);
        let secret = self.random.secret()?;
        let row = DeviceRow {
            hash: self.key.hash_of_secret(&id, &secret),
            made_day: day_of(now_us),
            expires_day: after(now_us, days),
            cohort,
            revoked_day: None,
            old: None,
            id,
        };
        Ok((row.told(secret), row))
    }

    /// Makes the secret of a row its old one.
    fn retire(&self, row: &mut DeviceRow, now_us: i64) {
        let until_day = after(now_us, self.terms.old_secret_days).min(row.expires_day);
        let hash = row.hash;
        row.old = Some(OldSecret { hash, until_day });
    }

    /// Another secret in the place of a row's own.
    fn renewed(
        &self,
        changes: &mut Journal,
        mut row: DeviceRow,
        now_us: i64,
    ) -> Result<Credential, RegistryError> {
        if row.revoked_day.is_some() {
            return Err(RegistryError::Revoked);
        }
        let secret = self.random.secret()?;
        row.hash = self.key.hash_of_secret(&row.id, &secret);
        row.expires_day = after(now_us, self.terms.device_days);
        let credential = row.told(secret);
        self.write(changes, device_line(row))?;
        Ok(credential)
    }

    /// Puts a line on disk, and then into the book.
    fn write(&self, changes: &mut Journal, line: Line) -> Result<(), RegistryError> {
        changes.append(&line)?;
        let mut book = self.book.write().expect("nobody panics over the book");
        book.take(line);
        Ok(())
    }

    fn changes(&self) -> MutexGuard<'_, Journal> {
        self.changes.lock().expect("nobody panics over the journal")
    }

    fn book(&self) -> RwLockReadGuard<'_, Book> {
        self.book.read().expect("nobody panics over the book")
    }

    fn row_of(&self, id: &DeviceId) -> Option<DeviceRow> {
        Some(self.book().devices.get(id)?.row.clone())
    }

    fn invite_of(&self, code: &str) -> Option<InviteRow> {
        let hash = self.key.hash_of_code(&Code::read(code)?);
        self.book().invites.get(&hash).cloned()
    }
}

/// The last of so many days from today on.
fn after(now_us: i64, days: u32) -> i32 {
    day_of(now_us).saturating_add_unsigned(days)
}

fn device_line(row: DeviceRow) -> Line {
    Line {
        device: Some(row),
        ..Line::default()
    }
}

fn invite_line(row: InviteRow) -> Line {
    Line {
        invite: Some(row),
        ..Line::default()
    }
}

#[cfg(test)]
mod tests;
