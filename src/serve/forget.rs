//! What a driver withdraws: from the inbox, and from the map.

use std::path::PathBuf;

use aggregator::{Mode, Store};
use anyhow::Context as _;
use ingest::inbox::Inbox;
use trip::{DeviceId, TripKey};

use super::cartographer::Cartographer;

/// The trip whose secret has this hash; how many there were.
///
/// # Errors
/// When a file refuses. Asked again it goes on: what is erased by then is erased.
pub(super) fn by_claim(
    inbox: &Inbox,
    map: &Cartographer,
    claim: &[u8; 32],
) -> anyhow::Result<usize> {
    let trips = inbox.find_claim(claim);
    withdraw(inbox, map, None, trips)
}

/// Everything that a device said; how many trips.
///
/// # Errors
/// As [`by_claim`].
pub(super) fn by_device(
    inbox: &Inbox,
    map: &Cartographer,
    device: &DeviceId,
) -> anyhow::Result<usize> {
    let trips = inbox.trips_of(device);
    withdraw(inbox, map, Some(device.clone()), trips)
}

/// First out of the map, so that a crash in between leaves the names that are needed to go on.
fn withdraw(
    inbox: &Inbox,
    map: &Cartographer,
    device: Option<DeviceId>,
    trips: Vec<TripKey>,
) -> anyhow::Result<usize> {
    let names = trips.clone();
    let path: PathBuf = map.path().to_owned();
    let out = move || -> anyhow::Result<usize> {
        let mut store = Store::open(&path, Mode::Write).context("cannot open the map")?;
        let mut gone = store
            .forget_trips(&names)
            .context("cannot take them out of the map")?;
        if let Some(device) = &device {
            gone += store
                .forget(device)
                .context("cannot take it out of the map")?;
        }
        store
            .project()
            .context("the trips are out, but the map cannot be folded")?;
        Ok(gone)
    };
    let gone = map.lend(out).map_err(anyhow::Error::msg)??;
    let erased = inbox
        .forget_trips(&trips)
        .context("cannot erase them from the inbox")?;
    Ok(gone.max(erased))
}
