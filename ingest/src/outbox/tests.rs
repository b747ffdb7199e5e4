use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::ack::{Nack, SeqSet};

/// A server behind a network that loses, repeats and reorders what goes either way.
#[derive(Default)]
struct Server {
    stored: BTreeMap<TripId, SeqSet>,
    /// How often each message was taken as new.
    taken: BTreeMap<(TripId, u32), u32>,
    refused: BTreeMap<(TripId, u32), &'static str>,
}

impl Server {
    fn take(&mut self, send: &Send) -> Vec<Ack> {
        match send {
            Send::Hello(trips) => trips.iter().map(|&trip| self.standing(trip)).collect(),
            Send::Message(letter) => {
                let number = (letter.trip, letter.seq);
                assert_eq!(
                    letter.payload,
                    payload(letter.seq),
                    "the same bytes each time"
                );
                if self
                    .stored
                    .entry(letter.trip)
                    .or_default()
                    .insert(letter.seq)
                {
                    *self.taken.entry(number).or_default() += 1;
                }
                let mut ack = self.standing(letter.trip);
                if let Some(&reason) = self.refused.get(&number) {
                    ack.nack.push(Nack {
                        seq: Some(letter.seq),
                        reason: reason.to_owned(),
                    });
                }
                vec![ack]
            }
        }
    }

    fn standing(&self, trip: TripId) -> Ack {
        let none = SeqSet::default();
        Ack::of(trip, self.stored.get(&trip).unwrap_or(&none))
    }
}

fn trip(number: u8) -> TripId {
    TripId::from_bytes([number; 16])
}

fn payload(seq: u32) -> Bytes {
    vec![b'x'; 10 + 37 * seq as usize].into()
}

fn outbox(messages: u32) -> Outbox {
    let mut outbox = Outbox::new(1);
    for seq in 0..messages {
        outbox.push(trip(1), seq, payload(seq));
    }
    outbox
}

fn drain(outbox: &mut Outbox, now_us: i64) -> Vec<Send> {
    std::iter::from_fn(|| outbox.poll(now_us)).collect()
}

fn numbers(sends: &[Send]) -> Vec<u32> {
    let number = |send: &Send| match send {
        Send::Hello(_) => panic!("a hello among the messages"),
        Send::Message(letter) => letter.seq,
    };
    sends.iter().map(number).collect()
}

fn ack(upto: u32) -> Ack {
    Ack {
        trip: Some(trip(1).to_string()),
        upto: Some(upto),
        ..Ack::default()
    }
}

#[test]
fn a_phone_that_comes_back_asks_before_it_sends() {
    let mut outbox = outbox(5);
    outbox.push(trip(2), 0, payload(0));
    outbox.connected();
    assert_eq!(drain(&mut outbox, 0), [Send::Hello(vec![trip(1), trip(2)])]);
    assert_eq!(outbox.heard(&ack(2), 1).len(), 3);
    assert_eq!(drain(&mut outbox, 1), [], "the other trip is not answered");
    let nothing = Ack::of(trip(2), &SeqSet::default());
    assert_eq!(outbox.heard(&nothing, 2), []);
    assert_eq!(numbers(&drain(&mut outbox, 2)), [3, 4, 0]);
}

#[test]
fn an_answer_that_never_comes_is_not_waited_for_for_ever() {
    let mut outbox = outbox(2);
    outbox.connected();
    assert_eq!(drain(&mut outbox, 0).len(), 1);
    assert_eq!(outbox.next_deadline(), Some(5_000_000));
    assert_eq!(drain(&mut outbox, 4_999_999), []);
    assert_eq!(numbers(&drain(&mut outbox, 5_000_000)), [0, 1]);
}

#[test]
fn eight_messages_are_under_way_and_no_more() {
    let mut outbox = outbox(20);
    outbox.reachable();
    assert_eq!(numbers(&drain(&mut outbox, 0)), (0..8).collect::<Vec<_>>());
    let mut apart = ack(1);
    apart.also = vec![[5, 5]];
    assert_eq!(outbox.heard(&apart, 1).len(), 3);
    assert_eq!(numbers(&drain(&mut outbox, 1)), [8, 9, 10]);
}

#[test]
fn large_messages_fill_the_window_and_one_always_fits() {
    let mut outbox = Outbox::new(1);
    for seq in 0..4 {
        outbox.push(trip(1), seq, vec![0; 100_000].into());
    }
    outbox.push(trip(1), 4, vec![0; 300_000].into());
    outbox.reachable();
    assert_eq!(drain(&mut outbox, 0).len(), 2);
    outbox.heard(&ack(3), 1);
    assert_eq!(drain(&mut outbox, 1).len(), 1, "larger than the window");
}

#[test]
fn silence_is_answered_by_sending_again_ever_later() {
    let mut outbox = outbox(1);
    outbox.reachable();
    assert_eq!(drain(&mut outbox, 0).len(), 1);
    let mut waits = vec![];
    let mut now_us = 0;
    for _ in 0..8 {
        let due_us = outbox.next_deadline().expect("a resend");
        waits.push((due_us - now_us) / 1_000_000);
        now_us = due_us;
        assert_eq!(drain(&mut outbox, now_us - 1), []);
        let sends = drain(&mut outbox, now_us);
        assert!(matches!(&sends[..], [Send::Message(letter)] if letter.again));
    }
    assert_eq!(waits[0], 15);
    assert!(
        waits.windows(2).take(4).all(|pair| pair[0] < pair[1]),
        "{waits:?}"
    );
    assert!(waits.iter().all(|wait| *wait <= 300), "{waits:?}");
    assert!(*waits.last().unwrap() >= 225, "{waits:?}");
}

