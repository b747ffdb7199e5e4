//! Why a connection ends.

use crate::mqtt::packet::Malformed;

/// Why a connection ended, or was not let in. Each is counted ([`Counters`](super::Counters)); none
/// says whose it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Ending {
    /// The phone said goodbye.
    Goodbye,
    /// The phone went without goodbye.
    Gone,
    /// The server goes down.
    Stopping,
    /// The same device came again: the newer connection counts.
    TakenOver,
    /// The device was revoked.
    Revoked,
    /// The inbox could not store a message: the phone keeps it and comes again.
    Trouble,
    /// The server has as many connections as it takes.
    Full,
    /// The address has as many connections as it may.
    AddressFull,
    /// Half packets take up all the memory there is for them.
    HalvesFull,
    /// The TLS handshake failed.
    Tls,
    /// No CONNECT, or no TLS handshake, within its time.
    SlowHandshake,
    /// Another packet, or none of MQTT, came before CONNECT.
    NoConnect,
    /// Another version than 3.1.1.
    Version,
    /// A will.
    Will,
    /// No client id, and yet a session to be kept.
    ClientId,
    /// The gate does not know that user and secret.
    WrongSecret,
    /// The gate does not let that device in.
    NotAllowed,
    /// The gate cannot tell now.
    Busy,
    /// A second CONNECT.
    SecondConnect,
    /// A packet that only servers send.
    Direction,
    /// Bytes that are no packet.
    Malformed,
    /// A packet larger than a message may be.
    TooLarge,
    /// QoS 2.
    QosTwo,
    /// A message on a topic that is not the device's own.
    Topic,
    /// A message to be retained.
    Retained,
    /// An empty message.
    Empty,
    /// Nothing came for one and a half times the keep-alive.
    Silent,
    /// Half a packet came, and the other half did not.
    HalfPacket,
    /// The phone does not read what it is told.
    NotReading,
}

impl Ending {
    /// All of them, in order.
    pub const ALL: [Self; 29] = [
        Self::Goodbye,
        Self::Gone,
        Self::Stopping,
        Self::TakenOver,
        Self::Revoked,
        Self::Trouble,
        Self::Full,
        Self::AddressFull,
        Self::HalvesFull,
        Self::Tls,
        Self::SlowHandshake,
        Self::NoConnect,
        Self::Version,
        Self::Will,
        Self::ClientId,
        Self::WrongSecret,
        Self::NotAllowed,
        Self::Busy,
        Self::SecondConnect,
        Self::Direction,
        Self::Malformed,
        Self::TooLarge,
        Self::QosTwo,
        Self::Topic,
        Self::Retained,
        Self::Empty,
        Self::Silent,
        Self::HalfPacket,
        Self::NotReading,
    ];

    /// Its name in metrics; stable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Goodbye => "goodbye",
            Self::Gone => "gone",
            Self::Stopping => "stopping",
            Self::TakenOver => "taken_over",
            Self::Revoked => "revoked",
            Self::Trouble => "trouble",
            Self::Full => "full",
            Self::AddressFull => "address_full",
            Self::HalvesFull => "halves_full",
            Self::Tls => "tls",
            Self::SlowHandshake => "slow_handshake",
            Self::NoConnect => "no_connect",
            Self::Version => "version",
            Self::Will => "will",
            Self::ClientId => "client_id",
            Self::WrongSecret => "wrong_secret",
            Self::NotAllowed => "not_allowed",
            Self::Busy => "busy",
            Self::SecondConnect => "second_connect",
            Self::Direction => "direction",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::QosTwo => "qos_two",
            Self::Topic => "topic",
            Self::Retained => "retained",
            Self::Empty => "empty",
            Self::Silent => "silent",
            Self::HalfPacket => "half_packet",
            Self::NotReading => "not_reading",
        }
    }
}

impl From<Malformed> for Ending {
    fn from(malformed: Malformed) -> Self {
        match malformed {
            Malformed::TooLarge { .. } => Self::TooLarge,
            Malformed::Qos(2) => Self::QosTwo,
            Malformed::Version(_) => Self::Version,
            _ => Self::Malformed,
        }
    }
}
