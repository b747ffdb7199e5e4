//! The body of a request: no longer than is allowed, and in a time that is fair, so that nobody holds
//! a connection and memory by sending a byte now and then.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

/// How long a body may take: 4 MB at 1 Mbit/s, the edge of a cell.
const PATIENCE: Duration = Duration::from_secs(35);

/// How long, and for how many bytes, the other side is listened to that is refused, so that it reads why
/// before the network tells it that nobody listens any more.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 8 << 20;

/// The largest body that asks for something, bytes.
const MAX_ASKED_BYTES: usize = 4096;

/// A small body of JSON.
#[derive(Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Asked<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let bytes = whole(&parts.headers, body, MAX_ASKED_BYTES).await?;
        let asked = serde_json::from_slice(&bytes).map_err(|error| {
            let text = format!("the body is not the JSON that is expected: {error}\n");
            (StatusCode::BAD_REQUEST, text).into_response()
        })?;
        Ok(Self(asked))
    }
}

/// All of a body of at most so many bytes.
pub(super) async fn whole(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Response> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > most as u64) {
        return Err(refused(headers, body, too_large(most)).await);
    }
    match timeout(PATIENCE, Limited::new(body, most).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_large(most)),
        Ok(Err(_)) => Err((StatusCode::BAD_REQUEST, "the body broke off\n").into_response()),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body took too long\n").into_response()),
    }
}

fn too_large(most: usize) -> Response {
    let text = format!("at most {most} bytes in one request\n");
    (StatusCode::PAYLOAD_TOO_LARGE, text).into_response()
}

/// The refusal of a request whose body nobody needs.
pub(super) async fn refused(headers: &HeaderMap, body: Body, refusal: Response) -> Response {
    // Who asks first whether to send has sent nothing.
    if !headers.contains_key(header::EXPECT) {
        let mut body = Limited::new(body, LINGER_BYTES);
        let sink = async { while let Some(Ok(_)) = body.frame().await {} };
        // It is refused all the same when it goes on.
        let _ = timeout(LINGER, sink).await;
    }
    refusal
}
