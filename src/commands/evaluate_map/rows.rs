//! The figures of a map as rows that people read.

use std::collections::BTreeSet;

use serde::Serialize;
use trip::Position;

use crate::evaluate_map::figures::{Median, Repairs, Share};
use crate::evaluate_map::{Figures, Rule, TruePlace};
use crate::render;

/// What clusters of bumps say.
#[derive(Debug, Serialize)]
pub(super) struct Clusters {
    radius_m: f64,
    /// Clusters at a true place.
    precision: Share,
    /// Clusters per true place that has any: they know no direction, so a place counts once for all
    /// of its directions.
    per_place: f64,
    /// True objects that have a cluster.
    recall: Share,
    place_m: Median,
}

impl Clusters {
    /// The clusters' middles against the true places, by place alone.
    pub(super) fn of(
        radius_m: f64,
        middles: &[Position],
        places: &[TruePlace],
        rule: Rule,
    ) -> Self {
        let nearest = rule.nearest(middles, places);
        let mut sites: Vec<u64> = nearest.iter().flatten().map(|(site, _)| *site).collect();
        let right = sites.len();
        sites.sort_unstable();
        sites.dedup();
        let objects: BTreeSet<u64> = places.iter().map(|place| place.site).collect();
        Self {
            radius_m,
            precision: Share::of(right as u64, middles.len() as u64),
            per_place: right as f64 / sites.len().max(1) as f64,
            recall: Share::of(sites.len() as u64, objects.len() as u64),
            place_m: Median::of(nearest.iter().flatten().map(|(_, apart_m)| *apart_m)),
        }
    }
}

/// Collects rows of: what, figure, interval, of how many.
struct Rows(Vec<Vec<String>>);

impl Rows {
    fn share(&mut self, what: &str, share: &Share) {
        let percent = |value: f64| format!("{:.1}", 100.0 * value);
        let Some(value) = share.share else {
            return self.add(what, "–".to_owned(), String::new(), 0);
        };
        let interval = share.interval.map_or_else(String::new, |interval| {
            format!("{} to {}", percent(interval.low), percent(interval.high))
        });
        self.add(what, format!("{} %", percent(value)), interval, share.of);
    }

    fn median(&mut self, what: &str, unit: &str, median: &Median) {
        let number = |value: f64| format!("{value:.2}");
        let figure = match median.median {
            Some(value) => format!("{} {unit}", number(value)),
            None if median.n > 0 => "not yet".to_owned(),
            None => "–".to_owned(),
        };
        let interval = median.interval.map_or_else(String::new, |interval| {
            format!("{} to {}", number(interval.low), number(interval.high))
        });
        self.add(what, figure, interval, median.n);
    }

    fn number(&mut self, what: &str, value: f64) {
        self.0.push(vec![
            what.to_owned(),
            format!("{value:.3}"),
            String::new(),
            String::new(),
        ]);
    }

    fn add(&mut self, what: &str, figure: String, interval: String, of: u64) {
        self.0
            .push(vec![what.to_owned(), figure, interval, render::grouped(of)]);
    }

    fn repairs(&mut self, of: &str, repairs: &Repairs) {
        self.share(&format!("{of} noticed"), &repairs.noticed);
        let within = format!("{of} noticed within {} able passes", repairs.within_passes);
        self.share(&within, &repairs.noticed_within);
        self.median(
            &format!("{of}: able passes until noticed"),
            "",
            &repairs.passes,
        );
        self.median(&format!("{of}: days until noticed"), "d", &repairs.days);
        for (road, days) in &repairs.days_by_road {
            self.median(&format!("  on {road} roads"), "d", days);
        }
    }
}

/// All figures, row by row.
pub(super) fn rows(figures: &Figures, clusters: &[Clusters]) -> Vec<Vec<String>> {
    let mut rows = Rows(Vec::new());
    let of = &figures.believed;
    rows.share(
        "precision of what is believed (confirmed, fading, reopened)",
        &of.precision,
    );
    rows.share(
        "precision of confirmed and reopened",
        &of.precision_confirmed,
    );
    let all = of.standing + of.repaired + of.second + of.nothing;
    for (what, count) in [
        ("  at a place that stands", of.standing),
        ("  at a place repaired since", of.repaired),
        ("  second at a place", of.second),
        ("  where nothing is", of.nothing),
    ] {
        rows.share(what, &Share::of(count, all));
    }
    rows.number("believed hazards per true place", of.per_place);
    rows.share("recall of all standing places", &figures.recall);
    for (passes, share) in &figures.recall_by_passes {
        rows.share(&format!("  with {passes} able driver-days"), share);
    }
    if let (Some(all), Some(swerved)) = (&figures.recall_8, &figures.recall_8_swerved) {
        rows.share("recall with 8 able driver-days and more", all);
        rows.share("  of what most drivers go around", swerved);
    }
    for (name, share) in figures
        .recall_8_by_road
        .iter()
        .chain(&figures.recall_8_by_kind)
    {
        rows.share(&format!("  {name}"), share);
    }
    rows.median("place error", "m", &figures.place_m);
    for (hits, median) in &figures.place_m_by_hits {
        rows.median(&format!("  felt on {hits} driver-days"), "m", median);
    }
    rows.share("places within 2.45 σ", &figures.place_within_sigma);
    rows.median("passes to confirm", "", &figures.confirmations.passes);
    rows.share("new places confirmed", &figures.confirmations.confirmed);
    rows.median("days to confirm", "d", &figures.confirmations.days);
    for (road, days) in &figures.confirmations.days_by_road {
        rows.median(&format!("  on {road} roads"), "d", days);
    }
    rows.repairs("claimed repairs", &figures.repairs_claimed);
    rows.repairs("unclaimed repairs", &figures.repairs_unclaimed);
    rows.share(
        "standing places ever called gone",
        &figures.gone_while_standing,
    );
    rows.share("  within 60 passes", &figures.gone_within_60);
    rows.share("  after a false claim", &figures.gone_after_false_claim);
    for (name, share) in &figures.kept_apart {
        rows.share(&format!("kept apart: {name}"), share);
    }
    rows.share("one site for both directions", &figures.sites);
    for (kind, said) in &figures.kinds {
        let of: u64 = said.values().sum();
        for (said, count) in said {
            rows.share(&format!("  {kind} called {said}"), &Share::of(*count, of));
        }
    }
    for of in clusters {
        let name = format!("DBSCAN {:.0} m", of.radius_m);
        rows.share(
            &format!("{name}: precision (by place alone)"),
            &of.precision,
        );
        rows.share(&format!("{name}: recall of true objects"), &of.recall);
        rows.number(&format!("{name}: clusters per true object"), of.per_place);
        rows.median(&format!("{name}: place error"), "m", &of.place_m);
    }
    rows.0
}
