//! `jounce map area`: whose roads they are, and where their days begin.

use std::fs;
use std::io::Write;
use std::path::Path;

use aggregator::{Area, Mode, Store};
use anyhow::Context as _;
use serde::Deserialize;

use crate::cli::MapArea;
use crate::render;

/// What stands in an area's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    area: Area,
}

pub(super) fn run(args: &MapArea, out: &mut dyn Write) -> anyhow::Result<()> {
    let store = match &args.area {
        None => Store::open(&args.file, Mode::Read).context("cannot read the map")?,
        Some(path) => {
            let area = read(path)?;
            Store::open_area(&args.file, area).context("cannot say the area of the map")?
        }
    };
    let rows = lines(store.area()).into_iter();
    let rows = rows.map(|(name, value)| vec![name.to_owned(), value]);
    writeln!(out, "{}", render::table(&[], &[], rows))?;
    Ok(())
}

/// The area that a file says.
pub(crate) fn read(path: &Path) -> anyhow::Result<Area> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file: File = toml::from_str(&text)
        .with_context(|| format!("{} is not the file of an area", path.display()))?;
    Ok(file.area)
}

/// What is known of an area, line by line.
fn lines(area: &Area) -> Vec<(&'static str, String)> {
    let mut lines = vec![
        ("area", area.id.to_string()),
        ("time zone", area.time_zone.to_string()),
    ];
    let bbox = area.bbox.map(|bbox| {
        let [west, south, east, north] = bbox.degrees();
        format!("{west},{south},{east},{north}")
    });
    let languages = (!area.languages.is_empty()).then(|| area.languages.join(" "));
    let known = [
        ("name", area.name.clone()),
        ("west,south,east,north", bbox),
        ("languages", languages),
        ("operator", area.operator.clone()),
        ("contact", area.contact.clone()),
        ("licence", area.licence.clone()),
        ("published from", area.k.map(|k| format!("{k} drivers on"))),
        (
            "passes are kept",
            area.retention_days.map(|days| format!("{days} days")),
        ),
    ];
    lines.extend(
        known
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    lines
}
