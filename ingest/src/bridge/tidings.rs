//! What phones are to be told: the inbox's answers, one ack for each trip.

use std::collections::BTreeMap;
use std::sync::Arc;

use trip::DeviceId;

use crate::ack::Ack;
use crate::inbox::{Acks, Outcome};

/// The most nacks of one ack. More of them make another ack.
const NACKS: usize = 100;

/// Answers gathered since phones were told last.
#[derive(Debug, Default)]
pub(super) struct Tidings(BTreeMap<Arc<DeviceId>, Acks>);

impl Tidings {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes an answer in. `server_us` is the server's clock, µs since 1970, for those who asked.
    pub(super) fn hear(&mut self, device: &Arc<DeviceId>, outcome: Outcome, server_us: i64) {
        if outcome != Outcome::Trouble {
            let acks = self.0.entry(Arc::clone(device)).or_default();
            acks.tell(outcome, Some(server_us));
        }
    }

    /// The acks, device by device and trip by trip; nothing is left to tell.
    pub(super) fn take(&mut self) -> Vec<(Arc<DeviceId>, Ack)> {
        let mut told = Vec::new();
        for (device, mut acks) in std::mem::take(&mut self.0) {
            let mut acks: Vec<Ack> = acks.take().collect();
            acks.sort_by(|a, b| a.trip.cmp(&b.trip));
            let parts = acks.into_iter().flat_map(parts);
            told.extend(parts.map(|ack| (Arc::clone(&device), ack)));
        }
        told
    }
}

/// An ack as several with few nacks each.
fn parts(mut ack: Ack) -> Vec<Ack> {
    let nacks = std::mem::take(&mut ack.nack);
    let mut parts: Vec<Ack> = nacks
        .chunks(NACKS)
        .map(|nacks| Ack {
            nack: nacks.to_vec(),
            ..ack.clone()
        })
        .collect();
    if parts.is_empty() {
        parts.push(ack);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ack::SeqSet;
    use trip::TripId;

    fn upto(last: u32) -> SeqSet {
        let mut set = SeqSet::default();
        for seq in 0..=last {
            set.insert(seq);
        }
        set
    }

    fn device(text: &str) -> Arc<DeviceId> {
        Arc::new(text.parse().expect("a device"))
    }

    fn told(tidings: &mut Tidings) -> Vec<String> {
        let acks = tidings.take().into_iter();
        acks.map(|(device, ack)| {
            let json = String::from_utf8(ack.to_json()).expect("JSON");
            format!("{} {}", device.as_str(), json)
        })
        .collect()
    }

    #[test]
    fn many_answers_about_one_trip_are_one_ack_and_every_refusal_is_in_it() {
        let (a, b) = (device("a"), device("b"));
        let trip = TripId::from_bytes([7; 16]);
        let mut tidings = Tidings::default();
        for seq in 0..3 {
            let stored = Outcome::Stored {
                trip,
                fresh: true,
                standing: upto(seq),
            };
            tidings.hear(&a, stored, 5);
        }
        for seq in [3, 4] {
            let refused = Outcome::Refused {
                of: Some((trip, seq)),
                reason: "out_of_range",
                standing: upto(seq),
            };
            tidings.hear(&a, refused, 5);
        }
        tidings.hear(&a, Outcome::Standing(Vec::new()), 5);
        tidings.hear(&b, Outcome::Standing(vec![(trip, upto(8))]), 6);
        tidings.hear(&b, Outcome::Trouble, 7);
        let hex = trip.to_string();
        let nacks = r#"[{"seq":3,"reason":"out_of_range"},{"seq":4,"reason":"out_of_range"}]"#;
        let expected = [
            r#"a {"server_us":5}"#.to_owned(),
            format!(r#"a {{"trip":"{hex}","upto":4,"nack":{nacks}}}"#),
            format!(r#"b {{"trip":"{hex}","upto":8,"server_us":6}}"#),
        ];
        assert_eq!(told(&mut tidings), expected);
        assert!(tidings.is_empty() && tidings.take().is_empty());
    }

    #[test]
    fn a_flood_of_refusals_is_told_in_small_acks() {
        let mut tidings = Tidings::default();
        for _ in 0..250 {
            let refused = Outcome::Refused {
                of: None,
                reason: "not_a_message",
                standing: SeqSet::default(),
            };
            tidings.hear(&device("a"), refused, 0);
        }
        let nacks: Vec<usize> = tidings.take().iter().map(|(_, a)| a.nack.len()).collect();
        assert_eq!(nacks, [100, 100, 50]);
    }
}
