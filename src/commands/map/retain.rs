//! `jounce map retain`: old seasons become sums.

use std::io::Write;

use aggregator::{Config, Mode, Retained, Store};
use anyhow::Context as _;
use jiff::ToSpan as _;
use jiff::civil::date;

use crate::cli::MapRetain;
use crate::render::{count, grouped};

pub(super) fn run(args: &MapRetain, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    let of_area = store.area().retention_days;
    let of_area = of_area.map(|days| i32::try_from(days).unwrap_or(i32::MAX));
    let usual = || Config::default().retention.pass_days;
    let pass_days = args.pass_days.or(of_area).unwrap_or_else(usual);
    let as_of_us = args.as_of.map(|as_of| as_of.us(&store.area().time_zone));
    let retained = store
        .retain(as_of_us, pass_days, args.dry_run)
        .context("cannot seal the map")?;
    if !args.dry_run {
        store
            .project()
            .context("the map is sealed, but cannot be folded")?;
    }
    write(&retained, args.dry_run, out)
}

fn write(retained: &Retained, dry_run: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(before) = retained.before else {
        writeln!(out, "nothing to seal: nothing in the map has a date")?;
        return Ok(());
    };
    let before = date(1970, 1, 1).saturating_add(i64::from(before).days());
    let would = if dry_run {
        " (dry run: nothing was written)"
    } else {
        ""
    };
    writeln!(out, "sealed: everything from before {before}{would}")?;
    let undated = match retained.undated_trips {
        0 => String::new(),
        undated => format!(", {} of them without a date", grouped(undated)),
    };
    let lines = [
        (
            "deleted",
            format!("{}{undated}", count(retained.trips, "trip", "trips")),
        ),
        ("", count(retained.bumps, "bump", "bumps")),
        (
            "",
            format!(
                "{}, {:.1} km",
                count(retained.stretches, "stretch", "stretches"),
                retained.km
            ),
        ),
        ("", count(retained.keys, "season key", "season keys")),
        (
            "kept",
            format!(
                "sums of {}, {} of coverage, {} in this run",
                count(retained.places, "place", "places"),
                count(retained.coverage_rows, "row", "rows"),
                count(retained.weeks, "week", "weeks"),
            ),
        ),
        (
            "",
            format!(
                "{} with all their evidence",
                count(retained.kept_trips, "trip", "trips")
            ),
        ),
    ];
    for (name, text) in lines {
        writeln!(out, "{name:<8} {text}")?;
    }
    Ok(())
}
