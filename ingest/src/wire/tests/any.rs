//! Properties: any bytes are decoded or refused; both encodings are the same message.

use proptest::prelude::*;
use serde_json::Value;

use super::{cbor, decode, report, samples};
use crate::wire::v1;

/// Any JSON value, with many of the names and words that the wire knows.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9/-]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every pointer into a value.
fn pointers(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                pointers(field, &format!("{at}/{name}"), all);
            }
        }
        Value::Array(list) => {
            for (i, entry) in list.iter().enumerate() {
                pointers(entry, &format!("{at}/{i}"), all);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }

    #[test]
    fn a_message_with_flipped_bytes_is_decoded_or_refused(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        as_cbor: bool,
    ) {
        let mut bytes = if as_cbor { cbor(&samples()) } else { samples().to_string().into_bytes() };
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = decode(&bytes);
    }

    #[test]
    fn a_message_with_any_value_anywhere_is_the_same_in_both_encodings(
        of_report: bool,
        at in any::<prop::sample::Index>(),
        value in any_value(),
    ) {
        let mut message = if of_report { report() } else { samples() };
        let mut all = Vec::new();
        pointers(&message, "", &mut all);
        *message.pointer_mut(at.get::<String>(&all)).expect("it was found there") = value;
        let json = decode(message.to_string().as_bytes()).map_err(|error| error.reason());
        let cbor = decode(&cbor(&message)).map_err(|error| error.reason());
        prop_assert_eq!(json, cbor);
    }

    #[test]
    fn what_any_phone_measures_survives_both_encodings(
        start_us in -1_000_000_000_i64..4_000_000_000_000_000,
        steps in prop::collection::vec((0_i64..100_000, -200.0..200.0_f64), 0..50),
        scale in 1e-6..0.2_f64,
        lat in -90.0..=90.0_f64,
        lon in -180.0..=180.0_f64,
    ) {
        let mut t_us = start_us;
        let readings: Vec<_> = steps
            .iter()
            .map(|&(dt_us, value)| { t_us += dt_us; (t_us, [value, -value, 9.8]) })
            .collect();
        let unit = v1::AccelUnit::MetrePerSecondSquared;
        let message = v1::Message {
            trip: "0".repeat(32), seq: 1, device: None, received_us: None,
            content: v1::Content::Samples(v1::Samples {
                accel: Some(v1::Columns::from_readings(unit, scale, readings.iter().copied())),
                fixes: vec![v1::Fix { t_us: start_us, lat, lon, ..Default::default() }],
                ..Default::default()
            }),
        };
        let json = decode(&message.to_json()).expect("sound");
        prop_assert_eq!(&json, &decode(&message.to_cbor()).expect("sound"));
        let crate::wire::Incoming::Message(json) = json else { panic!("a message") };
        let crate::wire::Content::Samples(batch) = json.content else { panic!("samples") };
        for (sample, (t_us, value)) in batch.samples.iter().zip(&readings) {
            prop_assert_eq!(sample.t_us, *t_us);
            prop_assert!((f64::from(sample.accel_mps2[0]) - value[0]).abs() <= scale * 0.51 + 1e-4);
        }
        prop_assert_eq!((batch.fixes[0].position.lat_deg(), batch.fixes[0].position.lon_deg()), (lat, lon));
    }
}
