//! Why a connection to a broker ended.

use rumqttc::{ConnectReturnCode, ConnectionError};

/// Why a connection ended. The library's own texts may hold a packet, so they are not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Loss {
    #[error("cannot be reached, or closed the connection")]
    Unreachable,
    #[error("does not answer in time")]
    Silent,
    #[error("refuses user or password")]
    Login,
    #[error("refuses the connection")]
    Refused,
    #[error("refuses the subscription; the server's user must be allowed to read jounce/v1/+/up")]
    Subscription,
    #[error("the inbox does not take messages; what it refused will be asked for again")]
    Trouble,
    #[error("the connection broke")]
    Broken,
}

impl From<ConnectionError> for Loss {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::Io(_) => Self::Unreachable,
            ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => Self::Silent,
            ConnectionError::ConnectionRefused(
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
            ) => Self::Login,
            ConnectionError::ConnectionRefused(_) => Self::Refused,
            _ => Self::Broken,
        }
    }
}
