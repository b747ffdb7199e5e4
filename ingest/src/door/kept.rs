//! What was read of a connection and could not be used yet: half a packet, or packets that must wait.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::{Buf, BytesMut};

/// Bytes that are kept for a connection, counted together with those of all others. An idle connection
/// keeps none.
#[derive(Debug)]
pub(super) struct Kept<'d> {
    bytes: BytesMut,
    counted: usize,
    total: &'d AtomicUsize,
}

impl<'d> Kept<'d> {
    pub(super) fn new(total: &'d AtomicUsize) -> Self {
        Self {
            bytes: BytesMut::new(),
            counted: 0,
            total,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn push(&mut self, more: &[u8]) {
        self.bytes.extend_from_slice(more);
        self.count();
    }

    pub(super) fn drop_front(&mut self, count: usize) {
        self.bytes.advance(count);
        if self.bytes.is_empty() {
            self.bytes = BytesMut::new();
        }
        self.count();
    }

    fn count(&mut self) {
        let now = self.bytes.len();
        if now != self.counted {
            // Wraps around and back: the sum of all differences is what is kept.
            let more = now.wrapping_sub(self.counted);
            self.total.fetch_add(more, Ordering::Relaxed);
            self.counted = now;
        }
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        self.bytes = BytesMut::new();
        self.count();
    }
}
