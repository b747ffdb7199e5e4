//! One admitted connection: waits for what comes first, packets, answers, or time.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};

use super::line::Line;
use super::talk::Talk;
use super::{Door, Ending};
use crate::inbox::{Answer, Closed};

/// Halves smaller than this are never the reason for a cut, bytes.
const SMALL_HALF: usize = 4_096;

/// A connection and the conversation on it.
pub(super) struct Session<'d, 's, S> {
    pub(super) door: &'d Door,
    pub(super) line: &'s mut Line<'d, S>,
    pub(super) talk: Talk<'d>,
    pub(super) answers: UnboundedReceiver<Answer>,
    /// How the door tells it to end; gone once it has.
    pub(super) told: Option<oneshot::Receiver<Ending>>,
    /// Silence that is too long.
    pub(super) silence: Duration,
    /// Until when it may finish what is under way, when the server stops.
    pub(super) farewell: Option<Instant>,
    /// Whether it did not read because there was no room.
    pub(super) paused: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<'_, '_, S> {
    /// Serves the connection until it ends.
    pub(super) async fn run(mut self, revoked: impl Future<Output = ()>) -> Ending {
        let mut revoked = pin!(revoked);
        let mut timer = pin!(sleep_until(Instant::now() + self.silence));
        loop {
            while let Some(put) = self.talk.next_put() {
                let mut putting = pin!(self.door.slot.put(put));
                let handed_in = poll_fn(|cx| {
                    if revoked.as_mut().poll(cx).is_ready() {
                        return Poll::Ready(Err(Ending::Revoked));
                    }
                    let handed_in = putting.as_mut().poll(cx);
                    if let Poll::Ready(result) = handed_in {
                        return Poll::Ready(result.map_err(|Closed| Ending::Trouble));
                    }
                    self.paused = true;
                    self.poll_rest(cx, timer.as_mut()).map(Err)
                });
                if let Err(ending) = handed_in.await {
                    return ending;
                }
            }
            if let Some(ending) = self.talk.ending {
                return ending;
            }
            let heard = poll_fn(|cx| {
                if revoked.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(Ending::Revoked));
                }
                if let Poll::Ready(ending) = self.poll_rest(cx, timer.as_mut()) {
                    return Poll::Ready(Err(ending));
                }
                self.poll_hear(cx).map(Ok)
            });
            match heard.await {
                Ok(true) => {}
                Ok(false) => return Ending::Gone,
                Err(ending) => return ending,
            }
        }
    }

    /// Whether packets may be taken.
    fn reads(&self) -> bool {
        self.farewell.is_none() && self.talk.has_room(self.line.out.len())
    }

    /// Hears what comes, as long as there is room; `false` when the phone has gone.
    fn poll_hear(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if !self.reads() {
            self.paused = true;
            return Poll::Pending;
        }
        if std::mem::take(&mut self.paused) {
            // Nobody listened meanwhile: the times for silence and halves begin anew.
            self.line.heard = Instant::now();
            self.line.half_since = self.line.half_since.map(|_| self.line.heard);
            return Poll::Ready(true);
        }
        let talk = &mut self.talk;
        if talk.waiting {
            self.line.reread(|bytes, out| talk.hear(bytes, out));
            return Poll::Ready(true);
        }
        let read = ready!(self.line.poll_read(cx, |bytes, out| talk.hear(bytes, out)));
        let kept = self.line.kept_bytes();
        if kept > SMALL_HALF && !self.talk.waiting && self.door.halves_are_full() {
            self.talk.ending.get_or_insert(Ending::HalvesFull);
        }
        Poll::Ready(matches!(read, Ok(true)))
    }

    /// Everything but reading: orders to end, answers, writing, time. Ready when it must end.
    fn poll_rest(&mut self, cx: &mut Context<'_>, timer: Pin<&mut Sleep>) -> Poll<Ending> {
        if let Some(told) = &mut self.told
            && let Poll::Ready(ending) = Pin::new(told).poll(cx)
        {
            self.told = None;
            match ending {
                Ok(Ending::Stopping) => {
                    self.farewell = Some(Instant::now() + self.door.limits.farewell);
                }
                Ok(ending) => return Poll::Ready(ending),
                Err(_) => {}
            }
        }
        while let Poll::Ready(Some(answer)) = self.answers.poll_recv(cx) {
            self.talk.settle(answer, &mut self.line.out);
        }
        self.talk.write_acks(&mut self.line.out);
        if self.line.poll_flush(cx).map(|written| written.is_err()) == Poll::Ready(true) {
            return Poll::Ready(Ending::Gone);
        }
        if self.talk.ending == Some(Ending::Trouble) {
            return Poll::Ready(Ending::Trouble);
        }
        if self.farewell.is_some() && self.talk.is_settled() && self.line.out.is_empty() {
            return Poll::Ready(Ending::Stopping);
        }
        self.poll_time(cx, timer)
    }

    fn poll_time(&mut self, cx: &mut Context<'_>, mut timer: Pin<&mut Sleep>) -> Poll<Ending> {
        loop {
            let (due, ending) = self.due();
            if due < timer.deadline() {
                timer.as_mut().reset(due);
            }
            ready!(timer.as_mut().poll(cx));
            if due <= Instant::now() {
                return Poll::Ready(ending);
            }
            timer.as_mut().reset(due);
        }
    }

    /// When it ends if nothing happens, and why.
    fn due(&self) -> (Instant, Ending) {
        let limits = &self.door.limits;
        let listening = self.reads() && !self.paused;
        let silent = listening.then_some(self.line.heard + self.silence);
        let half = self.line.half_since.filter(|_| listening);
        let half = half.map(|since| since + limits.half_packet);
        let unread = self.line.unread_since.map(|since| since + limits.unread);
        let dues = [
            silent.map(|at| (at, Ending::Silent)),
            half.map(|at| (at, Ending::HalfPacket)),
            unread.map(|at| (at, Ending::NotReading)),
            self.farewell.map(|at| (at, Ending::Stopping)),
        ];
        let never = || (Instant::now() + limits.silence, Ending::Silent);
        let first = dues.into_iter().flatten().min_by_key(|(at, _)| *at);
        first.unwrap_or_else(never)
    }
}
