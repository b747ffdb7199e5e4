//! What a setting may be.

use ingest::bridge::Address;
use ingest::door::Trusted;
use serde_json::Value;

use super::{Operator, Settings};

/// From where to where a number may go.
struct Range {
    name: &'static str,
    from: f64,
    to: f64,
    /// The unit, and why there is an end where that is not plain.
    unit: &'static str,
}

const fn range(name: &'static str, from: f64, to: f64, unit: &'static str) -> Range {
    Range {
        name,
        from,
        to,
        unit,
    }
}

/// Every number among the settings.
const RANGES: [Range; 29] = [
    range("devices.cohort_weight", 1.0, 1e6, "devices"),
    range("devices.device_days", 1.0, 3650.0, "days"),
    range("devices.enrolments_per_hour", 1.0, 1e5, "phones"),
    range("devices.longest_pause_s", 1.0, 3600.0, "s"),
    range("devices.most_invite_days", 1.0, 3650.0, "days"),
    range("devices.most_invite_uses", 1.0, 1e6, "phones"),
    range("devices.old_secret_days", 0.0, 30.0, "days"),
    range("devices.slips", 1.0, 1000.0, "wrong ones"),
    range("inbox.queue_bytes", 1e6, 4e9, "bytes"),
    range("inbox.segment_bytes", 1e6, 4e9, "bytes"),
    range("limits.connections", 1.0, 1e6, "connections"),
    range("limits.connections_per_address", 1.0, 1e6, "connections"),
    range("limits.farewell_s", 0.0, 60.0, "s"),
    range("limits.half_packet_s", 1.0, 600.0, "s"),
    range("limits.handshake_s", 1.0, 60.0, "s"),
    range("limits.silence_s", 30.0, 86_400.0, "s"),
    range("limits.unanswered", 1.0, 10_000.0, "messages"),
    range("limits.unanswered_bytes", 1e3, 1e8, "bytes"),
    range("limits.unread_s", 1.0, 600.0, "s"),
    range("map.fold_every_s", 1.0, 86_400.0, "s"),
    range(
        "privacy.raw_hours",
        1.0,
        24.0,
        "h; the cut ends of a trip are erased within a day",
    ),
    range(
        "privacy.retention_days",
        7.0,
        3650.0,
        "days; less than a week cannot be told from a week",
    ),
    range("privacy.trim_extra_m", 0.0, 2000.0, "m"),
    range("privacy.trim_m", 0.0, 5000.0, "m"),
    range("privacy.trim_s", 0.0, 1800.0, "s"),
    range("trips.idle_minutes", 1.0, 720.0, "minutes"),
    range("trips.max_bytes", 1e6, 64e6, "bytes"),
    range(
        "trips.max_hours",
        1.0,
        48.0,
        "h; a trip that never ends would keep its beginning",
    ),
    range("trips.max_open_per_device", 1.0, 10_000.0, "trips"),
];

/// Everything about the settings that cannot be: the setting, and what would be right.
pub(super) fn problems(settings: &Settings) -> Vec<(&'static str, String)> {
    let value = serde_json::to_value(settings).expect("settings are plain values");
    let out_of_range = |range: &Range| {
        let pointer = format!("/{}", range.name.replace('.', "/"));
        let number = value.pointer(&pointer).and_then(Value::as_f64)?;
        let is_within = range.from <= number && number <= range.to;
        let (from, to, unit) = (range.from, range.to, range.unit);
        (!is_within).then(|| {
            (
                range.name,
                format!("is {number}; may be {from} to {to} {unit}"),
            )
        })
    };
    let mut problems: Vec<_> = RANGES.iter().filter_map(out_of_range).collect();
    let server = &settings.server;
    match (&server.tls_cert, &server.tls_key) {
        (Some(_), None) => {
            problems.push(("server.tls_cert", "needs server.tls_key as well".to_owned()));
        }
        (None, Some(_)) => {
            problems.push(("server.tls_key", "needs server.tls_cert as well".to_owned()));
        }
        _ => {}
    }
    if let Some(url) = &server.url
        && !is_web(url)
    {
        problems.push((
            "server.url",
            "is no link such as https://road.example.org".to_owned(),
        ));
    }
    if let Some(url) = &settings.operator.consent_url
        && !is_web(url)
    {
        let what = "is no link such as https://road.example.org/consent";
        problems.push(("operator.consent_url", what.to_owned()));
    }
    let trusted = Trusted::of(server.trusted_addresses.iter().map(String::as_str));
    if let Err(error) = trusted {
        problems.push(("server.trusted_addresses", error.to_string()));
    }
    // The URL may hold a password, and is not repeated.
    if let Some(Err(error)) = settings.broker.url.as_deref().map(str::parse::<Address>) {
        problems.push(("broker.url", error.to_string()));
    }
    if settings.broker.password.is_some() && settings.broker.url.is_none() {
        problems.push((
            "broker.password",
            "is for broker.url, which is not set".to_owned(),
        ));
    }
    for (name, text) in settings.operator.texts() {
        if text.is_some_and(|text| text.trim().is_empty()) {
            problems.push((name, "is empty; leave it out, or say it".to_owned()));
        }
    }
    problems
}

fn is_web(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    rest.is_some_and(|rest| !rest.is_empty() && is_plain(rest))
}

/// Nobody answers for the server, and so nobody may be asked to send to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "nobody is enrolled before volunteers can be told who asks: set {} in the configuration, or run a trial \
     with --open",
    .missing.join(", ")
)]
pub struct NoOperator {
    /// The settings that are missing.
    pub missing: Vec<&'static str>,
}

impl Operator {
    /// Whether volunteers can be told who asks them, and for what.
    ///
    /// # Errors
    /// What is missing for that.
    pub fn answers(&self) -> Result<(), NoOperator> {
        let needed = self.texts().into_iter().take(4);
        let missing: Vec<_> = needed
            .filter(|(_, text)| text.is_none())
            .map(|(name, _)| name)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(NoOperator { missing })
    }

    /// What there is to say; the first four must be said.
    fn texts(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("operator.name", self.name.as_deref()),
            ("operator.contact", self.contact.as_deref()),
            ("operator.privacy_contact", self.privacy_contact.as_deref()),
            ("operator.consent_version", self.consent_version.as_deref()),
            ("operator.consent_url", self.consent_url.as_deref()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_range() {
        let defaults = serde_json::to_value(Settings::default()).unwrap();
        let numbers = crate::dotted::leaves(&defaults).into_iter();
        let numbers: Vec<String> = numbers
            .filter(|(_, value)| value.is_number())
            .map(|(name, _)| name)
            .collect();
        let ranges: Vec<&str> = RANGES.iter().map(|range| range.name).collect();
        assert_eq!(numbers, ranges);
    }

    #[test]
    fn nobody_is_asked_before_somebody_answers() {
        let mut operator = Operator::default();
        let missing = operator.answers().unwrap_err().to_string();
        for word in [
            "operator.name",
            "operator.contact",
            "operator.privacy_contact",
        ] {
            assert!(missing.contains(word), "{missing}");
        }
        let some = |text: &str| Some(text.to_owned());
        operator.name = some("Roads Department");
        operator.contact = some("roads@example.org");
        operator.privacy_contact = some("privacy@example.org");
        let missing = operator.answers().unwrap_err().missing;
        assert_eq!(missing, ["operator.consent_version"]);
        operator.consent_version = some("2026-01");
        assert_eq!(operator.answers(), Ok(()));
    }
}
