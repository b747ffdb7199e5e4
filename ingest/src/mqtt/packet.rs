//! Packets of MQTT 3.1.1 to and from bytes, for both sides, without I/O.
//!
//! [`Packet::read`] is total: whatever the bytes, it gives a packet, asks for more, or says what is
//! wrong. It borrows from the bytes and allocates for lists of topic filters only.
//!
//! ```
//! use bytes::BytesMut;
//! use ingest::mqtt::packet::{Malformed, Packet, Publish, Qos};
//!
//! let publish = Packet::Publish(Publish {
//!     topic: "jounce/v1/d-3f9a/up",
//!     qos: Qos::AtLeastOnce(7),
//!     retain: false,
//!     duplicate: false,
//!     payload: b"{}",
//! });
//! let mut bytes = BytesMut::new();
//! publish.write(&mut bytes);
//! assert_eq!(Packet::read(&bytes, 256_000), Ok(Some((publish, bytes.len()))));
//! assert_eq!(Packet::read(&bytes[..9], 256_000), Ok(None), "more must come");
//! assert_eq!(Packet::read(b"GET / HTTP/1.1", 256_000), Err(Malformed::Flags));
//! ```

mod fields;
#[cfg(test)]
mod tests;
mod write;

use fields::Fields;

/// One packet. Every text and payload is borrowed from the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// A client asks to be let in.
    Connect(Connect<'a>),
    /// The server's answer to that.
    ConnAck {
        /// Whether the server remembers a session of this client.
        session_present: bool,
        /// Whether the client is let in.
        code: ConnectCode,
    },
    /// A message.
    Publish(Publish<'a>),
    /// The message with that identifier is safe with the receiver.
    PubAck(u16),
    /// A client asks for topics.
    Subscribe {
        /// Named again in the answer; never 0.
        id: u16,
        /// The filters with the highest QoS asked for, 0 to 2; 1 to [`MAX_FILTERS`] of them.
        filters: Vec<(&'a str, u8)>,
    },
    /// The server's answer to that.
    SubAck {
        /// The identifier of the request.
        id: u16,
        /// For each filter, in order, the QoS granted, or [`SUBSCRIPTION_REFUSED`].
        codes: Vec<u8>,
    },
    /// A client gives topics up.
    Unsubscribe {
        /// Named again in the answer; never 0.
        id: u16,
        /// The filters; 1 to [`MAX_FILTERS`] of them.
        filters: Vec<&'a str>,
    },
    /// The server's answer to that.
    UnsubAck(u16),
    /// A client says that it is still there.
    PingReq,
    /// The server's answer to that.
    PingResp,
    /// A client says goodbye.
    Disconnect,
}

/// The code in a SUBACK for a filter that was not granted.
pub const SUBSCRIPTION_REFUSED: u8 = 0x80;

/// Topic filters in one packet. The standard sets no limit; a phone has one topic to ask for.
pub const MAX_FILTERS: usize = 64;

/// What a client says as it comes.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect<'a> {
    /// How it calls itself; may be empty, and proves nothing.
    pub client_id: &'a str,
    /// After one and a half times as many seconds without a packet the server may hang up; 0 for never.
    pub keep_alive_s: u16,
    /// Whether it starts afresh.
    pub clean_session: bool,
    /// What to publish in its name when the connection breaks.
    pub will: Option<Will<'a>>,
    /// The user.
    pub user: Option<&'a str>,
    /// The secret; any bytes.
    pub password: Option<&'a [u8]>,
}

/// No name and no secret of it goes to a log.
impl std::fmt::Debug for Connect<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect")
            .field("keep_alive_s", &self.keep_alive_s)
            .field("clean_session", &self.clean_session)
            .field("will", &self.will.is_some())
            .finish_non_exhaustive()
    }
}

/// What a server publishes in the name of a client that went without goodbye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Will<'a> {
    /// Where.
    pub topic: &'a str,
    /// What.
    pub payload: &'a [u8],
    /// How, 0 to 2.
    pub qos: u8,
    /// Whether it is kept for those who come later.
    pub retain: bool,
}

