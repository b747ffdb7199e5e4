//! What the door takes, and for how long it waits.

use std::time::Duration;

use crate::wire::limits::MAX_PACKET_BYTES;

/// The limits of a door. The defaults fit a city on one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Time for each step of a handshake: TLS, then CONNECT. Default 5 s: three round trips of a
    /// phone at the edge of its cell.
    pub handshake: Duration,
    /// Time for the gate to know a device. Default 30 s: it may slow wrong secrets down.
    pub gate: Duration,
    /// Size of CONNECT, bytes. Default 4,096: an id, a user and a secret of 64 bytes each and room
    /// for a long token. It bounds what strangers can make the door keep.
    pub connect_bytes: usize,
    /// Size of any later packet, bytes. Default: a message of the wire's largest, and 512 for its topic.
    pub packet_bytes: usize,
    /// Time that a packet may stay half. Default 30 s.
    pub half_packet: Duration,
    /// Memory for all packets that are half, bytes; beyond it, connections with more than 4 kB of half a
    /// packet are cut. Default 256 MB.
    pub half_bytes: usize,
    /// Time without a packet after which a connection is cut whose keep-alive is 0, or more than two
    /// thirds of this. Default 20 minutes: networks forget idle connections sooner.
    pub silence: Duration,
    /// Messages read of one connection and not yet on disk; then no more are read. Default 64.
    pub unanswered: usize,
    /// The same in bytes; the message that crosses it is still taken. Default 512,000.
    pub unanswered_bytes: usize,
    /// Answers that a phone has not read, bytes; then no more packets are read. Default 64,000.
    pub unread_bytes: usize,
    /// Time that a phone may leave them unread. Default 30 s.
    pub unread: Duration,
    /// Time for what is under way when the server stops. Default 5 s.
    pub farewell: Duration,
    /// Connections altogether. Default 100,000; set it below the number of descriptors.
    pub connections: usize,
    /// Connections from one address (IPv6: from one /64), unless trusted. Default 10,000: a whole city
    /// may sit behind one address of its mobile carrier.
    pub connections_per_address: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(5),
            gate: Duration::from_secs(30),
            connect_bytes: 4_096,
            packet_bytes: MAX_PACKET_BYTES + 512,
            half_packet: Duration::from_secs(30),
            half_bytes: 256_000_000,
            silence: Duration::from_secs(20 * 60),
            unanswered: 64,
            unanswered_bytes: 512_000,
            unread_bytes: 64_000,
            unread: Duration::from_secs(30),
            farewell: Duration::from_secs(5),
            connections: 100_000,
            connections_per_address: 10_000,
        }
    }
}
