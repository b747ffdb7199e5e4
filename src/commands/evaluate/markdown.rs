//! The short tables of the README: detectors beside each other, one row for each set and detector.

use std::io::{self, Write};

use super::table::{or_dash, with_interval};
use crate::evaluate::figures::Figures;
use crate::evaluate::{Evaluation, Tolerance};
use crate::render;

pub(super) fn write(evaluations: &[Evaluation], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = evaluations.first() else {
        return Ok(());
    };
    let tolerance = Tolerance::new(first.tolerance_before_s, first.tolerance_after_s);
    let hash = first.detector.config_hash.as_ref();
    let hash = hash.map_or_else(String::new, |hash| format!(", configuration `{hash}`"));
    let version = &first.detector.version;
    writeln!(
        out,
        "jounce {version}{hash}; {}, {tolerance}; each detector at its own threshold, except for \
         average precision and best F1; brackets are 95 % intervals.",
        first.kinds.join(" and "),
    )?;
    if evaluations.iter().any(|it| !it.figures.is_empty()) {
        write_sets(evaluations, out)?;
    }
    if evaluations.iter().any(|it| it.controls.is_some()) {
        write_controls(evaluations, out)?;
    }
    if evaluations.iter().any(|it| !it.clips.is_empty()) {
        write_clips(evaluations, out)?;
    }
    Ok(())
}

/// The rows of all detectors, those of one set together.
fn write_sets(evaluations: &[Evaluation], out: &mut dyn Write) -> io::Result<()> {
    let header = "| set | detector | average precision | precision | recall | F1 | best F1 | false \
                  alarms per hour | per km |";
    writeln!(out, "\n{header}\n|---|---|---|---|---|---|---|---|---|")?;
    let rows = evaluations.iter().map(|it| it.figures.len()).max();
    for row in 0..rows.unwrap_or(0) {
        for evaluation in evaluations {
            if let Some(figures) = evaluation.figures.get(row) {
                write_set(&evaluation.detector.name, figures, out)?;
            }
        }
    }
    Ok(())
}

fn write_set(detector: &str, figures: &Figures, out: &mut dyn Write) -> io::Result<()> {
    let (basis, at) = (&figures.basis, &figures.at_threshold);
    let dot = if figures.part.is_empty() { "" } else { " · " };
    let (average, alarms) = (figures.average_precision, &figures.false_alarms);
    writeln!(
        out,
        "| {}{dot}{}: {}, {:.1} h, {} | {detector} | {} | {} | {} | {} | {} | {} | {} |",
        figures.set,
        figures.part,
        render::count(basis.rides, "ride", "rides"),
        basis.recorded_h,
        render::count(at.counts.marks, "mark", "marks"),
        with_interval(average, figures.average_precision_interval, 3),
        or_dash(at.precision, 2),
        or_dash(at.recall, 2),
        with_interval(at.f1, figures.f1_interval, 2),
        or_dash(figures.best.as_ref().and_then(|best| best.f1), 2),
        with_interval(alarms.per_h, alarms.per_h_interval, 1),
        or_dash(alarms.per_km, 2)
    )
}

fn write_controls(evaluations: &[Evaluation], out: &mut dyn Write) -> io::Result<()> {
    let header = "| nothing marked in | detector | alarms per hour | in harsh manoeuvres |";
    writeln!(out, "\n{header}\n|---|---|---|---|")?;
    for evaluation in evaluations {
        let Some(controls) = &evaluation.controls else {
            continue;
        };
        let sets: Vec<&str> = controls.sets.iter().map(|set| set.set.as_str()).collect();
        let pooled = &controls.pooled;
        writeln!(
            out,
            "| {}, {:.2} h | {} | {} ({}) | {} |",
            sets.join(", "),
            pooled.basis.recorded_h,
            evaluation.detector.name,
            with_interval(pooled.alarms_per_h, pooled.poisson_interval, 1),
            render::count(pooled.alarms, "alarm", "alarms"),
            pooled.in_manoeuvre,
        )?;
    }
    Ok(())
}

fn write_clips(evaluations: &[Evaluation], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n| clips | detector | AUC |\n|---|---|---|")?;
    for evaluation in evaluations {
        for clips in &evaluation.clips {
            let Some(auc) = clips.auc.first() else {
                continue;
            };
            writeln!(
                out,
                "| {}: {} {} against {} {} | {} | {} |",
                clips.set,
                auc.clips_of,
                auc.of,
                auc.clips_against,
                auc.against,
                evaluation.detector.name,
                with_interval(Some(auc.area), auc.interval, 3)
            )?;
        }
    }
    Ok(())
}
