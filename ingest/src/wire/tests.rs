//! What holds of the wire as a whole: the contract page, the schema and the decoder agree; both
//! encodings say the same; any bytes are decoded or refused.

mod any;
mod contract;
mod packing;
mod refusals;

use serde_json::{Value, json};

use super::{Content, Incoming, Message, WireError, decode};

/// A sound `samples` message.
fn samples() -> Value {
    json!({
        "v": 1, "type": "samples", "trip": "00ff00000000000000000000000000a7", "seq": 0,
        "header": {
            "app": "a", "vehicle": "van", "mount": "cup",
            "accel": { "unit": "g", "gravity": "with", "range": 8.0, "resolution": 0.001 },
            "gyro": { "unit": "deg/s" },
            "consent": { "version": "1", "purposes": ["map"] },
            "claim": "0".repeat(64), "trim": { "ends_s": 60, "ends_m": 300 }
        },
        "accel": {
            "unit": "m/s2", "t0_us": 1_767_600_000_000_000_i64, "dt_us": [0, 10_000],
            "scale": 0.5, "x": [0, 1], "y": [2, 3], "z": [20, 19]
        },
        "gyro": {
            "unit": "deg/s", "t0_us": 1_767_600_000_000_000_i64, "dt_us": [0],
            "scale": 1.0, "x": [180], "y": [0], "z": [0]
        },
        "fixes": [
            { "t_us": 1_767_600_000_000_000_i64, "lat": 41.0, "lon": -8.0, "speed_kmh": 36.0,
              "bearing_deg": 360, "accuracy_m": 4.5, "source": "gnss" },
            { "t_us": 1_767_600_001_000_000_i64, "lat": 41.1, "lon": -8.0, "accuracy_m": 0 }
        ]
    })
}

/// A sound `report` message.
fn report() -> Value {
    json!({
        "v": 1, "type": "report", "trip": "00ff00000000000000000000000000a7", "seq": 4,
        "detector": { "name": "d", "version": "1", "config_hash": "0123456789abcdef" },
        "bumps": [{
            "begin_us": 10, "peak_us": 20, "end_us": 30, "score": 3.0, "probability": 0.5,
            "channel": "body", "kind": "speed_bump",
            "place": { "lat": 41.0, "lon": -8.0, "sigma_m": 3.0 },
            "measured": {
                "peak_mps2": 5.0, "width_s": 0.1, "rate_hz": 50.0,
                "band_rms_mps2": [0.1, 0.2, 0.3, 0.4, null], "horizontal_ratio": 0.3
            }
        }],
        "stretches": [{
            "begin_us": 0, "end_us": 9, "sigma_m": 3.0, "able": true,
            "path": [{ "t_us": 0, "lat": 41.0, "lon": -8.0 }, { "t_us": 9, "lat": 41.0, "lon": -8.1 }],
            "roughness": { "rms_mps2": 0.5, "band_rms_mps2": [null, null, 0.1, 0.1, 0.1], "class": "C" }
        }],
        "skipped": [{ "begin_us": 30, "end_us": 40, "reason": "slow" }]
    })
}

/// `value` with the field at `pointer` set.
fn with(mut value: Value, pointer: &str, to: Value) -> Value {
    let (parent, name) = pointer
        .rsplit_once('/')
        .expect("a pointer begins with a slash");
    match value.pointer_mut(parent).expect("the parent is there") {
        Value::Object(fields) => {
            fields.insert(name.to_owned(), to);
        }
        list => list[name.parse::<usize>().expect("an index")] = to,
    }
    value
}

/// `value` without the field at `pointer`.
fn without(mut value: Value, pointer: &str) -> Value {
    let (parent, name) = pointer
        .rsplit_once('/')
        .expect("a pointer begins with a slash");
    let fields = value.pointer_mut(parent).and_then(Value::as_object_mut);
    fields
        .expect("the parent is an object")
        .remove(name)
        .expect("the field was there");
    value
}

