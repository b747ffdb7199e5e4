//! `jounce diff`: what changes between two configurations, event by event.

use std::io::{self, Write};

use super::Ending;
use super::evaluate::{config, scoring, warn_of_unmarked_kinds};
use super::recordings::gather;
use crate::cli::{self, DiffFormat};
use crate::evaluate::compare::{Change, Comparison, Fate, Seen, Tally};
use crate::evaluate::{Drive, Judge};
use crate::render;

pub(super) fn run(args: &cli::Diff, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let judge = |path| anyhow::Ok(Judge::jounce(config(Some(path))?));
    let judges = [judge(args.a.as_path())?, judge(args.b.as_path())?];
    let gathered = gather(&args.paths, |recording| {
        judges.each_ref().map(|judge| recording.judged(judge))
    })?;
    if gathered.is_stopped() {
        eprintln!("stopped; a part of the drives is not compared");
        return Ok(Ending::Stopped);
    }
    let scoring = scoring(&args.marks);
    let mut drives: Vec<&[Drive; 2]> = gathered.drives.iter().collect();
    drives.sort_by_key(|[a, _]| (&a.set, &a.name, &a.trace));
    warn_of_unmarked_kinds(&args.marks, drives.iter().flat_map(|[a, _]| a.marks()));
    let thresholds = judges.each_ref().map(Judge::threshold);
    let mut comparison = Comparison::default();
    for pair in drives {
        let pair = pair.each_ref();
        comparison.add(pair, thresholds, &scoring.selection, scoring.tolerance);
    }
    match args.format {
        DiffFormat::Table => {
            let hashes = judges
                .each_ref()
                .map(|judge| judge.config_hash().unwrap_or_default());
            writeln!(
                out,
                "A {}, threshold {} · B {}, threshold {} · tolerance {}\n",
                hashes[0], thresholds[0], hashes[1], thresholds[1], scoring.tolerance
            )?;
            write_table(&comparison, out)?;
        }
        DiffFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &comparison)?;
            writeln!(out)?;
        }
    }
    Ok(Ending::refused_if(gathered.refused))
}

fn write_table(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    if !comparison.changes.is_empty() {
        let header = ["trace", "t (s)", "A", "B", "found by", "mark"];
        let table = render::table(&header, &[1, 2, 3], comparison.changes.iter().map(row));
        writeln!(out, "{table}\n")?;
    }
    let changes = comparison.changes.len() as u64;
    writeln!(
        out,
        "{}",
        render::count(changes, "event changes", "events change")
    )?;
    let rows = [
        totals("found only by A", comparison.only_a),
        totals("found only by B", comparison.only_b),
        vec!["found by both".to_owned(), comparison.both.to_string()],
        totals("all of A", comparison.all_a),
        totals("all of B", comparison.all_b),
    ];
    let header = ["", "events", "hits", "false alarms", "ignored"];
    writeln!(out, "{}", render::table(&header, &[1, 2, 3, 4], rows))?;
    writeln!(
        out,
        "{}",
        render::count(comparison.marks, "wanted mark", "wanted marks")
    )
}

fn totals(name: &str, tally: Tally) -> Vec<String> {
    let counts = [
        tally.events(),
        tally.hits,
        tally.false_alarms,
        tally.ignored,
    ];
    let counts = counts.map(|count| count.to_string());
    std::iter::once(name.to_owned()).chain(counts).collect()
}

fn row(change: &Change) -> Vec<String> {
    let score = |seen: &Option<Seen>| {
        let seen = seen.as_ref();
        seen.map_or_else(|| "–".to_owned(), |seen| format!("{:.2}", seen.score))
    };
    let found = |seen: &Option<Seen>| {
        let seen = seen.as_ref().filter(|seen| seen.fate != Fate::Below);
        seen.map(|seen| mark(&seen.fate))
    };
    let (who, mark) = match (found(&change.a), found(&change.b)) {
        (Some(a), Some(b)) => ("both", format!("{a} → {b}")),
        (Some(a), None) => ("A", a),
        (None, Some(b)) => ("B", b),
        (None, None) => ("", String::new()),
    };
    let t_s = change.a.as_ref().or(change.b.as_ref()).map(|seen| seen.t_s);
    vec![
        change.trace.clone(),
        render::decimals(t_s, 2),
        score(&change.a),
        score(&change.b),
        who.to_owned(),
        mark,
    ]
}

fn mark(fate: &Fate) -> String {
    match fate {
        Fate::Below => String::new(),
        Fate::Hit(kind) => kind.clone(),
        Fate::Ignored => "ignored".to_owned(),
        Fate::FalseAlarm => "none".to_owned(),
    }
}
