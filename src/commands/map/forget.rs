//! `jounce map forget`: a driver withdraws.

use std::io::Write;

use aggregator::{HazardQuery, Mode, Store};
use anyhow::{Context as _, bail};

use crate::cli::MapForget;
use crate::render;

pub(super) fn run(args: &MapForget, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let hazards = |store: &Store| {
        let hazards = store.hazards_alone(&HazardQuery::default());
        Ok::<_, anyhow::Error>(hazards.context("cannot read the map")?.len() as u64)
    };
    let before = hazards(&store)?;
    let trips = store
        .forget(&args.device)
        .context("cannot take it out of the map")?;
    if trips == 0 {
        // Neither the text nor a log names the device.
        bail!("the map has no trips of that device");
    }
    store
        .project()
        .context("the trips are out, but the map cannot be folded")?;
    let after = hazards(&store)?;
    writeln!(
        out,
        "{} taken out of the map, and never taken in again; {} before, {} now",
        render::count(trips as u64, "trip", "trips"),
        render::count(before, "hazard", "hazards"),
        render::grouped(after),
    )?;
    let sealed = store.summary().context("cannot read the map")?.sealed_trips;
    if sealed > 0 {
        writeln!(
            out,
            "what seasons say that were sealed before is in sums that know no device, and stays"
        )?;
    }
    Ok(())
}
