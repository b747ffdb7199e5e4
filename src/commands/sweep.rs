//! `jounce sweep`: many configurations of the detector on the same drives, one row each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::Ending;
use super::evaluate::{config, scoring};
use super::recordings::gather;
use crate::evaluate::Judge;
use crate::evaluate::clips::Clip;
use crate::evaluate::settings::{self, Setting};
use crate::evaluate::sweep::{self, Row};
use crate::{cli, parallel, render};

/// More settings than this are a slip, or a week's work for a larger machine.
const MAX_SETTINGS: u64 = 10_000;

pub(super) fn run(args: &cli::Sweep, out: &mut dyn Write) -> anyhow::Result<Ending> {
    let grid = grid(&args.grid)?;
    let base = Setting::of(config(args.config.as_deref())?);
    let settings = sweep::settings(&base, &grid)?;
    let gathered = gather(&args.paths, |recording| recording)?;
    if gathered.is_stopped() {
        return Ok(stopped());
    }
    let mut file = args.out.as_deref().map(create).transpose()?;
    let mut table = Table {
        out: file.as_mut().map_or(out, |file| file),
        keys: grid.iter().map(|(key, _)| key.as_str()).collect(),
        clips: gathered.clips.iter().map(|it| it.set.as_str()).collect(),
        begun: false,
    };
    let scoring = scoring(&args.marks);
    let clips: Vec<&[Clip]> = gathered
        .clips
        .iter()
        .map(|it| it.clips.as_slice())
        .collect();
    let bar = progress(settings.len() as u64);
    let work = |(_, config): &(Vec<Value>, detector::Config)| {
        let judge = Judge::jounce(config.clone());
        let row = sweep::row(&judge, &gathered.drives, &clips, &scoring);
        (judge.config_hash().unwrap_or_default(), row)
    };
    let mut written = Ok(());
    parallel::in_order(
        &settings,
        parallel::workers(),
        work,
        |(given, _), (hash, row)| {
            written = table.write(given, &hash, &row);
            bar.inc(1);
            if written.is_err() {
                return ControlFlow::Break(());
            }
            gathered.go_on()
        },
    );
    bar.finish_and_clear();
    written?;
    if gathered.is_stopped() {
        return Ok(stopped());
    }
    Ok(Ending::refused_if(gathered.refused))
}

fn stopped() -> Ending {
    eprintln!("stopped; the rows that were written are whole");
    Ending::Stopped
}

/// Reads the grid and says how many settings it has.
fn grid(path: &Path) -> anyhow::Result<Vec<(String, Vec<Value>)>> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the grid {name}"))?;
    let grid = settings::grid(&text).with_context(|| name.to_string())?;
    let count = sweep::count(&grid);
    anyhow::ensure!(
        count <= MAX_SETTINGS,
        "{name} has {} settings, more than {}; vary fewer numbers at once",
        render::grouped(count),
        render::grouped(MAX_SETTINGS)
    );
    eprintln!("{}", render::count(count, "setting", "settings"));
    Ok(grid)
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(BufWriter::new(file))
}

fn progress(settings: u64) -> ProgressBar {
    let bar = ProgressBar::new(settings);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} settings, {eta} left")
    {
        bar.set_style(style);
    }
    bar
}

/// The rows, the header before the first.
struct Table<'a> {
    out: &'a mut dyn Write,
    keys: Vec<&'a str>,
    /// The sets of the collections of clips.
    clips: Vec<&'a str>,
    begun: bool,
}

impl Table<'_> {
    fn write(&mut self, given: &[Value], hash: &str, row: &Row) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            let keys = self.keys.iter().map(|key| (*key).to_owned());
            let columns = keys.chain(["config_hash".to_owned()]);
            let columns = columns.chain(columns_of(row, &self.clips));
            self.line(&columns.collect::<Vec<_>>())?;
        }
        let given = given.iter().map(Value::to_string);
        let cells = given.chain([hash.to_owned()]).chain(cells(row));
        self.line(&cells.collect::<Vec<_>>())
    }

    /// One line, at once: whoever stops the sweep keeps it.
    fn line(&mut self, cells: &[String]) -> io::Result<()> {
        let quoted = |cell: &String| {
            if cell.contains([',', '"', '\n']) {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let cells: Vec<String> = cells.iter().map(quoted).collect();
        writeln!(self.out, "{}", cells.join(","))?;
        self.out.flush()
    }
}

fn columns_of(row: &Row, clips: &[&str]) -> Vec<String> {
    let figures = [
        "average_precision",
        "f1",
        "best_f1",
        "best_threshold",
        "false_alarms_per_h",
    ];
    let sets = row.sets.iter();
    let sets = sets.flat_map(|(set, _)| figures.map(|figure| format!("{set}.{figure}")));
    let controls = ["controls.alarms_per_h".to_owned()];
    let clips = clips.iter().map(|set| format!("{set}.auc"));
    sets.chain(controls).chain(clips).collect()
}

fn cells(row: &Row) -> Vec<String> {
    let sets = row.sets.iter().flat_map(|(_, brief)| {
        [
            render::decimals(brief.average_precision, 4),
            render::decimals(brief.f1, 4),
            render::decimals(brief.best_f1, 4),
            render::decimals(brief.best_threshold, 4),
            render::decimals(brief.false_alarms_per_h, 2),
        ]
    });
    let controls = [render::decimals(row.control_alarms_per_h, 2)];
    let clips = row.auc.iter().map(|auc| render::decimals(*auc, 4));
    sets.chain(controls).chain(clips).collect()
}
