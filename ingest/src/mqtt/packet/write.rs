//! Packets to bytes.

use bytes::{BufMut, BytesMut};

use super::{Connect, Packet, Publish, Qos};

/// The longest text or secret, and the longest packet without its fixed header, bytes.
const MAX_FIELD: usize = 65_535;
const MAX_REST: usize = 268_435_455;

impl Packet<'_> {
    /// Appends the packet to `out`.
    ///
    /// # Panics
    /// When a text or secret is longer than 65,535 bytes, or the packet than 268 MB: no packet can
    /// say that.
    pub fn write(&self, out: &mut BytesMut) {
        match self {
            Self::Connect(connect) => write_connect(connect, out),
            Self::ConnAck {
                session_present,
                code,
            } => out.put_slice(&[0x20, 2, u8::from(*session_present), *code as u8]),
            Self::Publish(publish) => write_publish(publish, out),
            Self::PubAck(id) => id_alone(0x40, *id, out),
            Self::Subscribe { id, filters } => {
                let length = filters.iter().map(|(filter, _)| 3 + filter.len());
                head(0x82, 2 + length.sum::<usize>(), out);
                out.put_u16(*id);
                for (filter, qos) in filters {
                    field(filter.as_bytes(), out);
                    out.put_u8(*qos);
                }
            }
            Self::SubAck { id, codes } => {
                head(0x90, 2 + codes.len(), out);
                out.put_u16(*id);
                out.put_slice(codes);
            }
            Self::Unsubscribe { id, filters } => {
                let length = filters.iter().map(|filter| 2 + filter.len());
                head(0xa2, 2 + length.sum::<usize>(), out);
                out.put_u16(*id);
                for filter in filters {
                    field(filter.as_bytes(), out);
                }
            }
            Self::UnsubAck(id) => id_alone(0xb0, *id, out),
            Self::PingReq => out.put_slice(&[0xc0, 0]),
            Self::PingResp => out.put_slice(&[0xd0, 0]),
            Self::Disconnect => out.put_slice(&[0xe0, 0]),
        }
    }
}

fn write_connect(connect: &Connect<'_>, out: &mut BytesMut) {
    let will = connect.will.as_ref();
    let will_length = will.map_or(0, |will| 4 + will.topic.len() + will.payload.len());
    let user_length = connect.user.map_or(0, |user| 2 + user.len());
    let password_length = connect.password.map_or(0, |password| 2 + password.len());
    let length = 12 + connect.client_id.len() + will_length + user_length + password_length;
    head(0x10, length, out);
    field(b"MQTT", out);
    out.put_u8(4);
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    out.put_u8(
        flag(connect.user.is_some(), 0x80)
            | flag(connect.password.is_some(), 0x40)
            | flag(will.is_some_and(|will| will.retain), 0x20)
            | will.map_or(0, |will| (will.qos & 3) << 3)
            | flag(will.is_some(), 0x04)
            | flag(connect.clean_session, 0x02),
    );
    out.put_u16(connect.keep_alive_s);
    field(connect.client_id.as_bytes(), out);
    if let Some(will) = will {
        field(will.topic.as_bytes(), out);
        field(will.payload, out);
    }
    if let Some(user) = connect.user {
        field(user.as_bytes(), out);
    }
    if let Some(password) = connect.password {
        field(password, out);
    }
}

fn write_publish(publish: &Publish<'_>, out: &mut BytesMut) {
    let (qos, id) = match publish.qos {
        Qos::AtMostOnce => (0, None),
        Qos::AtLeastOnce(id) => (0x02, Some(id)),
    };
    let flags = qos | u8::from(publish.retain) | u8::from(publish.duplicate) << 3;
    let id_length = id.map_or(0, |_| 2);
    let length = 2 + publish.topic.len() + id_length + publish.payload.len();
    head(0x30 | flags, length, out);
    field(publish.topic.as_bytes(), out);
    if let Some(id) = id {
        out.put_u16(id);
    }
    out.put_slice(publish.payload);
}

fn id_alone(first: u8, id: u16, out: &mut BytesMut) {
    let [high, low] = id.to_be_bytes();
    out.put_slice(&[first, 2, high, low]);
}

fn head(first: u8, rest: usize, out: &mut BytesMut) {
    assert!(rest <= MAX_REST, "a packet has at most 268 MB");
    out.reserve(5 + rest);
    out.put_u8(first);
    let mut left = rest;
    while left > 0x7f {
        out.put_u8(0x80 | (left & 0x7f) as u8);
        left >>= 7;
    }
    out.put_u8(left as u8);
}

fn field(bytes: &[u8], out: &mut BytesMut) {
    assert!(bytes.len() <= MAX_FIELD, "a text has at most 65,535 bytes");
    out.put_u16(bytes.len() as u16);
    out.put_slice(bytes);
}
