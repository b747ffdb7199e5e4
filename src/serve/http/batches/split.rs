//! The messages of one request.

use std::io::Read;

use axum::body::Bytes;

/// How many messages one request may carry.
const MAX_MESSAGES: usize = 1_000;

/// The messages of a body: one as MQTT carries it, or several as JSON after one another (JSON Lines),
/// as a JSON array, or as a CBOR array of byte strings; the whole may be packed with gzip or zstd.
/// `None` when there are too many. What is none of these is one message, and the rim says what is
/// wrong with it.
pub(super) fn messages(body: &Bytes) -> Option<Vec<Bytes>> {
    let several = several(body).or_else(|| {
        // A packed body may be one packed message, which stays as it is.
        let inflated = inflated(body)?;
        several(&inflated).filter(|several| several.len() > 1)
    });
    let messages = several.unwrap_or_else(|| vec![body.clone()]);
    (messages.len() <= MAX_MESSAGES).then_some(messages)
}

fn several(body: &Bytes) -> Option<Vec<Bytes>> {
    match body.trim_ascii_start().first()? {
        b'{' => json_after_one_another(body),
        b'[' => {
            let values: Vec<serde_json::Value> = serde_json::from_slice(body).ok()?;
            let texts = values
                .iter()
                .map(|value| serde_json::to_vec(value).map(Bytes::from));
            texts.collect::<Result<_, _>>().ok()
        }
        0x80..=0x9f => cbor_array(body),
        _ => None,
    }
}

/// Every JSON value of a text; what cannot be read goes to the end as one message.
fn json_after_one_another(body: &Bytes) -> Option<Vec<Bytes>> {
    let mut values =
        serde_json::Deserializer::from_slice(body).into_iter::<serde::de::IgnoredAny>();
    let (mut messages, mut from) = (Vec::new(), 0);
    while let Some(value) = values.next() {
        let to = if value.is_ok() {
            values.byte_offset()
        } else {
            body.len()
        };
        messages.push(body.slice(from..to));
        from = to;
        if value.is_err() || messages.len() > MAX_MESSAGES {
            break;
        }
    }
    Some(messages)
}

fn cbor_array(body: &Bytes) -> Option<Vec<Bytes>> {
    let ciborium::Value::Array(values) = ciborium::from_reader(&body[..]).ok()? else {
        return None;
    };
    let bytes = values.into_iter().map(|value| match value {
        ciborium::Value::Bytes(bytes) => Some(Bytes::from(bytes)),
        _ => None,
    });
    bytes.collect()
}

fn inflated(body: &Bytes) -> Option<Bytes> {
    let most = super::MAX_REQUEST_BYTES as u64;
    let mut out = Vec::new();
    match body[..] {
        [0x1f, 0x8b, ..] => flate2::read::MultiGzDecoder::new(&body[..])
            .take(most)
            .read_to_end(&mut out)
            .ok()?,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::Decoder::new(&body[..])
            .ok()?
            .take(most)
            .read_to_end(&mut out)
            .ok()?,
        _ => return None,
    };
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(body: &[u8]) -> Vec<Vec<u8>> {
        let messages = messages(&Bytes::copy_from_slice(body)).unwrap();
        messages
            .into_iter()
            .map(|it| it.trim_ascii().to_vec())
            .collect()
    }

    #[test]
    fn however_several_messages_are_written_they_are_several() {
        let (a, b) = (br#"{"a":1}"#.to_vec(), br#"{"b":[1,2]}"#.to_vec());
        let both = vec![a, b];
        assert_eq!(split(b"{\"a\":1}\n{\"b\":[1,2]}\n"), both);
        assert_eq!(split(br#"[{"a":1},{"b":[1,2]}]"#), both);
        let values = both.iter().cloned().map(ciborium::Value::Bytes).collect();
        let mut cbor = Vec::new();
        ciborium::into_writer(&ciborium::Value::Array(values), &mut cbor).unwrap();
        assert_eq!(split(&cbor), both);
        let packed = zstd::bulk::compress(b"{\"a\":1}\n{\"b\":[1,2]}", 3).unwrap();
        assert_eq!(split(&packed), both);
    }

    #[test]
    fn one_message_stays_as_it_came() {
        let packed = zstd::bulk::compress(br#"{"a":1}"#, 3).unwrap();
        for one in [
            &b"{\n \"a\": 1 }"[..],
            &packed,
            b"\xa1\x61\x61\x01",
            b"rubbish",
            b"{\"a\":",
        ] {
            assert_eq!(split(one), [one.trim_ascii()]);
        }
    }
}
