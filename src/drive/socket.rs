//! Sockets: many of them, from several source addresses, with their bytes counted.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};

use super::tally::Tally;

/// Where sockets lead, and where they come from.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// The door.
    pub to: SocketAddr,
    /// So many source addresses from 127.0.0.2 on, in turn; 0 leaves it to the system. One address
    /// reaches one door over about 28,000 ports.
    pub sources: u8,
}

impl Route {
    /// Connects the socket of that number.
    ///
    /// # Errors
    /// When the door does not take it, or there is no descriptor or port left.
    pub async fn connect(&self, number: u32) -> io::Result<TcpStream> {
        let socket = match self.to {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if self.sources > 0 {
            let last = 2 + (number % u32::from(self.sources)) as u8;
            let source = IpAddr::V4(Ipv4Addr::new(127, 0, 0, last));
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(self.to).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// A stream whose bytes are counted.
pub struct Counted {
    stream: TcpStream,
    tally: Arc<Tally>,
}

impl Counted {
    /// Counts the bytes of a stream.
    pub fn new(stream: TcpStream, tally: Arc<Tally>) -> Self {
        Self { stream, tally }
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let heard = (buf.filled().len() - before) as u64;
        self.tally.heard_bytes.fetch_add(heard, Relaxed);
        polled
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if let Poll::Ready(Ok(sent)) = polled {
            self.tally.sent_bytes.fetch_add(sent as u64, Relaxed);
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(sent)) = polled {
            self.tally.sent_bytes.fetch_add(sent as u64, Relaxed);
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
