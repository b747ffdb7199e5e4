//! An evaluation for people: every figure beside its counts.

mod besides;
mod controls;

use std::io::{self, Write};

use crate::evaluate::clips::ClipFigures;
use crate::evaluate::figures::{Basis, Figures, Operating, Within};
use crate::evaluate::interval::Interval;
use crate::evaluate::{By, Evaluation, Tolerance};
use crate::render;

pub(super) fn write(evaluation: &Evaluation, by: By, out: &mut dyn Write) -> io::Result<()> {
    write_title(evaluation, out)?;
    if by == By::Trip {
        write_trips(&evaluation.figures, out)?;
    } else {
        for figures in &evaluation.figures {
            write_figures(figures, out)?;
        }
    }
    if !evaluation.unlabelled.is_empty() {
        let traces = evaluation.unlabelled.len() as u64;
        let traces = render::count(traces, "trace", "traces");
        writeln!(out, "\nLeft out, since no labels lie beside them: {traces}")?;
        for trace in &evaluation.unlabelled {
            writeln!(out, "  {trace}")?;
        }
    }
    if by == By::Set {
        besides::write(evaluation, out)?;
    }
    if let Some(controls) = &evaluation.controls {
        controls::write(controls, out)?;
    }
    for clips in &evaluation.clips {
        write_clips(clips, out)?;
    }
    Ok(())
}

fn write_title(evaluation: &Evaluation, out: &mut dyn Write) -> io::Result<()> {
    let detector = &evaluation.detector;
    let tolerance = Tolerance::new(evaluation.tolerance_before_s, evaluation.tolerance_after_s);
    write!(out, "{} {}", detector.name, detector.version)?;
    if let Some(hash) = &detector.config_hash {
        write!(out, ", configuration {hash}")?;
    }
    let threshold = evaluation.threshold;
    writeln!(out, ", threshold {threshold}, tolerance {tolerance}")?;
    write!(out, "wanted: {}", evaluation.kinds.join(", "))?;
    if !evaluation.ignored.is_empty() {
        write!(out, "; ignored: {}", evaluation.ignored.join(", "))?;
    }
    writeln!(
        out,
        "; [95 % intervals], over rides where nothing else is said"
    )
}

fn write_figures(figures: &Figures, out: &mut dyn Write) -> io::Result<()> {
    let dot = if figures.part.is_empty() { "" } else { " · " };
    writeln!(out, "\n{}{dot}{}", figures.set, figures.part)?;
    writeln!(out, "  {}", basis(&figures.basis))?;
    let average = with_interval(
        figures.average_precision,
        figures.average_precision_interval,
        3,
    );
    let within = figures.average_precision_within.iter().map(|within| {
        let Within {
            before_s,
            after_s,
            average_precision,
        } = *within;
        let value = or_dash(average_precision, 3);
        format!("{} {value}", Tolerance::new(before_s, after_s))
    });
    let within: Vec<String> = within.collect();
    writeln!(
        out,
        "  average precision  {average}   within {}",
        within.join(", ")
    )?;
    let shipped = &figures.at_threshold;
    let interval = in_brackets(figures.f1_interval, 2);
    writeln!(out, "  {}{interval}", operating("at", shipped))?;
    if let Some(best) = &figures.best {
        writeln!(out, "  {}", operating("best at", best))?;
    }
    writeln!(
        out,
        "  recall             {} before 10 false alarms/h, {} before 60",
        or_dash(figures.recall_at_10_per_h, 2),
        or_dash(figures.recall_at_60_per_h, 2)
    )?;
    let alarms = &figures.false_alarms;
    write!(
        out,
        "  false alarms       {} in {:.2} h: {}/h",
        render::grouped(alarms.count),
        figures.basis.recorded_h,
        with_interval(alarms.per_h, alarms.per_h_interval, 1),
    )?;
    if alarms.per_km.is_some() {
        write!(
            out,
            "; {} in {:.1} km: {}/km",
            render::grouped(alarms.on_gps),
            figures.basis.gps_km,
            or_dash(alarms.per_km, 2)
        )?;
    }
    writeln!(out)
}

