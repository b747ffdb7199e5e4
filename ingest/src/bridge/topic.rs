//! The two topics of a device, `jounce/v1/<device>/up` and `…/ack`.
//!
//! They hold no dots: NATS and RabbitMQ write `/` as `.` inside.

use trip::DeviceId;

/// What the server subscribes: whatever any phone sends.
pub(super) const ALL_UP: &str = "jounce/v1/+/up";

/// Whose message a topic carries. Nothing but the topic tells: the broker let only that device
/// write there. `None` for any other topic.
pub(super) fn device_of(topic: &str) -> Option<DeviceId> {
    let device = topic.strip_prefix("jounce/v1/")?.strip_suffix("/up")?;
    device.parse().ok()
}

/// Where a device hears of what is stored.
pub(super) fn ack_of(device: &DeviceId) -> String {
    format!("jounce/v1/{}/ack", device.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_topic_of_a_sound_device_names_one() {
        let device = device_of("jounce/v1/d-3f9a/up").expect("a device");
        assert_eq!(ack_of(&device), "jounce/v1/d-3f9a/ack");
        for topic in [
            "",
            "jounce/v1//up",
            "jounce/v1/up",
            "jounce/v1/d-3f9a/up/",
            "jounce/v1/d-3f9a/ack",
            "jounce/v1/a/b/up",
            "/jounce/v1/a/up",
            "jounce/v2/a/up",
            "jounce/v1/-a/up",
            "jounce/v1/A/up",
            "jounce/v1/a.b/up",
            "jounce/v1/é/up",
            "jounce/v1/+/up",
        ] {
            assert!(device_of(topic).is_none(), "{topic}");
        }
    }
}
