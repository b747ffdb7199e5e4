//! The keeper of the doors: asks the registry who may come in, and slows down whoever guesses.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;
use trip::DeviceId;

use super::slow::{Hourly, Pauses, Rules};
use super::{Anyone, CheckError, Credential, EnrolError, Registry, RenewError};
use crate::door::{Caller, Denial, Gate, Judgement, Login, Trusted};

/// Tells the time: µs since 1970 UTC.
pub type Clock = Box<dyn Fn() -> i64 + Send + Sync>;

/// Who decides at every door, whether MQTT or HTTP.
pub struct Keeper {
    letting: Letting,
    clock: Clock,
}

enum Letting {
    /// Devices of the registry.
    Known(Box<Known>),
    /// Anybody, for trials.
    Anyone {
        /// Nobody is ever revoked.
        ended: watch::Sender<bool>,
    },
}

struct Known {
    registry: Arc<Registry>,
    trusted: Trusted,
    secrets: Mutex<Pauses>,
    codes: Mutex<Pauses>,
    enrolments: Mutex<Hourly>,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginError {
    /// Too many wrong secrets came from that address; this one was wrong as well.
    #[error("too many wrong secrets came from this address: wait {retry_s} s")]
    Paused {
        /// Seconds left.
        retry_s: u32,
    },
    /// The device may not come in.
    #[error(transparent)]
    Refused(#[from] CheckError),
    /// Where anybody is let in: a name that no topic can have.
    #[error(transparent)]
    Name(#[from] super::AnyoneError),
}

/// Why a phone is not enrolled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Too many wrong codes, or too many phones, came from that address.
    #[error("too many came from this address: wait {retry_s} s")]
    Paused {
        /// Seconds left.
        retry_s: u32,
    },
    /// The code is not good.
    #[error(transparent)]
    Refused(#[from] EnrolError),
    /// Where anybody is let in nobody needs to enrol.
    #[error("this server lets in whoever comes, by any name: there is nothing to enrol for")]
    Open,
}

impl Keeper {
    /// Lets in the devices of a registry.
    pub fn of(
        registry: Arc<Registry>,
        rules: Rules,
        enrolments_per_hour: u32,
        trusted: Trusted,
        clock: Clock,
    ) -> Self {
        let known = Known {
            registry,
            trusted,
            secrets: Mutex::new(Pauses::new(rules)),
            codes: Mutex::new(Pauses::new(rules)),
            enrolments: Mutex::new(Hourly::new(enrolments_per_hour, rules.remembered)),
        };
        Self {
            letting: Letting::Known(Box::new(known)),
            clock,
        }
    }

    /// Lets in anybody by any name, for trials.
    pub fn open(clock: Clock) -> Self {
        Self {
            letting: Letting::Anyone {
                ended: watch::Sender::new(false),
            },
            clock,
        }
    }

    /// Who that is, if it may come in. A right secret is let in whatever else came from its address.
    ///
    /// # Errors
    /// Why it is not let in.
    pub fn login(&self, user: &str, secret: &[u8], peer: IpAddr) -> Result<Login, LoginError> {
        let known = match &self.letting {
            Letting::Known(known) => known,
            Letting::Anyone { ended } => {
                let Anyone { device, topic_name } = Anyone::named(user)?;
                let ended = ended.subscribe();
                return Ok(Login {
                    device,
                    topic_name,
                    ended,
                });
            }
        };
        let now_us = (self.clock)();
        let checked = match user.parse::<DeviceId>() {
            Ok(id) => known.registry.check(&id, secret, now_us),
            Err(_) => Err(CheckError::WrongSecret),
        };
        let device = match checked {
            Ok(device) => device,
            Err(error) => return Err(known.refused(error, peer, now_us)),
        };
        let ended = known.registry.ended(&device);
        // It was revoked for good between the two questions, or its line was dropped.
        let ended = ended.ok_or(CheckError::Revoked)?;
        Ok(Login {
            topic_name: device.as_str().to_owned(),
            device,
            ended,
        })
    }

    /// Trades a code for a device. Waits for the disk.
    ///
    /// # Errors
    /// Why it does not.
    pub fn enrol(&self, code: &str, peer: IpAddr) -> Result<Credential, JoinError> {
        let Letting::Known(known) = &self.letting else {
            return Err(JoinError::Open);
        };
        let now_us = (self.clock)();
        let trusted = known.trusted.covers(peer);
        if !trusted {
            let retry_s = known.codes().left_s(peer, now_us);
            if retry_s > 0 {
                return Err(JoinError::Paused { retry_s });
            }
            let mut enrolments = known.enrolments.lock().expect("nobody panics over turns");
            let turn = enrolments.take(peer, now_us);
            turn.map_err(|retry_s| JoinError::Paused { retry_s })?;
        }
        let enrolled = known.registry.enrol(code, now_us);
        if matches!(enrolled, Err(EnrolError::UnknownCode)) && !trusted {
            known.codes().wrong(peer, now_us);
        }
        Ok(enrolled?)
    }

    /// Gives a phone a new secret for the one that it shows. Waits for the disk.
    ///
    /// # Errors
    /// Why it does not: as [`Keeper::login`], or as [`Registry::renew`].
    pub fn renew(
        &self,
        user: &str,
        secret: &[u8],
        peer: IpAddr,
    ) -> Result<Credential, RenewalError> {
        let Letting::Known(known) = &self.letting else {
            return Err(RenewalError::Join(JoinError::Open));
        };
        let login = self.login(user, secret, peer)?;
        let renewed = known.registry.renew(&login.device, secret, (self.clock)());
        Ok(renewed?)
    }

    /// Shuts a device out at its own word, so that what it said can be forgotten and nothing comes after. It
    /// may be asked again: what was revoked still is whose secret it is. Waits for the disk.
    ///
    /// # Errors
    /// Why it does not: the secret is wrong, or it cannot be written down.
    pub fn leave(
        &self,
        user: &str,
        secret: &[u8],
        peer: IpAddr,
    ) -> Result<Arc<DeviceId>, RenewalError> {
        let Letting::Known(known) = &self.letting else {
            return Err(RenewalError::Join(JoinError::Open));
        };
        match self.login(user, secret, peer) {
            Ok(_) | Err(LoginError::Refused(CheckError::Revoked | CheckError::Expired)) => {}
            Err(error) => return Err(error.into()),
        }
        let id: DeviceId = user.parse().expect("what has a secret has an id");
        let revoked = known.registry.revoke(&id, (self.clock)());
        revoked.map_err(RenewError::from)?;
        Ok(Arc::new(id))
    }
}

/// Why a secret is not renewed, or a device does not leave, at a door.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenewalError {
    /// Whoever asks is not let in.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The registry does not renew it.
    #[error(transparent)]
    Registry(#[from] RenewError),
    /// Where anybody is let in there are no secrets.
    #[error(transparent)]
    Join(JoinError),
}

impl Known {
    fn codes(&self) -> MutexGuard<'_, Pauses> {
        self.codes.lock().expect("nobody panics over pauses")
    }

    /// What whoever is refused is told. Only wrong secrets slow an address down.
    fn refused(&self, error: CheckError, peer: IpAddr, now_us: i64) -> LoginError {
        if error != CheckError::WrongSecret || self.trusted.covers(peer) {
            return error.into();
        }
        let mut pauses = self.secrets.lock().expect("nobody panics over pauses");
        let retry_s = pauses.left_s(peer, now_us);
        pauses.wrong(peer, now_us);
        if retry_s > 0 {
            return LoginError::Paused { retry_s };
        }
        error.into()
    }
}

impl Gate for Keeper {
    fn admit<'a>(&'a self, caller: Caller<'a>) -> Judgement<'a> {
        let user = match self.letting {
            // Whoever has no name is called as its connection is.
            Letting::Anyone { .. } => caller.user.unwrap_or(caller.client_id),
            Letting::Known(_) => caller.user.unwrap_or_default(),
        };
        let secret = caller.password.unwrap_or_default();
        let login = self.login(user, secret, caller.peer);
        let login = login.map_err(|error| match error {
            LoginError::Refused(CheckError::WrongSecret) => Denial::WrongSecret,
            LoginError::Paused { .. } => Denial::Busy,
            LoginError::Refused(_) | LoginError::Name(_) => Denial::NotAllowed,
        });
        Box::pin(std::future::ready(login))
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
