//! Where phones send to.

use std::str::FromStr;

/// A door: `mqtt://[USER[:SECRET]@]HOST:PORT` or `http://[USER[:SECRET]@]HOST:PORT`.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Host and port.
    pub address: String,
    /// Who all phones log in as; without it each as its own device.
    pub user: Option<String>,
    /// With which secret; may be empty.
    pub secret: String,
}

/// What a door speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// MQTT 3.1.1 over TCP.
    Mqtt,
    /// `POST /v1/batches`.
    Http,
}

/// Why a text is no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// It begins otherwise.
    #[error(
        "a target begins with mqtt:// or http:// (TLS ends before the server here, not in drive)"
    )]
    Protocol,
    /// There is no port.
    #[error("a target names HOST:PORT")]
    Address,
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (protocol, rest) = match text.split_once("://") {
            Some(("mqtt" | "tcp", rest)) => (Protocol::Mqtt, rest),
            Some(("http", rest)) => (Protocol::Http, rest),
            _ => return Err(TargetError::Protocol),
        };
        let rest = rest.trim_end_matches('/');
        let (login, address) = match rest.rsplit_once('@') {
            Some((login, address)) => (Some(login), address),
            None => (None, rest),
        };
        let port = address.rsplit_once(':').map(|(_, port)| port);
        if port.is_none_or(|port| port.parse::<u16>().is_err()) {
            return Err(TargetError::Address);
        }
        let (user, secret) = match login {
            Some(login) => {
                let (user, secret) = login.split_once(':').unwrap_or((login, ""));
                (Some(user).filter(|user| !user.is_empty()), secret)
            }
            None => (None, ""),
        };
        Ok(Self {
            protocol,
            address: address.to_owned(),
            user: user.map(str::to_owned),
            secret: secret.to_owned(),
        })
    }
}

/// No secret of it goes to a log.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_protocol_a_login_and_an_address() {
        let target: Target = "mqtt://me:p@ss:word@127.0.0.1:1883".parse().unwrap();
        assert_eq!(target.protocol, Protocol::Mqtt);
        assert_eq!(target.address, "127.0.0.1:1883");
        assert_eq!(target.user.as_deref(), Some("me"));
        assert_eq!(target.secret, "p@ss:word");
        let bare: Target = "http://[::1]:8080/".parse().unwrap();
        assert_eq!((bare.address.as_str(), bare.user), ("[::1]:8080", None));
        let shared: Target = "mqtt://:word@host:1".parse().unwrap();
        assert_eq!((shared.user, shared.secret.as_str()), (None, "word"));
    }

    #[test]
    fn what_is_no_target_says_what_one_is() {
        assert_eq!("host:1883".parse::<Target>(), Err(TargetError::Protocol));
        assert_eq!(
            "mqtts://host:8883".parse::<Target>(),
            Err(TargetError::Protocol)
        );
        assert_eq!("mqtt://host".parse::<Target>(), Err(TargetError::Address));
    }
}
