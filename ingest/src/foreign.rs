//! What other apps send live, told from our own wire by content and translated into it at the rim:
//! behind it there is one wire.
//!
//! | app | how it is told | what becomes of a message |
//! | --- | --- | --- |
//! | Sensor Logger | an object with `messageId` and `payload`, without `v` | one `samples` message of the same number |
//!
//! Such apps know neither acks nor trips of ours: they send once (MQTT QoS 0, or HTTP without a second
//! try), so that numbers may be missing, and no promise is made.

mod sensor_logger;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use trip::DeviceId;

use crate::inbox::Letter;
use crate::wire::{self, v1};

/// The largest message of another app, bytes: as much as one of ours has once inflated.
pub const MAX_BYTES: usize = wire::limits::MAX_INFLATED_BYTES;

/// What a message is to the inbox, whoever's wire it speaks. None is one that says nothing, such as
/// an app's test of the connection: it is answered as if it were good.
///
/// ```
/// use ingest::foreign;
/// use ingest::inbox::Letter;
///
/// let device = "d-1".parse()?;
/// let push = br#"{"messageId":4,"sessionId":"8f14e45f-ceea-467a-9a36-dedd4bea2543","deviceId":"x",
///     "payload":[{"name":"totalacceleration","time":1698501144401773000,
///                 "values":{"z":9.8,"y":0.1,"x":0.2}}]}"#;
/// let letters = foreign::read(push.as_slice().into(), &device, 0);
/// let [Letter::Message { trip, seq: 4, .. }] = &letters[..] else { panic!("{letters:?}") };
/// assert_eq!(trip.to_string(), "8f14e45fceea467a9a36dedd4bea2543");
/// # Ok::<(), trip::IdError>(())
/// ```
pub fn read(payload: Bytes, device: &DeviceId, received_us: i64) -> Vec<Letter> {
    if !is_sensor_logger(&payload) {
        return vec![Letter::read(payload, device, received_us)];
    }
    match sensor_logger::translated(&payload, device) {
        Ok(Some(message)) => vec![Letter::read(packed(&message), device, received_us)],
        Ok(None) => vec![],
        Err(error) => vec![Letter::Refused {
            of: sensor_logger::name_of(&payload, device),
            reason: error.reason(),
        }],
    }
}

/// Whether a message is Sensor Logger's. Our own begins with its version and costs a look at that.
fn is_sensor_logger(payload: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Marks {
        v: Option<IgnoredAny>,
        #[serde(rename = "messageId")]
        message_id: Option<IgnoredAny>,
        payload: Option<IgnoredAny>,
    }
    const MARK: &[u8] = b"\"messageId\"";
    let payload = payload.trim_ascii_start();
    let may_be = payload.starts_with(b"{") && !payload.starts_with(b"{\"v\"");
    if !may_be || !payload.windows(MARK.len()).any(|window| window == MARK) {
        return false;
    }
    let marks: Result<Marks, _> = serde_json::from_slice(payload);
    marks.is_ok_and(|it| it.v.is_none() && it.message_id.is_some() && it.payload.is_some())
}

/// A message as it is kept: the smallest that our wire makes of it.
fn packed(message: &v1::Message) -> Bytes {
    /// zstd's fastest: 2 % larger than the next level, in half the time.
    const LEVEL: i32 = 1;
    let cbor = message.to_cbor();
    zstd::bulk::compress(&cbor, LEVEL).map_or_else(|_| cbor.into(), Bytes::from)
}
