//! A door for `POST /v1/batches`, with whims.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine as _;

use super::server::{Server, now_us};

/// What it does instead of taking a request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whims {
    /// Answers so many requests with 503 first.
    pub(super) busy: u32,
    /// Takes so many messages in one request; 0 for any number.
    pub(super) most_messages: usize,
}

pub(super) struct Door {
    address: std::net::SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Inside {
    server: Arc<Mutex<Server>>,
    whims: Whims,
    requests: Arc<AtomicU32>,
}

impl Door {
    pub(super) fn open(server: &Arc<Mutex<Server>>, whims: Whims) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new()
            .route("/v1/batches", post(take))
            .with_state(Inside {
                server: Arc::clone(server),
                whims,
                requests: Arc::default(),
            });
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            _runtime: runtime,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn take(State(inside): State<Inside>, headers: HeaderMap, body: Bytes) -> Response {
    let number = inside.requests.fetch_add(1, Ordering::Relaxed);
    let text = |name: &str| headers[name].to_str().unwrap();
    let login = text("authorization").strip_prefix("Basic ").unwrap();
    let login = base64::engine::general_purpose::STANDARD.decode(login);
    let login = String::from_utf8(login.unwrap()).unwrap();
    let (device, secret) = login.split_once(':').unwrap();
    if secret == "wrong" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let ahead_us = text("x-jounce-now-us").parse::<i64>().unwrap() - now_us();
    assert!(ahead_us.abs() < 10_000_000, "{ahead_us}");
    if number < inside.whims.busy {
        let wait = [("retry-after", "0")];
        return (StatusCode::SERVICE_UNAVAILABLE, wait).into_response();
    }
    let messages = messages(&body);
    if inside.whims.most_messages > 0 && inside.whims.most_messages < messages.len() {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let mut server = inside.server.lock().unwrap();
    let acks = messages.iter().flat_map(|it| server.take(device, it));
    let acks: Vec<_> = acks.collect();
    let answer = serde_json::json!({ "acks": acks, "server_us": now_us() });
    answer.to_string().into_response()
}

/// The messages of a body: one, or a CBOR array of byte strings.
fn messages(body: &[u8]) -> Vec<&[u8]> {
    let Some(&first) = body.first() else {
        return vec![];
    };
    if first >> 5 != 4 {
        return vec![body];
    }
    let (count, mut rest) = match first {
        0x98 => (usize::from(body[1]), &body[2..]),
        _ => (usize::from(first & 31), &body[1..]),
    };
    let mut messages = vec![];
    for _ in 0..count {
        let (head, after) = rest.split_first().unwrap();
        let (length, after) = match head {
            0x40..0x58 => (usize::from(head & 31), after),
            0x58 => (usize::from(after[0]), &after[1..]),
            0x59 => (
                usize::from(after[0]) << 8 | usize::from(after[1]),
                &after[2..],
            ),
            _ => panic!("a byte string, not {head:x}"),
        };
        messages.push(&after[..length]);
        rest = &after[length..];
    }
    messages
}
