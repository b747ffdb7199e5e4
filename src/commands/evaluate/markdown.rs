//! The short table of the README: one row per set.

use std::io::{self, Write};

use super::table::{or_dash, with_interval};
use crate::evaluate::{Evaluation, Tolerance};
use crate::render;

pub(super) fn write(evaluation: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    let tolerance = Tolerance::new(evaluation.tolerance_before_s, evaluation.tolerance_after_s);
    let detector = &evaluation.detector;
    let hash = detector.config_hash.as_ref();
    let hash = hash.map_or_else(String::new, |hash| format!(", configuration `{hash}`"));
    writeln!(
        out,
        "Detector {} {}{hash}, threshold {}, {tolerance}; brackets are 95 % intervals over rides.\n",
        detector.name, detector.version, evaluation.threshold
    )?;
    if !evaluation.figures.is_empty() {
        write_sets(evaluation, out)?;
    }
    if let Some(controls) = &evaluation.controls {
        writeln!(
            out,
            "\n| nothing wanted is marked | measured on | alarms per hour |"
        )?;
        writeln!(out, "|---|---|---|")?;
        let pooled = &controls.pooled;
        for set in controls.sets.iter().chain([pooled]) {
            let hours = set.basis.recorded_h;
            let rate = with_interval(set.alarms_per_h, set.poisson_interval, 1);
            let alarms = render::count(set.alarms, "alarm", "alarms");
            writeln!(out, "| {} | {hours:.2} h | {rate} ({alarms}) |", set.set)?;
        }
    }
    for clips in &evaluation.clips {
        let name = &clips.set;
        writeln!(out, "\n| clips of {name} | on | AUC |\n|---|---|---|")?;
        for auc in &clips.auc {
            writeln!(
                out,
                "| {} against {} | {} against {} | {} |",
                auc.of,
                auc.against,
                auc.clips_of,
                auc.clips_against,
                with_interval(Some(auc.area), auc.interval, 3)
            )?;
        }
    }
    Ok(())
}

fn write_sets(evaluation: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "| set | measured on | average precision | precision | recall | F1 | false alarms per hour | per km |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    for figures in &evaluation.figures {
        let (basis, at) = (&figures.basis, &figures.at_threshold);
        let dot = if figures.part.is_empty() { "" } else { " · " };
        let rides = render::count(basis.rides, "ride", "rides");
        let alarms = &figures.false_alarms;
        writeln!(
            out,
            "| {}{dot}{} | {rides}, {:.1} h, {} marks | {} | {} | {} | {} | {} | {} |",
            figures.set,
            figures.part,
            basis.recorded_h,
            at.counts.marks,
            with_interval(
                figures.average_precision,
                figures.average_precision_interval,
                3
            ),
            or_dash(at.precision, 2),
            or_dash(at.recall, 2),
            with_interval(at.f1, figures.f1_interval, 2),
            with_interval(alarms.per_h, alarms.per_h_interval, 1),
            or_dash(alarms.per_km, 2)
        )?;
    }
    Ok(())
}
