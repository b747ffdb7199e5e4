//! Devices: who may send, and how a phone becomes one that may.
//!
//! A *device* is a mailbox, not a person. It has an id, a secret, and a day on which both end; nobody's
//! name, address or number is asked for or kept. An *invite* is a code on a poster that so many phones may
//! trade for a device each. Of secrets and codes the [`Registry`] keeps keyed hashes alone.
//!
//! | module | what it does |
//! | --- | --- |
//! | `registry` | [`Registry`]: devices and invites, each change on disk before it is answered |
//! | `book` | what the registry holds in memory |
//! | `journal`, `row`, `key_file` | the files behind it, and what a line says |
//! | `secret` | how secrets and codes are drawn, written and hashed |
//! | `keeper` | [`Keeper`]: the gate of every door; asks the registry, and slows down whoever guesses |
//! | [`slow`] | addresses that show wrong secrets are slowed down; time is an argument |
//! | `anyone` | what a user is called where everybody is let in, for trials |
//!
//! ```
//! use ingest::devices::{CheckError, Registry, Terms};
//!
//! let folder = tempfile::tempdir()?;
//! let now_us = 1_767_603_600_000_000;
//! let registry = Registry::open(folder.path(), Terms::default(), now_us)?;
//! let code = registry.invite(30, 14, Some("library-poster".parse()?), now_us)?;
//! // A volunteer types what the poster says.
//! let phone = registry.enrol(&code.to_string().to_lowercase(), now_us)?;
//! assert!(registry.check(&phone.id, phone.secret.as_str().as_bytes(), now_us).is_ok());
//! let wrong = registry.check(&phone.id, b"guess", now_us);
//! assert_eq!(wrong, Err(CheckError::WrongSecret));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod anyone;
mod book;
mod cohort;
mod device;
mod error;
mod journal;
mod keeper;
mod key_file;
mod registry;
mod row;
mod secret;
pub mod slow;
mod terms;

pub use anyone::{Anyone, AnyoneError};
pub use cohort::{Cohort, CohortError};
pub use device::{Credential, Device, Invite, State};
pub use error::{CheckError, EnrolError, RegistryError, RenewError};
pub use keeper::{Clock, JoinError, Keeper, LoginError, RenewalError};
pub use registry::Registry;
pub use secret::{Code, Secret};
pub use terms::Terms;
