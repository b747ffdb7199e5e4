//! Messages to JSON and CBOR.

use serde::{Serialize, Serializer};

use super::{Content, Hello, Message, VERSION};

/// The wire's order of fields: what a reader of a trace wants to see first comes first.
#[derive(Serialize)]
struct Line<'a, C> {
    v: u8,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    received_us: Option<i64>,
    trip: &'a str,
    seq: u32,
    #[serde(flatten)]
    content: &'a C,
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.content {
            Content::Samples(samples) => self.line(samples).serialize(serializer),
            Content::Mark(mark) => self.line(mark).serialize(serializer),
            Content::Bye(bye) => self.line(bye).serialize(serializer),
            Content::Report(report) => self.line(report).serialize(serializer),
        }
    }
}

impl Serialize for Hello {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            v: u8,
            r#type: &'static str,
            now_us: i64,
            trips: &'a [String],
        }
        Line {
            v: VERSION,
            r#type: "hello",
            now_us: self.now_us,
            trips: &self.trips,
        }
        .serialize(serializer)
    }
}

impl Message {
    /// The message as one line of JSON, without the line's end: what a trace holds per line.
    pub fn to_json(&self) -> Vec<u8> {
        json(self)
    }

    /// The message as CBOR.
    pub fn to_cbor(&self) -> Vec<u8> {
        cbor(self)
    }

    fn line<'a, C>(&'a self, content: &'a C) -> Line<'a, C> {
        Line {
            v: VERSION,
            r#type: self.content.type_name(),
            device: self.device.as_deref(),
            received_us: self.received_us,
            trip: &self.trip,
            seq: self.seq,
            content,
        }
    }
}

impl Hello {
    /// The hello as JSON.
    pub fn to_json(&self) -> Vec<u8> {
        json(self)
    }

    /// The hello as CBOR.
    pub fn to_cbor(&self) -> Vec<u8> {
        cbor(self)
    }
}

impl Content {
    /// Every value of `type` that names a numbered message.
    pub const TYPES: [&str; 4] = ["samples", "mark", "bye", "report"];

    /// The value of `type` that names it on the wire.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Samples(_) => "samples",
            Self::Mark(_) => "mark",
            Self::Bye(_) => "bye",
            Self::Report(_) => "report",
        }
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("the types have string keys only and memory does not fail")
}

fn cbor(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("memory does not fail");
    bytes
}
