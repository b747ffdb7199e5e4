//! The listener: accepts connections over TCP, with or without TLS.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::counters::add;
use super::{Door, Ending};

/// Connections that the system holds until they are accepted: a reconnect storm of a city must not
/// overflow it. The system may cap it (Linux: `net.core.somaxconn`, 4096).
const BACKLOG: i32 = 4_096;

/// How long the listener waits when the system has no descriptor left.
const PAUSE: Duration = Duration::from_millis(100);

/// A listener on that address; port 0 takes a free one, which `local_addr` tells.
///
/// # Errors
/// When the address cannot be had.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Serves all who come, until the door stops; then waits for those who are in. With `tls` everybody
/// must speak TLS.
pub async fn listen(listener: TcpListener, tls: Option<TlsAcceptor>, door: Arc<Door>) {
    let (inside, mut all_left) = mpsc::channel::<()>(1);
    let mut stopping = pin!(door.stopping());
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stopping => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let (door, tls, inside) = (Arc::clone(&door), tls.clone(), inside.clone());
                match tls {
                    None => drop(tokio::spawn(async move {
                        plain(stream, peer, &door).await;
                        drop(inside);
                    })),
                    Some(tls) => drop(tokio::spawn(async move {
                        encrypted(stream, peer, &tls, &door).await;
                        drop(inside);
                    })),
                }
            }
            Err(error) => {
                add(&door.counters.accept_errors, 1);
                if !concerns_one_connection(&error) {
                    tracing::warn!(error = %error.kind(), "cannot accept connections for now");
                    sleep(PAUSE).await;
                }
            }
        }
    }
    drop((listener, inside));
    // Each connection bounds its own farewell; nobody sends here.
    let _ = all_left.recv().await;
}

/// Whether accepting failed because of whoever came, not because of this machine.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}

async fn plain(stream: TcpStream, peer: SocketAddr, door: &Door) {
    // Answers are small and must not wait for each other; where that cannot be had they are late.
    let _ = stream.set_nodelay(true);
    super::serve_connection(stream, peer.ip(), door).await;
}

async fn encrypted(stream: TcpStream, peer: SocketAddr, tls: &TlsAcceptor, door: &Door) {
    let _ = stream.set_nodelay(true);
    door.count(async {
        let place = door.take_place(peer.ip())?;
        let handshake = timeout(door.limits.handshake, tls.accept(stream));
        let handshake = tokio::select! {
            handshake = handshake => handshake.map_err(|_| Ending::SlowHandshake)?,
            () = door.stopping() => return Err(Ending::Stopping),
        };
        let stream = handshake.map_err(|_| Ending::Tls)?;
        door.serve(stream, peer.ip(), place).await;
        Ok(())
    })
    .await;
}