#[test]
fn a_refused_message_is_dropped_and_its_reason_told() {
    let mut outbox = outbox(3);
    outbox.reachable();
    drain(&mut outbox, 0);
    let mut nacked = ack(1);
    nacked.nack.push(Nack {
        seq: Some(1),
        reason: "out_of_range".to_owned(),
    });
    let settled = outbox.heard(&nacked, 9);
    let reasons: Vec<_> = settled.iter().map(|it| it.refused.as_deref()).collect();
    assert_eq!(reasons, [None, Some("out_of_range")]);
    assert_eq!(settled[0].took_us, Some(9));
    assert_eq!(outbox.waiting().collect::<Vec<_>>(), [(trip(1), 2)]);
}

#[test]
fn an_ack_of_a_stranger_changes_nothing() {
    let mut outbox = outbox(3);
    outbox.reachable();
    drain(&mut outbox, 0);
    let mut other = ack(99);
    other.trip = Some(trip(9).to_string());
    assert_eq!(outbox.heard(&other, 1), []);
    other.trip = None;
    assert_eq!(outbox.heard(&other, 1), []);
    other.trip = Some("nobody".to_owned());
    assert_eq!(outbox.heard(&other, 1), []);
    assert_eq!(outbox.len(), 3);
}

/// What the network does with one packet.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    Lost,
    Twice,
    Late,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Arrives),
        2 => Just(Fate::Lost),
        1 => Just(Fate::Twice),
        2 => Just(Fate::Late),
    ]
}

/// A network that does with each packet what comes next, and keeps back what is late.
struct Network<T> {
    fates: std::vec::IntoIter<Fate>,
    late: Vec<T>,
}

impl<T: Clone> Network<T> {
    /// What arrives, for one that was sent: when the fates are over, all is well.
    fn pass(&mut self, one: T) -> Vec<T> {
        match self.fates.next().unwrap_or(Fate::Arrives) {
            Fate::Arrives => {
                // What was late before comes after what was sent later.
                let mut all = vec![one];
                all.append(&mut self.late);
                all
            }
            Fate::Lost => vec![],
            Fate::Twice => vec![one.clone(), one],
            Fate::Late => {
                self.late.push(one);
                vec![]
            }
        }
    }
}

proptest! {
    #[test]
    fn every_message_ends_up_stored_once_and_the_outbox_empties(
        there in prop::collection::vec(fate(), 0..150),
        back in prop::collection::vec(fate(), 0..150),
        breaks in prop::collection::vec(0_u32..60, 0..8),
        lengths in prop::collection::vec(0_u32..25, 1..5),
        refused in prop::collection::btree_set((0_u8..5, 0_u32..25), 0..6),
        seed in any::<u64>(),
    ) {
        let mut outbox = Outbox::new(seed);
        let mut server = Server::default();
        for (number, seq) in refused {
            server.refused.insert((trip(number), seq), "unknown_word");
        }
        let mut there = Network { fates: there.into_iter(), late: vec![] };
        let mut back = Network { fates: back.into_iter(), late: vec![] };
        let (mut now_us, mut step, mut settled) = (0_i64, 0_u32, BTreeMap::new());
        let mut made = (0_u8..).zip(&lengths).flat_map(|(number, &length)| {
            (0..length).map(move |seq| (trip(number), seq))
        });
        let total: u32 = lengths.iter().sum();
        outbox.connected();
        loop {
            step += 1;
            prop_assert!(step < 5_000, "it never ends: {} wait", outbox.len());
            let pushed = made.next();
            if let Some((trip, seq)) = pushed {
                outbox.push(trip, seq, payload(seq));
            }
            if breaks.contains(&step) {
                // Whatever was under way is gone with the connection.
                outbox.lost();
                prop_assert_eq!(outbox.poll(now_us), None);
                there.late.clear();
                back.late.clear();
                outbox.connected();
            }
            while let Some(send) = outbox.poll(now_us) {
                prop_assert!(outbox.under_way <= 8);
                for arrived in there.pass(send) {
                    for answer in server.take(&arrived) {
                        for ack in back.pass(answer) {
                            for it in outbox.heard(&ack, now_us) {
                                let before = settled.insert((it.trip, it.seq), it.refused);
                                prop_assert_eq!(before, None, "settled twice");
                            }
                        }
                    }
                }
            }
            if pushed.is_none() && outbox.is_empty() {
                break;
            }
            // A phone that waits: until something is due, or a little for the next message.
            let due_us = outbox.next_deadline().filter(|_| pushed.is_none());
            now_us = due_us.map_or(now_us + 1_000_000, |due_us| due_us.max(now_us + 1));
        }
        prop_assert_eq!(settled.len(), total as usize);
        prop_assert_eq!(server.taken.len(), total as usize);
        prop_assert!(server.taken.values().all(|&times| times == 1));
        prop_assert_eq!(outbox.next_deadline(), None);
        // What is told as refused was; a reason may be lost with its ack, the number is not.
        for (number, reason) in settled {
            prop_assert!(reason.is_none() || server.refused.contains_key(&number));
        }
    }
}
