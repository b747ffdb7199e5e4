//! The contract page, the schema and the decoder agree.

use jsonschema::Validator;
use serde_json::{Value, json};

use super::{decode, report, samples, with, without};
use crate::wire::schema;

/// The fenced `json` blocks of `WIRE.md`: the reason for which each is refused, if any, and its text.
fn examples() -> Vec<(Option<&'static str>, &'static str)> {
    let page = include_str!("../../../WIRE.md");
    let blocks = page.split("```json").skip(1);
    blocks
        .map(|block| {
            let (tag, rest) = block.split_once('\n').expect("a block has lines");
            let text = rest
                .split("```")
                .next()
                .expect("split yields one part at least");
            (tag.trim().strip_prefix("refused="), text)
        })
        .collect()
}

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&schema()).expect("the schema is JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is a schema");
    jsonschema::draft202012::new(&schema).expect("the schema compiles")
}

#[test]
fn every_example_of_the_page_is_read_as_the_page_says() {
    let examples = examples();
    assert!(examples.len() >= 12, "{} examples", examples.len());
    for (refused, text) in examples {
        let reason = decode(text.as_bytes()).err().map(|error| error.reason());
        assert_eq!(reason, refused, "{text}");
    }
}

#[test]
fn the_page_lists_every_reason_with_its_code() {
    let page = include_str!("../../../WIRE.md");
    for (_, reason, _) in super::refusals::refusals() {
        assert!(page.contains(&format!("| `{reason}` |")), "{reason}");
    }
}

/// `JOUNCE_REWRITE=1 cargo test --release -p ingest schema` rewrites the file.
#[test]
fn the_schema_in_the_repository_is_the_schema_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/wire.schema.json");
    if std::env::var_os("JOUNCE_REWRITE").is_some() {
        std::fs::write(path, schema()).expect("the crate's folder is writable");
    }
    let file = std::fs::read_to_string(path).expect("the file is there");
    assert!(
        file == schema(),
        "wire.schema.json is stale: JOUNCE_REWRITE=1 cargo test -p ingest"
    );
}

#[test]
fn what_the_decoder_takes_the_schema_takes() {
    let validator = validator();
    let mut sound: Vec<Value> = vec![samples(), report()];
    for (refused, text) in examples() {
        if refused.is_none() {
            sound.push(serde_json::from_str(text).expect("JSON"));
        }
    }
    sound.push(with(samples(), "/header/vehicle", json!(null)));
    sound.push(with(samples(), "/header", json!(null)));
    sound.push(with(samples(), "/fixes/0/speed_kmh", json!(null)));
    sound.push(with(report(), "/bumps/0/kind_probability", json!(null)));
    sound.push(with(report(), "/stretches/0/roughness/class", json!(null)));
    sound.push(with(samples(), "/field_of_the_future", json!({"a": []})));
    for value in sound {
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}\n{value}");
        assert!(decode(value.to_string().as_bytes()).is_ok(), "{value}");
    }
}

#[test]
fn what_the_schema_refuses_the_decoder_refuses() {
    let validator = validator();
    let broken = [
        with(samples(), "/v", json!(2)),
        with(samples(), "/type", json!("telegram")),
        with(samples(), "/trip", json!("00FF")),
        with(samples(), "/seq", json!(-1)),
        with(samples(), "/device", json!("-a")),
        with(samples(), "/header/claim", json!("ff")),
        with(samples(), "/accel/unit", json!("mG")),
        with(samples(), "/accel/scale", json!(0)),
        with(samples(), "/accel/dt_us", json!([0, -1])),
        with(samples(), "/accel/x", json!([0, 0.5])),
        with(samples(), "/fixes/0/lat", json!(999)),
        with(samples(), "/fixes/0/speed_kmh", json!(-1)),
        with(samples(), "/fixes/0/bearing_deg", json!(361)),
        with(report(), "/bumps/0/kind", json!("crater")),
        with(report(), "/bumps/0/measured/band_rms_mps2", json!([0.1])),
        with(report(), "/detector/config_hash", json!("xyz")),
        without(samples(), "/trip"),
        without(samples(), "/accel/unit"),
        without(report(), "/detector"),
        json!({"v": 1, "type": "hello"}),
    ];
    for value in broken {
        assert!(!validator.is_valid(&value), "{value}");
        assert!(decode(value.to_string().as_bytes()).is_err(), "{value}");
    }
}