/// The answers that a server has to a CONNECT. \[MQTT-3.2.2-3\]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ConnectCode {
    /// Come in.
    Accepted = 0,
    /// The server does not speak that version.
    UnacceptableVersion = 1,
    /// The server does not like the client's id.
    IdRejected = 2,
    /// Not now.
    Unavailable = 3,
    /// Wrong user or secret.
    BadCredentials = 4,
    /// Not this client, or not this.
    NotAuthorized = 5,
}

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publish<'a> {
    /// Where it goes.
    pub topic: &'a str,
    /// What it promises.
    pub qos: Qos,
    /// Whether it is kept for those who come later.
    pub retain: bool,
    /// Whether the sender has sent it before.
    pub duplicate: bool,
    /// What it says.
    pub payload: &'a [u8],
}

/// What a PUBLISH promises. QoS 2 is refused as it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qos {
    /// QoS 0: sent once, without an answer.
    AtMostOnce,
    /// QoS 1: sent again until a PUBACK names this identifier, which is never 0.
    AtLeastOnce(u16),
}

/// Why bytes are not a packet that this side of the standard knows. The connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The first byte is none of a packet.
    #[error("packet type {0} is reserved")]
    Type(u8),
    /// The flags in the first byte are not those of its packet type, as when it is not MQTT at all.
    #[error("the fixed header has wrong flags")]
    Flags,
    /// The length has more than four bytes.
    #[error("the remaining length has more than four bytes")]
    Length,
    /// The packet is larger than the reader takes.
    #[error("the packet is larger than {most} bytes")]
    TooLarge {
        /// The limit, bytes.
        most: usize,
    },
    /// The packet ends before its last field.
    #[error("the packet ends before its last field")]
    Short,
    /// Something follows the last field.
    #[error("something follows the last field")]
    Long,
    /// A text is not UTF-8, or has a null character.
    #[error("a text is not UTF-8 without null characters")]
    Text,
    /// A packet identifier is 0.
    #[error("the packet identifier is 0")]
    ZeroId,
    /// CONNECT names no protocol of this family.
    #[error("the protocol is not named MQTT")]
    Protocol,
    /// CONNECT names another version than 3.1.1.
    #[error("protocol level {0} is not 4, which is MQTT 3.1.1")]
    Version(u8),
    /// Flags of CONNECT, or a code of CONNACK, contradict the standard.
    #[error("the connect flags or code contradict each other")]
    ConnectFlags,
    /// A QoS that is not served: 2, or none at all.
    #[error("QoS {0} is not served, use 1")]
    Qos(u8),
    /// A SUBSCRIBE or UNSUBSCRIBE names no filter, or more than [`MAX_FILTERS`].
    #[error("a request must name 1 to {MAX_FILTERS} topic filters")]
    Filters,
}

/// How long the first packet in these bytes is altogether, bytes; `None` while that is not told.
///
/// # Errors
/// When no packet begins like that, or it is larger than `most`.
pub fn length(bytes: &[u8], most: usize) -> Result<Option<usize>, Malformed> {
    Ok(head(bytes, most)?.map(|(head, rest)| head + rest))
}

/// The lengths of the fixed header and of what follows it.
fn head(bytes: &[u8], most: usize) -> Result<Option<(usize, usize)>, Malformed> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let flags = first & 0x0f;
    match first >> 4 {
        kind @ (0 | 15) => return Err(Malformed::Type(kind)),
        3 if flags & 0b0110 < 0b0100 => {}
        3 => return Err(Malformed::Qos(flags >> 1 & 3)),
        6 | 8 | 10 if flags == 2 => {}
        6 | 8 | 10 => return Err(Malformed::Flags),
        _ if flags == 0 => {}
        _ => return Err(Malformed::Flags),
    }
    if matches!(first >> 4, 5..=7) {
        return Err(Malformed::Qos(2));
    }
    let mut rest = 0;
    for at in 0..4 {
        let Some(&byte) = bytes.get(1 + at) else {
            return Ok(None);
        };
        rest |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            let head = 2 + at;
            return match head + rest <= most {
                true => Ok(Some((head, rest))),
                false => Err(Malformed::TooLarge { most }),
            };
        }
    }
    Err(Malformed::Length)
}

impl<'a> Packet<'a> {
    /// The first packet in these bytes and how many it takes; `None` while more must come.
    ///
    /// # Errors
    /// When no packet of MQTT 3.1.1 begins like that, or it is larger than `most` bytes.
    pub fn read(bytes: &'a [u8], most: usize) -> Result<Option<(Self, usize)>, Malformed> {
        let Some((head, rest)) = head(bytes, most)? else {
            return Ok(None);
        };
        let Some(body) = bytes.get(head..head + rest) else {
            return Ok(None);
        };
        let mut fields = Fields(body);
        let packet = Self::of(bytes[0], &mut fields)?;
        match fields.0 {
            [] => Ok(Some((packet, head + rest))),
            _ => Err(Malformed::Long),
        }
    }