fn decoded(value: &Value) -> Result<Message, WireError> {
    match decode(value.to_string().as_bytes())? {
        Incoming::Message(message) => Ok(message),
        Incoming::Hello(_) => panic!("a hello"),
    }
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory does not fail");
    bytes
}

#[test]
fn foreign_units_end_here() {
    let message = decoded(&samples()).expect("sound");
    let Content::Samples(batch) = message.content else {
        panic!("samples")
    };
    let header = batch.header.expect("on seq 0");
    assert_eq!(header.range_mps2, Some(8.0 * 9.80665));
    assert_eq!(batch.samples[1].accel_mps2, [0.5, 1.5, 9.5]);
    assert_eq!(
        batch.rotations[0].gyro_radps,
        [std::f32::consts::PI, 0.0, 0.0]
    );
    let speed = batch.fixes[0].speed.expect("given");
    assert_eq!(speed.mps(), 10.0);
    assert_eq!(
        batch.fixes[0].heading.map(|heading| heading.deg()),
        Some(0.0)
    );
    assert_eq!(
        batch.fixes[1].accuracy_m, None,
        "a radius of 0 says nothing"
    );
}

#[test]
fn a_header_after_the_first_message_is_ignored() {
    let message = decoded(&with(samples(), "/seq", json!(1))).expect("sound");
    let Content::Samples(batch) = message.content else {
        panic!("samples")
    };
    assert_eq!((batch.seq, batch.header), (1, None));
}

#[test]
fn words_that_later_collectors_will_know_read_as_unknown() {
    let value = with(samples(), "/header/vehicle", json!("tram"));
    let value = with(value, "/header/mount", json!("windscreen"));
    let value = with(value, "/header/accel/gravity", json!("maybe"));
    let value = with(value, "/fixes/0/source", json!("galileo"));
    let Content::Samples(batch) = decoded(&value).expect("sound").content else {
        panic!()
    };
    let header = batch.header.expect("on seq 0");
    assert_eq!(header.vehicle, trip::Vehicle::Unknown);
    assert_eq!(header.mount, trip::Mount::Unknown);
    assert_eq!(header.gravity, trip::Gravity::Unknown);
    assert_eq!(batch.fixes[0].source, trip::FixSource::Unknown);
}

#[test]
fn a_range_without_a_unit_is_not_known() {
    let value = without(samples(), "/header/accel/unit");
    let Content::Samples(batch) = decoded(&value).expect("sound").content else {
        panic!()
    };
    assert_eq!(batch.header.expect("on seq 0").range_mps2, None);
}

#[test]
fn fields_of_the_future_are_ignored_even_where_other_types_have_them() {
    let value = with(samples(), "/kind", json!(5));
    let value = with(value, "/accel/w", json!([[[]], {"a": null}]));
    assert_eq!(decoded(&value), decoded(&samples()));
}

#[test]
fn whole_numbers_may_be_written_as_floats() {
    let value = with(samples(), "/accel/t0_us", json!(1.7676e15));
    let value = with(value, "/seq", json!(0.0));
    let value = with(value, "/accel/x", json!([0.0, 1.0]));
    assert_eq!(decoded(&value), decoded(&samples()));
    assert_eq!(
        decode(&cbor(&value)),
        decode(samples().to_string().as_bytes())
    );
}

#[test]
fn a_report_keeps_what_was_measured_beside_what_was_concluded() {
    let Content::Report(generation, found) = decoded(&report()).expect("sound").content else {
        panic!("a report")
    };
    assert_eq!(generation.name, "d");
    let bump = &found.bumps[0];
    assert_eq!(bump.kind, trip::Kind::SpeedBump);
    assert_eq!(bump.kind_probability, [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(bump.measured.band_rms_mps2[4], None);
    assert_eq!(found.stretches[0].path.len(), 2);
    let roughness = found.stretches[0].roughness.expect("given");
    assert_eq!(roughness.class, Some(trip::RoadClass::C));
    assert_eq!(found.skipped[0].reason, trip::SkipReason::Slow);
}
