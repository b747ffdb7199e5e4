//! What answers of the inbox tell a phone: one ack of each trip.

use trip::TripId;

use super::Outcome;
use crate::ack::{Ack, Nack, SeqSet};

/// Acks of one device that have not been told, in the order in which their trips were first answered.
/// They are cumulative: of several answers about a trip the latest says it all, but for what was
/// refused.
#[derive(Debug, Default)]
pub struct Acks(Vec<(Option<TripId>, Ack)>);

impl Acks {
    /// What the phone is to be told of an outcome. `server_us` is the server's clock, µs since 1970, for
    /// those who said hello; `None` where they are told it elsewhere. Of trouble there is nothing to tell.
    pub fn tell(&mut self, outcome: Outcome, server_us: Option<i64>) {
        match outcome {
            Outcome::Stored { trip, standing, .. } => {
                self.stand(trip, &standing);
            }
            Outcome::Refused {
                of,
                reason,
                standing,
            } => {
                let ack = match of {
                    Some((trip, _)) => self.stand(trip, &standing),
                    None => self.of(None),
                };
                ack.nack.push(Nack {
                    seq: of.map(|(_, seq)| seq),
                    reason: reason.to_owned(),
                });
            }
            Outcome::Standing(trips) => {
                if trips.is_empty() && server_us.is_some() {
                    self.of(None).server_us = server_us;
                }
                for (trip, standing) in trips {
                    self.stand(trip, &standing).server_us = server_us;
                }
            }
            Outcome::Trouble => {}
        }
    }

    /// Takes them all.
    pub fn take(&mut self) -> impl Iterator<Item = Ack> + use<> {
        let acks = std::mem::take(&mut self.0);
        acks.into_iter().map(|(_, ack)| ack)
    }

    fn stand(&mut self, trip: TripId, standing: &SeqSet) -> &mut Ack {
        let ack = self.of(Some(trip));
        let now = Ack::of(trip, standing);
        (ack.upto, ack.also) = (now.upto, now.also);
        ack
    }

    fn of(&mut self, trip: Option<TripId>) -> &mut Ack {
        let found = self.0.iter().position(|(of, _)| *of == trip);
        let at = found.unwrap_or_else(|| {
            let ack = Ack {
                trip: trip.map(|trip| trip.to_string()),
                ..Ack::default()
            };
            self.0.push((trip, ack));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip(last: u8) -> TripId {
        let mut bytes = [0; 16];
        bytes[15] = last;
        TripId::from_bytes(bytes)
    }

    fn first(count: u32) -> SeqSet {
        let mut set = SeqSet::default();
        for seq in 0..count {
            set.insert(seq);
        }
        set
    }

    fn stored(last: u8, count: u32) -> Outcome {
        Outcome::Stored {
            trip: trip(last),
            fresh: true,
            standing: first(count),
        }
    }

    fn check(outcomes: Vec<Outcome>, expected: &[&str]) {
        let mut acks = Acks::default();
        for outcome in outcomes {
            acks.tell(outcome, Some(77));
        }
        let said: Vec<String> = acks
            .take()
            .map(|ack| String::from_utf8(ack.to_json()).expect("JSON"))
            .collect();
        assert_eq!(said, expected);
        assert_eq!(acks.take().count(), 0);
    }

    #[test]
    fn a_trip_is_acked_once_with_the_latest_that_is_known() {
        let outcomes = vec![stored(1, 1), stored(2, 5), stored(1, 2), stored(1, 3)];
        check(
            outcomes,
            &[
                r#"{"trip":"00000000000000000000000000000001","upto":2}"#,
                r#"{"trip":"00000000000000000000000000000002","upto":4}"#,
            ],
        );
    }

    #[test]
    fn every_refusal_is_told_with_its_reason() {
        let refused = |of, reason| Outcome::Refused {
            of,
            reason,
            standing: first(1),
        };
        let outcomes = vec![
            refused(Some((trip(1), 0)), "out_of_range"),
            refused(None, "not_a_message"),
            stored(1, 2),
            refused(Some((trip(1), 9)), "too_long"),
        ];
        check(
            outcomes,
            &[
                r#"{"trip":"00000000000000000000000000000001","upto":0,"nack":[{"seq":0,"reason":"out_of_range"},{"seq":9,"reason":"too_long"}]}"#,
                r#"{"nack":[{"reason":"not_a_message"}]}"#,
            ],
        );
    }

    #[test]
    fn a_hello_is_told_the_time_even_if_it_names_no_trip() {
        let unknown = Outcome::Standing(vec![(trip(3), first(0))]);
        check(
            vec![Outcome::Standing(Vec::new()), unknown],
            &[
                r#"{"server_us":77}"#,
                r#"{"trip":"00000000000000000000000000000003","server_us":77}"#,
            ],
        );
    }
}
