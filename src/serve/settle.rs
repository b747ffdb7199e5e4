//! What is kept of a trip: its messages without its ends, on the server's clock.

use ingest::inbox::Stored;
use ingest::wire::{self, Content, Incoming};
use trip::{Batch, DeviceId, Fix, FixSource};

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

/// The messages of a trip as they are kept. `ahead_us` is how far the phone's clock is ahead of ours.
///
/// What cannot be read any more is left out: the rim read it once, so that this is damage.
pub fn settled(messages: &[Stored], device: &DeviceId, ahead_us: i64, cut: &Cut) -> Vec<Stored> {
    let batches: Vec<Batch> = messages.iter().filter_map(batch).collect();
    let spans = spans(&batches, cut.rule, cut.veil, device);
    let kept = |stored: &Stored| {
        let mut message = wire::typed(&stored.payload).ok()?;
        message.keep_within(&spans);
        if ahead_us != 0 {
            message.shift(-ahead_us);
        }
        // Whose it is stands beside it.
        (message.device, message.received_us) = (None, None);
        Some(Stored {
            received_us: stored.received_us,
            payload: packed(message.to_cbor()),
        })
    };
    messages.iter().filter_map(kept).collect()
}

/// The readings of a message: when and where.
fn batch(stored: &Stored) -> Option<Batch> {
    let Incoming::Message(message) = wire::decode(&stored.payload).ok()? else {
        return None;
    };
    match message.content {
        Content::Samples(batch) => Some(batch),
        Content::Report(_, report) => {
            let points = report.stretches.iter().flat_map(|stretch| &stretch.path);
            let fixes = points.map(|point| Fix {
                t_us: point.t_us,
                position: point.position,
                speed: None,
                heading: None,
                accuracy_m: None,
                source: FixSource::Unknown,
            });
            Some(Batch {
                fixes: fixes.collect(),
                ..Batch::default()
            })
        }
        Content::Mark(_) | Content::Bye(_) => None,
    }
}
