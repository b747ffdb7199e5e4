//! What a phone would send.

use std::io::Read as _;
use std::path::Path;

/// The messages of a trace, one JSON object each, without what only files say, and a goodbye.
pub(crate) fn messages_of(trace: &Path) -> Vec<Vec<u8>> {
    let file = std::fs::File::open(trace).expect("a trace");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("text");
    let mut messages: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a message"))
        .collect();
    for message in &mut messages {
        let fields = message.as_object_mut().expect("an object");
        fields.remove("device");
        fields.remove("received_us");
    }
    let last = messages.last().expect("messages").clone();
    if last["type"] != "bye" {
        let seq = last["seq"].as_u64().expect("a number") + 1;
        messages.push(serde_json::json!({"v": 1, "type": "bye", "trip": last["trip"], "seq": seq}));
    }
    messages
        .iter()
        .map(|message| serde_json::to_vec(message).expect("plain"))
        .collect()
}

/// The same drive as another trip.
pub(crate) fn shifted(messages: &[Vec<u8>], number: u8) -> Vec<Vec<u8>> {
    let rename = |message: &Vec<u8>| {
        let mut message: serde_json::Value = serde_json::from_slice(message).expect("a message");
        message["trip"] = format!("{number:032x}").into();
        serde_json::to_vec(&message).expect("plain")
    };
    messages.iter().map(rename).collect()
}
