//! What the door counts: numbers only, no ids and no addresses.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Ending;

/// Counts since the door was made. Each stands for itself: read while the door works, they may
/// differ from each other by what is under way.
#[derive(Debug, Default)]
pub struct Counters {
    /// Connections open now, whether let in or not.
    pub connections: AtomicU64,
    /// Connections that came.
    pub connections_total: AtomicU64,
    /// Connections that were let in.
    pub admitted: AtomicU64,
    /// Packets read after CONNECT.
    pub packets: AtomicU64,
    /// Messages among them.
    pub publishes: AtomicU64,
    /// Bytes read, behind TLS.
    pub bytes_in: AtomicU64,
    /// Bytes written, before TLS.
    pub bytes_out: AtomicU64,
    /// PUBACKs written.
    pub pubacks: AtomicU64,
    /// Acks published.
    pub acks: AtomicU64,
    /// Filters that were not granted.
    pub filters_refused: AtomicU64,
    /// Times that the listener could not accept, as when descriptors had run out.
    pub accept_errors: AtomicU64,
    endings: [AtomicU64; Ending::ALL.len()],
}

impl Counters {
    /// How many connections ended, by the name of the reason; all names, in alphabetical order.
    pub fn endings(&self) -> BTreeMap<&'static str, u64> {
        let count = |ending: Ending| (ending.name(), self.ended(ending));
        Ending::ALL.into_iter().map(count).collect()
    }

    /// How many connections ended for that reason.
    pub fn ended(&self, ending: Ending) -> u64 {
        self.endings[ending as usize].load(Ordering::Relaxed)
    }

    pub(super) fn end(&self, ending: Ending) {
        add(&self.endings[ending as usize], 1);
    }
}

pub(super) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_is_counted_under_a_name_of_its_own() {
        let counters = Counters::default();
        for ending in Ending::ALL {
            counters.end(ending);
            assert_eq!(counters.ended(ending), 1, "{ending:?}");
        }
        let endings = counters.endings();
        assert_eq!(endings.len(), Ending::ALL.len());
        assert!(endings.values().all(|&count| count == 1));
    }
}
