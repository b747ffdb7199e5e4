//! One record of a segment: a head in the clear, and what is sealed.
//!
//! The head names no device and no trip, only the place of the trip in the key table: with its row
//! there, all that a record says of anybody is gone.

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A message as it came.
    Message,
    /// A message that says that its trip is over.
    Bye,
    /// A number that was refused: nothing of it is kept.
    Refused,
    /// What is kept of a trip that ended: all of its messages, without its ends.
    Kept,
}

impl Kind {
    const ALL: [(Self, u8); 4] = [
        (Self::Message, 1),
        (Self::Bye, 2),
        (Self::Refused, 3),
        (Self::Kept, 4),
    ];

    fn code(self) -> u8 {
        let of = |(kind, _): &&(Self, u8)| *kind == self;
        Self::ALL.iter().find(of).map_or(0, |(_, code)| *code)
    }

    fn of_code(code: u8) -> Option<Self> {
        let of = |(_, it): &&(Self, u8)| *it == code;
        Self::ALL.iter().find(of).map(|(kind, _)| *kind)
    }
}

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// The row of the trip in the key table.
    pub(super) row: u32,
    /// Which trip it was that had the row.
    pub(super) tenancy: u32,
    /// The number of the message; of what is kept, how many messages it stands for.
    pub(super) seq: u32,
    /// When it came, µs since 1970 on the server's clock.
    pub(super) received_us: i64,
    /// The position of the record of the same trip before it.
    pub(super) before: Option<u64>,
    /// Drawn at random for the seal.
    pub(super) nonce: [u8; 12],
}

/// Bytes before what is sealed: length, checksum, head.
pub(super) const HEAD_BYTES: usize = 52;

/// How records are written today.
const CODEC: u8 = 1;

/// The most that a record may hold beyond its head, bytes: a trip is at most 64 MB (`Limits`), and
/// twice that is no record but damage.
const MAX_SEALED_BYTES: usize = 128 << 20;

impl Head {
    /// Begins a record at the end of `out`; what it seals follows, then [`finish`].
    pub(super) fn begin(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0; 8]);
        out.extend_from_slice(&[self.kind.code(), CODEC, 0, 0]);
        out.extend_from_slice(&self.row.to_le_bytes());
        out.extend_from_slice(&self.tenancy.to_le_bytes());
        out.extend_from_slice(&self.seq.to_le_bytes());
        out.extend_from_slice(&self.received_us.to_le_bytes());
        out.extend_from_slice(&self.before.unwrap_or(u64::MAX).to_le_bytes());
        out.extend_from_slice(&self.nonce);
    }

    fn read(bytes: &[u8; HEAD_BYTES - 8]) -> Option<Self> {
        let before = u64::from_le_bytes(part(bytes, 24));
        Some(Self {
            kind: Kind::of_code(bytes[0]).filter(|_| bytes[1] == CODEC)?,
            row: u32::from_le_bytes(part(bytes, 4)),
            tenancy: u32::from_le_bytes(part(bytes, 8)),
            seq: u32::from_le_bytes(part(bytes, 12)),
            received_us: i64::from_le_bytes(part(bytes, 16)),
            before: Some(before).filter(|&at| at != u64::MAX),
            nonce: part(bytes, 32),
        })
    }
}

/// `N` bytes from `from` on, which are there.
pub(super) fn part<const N: usize>(bytes: &[u8], from: usize) -> [u8; N] {
    bytes[from..from + N]
        .try_into()
        .expect("the length was looked at")
}

/// Ends the record that began at `start`: writes its length and checksum.
pub(super) fn finish(out: &mut [u8], start: usize) {
    let body = &out[start + 8..];
    let (length, sum) = (body.len() as u32, crc32fast::hash(body));
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..start + 8].copy_from_slice(&sum.to_le_bytes());
}

/// What stands at the start of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// A sound record: its head, what it seals, and its length.
    Record(Head, &'a [u8], usize),
    /// The start of a record that is this long.
    Part(usize),
    /// Something else.
    Nothing,
}

/// Looks at the start of some bytes.
pub(super) fn look(bytes: &[u8]) -> Found<'_> {
    if bytes.len() < HEAD_BYTES {
        return Found::Part(HEAD_BYTES);
    }
    let length = u32::from_le_bytes(part(bytes, 0)) as usize;
    if !(HEAD_BYTES - 8..=MAX_SEALED_BYTES).contains(&length) {
        return Found::Nothing;
    }
    let Some(head) = Head::read(&part(bytes, 8)) else {
        return Found::Nothing;
    };
    let whole = 8 + length;
    if bytes.len() < whole {
        return Found::Part(whole);
    }
    if crc32fast::hash(&bytes[8..whole]) != u32::from_le_bytes(part(bytes, 4)) {
        return Found::Nothing;
    }
    Found::Record(head, &bytes[HEAD_BYTES..whole], whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn head() -> Head {
        Head {
            kind: Kind::Bye,
            row: 7,
            tenancy: 0xdead_beef,
            seq: 41,
            received_us: 1_767_603_600_000_000,
            before: Some(12),
            nonce: [9; 12],
        }
    }

    #[test]
    fn a_record_reads_what_it_writes() {
        let mut out = b"before".to_vec();
        head().begin(&mut out);
        out.extend_from_slice(b"sealed");
        finish(&mut out, 6);
        let found = look(&out[6..]);
        assert_eq!(found, Found::Record(head(), b"sealed", HEAD_BYTES + 6));
        assert_eq!(look(&out[6..out.len() - 1]), Found::Part(HEAD_BYTES + 6));
    }

    proptest! {
        #[test]
        fn no_bit_turns_unseen(bit in 0_usize..(HEAD_BYTES + 6) * 8) {
            let mut out = Vec::new();
            head().begin(&mut out);
            out.extend_from_slice(b"sealed");
            finish(&mut out, 0);
            out[bit / 8] ^= 1 << (bit % 8);
            let sound = matches!(look(&out), Found::Record(..));
            prop_assert!(!sound);
        }
    }
}
