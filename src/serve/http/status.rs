//! `/healthz`, `/readyz` and the page at `/`.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::Shared;

/// The process lives.
pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// Whether messages are taken in, and if not, why.
#[derive(Debug, Serialize)]
struct Ready {
    ready: bool,
    alarms: Vec<String>,
}

pub(super) async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    let mut alarms = Vec::new();
    if let Some(trouble) = shared.inbox.trouble() {
        alarms.push(format!("inbox: {trouble}; phones keep what they have"));
    }
    if let Some(trouble) = shared.map.standing().trouble() {
        alarms.push(format!("map: {trouble}; trips wait in the inbox"));
    }
    if shared.stopping.load(Ordering::Relaxed) {
        alarms.push("the server is going down".to_owned());
    }
    let ready = alarms.is_empty();
    let code = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (code, Json(Ready { ready, alarms })).into_response()
}

/// What this is, for whoever opens the address in a browser.
pub(super) async fn page(State(shared): State<Arc<Shared>>) -> Html<String> {
    let operator = &shared.settings.operator;
    let name = operator
        .name
        .as_deref()
        .unwrap_or("a jounce server on trial");
    Html(PAGE.replace("{operator}", &escaped(name)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

const PAGE: &str = include_str!("page.html");
