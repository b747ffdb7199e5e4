//! Each refusal once, with its code and the field that it names.

use serde_json::{Value, json};

use super::{cbor, decode, report, samples, with, without};
use crate::wire::{limits, v1};

/// A broken message, the reason for which it is refused, and what the text must name.
pub(super) fn refusals() -> Vec<(Value, &'static str, &'static str)> {
    let long = "x".repeat(65);
    let many = |value: Value, count: usize| Value::Array(vec![value; count]);
    let fix = samples()["fixes"][0].clone();
    vec![
        (json!([1]), "not_a_message", "message"),
        (
            with(samples(), "/header", json!([])),
            "wrong_type",
            "header",
        ),
        (
            with(samples(), "/fixes/0", json!([1, 2, 3])),
            "wrong_type",
            "fixes[0]",
        ),
        (without(samples(), "/v"), "missing_field", "v"),
        (with(samples(), "/v", json!(2)), "unknown_version", "v"),
        (with(samples(), "/v", json!("1")), "wrong_type", "v"),
        (without(samples(), "/type"), "missing_field", "type"),
        (
            with(samples(), "/type", json!("telegram")),
            "unknown_type",
            "type",
        ),
        (without(samples(), "/trip"), "missing_field", "trip"),
        (with(samples(), "/trip", json!("00FF")), "bad_id", "trip"),
        (without(samples(), "/seq"), "missing_field", "seq"),
        (with(samples(), "/seq", json!(-1)), "out_of_range", "seq"),
        (
            with(samples(), "/seq", json!(limits::MAX_SEQ + 1)),
            "out_of_range",
            "seq",
        ),
        (with(samples(), "/seq", json!(0.5)), "wrong_type", "seq"),
        (
            with(samples(), "/device", json!("Alice")),
            "bad_id",
            "device",
        ),
        (
            with(samples(), "/received_us", json!(i64::MAX)),
            "out_of_range",
            "received_us",
        ),
        (
            with(samples(), "/header/app", json!(long)),
            "too_long",
            "header.app",
        ),
        (
            with(samples(), "/header/claim", json!("ff")),
            "bad_id",
            "header.claim",
        ),
        (
            with(samples(), "/header/accel/range", json!(0)),
            "out_of_range",
            "header.accel.range",
        ),
        (
            with(samples(), "/header/trim/ends_m", json!(-1)),
            "out_of_range",
            "header.trim.ends_m",
        ),
        (
            without(samples(), "/header/consent/version"),
            "missing_field",
            "header.consent.version",
        ),
        (
            without(samples(), "/accel/unit"),
            "missing_field",
            "accel.unit",
        ),
        (
            with(samples(), "/accel/unit", json!("mG")),
            "unknown_word",
            "accel.unit",
        ),
        (
            with(samples(), "/accel/z", json!([1])),
            "unequal_columns",
            "accel",
        ),
        (
            with(samples(), "/accel/z", json!([1, "a"])),
            "wrong_type",
            "accel.z[1]",
        ),
        (
            with(samples(), "/accel/z", json!([1, 1u64 << 40])),
            "wrong_type",
            "accel.z",
        ),
        (
            with(samples(), "/accel/dt_us", json!([0, -1])),
            "time_backwards",
            "accel.dt_us[1]",
        ),
        (
            with(samples(), "/accel/dt_us", json!([5, 1])),
            "out_of_range",
            "accel.dt_us[0]",
        ),
        (
            with(samples(), "/accel/t0_us", json!(i64::MAX)),
            "out_of_range",
            "accel.t0_us",
        ),
        (
            with(samples(), "/accel/t0_us", json!(5_000_000)),
            "clocks_apart",
            "different clocks",
        ),
        (
            with(samples(), "/accel/dt_us", json!([0, 600_000_001])),
            "clocks_apart",
            "600 s",
        ),
        (
            with(samples(), "/accel/scale", json!(0)),
            "out_of_range",
            "accel.scale",
        ),
        (
            with(samples(), "/accel/scale", json!(1e8)),
            "out_of_range",
            "accel.y[0]",
        ),
        (
            with(samples(), "/gyro/scale", json!(1e3)),
            "out_of_range",
            "gyro.x[0]",
        ),
        (
            with(samples(), "/gyro/dt_us", many(json!(0), 24_001)),
            "too_long",
            "gyro.dt_us",
        ),
        (
            with(samples(), "/fixes", many(fix, 1_201)),
            "too_long",
            "fixes",
        ),
        (
            with(samples(), "/fixes/0/lat", json!(999)),
            "out_of_range",
            "fixes[0].lat",
        ),
        (
            with(samples(), "/fixes/1/lon", json!(-181)),
            "out_of_range",
            "fixes[1].lon",
        ),
        (
            with(samples(), "/fixes/0/lat", json!("41.15")),
            "wrong_type",
            "fixes[0].lat",
        ),
        (
            with(samples(), "/fixes/0/speed_kmh", json!(-1)),
            "out_of_range",
            "fixes[0].speed_kmh",
        ),
        (
            with(samples(), "/fixes/0/speed_mps", json!(1)),
            "said_twice",
            "fixes[0] speed",
        ),
        (
            with(samples(), "/fixes/1/speed_mps", json!(1e308)),
            "out_of_range",
            "fixes[1].speed_mps",
        ),
        (
            with(samples(), "/fixes/0/bearing_deg", json!(361)),
            "out_of_range",
            "fixes[0].bearing",
        ),
        (
            with(samples(), "/fixes/0/accuracy_m", json!(-1)),
            "out_of_range",
            "fixes[0].accuracy_m",
        ),
        (
            with(samples(), "/fixes/1/t_us", json!(1)),
            "time_backwards",
            "fixes[1].t_us",
        ),
        (
            with(report(), "/detector/config_hash", json!("0")),
            "bad_id",
            "detector.config_hash",
        ),
        (
            with(report(), "/bumps/0/kind", json!("crater")),
            "unknown_word",
            "bumps[0].kind",
        ),
        (
            with(report(), "/bumps/0/end_us", json!(19)),
            "time_backwards",
            "bumps[0].end_us",
        ),
        (
            with(report(), "/bumps/0/probability", json!(1.1)),
            "out_of_range",
            "bumps[0].probability",
        ),
        (
            with(report(), "/bumps/0/place/sigma_m", json!(0)),
            "out_of_range",
            "place.sigma_m",
        ),
        (
            with(report(), "/stretches/0/path/1/t_us", json!(-1)),
            "time_backwards",
            "path[1].t_us",
        ),
        (
            with(report(), "/stretches/0/roughness/class", json!("Z")),
            "unknown_word",
            "stretches[0].roughness.class",
        ),
        (
            with(report(), "/skipped/0/reason", json!("bored")),
            "unknown_word",
            "skipped[0].reason",
        ),
        (
            without(report(), "/bumps/0/measured/width_s"),
            "missing_field",
            "measured.width_s",
        ),
        (mark(json!({})), "missing_field", "t_us"),
        (mark(json!({"lat": 1})), "missing_field", "lon"),
        (
            mark(json!({"t_us": 1, "kind": "hole"})),
            "unknown_word",
            "kind",
        ),
        (json!({"v": 1, "type": "hello"}), "missing_field", "now_us"),
        (
            json!({"v": 1, "type": "hello", "now_us": 1, "trips": ["x"]}),
            "bad_id",
            "trips[0]",
        ),
    ]
}

