//! `jounce map import-known`: a city's layer of castings, humps, rails and joints.

use std::fs;
use std::io::Write;
use std::path::Path;

use aggregator::{KnownFeature, Mode, Store};
use anyhow::{Context as _, bail};
use serde_json::Value;
use trip::{Kind, Position};

use super::super::Ending;
use crate::cli::MapImportKnown;
use crate::render;

/// Refused features that are named one by one.
const NAMED: usize = 10;

pub(super) fn import(args: &MapImportKnown, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let (features, refused) = read(&args.features)?;
    for (number, why) in refused.iter().take(NAMED) {
        eprintln!("{}: feature {number}: {why}", args.features.display());
    }
    if features.is_empty() {
        bail!(
            "no features in {}; the layer in the map stays",
            args.features.display()
        );
    }
    let mut store = Store::open(&args.file, Mode::Write).context("cannot open the map")?;
    store.know(&features).context("cannot take in the layer")?;
    store.project().context("cannot fold the map")?;
    let hazards = store.hazards_alone(&aggregator::HazardQuery::default());
    let explained = hazards.context("cannot read the map")?;
    let explained = explained
        .iter()
        .filter(|hazard| hazard.feature.is_some())
        .count();
    writeln!(
        out,
        "{} in the map, {} refused; {} lie by one",
        render::count(features.len() as u64, "known feature", "known features"),
        refused.len(),
        render::count(explained as u64, "hazard", "hazards"),
    )?;
    Ok(Ending::refused_if(!refused.is_empty()))
}

/// The features of a collection, and for each that is none its number and why.
#[expect(clippy::type_complexity, reason = "read once, right here")]
fn read(path: &Path) -> anyhow::Result<(Vec<KnownFeature>, Vec<(usize, String)>)> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let collection: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let Some(list) = collection.get("features").and_then(Value::as_array) else {
        bail!("{} is not a GeoJSON FeatureCollection", path.display());
    };
    let (mut features, mut refused) = (Vec::new(), Vec::new());
    for (number, feature) in (1..).zip(list) {
        match known(number, feature) {
            Ok(feature) => features.push(feature),
            Err(why) => refused.push((number, why)),
        }
    }
    Ok((features, refused))
}

fn known(number: usize, feature: &Value) -> Result<KnownFeature, String> {
    let geometry = &feature["geometry"];
    if geometry["type"] != "Point" {
        return Err("geometry is not a Point".to_owned());
    }
    let coordinate = |index: usize| geometry["coordinates"][index].as_f64();
    let (Some(lon_deg), Some(lat_deg)) = (coordinate(0), coordinate(1)) else {
        return Err("coordinates are not two numbers".to_owned());
    };
    let at = Position::new(lat_deg, lon_deg)
        .map_err(|_| "coordinates are out of range (longitude first, degrees)".to_owned())?;
    let properties = &feature["properties"];
    let kind = properties["kind"].as_str().and_then(Kind::from_name);
    let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    let kind = kind.ok_or_else(|| format!("property kind is not one of {}", words.join(", ")))?;
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let id = text(&properties["id"]).or_else(|| text(&feature["id"]));
    Ok(KnownFeature {
        id: id.unwrap_or_else(|| number.to_string()),
        kind,
        owner: text(&properties["owner"]),
        at,
    })
}
