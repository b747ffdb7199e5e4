//! What is said on one connection after CONNECT, without I/O: packets in, messages for the inbox and
//! packets out.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::UnboundedSender;
use trip::DeviceId;

use super::counters::add;
use super::{Door, Ending};
use crate::clock::now_us;
use crate::inbox::{Acks, Answer, Letter, Outcome, Put};
use crate::mqtt::packet::{Packet, Publish, Qos, SUBSCRIPTION_REFUSED};

/// The topic to which the app Sensor Logger publishes unless told otherwise: here it means the
/// device's own.
const SENSOR_LOGGER: &str = "sensor-logger";

/// Queues longer than this are given back once they are empty.
const SPARE_ENTRIES: usize = 4;

/// A device's two topics.
#[derive(Debug)]
pub(super) struct Topics {
    pub(super) up: String,
    pub(super) ack: String,
}

impl Topics {
    pub(super) fn of(name: &str) -> Self {
        Self {
            up: format!("jounce/v1/{name}/up"),
            ack: format!("jounce/v1/{name}/ack"),
        }
    }
}

/// The state of one conversation.
pub(super) struct Talk<'d> {
    door: &'d Door,
    device: Arc<DeviceId>,
    topics: Topics,
    /// Whether the phone wants to hear acks.
    subscribed: bool,
    /// What is on its way to the inbox.
    pub(super) arrived: VecDeque<Put>,
    /// Messages whose PUBACK is due, in order of arrival.
    unanswered: VecDeque<Unanswered>,
    unanswered_bytes: usize,
    /// The token of the next put, and that of the next answer.
    puts: u64,
    answers: u64,
    reply: UnboundedSender<Answer>,
    acks: Acks,
    /// Whether packets lie there that were not taken because there was no room.
    pub(super) waiting: bool,
    /// Why it is over.
    pub(super) ending: Option<Ending>,
}

/// One message that was read.
#[derive(Debug)]
struct Unanswered {
    /// Named in the PUBACK; `None` for QoS 0.
    id: Option<u16>,
    /// Puts of it that have no answer yet.
    left: u32,
    bytes: u32,
}

impl<'d> Talk<'d> {
    pub(super) fn new(
        door: &'d Door,
        device: Arc<DeviceId>,
        topics: Topics,
        reply: UnboundedSender<Answer>,
    ) -> Self {
        Self {
            door,
            device,
            topics,
            subscribed: false,
            arrived: VecDeque::new(),
            unanswered: VecDeque::new(),
            unanswered_bytes: 0,
            puts: 0,
            answers: 0,
            reply,
            acks: Acks::default(),
            waiting: false,
            ending: None,
        }
    }

    /// Whether one more packet may be taken while so many bytes wait to be written.
    pub(super) fn has_room(&self, unread_bytes: usize) -> bool {
        let limits = &self.door.limits;
        self.ending.is_none()
            && self.unanswered.len() < limits.unanswered
            && self.unanswered_bytes < limits.unanswered_bytes
            && unread_bytes < limits.unread_bytes
    }

    /// Whether everything that was read is answered.
    pub(super) fn is_settled(&self) -> bool {
        self.arrived.is_empty() && self.unanswered.is_empty()
    }

    /// Takes packets off the front of `bytes` as long as there is room; gives how many bytes they were.
    pub(super) fn hear(&mut self, bytes: &[u8], out: &mut BytesMut) -> usize {
        let mut used = 0;
        self.waiting = true;
        while self.has_room(out.len()) {
            match Packet::read(&bytes[used..], self.door.limits.packet_bytes) {
                Ok(Some((packet, length))) => {
                    used += length;
                    self.take(packet, out);
                }
                Ok(None) => {
                    self.waiting = false;
                    break;
                }
                Err(malformed) => self.ending = Some(malformed.into()),
            }
        }
        used
    }

