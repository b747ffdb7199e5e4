//! A trace of messages: one JSON object per line.

use std::io::BufRead;

use trip::DeviceId;

use super::lines::{Line, Lines};
use super::refusal::{Cause, Refusal};
use crate::wire::{self, Incoming, Message};

/// A line may hold what came as a packet of 1 MB in CBOR, or packed: JSON needs up to four times
/// the room.
const MAX_LINE_BYTES: usize = 4_000_000;

/// The messages of a trace, line by line.
pub(super) struct Jsonl<R> {
    lines: Lines<R>,
    device: DeviceId,
    empty: bool,
}

impl<R: BufRead> Jsonl<R> {
    /// The messages in `input`; those that name no device are `device`'s.
    pub(super) fn new(input: R, device: DeviceId) -> Self {
        Self {
            lines: Lines::new(input, MAX_LINE_BYTES),
            device,
            empty: true,
        }
    }

    /// The complaint that there was nothing, then the end.
    fn end(&mut self) -> Option<Result<Message, Refusal>> {
        let empty = std::mem::take(&mut self.empty);
        empty.then(|| Err(Refusal::file(Cause::Empty)))
    }
}

impl<R: BufRead> Iterator for Jsonl<R> {
    type Item = Result<Message, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let number = self.lines.number() + 1;
            let message = match self.lines.next() {
                None => return self.end(),
                Some(Err(error)) => {
                    self.empty = false;
                    return Some(Err(Refusal::rest(number, &error)));
                }
                Some(Ok(Line::Whole(line))) if line.trim_ascii().is_empty() => continue,
                Some(Ok(Line::Whole(line))) => wire::decode_line(line).map_err(Cause::Message),
                Some(Ok(Line::TooLong)) => Err(Cause::LineTooLong {
                    limit: MAX_LINE_BYTES,
                }),
            };
            self.empty = false;
            match message {
                // A hello says nothing of a trip, and was answered long ago.
                Ok(Incoming::Hello(_)) => {}
                Ok(Incoming::Message(mut message)) => {
                    message.device.get_or_insert_with(|| self.device.clone());
                    return Some(Ok(message));
                }
                Err(cause) => return Some(Err(Refusal::line(number, cause))),
            }
        }
    }
}
