//! Where a broker is: `mqtt://USER[:PASS]@HOST[:PORT]`.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A broker's address with what to log in with. `Debug` shows neither user nor password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    host: String,
    port: u16,
    user: String,
    password: Option<String>,
}

/// Why a text is not a broker's address. It holds a password, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Another scheme.
    #[error(
        "a broker's address begins with mqtt://; for TLS run a tunnel, such as stunnel, beside the server"
    )]
    Scheme,
    /// No user.
    #[error("a broker's address names a user: mqtt://USER[:PASS]@HOST[:PORT]")]
    User,
    /// No host, or one with other characters.
    #[error(
        "a broker's address names a host: mqtt://USER[:PASS]@HOST[:PORT], an IPv6 address in brackets"
    )]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("a broker's port is a number from 1 to 65535")]
    Port,
    /// `%` without two hexadecimal digits behind it, or bytes that are not UTF-8.
    #[error("in a broker's user and password, % is followed by two hexadecimal digits (%25 is %)")]
    Escape,
}

impl Address {
    /// The host; an IPv6 address stands in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 1883 where the text named none.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, if one is known.
    pub fn password(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The same with that password, which then need not stand on a command line.
    pub fn with_password(self, password: String) -> Self {
        Self {
            password: Some(password),
            ..self
        }
    }

    /// The name of the session at the broker: always the same for a user and password, and not to
    /// be guessed without them. Most brokers let anyone who knows a client id take over its
    /// session; a phone that could name ours would throw the server out.
    pub fn client_id(&self) -> String {
        let mut hash = Sha256::new_with_prefix("jounce bridge");
        for part in [self.user(), self.password().unwrap_or_default()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        let digits = hash.iter().take(8).map(|byte| format!("{byte:02x}"));
        // 23 characters, as many as every broker takes (MQTT 3.1.1, 3.1.3.1).
        format!("jounce-{}", digits.collect::<String>())
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let rest = text.strip_prefix("mqtt://").ok_or(AddressError::Scheme)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (login, place) = rest.rsplit_once('@').ok_or(AddressError::User)?;
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(unescape(password)?)),
            None => (login, None),
        };
        let user = unescape(user)?;
        if user.is_empty() {
            return Err(AddressError::User);
        }
        let port_at = place
            .rfind(':')
            .filter(|colon| place.rfind(']').is_none_or(|bracket| bracket < *colon));
        let (host, port) = match port_at {
            Some(colon) => (&place[..colon], place[colon + 1..].parse()),
            None => (place, Ok(1883)),
        };
        let port = port.map_err(|_| AddressError::Port)?;
        if port == 0 {
            return Err(AddressError::Port);
        }
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let sound = match bare {
            Some(v6) => v6.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(legal),
        };
        if !sound {
            return Err(AddressError::Host);
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            user,
            password,
        })
    }
}

fn unescape(text: &str) -> Result<String, AddressError> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16));
        let (Some(high), Some(low)) = (digit(), digit()) else {
            return Err(AddressError::Escape);
        };
        bytes.push((high * 16 + low) as u8);
    }
    String::from_utf8(bytes).map_err(|_| AddressError::Escape)
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({}:{})", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<(String, u16, String, Option<String>), AddressError> {
        let it: Address = text.parse()?;
        Ok((it.host, it.port, it.user, it.password))
    }

    #[test]
    fn an_address_reads_with_and_without_password_and_port() {
        let expected = |host: &str, port, user: &str, password: Option<&str>| {
            Ok((host.into(), port, user.into(), password.map(Into::into)))
        };
        for (text, wanted) in [
            ("mqtt://u@h", expected("h", 1883, "u", None)),
            ("mqtt://u:p@h:1/", expected("h", 1, "u", Some("p"))),
            ("mqtt://u:a@b%3a@h", expected("h", 1883, "u", Some("a@b:"))),
            ("mqtt://u:@[::1]:9", expected("[::1]", 9, "u", Some(""))),
            ("mqtt://u@[::1]", expected("[::1]", 1883, "u", None)),
            ("mqtts://u@h", Err(AddressError::Scheme)),
            ("mqtt://h", Err(AddressError::User)),
            ("mqtt://:p@h", Err(AddressError::User)),
            ("mqtt://u@", Err(AddressError::Host)),
            ("mqtt://u@a b", Err(AddressError::Host)),
            ("mqtt://u@[zz]", Err(AddressError::Host)),
            ("mqtt://u@h:0", Err(AddressError::Port)),
            ("mqtt://u@h:x", Err(AddressError::Port)),
            ("mqtt://u:%zz@h", Err(AddressError::Escape)),
            ("mqtt://u:%ff@h", Err(AddressError::Escape)),
        ] {
            assert_eq!(parts(text), wanted, "{text}");
        }
    }

    #[test]
    fn nobody_sees_a_password_in_a_debug_text() {
        let address: Address = "mqtt://server:secret@h".parse().expect("sound");
        assert_eq!(format!("{address:?}"), "Address(h:1883)");
    }

    #[test]
    fn a_session_is_named_after_user_and_password() {
        let id = |text: &str| text.parse::<Address>().expect("sound").client_id();
        assert_eq!(id("mqtt://a:b@h"), id("mqtt://a:b@other:9"));
        assert_ne!(id("mqtt://a:b@h"), id("mqtt://a:c@h"));
        assert_ne!(id("mqtt://ab:c@h"), id("mqtt://a:bc@h"));
        assert_eq!(id("mqtt://a@h").len(), 23);
    }
}
