//! `jounce evaluate --resample`: the same drives as phones of other rates would have read them.

use std::io::Write;

use serde::Serialize;

use super::table::{or_dash, with_interval};
use super::{judge, scoring, threshold};
use crate::cli::{self, EvaluateFormat};
use crate::commands::Ending;
use crate::commands::recordings::gather;
use crate::evaluate::evaluation::{Scoring, Sets};
use crate::evaluate::figures::Figures;
use crate::evaluate::resample::Sensor;
use crate::evaluate::{Drive, Judge, Recording};
use crate::render;

/// A trace may be this much slower than the fastest rate that is asked for.
const SLOWER: f64 = 0.9;

/// One set, judged by one detector at one rate.
#[derive(Serialize)]
struct Row {
    detector: &'static str,
    /// `None` as it was recorded.
    rate_hz: Option<f64>,
    #[serde(flatten)]
    figures: Figures,
}

pub(super) fn run(
    args: &cli::Evaluate,
    config: &detector::Config,
    out: &mut dyn Write,
) -> anyhow::Result<Ending> {
    anyhow::ensure!(
        args.format != EvaluateFormat::Markdown,
        "--resample prints a table or JSON"
    );
    let judges: Vec<Judge> = (args.detector.iter())
        .map(|name| judge(*name, config))
        .collect();
    let fastest_hz = args.resample.iter().copied().fold(0.0, f64::max);
    // For each rate, the recorded one first, and each judge of it.
    let gathered = gather(&args.paths, |recording| {
        let slow = recording.drive().extent.rate_hz < SLOWER * fastest_hz;
        let rates = std::iter::once(None).chain(args.resample.iter().copied().map(Some));
        let judged = rates.map(|rate_hz| at_rate(args, &judges, &recording, rate_hz));
        (!slow).then(|| judged.collect::<Vec<Vec<Drive>>>())
    })?;
    if gathered.is_stopped() {
        eprintln!("stopped; a part of the drives is not scored");
        return Ok(Ending::Stopped);
    }
    let (slow, fast): (Vec<_>, Vec<_>) = gathered.drives.into_iter().partition(Option::is_none);
    if !slow.is_empty() {
        let traces = render::count(slow.len() as u64, "trace", "traces");
        eprintln!("left out, recorded at less than {fastest_hz} Hz: {traces}");
    }
    let mut traces: Vec<Vec<Vec<Drive>>> = fast.into_iter().flatten().collect();
    let mut rows = Vec::new();
    for (number, judge) in judges.iter().enumerate() {
        for rate in 0..=args.resample.len() {
            let of_rate = |trace: &mut Vec<Vec<Drive>>| std::mem::take(&mut trace[rate][number]);
            let drives: Vec<Drive> = traces.iter_mut().map(of_rate).collect();
            let rate_hz = rate.checked_sub(1).map(|rate| args.resample[rate]);
            rows.extend(rows_of(args, judge, rate_hz, &drives));
        }
    }
    write(args, &rows, out)?;
    Ok(Ending::refused_if(gathered.refused))
}

/// What each judge says of a recording at some rate.
fn at_rate(
    args: &cli::Evaluate,
    judges: &[Judge],
    recording: &Recording,
    rate_hz: Option<f64>,
) -> Vec<Drive> {
    let resampled = rate_hz.map(|rate_hz| {
        recording.resampled(Sensor {
            rate_hz,
            quantum_mps2: args.quantum,
        })
    });
    let recording = resampled.as_ref().unwrap_or(recording);
    let complete = |judge: &Judge| judge.clone().down_to(threshold(args, judge));
    let judged = judges
        .iter()
        .map(|judge| recording.judged(&complete(judge)));
    judged.collect()
}

fn rows_of(
    args: &cli::Evaluate,
    judge: &Judge,
    rate_hz: Option<f64>,
    drives: &[Drive],
) -> Vec<Row> {
    let scoring = Scoring {
        threshold: threshold(args, judge),
        ..scoring(&args.marks)
    };
    let sets = Sets::of(drives, &scoring.selection);
    let marked = sets.marked.iter();
    let figures = marked.flat_map(|(set, drives)| scoring.figures(set, drives));
    let row = |figures| Row {
        detector: judge.name(),
        rate_hz,
        figures,
    };
    figures.map(row).collect()
}

fn write(args: &cli::Evaluate, rows: &[Row], out: &mut dyn Write) -> anyhow::Result<()> {
    if args.format == EvaluateFormat::Json {
        serde_json::to_writer_pretty(&mut *out, rows)?;
        writeln!(out)?;
        return Ok(());
    }
    let header = [
        "set", "detector", "Hz", "traces", "marks", "AP", "F1", "best F1", "FA/h",
    ];
    let steps = args
        .quantum
        .map_or_else(String::new, |step| format!(" ±{step:?}"));
    let cells = rows.iter().map(|row| {
        let figures = &row.figures;
        let best = figures.best.as_ref();
        vec![
            figures.set.clone(),
            row.detector.to_owned(),
            row.rate_hz.map_or_else(
                || "as recorded".to_owned(),
                |rate_hz| format!("{rate_hz}{steps}"),
            ),
            figures.basis.traces.to_string(),
            figures.at_threshold.counts.marks.to_string(),
            with_interval(
                figures.average_precision,
                figures.average_precision_interval,
                3,
            ),
            or_dash(figures.at_threshold.f1, 2),
            or_dash(best.and_then(|best| best.f1), 2),
            or_dash(figures.false_alarms.per_h, 1),
        ]
    });
    writeln!(
        out,
        "{}",
        render::table(&header, &[2, 3, 4, 6, 7, 8], cells)
    )?;
    Ok(())
}
