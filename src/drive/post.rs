//! A phone on HTTP: `POST /v1/batches` over one connection that is kept alive.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use ingest::ack::Ack;
use ingest::outbox::Send;
use serde::Deserialize;
use tokio::sync::watch;

use super::login::Login;
use super::phone::Phone;
use super::run::{Patience, Run};
use super::socket::{Counted, Route};
use super::tally::Tally;

/// What the server answers to a request that it took.
#[derive(Deserialize)]
struct Answer {
    acks: Vec<Ack>,
}

/// No answer is longer: acks of a few trips.
const MOST_ANSWER_BYTES: usize = 1_000_000;

/// A request without an answer is given up after this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]

pub(super) enum PostError {
    /// The network.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The server does not speak HTTP as we do.
    #[error("not HTTP: {0}")]
    Http(#[from] hyper::Error),
    /// There is no answer.
    #[error("the server is silent")]
    Silent,
    /// The server knows no such device, or not this secret.
    #[error("refused: 401")]
    Unauthorized,
    /// The request is larger than the server takes.
    #[error("too large: 413")]
    TooLarge,
    /// Not now, but after so many seconds where it says so.
    #[error("busy: 503")]
    Busy(Option<u64>),
    /// Another status.
    #[error("status {}", .0.as_u16())]
    Status(StatusCode),
    /// The body of a 200 is no answer.
    #[error("the answer is none")]
    Answer,
}

impl PostError {
    /// What went wrong, the same words for every phone.
    fn kind(&self) -> String {
        match self {
            Self::Io(error) => error.kind().to_string(),
            other => other.to_string(),
        }
    }
}

/// Plays a phone to its end, and gives back what became of it.
pub(super) async fn play(mut phone: Phone, login: Login, number: u32, run: &Run) -> Phone {
    let mut stop = run.stop.clone();
    let mut patience = Patience::new(run);
    let mut tries = 0;
    // One message at a time for a server that found a request too large.
    let mut most = usize::MAX;
    loop {
        let mut talk = Talk {
            login: &login,
            number,
            run,
            sender: None,
            most,
        };
        let went = talk
            .go_on(&mut phone, &mut patience, &mut stop, &mut tries)
            .await;
        let away_us = match went {
            Ok(None) => return phone,
            Ok(Some(away_us)) => away_us,
            Err(error) => {
                run.tally.trouble(&error.kind());
                match error {
                    PostError::Unauthorized => return phone,
                    PostError::TooLarge if most == 1 => return phone,
                    PostError::TooLarge => most = 1,
                    _ => {}
                }
                tries += 1;
                match error {
                    PostError::Busy(Some(seconds)) => {
                        1_000_000 * seconds as i64 + phone.comes_back_us(0)
                    }
                    _ => phone.comes_back_us(tries),
                }
            }
        };
        phone.outbox.lost();
        if !run
            .pause(away_us, &mut phone, &mut patience, &mut stop)
            .await
        {
            return phone;
        }
    }
}

/// A connection that is made when it is needed.
struct Talk<'a> {
    login: &'a Login,
    number: u32,
    run: &'a Run,
    sender: Option<SendRequest<Full<Bytes>>>,
    most: usize,
}

