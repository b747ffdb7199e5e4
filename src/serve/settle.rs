//! What is kept of a trip: its messages without its ends, on the server's clock.

use ingest::inbox::Stored;
use ingest::wire::{self, Opened};
use trip::DeviceId;

use crate::packing::packed;
use crate::trim::{TrimRule, Veil, spans};

/// How the ends of trips are cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// How much.
    pub rule: TrimRule,
    /// Around which centres.
    pub veil: Veil,
}

/// The messages of a trip as they are kept, with their numbers. `ahead_us` is how far the phone's clock
/// is ahead of ours.
///
/// What cannot be read any more is left out: the rim read it once, so that this is damage.
pub fn settled(
    messages: &[Stored],
    device: &DeviceId,
    ahead_us: i64,
    cut: &Cut,
) -> Vec<(u32, Stored)> {
    let opened: Vec<(&Stored, Opened)> = messages
        .iter()
        .filter_map(|stored| Some((stored, wire::opened(&stored.payload).ok()?)))
        .collect();
    let moments = opened.iter().flat_map(|(_, it)| it.message.moments());
    let spans = spans(moments.collect(), cut.rule, cut.veil, device);
    let kept = |(stored, opened): (&Stored, Opened)| {
        let mut message = opened.message;
        let is_kept_whole = opened.is_packed_and_plain
            && ahead_us == 0
            && message.device.is_none()
            && message.received_us.is_none()
            && message.is_within(&spans);
        if is_kept_whole {
            return (message.seq, stored.clone());
        }
        message.keep_within(&spans);
        if ahead_us != 0 {
            message.shift(-ahead_us);
        }
        // Whose it is stands beside it.
        (message.device, message.received_us) = (None, None);
        let stored = Stored {
            received_us: stored.received_us,
            payload: packed(message.to_cbor()),
        };
        (message.seq, stored)
    };
    opened.into_iter().map(kept).collect()
}
