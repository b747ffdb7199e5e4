//! What phones are to be told: the inbox's answers, one ack for each trip.

use std::collections::BTreeMap;
use std::sync::Arc;

use trip::{DeviceId, TripId};

use crate::ack::{Ack, Nack, SeqSet};
use crate::inbox::Outcome;

/// The most nacks of one ack. More of them make another ack.
const NACKS: usize = 100;

/// Answers gathered since phones were told last. Acks are cumulative: of several answers about a
/// trip the latest says it all, but for what was refused.
#[derive(Debug, Default)]
pub(super) struct Tidings(BTreeMap<(Arc<DeviceId>, Option<TripId>), Ack>);

impl Tidings {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes an answer in. `server_us` is the server's clock, µs since 1970, for those who asked.
    pub(super) fn hear(&mut self, device: &Arc<DeviceId>, outcome: Outcome, server_us: i64) {
        match outcome {
            Outcome::Stored { trip, standing, .. } => {
                self.standing(device, trip, &standing);
            }
            Outcome::Refused {
                of,
                reason,
                standing,
            } => {
                let ack = match of {
                    Some((trip, _)) => self.standing(device, trip, &standing),
                    None => self.of_no_trip(device),
                };
                ack.nack.push(Nack {
                    seq: of.map(|(_, seq)| seq),
                    reason: reason.to_owned(),
                });
            }
            Outcome::Standing(trips) if trips.is_empty() => {
                self.of_no_trip(device).server_us = Some(server_us);
            }
            Outcome::Standing(trips) => {
                for (trip, standing) in trips {
                    self.standing(device, trip, &standing).server_us = Some(server_us);
                }
            }
            Outcome::Trouble => {}
        }
    }

    /// The acks, device by device; nothing is left to tell.
    pub(super) fn take(&mut self) -> Vec<(Arc<DeviceId>, Ack)> {
        let all = std::mem::take(&mut self.0).into_iter();
        let split = all.flat_map(|((device, _), ack)| {
            parts(ack)
                .into_iter()
                .map(move |ack| (Arc::clone(&device), ack))
        });
        split.collect()
    }

    fn standing(&mut self, device: &Arc<DeviceId>, trip: TripId, standing: &SeqSet) -> &mut Ack {
        let ack = self.0.entry((Arc::clone(device), Some(trip))).or_default();
        let told = std::mem::take(ack);
        *ack = Ack {
            nack: told.nack,
            server_us: told.server_us,
            ..Ack::of(trip, standing)
        };
        ack
    }

    fn of_no_trip(&mut self, device: &Arc<DeviceId>) -> &mut Ack {
        self.0.entry((Arc::clone(device), None)).or_default()
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
