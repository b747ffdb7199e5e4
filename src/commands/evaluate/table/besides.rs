//! What the detector says besides when: kinds, probabilities, places, roughness.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::or_dash;
use crate::evaluate::Evaluation;
use crate::evaluate::kinds::{Bin, Confusion, PlaceError, Reliability};
use crate::evaluate::roughness::RoughnessFigures;
use crate::render;

pub(super) fn write(evaluation: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    for reliability in &evaluation.probability {
        write_reliability(reliability, "the chance to be marked, all events", out)?;
    }
    for confusion in &evaluation.confusion {
        write_confusion(confusion, out)?;
    }
    for reliability in &evaluation.kind_probability {
        write_reliability(reliability, "the chance of the kind that was said", out)?;
    }
    for place in &evaluation.place {
        write_place(place, out)?;
    }
    for roughness in &evaluation.roughness {
        write_roughness(roughness, out)?;
    }
    Ok(())
}

fn write_reliability(figures: &Reliability, of: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{} · {of}: off by {:.3} on average over {}",
        figures.set,
        figures.expected_calibration_error,
        render::grouped(figures.count)
    )?;
    let row = |name: &str, cell: &dyn Fn(&Bin) -> String| {
        let cells = figures.bins.iter().map(cell);
        std::iter::once(name.to_owned()).chain(cells).collect()
    };
    let rows: [Vec<String>; 3] = [
        row("said", &|bin| format!("{:.2}", bin.said)),
        row("was so", &|bin| format!("{:.2}", bin.observed)),
        row("events", &|bin| bin.count.to_string()),
    ];
    let right: Vec<usize> = (1..=figures.bins.len()).collect();
    writeln!(out, "{}", render::table(&[], &right, rows))
}

fn write_confusion(confusion: &Confusion, out: &mut dyn Write) -> io::Result<()> {
    let rows = &confusion.said_of_marked;
    let said: BTreeSet<&str> = rows.values().flat_map(|row| row.keys().copied()).collect();
    let all: u64 = rows.values().flat_map(|row| row.values()).sum();
    let right = rows
        .iter()
        .map(|(kind, row)| row.get(kind.as_str()).copied());
    let right: u64 = right.flatten().sum();
    writeln!(
        out,
        "\n{} · kinds of the bumps that lie on a mark, {right} of {all} said right",
        confusion.set
    )?;
    let mut header = vec!["marked \\ said"];
    header.extend(&said);
    let row = |(kind, row): (&String, &std::collections::BTreeMap<&str, u64>)| {
        let cells = said.iter().map(|said| row.get(said).copied().unwrap_or(0));
        let cells = cells.map(|count| count.to_string());
        std::iter::once(kind.clone()).chain(cells).collect()
    };
    let numbers: Vec<usize> = (1..header.len()).collect();
    writeln!(
        out,
        "{}",
        render::table(&header, &numbers, rows.iter().map(row))
    )
}

fn write_place(place: &PlaceError, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "\n{} · places of {} bumps on marks ({} without a place):\n  median error {:.1} m, 95 % within \
         {:.1} m; {:.0} % within 2.45 sigma_m",
        place.set,
        render::grouped(place.bumps),
        render::grouped(place.bumps - place.placed),
        place.median_m,
        place.p95_m,
        100.0 * place.within_2_45_sigma
    )
}

fn write_roughness(figures: &RoughnessFigures, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "\n{} · roughness of {} sections, {:.2} h:\n  R² of ln IRI {:.2} ({:.2} after a straight \
         line), RMSE {:.2} m/km, rank correlation {:.2}",
        figures.set,
        render::grouped(figures.sections),
        figures.hours,
        figures.r2_ln_iri,
        figures.r2_ln_iri_by_line,
        figures.rmse_m_per_km,
        figures.spearman
    )?;
    if figures.inside_interval.is_some() {
        let share = or_dash(figures.inside_interval.map(|share| 100.0 * share), 0);
        let with = render::grouped(figures.with_interval);
        write!(out, "\n  {share} % of {with} intervals hold the truth")?;
    }
    writeln!(out)
}
