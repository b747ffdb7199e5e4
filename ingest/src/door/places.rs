//! Who is in: so many connections, so many from one address, and one of each device.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use trip::DeviceId;

use super::{Ending, Limits, Trusted};

/// The places that connections take.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<Taken>);

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
    /// How each device's connection is told to end, and which one it is.
    by_device: BTreeMap<Arc<DeviceId>, (u64, oneshot::Sender<Ending>)>,
    /// Connections let in so far.
    entries: u64,
    stopping: bool,
}

/// A place that a connection holds; given back on drop.
#[derive(Debug)]
pub(super) struct Place<'d> {
    places: &'d Places,
    /// The address it is counted under, unless trusted.
    counted: Option<IpAddr>,
}

/// A device that is in; out again on drop.
#[derive(Debug)]
pub(super) struct Entry<'d> {
    places: &'d Places,
    device: Arc<DeviceId>,
    number: u64,
}

impl Places {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from that address.
    pub(super) fn take(
        &self,
        peer: IpAddr,
        limits: &Limits,
        trusted: &Trusted,
    ) -> Result<Place<'_>, Ending> {
        let counted = (!trusted.covers(peer)).then(|| neighbourhood(peer));
        let mut taken = self.taken();
        if taken.stopping {
            return Err(Ending::Stopping);
        }
        if taken.all >= limits.connections {
            return Err(Ending::Full);
        }
        if let Some(address) = counted {
            let count = taken.by_address.entry(address).or_default();
            if *count >= limits.connections_per_address {
                return Err(Ending::AddressFull);
            }
            *count += 1;
        }
        taken.all += 1;
        Ok(Place {
            places: self,
            counted,
        })
    }

    /// The device comes in; an older connection of it is told to end. What is given back with the
    /// entry tells when this one must end.
    pub(super) fn enter(&self, device: Arc<DeviceId>) -> (Entry<'_>, oneshot::Receiver<Ending>) {
        let (end, told) = oneshot::channel();
        let mut taken = self.taken();
        taken.entries += 1;
        let number = taken.entries;
        let older = match taken.stopping {
            true => Some((end, Ending::Stopping)),
            false => taken
                .by_device
                .insert(Arc::clone(&device), (number, end))
                .map(|(_, older)| (older, Ending::TakenOver)),
        };
        drop(taken);
        if let Some((end, ending)) = older {
            // Whoever has ended by itself need not be told.
            let _ = end.send(ending);
        }
        let entry = Entry {
            places: self,
            device,
            number,
        };
        (entry, told)
    }

    /// Tells all who are in to end, and lets nobody in any more.
    pub(super) fn clear(&self) {
        let mut taken = self.taken();
        taken.stopping = true;
        let all = std::mem::take(&mut taken.by_device);
        drop(taken);
        for (_, end) in all.into_values() {
            let _ = end.send(Ending::Stopping);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(address) = self.counted {
            let left = taken.by_address.get_mut(&address).map(|count| {
                *count -= 1;
                *count
            });
            if left == Some(0) {
                taken.by_address.remove(&address);
            }
        }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        let mine = |(number, _): &(u64, oneshot::Sender<Ending>)| *number == self.number;
        if taken.by_device.get(&self.device).is_some_and(mine) {
            taken.by_device.remove(&self.device);
        }
    }
}

/// What counts as one address: of IPv6 the /64, which a single phone may roam at will.
fn neighbourhood(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_share_and_a_trusted_one_has_no_limit() {
        let limits = Limits {
            connections: 6,
            connections_per_address: 2,
            ..Limits::default()
        };
        let trusted = Trusted::of(["192.0.2.0/24"]).expect("a network");
        let places = Places::default();
        let take = |text| places.take(address(text), &limits, &trusted);
        let first = take("2001:db8::1");
        let second = take("2001:db8::2");
        assert!(first.is_ok() && second.is_ok());
        let third = take("2001:db8::3").map(drop);
        assert_eq!(third, Err(Ending::AddressFull), "one /64");
        drop(first);
        let again = take("2001:db8::3");
        assert!(again.is_ok());
        let free: Vec<_> = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "127.0.0.1"]
            .map(take)
            .into();
        assert!(free.iter().all(Result::is_ok));
        assert_eq!(take("127.0.0.1").map(drop), Err(Ending::Full));
        drop((second, again, free));
        let taken = places.taken();
        assert!(taken.all == 0 && taken.by_address.is_empty());
    }

    #[test]
    fn the_newer_connection_of_a_device_counts_and_its_older_one_leaves_it_alone() {
        let places = Places::default();
        let device: Arc<DeviceId> = Arc::new("d-1".parse().expect("an id"));
        let (older, mut older_told) = places.enter(Arc::clone(&device));
        let (newer, mut newer_told) = places.enter(device);
        assert_eq!(older_told.try_recv(), Ok(Ending::TakenOver));
        drop(older);
        assert!(newer_told.try_recv().is_err(), "still in");
        places.clear();
        assert_eq!(newer_told.try_recv(), Ok(Ending::Stopping));
        drop(newer);
        let late = places.take(
            address("127.0.0.1"),
            &Limits::default(),
            &Trusted::default(),
        );
        assert_eq!(late.map(drop), Err(Ending::Stopping));
    }
}