    fn of(first: u8, fields: &mut Fields<'a>) -> Result<Self, Malformed> {
        Ok(match first >> 4 {
            1 => Self::Connect(connect(fields)?),
            2 => conn_ack(fields)?,
            3 => Self::Publish(publish(first, fields)?),
            4 => Self::PubAck(fields.id()?),
            8 => Self::Subscribe {
                id: fields.id()?,
                filters: fields.list(|fields| {
                    let filter = fields.text()?;
                    match fields.byte()? {
                        qos @ 0..=2 => Ok((filter, qos)),
                        qos => Err(Malformed::Qos(qos)),
                    }
                })?,
            },
            9 => Self::SubAck {
                id: fields.id()?,
                codes: fields.list(|fields| match fields.byte()? {
                    code @ (0..=2 | SUBSCRIPTION_REFUSED) => Ok(code),
                    code => Err(Malformed::Qos(code)),
                })?,
            },
            10 => Self::Unsubscribe {
                id: fields.id()?,
                filters: fields.list(Fields::text)?,
            },
            11 => Self::UnsubAck(fields.id()?),
            12 => Self::PingReq,
            13 => Self::PingResp,
            14 => Self::Disconnect,
            kind => return Err(Malformed::Type(kind)),
        })
    }
}

fn connect<'a>(fields: &mut Fields<'a>) -> Result<Connect<'a>, Malformed> {
    match (fields.text()?, fields.byte()?) {
        ("MQTT", 4) => {}
        ("MQTT" | "MQIsdp", level) => return Err(Malformed::Version(level)),
        _ => return Err(Malformed::Protocol),
    }
    let flags = fields.byte()?;
    let has = |bit: u8| flags & bit != 0;
    let (has_user, has_password, has_will) = (has(0x80), has(0x40), has(0x04));
    let will_qos = flags >> 3 & 3;
    let will_retain = has(0x20);
    let contradicts = has(0x01) // [MQTT-3.1.2-3]
        || has_password && !has_user // [MQTT-3.1.2-22]
        || will_qos == 3 // [MQTT-3.1.2-14]
        || !has_will && (will_qos != 0 || will_retain); // [MQTT-3.1.2-11]
    if contradicts {
        return Err(Malformed::ConnectFlags);
    }
    let keep_alive_s = fields.number()?;
    let client_id = fields.text()?;
    let will = has_will.then(|| {
        Ok(Will {
            topic: fields.text()?,
            payload: fields.blob()?,
            qos: will_qos,
            retain: will_retain,
        })
    });
    let will = will.transpose()?;
    let user = has_user.then(|| fields.text()).transpose()?;
    let password = has_password.then(|| fields.blob()).transpose()?;
    Ok(Connect {
        client_id,
        keep_alive_s,
        clean_session: has(0x02),
        will,
        user,
        password,
    })
}

fn conn_ack<'a>(fields: &mut Fields<'_>) -> Result<Packet<'a>, Malformed> {
    let session_present = match fields.byte()? {
        flag @ (0 | 1) => flag == 1,
        _ => return Err(Malformed::ConnectFlags),
    };
    let code = match fields.byte()? {
        0 => ConnectCode::Accepted,
        1 => ConnectCode::UnacceptableVersion,
        2 => ConnectCode::IdRejected,
        3 => ConnectCode::Unavailable,
        4 => ConnectCode::BadCredentials,
        5 => ConnectCode::NotAuthorized,
        _ => return Err(Malformed::ConnectFlags),
    };
    Ok(Packet::ConnAck {
        session_present,
        code,
    })
}

fn publish<'a>(first: u8, fields: &mut Fields<'a>) -> Result<Publish<'a>, Malformed> {
    Ok(Publish {
        topic: fields.text()?,
        qos: match first >> 1 & 3 {
            0 => Qos::AtMostOnce,
            _ => Qos::AtLeastOnce(fields.id()?),
        },
        retain: first & 0x01 != 0,
        duplicate: first & 0x08 != 0,
        payload: fields.rest(),
    })
}
