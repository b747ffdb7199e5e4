//! The fields of a packet, taken off its front one by one.

use super::{MAX_FILTERS, Malformed};

/// What is left of a packet.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }

    /// Two bytes, the more significant one first.
    pub(super) fn number(&mut self) -> Result<u16, Malformed> {
        let bytes = self.take(2)?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A packet identifier. \[MQTT-2.3.1-1\]
    pub(super) fn id(&mut self) -> Result<u16, Malformed> {
        match self.number()? {
            0 => Err(Malformed::ZeroId),
            id => Ok(id),
        }
    }

    /// Bytes with their length before them.
    pub(super) fn blob(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.number()?;
        self.take(usize::from(length))
    }

    /// UTF-8 without null characters. \[MQTT-1.5.3-1, -2\]
    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        let text = std::str::from_utf8(self.blob()?).map_err(|_| Malformed::Text)?;
        match text.contains('\0') {
            true => Err(Malformed::Text),
            false => Ok(text),
        }
    }

    /// As many entries as there are; at least one.
    pub(super) fn list<T>(
        &mut self,
        entry: impl Fn(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Vec<T>, Malformed> {
        let mut entries = Vec::new();
        while !self.0.is_empty() {
            entries.push(entry(self)?);
            if entries.len() > MAX_FILTERS {
                return Err(Malformed::Filters);
            }
        }
        match entries.is_empty() {
            true => Err(Malformed::Filters),
            false => Ok(entries),
        }
    }

    /// Everything that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }
}
