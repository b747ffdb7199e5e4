//! Names that rise.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::said::SaidId;

/// Names for what is going to be said: each is greater than the one before, whatever the clock
/// does. The upper bits are the milliseconds since 1970 UTC at which it was drawn, the lower 22 are
/// chance, so that two maps do not give one name twice.
#[derive(Debug)]
pub struct SaidIds {
    last: u64,
}

/// Bits of chance in a name; 42 bits of milliseconds are left, enough until the year 2109.
const CHANCE_BITS: u32 = 22;

impl SaidIds {
    /// Names greater than the last one given.
    pub(super) fn after(last: Option<SaidId>) -> Self {
        let last = last.map_or(0, |last| u64::from_be_bytes(last.bytes()));
        Self { last }
    }

    /// The next name.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    #[expect(
        clippy::disallowed_methods,
        reason = "a name tells when it was drawn; no evidence is judged by it"
    )]
    pub fn draw(&mut self) -> Result<SaidId, getrandom::Error> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_ms = since.map_or(0, |since| since.as_millis() as u64);
        let mut chance = [0; 4];
        getrandom::fill(&mut chance)?;
        Ok(self.draw_at(now_ms, u32::from_le_bytes(chance)))
    }

    fn draw_at(&mut self, now_ms: u64, chance: u32) -> SaidId {
        let chance = u64::from(chance) & ((1 << CHANCE_BITS) - 1);
        let drawn = now_ms << CHANCE_BITS | chance;
        self.last = drawn.max(self.last.wrapping_add(1));
        SaidId::from_bytes(self.last.to_be_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_rise_though_the_clock_stands_still_or_goes_back() {
        let mut names = SaidIds::after(None);
        let mut drawn = Vec::new();
        for (now_ms, chance) in [(5, u32::MAX), (5, 0), (5, 7), (4, 9), (6, 0)] {
            drawn.push(names.draw_at(now_ms, chance));
        }
        assert!(drawn.is_sorted_by(|a, b| a < b), "{drawn:?}");
        let mut resumed = SaidIds::after(drawn.last().copied());
        assert!(resumed.draw_at(1, 1) > drawn[4]);
    }
}
