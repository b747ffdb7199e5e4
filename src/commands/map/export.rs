//! `jounce map export` and `jounce map snapshot`: what leaves a map, for whom.

use std::io::Write;
use std::path::Path;

use aggregator::{Audience, Config, Export, Exported, Layer, Mode, ReleaseRule, Store};
use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{MapExport, MapSnapshot};
use crate::render;

pub(super) fn export(args: &MapExport, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = open(&args.file, args.k)?;
    let export = Export {
        layer: args.what,
        audience: args.audience,
        format: args.format,
        bbox: args.bbox,
        as_of_us: args.as_of.map(|as_of| as_of.us(&store.area().time_zone)),
    };
    let exported = store.export(&export, &args.out, args.force)?;
    let (one, many) = match args.what {
        Layer::Hazards => ("hazard", "hazards"),
        Layer::Coverage => ("cell", "cells"),
        Layer::History => ("week of a hazard", "weeks of hazards"),
        Layer::Bumps => ("bump", "bumps"),
        Layer::Acts => ("act", "acts"),
    };
    let what = render::count(exported.rows, one, many);
    tell(&what, args.audience, &exported, &args.out, out)?;
    match (args.what, exported.withheld) {
        (_, 0) => {}
        (Layer::Bumps, withheld) => writeln!(
            out,
            "{} without a place left out",
            render::count(withheld, "bump", "bumps")
        )?,
        (_, withheld) => tell_withheld(withheld, args.k, out)?,
    }
    Ok(())
}

pub(super) fn snapshot(args: &MapSnapshot, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = open(&args.file, args.k)?;
    let exported = store.snapshot(args.audience, &args.out, args.force)?;
    let what = render::count(exported.rows, "row", "rows");
    tell(&what, args.audience, &exported, &args.out, out)?;
    if args.audience == Audience::Public && exported.withheld > 0 {
        tell_withheld(exported.withheld, args.k, out)?;
    }
    Ok(())
}

fn open(file: &Path, k: u32) -> anyhow::Result<Store> {
    let release = ReleaseRule {
        k,
        ..ReleaseRule::default()
    };
    let config = Config {
        release,
        ..Config::default()
    };
    Store::open_with(file, Mode::Read, config).context("cannot read the map")
}

fn tell(
    what: &str,
    audience: Audience,
    exported: &Exported,
    path: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let audience = match audience {
        Audience::Public => "everybody",
        Audience::Staff => "staff",
        Audience::Research => "research",
    };
    let as_of = exported.as_of_us.map_or_else(String::new, |t_us| {
        let text = match audience {
            "everybody" => week(t_us),
            _ => render::time(t_us),
        };
        format!(", as of {text}")
    });
    writeln!(
        out,
        "{what} for {audience}{as_of}, written to {}",
        path.display()
    )?;
    Ok(())
}

fn tell_withheld(withheld: u64, k: u32, out: &mut dyn Write) -> anyhow::Result<()> {
    let hazards = render::count(withheld, "hazard", "hazards");
    writeln!(
        out,
        "{hazards} not told: candidates, or felt by fewer than {k} drivers, and not vouched for by staff"
    )?;
    Ok(())
}

/// The ISO week of a time.
fn week(t_us: i64) -> String {
    let Ok(time) = Timestamp::from_microsecond(t_us) else {
        return "?".to_owned();
    };
    let week = time.to_zoned(TimeZone::UTC).date().iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}
