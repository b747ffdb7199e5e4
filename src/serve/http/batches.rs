//! `POST /v1/batches`: the second door to the same inbox.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ingest::ack::Ack;
use ingest::clock::now_us;
use ingest::devices::LoginError;
use ingest::door::Login;
use ingest::inbox::{self, Answer, Letter, Outcome, Put};
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::{Peer, Shared, body};

mod split;

/// The largest request, bytes.
const MAX_REQUEST_BYTES: usize = 4 << 20;

/// How long a request waits for room in the inbox, and for the disk.
const PATIENCE: Duration = Duration::from_secs(15);

/// When a phone that could not be served may try again, seconds.
const RETRY_S: u32 = 10;

/// What is answered.
#[derive(Debug, Serialize)]
struct Acks {
    acks: Vec<Ack>,
    server_us: i64,
}

/// Takes messages in, and answers when they are on disk.
pub(super) async fn post(
    State(shared): State<Arc<Shared>>,
    Peer(peer): Peer,
    request: Request,
) -> Response {
    let (Parts { headers, .. }, body) = request.into_parts();
    let login = match login(&shared, &headers, peer) {
        Ok(login) => login,
        Err(refusal) => return body::refused(&headers, body, *refusal).await,
    };
    let body = match body::whole(&headers, body, MAX_REQUEST_BYTES).await {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let received_us = now_us();
    let Some(messages) = split::messages(&body) else {
        return (
            StatusCode::PAYLOAD_TOO_LARGE,
            "too many messages in one request\n",
        )
            .into_response();
    };
    let mut letters: Vec<Letter> = messages
        .into_iter()
        .flat_map(|message| (shared.read)(message, &login.device, received_us))
        .collect();
    if let Some(ahead_us) = ahead_us(&headers, received_us) {
        let trips = letters.iter().filter_map(trip_of).collect();
        letters.push(Letter::Hello { ahead_us, trips });
    }
    let (reply, answers) = mpsc::unbounded_channel();
    let count = letters.len();
    for (token, letter) in (0..).zip(letters) {
        let put = Put {
            device: Arc::clone(&login.device),
            received_us,
            letter,
            token,
            reply: reply.clone(),
            room: None,
        };
        match timeout(PATIENCE, shared.slot.put(put)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return busy(),
        }
    }
    match timeout(PATIENCE, acks(answers, count)).await {
        Ok(Some(acks)) => Json(Acks {
            acks,
            server_us: received_us,
        })
        .into_response(),
        // What is on disk by now is acked when the phone sends it again.
        Ok(None) | Err(_) => busy(),
    }
}

/// Who sends, by `Authorization: Basic device:secret`.
fn login(shared: &Shared, headers: &HeaderMap, peer: IpAddr) -> Result<Login, Box<Response>> {
    let (user, secret) = credentials(headers)?;
    let login = shared.keeper.login(&user, secret.as_bytes(), peer);
    login.map_err(|error| match error {
        LoginError::Paused { retry_s } => Box::new(later(retry_s)),
        error => Box::new(unauthorized(&format!("{error}\n"))),
    })
}

/// The credentials of a request.
fn given(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let text = BASE64_STANDARD.decode(text.strip_prefix("Basic ")?.trim());
    let text = String::from_utf8(text.ok()?).ok()?;
    let (user, secret) = text.split_once(':')?;
    Some((user.to_owned(), secret.to_owned()))
}

/// The same, for those who show a secret to have another.
pub(super) fn credentials(headers: &HeaderMap) -> Result<(String, String), Box<Response>> {
    let text = "send Authorization: Basic device:secret\n";
    given(headers).ok_or_else(|| Box::new(unauthorized(text)))
}

fn unauthorized(text: &str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"jounce\"")];
    (StatusCode::UNAUTHORIZED, challenge, text.to_owned()).into_response()
}

/// Nothing was promised: come again.
pub(super) fn busy() -> Response {
    later(RETRY_S)
}

pub(super) fn later(seconds: u32) -> Response {
    let retry = [(header::RETRY_AFTER, seconds.to_string())];
    let text = "not now: keep your messages and send them again\n";
    (StatusCode::SERVICE_UNAVAILABLE, retry, text).into_response()
}

/// How far the phone's clock is ahead, from what it says its time is.
fn ahead_us(headers: &HeaderMap, received_us: i64) -> Option<i64> {
    let now_us: i64 = headers
        .get("x-jounce-now-us")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    now_us.checked_sub(received_us)
}

fn trip_of(letter: &Letter) -> Option<trip::TripId> {
    match letter {
        Letter::Message { trip, .. } => Some(*trip),
        _ => None,
    }
}

/// The acks of so many answers, one a trip; `None` when the disk does not take it.
async fn acks(mut answers: mpsc::UnboundedReceiver<Answer>, count: usize) -> Option<Vec<Ack>> {
    let mut acks = inbox::Acks::default();
    for _ in 0..count {
        let outcome = answers.recv().await?.outcome;
        if outcome == Outcome::Trouble {
            return None;
        }
        // The time stands once in the answer, beside the acks.
        acks.tell(outcome, None);
    }
    Some(acks.take().collect())
}
