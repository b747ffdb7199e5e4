//! The first packet: who comes, and whether the door lets them in.

use std::future::poll_fn;
use std::net::IpAddr;
use std::task::{Poll, ready};
use std::time::Duration;

use bytes::{BufMut as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

use super::line::Line;
use super::{Caller, Denial, Door, Ending, Login};
use crate::mqtt::packet::{Connect, ConnectCode, Malformed, Packet};

/// What a CONNECT said, until the gate has judged it.
struct Asking {
    client_id: String,
    user: Option<String>,
    password: Option<Vec<u8>>,
    keep_alive_s: u16,
}

/// Hears CONNECT and asks the gate. A refusal is left in the line's output, where the standard has
/// words for it.
pub(super) async fn cross<S: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Line<'_, S>,
    peer: IpAddr,
    door: &Door,
) -> Result<(Login, Duration), Ending> {
    let limits = &door.limits;
    let first = poll_fn(|cx| {
        loop {
            let mut first = None;
            let hear = |bytes: &[u8], out: &mut BytesMut| {
                hear(bytes, limits.connect_bytes, out, &mut first)
            };
            match ready!(line.poll_read(cx, hear)) {
                Ok(true) => {}
                _ => return Poll::Ready(Err(Ending::Gone)),
            }
            if let Some(first) = first {
                return Poll::Ready(first);
            }
        }
    });
    let first = timeout(limits.handshake, first).await;
    let asking = first.unwrap_or(Err(Ending::SlowHandshake))?;
    let caller = Caller {
        user: asking.user.as_deref(),
        password: asking.password.as_deref(),
        client_id: &asking.client_id,
        peer,
    };
    let judged = timeout(limits.gate, door.gate.admit(caller)).await;
    let login = judged.unwrap_or(Err(Denial::Busy)).map_err(|denial| {
        let (ending, code) = match denial {
            Denial::WrongSecret => (Ending::WrongSecret, ConnectCode::BadCredentials),
            Denial::NotAllowed => (Ending::NotAllowed, ConnectCode::NotAuthorized),
            Denial::Busy => (Ending::Busy, ConnectCode::Unavailable),
        };
        answer(code, &mut line.out);
        ending
    })?;
    answer(ConnectCode::Accepted, &mut line.out);
    Ok((login, silence(asking.keep_alive_s, limits.silence)))
}

/// One and a half times the keep-alive, \[MQTT-3.1.2-24\], but no longer than `most`.
fn silence(keep_alive_s: u16, most: Duration) -> Duration {
    match keep_alive_s {
        0 => most,
        seconds => most.min(Duration::from_secs(seconds.into()) * 3 / 2),
    }
}

/// Puts into `first` what the first packet comes to, once it is there; gives how many bytes it was.
fn hear(
    bytes: &[u8],
    most: usize,
    out: &mut BytesMut,
    first: &mut Option<Result<Asking, Ending>>,
) -> usize {
    let is_connect = bytes.first().is_some_and(|byte| byte >> 4 == 1);
    match Packet::read(bytes, most) {
        _ if !is_connect => *first = Some(Err(Ending::NoConnect)),
        Ok(Some((Packet::Connect(connect), length))) => {
            *first = Some(asking(&connect, out));
            return length;
        }
        Ok(None) => {}
        Err(Malformed::Version(5)) => {
            // CONNACK of version 5: no session, unsupported protocol version, no properties.
            out.put_slice(&[0x20, 3, 0, 0x84, 0]);
            *first = Some(Err(Ending::Version));
        }
        Err(Malformed::Version(_)) => {
            answer(ConnectCode::UnacceptableVersion, out);
            *first = Some(Err(Ending::Version));
        }
        Ok(Some(_)) => *first = Some(Err(Ending::NoConnect)),
        Err(malformed) => *first = Some(Err(malformed.into())),
    }
    0
}

/// What the door says itself, before anybody asks the gate. A session to be kept is begun afresh: the
/// inbox remembers what matters of it.
fn asking(connect: &Connect<'_>, out: &mut BytesMut) -> Result<Asking, Ending> {
    if connect.will.is_some() {
        answer(ConnectCode::NotAuthorized, out);
        return Err(Ending::Will);
    }
    if connect.client_id.is_empty() && !connect.clean_session {
        answer(ConnectCode::IdRejected, out); // [MQTT-3.1.3-8]
        return Err(Ending::ClientId);
    }
    Ok(Asking {
        client_id: connect.client_id.to_owned(),
        user: connect.user.map(str::to_owned),
        password: connect.password.map(<[u8]>::to_vec),
        keep_alive_s: connect.keep_alive_s,
    })
}

fn answer(code: ConnectCode, out: &mut BytesMut) {
    let packet = Packet::ConnAck {
        session_present: false,
        code,
    };
    packet.write(out);
}
