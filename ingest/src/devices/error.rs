//! What can go wrong with devices. No text names a device, a secret or a code.

use std::io;
use std::path::{Path, PathBuf};

/// Why the registry cannot do what it is asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A file cannot be read or written.
    #[error("{}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line within the file is not one that was written.
    #[error(
        "{} is damaged in line {line}: put it back from a backup, or delete that line, and what it said of a \
         device or an invite is forgotten",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// A newer version wrote the file.
    #[error("{} has format {format}, which this version does not know: run a newer one", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
    },
    /// There are devices, and not the key that their secrets were hashed with.
    #[error(
        "{} is missing or damaged, and without it no device is known: put it back from a backup, or delete \
         devices.jsonl beside it and enrol every phone anew",
        path.display()
    )]
    Key {
        /// The file of the key.
        path: PathBuf,
    },
    /// Another process has the registry open.
    #[error("{} is open in another process: stop it, or ask it", path.display())]
    Held {
        /// The file that says so.
        path: PathBuf,
    },
    /// The system gave no randomness.
    #[error("the system gives no random numbers")]
    Random,
    /// No such device.
    #[error("there is no such device; `jounce device list` shows all")]
    UnknownDevice,
    /// No such invite.
    #[error("there is no invite with that code")]
    UnknownInvite,
    /// What was revoked stays revoked.
    #[error("the device is revoked; add a new one")]
    Revoked,
    /// An invite for nobody, or for too many.
    #[error("an invite is for 1 to {most} phones; devices.most_invite_uses allows more")]
    Uses {
        /// How many are allowed.
        most: u32,
    },
    /// An invite that never ends.
    #[error("an invite is good for 1 to {most} days; devices.most_invite_days allows more")]
    InviteDays {
        /// How many are allowed.
        most: u32,
    },
    /// A device that never ends.
    #[error("a device is good for 1 to {most} days")]
    DeviceDays {
        /// How many are allowed.
        most: u32,
    },
}

impl RegistryError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::File { path, source }
    }
}

/// Why a device is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// There is no such device, or that is not its secret: nobody is told which.
    #[error("no device has that id and secret")]
    WrongSecret,
    /// The device's days are over, or those of a secret that was renewed.
    #[error("the secret has expired: enrol again")]
    Expired,
    /// The operator revoked it.
    #[error("the device was revoked")]
    Revoked,
}

/// Why a code is not traded for a device.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnrolError {
    /// No invite has that code.
    #[error("no invite has that code: look at it again")]
    UnknownCode,
    /// The invite's days are over.
    #[error("the invite has expired: ask for a new one")]
    Expired,
    /// As many phones came as it was for.
    #[error("the invite is used up: ask for a new one")]
    UsedUp,
    /// The registry cannot write it down.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// Why a secret is not renewed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenewError {
    /// Whoever asks is not let in.
    #[error(transparent)]
    Refused(#[from] CheckError),
    /// The registry cannot write it down.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}
