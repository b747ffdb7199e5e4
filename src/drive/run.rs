//! What the phones of one run share, and how long they wait.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::sync::watch;

use super::clock::Clock;
use super::phone::Phone;
use super::socket::Route;
use super::tally::Tally;

/// What the phones of one run share.
#[derive(Clone)]
pub(super) struct Run {
    /// What time it is.
    pub(super) clock: Clock,
    /// The way to the door.
    pub(super) route: Route,
    /// What they do.
    pub(super) tally: Arc<Tally>,
    /// Set when they shall come to an end.
    pub(super) stop: watch::Receiver<bool>,
    /// A phone that has said all waits so long for an ack after the last one, µs.
    pub(super) flush_us: i64,
    /// The same after a stop, µs.
    pub(super) flush_after_stop_us: i64,
    /// How long a door may take to let a phone in.
    pub(super) patience_to_connect: Duration,
}

/// Counts a phone as on the air while it lives.
pub(super) struct OnAir(Arc<Tally>);

impl Drop for OnAir {
    fn drop(&mut self) {
        self.0.connected.fetch_sub(1, Relaxed);
    }
}

impl Run {
    /// Counts a phone as on the air.
    pub(super) fn on_air(&self) -> OnAir {
        self.tally.connected.fetch_add(1, Relaxed);
        OnAir(Arc::clone(&self.tally))
    }

    /// Waits until then, or until the phones shall come to an end.
    pub(super) async fn until(&self, t_us: i64) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep_until(self.clock.instant(t_us)) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Waits off the air; `false` when there is nothing to come back for.
    pub(super) async fn pause(
        &self,
        away_us: i64,
        phone: &mut Phone,
        patience: &mut Patience,
        stop: &mut watch::Receiver<bool>,
    ) -> bool {
        let back_us = self.clock.now_us() + away_us;
        loop {
            let now_us = self.clock.now_us();
            if *stop.borrow_and_update() {
                phone.stop(now_us);
            }
            phone.make(now_us);
            if phone.is_done() || patience.is_over(phone, now_us) {
                return false;
            }
            if back_us <= now_us {
                return true;
            }
            // A phone that only waits for its end comes back for what it holds.
            let end_us = patience.end_us(phone).unwrap_or(i64::MAX);
            tokio::select! {
                () = tokio::time::sleep_until(self.clock.instant(back_us.min(end_us))) => {}
                _ = stop.changed() => {}
            }
        }
    }
}

/// How long a phone that has said all still waits for acks.
pub(super) struct Patience {
    flush_us: i64,
    flush_after_stop_us: i64,
    stop: watch::Receiver<bool>,
    /// How many messages waited when it was last looked, and since when, µs.
    waiting: usize,
    since_us: Option<i64>,
}

impl Patience {
    /// The patience of a phone that has not said all.
    pub(super) fn new(run: &Run) -> Self {
        Self {
            flush_us: run.flush_us,
            flush_after_stop_us: run.flush_after_stop_us,
            stop: run.stop.clone(),
            waiting: 0,
            since_us: None,
        }
    }

    /// Whether the phone has waited long enough.
    pub(super) fn is_over(&mut self, phone: &Phone, now_us: i64) -> bool {
        if !phone.is_silent() {
            return false;
        }
        if self.since_us.is_none() || self.waiting != phone.outbox.len() {
            self.waiting = phone.outbox.len();
            self.since_us = Some(now_us);
        }
        self.end_us(phone).is_some_and(|end_us| end_us <= now_us)
    }

    /// When it is over unless something is heard, µs.
    pub(super) fn end_us(&self, phone: &Phone) -> Option<i64> {
        let since_us = self.since_us.filter(|_| phone.is_silent())?;
        let wait_us = match *self.stop.borrow() {
            true => self.flush_after_stop_us,
            false => self.flush_us,
        };
        Some(since_us + wait_us)
    }
}