/// What figures are measured on.
fn basis(basis: &Basis) -> String {
    let mut text = format!(
        "{} of {}, {:.2} h",
        render::count(basis.traces, "trace", "traces"),
        render::count(basis.rides, "ride", "rides"),
        basis.recorded_h
    );
    if basis.gps_traces > 0 {
        text += &format!(", {} with GPS: {:.1} km", basis.gps_traces, basis.gps_km);
    }
    let marks = basis.marks.iter();
    let marks: Vec<String> = marks
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let marks = if marks.is_empty() {
        "none".to_owned()
    } else {
        marks.join(", ")
    };
    text += &format!("; marks: {marks}");
    if basis.ignored_marks > 0 {
        text += &format!(" ({} ignored)", basis.ignored_marks);
    }
    text
}

fn operating(at: &str, operating: &Operating) -> String {
    let counts = operating.counts;
    format!(
        "{:<18} precision {} ({}/{}), recall {} ({}/{}), F1 {}",
        format!("{at} {:.2}", operating.threshold),
        or_dash(operating.precision, 2),
        counts.hits,
        counts.hits + counts.false_alarms,
        or_dash(operating.recall, 2),
        counts.hits,
        counts.marks,
        or_dash(operating.f1, 2),
    )
}

fn write_trips(figures: &[Figures], out: &mut dyn Write) -> io::Result<()> {
    let header = [
        "set", "trip", "h", "marks", "events", "AP", "P", "R", "F1", "best F1", "at", "FA", "FA/h",
        "FA/km",
    ];
    let row = |figures: &Figures| {
        let (at, alarms) = (&figures.at_threshold, &figures.false_alarms);
        let best = figures.best.as_ref();
        vec![
            figures.set.clone(),
            figures.part.clone(),
            format!("{:.2}", figures.basis.recorded_h),
            at.counts.marks.to_string(),
            (at.counts.hits + at.counts.false_alarms).to_string(),
            or_dash(figures.average_precision, 3),
            or_dash(at.precision, 2),
            or_dash(at.recall, 2),
            or_dash(at.f1, 2),
            or_dash(best.and_then(|best| best.f1), 2),
            or_dash(best.map(|best| best.threshold), 2),
            alarms.count.to_string(),
            or_dash(alarms.per_h, 1),
            or_dash(alarms.per_km, 2),
        ]
    };
    if figures.is_empty() {
        return Ok(());
    }
    let right: Vec<usize> = (2..header.len()).collect();
    let table = render::table(&header, &right, figures.iter().map(row));
    writeln!(out, "\n{table}")
}

fn write_clips(figures: &ClipFigures, out: &mut dyn Write) -> io::Result<()> {
    let all: u64 = figures.clips.values().sum();
    let kinds = figures.clips.iter().map(|(kind, n)| format!("{n} {kind}"));
    let kinds: Vec<String> = kinds.collect();
    writeln!(
        out,
        "\n{}\n  {}: {}",
        figures.set,
        render::count(all, "clip", "clips"),
        kinds.join(", ")
    )?;
    if figures.without_score > 0 {
        let silent = render::grouped(figures.without_score);
        writeln!(
            out,
            "  without any score: {silent}; they count as the lowest"
        )?;
    }
    let rows = figures.auc.iter().map(|auc| {
        vec![
            format!("{} against {}", auc.of, auc.against),
            with_interval(Some(auc.area), auc.interval, 3),
            format!("{} against {} clips", auc.clips_of, auc.clips_against),
        ]
    });
    let header = ["AUC", "area [95 %, over clips]", "on"];
    writeln!(out, "{}", render::table(&header, &[], rows))
}

/// A value, or a dash where there is none.
pub(in crate::commands) fn or_dash(value: Option<f64>, places: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.places$}"))
}

/// A value with its interval, where it has one.
pub(super) fn with_interval(
    value: Option<f64>,
    interval: Option<Interval>,
    places: usize,
) -> String {
    or_dash(value, places) + &in_brackets(interval, places)
}

fn in_brackets(interval: Option<Interval>, places: usize) -> String {
    interval.map_or_else(String::new, |Interval { low, high }| {
        format!(" [{low:.places$} {high:.places$}]")
    })
}