fn mark(mut value: Value) -> Value {
    for (name, field) in [("v", json!(1)), ("type", json!("mark")), ("seq", json!(1))] {
        value[name] = field;
    }
    value["trip"] = samples()["trip"].clone();
    value
}

#[test]
fn each_refusal_has_its_code_and_names_the_field_in_both_encodings() {
    for (value, reason, field) in refusals() {
        for bytes in [value.to_string().into_bytes(), cbor(&value)] {
            let error = decode(&bytes).expect_err(reason);
            let text = error.to_string();
            assert_eq!(error.reason(), reason, "{text}\n{value}");
            assert!(text.contains(field), "{text:?} does not name {field}");
        }
    }
}

#[test]
fn a_field_that_is_there_twice_is_refused() {
    let twice =
        br#"{"v":1,"type":"bye","trip":"00ff00000000000000000000000000a7","seq":1,"seq":2}"#;
    let error = decode(twice).expect_err("twice");
    assert_eq!(
        (error.reason(), error.to_string().as_str()),
        ("wrong_type", "seq: is there twice")
    );
}

#[test]
fn numbers_that_are_not_finite_are_refused() {
    let lat = |lat: f64| v1::Fix {
        lat,
        ..v1::Fix::default()
    };
    for value in [f64::NAN, f64::INFINITY, 1e308] {
        let message = v1::Message {
            trip: "0".repeat(32),
            seq: 0,
            device: None,
            received_us: None,
            content: v1::Content::Samples(v1::Samples {
                fixes: vec![lat(value)],
                ..v1::Samples::default()
            }),
        };
        let error = decode(&message.to_cbor()).expect_err("not finite");
        assert_eq!(error.reason(), "out_of_range");
    }
    let too_much = samples().to_string().replace("41.1", "1e999");
    assert_eq!(
        decode(too_much.as_bytes()).expect_err("1e999").reason(),
        "not_a_message"
    );
}

#[test]
fn no_refusal_repeats_a_value() {
    let secrets = ["41.1496", "-8.6110", "alice", "00FF"];
    let broken = [
        with(samples(), "/fixes/0/lat", json!("41.1496")),
        with(samples(), "/fixes/0/lon", json!({"-8.6110": "-8.6110"})),
        with(samples(), "/fixes/0/lat", json!(411.496)),
        with(samples(), "/device", json!("/alice")),
        with(samples(), "/device", json!(["alice"])),
        with(samples(), "/trip", json!("00FF")),
        with(samples(), "/accel/unit", json!("alice")),
        with(samples(), "/accel/t0_us", json!("alice expected alice")),
        with(report(), "/bumps/0/channel", json!("alice")),
        with(report(), "/bumps/0/place", json!("41.1496")),
    ];
    for value in broken {
        for bytes in [value.to_string().into_bytes(), cbor(&value)] {
            let text = decode(&bytes).expect_err("broken").to_string();
            assert!(
                !secrets.iter().any(|secret| text.contains(secret)),
                "{text}"
            );
            assert!(!text.contains("411"), "{text}");
        }
    }
}
