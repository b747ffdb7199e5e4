//! The settings in the words of the stages that go by them.

use std::time::Duration;

use ingest::bridge::Address;
use ingest::devices::{Terms, slow};
use ingest::door;

use super::{Broker, Devices, Limits, Server, Settings};
use crate::trim::TrimRule;

impl Settings {
    /// What is cut at the ends of a trip, but for the displacement.
    pub fn trim(&self) -> TrimRule {
        TrimRule {
            seconds: self.privacy.trim_s,
            metres: self.privacy.trim_m,
        }
    }

    /// What the inbox takes.
    pub fn inbox_limits(&self) -> ingest::inbox::Limits {
        const HOUR_US: i64 = 3_600_000_000;
        ingest::inbox::Limits {
            queue_bytes: self.inbox.queue_bytes,
            segment_bytes: self.inbox.segment_bytes,
            max_open_trips: self.trips.max_open_per_device,
            max_trip_bytes: self.trips.max_bytes,
            max_trip_us: i64::from(self.trips.max_hours) * HOUR_US,
        }
    }

    /// How long devices, secrets and invites are good for.
    pub fn terms(&self) -> Terms {
        Terms {
            device_days: self.devices.device_days,
            old_secret_days: self.devices.old_secret_days,
            kept_days: self.privacy.retention_days,
            most_invite_uses: self.devices.most_invite_uses,
            most_invite_days: self.devices.most_invite_days,
        }
    }
}

impl Devices {
    /// Who is slowed down.
    pub fn rules(&self) -> slow::Rules {
        slow::Rules {
            slips: self.slips,
            longest_s: self.longest_pause_s,
            ..slow::Rules::default()
        }
    }
}

impl Server {
    /// Addresses that no limit holds.
    pub fn trusted(&self) -> door::Trusted {
        let trusted = door::Trusted::of(self.trusted_addresses.iter().map(String::as_str));
        trusted.expect("addresses were read when the settings were checked")
    }
}

impl Limits {
    /// What the door takes.
    pub fn of_door(&self) -> door::Limits {
        door::Limits {
            connections: self.connections,
            connections_per_address: self.connections_per_address,
            handshake: Duration::from_secs(self.handshake_s),
            half_packet: Duration::from_secs(self.half_packet_s),
            silence: Duration::from_secs(self.silence_s),
            unanswered: self.unanswered,
            unanswered_bytes: self.unanswered_bytes,
            unread: Duration::from_secs(self.unread_s),
            farewell: Duration::from_secs(self.farewell_s),
            ..door::Limits::default()
        }
    }
}

impl Broker {
    /// Where the broker is, if there is one, and as whom.
    pub fn address(&self) -> Option<Address> {
        let address: Address = self.url.as_deref()?.parse().ok()?;
        Some(match &self.password {
            Some(password) => address.with_password(password.clone()),
            None => address,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_stages() {
        let settings = Settings::default();
        assert_eq!(settings.limits.of_door(), door::Limits::default());
        assert_eq!(settings.terms(), Terms::default());
        assert_eq!(settings.devices.rules(), slow::Rules::default());
        assert_eq!(settings.trim(), TrimRule::default());
        assert_eq!(settings.server.trusted(), door::Trusted::default());
        assert!(settings.broker.address().is_none());
    }
}
