//! The bytes of one connection, both ways.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::time::{Instant, timeout};

use super::Counters;
use super::counters::add;
use super::kept::Kept;

/// What one look at a socket reads at most, bytes. When the inbox is behind, a connection holds about
/// so much that it could not hand in.
const DESK_BYTES: usize = 16 * 1024;

/// Bytes of answers that need no memory of their own between two writes.
const SPARE_BYTES: usize = 512;

/// How long, and for how many bytes, the other side is listened to after the last word, so that
/// it reads that word before the network tells it that nobody listens any more.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1_000_000;

thread_local! {
    /// Every connection's bytes are laid out here first, so that an idle one needs no buffer.
    static DESK: RefCell<Box<[u8]>> = RefCell::new(vec![0; DESK_BYTES].into_boxed_slice());
}

/// A stream, what was read of it and not used, and what is to be written to it.
pub(super) struct Line<'d, S> {
    io: S,
    kept: Kept<'d>,
    /// What is to be written.
    pub(super) out: BytesMut,
    flushed: bool,
    /// When something came last.
    pub(super) heard: Instant,
    /// Since when there has been half a packet.
    pub(super) half_since: Option<Instant>,
    /// Since when nothing of `out` could be written.
    pub(super) unread_since: Option<Instant>,
    counters: &'d Counters,
}

impl<'d, S: AsyncRead + AsyncWrite + Unpin> Line<'d, S> {
    pub(super) fn new(io: S, kept: Kept<'d>, counters: &'d Counters) -> Self {
        Self {
            io,
            kept,
            out: BytesMut::new(),
            flushed: true,
            heard: Instant::now(),
            half_since: None,
            unread_since: None,
            counters,
        }
    }

    /// Reads once and shows `take` everything that there is; it says how many bytes it has used, and may
    /// answer. `false` when the other side has finished.
    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        take: impl FnOnce(&[u8], &mut BytesMut) -> usize,
    ) -> Poll<io::Result<bool>> {
        DESK.with_borrow_mut(|desk| {
            let mut buffer = ReadBuf::new(desk);
            ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
            let read = buffer.filled();
            if read.is_empty() {
                return Poll::Ready(Ok(false));
            }
            add(&self.counters.bytes_in, read.len() as u64);
            self.heard = Instant::now();
            if self.kept.bytes().is_empty() {
                let used = take(read, &mut self.out);
                self.kept.push(&read[used..]);
                self.half_since = None;
            } else {
                self.kept.push(read);
                self.use_kept(take);
            }
            if !self.kept.bytes().is_empty() {
                self.half_since.get_or_insert(self.heard);
            }
            Poll::Ready(Ok(true))
        })
    }

    /// Shows `take` what was read before and not used.
    pub(super) fn reread(&mut self, take: impl FnOnce(&[u8], &mut BytesMut) -> usize) {
        self.use_kept(take);
        self.heard = Instant::now();
        self.half_since = (!self.kept.bytes().is_empty()).then_some(self.heard);
    }

    fn use_kept(&mut self, take: impl FnOnce(&[u8], &mut BytesMut) -> usize) {
        let used = take(self.kept.bytes(), &mut self.out);
        if used > 0 {
            self.kept.drop_front(used);
            self.half_since = None;
        }
    }

    /// How many bytes wait to be used.
    pub(super) fn kept_bytes(&self) -> usize {
        self.kept.bytes().len()
    }

    /// Writes what is to be written.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            match Pin::new(&mut self.io).poll_write(cx, &self.out) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(written) => {
                    let written = written?;
                    add(&self.counters.bytes_out, written as u64);
                    self.out.advance(written);
                    self.unread_since = None;
                    self.flushed = false;
                }
                Poll::Pending => {
                    self.unread_since.get_or_insert_with(Instant::now);
                    return Poll::Pending;
                }
            }
        }
        if !self.flushed {
            ready!(Pin::new(&mut self.io).poll_flush(cx))?;
            self.flushed = true;
            if self.out.capacity() > SPARE_BYTES {
                self.out = BytesMut::new();
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes the last word, and hangs up once the other side has read it, or soon after.
    pub(super) async fn close(mut self) {
        let farewell = async {
            poll_fn(|cx| self.poll_flush(cx)).await?;
            self.io.shutdown().await?;
            let mut heard = 0;
            while heard < LINGER_BYTES {
                let count = poll_fn(|cx| {
                    DESK.with_borrow_mut(|desk| {
                        let mut buffer = ReadBuf::new(desk);
                        ready!(Pin::new(&mut self.io).poll_read(cx, &mut buffer))?;
                        Poll::Ready(io::Result::Ok(buffer.filled().len()))
                    })
                });
                match count.await? {
                    0 => break,
                    count => heard += count,
                }
            }
            io::Result::Ok(())
        };
        // The connection ends one way or the other.
        let _ = timeout(LINGER, farewell).await;
    }
}
