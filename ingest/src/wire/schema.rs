//! `wire.schema.json`, made from the types.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::v1;

/// What a phone may send to jounce: wire format version 1. Unknown fields are ignored. A schema
/// cannot say everything: see WIRE.md for what else makes a message be refused.
#[derive(JsonSchema)]
#[schemars(title = "jounce wire format v1")]
#[expect(dead_code, reason = "only its schema is used")]
struct Wire {
    /// The version of the wire format.
    #[schemars(extend("const" = v1::VERSION))]
    v: u8,
    #[schemars(flatten)]
    what: What,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    clippy::large_enum_variant,
    reason = "only its schema is used"
)]
enum What {
    Message(v1::Message),
    Hello(Hello),
}

/// A phone came (back) and asks what is stored.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Hello {
    /// What it is.
    #[schemars(extend("const" = "hello"))]
    r#type: String,
    #[schemars(flatten)]
    hello: v1::Hello,
}

/// The JSON Schema (2020-12) of everything that [`decode`](super::decode) takes, as the file
/// `wire.schema.json` holds it.
pub fn schema() -> String {
    let schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Wire>();
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema has string keys only");
    text.push('\n');
    text
}
