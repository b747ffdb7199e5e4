//! Enrolment and renewal of devices, and withdrawal: of a trip by its secret, of a device by its own.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ingest::devices::{Credential, EnrolError, JoinError, LoginError, RenewError, RenewalError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::batches::{busy, credentials, later};
use super::body::Asked;
use super::{Peer, Shared};

/// What a collector shows.
#[derive(Debug, Deserialize)]
pub(super) struct Enrol {
    /// The code of an invitation.
    code: String,
}

/// What it gets.
#[derive(Debug, Serialize)]
struct Enrolled {
    id: String,
    secret: String,
    /// The topic to publish on.
    up: String,
    /// The topic to hear acks on.
    ack: String,
    urls: Urls,
    /// The last day of the credential, UTC; renew it before.
    expires: String,
}

/// Where to send.
#[derive(Debug, Serialize)]
struct Urls {
    websocket: String,
    post: String,
}

/// Trades a code for a credential.
pub(super) async fn enrol(
    State(shared): State<Arc<Shared>>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Asked(asked): Asked<Enrol>,
) -> Response {
    if let Err(missing) = shared.settings.operator.answers() {
        return (StatusCode::SERVICE_UNAVAILABLE, format!("{missing}\n")).into_response();
    }
    let keeper = Arc::clone(&shared);
    let enrol = move || keeper.keeper.enrol(&asked.code, peer);
    match tokio::task::spawn_blocking(enrol).await {
        Ok(Ok(credential)) => (
            StatusCode::CREATED,
            Json(enrolled(&shared, &headers, &credential)),
        )
            .into_response(),
        Ok(Err(JoinError::Paused { retry_s })) => later(retry_s),
        Ok(Err(JoinError::Refused(EnrolError::Registry(_)))) | Err(_) => busy(),
        Ok(Err(error)) => (StatusCode::FORBIDDEN, format!("{error}\n")).into_response(),
    }
}

/// Swaps a credential for a new one; the old one may finish its trips.
pub(super) async fn renew(
    State(shared): State<Arc<Shared>>,
    Peer(peer): Peer,
    headers: HeaderMap,
) -> Response {
    let (user, secret) = match credentials(&headers) {
        Ok(given) => given,
        Err(refusal) => return *refusal,
    };
    let keeper = Arc::clone(&shared);
    let renew = move || keeper.keeper.renew(&user, secret.as_bytes(), peer);
    match tokio::task::spawn_blocking(renew).await {
        Ok(Ok(credential)) => Json(enrolled(&shared, &headers, &credential)).into_response(),
        Ok(Err(RenewalError::Login(LoginError::Paused { retry_s }))) => later(retry_s),
        Ok(Err(RenewalError::Registry(RenewError::Registry(_)))) | Err(_) => busy(),
        Ok(Err(error)) => (StatusCode::UNAUTHORIZED, format!("{error}\n")).into_response(),
    }
}

/// What a collector needs to know.
fn enrolled(shared: &Shared, headers: &HeaderMap, credential: &Credential) -> Enrolled {
    let host = headers.get(header::HOST).and_then(|it| it.to_str().ok());
    let host = host.unwrap_or("localhost");
    let server = &shared.settings.server;
    let http = if server.tls_cert.is_some() {
        "https"
    } else {
        "http"
    };
    let base = server
        .url
        .clone()
        .unwrap_or_else(|| format!("{http}://{host}"));
    let base = base.trim_end_matches('/');
    let websocket = base.replacen("http", "ws", 1);
    let id = credential.id.as_str().to_owned();
    Enrolled {
        up: format!("jounce/v1/{id}/up"),
        ack: format!("jounce/v1/{id}/ack"),
        urls: Urls {
            websocket: format!("{websocket}/mqtt"),
            post: format!("{base}/v1/batches"),
        },
        expires: jiff::civil::Date::constant(1970, 1, 1)
            .checked_add(jiff::Span::new().days(credential.expires_day))
            .map_or_else(|_| String::new(), |day| day.to_string()),
        secret: credential.secret.as_str().to_owned(),
        id,
    }
}

/// Whoever shows a trip's secret may withdraw the trip.
#[derive(Debug, Deserialize)]
pub(super) struct ForgetTrip {
    secret: String,
}

pub(super) async fn forget_trip(
    State(shared): State<Arc<Shared>>,
    Asked(asked): Asked<ForgetTrip>,
) -> Response {
    let claim: [u8; 32] = Sha256::digest(asked.secret.as_bytes()).into();
    let forget = move || crate::serve::forget::by_claim(&shared.inbox, &shared.map, &claim);
    match tokio::task::spawn_blocking(forget).await {
        Ok(Ok(0)) => (StatusCode::NOT_FOUND, "no trip here has that secret\n").into_response(),
        Ok(Ok(_)) => (StatusCode::OK, "the trip is erased\n").into_response(),
        Ok(Err(_)) | Err(_) => busy(),
    }
}

/// Whoever has a device's secret may withdraw everything that it said. It is shut out first, so that
/// nothing comes after.
pub(super) async fn forget_device(
    State(shared): State<Arc<Shared>>,
    Peer(peer): Peer,
    headers: HeaderMap,
) -> Response {
    let (user, secret) = match credentials(&headers) {
        Ok(given) => given,
        Err(refusal) => return *refusal,
    };
    let forget = move || {
        let device = match shared.keeper.leave(&user, secret.as_bytes(), peer) {
            Ok(device) => device,
            Err(RenewalError::Login(LoginError::Paused { retry_s })) => return later(retry_s),
            Err(RenewalError::Registry(_)) => return busy(),
            Err(error) => return (StatusCode::UNAUTHORIZED, format!("{error}\n")).into_response(),
        };
        match crate::serve::forget::by_device(&shared.inbox, &shared.map, &device) {
            Ok(_) => (
                StatusCode::OK,
                "everything that it said is erased, and it is let in no more\n",
            )
                .into_response(),
            Err(_) => busy(),
        }
    };
    let forgotten = tokio::task::spawn_blocking(forget).await;
    forgotten.unwrap_or_else(|_| busy())
}