    fn take(&mut self, packet: Packet<'_>, out: &mut BytesMut) {
        add(&self.door.counters.packets, 1);
        match packet {
            Packet::Publish(publish) => self.publish(&publish, out),
            Packet::Subscribe { id, filters } => {
                let codes = filters.iter().map(|(filter, _)| self.subscribe(filter));
                let codes = codes.collect();
                Packet::SubAck { id, codes }.write(out);
            }
            Packet::Unsubscribe { id, filters } => {
                if filters.contains(&self.topics.ack.as_str()) {
                    self.subscribed = false;
                }
                Packet::UnsubAck(id).write(out);
            }
            Packet::PingReq => Packet::PingResp.write(out),
            Packet::Disconnect => self.ending = Some(Ending::Goodbye),
            Packet::Connect(_) => self.ending = Some(Ending::SecondConnect),
            // Acks are published with QoS 0: there is nothing to acknowledge, and no harm in it.
            Packet::PubAck(_) => {}
            Packet::ConnAck { .. }
            | Packet::SubAck { .. }
            | Packet::UnsubAck(_)
            | Packet::PingResp => self.ending = Some(Ending::Direction),
        }
    }

    fn subscribe(&mut self, filter: &str) -> u8 {
        if filter == self.topics.ack {
            self.subscribed = true;
            return 0;
        }
        add(&self.door.counters.filters_refused, 1);
        SUBSCRIPTION_REFUSED
    }

    fn publish(&mut self, publish: &Publish<'_>, out: &mut BytesMut) {
        add(&self.door.counters.publishes, 1);
        if publish.topic != self.topics.up && publish.topic != SENSOR_LOGGER {
            self.ending = Some(Ending::Topic);
        } else if publish.retain {
            self.ending = Some(Ending::Retained);
        } else if publish.payload.is_empty() {
            self.ending = Some(Ending::Empty);
        } else {
            self.message(publish, out);
        }
    }

    fn message(&mut self, publish: &Publish<'_>, out: &mut BytesMut) {
        let received_us = now_us();
        let payload = Bytes::copy_from_slice(publish.payload);
        let letters = (self.door.reading)(payload, &self.device, received_us);
        let bytes = letters.iter().map(Letter::size).sum::<usize>();
        let unanswered = Unanswered {
            id: match publish.qos {
                Qos::AtMostOnce => None,
                Qos::AtLeastOnce(id) => Some(id),
            },
            left: letters.len() as u32,
            bytes: bytes as u32,
        };
        self.unanswered.push_back(unanswered);
        self.unanswered_bytes += bytes;
        for letter in letters {
            self.arrived.push_back(Put {
                device: Arc::clone(&self.device),
                received_us,
                letter,
                token: self.puts,
                reply: self.reply.clone(),
                room: None,
            });
            self.puts += 1;
        }
        self.acknowledge(out);
    }

    /// The next message for the inbox.
    pub(super) fn next_put(&mut self) -> Option<Put> {
        let put = self.arrived.pop_front();
        if self.arrived.is_empty() && self.arrived.capacity() > SPARE_ENTRIES {
            self.arrived = VecDeque::new();
        }
        put
    }

    /// Takes an answer of the inbox.
    pub(super) fn settle(&mut self, answer: Answer, out: &mut BytesMut) {
        let in_turn = answer.token == self.answers && self.answers < self.puts;
        let Some(front) = self.unanswered.front_mut().filter(|_| in_turn) else {
            self.ending = Some(Ending::Trouble);
            return;
        };
        if answer.outcome == Outcome::Trouble || self.ending == Some(Ending::Trouble) {
            self.ending = Some(Ending::Trouble);
            return;
        }
        front.left -= 1;
        self.answers += 1;
        if self.subscribed {
            self.acks.tell(answer.outcome, Some(now_us()));
        }
        self.acknowledge(out);
    }

    /// Writes the PUBACKs that are due.
    fn acknowledge(&mut self, out: &mut BytesMut) {
        while let Some(Unanswered { id, left: 0, bytes }) = self.unanswered.front() {
            if let Some(id) = *id {
                Packet::PubAck(id).write(out);
                add(&self.door.counters.pubacks, 1);
            }
            self.unanswered_bytes -= *bytes as usize;
            self.unanswered.pop_front();
        }
        if self.unanswered.is_empty() && self.unanswered.capacity() > SPARE_ENTRIES {
            self.unanswered = VecDeque::new();
        }
    }

    /// Writes the acks of this wake-up.
    pub(super) fn write_acks(&mut self, out: &mut BytesMut) {
        for ack in self.acks.take() {
            let json = ack.to_json();
            let ack = Publish {
                topic: &self.topics.ack,
                qos: Qos::AtMostOnce,
                retain: false,
                duplicate: false,
                payload: &json,
            };
            Packet::Publish(ack).write(out);
            add(&self.door.counters.acks, 1);
        }
    }
}
