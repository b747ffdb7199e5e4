//! Messages of other apps as their documents show them, and as nobody should send them.

use proptest::prelude::*;
use trip::{Batch, Gravity};

use super::*;
use crate::wire::{Content, Incoming};

const SESSION: &str = "8f14e45f-ceea-467a-9A36-dedd4bea2543";

fn device() -> DeviceId {
    "d-1".parse().expect("a device")
}

/// A message with these readings.
fn push(id: &str, readings: &str) -> String {
    format!(
        r#"{{"messageId":{id},"sessionId":"{SESSION}","deviceId":"phone","payload":[{readings}]}}"#
    )
}

/// A reading of a vector, so many ms after some moment.
fn vector(name: &str, ms: i64, [x, y, z]: [f64; 3]) -> String {
    let time = 1_698_501_144_401_773_000 + ms * 1_000_000;
    format!(r#"{{"name":"{name}","time":{time},"values":{{"z":{z},"y":{y},"x":{x}}}}}"#)
}

/// The batch that a message becomes.
fn batch(message: &str) -> Batch {
    let letters = read(message.to_owned().into(), &device(), 0);
    let [Letter::Message { payload, seq, .. }] = &letters[..] else {
        panic!("{letters:?}");
    };
    let Ok(Incoming::Message(message)) = wire::decode(payload) else {
        panic!("it was just found sound");
    };
    let Content::Samples(batch) = message.content else {
        panic!("samples");
    };
    assert_eq!(batch.seq, *seq);
    batch
}

fn refused(message: &str, why: &str) -> bool {
    let letters = read(message.to_owned().into(), &device(), 0);
    let [Letter::Refused { of, reason }] = &letters[..] else {
        panic!("{letters:?}");
    };
    assert_eq!(*reason, why, "{message}");
    of.is_some()
}

#[test]
fn the_message_of_the_documents_is_read_to_the_microsecond() {
    let readings = r#"
        {"name":"gyroscope","time":1698501144411773999,"accuracy":3,"values":{"z":0.3,"y":0.2,"x":0.1}},
        {"name":"totalacceleration","time":"1698501144421773000","values":{"z":9.75,"y":2,"x":-1}},
        {"name":"totalacceleration","time":1698501144401773000,"values":{"z":9.5,"y":2,"x":-1}},
        {"name":"location","time":1698501144401773000,"values":{"latitude":41.1496,"longitude":-8.611,
         "altitude":90,"speed":-1,"bearing":-1,"horizontalAccuracy":4.5,"verticalAccuracy":-1}},
        {"name":"location","time":1698501143401773000,"values":{"latitude":41.1495,"longitude":-8.611,
         "speed":11.2,"bearing":74,"horizontalAccuracy":-1}},
        {"name":"camera","time":0,"values":"AAAA"},
        {"name":"barometer","time":1,"values":{"x":{},"pressure":1013}},
        {"name":"annotation","time":null,"values":null}"#;
    let batch = batch(&push("0", readings));
    assert_eq!(batch.header.expect("on seq 0").gravity, Gravity::With);
    let samples: Vec<_> = batch
        .samples
        .iter()
        .map(|it| (it.t_us, it.accel_mps2))
        .collect();
    assert_eq!(
        samples,
        [
            (1_698_501_144_401_773, [-1.0, 2.0, 9.5]),
            (1_698_501_144_421_773, [-1.0, 2.0, 9.75]),
        ]
    );
    assert_eq!(batch.rotations[0].t_us, 1_698_501_144_411_773);
    assert_eq!(batch.rotations[0].gyro_radps, [0.1, 0.2, 0.3]);
    let fix = &batch.fixes[0];
    assert_eq!(
        (fix.t_us, fix.speed.map(|it| it.mps())),
        (1_698_501_143_401_773, Some(11.2))
    );
    assert_eq!(
        (fix.heading.map(|it| it.deg()), fix.accuracy_m),
        (Some(74.0), None)
    );
    let fix = &batch.fixes[1];
    assert_eq!(
        (fix.speed, fix.heading, fix.accuracy_m),
        (None, None, Some(4.5))
    );
}

#[test]
fn gravity_is_in_where_the_phone_can_tell() {
    let check = |readings: &[String], z: f32, gravity| {
        let batch = batch(&push("0", &readings.join(",")));
        assert!(
            (batch.samples[0].accel_mps2[2] - z).abs() < 1e-5,
            "{batch:?}"
        );
        assert_eq!(batch.header.expect("on seq 0").gravity, gravity);
    };
    let linear = vector("accelerometer", 0, [0.0, 0.0, 0.25]);
    let gravity = vector("gravity", 3, [0.0, 0.0, -9.75]);
    let far = vector("gravity", 300, [0.0, 0.0, -9.75]);
    let total = vector("totalacceleration", 7, [0.0, 0.0, 9.25]);
    let in_g = vector("accelerometeruncalibrated", 5, [0.0, 0.0, -1.0]);
    let in_si = vector("accelerometeruncalibrated", 5, [0.0, 0.0, 9.5]);
    let of = |all: &[&String]| all.iter().map(|it| (*it).clone()).collect::<Vec<_>>();
    check(
        &of(&[&linear, &gravity, &in_g, &total]),
        9.25,
        Gravity::With,
    );
    check(&of(&[&in_g, &linear, &gravity]), -9.5, Gravity::With);
    check(&of(&[&linear, &in_g]), -9.80665, Gravity::With);
    check(&of(&[&in_si]), 9.5, Gravity::With);
    check(&of(&[&linear]), 0.25, Gravity::Without);
    check(&of(&[&linear, &far]), 0.25, Gravity::Without);
}

#[test]
fn the_test_button_and_sensors_of_no_use_harm_nothing() {
    let test = push("0", r#"{"name":"test","time":0,"values":[]}"#);
    assert_eq!(read(test.into(), &device(), 0), []);
    // A message that says nothing uses its number all the same.
    for readings in ["", r#"{"name":"barometer","time":1,"values":{}}"#] {
        let batch = batch(&push("7", readings));
        assert_eq!((batch.seq, batch.span_us(), batch.header), (7, None, None));
    }
}

#[test]
fn a_session_is_a_trip_of_its_device() {
    let trip = |session: &str, device: &str| {
        let message = push("1", "").replace(SESSION, session);
        let letters = read(message.into(), &device.parse().expect("a device"), 0);
        match &letters[..] {
            [Letter::Message { trip, .. }] => trip.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(trip(SESSION, "d-1"), "8f14e45fceea467a9a36dedd4bea2543");
    assert_eq!(trip("monday", "d-1"), trip("monday", "d-1"));
    assert_ne!(trip("monday", "d-1"), trip("monday", "d-2"));
    assert_ne!(trip("monday", "d-1"), trip("tuesday", "d-1"));
}

#[test]
fn what_cannot_be_is_refused_with_our_reasons() {
    let good = vector("gyroscope", 0, [0.0; 3]);
    let named = |readings: &str, why| assert!(refused(&push("5", readings), why));
    named(
        r#"{"name":"gyroscope","time":1,"values":{"x":1,"y":2}}"#,
        "missing_field",
    );
    named(
        r#"{"name":"gyroscope","time":1,"values":{"x":1,"y":2,"z":"3"}}"#,
        "wrong_type",
    );
    named(
        r#"{"name":"gyroscope","values":{"x":1,"y":2,"z":3}}"#,
        "missing_field",
    );
    named(
        r#"{"name":"gyroscope","time":"soon","values":{"x":1,"y":2,"z":3}}"#,
        "wrong_type",
    );
    named(
        r#"{"name":"gyroscope","time":18446744073709551615,"values":{"x":1,"y":2,"z":3}}"#,
        "wrong_type",
    );
    named(
        r#"{"name":"gyroscope","time":9223372036854775807,"values":{"x":1,"y":2,"z":3}}"#,
        "out_of_range",
    );
    named(&vector("gyroscope", 0, [1e300, 0.0, 0.0]), "out_of_range");
    named(
        &vector("totalacceleration", 0, [0.0, -2001.0, 0.0]),
        "out_of_range",
    );
    named(
        &vector("accelerometeruncalibrated", 0, [1e9, 0.0, 0.0]),
        "out_of_range",
    );
    named(
        r#"{"name":"location","time":1,"values":{"latitude":999,"longitude":1}}"#,
        "out_of_range",
    );
    named(
        r#"{"name":"location","time":1,"values":{"latitude":41}}"#,
        "missing_field",
    );
    named(r#"{"time":1,"values":{}}"#, "missing_field");
    named(
        &format!("{good},{}", vector("gyroscope", 601_000, [0.0; 3])),
        "clocks_apart",
    );
    for (id, why) in [
        ("-1", "out_of_range"),
        ("10000000", "out_of_range"),
        ("1.5", "wrong_type"),
    ] {
        assert!(!refused(&push(id, &good), why));
    }
    let anonymous = push("5", &good).replace(SESSION, "");
    assert!(!refused(&anonymous, "missing_field"));
    let most: String = (0..24_001)
        .map(|_| "{\"name\":\"gyroscope\",\"time\":1,\"values\":{}},")
        .collect();
    assert!(refused(&push("5", most.trim_end_matches(',')), "too_large"));
}

#[test]
fn a_position_from_before_the_drive_is_left_out() {
    let old =
        r#"{"name":"location","time":1698490000000000000,"values":{"latitude":41,"longitude":-8}}"#;
    let moved = batch(&push(
        "0",
        &format!("{old},{}", vector("gyroscope", 0, [0.0; 3])),
    ));
    assert_eq!((moved.fixes.len(), moved.rotations.len()), (0, 1));
    assert_eq!(
        batch(&push("0", old)).fixes.len(),
        1,
        "positions alone are coverage"
    );
}

#[test]
fn our_own_wire_passes_as_it_is() {
    let bye = format!(
        r#"{{"v":1,"type":"bye","trip":"{}","seq":0,"messageId":1,"payload":[]}}"#,
        "0".repeat(32)
    );
    let spaced = bye.replacen("{\"v\"", "{ \"v\"", 1);
    for text in [bye, spaced] {
        let payload = Bytes::from(text);
        let letters = read(payload.clone(), &device(), 0);
        assert_eq!(letters, [Letter::read(payload, &device(), 0)]);
        assert!(matches!(letters[0], Letter::Message { bye: true, .. }));
    }
}

#[test]
fn ten_seconds_of_two_sensors_fit_a_packet_many_times() {
    let wave = |ms: i64| ((ms as f64) * 0.7).sin();
    let readings = (0..10_000).step_by(10).flat_map(|ms| {
        let total = vector(
            "totalacceleration",
            ms,
            [wave(ms), wave(ms + 1), 9.8 + wave(ms + 2)],
        );
        [total, vector("gyroscope", ms + 3, [wave(ms) * 0.1; 3])]
    });
    let message = push("3", &readings.collect::<Vec<_>>().join(","));
    let letters = read(message.clone().into(), &device(), 0);
    let [Letter::Message { payload, .. }] = &letters[..] else {
        panic!("{letters:?}");
    };
    assert!(
        payload.len() * 10 < message.len(),
        "{} of {}",
        payload.len(),
        message.len()
    );
}

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|it| it.to_string()),
        any::<u64>().prop_map(|it| it.to_string()),
        (-1e6..1e6_f64).prop_map(|it| it.to_string()),
        Just("1e308".to_owned()),
        "\"[a-z0-9]{0,5}\"",
    ];
    let keys = prop::sample::select(vec![
        "messageId",
        "sessionId",
        "payload",
        "name",
        "time",
        "values",
        "x",
        "y",
        "z",
        "latitude",
        "longitude",
        "v",
    ]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let list =
            prop::collection::vec(inner.clone(), 0..5).prop_map(|it| format!("[{}]", it.join(",")));
        let member = (keys.clone(), inner).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            list,
            prop::collection::vec(member, 0..6).prop_map(|it| format!("{{{}}}", it.join(",")))
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_a_message_or_is_refused(
        id in any_json(), readings in prop::collection::vec(any_json(), 0..4), values in any_json(),
        name in prop::sample::select(vec!["gyroscope", "gravity", "accelerometer", "location", "test", "?"]),
    ) {
        for message in [
            push(&id, &readings.join(",")),
            push("1", &format!(r#"{{"name":"{name}","time":1,"values":{values}}}"#)),
            push("1", &format!(r#"{{"name":"{name}","time":{values},"values":{{"x":1,"y":1,"z":1}}}}"#)),
            id,
        ] {
            let letters = read(message.into(), &device(), 0);
            prop_assert!(letters.len() <= 1);
        }
    }

    #[test]
    fn whatever_is_changed_in_a_message_never_panics(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..8),
    ) {
        let readings = [vector("accelerometer", 0, [1.0; 3]), vector("gravity", 1, [2.0; 3])];
        let mut bytes = push("0", &readings.join(",")).into_bytes();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        read(bytes.into(), &device(), 0);
    }
}
