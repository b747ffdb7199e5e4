//! Enrolment: an invitation traded in for a login.

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};

use super::login::{Enrolled, Login};
use super::post;
use super::socket::Route;
use super::tally::Tally;

/// Enrols so many phones by one invitation, one after the other.
///
/// # Errors
/// When the server cannot be reached or does not take the invitation.
pub async fn enrol(
    route: &Route,
    invitation: &str,
    phones: u32,
    tally: &Arc<Tally>,
) -> anyhow::Result<Vec<Login>> {
    let mut sender = post::connect(route, 0, tally).await?;
    let body = serde_json::json!({ "code": invitation }).to_string();
    let mut logins = vec![];
    for number in 0..phones {
        let cannot = || format!("cannot enrol phone {} of {phones}", number + 1);
        if sender.ready().await.is_err() {
            sender = post::connect(route, 0, tally).await.with_context(cannot)?;
        }
        let request = Request::post("/v1/devices")
            .header(HOST, route.to.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.clone())))?;
        let response = sender.send_request(request).await.with_context(cannot)?;
        let status = response.status();
        let answer = response.into_body().collect().await.with_context(cannot)?;
        anyhow::ensure!(
            matches!(status, StatusCode::OK | StatusCode::CREATED),
            "{}: status {}",
            cannot(),
            status.as_u16()
        );
        let enrolled: Enrolled = serde_json::from_slice(&answer.to_bytes())
            .context("the server's answer to an enrolment is none")?;
        logins.push(enrolled.into());
    }
    Ok(logins)
}
