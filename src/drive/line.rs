//! A line: one connection of MQTT 3.1.1, from CONNECT to the subscription to its acks.

use std::io::{self, IoSlice};
use std::sync::Arc;

use bytes::BytesMut;
use ingest::mqtt::packet::{Connect, ConnectCode, Malformed, Packet, Publish, Qos};
use ingest::wire::limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::login::Login;
use super::socket::{Counted, Route};
use super::tally::Tally;

/// The server hangs up after one and a half times as many seconds of silence.
pub(super) const KEEP_ALIVE_S: u16 = 60;

/// Acks are small; a server that sends more is none of ours.
const MOST_BYTES: usize = limits::MAX_PACKET_BYTES;

/// Why there is no line, or none any more.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(super) enum LineError {
    /// The network.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server sent something else than MQTT.
    #[error("not MQTT: {0}")]
    Malformed(#[from] Malformed),
    /// The server does not let the phone in.
    #[error("refused: {0:?}")]
    Refused(ConnectCode),
    /// The server does not let the phone hear its acks.
    #[error("the subscription to the acks is refused")]
    Deaf,
    /// The server said something that no server says then.
    #[error("an unexpected packet")]
    Unexpected,
    /// The server said nothing for too long.
    #[error("the server is silent")]
    Silent,
}

impl LineError {
    /// Whether there is no use in trying again.
    pub(super) fn is_final(&self) -> bool {
        use ConnectCode::{BadCredentials, IdRejected, NotAuthorized, UnacceptableVersion};
        match self {
            Self::Refused(code) => matches!(
                code,
                BadCredentials | IdRejected | NotAuthorized | UnacceptableVersion
            ),
            Self::Deaf => true,
            _ => false,
        }
    }

    /// What went wrong, the same words for every phone.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Io(error) => error.kind().to_string(),
            other => other.to_string(),
        }
    }
}

/// A connection on which acks are heard.
pub(super) struct Line {
    stream: Counted,
    heard: BytesMut,
    /// So many bytes are read at once.
    chunk: usize,
}

impl Line {
    /// Connects, logs in and subscribes.
    ///
    /// # Errors
    /// When the door cannot be reached or does not let the phone in.
    pub(super) async fn open(
        route: &Route,
        number: u32,
        login: &Login,
        tally: Arc<Tally>,
    ) -> Result<Self, LineError> {
        let stream = route.connect(number).await?;
        let mut line = Self {
            stream: Counted::new(stream, tally),
            heard: BytesMut::new(),
            chunk: 256,
        };
        let connect = Packet::Connect(Connect {
            client_id: &login.device,
            keep_alive_s: KEEP_ALIVE_S,
            clean_session: true,
            will: None,
            user: Some(&login.user),
            password: Some(login.secret.as_bytes()),
        });
        line.write(&[connect]).await?;
        match Packet::read(&line.one().await?, MOST_BYTES)? {
            Some((
                Packet::ConnAck {
                    code: ConnectCode::Accepted,
                    ..
                },
                _,
            )) => {}
            Some((Packet::ConnAck { code, .. }, _)) => return Err(LineError::Refused(code)),
            _ => return Err(LineError::Unexpected),
        }
        let subscribe = Packet::Subscribe {
            id: 1,
            filters: vec![(&login.ack, 0)],
        };
        line.write(&[subscribe]).await?;
        match Packet::read(&line.one().await?, MOST_BYTES)? {
            Some((Packet::SubAck { codes, .. }, _)) if codes.iter().all(|&code| code <= 2) => {}
            Some((Packet::SubAck { .. }, _)) => return Err(LineError::Deaf),
            _ => return Err(LineError::Unexpected),
        }
        Ok(line)
    }

    /// Reads so many bytes at once from now on; a phone needs few.
    pub(super) fn read_at_once(&mut self, bytes: usize) {
        self.chunk = bytes;
    }

    /// Writes packets at one go.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(super) async fn write(&mut self, packets: &[Packet<'_>]) -> Result<(), LineError> {
        let mut out = BytesMut::new();
        packets.iter().for_each(|packet| packet.write(&mut out));
        self.write_bytes(&out).await
    }

    /// Writes packets that are bytes already.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(super) async fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), LineError> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Writes two runs of packets, in one call where the socket takes them.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(super) async fn write_runs(
        &mut self,
        [first, second]: [&[u8]; 2],
    ) -> Result<(), LineError> {
        let both = [IoSlice::new(first), IoSlice::new(second)];
        let sent = self.stream.write_vectored(&both).await?;
        self.stream
            .write_all(first.get(sent..).unwrap_or_default())
            .await?;
        let of_second = sent.saturating_sub(first.len());
        Ok(self.stream.write_all(&second[of_second..]).await?)
    }

    /// Waits for more bytes. Nothing is lost when the waiting is given up.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(super) async fn listen(&mut self) -> Result<(), LineError> {
        self.heard.reserve(self.chunk);
        match self.stream.read_buf(&mut self.heard).await? {
            0 => Err(LineError::Io(io::ErrorKind::UnexpectedEof.into())),
            _ => Ok(()),
        }
    }

    /// Hands over the packets that are complete.
    ///
    /// # Errors
    /// When what came is not MQTT.
    pub(super) fn each(&mut self, mut take: impl FnMut(Packet<'_>)) -> Result<(), LineError> {
        let mut taken = 0;
        while let Some((packet, length)) = Packet::read(&self.heard[taken..], MOST_BYTES)? {
            take(packet);
            taken += length;
        }
        let _ = self.heard.split_to(taken);
        Ok(())
    }

    /// The next packet, as bytes.
    async fn one(&mut self) -> Result<BytesMut, LineError> {
        loop {
            if let Some((_, length)) = Packet::read(&self.heard, MOST_BYTES)? {
                return Ok(self.heard.split_to(length));
            }
            self.listen().await?;
        }
    }
}

/// A message to the server, to be answered by a PUBACK.
pub(super) fn publish<'a>(
    topic: &'a str,
    id: u16,
    payload: &'a [u8],
    duplicate: bool,
) -> Packet<'a> {
    Packet::Publish(Publish {
        topic,
        qos: Qos::AtLeastOnce(id),
        retain: false,
        duplicate,
        payload,
    })
}
