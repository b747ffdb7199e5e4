//! `jounce evaluate-map`: a map against what really lies in the roads.

mod rows;

use std::fs::{self, File};
use std::io::{BufReader, Write};

use aggregator::{HazardQuery, Mode, Store};
use anyhow::Context as _;

use super::Ending;
use crate::cli::{EvaluateMap, EvaluateMapFormat};
use crate::evaluate_map::dbscan::clusters;
use crate::evaluate_map::figures::figures;
use crate::evaluate_map::{Figures, Passes, Rule, Truth};
use crate::render;
use rows::{Clusters, rows};

/// The radii of published systems, metres, and how few bumps are a cluster.
const RADII_M: [f64; 2] = [5.0, 15.0];
const LEAST: usize = 3;

pub(super) fn run(args: &EvaluateMap, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let name = args.truth.display();
    let text = fs::read_to_string(&args.truth).with_context(|| format!("cannot read {name}"))?;
    let truth = Truth::read(&text).map_err(|why| anyhow::anyhow!("{name}: {why}"))?;
    anyhow::ensure!(
        !truth.places.is_empty(),
        "{name} holds no place that can be read"
    );
    let passes = match &args.passes {
        None => None,
        Some(path) => {
            let file =
                File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            let passes = Passes::read(BufReader::new(file));
            Some(passes.map_err(|why| anyhow::anyhow!("{}: {why}", path.display()))?)
        }
    };
    let store = Store::open(&args.file, Mode::Read).context("cannot read the map")?;
    let hazards = (store.hazards(&HazardQuery::default())).context("cannot read the map")?;
    let summary = store.summary().context("cannot read the map")?;
    let as_of_us = summary.last_us.unwrap_or(i64::MAX);
    let rule = Rule {
        gate_m: args.gate,
        ..Rule::default()
    };
    let figures = figures(&hazards, as_of_us, &truth.places, passes.as_ref(), rule);
    let mut by_clusters = Vec::new();
    if args.dbscan {
        let bumps = store.bump_places().context("cannot read the map")?;
        for radius_m in RADII_M {
            let middles = clusters(&bumps, radius_m, LEAST);
            by_clusters.push(Clusters::of(radius_m, &middles, &truth.places, rule));
        }
    }
    write(&figures, &by_clusters, args.format, out)?;
    for refused in &truth.refused {
        eprintln!("{name}: {refused}; it does not count");
    }
    Ok(if truth.refused.is_empty() {
        Ending::Good
    } else {
        Ending::Refused
    })
}

fn write(
    figures: &Figures,
    clusters: &[Clusters],
    format: EvaluateMapFormat,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match format {
        EvaluateMapFormat::Json => {
            let mut object = serde_json::to_value(figures)?;
            if !clusters.is_empty() {
                object["dbscan"] = serde_json::to_value(clusters)?;
            }
            writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
        }
        EvaluateMapFormat::Table => {
            let header = ["what", "figure", "95 %", "of"];
            let table = render::table(&header, &[1, 2, 3], rows(figures, clusters));
            writeln!(out, "{table}")?;
        }
        EvaluateMapFormat::Markdown => {
            writeln!(
                out,
                "| what | figure | 95 % | of |\n| --- | ---: | ---: | ---: |"
            )?;
            for row in rows(figures, clusters) {
                writeln!(out, "| {} |", row.join(" | "))?;
            }
        }
    }
    Ok(())
}
