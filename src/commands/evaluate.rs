//! `jounce evaluate`: how well a detector finds what people marked.

mod markdown;
mod plots;
mod rates;
mod table;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::Context as _;

pub(super) use table::or_dash;

use super::Ending;
use super::recordings::{Collection, gather};
use crate::cli::{self, DetectorName, EvaluateFormat};
use crate::evaluate::classic::Classic;
use crate::evaluate::clips::{Clip, ClipFigures, ScoredClip};
use crate::evaluate::evaluation::{Detector, Scoring};
use crate::evaluate::{By, Drive, Evaluation, Judge, Mark, Selection, Tolerance, settings};

pub(super) fn run(args: &cli::Evaluate, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let config = config(args.config.as_deref())?;
    if args.print_config {
        out.write_all(settings::to_toml(&config).as_bytes())?;
        return Ok(Ending::Good);
    }
    anyhow::ensure!(
        args.config.is_none() || args.detector.contains(&DetectorName::Jounce),
        "--config holds numbers of jounce, which is not among the detectors"
    );
    anyhow::ensure!(
        args.threshold.is_none() || args.detector.len() == 1,
        "each detector has scores of its own; --threshold needs a single one"
    );
    if !args.resample.is_empty() {
        return rates::run(args, &config, out);
    }
    let judges: Vec<Judge> = (args.detector.iter())
        .map(|name| judge(*name, &config))
        .collect();
    let complete: Vec<Judge> = (judges.iter())
        .map(|judge| judge.clone().down_to(threshold(args, judge)))
        .collect();
    let mut gathered = gather(&args.paths, |recording| {
        let judged = complete.iter().map(|judge| recording.judged(judge));
        judged.collect::<Vec<Drive>>()
    })?;
    if gathered.is_stopped() {
        eprintln!("stopped; a part of the drives is not scored");
        return Ok(Ending::Stopped);
    }
    let mut evaluations = Vec::new();
    for (number, judge) in judges.iter().enumerate() {
        let of_judge = |judged: &mut Vec<Drive>| std::mem::take(&mut judged[number]);
        let drives: Vec<Drive> = gathered.drives.iter_mut().map(of_judge).collect();
        let scoring = Scoring {
            by: by(args.by),
            threshold: threshold(args, judge),
            ..scoring(&args.marks)
        };
        if number == 0 {
            warn_of_unmarked_kinds(&args.marks, drives.iter().flat_map(Drive::marks));
        }
        let clips = clip_figures(judge, &gathered.clips);
        evaluations.push(Evaluation::of(detector(judge), &drives, clips, &scoring));
    }
    write(args, &evaluations, out)?;
    if let Some(folder) = &args.plots {
        plots::write(&evaluations, folder)?;
    }
    Ok(Ending::refused_if(gathered.refused))
}

fn write(
    args: &cli::Evaluate,
    evaluations: &[Evaluation],
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    match (args.format, evaluations) {
        (EvaluateFormat::Table, _) => {
            for (number, evaluation) in evaluations.iter().enumerate() {
                if number > 0 {
                    writeln!(out, "\n")?;
                }
                table::write(evaluation, by(args.by), out)?;
            }
        }
        (EvaluateFormat::Markdown, _) => markdown::write(evaluations, out)?,
        (EvaluateFormat::Json, [evaluation]) => {
            serde_json::to_writer_pretty(&mut *out, evaluation)?;
            writeln!(out)?;
        }
        (EvaluateFormat::Json, _) => {
            serde_json::to_writer_pretty(&mut *out, evaluations)?;
            writeln!(out)?;
        }
    }
    Ok(())
}

fn judge(name: DetectorName, config: &detector::Config) -> Judge {
    Judge::Classic(match name {
        DetectorName::Jounce => return Judge::jounce(config.clone()),
        DetectorName::StdevZ => Classic::StdevZ,
        DetectorName::ZThresh => Classic::ZThresh,
        DetectorName::StaLta => Classic::StaLta,
        DetectorName::PotholePatrol => Classic::PotholePatrol,
        DetectorName::MadZ => Classic::MadZ,
    })
}

fn threshold(args: &cli::Evaluate, judge: &Judge) -> f64 {
    args.threshold.unwrap_or_else(|| judge.threshold())
}

fn by(by: cli::By) -> By {
    match by {
        cli::By::Set => By::Set,
        cli::By::Trip => By::Trip,
        cli::By::Kind => By::Kind,
        cli::By::Rate => By::Rate,
    }
}

/// The shipped configuration with what a file changes.
pub(super) fn config(path: Option<&Path>) -> anyhow::Result<detector::Config> {
    let Some(path) = path else {
        return Ok(detector::Config::default());
    };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the configuration {}", path.display()))?;
    settings::from_toml(&text).with_context(|| path.display().to_string())
}

/// How drives are scored; threshold and rows are the caller's to set.
pub(super) fn scoring(marks: &cli::Marks) -> Scoring {
    let words = |words: &[String]| -> Vec<String> {
        let words = words.iter().map(|word| word.trim().to_owned());
        words.filter(|word| !word.is_empty()).collect()
    };
    Scoring {
        selection: Selection {
            wanted: words(&marks.kinds),
            ignored: words(&marks.ignore),
        },
        tolerance: Tolerance::even(marks.tolerance),
        threshold: 0.0,
        by: By::Set,
    }
}

fn detector(judge: &Judge) -> Detector {
    Detector {
        name: judge.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_hash: judge.config_hash(),
    }
}

/// A word that no mark has is most likely a slip; the default ones need not all be there.
pub(super) fn warn_of_unmarked_kinds<'a>(
    asked: &cli::Marks,
    marks: impl IntoIterator<Item = &'a Mark>,
) {
    let there: BTreeSet<&str> = marks.into_iter().map(|mark| mark.kind.as_str()).collect();
    let Selection { wanted, ignored } = scoring(asked).selection;
    let is_default = wanted == ["pothole", "speed_bump"] && ignored.is_empty();
    let absent: Vec<&str> = (wanted.iter().chain(&ignored))
        .map(String::as_str)
        .filter(|kind| !there.contains(kind))
        .collect();
    let enough = if is_default { 2 } else { 1 };
    if there.is_empty() || absent.len() < enough {
        return;
    }
    eprintln!(
        "no mark has the kind {}; marked are: {}",
        absent.join(", "),
        there.into_iter().collect::<Vec<_>>().join(", ")
    );
}

fn clip_figures(judge: &Judge, collections: &[Collection]) -> Vec<ClipFigures> {
    let scored = |clip: &Clip| ScoredClip {
        kind: clip.kind.clone(),
        score: judge.highest(&clip.samples),
    };
    let figures = collections.iter().map(|collection| {
        let scored: Vec<ScoredClip> = collection.clips.iter().map(scored).collect();
        let file = collection.file.display().to_string();
        ClipFigures::of(&collection.set, &file, &scored)
    });
    figures.collect()
}
