//! The HTTP side: batches, enrolment, MQTT over WebSocket, and how the server is.
//!
//! | path | for |
//! | --- | --- |
//! | `POST /v1/batches` | phones without MQTT |
//! | `GET /mqtt` | MQTT over WebSocket, sub-protocol `mqtt` |
//! | `POST /v1/devices`, `POST /v1/devices/renew` | enrolment |
//! | `POST /v1/trips/forget`, `POST /v1/devices/forget` | whoever has the secret of a trip, or of a device, and withdraws |
//! | `GET /healthz`, `/readyz`, `/metrics` | operators |

mod batches;
mod body;
mod devices;
mod listener;
mod metrics;
mod status;

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use ingest::bridge;
use ingest::devices::Keeper;
use ingest::door::Door;
use ingest::inbox::{Inbox, Letter, Slot};
use trip::DeviceId;

pub(super) use listener::listen;

use super::cartographer::Cartographer;
use super::clerk::Progress;
use super::settings::Settings;
use super::websocket::Frames;

/// What the handlers share.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) slot: Slot,
    pub(super) inbox: Arc<Inbox>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) door: Arc<Door>,
    pub(super) bridge: Option<Arc<bridge::Counters>>,
    pub(super) map: Cartographer,
    pub(super) progress: Arc<Progress>,
    pub(super) read: fn(Bytes, &DeviceId, i64) -> Vec<Letter>,
    pub(super) stopping: Arc<AtomicBool>,
}

/// Where a request comes from; put beside every request by the listener.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Self(IpAddr::from([0, 0, 0, 0]));
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(unknown))
    }
}

/// The largest WebSocket frame, bytes: an MQTT packet and its head.
const MAX_FRAME_BYTES: usize = 512 * 1024;

/// All paths.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(status::page))
        .route("/healthz", get(status::health))
        .route("/readyz", get(status::ready))
        .route("/metrics", get(metrics::metrics))
        .route("/v1/batches", post(batches::post))
        .route("/v1/devices", post(devices::enrol))
        .route("/v1/devices/renew", post(devices::renew))
        .route("/v1/devices/forget", post(devices::forget_device))
        .route("/v1/trips/forget", post(devices::forget_trip))
        .route("/mqtt", get(mqtt))
        .with_state(shared)
}

/// MQTT over WebSocket.
async fn mqtt(
    State(shared): State<Arc<Shared>>,
    Peer(peer): Peer,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let asked = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let mut names = asked
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','));
    if !names.any(|name| name.trim().eq_ignore_ascii_case("mqtt")) {
        return (StatusCode::BAD_REQUEST, "the sub-protocol here is mqtt\n").into_response();
    }
    upgrade
        .protocols(["mqtt"])
        .read_buffer_size(4 * 1024)
        .write_buffer_size(0)
        .max_message_size(MAX_FRAME_BYTES)
        .max_frame_size(MAX_FRAME_BYTES)
        .on_upgrade(move |socket| async move {
            let door = Arc::clone(&shared.door);
            ingest::door::serve_connection(Frames::new(socket), peer, &door).await;
        })
}
