//! HTTP/1.1 on a socket of our own: bounded in connections and in time at every step.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ingest::door;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::Peer;

/// Time for a TLS handshake, and for the head of a request.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// How long after a failure to accept the next attempt is made: descriptors may have run out.
const PAUSE: Duration = Duration::from_millis(50);

/// A bound listener and its real address.
pub(in crate::serve) struct Listening {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    connections: usize,
    /// Where it listens: the real port for port 0.
    pub(in crate::serve) address: SocketAddr,
}

/// Binds an address.
///
/// # Errors
/// When it cannot be had.
pub(in crate::serve) fn listen(
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    connections: usize,
) -> anyhow::Result<Listening> {
    let listener =
        door::bind(address).with_context(|| format!("cannot listen for HTTP on {address}"))?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    Ok(Listening {
        listener,
        tls,
        connections,
        address,
    })
}

impl Listening {
    /// Serves until it is told to stop.
    pub(in crate::serve) async fn serve(self, router: Router, mut stop: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(self.connections));
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            let Ok((stream, peer)) = accepted else {
                sleep(PAUSE).await;
                continue;
            };
            let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
                continue;
            };
            // A small answer is sent at once.
            let _ = stream.set_nodelay(true);
            let (router, tls) = (router.clone(), self.tls.clone());
            tokio::spawn(async move {
                let _place = place;
                let peer = peer.ip().to_canonical();
                match tls {
                    None => one(stream, peer, router).await,
                    Some(tls) => {
                        if let Ok(Ok(stream)) = timeout(HANDSHAKE, tls.accept(stream)).await {
                            one(stream, peer, router).await;
                        }
                    }
                }
            });
        }
    }
}

/// Serves one connection.
async fn one(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: IpAddr,
    router: Router,
) {
    let service = tower_service_fn(router, peer);
    // A client that broke off hears nothing of it.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HANDSHAKE)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}

/// The router, told where each request comes from.
fn tower_service_fn(
    router: Router,
    peer: IpAddr,
) -> impl hyper::service::Service<
    hyper::Request<hyper::body::Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    let router = TowerToHyperService::new(router);
    hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        hyper::service::Service::call(&router, request)
    })
}