impl Talk<'_> {
    /// Posts until the phone breaks off, for so many µs, or is at its end.
    async fn go_on(
        &mut self,
        phone: &mut Phone,
        patience: &mut Patience,
        stop: &mut watch::Receiver<bool>,
        tries: &mut u32,
    ) -> Result<Option<i64>, PostError> {
        let begin_us = self.run.clock.now_us();
        phone.outbox.reachable();
        let _on_air = self.run.on_air();
        let broken = phone.next_break_us();
        loop {
            let now_us = self.run.clock.now_us();
            if *stop.borrow_and_update() {
                phone.stop(now_us);
            }
            phone.make(now_us);
            let mut messages = vec![];
            while messages.len() < self.most
                && let Some((Send::Message(letter), times)) = phone.poll(now_us)
            {
                (0..times).for_each(|_| messages.push(letter.payload.clone()));
            }
            if !messages.is_empty() {
                let posting = tokio::time::timeout(PATIENCE, self.post(&messages));
                let answer = posting.await.unwrap_or(Err(PostError::Silent))?;
                let heard_us = self.run.clock.now_us();
                answer
                    .acks
                    .iter()
                    .for_each(|ack| phone.heard(ack, heard_us));
                *tries = 0;
                continue;
            }
            if phone.is_done() || patience.is_over(phone, now_us) {
                return Ok(None);
            }
            let break_us = broken.map(|(stay_us, _)| begin_us + stay_us);
            match broken {
                Some((stay_us, away_us)) if begin_us + stay_us <= now_us => {
                    return Ok(Some(away_us));
                }
                _ => {}
            }
            let next_us = [
                phone.next_us(),
                phone.outbox.next_deadline(),
                break_us,
                patience.end_us(phone),
            ];
            let next_us = next_us.into_iter().flatten().min().unwrap_or(i64::MAX);
            tokio::select! {
                () = tokio::time::sleep_until(self.run.clock.instant(next_us)) => {}
                _ = stop.changed() => {}
            }
        }
    }

    async fn post(&mut self, messages: &[Bytes]) -> Result<Answer, PostError> {
        let now_us = self.run.clock.now_us();
        let login = format!("{}:{}", self.login.user, self.login.secret);
        let request = Request::post("/v1/batches")
            .header(HOST, self.run.route.to.to_string())
            .header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(login)))
            .header("X-Jounce-Now-Us", now_us)
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(Full::new(body(messages)))
            .expect("the address has no character that a header cannot have");
        let sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => {
                let begin_us = self.run.clock.now_us();
                let sender = connect(&self.run.route, self.number, &self.run.tally).await?;
                self.run
                    .tally
                    .connect
                    .add(self.run.clock.now_us() - begin_us);
                sender
            }
        };
        let sender = self.sender.insert(sender);
        let response = sender.send_request(request).await?;
        let wait = response.headers().get(RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.trim().parse().ok());
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED => return Err(PostError::Unauthorized),
            StatusCode::PAYLOAD_TOO_LARGE => return Err(PostError::TooLarge),
            StatusCode::SERVICE_UNAVAILABLE => return Err(PostError::Busy(wait)),
            other => return Err(PostError::Status(other)),
        }
        let body = Limited::new(response.into_body(), MOST_ANSWER_BYTES).collect();
        let body = body.await.map_err(|_| PostError::Answer)?.to_bytes();
        serde_json::from_slice(&body).map_err(|_| PostError::Answer)
    }
}

/// A connection to a server of HTTP.
///
/// # Errors
/// When there is none.
pub(super) async fn connect(
    route: &Route,
    number: u32,
    tally: &std::sync::Arc<Tally>,
) -> Result<SendRequest<Full<Bytes>>, PostError> {
    let stream = route.connect(number).await?;
    let stream = Counted::new(stream, std::sync::Arc::clone(tally));
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    // It ends with its sender; what went wrong with it is told to who sent.
    tokio::spawn(connection);
    Ok(sender)
}

/// The body of a request: a message alone as it is, several as a CBOR array of byte strings.
fn body(messages: &[Bytes]) -> Bytes {
    if let [alone] = messages {
        return alone.clone();
    }
    let mut body = BytesMut::new();
    cbor_head(&mut body, 4, messages.len());
    for message in messages {
        cbor_head(&mut body, 2, message.len());
        body.put_slice(message);
    }
    body.freeze()
}

/// The head of an item of that major type and length. Source: RFC 8949, 3.
fn cbor_head(out: &mut BytesMut, major: u8, length: usize) {
    match length {
        0..24 => out.put_u8(major << 5 | length as u8),
        24..0x100 => out.put_slice(&[major << 5 | 24, length as u8]),
        0x100..0x1_0000 => {
            out.put_u8(major << 5 | 25);
            out.put_u16(length as u16);
        }
        _ => {
            out.put_u8(major << 5 | 26);
            out.put_u32(length as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_messages_are_a_list_of_byte_strings_and_one_is_itself() {
        let long = Bytes::from(vec![7; 300]);
        let short = Bytes::from_static(b"{}");
        assert_eq!(body(std::slice::from_ref(&short)), short);
        let several = body(&[short, long]);
        assert_eq!(several[..7], *b"\x82\x42{}\x59\x01\x2c");
        assert_eq!(several.len(), 7 + 300);
    }
}
